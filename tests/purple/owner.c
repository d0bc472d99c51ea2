/* SPDX-License-Identifier: GPL-2.0-or-later */
/* owner: an owner of one conn who writes down what it is told, see owner.h. */
#include "tests/purple/owner.h"

#include <string.h>

#include "tests/purple/core.h"

static void owner_let_go(struct owner *o, enum owner_moment moment)
{
	if (o->free_at == moment)
		conn_free(g_steal_pointer(&o->conn));
}

static void owner_ready(struct conn *c, gpointer user)
{
	struct owner *o = user;

	g_assert_true(c == o->conn);
	g_assert_cmpuint(o->n_closed, ==, 0);
	o->n_ready++;
	if (o->answer)
		g_assert_cmpuint(conn_send(c, (const guint8 *)o->answer, strlen(o->answer)), ==,
				 strlen(o->answer));
	owner_let_go(o, OWNER_READY);
}

static void owner_data(struct conn *c, const guint8 *data, gsize n, gpointer user)
{
	struct owner *o = user;

	g_assert_true(c == o->conn);
	g_assert_cmpuint(o->n_closed, ==, 0);
	g_assert_cmpuint(n, >, 0);
	g_assert_cmpuint(n, <=, CONN_READ_SIZE);
	o->n_data++;
	o->largest = MAX(o->largest, n);
	g_string_append_len(o->data, (const char *)data, n);
	if (o->is_nesting) {
		o->is_nesting = FALSE;
		/* A wake-up too must not deliver in here. */
		conn_pause(c, TRUE);
		conn_pause(c, FALSE);
		core_idle();
		g_assert_cmpuint(o->n_data, ==, 1);
	}
	if (o->is_pausing)
		conn_pause(c, TRUE);
	if (o->start_tls_at_data) {
		conn_start_tls(c, g_steal_pointer(&o->start_tls_at_data));
		g_assert_cmpuint(conn_send(c, (const guint8 *)"early", 5), ==, 0);
	}
	owner_let_go(o, OWNER_DATA);
}

static void owner_writable(struct conn *c, gpointer user)
{
	struct owner *o = user;

	g_assert_true(c == o->conn);
	g_assert_cmpuint(o->n_closed, ==, 0);
	o->n_writable++;
	owner_let_go(o, OWNER_WRITABLE);
}

static void owner_closed(struct conn *c, const struct reason *why, gpointer user)
{
	struct owner *o = user;

	g_assert_true(c == o->conn);
	o->n_closed++;
	o->why = *why;
	owner_let_go(o, OWNER_CLOSED);
}

const struct conn_handlers owner_handlers = {
	.ready = owner_ready,
	.data = owner_data,
	.writable = owner_writable,
	.closed = owner_closed,
};

void owner_clear(struct owner *o)
{
	conn_free(o->conn);
	if (o->data)
		g_string_free(o->data, TRUE);
	memset(o, 0, sizeof(*o));
}

void owner_open(struct owner *o, PurpleAccount *account, const char *host, guint16 port,
		const struct conn_tls *tls)
{
	o->data = g_string_new(NULL);
	o->conn = conn_open(account, host, port, tls, &owner_handlers, o);
	g_assert_cmpuint(o->n_ready + o->n_closed, ==, 0);
}
