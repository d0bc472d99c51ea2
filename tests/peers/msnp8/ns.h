/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ns: the dispatch and notification server: signing in, presence, and what the server says itself.
 */
#ifndef TESTS_PEERS_MSNP8_NS_H
#define TESTS_PEERS_MSNP8_NS_H
#include "tests/peers/msnp8/conn.h"

struct ns {
	char asked[ACCOUNT_MAX + 1]; /* who wants to sign in */
	char version[16];	     /* agreed on; "": not yet */
	char state[4];		     /* "": nothing said yet, so hidden */
	char client_id[24];
	gboolean is_synced;
	gboolean is_shown; /* the others have been told that we are here */
	char challenge[24];
	gint64 challenged; /* seconds */
	char *auth;	   /* what the profile said, for the mailbox */
};

extern const struct role ns_role;

/* ---- list commands, in lists.c ---- */
void lists_syn(struct conn *c, const struct request *r);
void lists_add(struct conn *c, const struct request *r);
void lists_rem(struct conn *c, const struct request *r);
void lists_adg(struct conn *c, const struct request *r);
void lists_rmg(struct conn *c, const struct request *r);
void lists_reg(struct conn *c, const struct request *r);
void lists_rea(struct conn *c, const struct request *r);
void lists_gtc(struct conn *c, const struct request *r);
void lists_blp(struct conn *c, const struct request *r);
void lists_prp(struct conn *c, const struct request *r);
guint lists_changed(struct conn *c); /* the new version */

/* ---- presence, in presence.c ---- */
/* The state others may see; NULL: offline, hidden, or nothing said yet. */
const char *presence_shown(const struct user *u);
/* u's state, name or visibility has changed: tell everybody who watches. */
void presence_tell_all(struct server *s, struct user *u);
/* … only watcher; nothing when he does not watch u. with_phones: BPRs of what u shows before it. */
void presence_tell(struct server *s, struct user *u, struct user *watcher, gboolean with_phones);
/* All c's contacts that can be seen, as answers to r. */
void presence_list(struct conn *c, const struct request *r);
gboolean presence_list_one(struct conn *c, const struct request *r, struct user *u);
void presence_left(struct server *s, struct user *u); /* u's connection is gone */

/* ---- what the server says by itself ---- */
void ns_challenge(struct conn *c);
void ns_mail_initial(struct conn *c);
void ns_mail_new(struct conn *c, const char *from, const char *subject);
void ns_mail_moved(struct conn *c, const char *from, const char *to, guint count);
void ns_system(struct conn *c, guint minutes);
void ns_notify_list(struct conn *c); /* the NOT of the revival dialect */
void ns_refer(struct conn *c, const char *trid);
#endif
