/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http_msg: HTTP/1.1 messages as a client needs them: requests out, one response in. */
#include "common/http_msg.h"

#include "common/bytes.h"
#include "common/frame.h"

#include <string.h>

#define HTTP_HOST_MAX 255	       /* octets */
#define HTTP_WAITING_MAX (1024 * 1024) /* octets fed and not yet asked for */

/* ---- URLs ---- */

static gboolean is_visible(const char *text)
{
	for (; *text; text++)
		if (*text < '!' || *text > '~')
			return FALSE;
	return TRUE;
}

/* host, up to a colon or the end of the n octets; *ret_used octets of them. */
static char *url_host(const char *authority, gsize n, gsize *ret_used)
{
	gboolean is_ipv6 = n > 0 && *authority == '[';
	const char *from = authority + is_ipv6;
	const char *fine = is_ipv6 ? "0123456789abcdefABCDEF:."
				   : "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789.-_";
	gsize length = MIN(strspn(from, fine), n - is_ipv6);

	if (length == 0 || length > HTTP_HOST_MAX)
		return NULL;
	if (is_ipv6 && (length + 1 >= n || from[length] != ']'))
		return NULL;
	*ret_used = length + 2 * is_ipv6;
	return g_ascii_strdown(from, length);
}

/* ":port", or nothing, or a colon alone. */
static gboolean url_port(const char *text, gsize n, guint16 *ret_port)
{
	guint port = 0;

	if (n > 0 && *text != ':')
		return FALSE;
	if (n <= 1)
		return TRUE;
	for (gsize i = 1; i < n; i++) {
		if (!g_ascii_isdigit(text[i]))
			return FALSE;
		port = port * 10 + (text[i] - '0');
		if (port > G_MAXUINT16)
			return FALSE;
	}
	if (port == 0)
		return FALSE;
	*ret_port = port;
	return TRUE;
}

static const char *url_scheme(const char *url, gboolean *ret_is_https)
{
	if (g_ascii_strncasecmp(url, "http://", 7) == 0) {
		*ret_is_https = FALSE;
		return url + 7;
	}
	if (g_ascii_strncasecmp(url, "https://", 8) == 0) {
		*ret_is_https = TRUE;
		return url + 8;
	}
	return NULL;
}

gboolean http_url_read(const char *url, struct http_url *ret)
{
	struct http_url u = {0};
	const char *authority;
	gsize n, used;

	if (strlen(url) > HTTP_URL_MAX || !is_visible(url))
		return FALSE;
	authority = url_scheme(url, &u.is_https);
	if (!authority)
		return FALSE;
	n = strcspn(authority, "/?#");
	u.host = url_host(authority, n, &used);
	u.port = u.is_https ? 443 : 80;
	if (!u.host || !url_port(authority + used, n - used, &u.port)) {
		g_free(u.host);
		return FALSE;
	}
	authority += n;
	u.target = g_strdup_printf("%s%.*s", *authority == '/' ? "" : "/",
				   (int)strcspn(authority, "#"), authority);
	*ret = u;
	return TRUE;
}

void http_url_clear(struct http_url *u)
{
	g_clear_pointer(&u->host, g_free);
	g_clear_pointer(&u->target, g_free);
}

/* As it stands in a URL and in Host. */
static char *url_authority(const struct http_url *u)
{
	gboolean is_ipv6 = strchr(u->host, ':') != NULL;
	GString *text = g_string_new(is_ipv6 ? "[" : "");

	g_string_append(text, u->host);
	if (is_ipv6)
		g_string_append_c(text, ']');
	if (u->port != (u->is_https ? 443 : 80))
		g_string_append_printf(text, ":%u", u->port);
	return g_string_free(text, FALSE);
}

char *http_url_write(const struct http_url *u)
{
	g_autofree char *authority = url_authority(u);

	return g_strconcat(u->is_https ? "https://" : "http://", authority, u->target, NULL);
}

static gboolean has_scheme(const char *location)
{
	gsize n = strcspn(location, ":/?#");

	return n > 0 && location[n] == ':';
}

/* The part of a target that location replaces the rest of. */
static gsize target_kept(const char *target, const char *location)
{
	gsize path = strcspn(target, "?");

	if (*location == '/')
		return 0;
	if (*location == '?' || *location == '#' || *location == '\0')
		return *location == '?' ? path : strlen(target);
	while (path > 0 && target[path - 1] != '/')
		path--;
	return path;
}

static char *url_beside(const struct http_url *base, const char *location)
{
	struct http_url u = *base;
	g_autofree char *target = g_strdup_printf(
		"%.*s%s", (int)target_kept(base->target, location), base->target, location);

	u.target = target;
	return http_url_write(&u);
}

char *http_url_join(const char *base, const char *location)
{
	struct http_url from, to;
	g_autofree char *whole = NULL;
	char *result;

	if (strlen(location) > HTTP_URL_MAX || !http_url_read(base, &from))
		return NULL;
	if (has_scheme(location))
		whole = g_strdup(location);
	else if (g_str_has_prefix(location, "//"))
		whole = g_strconcat(from.is_https ? "https:" : "http:", location, NULL);
	else
		whole = url_beside(&from, location);
	http_url_clear(&from);
	if (!http_url_read(whole, &to))
		return NULL;
	result = http_url_write(&to);
	http_url_clear(&to);
	return result;
}

/* ---- requests ---- */

static gboolean is_method(const char *method)
{
	gsize n = 0;

	while (g_ascii_isalpha(method[n]))
		n++;
	return n > 0 && n <= 32 && method[n] == '\0';
}

/* What is written here may not be said a second time, and a coding would contradict the length. */
static gboolean is_reserved(const char *name)
{
	return g_ascii_strcasecmp(name, "Host") == 0 ||
	       g_ascii_strcasecmp(name, "Content-Length") == 0 ||
	       g_ascii_strcasecmp(name, "Transfer-Encoding") == 0;
}

static gboolean write_headers(GString *out, const char *const *headers)
{
	for (; headers && headers[0]; headers += 2)
		if (!headers[1] || is_reserved(headers[0]) ||
		    !fields_write(out, headers[0], headers[1]))
			return FALSE;
	return TRUE;
}

static gboolean write_head(GString *out, const char *method, const struct http_url *u,
			   const char *const *headers, gint64 body_n)
{
	g_autofree char *host = url_authority(u);

	if (!is_method(method) || *u->target != '/' || !is_visible(u->target) || !is_visible(host))
		return FALSE;
	g_string_append_printf(out, "%s %s HTTP/1.1\r\n", method, u->target);
	if (!fields_write(out, "Host", host) || !write_headers(out, headers))
		return FALSE;
	if (body_n >= 0)
		g_string_append_printf(out, "Content-Length: %" G_GINT64_FORMAT "\r\n", body_n);
	g_string_append(out, "\r\n");
	return TRUE;
}

gboolean http_request_write(GString *out, const char *method, const struct http_url *u,
			    const char *const *headers, gint64 body_n)
{
	gsize before = out->len;

	if (write_head(out, method, u, headers, body_n))
		return TRUE;
	g_string_truncate(out, before);
	return FALSE;
}

/* ---- responses ---- */

enum http_state {
	AT_STATUS,
	AT_HEAD,
	AT_LENGTH, /* left octets of body to come */
	AT_CHUNK_SIZE,
	AT_CHUNK, /* left octets of this chunk to come */
	AT_CHUNK_END,
	AT_TRAILER,
	AT_CLOSE, /* body until the stream ends */
	AT_DONE,
	AT_BAD,
};

struct http_reader {
	struct frame *frame;
	enum http_state state;
	gboolean is_head, is_ended, is_old; /* old: HTTP/1.0 */
	guint64 body_max, body, left;	    /* body: octets told */
	gint64 length;
	int status;
	guint interim;
	struct bytes *head; /* the header block, its lines joined again; may hold secrets */
	gsize trailer;
	struct fields fields;
	gboolean is_persistent;
	const char *why;
};

struct http_reader *http_reader_new(gboolean is_head, guint64 body_max)
{
	struct http_reader *r = g_new0(struct http_reader, 1);

	r->frame = frame_new(HTTP_LINE_MAX, HTTP_PIECE_MAX, HTTP_WAITING_MAX);
	r->head = bytes_new(HTTP_HEAD_MAX);
	r->is_head = is_head;
	r->body_max = body_max;
	r->length = -1;
	return r;
}

void http_reader_free(struct http_reader *r)
{
	if (!r)
		return;
	frame_free(r->frame);
	bytes_free(r->head);
	g_free(r);
}

gboolean http_reader_feed(struct http_reader *r, gconstpointer data, gsize n)
{
	return frame_feed(r->frame, data, n);
}

void http_reader_end(struct http_reader *r)
{
	r->is_ended = TRUE;
}

static enum http_step reader_bad(struct http_reader *r, const char *why)
{
	r->state = AT_BAD;
	r->why = why;
	return HTTP_BAD;
}

/* Nothing more waits: a body until the end may be whole, all else needs more. */
static enum http_step reader_more(struct http_reader *r)
{
	if (!r->is_ended)
		return HTTP_MORE;
	if (r->state != AT_CLOSE)
		return reader_bad(r, "the stream ended within the response");
	r->state = AT_DONE;
	return HTTP_DONE;
}

/* FALSE: *ret_step says why there is no line. */
static gboolean reader_line(struct http_reader *r, const char **ret_line, gsize *ret_n,
			    enum http_step *ret_step)
{
	const guint8 *line;

	switch (frame_line(r->frame, &line, ret_n)) {
	case FRAME_WHOLE:
		*ret_line = (const char *)line;
		return TRUE;
	case FRAME_MORE:
		*ret_step = reader_more(r);
		return FALSE;
	default:
		*ret_step = reader_bad(r, "a line is too long");
		return FALSE;
	}
}

/* "HTTP/1.1 200 OK"; the words, and the blank before them, may be missing. */
static gboolean read_status(struct http_reader *r, const char *line, gsize n)
{
	if (n < 12 || memcmp(line, "HTTP/1.", 7) != 0 || !g_ascii_isdigit(line[7]) ||
	    line[8] != ' ' || (n > 12 && line[12] != ' '))
		return FALSE;
	for (guint i = 9; i < 12; i++)
		if (!g_ascii_isdigit(line[i]))
			return FALSE;
	r->is_old = line[7] == '0';
	r->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
	return r->status >= 100;
}

static enum http_step step_status(struct http_reader *r)
{
	enum http_step step;
	const char *line;
	gsize n;

	if (!reader_line(r, &line, &n, &step))
		return step;
	if (!read_status(r, line, n))
		return reader_bad(r, "the answer is not HTTP/1");
	bytes_truncate(r->head, 0);
	r->state = AT_HEAD;
	return HTTP_MORE;
}

/* Does one of the comma-separated words of all fields so named equal word? */
static gboolean fields_have_word(const struct fields *f, const char *name, const char *word)
{
	for (guint i = 0; i < fields_count(f); i++) {
		struct fields_span field, value;
		g_autofree char *text = NULL;
		g_auto(GStrv) words = NULL;

		fields_get(f, i, &field, &value);
		if (field.n != strlen(name) || g_ascii_strncasecmp(field.text, name, field.n) != 0)
			continue;
		text = g_strndup(value.text, value.n);
		words = g_strsplit(text, ",", -1);
		for (guint w = 0; words[w]; w++)
			if (g_ascii_strcasecmp(g_strstrip(words[w]), word) == 0)
				return TRUE;
	}
	return FALSE;
}

/* Two lengths that differ would let two readers see two different messages. */
static gboolean lengths_agree(const struct fields *f)
{
	struct fields_span first;

	if (!fields_find(f, "Content-Length", &first))
		return TRUE;
	for (guint i = 0; i < fields_count(f); i++) {
		struct fields_span name, value;

		fields_get(f, i, &name, &value);
		if (name.n == strlen("Content-Length") &&
		    g_ascii_strncasecmp(name.text, "Content-Length", name.n) == 0 &&
		    (value.n != first.n || memcmp(value.text, first.text, first.n) != 0))
			return FALSE;
	}
	return TRUE;
}

static enum http_step body_by_length(struct http_reader *r)
{
	guint64 length;

	if (!lengths_agree(&r->fields) ||
	    !fields_number(&r->fields, "Content-Length", G_MAXINT64, &length))
		return reader_bad(r, "Content-Length is no number");
	if (length > r->body_max)
		return reader_bad(r, "the body is too long");
	r->length = length;
	r->left = length;
	r->state = length > 0 ? AT_LENGTH : AT_DONE;
	return HTTP_HEAD;
}

/* RFC 9112 section 6.3: what ends the body. */
static enum http_step choose_body(struct http_reader *r)
{
	struct fields_span unused;

	if (r->is_head || r->status == 204 || r->status == 304) {
		r->state = AT_DONE;
		return HTTP_HEAD;
	}
	if (fields_find(&r->fields, "Transfer-Encoding", &unused)) {
		if (!fields_is(&r->fields, "Transfer-Encoding", "chunked"))
			return reader_bad(r, "a transfer coding nobody asked for");
		if (fields_find(&r->fields, "Content-Length", &unused))
			r->is_persistent = FALSE;
		r->state = AT_CHUNK_SIZE;
		return HTTP_HEAD;
	}
	if (fields_find(&r->fields, "Content-Length", &unused))
		return body_by_length(r);
	r->is_persistent = FALSE;
	r->state = AT_CLOSE;
	return HTTP_HEAD;
}

static enum http_step head_over(struct http_reader *r)
{
	gsize n;
	const guint8 *head = bytes_peek(r->head, &n);

	if (!fields_read(&r->fields, head, n, NULL))
		return reader_bad(r, "the header block cannot be read");
	if (r->status == 101)
		return reader_bad(r, "another protocol is offered");
	if (r->status < 200) {
		r->state = AT_STATUS;
		return ++r->interim > HTTP_INTERIM_MAX ? reader_bad(r, "too many interim responses")
						       : HTTP_MORE;
	}
	r->is_persistent = r->is_old ? fields_have_word(&r->fields, "Connection", "keep-alive")
				     : !fields_have_word(&r->fields, "Connection", "close");
	return choose_body(r);
}

static enum http_step step_head(struct http_reader *r)
{
	enum http_step step;
	const char *line;
	gsize n;

	if (!reader_line(r, &line, &n, &step))
		return step;
	if (n == 0)
		return head_over(r);
	if (!bytes_append(r->head, line, n) || !bytes_append_str(r->head, "\r\n"))
		return reader_bad(r, "the header block is too long");
	return HTTP_MORE;
}

/* At most max octets of body; *ret_n written with HTTP_BODY. */
static enum http_step reader_piece(struct http_reader *r, guint64 max, const guint8 **ret_data,
				   gsize *ret_n)
{
	switch (frame_piece(r->frame, MIN(max, HTTP_PIECE_MAX), ret_data, ret_n)) {
	case FRAME_WHOLE:
		r->body += *ret_n;
		return HTTP_BODY;
	case FRAME_MORE:
		return reader_more(r);
	default:
		return reader_bad(r, "a line is too long");
	}
}

static enum http_step step_counted(struct http_reader *r, enum http_state next,
				   const guint8 **ret_data, gsize *ret_n)
{
	enum http_step step = reader_piece(r, r->left, ret_data, ret_n);

	if (step != HTTP_BODY)
		return step;
	r->left -= *ret_n;
	if (r->left == 0)
		r->state = next;
	return HTTP_BODY;
}

static enum http_step step_close(struct http_reader *r, const guint8 **ret_data, gsize *ret_n)
{
	enum http_step step = reader_piece(r, HTTP_PIECE_MAX, ret_data, ret_n);

	if (step == HTTP_BODY && r->body > r->body_max)
		return reader_bad(r, "the body is too long");
	return step;
}

/* Hexadecimal digits, then nothing, a blank, or an extension nobody needs. */
static gboolean read_chunk_size(const char *line, gsize n, guint64 *ret_size)
{
	guint64 size = 0;
	gsize i;

	for (i = 0; i < n && g_ascii_isxdigit(line[i]); i++) {
		if (size > G_MAXUINT64 >> 4)
			return FALSE;
		size = size << 4 | g_ascii_xdigit_value(line[i]);
	}
	if (i == 0 || (i < n && line[i] != ';' && line[i] != ' ' && line[i] != '\t'))
		return FALSE;
	*ret_size = size;
	return TRUE;
}

static enum http_step step_chunk_size(struct http_reader *r)
{
	enum http_step step;
	const char *line;
	gsize n;

	if (!reader_line(r, &line, &n, &step))
		return step;
	if (!read_chunk_size(line, n, &r->left))
		return reader_bad(r, "a chunk's size cannot be read");
	if (r->left > r->body_max - r->body)
		return reader_bad(r, "the body is too long");
	r->state = r->left > 0 ? AT_CHUNK : AT_TRAILER;
	return HTTP_MORE;
}

static enum http_step step_chunk_end(struct http_reader *r)
{
	enum http_step step;
	const char *line;
	gsize n;

	if (!reader_line(r, &line, &n, &step))
		return step;
	if (n > 0)
		return reader_bad(r, "a chunk is longer than its size");
	r->state = AT_CHUNK_SIZE;
	return HTTP_MORE;
}

static enum http_step step_trailer(struct http_reader *r)
{
	enum http_step step;
	const char *line;
	gsize n;

	if (!reader_line(r, &line, &n, &step))
		return step;
	r->trailer += n;
	if (r->trailer > HTTP_HEAD_MAX)
		return reader_bad(r, "the trailer is too long");
	if (n > 0)
		return HTTP_MORE;
	r->state = AT_DONE;
	return HTTP_DONE;
}

static enum http_step reader_step(struct http_reader *r, const guint8 **ret_data, gsize *ret_n)
{
	switch (r->state) {
	case AT_STATUS:
		return step_status(r);
	case AT_HEAD:
		return step_head(r);
	case AT_LENGTH:
		return step_counted(r, AT_DONE, ret_data, ret_n);
	case AT_CHUNK_SIZE:
		return step_chunk_size(r);
	case AT_CHUNK:
		return step_counted(r, AT_CHUNK_END, ret_data, ret_n);
	case AT_CHUNK_END:
		return step_chunk_end(r);
	case AT_TRAILER:
		return step_trailer(r);
	case AT_CLOSE:
		return step_close(r, ret_data, ret_n);
	case AT_DONE:
		return HTTP_DONE;
	default:
		return HTTP_BAD;
	}
}

enum http_step http_reader_next(struct http_reader *r, const guint8 **ret_data, gsize *ret_n)
{
	for (;;) {
		enum http_state state = r->state;
		gsize waiting = frame_waiting(r->frame);
		enum http_step step = reader_step(r, ret_data, ret_n);

		/* A step that got on without anything to tell is followed by the next. */
		if (step != HTTP_MORE || (r->state == state && frame_waiting(r->frame) == waiting))
			return step;
	}
}

int http_reader_status(const struct http_reader *r)
{
	return r->status;
}

const struct fields *http_reader_fields(const struct http_reader *r)
{
	return &r->fields;
}

gint64 http_reader_length(const struct http_reader *r)
{
	return r->length;
}

gboolean http_reader_is_persistent(const struct http_reader *r)
{
	return r->is_persistent && !r->is_ended;
}

const guint8 *http_reader_rest(const struct http_reader *r, gsize *ret_n)
{
	return frame_peek(r->frame, ret_n);
}

const char *http_reader_why(const struct http_reader *r)
{
	return r->why;
}
