/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cookie: requests that wait for an answer, and the unguessable tokens that name them.
 * A cookie is taken at most once; late answers find nothing and are ignored.
 * Time is whatever the caller says it is. Nothing here calls back. */
#ifndef COMMON_COOKIE_H
#define COMMON_COOKIE_H
#include <glib.h>

struct cookie_jar;

/* max: how many may wait at once (> 0). (transfer full) */
struct cookie_jar *cookie_jar_new(guint max);
/* NULL is fine; the data of what still waits is not freed. */
void cookie_jar_free(struct cookie_jar *jar);

#define COOKIE_KEY_MAX 255 /* octets of a key */

/* Remember data under key (copied, not empty) until deadline, in the caller's milliseconds.
 * FALSE: key in use, too long or empty, or jar full.
 * data: (transfer none), must outlive the cookie; must not be NULL. */
gboolean cookie_put(struct cookie_jar *jar, const char *key, gpointer data, gint64 deadline);

/* The data for key; NULL if unknown, taken or expired. peek leaves it pending (several answers may
 * share one key), take forgets it from now on. */
gpointer cookie_peek(const struct cookie_jar *jar, const char *key);
gpointer cookie_take(struct cookie_jar *jar, const char *key);

/* One entry whose deadline is <= now per call, earliest deadline first (of equal ones the first
 * put); NULL when none is due. */
gpointer cookie_expire(struct cookie_jar *jar, gint64 now);
/* The earliest deadline; G_MAXINT64 when nothing is pending. */
gint64 cookie_deadline(const struct cookie_jar *jar);
/* One entry per call, in the order they were put, whatever its deadline; NULL when the jar is
 * empty. For the end of a session: everybody who waits is told. */
gpointer cookie_abandon(struct cookie_jar *jar);
guint cookie_count(const struct cookie_jar *jar);

/* A source of unguessable octets. Cores are given one, so that tests can give a predictable one. */
typedef void (*cookie_random_h)(guint8 *ret_octets, gsize n, gpointer user);
/* The real one: gnutls_rnd at nonce level (short-lived secrets). Ends the process if the system has
 * no randomness left to give, because no token may ever be guessable. user is ignored. */
void cookie_random(guint8 *ret_octets, gsize n, gpointer user);

/* Tokens; each draws from random until the result is uniform. (transfer full)
 * decimal: 1 to 4294967295, as MSN invitation cookies are. alnum: n characters of A-Z a-z 0-9
 * (log2(62) bits each), as MSRP transactions and session ids are. hex: n octets as 2n lower-case
 * digits. */
char *cookie_token_decimal(cookie_random_h random, gpointer user);
char *cookie_token_alnum(gsize n, cookie_random_h random, gpointer user);
char *cookie_token_hex(gsize n, cookie_random_h random, gpointer user);
#endif
