/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gateway: posts in, answers out. The session's id is whatever the last answer called it. */
#include "plugins/msnp8/prpl/gateway.h"

#include <eventloop.h>

#include "common/bytes.h"
#include "common/purple/http.h"
#include "plugins/msnp8/wire/gateway.h"

struct gateway {
	struct transport transport;
	guint refs; /* the owner's, and one for a frame that calls it more than once */
	struct http *http;
	char *gateway, *host;
	guint16 port;
	gboolean is_switchboard;
	gboolean is_open; /* opened() was told */
	gboolean is_lingering;
	gboolean is_closing; /* the session is over, which the next turn says */
	gboolean is_freed;
	char *id; /* NULL: no session yet */
	struct bytes *queue;
	gboolean is_full; /* octets were refused */
	guint timer;	  /* opening, polling or lingering */
};

static GSList *the_lingering;

static void stop_timer(struct gateway *g)
{
	if (g->timer)
		purple_timeout_remove(g->timer);
	g->timer = 0;
}

static void gateway_unref(struct gateway *g)
{
	if (--g->refs)
		return;
	bytes_free(g->queue);
	g_free(g->gateway);
	g_free(g->host);
	g_free(g->id);
	g_free(g);
}

static void gateway_free(struct transport *t)
{
	struct gateway *g = (struct gateway *)t;

	stop_timer(g);
	g_clear_pointer(&g->http, http_free);
	g->is_freed = TRUE;
	gateway_unref(g);
}

static void linger_end(struct gateway *g)
{
	the_lingering = g_slist_remove(the_lingering, g);
	gateway_free(&g->transport);
}

/* The last thing its frame does. */
static void end(struct gateway *g, const struct reason *why)
{
	if (g->is_lingering) {
		linger_end(g);
		return;
	}
	stop_timer(g);
	g->is_closing = TRUE;
	g->transport.handlers->closed(why, g->transport.user);
}

static void end_for(struct gateway *g, enum reason_kind kind, const char *detail)
{
	struct reason why;

	reason_set(&why, kind, g->gateway, g->port, detail);
	end(g, &why);
}

/* ---- posting ---- */

/* What waits, or nothing. FALSE: it cannot be posted. */
static gboolean post(struct gateway *g)
{
	static const char *const headers[] = {"Content-Type", MSN_GATEWAY_TYPE, "Cache-Control",
					      "no-cache", NULL};
	gsize n;
	const guint8 *data = bytes_peek(g->queue, &n);
	g_autofree char *url =
		g->id ? msn_gateway_url(g->gateway, g->port, g->id, n == 0)
		      : msn_gateway_open_url(g->gateway, g->port, g->is_switchboard, g->host);
	struct http_request request = {
		.method = "POST",
		.url = url,
		.headers = headers,
		.body = data,
		.body_n = n,
		.answer_max = GATEWAY_ANSWER_MAX,
	};

	stop_timer(g);
	if (!http_ask(g->http, &request))
		return FALSE;
	bytes_consume(g->queue, n);
	return TRUE;
}

static gboolean timer_fired(gpointer user)
{
	struct gateway *g = user;

	g->timer = 0;
	if (g->is_lingering) {
		linger_end(g);
	} else if (g->is_closing) {
		end_for(g, REASON_CLOSED, NULL);
	} else if (!g->is_open) {
		g->is_open = TRUE;
		g->transport.handlers->opened(g->transport.user);
	} else if (!http_is_busy(g->http) && !post(g))
		end_for(g, REASON_LOST, NULL);
	return FALSE;
}

static void wait_for(struct gateway *g, guint ms)
{
	stop_timer(g);
	g->timer = purple_timeout_add(ms, timer_fired, g);
}

/* Octets come in pieces, but leave together: the post waits for the loop's next turn. */
static gsize gateway_send(struct transport *t, const guint8 *data, gsize n)
{
	struct gateway *g = (struct gateway *)t;
	gsize taken = MIN(n, GATEWAY_QUEUE_MAX - bytes_length(g->queue));

	if (g->is_closing || !g->is_open)
		return 0;
	bytes_append(g->queue, data, taken);
	g->is_full |= taken < n;
	if (taken > 0 && !http_is_busy(g->http))
		wait_for(g, 0);
	return taken;
}

/* ---- answers ---- */

/* FALSE: the session is over, and its owner was told. */
static gboolean take_id(struct gateway *g, const struct http_answer *answer,
			gboolean *ret_is_closed)
{
	g_autofree char *value = fields_dup(answer->fields, MSN_GATEWAY_HEADER);
	g_autofree char *word = NULL;
	char *id;

	if (answer->status != 200) {
		/* 400 is how a gateway says that it has forgotten the session. */
		word = g_strdup_printf("HTTP %d", answer->status);
		end_for(g, REASON_LOST, word);
		return FALSE;
	}
	if (!value || !msn_gateway_answer_read(value, &id, ret_is_closed)) {
		end_for(g, REASON_LOST, "no " MSN_GATEWAY_HEADER);
		return FALSE;
	}
	g_free(g->id);
	g->id = id;
	return TRUE;
}

/* Before anybody is told: whoever is told may free us. */
static void go_on(struct gateway *g)
{
	if (bytes_length(g->queue) == 0)
		wait_for(g, GATEWAY_POLL_MS);
	else if (!post(g))
		wait_for(g, 0); /* the timer finds out, and tells */
}

static void linger_on(struct gateway *g)
{
	if (bytes_length(g->queue) == 0 || !http_is_connected(g->http) || !post(g))
		linger_end(g);
	else
		wait_for(g, GATEWAY_LINGER_MS);
}

/* In pieces like a socket's, so that each can be worked on before the next. */
static void deliver(struct gateway *g, const struct http_answer *answer)
{
	g->refs++;
	for (gsize at = 0; at < answer->n && !g->is_freed; at += GATEWAY_PIECE_MAX)
		g->transport.handlers->data(answer->body + at,
					    MIN(answer->n - at, GATEWAY_PIECE_MAX),
					    g->transport.user);
	gateway_unref(g);
}

static void answered(struct http *http, const struct http_answer *answer, gpointer user)
{
	struct gateway *g = user;
	gboolean is_closed, was_full = g->is_full;

	if (!take_id(g, answer, &is_closed))
		return;
	if (g->is_lingering) {
		linger_on(g);
		return;
	}
	g->is_full = FALSE;
	g->is_closing = is_closed;
	if (is_closed)
		wait_for(g, 0); /* its last words come first */
	else
		go_on(g);
	if (answer->n > 0)
		deliver(g, answer);
	else if (was_full)
		g->transport.handlers->writable(g->transport.user);
}

static void failed(struct http *http, const struct reason *why, gpointer user)
{
	end(user, why);
}

static const struct http_handlers http_handlers = {.answered = answered, .failed = failed};

/* ---- opening and ending ---- */

/* What waits leaves on the connection that stands; there is no other once the account has gone. */
static void gateway_finish(struct transport *t)
{
	struct gateway *g = (struct gateway *)t;

	if (g->is_closing || bytes_length(g->queue) == 0 || !http_is_connected(g->http)) {
		gateway_free(t);
		return;
	}
	g->is_lingering = TRUE;
	the_lingering = g_slist_prepend(the_lingering, g);
	http_no_more_connecting(g->http);
	if (!http_is_busy(g->http) && !post(g)) {
		linger_end(g);
		return;
	}
	wait_for(g, GATEWAY_LINGER_MS);
}

void gateway_forget(void)
{
	while (the_lingering)
		linger_end(the_lingering->data);
}

static const struct transport_kind gateway_kind = {
	.send = gateway_send,
	.free = gateway_free,
	.finish = gateway_finish,
};

struct transport *gateway_open(const struct gateway_config *config,
			       const struct transport_handlers *handlers, gpointer user)
{
	struct gateway *g = g_new0(struct gateway, 1);

	g->refs = 1;
	g->transport = (struct transport){&gateway_kind, handlers, user};
	g->gateway = g_strdup(config->gateway);
	g->port = config->port;
	g->host = g_strdup(config->host);
	g->is_switchboard = config->is_switchboard;
	g->queue = bytes_new(GATEWAY_QUEUE_MAX);
	g->http = http_new(config->account, &http_handlers, g);
	wait_for(g, 0); /* the first post carries the first command: nothing to do before */
	return &g->transport;
}
