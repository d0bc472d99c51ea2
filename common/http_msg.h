/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http_msg: HTTP/1.1 requests written and responses read (RFC 9112), with limits and without
 * sockets. No cookies, no compression, no redirects: those are the caller's to refuse or do. */
#ifndef COMMON_HTTP_MSG_H
#define COMMON_HTTP_MSG_H
#include "common/fields.h"

#define HTTP_URL_MAX 8192	   /* octets */
#define HTTP_LINE_MAX 8192	   /* octets of a line of a response's head */
#define HTTP_HEAD_MAX (64 * 1024)  /* octets of a response's head */
#define HTTP_INTERIM_MAX 16	   /* 1xx responses before the real one */
#define HTTP_PIECE_MAX (64 * 1024) /* octets of body told at once */

/* ---- URLs ---- */
struct http_url {
	gboolean is_https;
	char *host;   /* lower case, an IPv6 address without brackets */
	guint16 port; /* 80 or 443 when the URL has none */
	char *target; /* "/path?query", at least "/" */
};

/* FALSE and ret untouched unless url is http: or https: with a host, without user information, and
 * of visible ASCII alone. A fragment is left out. ret's strings: http_url_clear(). */
gboolean http_url_read(const char *url, struct http_url *ret);
void http_url_clear(struct http_url *u);
char *http_url_write(const struct http_url *u); /* (transfer full) */
/* What Location means in the answer to base: absolute, "//host/path", "/path", or beside base's own
 * path. NULL when the result cannot be read. (transfer full) (nullable) */
char *http_url_join(const char *base, const char *location);

/* ---- requests ---- */
/* Appends the head of a request for u's target: request line, Host, headers (name, value, name,
 * value, …, NULL; nullable), Content-Length unless body_n is negative, the empty line. The body is
 * the caller's to append. FALSE and out unchanged when method is no word, or a header is not valid
 * or one of those that frame the message. */
gboolean http_request_write(GString *out, const char *method, const struct http_url *u,
			    const char *const *headers, gint64 body_n);

/* ---- responses ---- */
enum http_step {
	HTTP_MORE, /* not all there yet: feed more */
	HTTP_HEAD, /* once: status and fields can be asked for */
	HTTP_BODY, /* a piece of the body; the span lives until the next call that is not const */
	HTTP_DONE, /* all of it has been told; octets that wait belong to what comes next */
	HTTP_BAD,  /* not HTTP, or past a limit, and why; for good */
};

struct http_reader;

/* One response. is_head: to HEAD, which has no body. body_max: octets of body. (transfer full) */
struct http_reader *http_reader_new(gboolean is_head, guint64 body_max);
void http_reader_free(struct http_reader *r); /* NULL is fine; what waited is wiped */

/* Octets of the stream, copied. FALSE: they come faster than they are asked for. */
gboolean http_reader_feed(struct http_reader *r, gconstpointer data, gsize n);
/* The stream has ended: some bodies are whole by that, others are bad. */
void http_reader_end(struct http_reader *r);
/* ret_data, ret_n: written for HTTP_BODY only. Ask until it says MORE, DONE or BAD. */
enum http_step http_reader_next(struct http_reader *r, const guint8 **ret_data, gsize *ret_n);

/* From HTTP_HEAD on, until http_reader_free(). */
int http_reader_status(const struct http_reader *r); /* 200 to 999 */
const struct fields *http_reader_fields(const struct http_reader *r);
/* Octets of body announced; -1: not known before its end. */
gint64 http_reader_length(const struct http_reader *r);

/* After HTTP_DONE: the connection may carry another request. */
gboolean http_reader_is_persistent(const struct http_reader *r);
const guint8 *http_reader_rest(const struct http_reader *r, gsize *ret_n); /* (transfer none) */
/* After HTTP_BAD: what was wrong, for the trace; static. */
const char *http_reader_why(const struct http_reader *r);
#endif
