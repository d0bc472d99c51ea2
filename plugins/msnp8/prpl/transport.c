/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transport: TCP, which is a conn under another name. */
#include "plugins/msnp8/prpl/transport.h"

#include "common/purple/conn.h"

gsize transport_send(struct transport *t, const guint8 *data, gsize n)
{
	return t->kind->send(t, data, n);
}

void transport_free(struct transport *t)
{
	if (t)
		t->kind->free(t);
}

void transport_finish(struct transport *t)
{
	if (t)
		t->kind->finish(t);
}

/* ---- TCP ---- */

struct tcp {
	struct transport transport;
	struct conn *conn;
};

static void conn_ready(struct conn *conn, gpointer user)
{
	struct tcp *tcp = user;

	tcp->transport.handlers->opened(tcp->transport.user);
}

static void conn_data(struct conn *conn, const guint8 *data, gsize n, gpointer user)
{
	struct tcp *tcp = user;

	tcp->transport.handlers->data(data, n, tcp->transport.user);
}

static void conn_writable(struct conn *conn, gpointer user)
{
	struct tcp *tcp = user;

	tcp->transport.handlers->writable(tcp->transport.user);
}

static void conn_closed(struct conn *conn, const struct reason *why, gpointer user)
{
	struct tcp *tcp = user;

	tcp->transport.handlers->closed(why, tcp->transport.user);
}

static const struct conn_handlers conn_handlers = {
	.ready = conn_ready,
	.data = conn_data,
	.writable = conn_writable,
	.closed = conn_closed,
};

static gsize tcp_send(struct transport *t, const guint8 *data, gsize n)
{
	return conn_send(((struct tcp *)t)->conn, data, n);
}

static void tcp_free(struct transport *t)
{
	conn_free(((struct tcp *)t)->conn);
	g_free(t);
}

static void tcp_finish(struct transport *t)
{
	conn_finish(((struct tcp *)t)->conn);
	g_free(t);
}

static const struct transport_kind tcp_kind = {
	.send = tcp_send,
	.free = tcp_free,
	.finish = tcp_finish,
};

struct transport *transport_open(PurpleAccount *account, const char *host, guint16 port,
				 const struct transport_handlers *handlers, gpointer user)
{
	struct tcp *tcp = g_new0(struct tcp, 1);

	tcp->transport = (struct transport){&tcp_kind, handlers, user};
	tcp->conn = conn_open(account, host, port, NULL, &conn_handlers, tcp);
	return &tcp->transport;
}
