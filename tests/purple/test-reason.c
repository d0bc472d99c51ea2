/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-reason: every kind has a sentence that names the place and what to do, and the right weight.
 */
#include <errno.h>
#include <string.h>

#include "common/purple/reason.h"

static void test_sentences(void)
{
	enum reason_kind kind;

	for (kind = REASON_DNS; kind <= REASON_NO_TLS; kind++) {
		struct reason r;
		char *text;

		reason_set(&r, kind, "example.org", 5222, NULL);
		text = reason_text(&r);
		g_assert_nonnull(strstr(text, "example.org, port 5222"));
		g_assert_null(strchr(text, '%'));
		g_assert_true(g_str_has_suffix(text, "."));
		/* what happened, and what to do */
		g_assert_true(strstr(text, ". ") || kind == REASON_CERT_REVOKED);
		g_free(text);
	}
}

static void test_place(void)
{
	struct reason r;
	char *text;

	reason_set(&r, REASON_REFUSED, NULL, 0, NULL);
	text = reason_text(&r);
	g_assert_true(g_str_has_prefix(text, "Nobody answers at the server. "));
	g_free(text);
	reason_set(&r, REASON_REFUSED, "example.org", 0, NULL);
	text = reason_text(&r);
	g_assert_true(g_str_has_prefix(text, "Nobody answers at example.org. "));
	g_free(text);
}

static void test_detail(void)
{
	struct reason r;
	char *text;

	reason_set(&r, REASON_PROXY, "example.org", 443, "wrong\npassword \xff%s");
	text = reason_text(&r);
	g_assert_true(g_utf8_validate(text, -1, NULL));
	g_assert_null(strchr(text, '\n'));
	g_assert_nonnull(strstr(text, "(wrong password "));
	g_assert_nonnull(strstr(text, "%s"));
	g_free(text);
}

static void test_long_words(void)
{
	char *endless = g_strnfill(5000, 'x');
	struct reason r;

	reason_set(&r, REASON_TLS, endless, 1, endless);
	g_assert_cmpuint(strlen(r.host), <, sizeof(r.host));
	g_assert_cmpuint(strlen(r.detail), <, sizeof(r.detail));
	g_assert_cmpuint(strlen(r.detail), >, 200);
	g_free(endless);
}

static void test_own_words(void)
{
	struct reason r;

	reason_set(&r, REASON_TLS, "example.org", 5222, "alert");
	reason_set(&r, REASON_LOST, r.host, 5223, r.detail);
	g_assert_cmpstr(r.host, ==, "example.org");
	g_assert_cmpstr(r.detail, ==, "alert");
	g_assert_cmpint(r.kind, ==, REASON_LOST);
}

static void test_weight(void)
{
	static const struct {
		enum reason_kind kind;
		gboolean is_fatal;
	} rows[] = {
		{REASON_DNS, FALSE},	     {REASON_REFUSED, FALSE},
		{REASON_TIMEOUT, FALSE},     {REASON_LOST, FALSE},
		{REASON_CLOSED, FALSE},	     {REASON_PROXY, FALSE},
		{REASON_UNREACHABLE, FALSE}, {REASON_TLS, FALSE},
		{REASON_TLS_VERSION, TRUE},  {REASON_ALPN, TRUE},
		{REASON_NOT_OFFERED, TRUE},  {REASON_CERT_EXPIRED, TRUE},
		{REASON_CERT_NAME, TRUE},    {REASON_CERT_UNTRUSTED, TRUE},
		{REASON_CERT_NONE, TRUE},    {REASON_CERT_OTHER, TRUE},
		{REASON_CERT_REVOKED, TRUE}, {REASON_CERT_NOT_YET, TRUE},
		{REASON_NO_TLS, TRUE},	     {REASON_CERT_SELF_SIGNED, TRUE},
	};
	guint i;

	g_assert_cmpuint(G_N_ELEMENTS(rows), ==, REASON_NO_TLS + 1);
	for (i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct reason r;

		reason_set(&r, rows[i].kind, NULL, 0, NULL);
		g_assert_cmpint(purple_connection_error_is_fatal(reason_error(&r)), ==,
				rows[i].is_fatal);
	}
}

static void test_errno(void)
{
	g_assert_cmpint(reason_of_errno(ECONNREFUSED), ==, REASON_REFUSED);
	g_assert_cmpint(reason_of_errno(EHOSTUNREACH), ==, REASON_UNREACHABLE);
	g_assert_cmpint(reason_of_errno(ETIMEDOUT), ==, REASON_TIMEOUT);
	g_assert_cmpint(reason_of_errno(ECONNRESET), ==, REASON_LOST);
	g_assert_cmpint(reason_of_errno(EPIPE), ==, REASON_LOST);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/reason/each-kind-says-where-and-what-to-do", test_sentences);
	g_test_add_func("/reason/an-unknown-place-is-the-server", test_place);
	g_test_add_func("/reason/anothers-words-are-repaired", test_detail);
	g_test_add_func("/reason/endless-words-are-cut", test_long_words);
	g_test_add_func("/reason/may-be-set-from-itself", test_own_words);
	g_test_add_func("/reason/reconnects-only-where-that-may-help", test_weight);
	g_test_add_func("/reason/errno-becomes-a-kind", test_errno);
	return g_test_run();
}
