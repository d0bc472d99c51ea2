/* SPDX-License-Identifier: GPL-2.0-or-later */
/* passport: the nexus, the login server, their tickets, and the mailbox's door. */
#ifndef TESTS_PEERS_MSNP8_PASSPORT_H
#define TESTS_PEERS_MSNP8_PASSPORT_H
#include "tests/peers/msnp8/http.h"

struct ticket {
	struct user *user;
	gint64 made;
};

const char *passport_server_string(const struct server *s); /* what USR … TWN S carries */
/* Whose ticket it is; it is used up. NULL: nobody's, or too old. */
struct user *ticket_take(struct server *s, const char *text);
/* FALSE: not a path of ours. */
gboolean passport_request(struct server *s, const struct http_request *r);
#endif
