/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-http: requests over a connection that is kept, and every way a server can spoil one. */
#include <string.h>

#include "common/purple/conn.h"
#include "common/purple/http.h"
#include "tests/peers/tls-peer.h"
#include "tests/purple/core.h"

static PurpleAccount *the_account;
static struct tls_peer_cert *the_cert;

/* ---- somebody who asks ---- */

struct asker {
	struct http *http;
	guint n_answered, n_failed;
	int status;
	GString *body;
	char *field; /* X-Test of the last answer */
	struct reason why;
	gboolean is_freeing;   /* in whatever callback comes */
	const char *ask_again; /* this URL, in the next callback */
};

static gboolean asker_ask(struct asker *a, const char *url, const char *body)
{
	static const char *const headers[] = {"X-Secret", "sesame", NULL};

	return http_ask(a->http, &(struct http_request){
					 .method = body ? "POST" : "GET",
					 .url = url,
					 .headers = headers,
					 .body = body,
					 .body_n = body ? strlen(body) : 0,
					 .answer_max = 100000,
				 });
}

static void asker_told(struct asker *a)
{
	if (a->is_freeing)
		http_free(g_steal_pointer(&a->http));
	else if (a->ask_again)
		g_assert_true(asker_ask(a, g_steal_pointer(&a->ask_again), NULL));
}

static void asker_answered(struct http *h, const struct http_answer *answer, gpointer user)
{
	struct asker *a = user;

	g_assert_true(h == a->http);
	g_assert_false(http_is_busy(h));
	a->n_answered++;
	a->status = answer->status;
	asker_told(a);
	/* What was told is still there. */
	g_string_truncate(a->body, 0);
	g_string_append_len(a->body, (const char *)answer->body, answer->n);
	g_free(a->field);
	a->field = fields_dup(answer->fields, "x-test");
}

static void asker_failed(struct http *h, const struct reason *why, gpointer user)
{
	struct asker *a = user;

	g_assert_true(h == a->http);
	g_assert_false(http_is_busy(h));
	a->n_failed++;
	a->why = *why;
	asker_told(a);
}

static const struct http_handlers asker_handlers = {
	.answered = asker_answered,
	.failed = asker_failed,
};

static void asker_begin(struct asker *a)
{
	*a = (struct asker){.body = g_string_new(NULL)};
	a->http = http_new(the_account, &asker_handlers, a);
}

static void asker_end(struct asker *a)
{
	http_free(a->http);
	g_string_free(a->body, TRUE);
	g_free(a->field);
}

static char *url_of(const struct tls_peer *peer, const char *rest)
{
	return g_strdup_printf("http://127.0.0.1:%u%s", tls_peer_port(peer), rest);
}

static gboolean peer_has(struct tls_peer *peer, const char *text)
{
	return strstr(tls_peer_received(peer)->str, text) != NULL;
}

static void peer_says(struct tls_peer *peer, const char *octets)
{
	tls_peer_send(peer, octets, strlen(octets));
}

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define OK_HI "HTTP/1.1 200 OK\r\nX-Test: yes\r\nContent-Length: 2\r\n\r\nhi"

/* ---- tests ---- */

static void a_request_is_answered(void)
{
	struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){0});
	struct asker a;
	g_autofree char *url = url_of(peer, "/a?b=c");
	g_autofree char *host = g_strdup_printf("\r\nHost: 127.0.0.1:%u\r\n", tls_peer_port(peer));

	asker_begin(&a);
	g_assert_true(asker_ask(&a, url, "name=value"));
	g_assert_true(http_is_busy(a.http));
	g_assert_false(asker_ask(&a, url, NULL));
	core_until(peer_has(peer, "name=value"));
	g_assert_true(g_str_has_prefix(tls_peer_received(peer)->str, "POST /a?b=c HTTP/1.1\r\n"));
	g_assert_true(peer_has(peer, host));
	g_assert_true(peer_has(peer, "\r\nX-Secret: sesame\r\n"));
	g_assert_true(peer_has(peer, "\r\nContent-Length: 10\r\n"));
	peer_says(peer, OK_HI);
	core_until(a.n_answered == 1);
	g_assert_cmpint(a.status, ==, 200);
	g_assert_cmpstr(a.body->str, ==, "hi");
	g_assert_cmpstr(a.field, ==, "yes");
	g_assert_true(http_is_connected(a.http));
	asker_end(&a);
	core_until(tls_peer_count_open(peer) == 0);
	tls_peer_free(peer);
}

static void the_connection_is_kept(void)
{
	struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){0});
	struct asker a;
	g_autofree char *url = url_of(peer, "/first");
	g_autofree char *second = url_of(peer, "/second");

	asker_begin(&a);
	a.ask_again = second;
	g_assert_true(asker_ask(&a, url, NULL));
	core_until(peer_has(peer, "/first"));
	peer_says(peer, OK_EMPTY);
	core_until(peer_has(peer, "/second"));
	peer_says(peer, OK_HI);
	core_until(a.n_answered == 2);
	g_assert_cmpuint(tls_peer_count_accepted(peer), ==, 1);
	asker_end(&a);
	tls_peer_free(peer);
}

static void close_and_http_1_0_are_heeded(void)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
		"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
	};

	for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
		struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){0});
		struct asker a;
		g_autofree char *url = url_of(peer, "/");

		asker_begin(&a);
		g_assert_true(asker_ask(&a, url, NULL));
		core_until(peer_has(peer, "\r\n\r\n"));
		peer_says(peer, answers[i]);
		core_until(a.n_answered == 1);
		g_assert_false(http_is_connected(a.http));
		g_assert_true(asker_ask(&a, url, NULL));
		core_until(tls_peer_count_accepted(peer) == 2);
		asker_end(&a);
		tls_peer_free(peer);
	}
}

static void a_body_may_end_with_the_connection(void)
{
	struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){0});
	struct asker a;
	g_autofree char *url = url_of(peer, "/");

	asker_begin(&a);
	g_assert_true(asker_ask(&a, url, NULL));
	core_until(peer_has(peer, "\r\n\r\n"));
	peer_says(peer, "HTTP/1.1 200 OK\r\n\r\nall there is");
	tls_peer_end(peer);
	core_until(a.n_answered == 1);
	g_assert_cmpstr(a.body->str, ==, "all there is");
	asker_end(&a);
	tls_peer_free(peer);
}

static void a_kept_connection_that_has_ended_is_replaced(void)
{
	struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){0});
	struct asker a;
	g_autofree char *url = url_of(peer, "/");

	asker_begin(&a);
	g_assert_true(asker_ask(&a, url, "first"));
	core_until(peer_has(peer, "first"));
	peer_says(peer, OK_EMPTY);
	core_until(a.n_answered == 1);
	/* Both in one turn: the end is noticed only after the request has been written. */
	tls_peer_end(peer);
	g_assert_true(asker_ask(&a, url, "second"));
	core_until(tls_peer_count_accepted(peer) == 2 && peer_has(peer, "second"));
	peer_says(peer, OK_HI);
	core_until(a.n_answered == 2);
	/* Once only: a server that always does so is not worth more. */
	tls_peer_end(peer);
	core_until(!http_is_connected(a.http));
	asker_end(&a);
	tls_peer_free(peer);
}

static void a_first_connection_that_ends_has_failed(void)
{
	struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){.end_after = 10});
	struct asker a;
	g_autofree char *url = url_of(peer, "/");

	asker_begin(&a);
	g_assert_true(asker_ask(&a, url, NULL));
	core_until(a.n_failed == 1);
	g_assert_cmpuint(tls_peer_count_accepted(peer), ==, 1);
	g_assert_true(a.why.kind == REASON_CLOSED || a.why.kind == REASON_LOST);
	asker_end(&a);
	tls_peer_free(peer);
}

static void nobody_listens(void)
{
	struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){0});
	g_autofree char *url = url_of(peer, "/");
	struct asker a;

	tls_peer_free(peer);
	asker_begin(&a);
	g_assert_true(asker_ask(&a, url, NULL));
	g_assert_cmpuint(a.n_failed, ==, 0);
	core_until(a.n_failed == 1);
	g_assert_cmpint(a.why.kind, ==, REASON_REFUSED);
	g_assert_cmpstr(a.why.host, ==, "127.0.0.1");
	asker_end(&a);
}

static const struct spoilt {
	const char *path, *answer;
	gboolean is_ended;
} spoilt[] = {
	{"another-protocol", "220 mail.example.com ESMTP\r\n", FALSE},
	{"a-body-that-breaks-off", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal", TRUE},
	{"a-head-that-breaks-off", "HTTP/1.1 200 OK\r\nContent-", TRUE},
	{"two-lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nhi",
	 FALSE},
	{"a-body-announced-too-large", "HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n", FALSE},
};

static void is_spoilt(gconstpointer data)
{
	const struct spoilt *s = data;
	struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){0});
	struct asker a;
	g_autofree char *url = url_of(peer, "/");

	asker_begin(&a);
	g_assert_true(asker_ask(&a, url, NULL));
	core_until(peer_has(peer, "\r\n\r\n"));
	peer_says(peer, s->answer);
	if (s->is_ended)
		tls_peer_end(peer);
	core_until(a.n_failed + a.n_answered == 1);
	g_assert_cmpuint(a.n_failed, ==, 1);
	g_assert_cmpint(a.why.kind, ==, REASON_LOST);
	g_assert_cmpstr(a.why.detail, !=, "");
	g_assert_false(http_is_connected(a.http));
	asker_end(&a);
	tls_peer_free(peer);
}

static void a_body_without_end_is_cut_off(void)
{
	struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){0});
	struct asker a;
	g_autofree char *url = url_of(peer, "/");
	g_autofree char *lot = g_strnfill(200000, 'x');

	asker_begin(&a);
	g_assert_true(asker_ask(&a, url, NULL));
	core_until(peer_has(peer, "\r\n\r\n"));
	peer_says(peer, "HTTP/1.1 200 OK\r\n\r\n");
	peer_says(peer, lot);
	core_until(a.n_failed == 1);
	g_assert_cmpint(a.why.kind, ==, REASON_LOST);
	asker_end(&a);
	tls_peer_free(peer);
}

static void silence_ends_in_time(void)
{
	struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){0});
	struct asker a;
	g_autofree char *url = url_of(peer, "/");

	asker_begin(&a);
	g_assert_true(asker_ask(&a, url, NULL));
	core_until(peer_has(peer, "\r\n\r\n"));
	core_pass(HTTP_TIMEOUT_MS - 1);
	core_idle();
	g_assert_cmpuint(a.n_failed, ==, 0);
	core_pass(1);
	core_until(a.n_failed == 1);
	g_assert_cmpint(a.why.kind, ==, REASON_TIMEOUT);
	asker_end(&a);
	tls_peer_free(peer);
}

static void an_answer_to_nothing_ends_the_connection(void)
{
	struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){0});
	struct asker a;
	g_autofree char *url = url_of(peer, "/");

	asker_begin(&a);
	g_assert_true(asker_ask(&a, url, NULL));
	core_until(peer_has(peer, "\r\n\r\n"));
	peer_says(peer, OK_EMPTY);
	core_until(a.n_answered == 1);
	peer_says(peer, OK_HI);
	core_until(tls_peer_count_open(peer) == 0);
	g_assert_cmpuint(a.n_answered, ==, 1);
	g_assert_false(http_is_connected(a.http));
	asker_end(&a);
	tls_peer_free(peer);
}

static void freeing_in_a_callback_is_fine(void)
{
	struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){0});
	struct asker a;
	g_autofree char *url = url_of(peer, "/");

	asker_begin(&a);
	a.is_freeing = TRUE;
	g_assert_true(asker_ask(&a, url, NULL));
	core_until(peer_has(peer, "\r\n\r\n"));
	peer_says(peer, OK_HI);
	core_until(a.n_answered == 1);
	g_assert_cmpstr(a.body->str, ==, "hi");
	core_until(tls_peer_count_open(peer) == 0);
	asker_end(&a);
	tls_peer_free(peer);
}

static void freed_while_asking_is_silent(void)
{
	struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){0});
	struct asker a;
	g_autofree char *url = url_of(peer, "/");
	guint handles = core_count_handles();

	asker_begin(&a);
	g_assert_true(asker_ask(&a, url, NULL));
	http_free(g_steal_pointer(&a.http));
	core_idle();
	g_assert_cmpuint(a.n_answered + a.n_failed, ==, 0);
	g_assert_cmpuint(core_count_handles(), ==, handles);
	asker_end(&a);
	tls_peer_free(peer);
}

static void what_is_no_request_is_refused(void)
{
	static const char *const urls[] = {"ftp://example.com/", "http://", "/path",
					   "http://user@example.com/", "http://a b/"};
	struct asker a;

	asker_begin(&a);
	for (guint i = 0; i < G_N_ELEMENTS(urls); i++)
		g_assert_false(asker_ask(&a, urls[i], NULL));
	core_idle();
	g_assert_cmpuint(a.n_answered + a.n_failed, ==, 0);
	asker_end(&a);
}

static void no_more_connecting_means_it(void)
{
	struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){0});
	struct asker a;
	g_autofree char *url = url_of(peer, "/");
	g_autofree char *last = url_of(peer, "/last");

	asker_begin(&a);
	g_assert_true(asker_ask(&a, url, NULL));
	core_until(peer_has(peer, "\r\n\r\n"));
	peer_says(peer, OK_EMPTY);
	core_until(a.n_answered == 1);
	http_no_more_connecting(a.http);
	g_assert_true(asker_ask(&a, last, NULL));
	core_until(peer_has(peer, "/last"));
	tls_peer_end(peer);
	core_until(a.n_failed == 1);
	g_assert_false(asker_ask(&a, last, NULL));
	g_assert_cmpuint(tls_peer_count_accepted(peer), ==, 1);
	asker_end(&a);
	tls_peer_free(peer);
}

static void https_names_the_host(void)
{
	struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){.cert = the_cert});
	struct asker a;
	g_autofree char *good = g_strdup_printf("https://good.test:%u/", tls_peer_port(peer));
	g_autofree char *bad = g_strdup_printf("https://bad.test:%u/", tls_peer_port(peer));

	core_dns_host("good.test", "127.0.0.1");
	core_dns_host("bad.test", "127.0.0.1");
	core_answer(CORE_ANSWER_REJECT);
	asker_begin(&a);
	g_assert_true(asker_ask(&a, good, NULL));
	core_until(peer_has(peer, "\r\n\r\n"));
	g_assert_cmpstr(tls_peer_sni(peer), ==, "good.test");
	peer_says(peer, OK_HI);
	core_until(a.n_answered == 1);
	/* Another place: the connection is not the right one. */
	g_assert_true(asker_ask(&a, bad, NULL));
	core_until(a.n_failed == 1);
	g_assert_cmpint(a.why.kind, ==, REASON_CERT_NAME);
	asker_end(&a);
	core_dns_clear();
	tls_peer_free(peer);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	core_start();
	the_account = core_account("asker");
	the_cert = tls_peer_cert_new(&(struct tls_peer_names){.dns = "good.test"}, TLS_PEER_CA,
				     -TLS_PEER_DAY, TLS_PEER_DAY, GNUTLS_PK_ECDSA);
	g_assert_true(cert_trust(tls_peer_ca_pem()));
	g_test_add_func("/http/a-request-is-answered", a_request_is_answered);
	g_test_add_func("/http/the-connection-is-kept", the_connection_is_kept);
	g_test_add_func("/http/close-and-http-1.0-are-heeded", close_and_http_1_0_are_heeded);
	g_test_add_func("/http/a-body-may-end-with-the-connection",
			a_body_may_end_with_the_connection);
	g_test_add_func("/http/a-kept-connection-that-has-ended-is-replaced",
			a_kept_connection_that_has_ended_is_replaced);
	g_test_add_func("/http/a-first-connection-that-ends-has-failed",
			a_first_connection_that_ends_has_failed);
	g_test_add_func("/http/nobody-listens", nobody_listens);
	for (guint i = 0; i < G_N_ELEMENTS(spoilt); i++) {
		g_autofree char *path = g_strconcat("/http/spoilt-by-", spoilt[i].path, NULL);

		g_test_add_data_func(path, &spoilt[i], is_spoilt);
	}
	g_test_add_func("/http/a-body-without-end-is-cut-off", a_body_without_end_is_cut_off);
	g_test_add_func("/http/silence-ends-in-time", silence_ends_in_time);
	g_test_add_func("/http/an-answer-to-nothing-ends-the-connection",
			an_answer_to_nothing_ends_the_connection);
	g_test_add_func("/http/freeing-in-a-callback-is-fine", freeing_in_a_callback_is_fine);
	g_test_add_func("/http/freed-while-asking-is-silent", freed_while_asking_is_silent);
	g_test_add_func("/http/what-is-no-request-is-refused", what_is_no_request_is_refused);
	g_test_add_func("/http/no-more-connecting-means-it", no_more_connecting_means_it);
	g_test_add_func("/http/https-names-the-host", https_names_the_host);
	status = g_test_run();
	conn_forget_sessions();
	core_stop();
	tls_peer_cert_free(the_cert);
	tls_peer_forget();
	return status;
}
