/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http: requests of HTTP/1.1 over a link, answered one after the other. */
#ifndef TESTS_PEERS_MSNP8_HTTP_H
#define TESTS_PEERS_MSNP8_HTTP_H
#include "tests/peers/msnp8/link.h"
#include "tests/peers/msnp8/server.h"

#define HTTP_HEAD_MAX 16384
#define HTTP_BODY_MAX 65536

struct http;

struct http_request {
	struct http *http;
	gboolean is_tls;
	guint16 client_port;
	char *method, *path, *query;
	GHashTable *fields; /* lower case name to value */
	const guint8 *body;
	gsize n_body;
};

void http_new(struct server *s, struct link *l, gboolean is_tls);
const char *http_field(const struct http_request *r, const char *name); /* nullable */
/* A word of "a=b&c=d", decoded; NULL: it is not there. (transfer full) */
char *http_parameter(const char *query, const char *name);
/* fields: whole lines, each with its CRLF. */
void http_answer(const struct http_request *r, guint status, const char *fields, const void *body,
		 gsize n);
void http_silence(const struct http_request *r); /* no answer will come */
gboolean http_has_left(const struct http *h);	 /* all answers have been written */
#endif
