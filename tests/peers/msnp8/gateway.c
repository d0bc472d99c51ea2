/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gateway: one request at a time for each session. The original changes the second half of the
 * session's name with every answer and says when it ends; the revival does neither. */
#include "tests/peers/msnp8/gateway.h"

#include "tests/peers/msnp8/ns.h"
#include "tests/peers/msnp8/sb.h"

#include <string.h>

#define OVER_LIFE 5 /* seconds in which an ended session still answers, with nothing */

struct gateway {
	struct server *server;
	char *id, *half, *host; /* half: of the name, "" in the revival */
	struct conn *conn;	/* nullable: over and freed */
	GByteArray *out;
	gboolean is_over;
	const struct http *busy; /* an answer is on its way there; nullable */
	gint64 asked;		 /* seconds */
};

static void gateway_write(gpointer user, const void *data, gsize n)
{
	struct gateway *g = user;

	if (g->out->len + n > GATEWAY_OUTPUT_MAX)
		conn_end(g->conn);
	else
		g_byte_array_append(g->out, data, n);
}

static void gateway_end(gpointer user)
{
	((struct gateway *)user)->is_over = TRUE;
}

static void gateway_bury(struct gateway *g)
{
	if (g->conn)
		conn_gone(g->conn);
	g->conn = NULL;
	g->is_over = TRUE;
}

void gateway_free(gpointer data)
{
	struct gateway *g = data;

	gateway_bury(g);
	g_byte_array_unref(g->out);
	g_free(g->id);
	g_free(g->half);
	g_free(g->host);
	g_free(g);
}

static void gateway_rename(struct gateway *g)
{
	g_autofree char *digits = NULL;

	if (options_is_revival(g->server->options))
		return;
	digits = random_digits(5);
	g_free(g->half);
	g->half = g_strconcat(".", digits, NULL);
}

static struct gateway *gateway_open(struct server *s, const struct http_request *r)
{
	g_autofree char *kind = http_parameter(r->query, "Server");
	g_autofree char *host = http_parameter(r->query, "IP");
	struct carrier carrier = {gateway_write, gateway_end, NULL, r->client_port};
	struct gateway *g;
	gboolean is_sb = !g_strcmp0(kind, "SB");

	if ((!is_sb && g_strcmp0(kind, "NS")) || !host || strlen(host) > 255 ||
	    strpbrk(host, "\r\n") || s->gateways->len >= GATEWAYS_MAX)
		return NULL;
	g = g_new0(struct gateway, 1);
	g->server = s;
	g->id = options_is_revival(s->options) ? g_uuid_string_random() : random_digits(9);
	g->half = g_strdup("");
	g->host = g_strdup(host);
	g->out = g_byte_array_new();
	carrier.user = g;
	g->conn = conn_new(s, is_sb ? &sb_role : &ns_role, &carrier);
	g_ptr_array_add(s->gateways, g);
	return g;
}

static struct gateway *gateway_find(struct server *s, const struct http_request *r)
{
	g_autofree char *id = http_parameter(r->query, "SessionID");
	guint i;

	for (i = 0; id && i < s->gateways->len; i++) {
		struct gateway *g = s->gateways->pdata[i];
		gsize n = strlen(g->id);

		if (!strncmp(g->id, id, n) && !strcmp(g->half, id + n))
			return g;
	}
	return NULL;
}

static void gateway_refuse(const struct http_request *r)
{
	http_answer(r, 400, "", "400: Bad Request", 16);
}

static void gateway_answer(struct gateway *g, const struct http_request *r)
{
	gboolean is_closing = g->is_over && !options_is_revival(g->server->options);
	g_autofree char *fields = NULL;

	gateway_rename(g);
	fields = g_strdup_printf("Content-Type: application/x-msn-messenger\r\n"
				 "X-MSN-Messenger: SessionID=%s%s; GW-IP=%s%s\r\n",
				 g->id, g->half, g->host, is_closing ? "; Session=close" : "");
	g->busy = r->http;
	http_answer(r, 200, fields, g->out->data, g->out->len);
	g_byte_array_set_size(g->out, 0);
	if (g->is_over && g->conn)
		gateway_bury(g);
	if (is_closing)
		g_ptr_array_remove(g->server->gateways, g);
}

void gateway_request(struct server *s, const struct http_request *r)
{
	g_autofree char *action = http_parameter(r->query, "Action");
	gboolean is_open = !g_strcmp0(action, "open");
	struct gateway *g;

	if (strcmp(r->method, "POST")) {
		gateway_refuse(r);
		return;
	}
	g = is_open ? gateway_open(s, r) : gateway_find(s, r);
	if (!g || (g->busy && !http_has_left(g->busy))) {
		gateway_refuse(r);
		return;
	}
	g->asked = server_seconds();
	if (g->conn && g_strcmp0(action, "poll"))
		conn_feed(g->conn, r->body, r->n_body);
	gateway_answer(g, r);
}

void gateway_link_gone(struct server *s, const struct http *http)
{
	guint i;

	for (i = 0; i < s->gateways->len; i++) {
		struct gateway *g = s->gateways->pdata[i];

		if (g->busy == http)
			g->busy = NULL;
	}
}

void gateways_sweep(struct server *s, gboolean is_all)
{
	gint64 life = options_number(s->options, "gateway-life");
	guint i;

	for (i = s->gateways->len; i-- > 0;) {
		struct gateway *g = s->gateways->pdata[i];
		gint64 age = server_seconds() - g->asked;

		if (is_all || age > (g->is_over ? OVER_LIFE : life))
			g_ptr_array_remove_index(s->gateways, i);
	}
}
