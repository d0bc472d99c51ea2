/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http: HTTP/1.1 requests over conn, one at a time, on a connection that is kept as long as server
 * and place allow. Redirects are answers like others: whether to follow them is the caller's to
 * say. Freeing it, or asking again, inside any of its callbacks is legal. */
#ifndef COMMON_PURPLE_HTTP_H
#define COMMON_PURPLE_HTTP_H
#include <account.h>

#include "common/http_msg.h"
#include "common/purple/reason.h"

#define HTTP_REQUEST_MAX (1 << 20) /* octets of a request, head and body */
#define HTTP_TIMEOUT_MS                                                                            \
	30000 /* from asking to the last octet of the answer, without the time                     \
	       * a person takes to judge a certificate */
#define HTTP_ANSWER_MAX (256 * 1024) /* octets of body, where a request does not say */

struct http;

struct http_request {
	const char *method, *url;
	const char *const *headers; /* name, value, name, value, …, NULL; nullable; may be secret */
	const void *body;	    /* nullable: a request without one */
	gsize body_n;
	guint64 answer_max; /* octets of body in the answer; 0: HTTP_ANSWER_MAX */
};

/* Lives until the handler returns. */
struct http_answer {
	int status;
	const struct fields *fields;
	const guint8 *body;
	gsize n;
};

struct http_handlers {
	void (*answered)(struct http *h, const struct http_answer *answer, gpointer user);
	/* No answer could be had. */
	void (*failed)(struct http *h, const struct reason *why, gpointer user);
};

/* handlers: (transfer none), static. (transfer full) */
struct http *http_new(PurpleAccount *account, const struct http_handlers *handlers, gpointer user);
/* Silence from now on. NULL is fine. */
void http_free(struct http *h);

/* FALSE, and nothing will come: the request cannot be written, or one is under way. Everything is
 * copied, and wiped after use. One handler follows, never before this returns. A kept connection
 * that turns out to have ended without a word is replaced by a new one, once. */
gboolean http_ask(struct http *h, const struct http_request *request);
gboolean http_is_busy(const struct http *h);
/* A connection stands and can take the next request, or carries one: the account is not needed
 * until it ends. */
gboolean http_is_connected(const struct http *h);
/* From now on only a connection that stands already will be used. */
void http_no_more_connecting(struct http *h);
#endif
