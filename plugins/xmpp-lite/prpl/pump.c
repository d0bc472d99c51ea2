/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pump: the session's hands and ears in libpurple. */
#include "plugins/xmpp-lite/prpl/pump.h"

#include <debug.h>
#include <eventloop.h>

static gint64 now_ms(void)
{
	return g_get_monotonic_time() / 1000;
}

struct client *client_new(PurpleConnection *gc, struct xmpp_session *session)
{
	struct client *c = g_new0(struct client, 1);

	c->gc = gc;
	c->account = purple_connection_get_account(gc);
	c->session = session;
	c->refs = 1;
	purple_connection_set_protocol_data(gc, c);
	return c;
}

static void client_unref(struct client *c)
{
	if (--c->refs)
		return;
	xmpp_session_free(c->session);
	trace_file_free(c->trace);
	g_free(c);
}

static void dispatch(struct client *c, const struct xmpp_event *ev)
{
	for (const struct part *const *p = __start_xmpp_parts;
	     p < __stop_xmpp_parts && !c->is_closed; p++) {
		if ((*p)->event && (*p)->event(c, ev))
			return;
	}
}

static void drain(struct client *c)
{
	const guint8 *data;
	gsize n, taken;

	while (c->conn && xmpp_session_output(c->session, &data, &n)) {
		taken = conn_send(c->conn, data, n);
		xmpp_session_sent(c->session, taken);
		if (taken < n)
			break; /* writable() comes */
	}
}

static gboolean timer_fired(gpointer user)
{
	struct client *c = user;

	c->timer = 0;
	pump_turn(c);
	return FALSE;
}

static void arm(struct client *c)
{
	gint64 deadline = xmpp_session_deadline(c->session);

	if (c->timer)
		purple_timeout_remove(c->timer);
	c->timer = 0;
	if (deadline != G_MAXINT64)
		c->timer = purple_timeout_add((guint)CLAMP(deadline - now_ms(), 0, G_MAXINT),
					      timer_fired, c);
}

/* A UI hook may log the account out while a message is delivered, or run a loop of its own that
 * feeds octets in: hence the reference, and the flag that leaves the work to the outer turn. */
void pump_turn(struct client *c)
{
	struct xmpp_event ev;

	if (c->is_turning || c->is_closed)
		return;
	c->refs++;
	c->is_turning = TRUE;
	xmpp_session_tick(c->session, now_ms());
	while (!c->is_closed && xmpp_session_next_event(c->session, &ev)) {
		/* What an event answers to leaves before the event ends the connection. */
		drain(c);
		dispatch(c, &ev);
	}
	if (!c->is_closed) {
		drain(c);
		arm(c);
		trace_file_drain(c->trace, xmpp_session_trace(c->session));
	}
	c->is_turning = FALSE;
	client_unref(c);
}

/* What could not be sent is still to be shown, unless an event's handler is just being run further
 * out. */
static void last_words(struct client *c)
{
	struct xmpp_event ev;

	xmpp_session_closed(c->session);
	while (!c->is_turning && xmpp_session_next_event(c->session, &ev)) {
		if (ev.type == XMPP_EVENT_MESSAGE_FAILED)
			dispatch(c, &ev);
	}
}

void client_close(struct client *c)
{
	xmpp_session_end(c->session);
	drain(c);
	g_clear_pointer(&c->dial, dial_free);
	g_clear_pointer(&c->conn, conn_finish);
	if (c->timer)
		purple_timeout_remove(c->timer);
	c->timer = 0;
	last_words(c);
	for (const struct part *const *p = __start_xmpp_parts; p < __stop_xmpp_parts; p++) {
		if ((*p)->leave)
			(*p)->leave(c);
	}
	trace_file_drain(c->trace, xmpp_session_trace(c->session));
	c->is_closed = TRUE;
	purple_connection_set_protocol_data(c->gc, NULL);
	c->gc = NULL;
	client_unref(c);
}

/* ---- the connection ---- */

static void tell_opened(struct client *c)
{
	struct xmpp_tls tls = {0};

	if (!conn_is_tls(c->conn)) {
		xmpp_session_opened(c->session, NULL);
		return;
	}
	purple_debug_info(XMPP_LITE, "%s%s\n", conn_tls_description(c->conn),
			  conn_is_resumed(c->conn) ? ", resumed" : "");
	tls.is_tls13 = conn_is_tls13(c->conn);
	tls.exporter = conn_channel_binding(c->conn, "tls-exporter");
	tls.unique = conn_channel_binding(c->conn, "tls-unique");
	tls.end_point = conn_channel_binding(c->conn, "tls-server-end-point");
	xmpp_session_opened(c->session, &tls);
	g_clear_pointer(&tls.exporter, g_bytes_unref);
	g_clear_pointer(&tls.unique, g_bytes_unref);
	g_clear_pointer(&tls.end_point, g_bytes_unref);
}

static void conn_ready(struct conn *conn, gpointer user)
{
	struct client *c = user;

	tell_opened(c);
	pump_turn(c);
}

static void conn_data(struct conn *conn, const guint8 *data, gsize n, gpointer user)
{
	struct client *c = user;

	c->gc->last_received = time(NULL);
	xmpp_session_data(c->session, data, n);
	pump_turn(c);
}

static void conn_writable(struct conn *conn, gpointer user)
{
	pump_turn(user);
}

static void conn_closed(struct conn *conn, const struct reason *why, gpointer user)
{
	struct client *c = user;

	c->why = *why;
	g_clear_pointer(&c->conn, conn_free);
	xmpp_session_closed(c->session);
	pump_turn(c);
}

static const struct conn_handlers conn_handlers = {
	.ready = conn_ready,
	.data = conn_data,
	.writable = conn_writable,
	.closed = conn_closed,
};

void pump_connected(struct client *c, struct conn *conn)
{
	c->conn = conn;
	conn_set_handlers(conn, &conn_handlers, c);
	tell_opened(c);
	pump_turn(c);
}
