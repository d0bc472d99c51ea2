/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http: reads requests with their bodies, hands them to the passport or the gateway by path. */
#include "tests/peers/msnp8/http.h"

#include "tests/peers/msnp8/gateway.h"
#include "tests/peers/msnp8/passport.h"

#include <string.h>

struct http {
	struct server *server;
	struct link *link;
	gboolean is_tls, is_over;
	GByteArray *in;
	guint n_unsent; /* answers on their way */
};

gboolean http_has_left(const struct http *h)
{
	return !h->n_unsent;
}

const char *http_field(const struct http_request *r, const char *name)
{
	return g_hash_table_lookup(r->fields, name);
}

char *http_parameter(const char *query, const char *name)
{
	g_auto(GStrv) words = g_strsplit(query ? query : "", "&", -1);
	gsize n = strlen(name);
	guint i;

	for (i = 0; words[i]; i++)
		if (!strncmp(words[i], name, n) && words[i][n] == '=')
			return g_uri_unescape_string(words[i] + n + 1, NULL);
	return NULL;
}

static const char *http_reason(guint status)
{
	switch (status) {
	case 200:
		return "OK";
	case 302:
		return "Found";
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 404:
		return "Not Found";
	case 503:
		return "Service Unavailable";
	default:
		return "Internal Server Error";
	}
}

void http_answer(const struct http_request *r, guint status, const char *fields, const void *body,
		 gsize n)
{
	struct http *h = r->http;
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_printf(text, "HTTP/1.1 %u %s\r\n%sContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
			status, http_reason(status), fields, n);
	server_log(h->server, "http", "<<<", text->str, text->len);
	g_string_append_len(text, body, n);
	h->n_unsent++;
	link_write(h->link, text->str, text->len);
}

void http_silence(const struct http_request *r)
{
	r->http->is_over = TRUE;
}

/* ---- reading ---- */

static GHashTable *http_fields(char **lines)
{
	GHashTable *fields = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	guint i;

	for (i = 1; lines[0] && lines[i]; i++) {
		char *colon = strchr(lines[i], ':');

		if (colon)
			g_hash_table_replace(fields, g_ascii_strdown(lines[i], colon - lines[i]),
					     g_strstrip(g_strdup(colon + 1)));
	}
	return fields;
}

/* "http://host/path?query", as to a proxy, is taken for "/path?query". */
static gboolean http_target(struct http_request *r, const char *target)
{
	const char *question;

	if (g_str_has_prefix(target, "http://")) {
		target = strchr(target + 7, '/');
		if (!target)
			return FALSE;
	}
	if (*target != '/')
		return FALSE;
	question = strchr(target, '?');
	r->path = question ? g_strndup(target, question - target) : g_strdup(target);
	r->query = g_strdup(question ? question + 1 : "");
	return TRUE;
}

static void http_route(struct server *s, const struct http_request *r)
{
	if (!strcmp(r->path, "/gateway/gateway.dll") && !r->is_tls)
		gateway_request(s, r);
	else if (!passport_request(s, r))
		http_answer(r, 404, "", "", 0);
}

static void http_request_clear(struct http_request *r)
{
	g_free(r->method);
	g_free(r->path);
	g_free(r->query);
	g_clear_pointer(&r->fields, g_hash_table_unref);
}

/* The whole of a request, less its body. */
static gboolean http_head(struct http *h, gsize n, struct http_request *r)
{
	g_autofree char *head = g_strndup((const char *)h->in->data, n);
	g_auto(GStrv) lines = g_strsplit(head, "\r\n", -1);
	g_auto(GStrv) words = g_strsplit(lines[0] ? lines[0] : "", " ", 4);

	r->fields = http_fields(lines);
	if (lines[0])
		server_log(h->server, "http", ">>>", lines[0], strlen(lines[0]));
	if (g_strv_length(words) != 3 || !g_str_has_prefix(words[2], "HTTP/1.") ||
	    !http_target(r, words[1]))
		return FALSE;
	r->method = g_strdup(words[0]);
	return TRUE;
}

/* The end of the head; 0: it has not come. */
static gsize http_head_end(const struct http *h)
{
	const char *at = g_strstr_len((const char *)h->in->data, h->in->len, "\r\n\r\n");

	return at ? at + 4 - (const char *)h->in->data : 0;
}

static void http_refuse(struct http *h, struct http_request *r)
{
	http_answer(r, 400, "Connection: close\r\n", "", 0);
	h->is_over = TRUE;
	link_end(h->link);
}

/* FALSE: no whole request is left. */
static gboolean http_take(struct http *h)
{
	struct http_request r = {h, h->is_tls, link_peer_port(h->link)};
	gsize end = http_head_end(h);
	guint64 n_body = 0;
	const char *length;
	gboolean is_taken = FALSE;

	if (!end) {
		if (h->in->len > HTTP_HEAD_MAX)
			http_refuse(h, &r);
		return FALSE;
	}
	if (!http_head(h, end - 4, &r)) {
		http_refuse(h, &r);
		goto out;
	}
	length = http_field(&r, "content-length");
	if (http_field(&r, "transfer-encoding") ||
	    (length && !g_ascii_string_to_unsigned(length, 10, 0, HTTP_BODY_MAX, &n_body, NULL))) {
		http_refuse(h, &r);
		goto out;
	}
	if (h->in->len < end + n_body)
		goto out;
	r.body = h->in->data + end;
	r.n_body = n_body;
	http_route(h->server, &r);
	if (!g_strcmp0(http_field(&r, "connection"), "close") && !h->is_over)
		link_end(h->link);
	g_byte_array_remove_range(h->in, 0, end + n_body);
	is_taken = TRUE;
out:
	http_request_clear(&r);
	return is_taken;
}

static void http_data(struct link *l, const guint8 *data, gsize n, gpointer user)
{
	struct http *h = user;

	if (h->is_over)
		return;
	g_byte_array_append(h->in, data, n);
	while (!h->is_over && http_take(h))
		;
}

static void http_drained(struct link *l, gpointer user)
{
	((struct http *)user)->n_unsent = 0;
}

static void http_gone(struct link *l, gpointer user)
{
	struct http *h = user;

	gateway_link_gone(h->server, h);
	g_byte_array_unref(h->in);
	g_free(h);
}

void http_new(struct server *s, struct link *l, gboolean is_tls)
{
	static const struct link_handlers handlers = {http_data, http_drained, http_gone};
	struct http *h = g_new0(struct http, 1);

	h->server = s;
	h->link = l;
	h->is_tls = is_tls;
	h->in = g_byte_array_new();
	link_set_handlers(l, &handlers, h);
}
