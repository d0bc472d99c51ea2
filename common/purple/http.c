/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http: requests on a connection that is kept. A handler is called last in its frame: it may have
 * freed everything. */
#include "common/purple/http.h"

#include <eventloop.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "common/bytes.h"
#include "common/purple/conn.h"

struct http {
	PurpleAccount *account;
	const struct http_handlers *handlers;
	gpointer user;
	gboolean no_connecting;

	struct conn *conn;
	struct http_url place; /* where conn leads */
	gboolean is_ready;
	gboolean is_reused; /* an answer has come on conn before */

	/* of the request under way */
	struct http_reader *reader; /* NULL: there is none */
	guint64 answer_max;
	gboolean is_head;
	gboolean has_heard; /* octets of the answer have come */
	GByteArray *body;
	struct bytes *out;
	gsize out_at; /* octets of out that have left: the rest may be needed for a second try */
	guint timer;
};

static const struct conn_handlers conn_handlers;

struct http *http_new(PurpleAccount *account, const struct http_handlers *handlers, gpointer user)
{
	struct http *h = g_new0(struct http, 1);

	h->account = account;
	h->handlers = handlers;
	h->user = user;
	return h;
}

static void disconnect(struct http *h)
{
	g_clear_pointer(&h->conn, conn_free);
	http_url_clear(&h->place);
	memset(&h->place, 0, sizeof h->place);
	h->is_ready = h->is_reused = FALSE;
}

static void forget_request(struct http *h)
{
	g_clear_pointer(&h->reader, http_reader_free);
	g_clear_pointer(&h->out, bytes_free);
	g_clear_pointer(&h->body, g_byte_array_unref);
	if (h->timer)
		purple_timeout_remove(h->timer);
	h->timer = 0;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	forget_request(h);
	disconnect(h);
	g_free(h);
}

gboolean http_is_busy(const struct http *h)
{
	return h->reader != NULL;
}

gboolean http_is_connected(const struct http *h)
{
	return h->is_ready;
}

void http_no_more_connecting(struct http *h)
{
	h->no_connecting = TRUE;
}

/* ---- how a request ends ---- */

static void fail(struct http *h, const struct reason *why)
{
	struct reason copy = *why;

	forget_request(h);
	disconnect(h);
	h->handlers->failed(h, &copy, h->user);
}

static void fail_for(struct http *h, enum reason_kind kind, const char *detail)
{
	struct reason why;

	reason_set(&why, kind, h->place.host, h->place.port, detail);
	fail(h, &why);
}

/* The answer outlives h, if the handler frees that. */
static void answer(struct http *h)
{
	struct http_reader *reader = g_steal_pointer(&h->reader);
	GByteArray *body = g_steal_pointer(&h->body);
	struct http_answer told = {
		.status = http_reader_status(reader),
		.fields = http_reader_fields(reader),
		.body = body->data,
		.n = body->len,
	};
	gsize n_rest;

	http_reader_rest(reader, &n_rest);
	h->is_reused = TRUE;
	if (!http_reader_is_persistent(reader) || n_rest > 0 || h->out_at < bytes_length(h->out))
		disconnect(h);
	forget_request(h);
	h->handlers->answered(h, &told, h->user);
	http_reader_free(reader);
	g_byte_array_unref(body);
}

static gboolean is_late(gpointer user)
{
	struct http *h = user;

	if (h->conn && conn_is_verifying(h->conn))
		return TRUE; /* a person has a question to answer */
	h->timer = 0;
	fail_for(h, REASON_TIMEOUT, NULL);
	return FALSE;
}

/* ---- reading ---- */

/* why nullable: what ended the connection. */
static void read_on(struct http *h, const struct reason *why)
{
	const guint8 *data;
	gsize n;

	for (;;) {
		switch (http_reader_next(h->reader, &data, &n)) {
		case HTTP_HEAD:
			break;
		case HTTP_BODY:
			g_byte_array_append(h->body, data, n);
			break;
		case HTTP_MORE:
			return;
		case HTTP_DONE:
			answer(h);
			return;
		case HTTP_BAD:
			if (why && why->kind != REASON_CLOSED)
				fail(h, why);
			else
				fail_for(h, REASON_LOST, http_reader_why(h->reader));
			return;
		}
	}
}

static void conn_data(struct conn *conn, const guint8 *data, gsize n, gpointer user)
{
	struct http *h = user;

	if (!h->reader) {
		disconnect(h); /* an answer to nothing: this server is done with us */
		return;
	}
	h->has_heard = TRUE;
	if (http_reader_feed(h->reader, data, n))
		read_on(h, NULL);
	else
		fail_for(h, REASON_LOST, http_reader_why(h->reader));
}

/* ---- writing ---- */

static void write_on(struct http *h)
{
	gsize n;
	const guint8 *data = bytes_peek(h->out, &n);

	if (h->out_at < n)
		h->out_at += conn_send(h->conn, data + h->out_at, n - h->out_at);
}

static void conn_ready(struct conn *conn, gpointer user)
{
	struct http *h = user;

	h->is_ready = TRUE;
	write_on(h);
}

static void conn_writable(struct conn *conn, gpointer user)
{
	struct http *h = user;

	if (h->reader)
		write_on(h);
}

/* ---- connecting ---- */

static gboolean connect_to(struct http *h, struct http_url *place)
{
	struct conn_tls tls = {.identity = {.name = place->host}, .alpn = "http/1.1"};

	if (h->no_connecting)
		return FALSE;
	disconnect(h);
	h->place = *place;
	memset(place, 0, sizeof *place);
	h->conn = conn_open(h->account, h->place.host, h->place.port,
			    h->place.is_https ? &tls : NULL, &conn_handlers, h);
	return TRUE;
}

/* A server may close what it was keeping just as we ask: nothing of our request was looked at. */
static gboolean try_again(struct http *h)
{
	struct http_url place = h->place;

	if (!h->is_reused || h->has_heard || h->no_connecting)
		return FALSE;
	memset(&h->place, 0, sizeof h->place);
	h->out_at = 0;
	return connect_to(h, &place);
}

static void conn_closed(struct conn *conn, const struct reason *why, gpointer user)
{
	struct http *h = user;
	struct reason copy = *why;

	g_clear_pointer(&h->conn, conn_free);
	h->is_ready = FALSE;
	if (!h->reader) {
		disconnect(h);
		return;
	}
	if (try_again(h))
		return;
	if (!h->has_heard) {
		fail(h, &copy);
		return;
	}
	http_reader_end(h->reader);
	read_on(h, &copy);
}

static const struct conn_handlers conn_handlers = {
	.ready = conn_ready,
	.data = conn_data,
	.writable = conn_writable,
	.closed = conn_closed,
};

/* ---- asking ---- */

static gboolean is_same_place(const struct http_url *a, const struct http_url *b)
{
	return a->is_https == b->is_https && a->port == b->port && g_strcmp0(a->host, b->host) == 0;
}

/* The octets of a request; NULL: not one. The text in between is wiped, headers may be secret. */
static struct bytes *request_write(const struct http_request *r, const struct http_url *url)
{
	GString *text = g_string_sized_new(HTTP_HEAD_MAX); /* so that no copy stays behind */
	struct bytes *out = NULL;

	if (http_request_write(text, r->method, url, r->headers,
			       r->body ? (gint64)r->body_n : -1) &&
	    text->len + r->body_n <= HTTP_REQUEST_MAX) {
		out = bytes_new(HTTP_REQUEST_MAX);
		bytes_append(out, text->str, text->len);
		bytes_append(out, r->body, r->body ? r->body_n : 0);
	}
	gnutls_memset(text->str, 0, text->len);
	g_string_free(text, TRUE);
	return out;
}

gboolean http_ask(struct http *h, const struct http_request *r)
{
	struct http_url url = {0};
	struct bytes *out;
	gboolean is_possible = TRUE;

	if (h->reader || !http_url_read(r->url, &url))
		return FALSE;
	out = request_write(r, &url);
	if (!out) {
		http_url_clear(&url);
		return FALSE;
	}
	h->out = out;
	h->out_at = 0;
	h->has_heard = FALSE;
	h->is_head = strcmp(r->method, "HEAD") == 0;
	h->answer_max = r->answer_max ? r->answer_max : HTTP_ANSWER_MAX;
	h->reader = http_reader_new(h->is_head, h->answer_max);
	h->body = g_byte_array_new();
	h->timer = purple_timeout_add(HTTP_TIMEOUT_MS, is_late, h);
	if (h->is_ready && is_same_place(&h->place, &url))
		write_on(h);
	else
		is_possible = connect_to(h, &url);
	http_url_clear(&url);
	if (!is_possible)
		forget_request(h);
	return is_possible;
}
