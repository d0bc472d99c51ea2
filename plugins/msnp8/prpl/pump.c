/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pump: the session's hands and ears in libpurple. */
#include "plugins/msnp8/prpl/pump.h"

#include <eventloop.h>

/* A connection of the session's. */
struct line {
	struct client *client;
	guint id;
	struct transport *transport;
	gboolean is_dropped; /* what the session still has to say keeps it */
};

static gint64 now_ms(void)
{
	return g_get_monotonic_time() / 1000;
}

struct client *client_new(PurpleConnection *gc, struct msn_session *session)
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
	msn_session_free(c->session);
	trace_file_free(c->trace);
	g_free(c);
}

static void dispatch(struct client *c, const struct msn_event *ev)
{
	for (const struct part *const *p = __start_msn_parts; p < __stop_msn_parts && !c->is_closed;
	     p++) {
		if ((*p)->event && (*p)->event(c, ev))
			return;
	}
}

/* ---- lines ---- */

static void line_free(struct line *line)
{
	line->client->lines = g_slist_remove(line->client->lines, line);
	transport_free(line->transport);
	g_free(line);
}

static void line_finish(struct line *line)
{
	transport_finish(g_steal_pointer(&line->transport));
	line_free(line);
}

static struct line *line_of(struct client *c, guint id)
{
	for (GSList *l = c->lines; l; l = l->next) {
		if (((struct line *)l->data)->id == id)
			return l->data;
	}
	return NULL;
}

/* FALSE: some of it has to wait. */
static gboolean line_drain(struct line *line)
{
	struct msn_session *s = line->client->session;
	const guint8 *data;
	gsize n, taken;

	while (msn_session_output(s, line->id, &data, &n)) {
		taken = transport_send(line->transport, data, n);
		msn_session_sent(s, line->id, taken);
		if (taken < n)
			return FALSE; /* writable() comes */
	}
	return TRUE;
}

static void drain(struct client *c)
{
	for (GSList *l = c->lines, *next; l; l = next) {
		struct line *line = l->data;

		next = l->next;
		if (line_drain(line) && line->is_dropped)
			line_finish(line);
	}
}

static void line_opened(gpointer user)
{
	struct line *line = user;
	struct client *c = line->client;

	msn_session_opened(c->session, line->id);
	pump_turn(c);
}

static void line_data(const guint8 *data, gsize n, gpointer user)
{
	struct line *line = user;
	struct client *c = line->client;

	if (line->is_dropped)
		return;
	c->gc->last_received = time(NULL);
	msn_session_data(c->session, line->id, data, n);
	pump_turn(c);
}

static void line_writable(gpointer user)
{
	pump_turn(((struct line *)user)->client);
}

static void line_closed(const struct reason *why, gpointer user)
{
	struct line *line = user;
	struct client *c = line->client;
	guint id = line->id;

	if (id == 0 && !line->is_dropped)
		c->why = *why;
	line_free(line);
	msn_session_closed(c->session, id);
	pump_turn(c);
}

static const struct transport_handlers line_handlers = {
	.opened = line_opened,
	.data = line_data,
	.writable = line_writable,
	.closed = line_closed,
};

void pump_connect(struct client *c, const struct msn_event *want, pump_open_h open)
{
	struct line *before = line_of(c, want->id);
	struct line *line = g_new0(struct line, 1);

	if (before)
		line_finish(before);
	line->client = c;
	line->id = want->id;
	line->transport = open(c, want, &line_handlers, line);
	c->lines = g_slist_prepend(c->lines, line);
}

void pump_disconnect(struct client *c, guint id)
{
	struct line *line = line_of(c, id);

	if (!line)
		return;
	line->is_dropped = TRUE;
	if (line_drain(line))
		line_finish(line);
}

void pump_disconnect_all(struct client *c)
{
	while (c->lines)
		line_free(c->lines->data);
}

/* ---- the loop ---- */

static gboolean timer_fired(gpointer user)
{
	struct client *c = user;

	c->timer = 0;
	pump_turn(c);
	return FALSE;
}

static void arm(struct client *c)
{
	gint64 deadline = msn_session_deadline(c->session);

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
	struct msn_event ev;

	if (c->is_turning || c->is_closed)
		return;
	c->refs++;
	c->is_turning = TRUE;
	msn_session_tick(c->session, now_ms());
	while (!c->is_closed && msn_session_next_event(c->session, &ev)) {
		/* What an event answers to leaves before the event ends the connection. */
		drain(c);
		dispatch(c, &ev);
	}
	if (!c->is_closed) {
		drain(c);
		arm(c);
		trace_file_drain(c->trace, msn_session_trace(c->session));
	}
	c->is_turning = FALSE;
	client_unref(c);
}

/* What could not be sent is still to be shown, unless an event's handler is just being run further
 * out. */
static void last_words(struct client *c)
{
	struct msn_event ev;

	while (!c->is_turning && msn_session_next_event(c->session, &ev)) {
		if (ev.type == MSN_EVENT_MESSAGE_FAILED)
			dispatch(c, &ev);
	}
}

void client_close(struct client *c)
{
	msn_session_end(c->session);
	drain(c);
	while (c->lines)
		line_finish(c->lines->data);
	if (c->timer)
		purple_timeout_remove(c->timer);
	c->timer = 0;
	last_words(c);
	for (const struct part *const *p = __start_msn_parts; p < __stop_msn_parts; p++) {
		if ((*p)->leave)
			(*p)->leave(c);
	}
	trace_file_drain(c->trace, msn_session_trace(c->session));
	c->is_closed = TRUE;
	purple_connection_set_protocol_data(c->gc, NULL);
	c->gc = NULL;
	client_unref(c);
}
