/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-http_msg: requests say what was asked and no more, responses are read in any pieces. */
#include "common/http_msg.h"

#include <string.h>

/* ---- URLs ---- */

static void test_urls_read(void)
{
	static const struct {
		const char *url, *host;
		guint16 port;
		const char *target, *written;
	} cases[] = {
		{"http://example.com", "example.com", 80, "/", "http://example.com/"},
		{"HTTPS://Example.COM/Path?q=1#f", "example.com", 443, "/Path?q=1",
		 "https://example.com/Path?q=1"},
		{"https://localhost:8443/login", "localhost", 8443, "/login",
		 "https://localhost:8443/login"},
		{"http://example.com?q", "example.com", 80, "/?q", "http://example.com/?q"},
		{"http://[2001:DB8::1]:81/", "2001:db8::1", 81, "/", "http://[2001:db8::1]:81/"},
		{"http://[::1]", "::1", 80, "/", "http://[::1]/"},
		{"http://example.com:/", "example.com", 80, "/", "http://example.com/"},
		{"https://example.com:80/", "example.com", 80, "/", "https://example.com:80/"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct http_url u;
		g_autofree char *written = NULL;

		g_assert_true(http_url_read(cases[i].url, &u));
		g_assert_cmpstr(u.host, ==, cases[i].host);
		g_assert_cmpuint(u.port, ==, cases[i].port);
		g_assert_cmpstr(u.target, ==, cases[i].target);
		written = http_url_write(&u);
		g_assert_cmpstr(written, ==, cases[i].written);
		http_url_clear(&u);
	}
}

static void test_urls_refused(void)
{
	static const char *const urls[] = {
		"",
		"example.com",
		"ftp://example.com/",
		"file:///etc/passwd",
		"javascript:alert(1)",
		"http:/example.com",
		"http://",
		"http:///path",
		"http://user@example.com/",
		"http://user:secret@example.com/",
		"http://example.com:0/",
		"http://example.com:65536/",
		"http://example.com:8x/",
		"http://exa mple.com/",
		"http://example.com/a b",
		"http://example.com/\r\nEvil: 1",
		"http://ex\xc3\xa4mple.com/",
		"http://[::1/",
		"http://[]/",
		"http://[::1]x/",
		"http://exam%70le.com/",
	};
	struct http_url u = {.port = 7};

	for (guint i = 0; i < G_N_ELEMENTS(urls); i++)
		g_assert_false(http_url_read(urls[i], &u));
	g_assert_cmpuint(u.port, ==, 7);
}

static void test_urls_join(void)
{
	static const struct {
		const char *base, *location, *expected;
	} cases[] = {
		{"https://a.example/x/y?q", "https://b.example/z", "https://b.example/z"},
		{"https://a.example/x/y?q", "http://b.example", "http://b.example/"},
		{"https://a.example:8443/x/y?q", "/z?r", "https://a.example:8443/z?r"},
		{"https://a.example/x/y?q", "z", "https://a.example/x/z"},
		{"https://a.example/x/y?q", "?r", "https://a.example/x/y?r"},
		{"https://a.example/x/y?q", "", "https://a.example/x/y?q"},
		{"https://a.example/x/y?q", "#f", "https://a.example/x/y?q"},
		{"http://a.example/x", "//b.example/z", "http://b.example/z"},
		{"http://a.example/x?u=/y", "z", "http://a.example/z"},
		{"https://a.example/", "javascript:alert(1)", NULL},
		{"https://a.example/", "/a\r\nb", NULL},
		{"not a url", "/x", NULL},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *joined = http_url_join(cases[i].base, cases[i].location);

		g_assert_cmpstr(joined, ==, cases[i].expected);
	}
}

/* ---- requests ---- */

static void test_requests(void)
{
	static const char *const headers[] = {"Content-Type", "text/plain", "Empty", "", NULL};
	g_autoptr(GString) out = g_string_new(NULL);
	struct http_url u;

	g_assert_true(http_url_read("https://[::1]:8443/a?b=c", &u));
	g_assert_true(http_request_write(out, "GET", &u, NULL, -1));
	g_assert_cmpstr(out->str, ==, "GET /a?b=c HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n");
	g_string_truncate(out, 0);
	g_assert_true(http_request_write(out, "POST", &u, headers, 0));
	g_assert_cmpstr(out->str, ==,
			"POST /a?b=c HTTP/1.1\r\nHost: [::1]:8443\r\nContent-Type: text/plain\r\n"
			"Empty: \r\nContent-Length: 0\r\n\r\n");
	http_url_clear(&u);
}

static void test_requests_refused(void)
{
	static const char *const bad[][3] = {
		{"A", "b\r\nEvil: 1", NULL},
		{"A\r\nEvil", "b", NULL},
		{"", "b", NULL},
		{"Host", "b", NULL},
		{"content-length", "1", NULL},
		{"A", NULL, NULL},
		{"Transfer-Encoding", "chunked", NULL},
	};
	g_autoptr(GString) out = g_string_new("before");
	struct http_url u;

	g_assert_true(http_url_read("http://example.com/", &u));
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
		g_assert_false(http_request_write(out, "GET", &u, bad[i], -1));
	g_assert_false(http_request_write(out, "GET /x HTTP/1.0\r\n", &u, NULL, -1));
	g_assert_false(http_request_write(out, "", &u, NULL, -1));
	http_url_clear(&u);
	u = (struct http_url){.host = (char *)"example.com", .port = 80, .target = (char *)"/ x"};
	g_assert_false(http_request_write(out, "GET", &u, NULL, -1));
	g_assert_cmpstr(out->str, ==, "before");
}

/* ---- responses ---- */

struct telling {
	GString *text; /* "200 [body] done" */
	gboolean is_over;
};

/* Everything the reader has to tell, as text that does not depend on the pieces. */
static void tell(struct http_reader *r, struct telling *t)
{
	const guint8 *data = NULL;
	gsize n = 0;

	while (!t->is_over) {
		switch (http_reader_next(r, &data, &n)) {
		case HTTP_MORE:
			return;
		case HTTP_HEAD:
			g_string_append_printf(t->text, "%d ", http_reader_status(r));
			break;
		case HTTP_BODY:
			g_assert_cmpuint(n, >, 0);
			g_string_append_len(t->text, (const char *)data, n);
			break;
		case HTTP_DONE:
			g_string_append_printf(t->text, " done%s",
					       http_reader_is_persistent(r) ? " again" : "");
			t->is_over = TRUE;
			break;
		default:
			g_string_append_printf(t->text, " bad: %s", http_reader_why(r));
			t->is_over = TRUE;
		}
	}
}

static char *read_response(const char *stream, gsize piece, gboolean is_head, gboolean has_end)
{
	struct http_reader *r = http_reader_new(is_head, 20);
	struct telling t = {.text = g_string_new(NULL)};
	gsize n = strlen(stream);

	for (gsize at = 0; at < n; at += piece) {
		g_assert_true(http_reader_feed(r, stream + at, MIN(piece, n - at)));
		tell(r, &t);
	}
	if (has_end) {
		http_reader_end(r);
		tell(r, &t);
	}
	http_reader_free(r);
	return g_string_free(t.text, FALSE);
}

#define OK "HTTP/1.1 200 OK\r\n"

static const struct response {
	const char *stream, *expected;
	gboolean is_head, has_end;
} responses[] = {
	{OK "Content-Length: 5\r\n\r\nhello", "200 hello done again"},
	{OK "Content-Length: 5\r\n\r\nhelloHTTP", "200 hello done again"},
	{OK "Content-Length: 0\r\n\r\n", "200  done again"},
	{OK "content-length: 2\nConnection: x, Close\n\nhi", "200 hi done"},
	{"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "200 hi done"},
	{"HTTP/1.0 200\r\nContent-Length: 2\r\nConnection: Keep-Alive\r\n\r\nhi",
	 "200 hi done again"},
	{OK "\r\nuntil the end", "200 until the end", FALSE, FALSE},
	{OK "\r\nuntil the end", "200 until the end done", FALSE, TRUE},
	{OK "\r\nlonger than the caller wants", NULL, FALSE, FALSE},
	{OK "Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nT: v\r\n\r\n",
	 "200 hello! done again"},
	{OK "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", "200  done"},
	{OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n",
	 "200 hello bad: a chunk is longer than its size"},
	{OK "Transfer-Encoding: chunked\r\n\r\nx\r\n", "200  bad: a chunk's size cannot be read"},
	{OK "Transfer-Encoding: chunked\r\n\r\n15\r\n", "200  bad: the body is too long"},
	{OK "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
	 "200  bad: a chunk's size cannot be read"},
	{OK "Transfer-Encoding: gzip, chunked\r\n\r\n", " bad: a transfer coding nobody asked for"},
	{OK "Content-Length: 21\r\n\r\n", " bad: the body is too long"},
	{OK "Content-Length: -1\r\n\r\n", " bad: Content-Length is no number"},
	{OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\n", " bad: Content-Length is no number"},
	{OK "Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi", "200 hi done again"},
	{OK "Content-Length: 9\r\n\r\nhello", "200 hello bad: the stream ended within the response",
	 FALSE, TRUE},
	{OK "Content-Len", " bad: the stream ended within the response", FALSE, TRUE},
	{"", " bad: the stream ended within the response", FALSE, TRUE},
	{OK "Content-Length: 5\r\n\r\n", "200  done again", TRUE},
	{"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "204  done again"},
	{"HTTP/1.1 304 Not Modified\r\n\r\n", "304  done again"},
	{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n" OK
	 "Content-Length: 2\r\n\r\nhi",
	 "200 hi done again"},
	{"HTTP/1.1 101 Switching\r\n\r\n", " bad: another protocol is offered"},
	{"SSH-2.0-OpenSSH\r\n", " bad: the answer is not HTTP/1"},
	{"HTTP/2 200\r\n", " bad: the answer is not HTTP/1"},
	{"HTTP/1.1 20x OK\r\n", " bad: the answer is not HTTP/1"},
	{"HTTP/1.1 099 OK\r\n", " bad: the answer is not HTTP/1"},
	{"HTTP/1.1 2000 OK\r\n", " bad: the answer is not HTTP/1"},
	{OK "no colon\r\n\r\n", " bad: the header block cannot be read"},
};

static void test_responses(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(responses); i++) {
		const struct response *c = &responses[i];

		for (gsize piece = 1; piece <= strlen(c->stream) + 1; piece++) {
			g_autofree char *told =
				read_response(c->stream, piece, c->is_head, c->has_end);

			if (c->expected)
				g_assert_cmpstr(told, ==, c->expected);
			else
				g_assert_nonnull(strstr(told, "bad: the body is too long"));
		}
	}
}

static void test_fields_and_rest(void)
{
	static const char stream[] = OK "Content-Length: 2\r\nX-A: b\r\n\r\nhiHTTP/1.1 ";
	struct http_reader *r = http_reader_new(FALSE, 20);
	const guint8 *data;
	gsize n;
	g_autofree char *value = NULL;

	g_assert_true(http_reader_feed(r, stream, strlen(stream)));
	g_assert_cmpint(http_reader_next(r, &data, &n), ==, HTTP_HEAD);
	g_assert_cmpint(http_reader_length(r), ==, 2);
	value = fields_dup(http_reader_fields(r), "x-a");
	g_assert_cmpstr(value, ==, "b");
	g_assert_cmpint(http_reader_next(r, &data, &n), ==, HTTP_BODY);
	g_assert_cmpint(http_reader_next(r, &data, &n), ==, HTTP_DONE);
	g_assert_cmpint(http_reader_next(r, &data, &n), ==, HTTP_DONE);
	data = http_reader_rest(r, &n);
	g_assert_cmpmem(data, n, "HTTP/1.1 ", 9);
	http_reader_free(r);
	http_reader_free(NULL);
}

/* Feeds text again and again until the reader has had enough. */
static const char *drown(const char *first, const char *text)
{
	struct http_reader *r = http_reader_new(FALSE, 20);
	const guint8 *data;
	gsize n;
	const char *why = NULL;

	g_assert_true(http_reader_feed(r, first, strlen(first)));
	for (guint i = 0; i < 100000 && !why; i++) {
		g_assert_true(http_reader_feed(r, text, strlen(text)));
		while (http_reader_next(r, &data, &n) == HTTP_HEAD)
			;
		why = http_reader_why(r);
	}
	http_reader_free(r);
	return why;
}

static void test_limits(void)
{
	g_assert_cmpstr(drown(OK, "a: b\r\n"), ==, "the header block is too long");
	g_assert_cmpstr(drown(OK, "x"), ==, "a line is too long");
	g_assert_cmpstr(drown("", "x"), ==, "a line is too long");
	g_assert_cmpstr(drown("", "HTTP/1.1 100 \r\n\r\n"), ==, "too many interim responses");
	g_assert_cmpstr(drown(OK "Transfer-Encoding: chunked\r\n\r\n0\r\n", "T: v\r\n"), ==,
			"the trailer is too long");
}

static void test_feeding_is_bounded(void)
{
	struct http_reader *r = http_reader_new(FALSE, 20);
	g_autofree char *piece = g_strnfill(65536, 'x');
	guint fed = 0;

	while (fed < 1000 && http_reader_feed(r, piece, 65536))
		fed++;
	g_assert_cmpuint(fed, <, 1000);
	http_reader_free(r);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/http_msg/urls-are-taken-apart-and-put-together", test_urls_read);
	g_test_add_func("/http_msg/other-urls-are-refused", test_urls_refused);
	g_test_add_func("/http_msg/locations-are-resolved", test_urls_join);
	g_test_add_func("/http_msg/requests-are-framed", test_requests);
	g_test_add_func("/http_msg/nothing-breaks-out-of-a-request", test_requests_refused);
	g_test_add_func("/http_msg/responses-in-any-pieces", test_responses);
	g_test_add_func("/http_msg/fields-and-what-follows", test_fields_and_rest);
	g_test_add_func("/http_msg/heads-and-trailers-are-bounded", test_limits);
	g_test_add_func("/http_msg/feeding-is-bounded", test_feeding_is_bounded);
	return g_test_run();
}
