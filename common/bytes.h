/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bytes: a bounded growing buffer with a read offset.
 * It never shifts what it holds per message and refuses, unchanged, to grow past its cap. */
#ifndef COMMON_BYTES_H
#define COMMON_BYTES_H
#include <glib.h>

struct bytes;

/* An empty buffer that will hold at most max octets (max > 0). (transfer full) */
struct bytes *bytes_new(gsize max);
void bytes_free(struct bytes *b); /* NULL is fine; the contents are wiped, they may be secrets */

gsize bytes_length(const struct bytes *b); /* octets waiting to be read */

/* Add n octets at the end. FALSE and unchanged when that would pass the cap.
 * data may be NULL when n is 0; it must not point into b. */
gboolean bytes_append(struct bytes *b, gconstpointer data, gsize n);
gboolean bytes_append_str(struct bytes *b, const char *text); /* without the closing NUL */

/* What waits, from the oldest octet on; (transfer none), until the next call that is not const.
 * ret_n (nullable) gets the number of octets; the result is never NULL. */
const guint8 *bytes_peek(const struct bytes *b, gsize *ret_n);

/* Forget the first n octets; n must not exceed bytes_length(). */
void bytes_consume(struct bytes *b, gsize n);
/* Forget the last octets so that n remain; n must not exceed bytes_length(). */
void bytes_truncate(struct bytes *b, gsize n);
#endif
