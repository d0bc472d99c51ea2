/* SPDX-License-Identifier: GPL-2.0-or-later */
/* owner: an owner of one conn who writes down what it is told, and lets go of it when asked to. */
#ifndef TESTS_PURPLE_OWNER_H
#define TESTS_PURPLE_OWNER_H
#include <glib.h>

#include "common/purple/conn.h"

enum owner_moment { OWNER_NEVER, OWNER_READY, OWNER_DATA, OWNER_WRITABLE, OWNER_CLOSED };

struct owner {
	struct conn *conn;
	guint n_ready, n_data, n_writable, n_closed;
	gsize largest; /* piece of data */
	GString *data;
	struct reason why; /* of closed */
	enum owner_moment free_at;
	gboolean is_pausing; /* after each piece of data */
	const struct conn_tls *start_tls_at_data;
	const char *answer;  /* sent at ready */
	gboolean is_nesting; /* runs the loop inside its first delivery, as a hook of a UI may */
};

extern const struct conn_handlers owner_handlers;

void owner_clear(struct owner *o); /* frees the conn too */
/* tls nullable. */
void owner_open(struct owner *o, PurpleAccount *account, const char *host, guint16 port,
		const struct conn_tls *tls);
#endif
