/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-sasl: SCRAM against published exchanges, and every way a server can get it wrong. */
#include "plugins/xmpp-lite/wire/sasl.h"

#include <string.h>

#include "plugins/xmpp-lite/wire/jid.h"

/* ---- base64 and PLAIN ---- */

static void test_base64(void)
{
	static const struct {
		const char *text, *octets;
		gssize n; /* -1: refused */
	} cases[] = {
		{"", "", 0},
		{"AA==", "\0", 1},
		{"Zg==", "f", 1},
		{"Zm8=", "fo", 2},
		{"Zm9v", "foo", 3},
		{"+/+/", "\xfb\xff\xbf", 3},
		{"Zm9vYmFy", "foobar", 6},
		{"Zg", NULL, -1},
		{"Zg=", NULL, -1},
		{"Zh==", NULL, -1}, /* stray bits */
		{"Zm9=", NULL, -1},
		{"Zg===", NULL, -1},
		{"====", NULL, -1},
		{"=", NULL, -1},
		{"=AAA", NULL, -1},
		{"Z===", NULL, -1},
		{"Zg==Zg==", NULL, -1},
		{"Zm 9v", NULL, -1},
		{"Zm9v\n", NULL, -1},
		{" Zm9v", NULL, -1},
		{"Zm-_", NULL, -1},
		{"Zm9\xc3", NULL, -1},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GBytes) octets = sasl_base64_decode(cases[i].text);
		gsize n = 0;
		const char *data = octets ? g_bytes_get_data(octets, &n) : NULL;

		g_assert_cmpint(octets ? (gssize)n : -1, ==, cases[i].n);
		if (n > 0)
			g_assert_cmpmem(data, n, cases[i].octets, cases[i].n);
	}
}

static void test_plain(void)
{
	g_autoptr(GBytes) message = sasl_plain("tim", "tanstaaftanstaaf");
	gsize n;
	const char *data = g_bytes_get_data(message, &n);

	g_assert_cmpmem(data, n, "\0tim\0tanstaaftanstaaf", 21);
}

/* ---- SCRAM ---- */

struct exchange {
	enum scram_hash hash;
	const char *user, *password, *channel_binding, *binding;
	gboolean can_bind;
	const char *nonce, *client_first, *server_first, *client_final, *server_final;
};

#define NONCE_1 "fyko+d2lbbFgONRv9qkxdawL"
#define NONCE_256 "rOprNGfwEbeRWgbNEkqO"
#define BOTH_1 NONCE_1 "3rfcNHYJY1ZVvWVs7j"
#define BOTH_256 NONCE_256 "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define SALT_1 ",s=QSXCR+Q6sek8bf92,i=4096"
#define SALT_256 ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define NONCE_PLUS "12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6"
#define BOTH_PLUS NONCE_PLUS "a09117a6-ac50-4f2f-93f1-93799c2bddf6"

static const struct exchange published[] = {
	/* RFC 5802 section 5 */
	{SCRAM_SHA_1, "user", "pencil", NULL, NULL, FALSE, NONCE_1, "n,,n=user,r=" NONCE_1,
	 "r=" BOTH_1 SALT_1,
	 "c=biws,r=" BOTH_1 ",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="},
	/* RFC 7677 section 3 */
	{SCRAM_SHA_256, "user", "pencil", NULL, NULL, FALSE, NONCE_256, "n,,n=user,r=" NONCE_256,
	 "r=" BOTH_256 SALT_256,
	 "c=biws,r=" BOTH_256 ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
	 "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="},
	/* The same with SHA-512, computed independently. */
	{SCRAM_SHA_512, "user", "pencil", NULL, NULL, FALSE, NONCE_256, "n,,n=user,r=" NONCE_256,
	 "r=" BOTH_256 SALT_256,
	 "c=biws,r=" BOTH_256 ",p=gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2"
	 "xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==",
	 "v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDane"
	 "kLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw=="},
	/* Channel binding and XEP-0474's attribute in server-first, computed independently. */
	{SCRAM_SHA_1, "user", "pencil", "tls-exporter", "THIS IS FAKE CB DATA", TRUE, NONCE_PLUS,
	 "p=tls-exporter,,n=user,r=" NONCE_PLUS,
	 "r=" BOTH_PLUS SALT_1 ",h=G6k/rBLDqgOhRRaCuuatSDFkJ08=",
	 "c=cD10bHMtZXhwb3J0ZXIsLFRISVMgSVMgRkFLRSBDQiBEQVRB,r=" BOTH_PLUS
	 ",p=NWgTsQJvWgbXKxbqd3P4BNurjkU=",
	 "v=EMsYR2n9LecK8qm5xR19xuvM1jw="},
};

static struct scram *start(const struct exchange *x)
{
	g_autoptr(GBytes) binding = x->binding ? g_bytes_new(x->binding, strlen(x->binding)) : NULL;

	return scram_new(x->hash, x->user, x->password, x->channel_binding, binding, x->can_bind,
			 x->nonce);
}

static enum scram_result feed_first(struct scram *s, const char *text, const char **ret_final)
{
	return scram_client_final(s, text, strlen(text), ret_final);
}

static enum scram_result feed_final(struct scram *s, const char *text)
{
	return scram_verify(s, text, strlen(text));
}

static void test_published(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(published); i++) {
		const struct exchange *x = &published[i];
		struct scram *s = start(x);
		const char *final = NULL;

		g_assert_cmpstr(scram_client_first(s), ==, x->client_first);
		g_assert_cmpint(feed_first(s, x->server_first, &final), ==, SCRAM_OK);
		g_assert_cmpstr(final, ==, x->client_final);
		g_assert_cmpint(feed_final(s, x->server_final), ==, SCRAM_OK);
		scram_free(s);
	}
}

static void test_binding_flags(void)
{
	struct exchange x = published[0];
	struct scram *s;
	const char *final = NULL;

	x.can_bind = TRUE;
	s = start(&x);
	g_assert_true(g_str_has_prefix(scram_client_first(s), "y,,n=user,r="));
	g_assert_cmpint(feed_first(s, x.server_first, &final), ==, SCRAM_OK);
	g_assert_true(g_str_has_prefix(final, "c=eSws,r="));
	/* y,, enters the proof: a man in the middle cannot change it. */
	g_assert_null(strstr(final, "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="));
	scram_free(s);
}

static void test_names_are_escaped(void)
{
	struct exchange x = published[0];
	struct scram *s;

	x.user = "a=b,c\xc2\xad";
	s = start(&x);
	g_assert_cmpstr(scram_client_first(s), ==, "n,,n=a=3Db=2Cc,r=" NONCE_1);
	scram_free(s);
}

static char *final_for(const char *password)
{
	struct exchange x = published[0];
	const char *final = NULL;
	struct scram *s;
	char *result;

	x.password = password;
	s = start(&x);
	g_assert_cmpint(feed_first(s, x.server_first, &final), ==, SCRAM_OK);
	result = g_strdup(final);
	scram_free(s);
	return result;
}

static void test_passwords_are_prepared(void)
{
	g_autofree char *hyphen = final_for("pen\302\255cil"), *plain = final_for("pencil");
	g_autofree char *refused = final_for("pencil\x07"), *cat = final_for("\xf0\x9f\x98\xba");

	g_assert_cmpstr(hyphen, ==, plain);
	/* What SASLprep refuses is used as it is. */
	g_assert_cmpstr(refused, !=, plain);
	g_assert_cmpstr(cat, !=, plain);
}

static void test_bad_server_first(void)
{
	static const struct {
		const char *text;
		enum scram_result want;
	} cases[] = {
		{"", SCRAM_MALFORMED},
		{"r=", SCRAM_MALFORMED},
		{"r=" BOTH_1, SCRAM_MALFORMED},
		{"r=" BOTH_1 ",s=QSXCR+Q6sek8bf92", SCRAM_MALFORMED},
		{"r=" BOTH_1 ",i=4096,s=QSXCR+Q6sek8bf92", SCRAM_MALFORMED},
		{"r=" BOTH_1 ",s=,i=4096", SCRAM_MALFORMED},
		{"r=" BOTH_1 ",s=====,i=4096", SCRAM_MALFORMED},
		{"r=" BOTH_1 ",s=QSXCR+Q6sek8bf9,i=4096", SCRAM_MALFORMED},
		{"r=" BOTH_1 ",s=QSX R+Q6sek8bf92,i=4096", SCRAM_MALFORMED},
		{"m=x,r=" BOTH_1 SALT_1, SCRAM_MALFORMED},
		{"r=" BOTH_1 SALT_1 ",m=x", SCRAM_MALFORMED},
		{"r=" BOTH_1 SALT_1 ",", SCRAM_MALFORMED},
		{"r=" BOTH_1 SALT_1 ",h=x,", SCRAM_MALFORMED},
		{"r=" BOTH_1 SALT_1 ",h=", SCRAM_MALFORMED},
		{"r=" BOTH_1 SALT_1 ",hx", SCRAM_MALFORMED},
		{"r=" BOTH_1 SALT_1 ",1=x", SCRAM_MALFORMED},
		{" r=" BOTH_1 SALT_1, SCRAM_MALFORMED},
		{"r=" BOTH_1 "\x7f" SALT_1, SCRAM_MALFORMED},
		{"r=" BOTH_1 SALT_1 ",h=\xff", SCRAM_MALFORMED},
		{"e=unknown-user", SCRAM_MALFORMED},
		{"r=" NONCE_1 SALT_1, SCRAM_NONCE},
		{"r=x" BOTH_1 SALT_1, SCRAM_NONCE},
		{"r=Fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j" SALT_1, SCRAM_NONCE},
		{"r=3rfcNHYJY1ZVvWVs7j" SALT_1, SCRAM_NONCE},
		{"r=" BOTH_1 ",s=QSXCR+Q6sek8bf92,i=0", SCRAM_MALFORMED},
		{"r=" BOTH_1 ",s=QSXCR+Q6sek8bf92,i=-1", SCRAM_MALFORMED},
		{"r=" BOTH_1 ",s=QSXCR+Q6sek8bf92,i=+4096", SCRAM_MALFORMED},
		{"r=" BOTH_1 ",s=QSXCR+Q6sek8bf92,i=04096", SCRAM_MALFORMED},
		{"r=" BOTH_1 ",s=QSXCR+Q6sek8bf92,i=4096x", SCRAM_MALFORMED},
		{"r=" BOTH_1 ",s=QSXCR+Q6sek8bf92,i=1", SCRAM_ITERATIONS},
		{"r=" BOTH_1 ",s=QSXCR+Q6sek8bf92,i=4095", SCRAM_ITERATIONS},
		{"r=" BOTH_1 ",s=QSXCR+Q6sek8bf92,i=10000001", SCRAM_ITERATIONS},
		{"r=" BOTH_1 ",s=QSXCR+Q6sek8bf92,i=1000000000", SCRAM_ITERATIONS},
		{"r=" BOTH_1 ",s=QSXCR+Q6sek8bf92,i=18446744073709555712", SCRAM_ITERATIONS},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct scram *s = start(&published[0]);
		const char *final = "untouched";
		enum scram_result result = feed_first(s, cases[i].text, &final);

		if (result != cases[i].want)
			g_error("%s: %d instead of %d", cases[i].text, result, cases[i].want);
		g_assert_cmpstr(final, ==, "untouched");
		/* Nothing verifies behind it. */
		g_assert_cmpint(feed_final(s, published[0].server_final), !=, SCRAM_OK);
		scram_free(s);
	}
}

static void test_nul_is_malformed(void)
{
	struct scram *s = start(&published[0]);
	const char *final = NULL;
	static const char with_nul[] = "r=" BOTH_1 SALT_1 ",h=a\0b";

	g_assert_cmpint(scram_client_final(s, with_nul, sizeof with_nul - 1, &final), ==,
			SCRAM_MALFORMED);
	g_assert_null(final);
	scram_free(s);
}

static void test_messages_have_a_limit(void)
{
	g_autofree char *filler = g_strnfill(SCRAM_MESSAGE_MAX, 'x');
	g_autofree char *text = g_strconcat(published[0].server_first, ",h=", filler, NULL);
	struct scram *s = start(&published[0]);
	const char *final = NULL;

	g_assert_cmpint(feed_first(s, text, &final), ==, SCRAM_MALFORMED);
	scram_free(s);
	s = start(&published[0]);
	text[SCRAM_MESSAGE_MAX] = '\0';
	g_assert_cmpint(feed_first(s, text, &final), ==, SCRAM_OK);
	scram_free(s);
}

static void test_extensions_enter_the_proof(void)
{
	g_autofree char *with = g_strconcat(published[0].server_first, ",h=x", NULL);
	struct scram *s = start(&published[0]);
	const char *final = NULL;

	g_assert_cmpint(feed_first(s, with, &final), ==, SCRAM_OK);
	g_assert_cmpstr(final, !=, published[0].client_final);
	scram_free(s);
}

static void test_answers_once(void)
{
	struct scram *s = start(&published[0]);
	const char *final = NULL, *second = NULL;

	g_assert_cmpint(feed_first(s, published[0].server_first, &final), ==, SCRAM_OK);
	g_assert_cmpint(feed_first(s, published[0].server_first, &second), ==, SCRAM_MALFORMED);
	g_assert_null(second);
	g_assert_cmpint(feed_final(s, published[0].server_final), ==, SCRAM_OK);
	scram_free(s);
}

static void test_bad_server_final(void)
{
	static const struct {
		const char *text;
		enum scram_result want;
	} cases[] = {
		{"", SCRAM_MALFORMED},
		{"v=", SCRAM_MALFORMED},
		{"x=1", SCRAM_MALFORMED},
		{"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,", SCRAM_MALFORMED},
		{"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,m=1", SCRAM_MALFORMED},
		{"v=rmF9pqV8S7suAoZWja4dJRkFsKR=", SCRAM_SIGNATURE}, /* stray bits */
		{"v=smF9pqV8S7suAoZWja4dJRkFsKQ=", SCRAM_SIGNATURE},
		{"v=rmF9pqV8S7suAoZWja4dJRkFsA==", SCRAM_SIGNATURE}, /* an octet short */
		{"v=!", SCRAM_SIGNATURE},
		{"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", SCRAM_SIGNATURE},
		{"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,x=1", SCRAM_OK},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct scram *s = start(&published[0]);
		const char *final = NULL;
		enum scram_result result;

		g_assert_cmpint(feed_first(s, published[0].server_first, &final), ==, SCRAM_OK);
		result = feed_final(s, cases[i].text);
		if (result != cases[i].want)
			g_error("%s: %d instead of %d", cases[i].text, result, cases[i].want);
		scram_free(s);
	}
}

static void test_success_without_exchange(void)
{
	struct scram *s = start(&published[0]);

	/* No signature was ever computed; nothing, not even zeros, verifies. */
	g_assert_cmpint(feed_final(s, published[0].server_final), ==, SCRAM_MALFORMED);
	g_assert_cmpint(feed_final(s, "v=AAAAAAAAAAAAAAAAAAAAAAAAAAA="), ==, SCRAM_MALFORMED);
	scram_free(s);
}

static void test_refusal(void)
{
	struct scram *s = start(&published[0]);
	const char *final = NULL;

	g_assert_null(scram_server_error(s));
	g_assert_cmpint(feed_first(s, published[0].server_first, &final), ==, SCRAM_OK);
	g_assert_cmpint(feed_final(s, "e=invalid-proof,x=1"), ==, SCRAM_REFUSED);
	g_assert_cmpstr(scram_server_error(s), ==, "invalid-proof");
	scram_free(s);
	scram_free(NULL);
}

int main(int argc, char **argv)
{
	int result;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/xmpp-lite/sasl/base64-is-strict", test_base64);
	g_test_add_func("/xmpp-lite/sasl/plain-message", test_plain);
	g_test_add_func("/xmpp-lite/sasl/scram-as-published", test_published);
	g_test_add_func("/xmpp-lite/sasl/could-bind-enters-the-proof", test_binding_flags);
	g_test_add_func("/xmpp-lite/sasl/names-are-escaped", test_names_are_escaped);
	g_test_add_func("/xmpp-lite/sasl/passwords-are-prepared", test_passwords_are_prepared);
	g_test_add_func("/xmpp-lite/sasl/bad-server-first-is-told-apart", test_bad_server_first);
	g_test_add_func("/xmpp-lite/sasl/nul-is-malformed", test_nul_is_malformed);
	g_test_add_func("/xmpp-lite/sasl/messages-have-a-limit", test_messages_have_a_limit);
	g_test_add_func("/xmpp-lite/sasl/unknown-attributes-enter-the-proof",
			test_extensions_enter_the_proof);
	g_test_add_func("/xmpp-lite/sasl/answers-once", test_answers_once);
	g_test_add_func("/xmpp-lite/sasl/bad-server-final-is-told-apart", test_bad_server_final);
	g_test_add_func("/xmpp-lite/sasl/success-without-exchange-is-none",
			test_success_without_exchange);
	g_test_add_func("/xmpp-lite/sasl/refusal-says-why", test_refusal);
	result = g_test_run();
	jid_cache_clear();
	return result;
}
