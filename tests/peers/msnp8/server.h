/* SPDX-License-Identifier: GPL-2.0-or-later */
/* server: one MSNP8 service; what its parts share. */
#ifndef TESTS_PEERS_MSNP8_SERVER_H
#define TESTS_PEERS_MSNP8_SERVER_H
#include "tests/peers/msnp8/options.h"
#include "tests/peers/msnp8/users.h"

#include <stdio.h>

enum port { PORT_NS, PORT_SB, PORT_HTTPS, PORT_GATEWAY, PORT_CONTROL, N_PORTS };

struct server {
	struct options *options;
	struct users *users;
	guint16 ports[N_PORTS];
	GPtrArray *conns;     /* struct conn, (transfer none) */
	GPtrArray *gateways;  /* struct gateway */
	GHashTable *tickets;  /* text to struct ticket */
	GHashTable *keys;     /* text to struct key */
	GHashTable *rooms;    /* session id to struct room */
	GHashTable *referred; /* account to how often it was sent elsewhere */
	FILE *log;	      /* nullable */
	gint64 started;
	guint64 logged;
	gboolean is_changed; /* lists are worth saving */
};

void server_log(struct server *s, const char *who, const char *mark, const char *text, gsize n);
gint64 server_seconds(void); /* of a clock that never goes back */

/* Random text. (transfer full) */
char *random_hex(guint n);
char *random_digits(guint n);
char *random_base64(guint n);

/* A friendly or a group's name as this service writes it. (transfer full) */
char *name_encode(const struct server *s, const char *name);
/* NULL: no UTF-8, or with control characters. (transfer full) */
char *name_decode(const char *encoded);
gboolean account_is_valid(const char *account);
#endif
