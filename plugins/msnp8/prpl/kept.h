/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kept: what outlives a sign-on: the lists, and where the login server is. A file per account that
 * only its owner can read; lists of one server are never taken for those of another. */
#ifndef MSN_PRPL_KEPT_H
#define MSN_PRPL_KEPT_H
#include <account.h>

struct kept;

/* Trouble with the file is said in the debug log and does no harm. (transfer full) */
struct kept *kept_open(PurpleAccount *account, const char *host, const char *nexus);
void kept_free(struct kept *k); /* NULL is fine; what is not saved is saved */

/* NULL: nothing is kept for this server. (transfer none), until it is set again. */
const char *kept_lists(const struct kept *k);
const char *kept_login_url(const struct kept *k); /* … for this nexus */
/* NULL: forget it. On disk at once, if it is news. */
void kept_set_lists(struct kept *k, const char *lists);
void kept_set_login_url(struct kept *k, const char *url);
#endif
