/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-jid: which addresses are the same, which are none, and what DNS and SASL see of them. */
#include "plugins/xmpp-lite/wire/jid.h"

#include <string.h>

static char *repeat(const char *text, guint n)
{
	GString *s = g_string_new(NULL);

	while (n-- > 0)
		g_string_append(s, text);
	return g_string_free(s, FALSE);
}

/* ---- the whole ---- */

static void test_prepared(void)
{
	static const struct {
		const char *raw, *want;
	} cases[] = {
		{"juliet@example.com", "juliet@example.com"},
		{"Juliet@Example.COM/Balcony", "juliet@example.com/Balcony"},
		{"example.com", "example.com"},
		{"example.com.", "example.com"},
		{"example.com./desk", "example.com/desk"},
		{"a.example.com/b@example.net", "a.example.com/b@example.net"},
		{"example.com/foo/bar", "example.com/foo/bar"},
		{"room@conference.example.com/Nick Name", "room@conference.example.com/Nick Name"},
		{"me@localhost", "me@localhost"},
		{"me@my_host", "me@my_host"},
		{"me@192.0.2.7", "me@192.0.2.7"},
		{"me@[2001:DB8::1]/x", "me@[2001:db8::1]/x"},
		{"me!#$%*+-.=?^_`{|}~@example.com", "me!#$%*+-.=?^_`{|}~@example.com"},
		/* nodeprep, as today's servers apply it */
		{"fußball@example.com", "fussball@example.com"},
		{"ΣΑΣ@example.com", "σασ@example.com"},
		{"henryⅣ@example.com", "henryiv@example.com"},
		{"♚@example.com", "♚@example.com"},
		{"Ａlice@example.com", "alice@example.com"},
		{"so\302\255ft@example.com", "soft@example.com"},
		{"e\xcc\x81t\xc3\x89@example.com", "été@example.com"},
		/* resourceprep keeps capitals */
		{"me@example.com/Ångström ♚", "me@example.com/Ångström ♚"},
		{"me@example.com/A\xcc\x8a", "me@example.com/Å"},
		/* IDNA2008 keeps what IDNA2003 mapped away */
		{"me@Fußball.DE", "me@fußball.de"},
		{"me@xn--fuball-cta.de", "me@fußball.de"},
		{"me@XN--BCHER-KVA.example", "me@bücher.example"},
		{"me@Bücher.Example.", "me@bücher.example"},
		{"me@ü.a_b", "me@ü.a_b"},
		{"me@ＡＢ。example", "me@ab.example"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		for (guint round = 0; round < 2; round++) { /* the second one is remembered */
			g_autofree char *jid = jid_new(cases[i].raw);

			g_assert_cmpstr(jid, ==, cases[i].want);
		}
}

static void test_refused(void)
{
	static const char *const cases[] = {
		"",
		"@",
		"/",
		"@example.com",
		"@/x",
		"me@",
		"me@/x",
		"me@example.com/",
		"example.com/",
		"a@b@example.com",
		"me you@example.com",
		"\"me\"@example.com",
		"o'reilly@example.com",
		"a&b@example.com",
		"a:b@example.com",
		"<me>@example.com",
		"me\x7f@example.com",
		"me\n@example.com",
		"me@example.com/a\nb",
		"me@exa mple.com",
		"me@example..com",
		"me@.example.com",
		"me@example.com..",
		"me@.",
		"me@exa!mple.com",
		"me@[::1",
		"me@[]",
		"me@[::1]x",
		"me@[192.0.2.7]",
		"me@[fe80::1%eth0]",
		"me@☃.net",
		"me@xn--a",
		"me@ü..example",
		"me@ü /x",
		"me@ü.a b",
		"me\xc2\xa0you@example.com", /* a space that is no ASCII */
		"\xef\xbc\xa0@example.com",  /* a wide "@" */
		"me@example.com/\xee\x80\x80",
		"\xf0\x9f\x98\xba@example.com", /* unassigned in stringprep's Unicode */
		"me@example.com/\xf0\x9f\x98\xba",
		"\330\2471@example.com", /* right to left must end so */
		"me\xff@example.com",
		"me@\xc3",
		"me@example.com/\xc3(",
		"\xc2\xad@example.com", /* nothing is left of it */
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		for (guint round = 0; round < 2; round++) {
			char jid[JID_MAX] = "untouched";

			if (jid_prepare(cases[i], jid))
				g_error("%s became %s", cases[i], jid);
			g_assert_cmpstr(jid, ==, "untouched");
		}
}

static void test_length_limits(void)
{
	g_autofree char *a = repeat("a", JID_PART_MAX), *label = repeat("d", 63);
	g_autofree char *fits = g_strdup_printf("%s@%s.example/%s", a, label, a);
	g_autofree char *long_local = g_strdup_printf("%sa@example.com", a);
	g_autofree char *long_resource = g_strdup_printf("example.com/%sa", a);
	g_autofree char *long_label = g_strdup_printf("%sd.example", label);
	g_autofree char *umlauts = repeat("ä", JID_PART_MAX / 2);
	g_autofree char *wide = g_strdup_printf("%s@example.com/%s", umlauts, umlauts);
	g_autofree char *too_wide = g_strdup_printf("%sää@example.com", umlauts);
	g_autofree char *jid = jid_new(fits), *wide_jid = jid_new(wide);
	g_autofree char *huge = repeat("ä", 100000);

	g_assert_cmpstr(jid, ==, fits);
	g_assert_cmpstr(wide_jid, ==, wide);
	g_assert_null(jid_new(long_local));
	g_assert_null(jid_new(long_resource));
	g_assert_null(jid_new(long_label));
	g_assert_null(jid_new(too_wide));
	g_assert_null(jid_new(huge));
}

/* Each character of the Basic Multilingual Plane, in every part. */
static void test_prepared_twice(void)
{
	guint accepted = 0;

	for (gunichar c = 0x80; c < 0x10000; c++) {
		char text[7] = "", *raw[3];

		if (c >= 0xd800 && c < 0xe000)
			continue;
		g_unichar_to_utf8(c, text);
		raw[0] = g_strdup_printf("a%sb@example.com", text);
		raw[1] = g_strdup_printf("a@example.com/a%sb", text);
		raw[2] = g_strdup_printf("a@a%sb.example", text);
		for (guint i = 0; i < G_N_ELEMENTS(raw); i++) {
			char jid[JID_MAX], again[JID_MAX] = "";

			if (jid_prepare(raw[i], jid)) {
				accepted++;
				g_assert_true(jid_prepare(jid, again));
				g_assert_cmpstr(again, ==, jid);
			}
			g_free(raw[i]);
		}
	}
	g_assert_cmpuint(accepted, >, 100000);
}

static void test_cache_is_bounded(void)
{
	for (guint i = 0; i < 5000; i++) {
		g_autofree char *raw = g_strdup_printf("Ü%u@example.com", i);
		g_autofree char *want = g_strdup_printf("ü%u@example.com", i), *jid = jid_new(raw);

		g_assert_cmpstr(jid, ==, want);
	}
	jid_cache_clear();
	g_autofree char *jid = jid_new("Ü7@example.com");
	g_assert_cmpstr(jid, ==, "ü7@example.com");
}

/* ---- parts ---- */

static void test_parts(void)
{
	static const struct {
		const char *jid, *bare, *local, *domain, *resource;
	} cases[] = {
		{"me@example.com/a@b/c", "me@example.com", "me", "example.com", "a@b/c"},
		{"me@example.com", "me@example.com", "me", "example.com", NULL},
		{"example.com/a@b", "example.com", NULL, "example.com", "a@b"},
		{"example.com", "example.com", NULL, "example.com", NULL},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *jid = cases[i].jid;
		g_autofree char *bare = jid_bare(jid), *local = jid_local(jid),
				*domain = jid_domain(jid);
		g_autofree char *built = jid_build(local, domain, jid_resource(jid));

		g_assert_cmpstr(bare, ==, cases[i].bare);
		g_assert_cmpuint(jid_bare_length(jid), ==, strlen(cases[i].bare));
		g_assert_cmpstr(local, ==, cases[i].local);
		g_assert_cmpstr(domain, ==, cases[i].domain);
		g_assert_cmpstr(jid_resource(jid), ==, cases[i].resource);
		g_assert_cmpstr(built, ==, jid);
	}
}

static void test_same_bare(void)
{
	g_assert_true(jid_same_bare("me@example.com/a", "me@example.com/b"));
	g_assert_true(jid_same_bare("me@example.com", "me@example.com/b"));
	g_assert_false(jid_same_bare("me@example.com", "me@example.com.evil/x"));
	g_assert_false(jid_same_bare("me@example.com", "example.com/me@example.com"));
	g_assert_false(jid_same_bare("me@example.com/x", "you@example.com/x"));
}

static void test_built_from_parts(void)
{
	g_autofree char *jid = jid_build("Me", "Example.com.", "Desk");

	g_assert_cmpstr(jid, ==, "me@example.com/Desk");
	g_assert_null(jid_build("", "example.com", NULL));
	g_assert_null(jid_build(NULL, "", NULL));
	g_assert_null(jid_build("me", "example.com", ""));
	/* a part must not bring a separator of its own */
	g_assert_null(jid_build("me@evil.example", "example.com", NULL));
	g_assert_null(jid_build("evil.example/me", "example.com", NULL));
	g_assert_null(jid_build("me", "evil.example/x", NULL));
	g_assert_null(jid_build(NULL, "me@evil.example", NULL));
}

/* ---- for DNS and SASL ---- */

static void test_domain_ascii(void)
{
	static const struct {
		const char *domain, *want;
	} cases[] = {
		{"example.com", "example.com"},
		{"Example.COM.", "example.com"},
		{"fußball.de", "xn--fuball-cta.de"},
		{"Bücher.example", "xn--bcher-kva.example"},
		{"xn--bcher-kva.example", "xn--bcher-kva.example"},
		{"[2001:db8::1]", "2001:db8::1"},
		{"192.0.2.7", "192.0.2.7"},
		{"☃.net", NULL},
		{"a b", NULL},
		{"", NULL},
	};
	g_autofree char *label = repeat("a.", 127), *too_long = g_strconcat(label, "a", NULL);

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *ascii = jid_domain_ascii(cases[i].domain);

		g_assert_cmpstr(ascii, ==, cases[i].want);
	}
	g_assert_null(jid_domain_ascii(too_long));
}

/* RFC 4013 section 3, and what is ASCII. */
static void test_saslprep(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"I\xc2\xadX", "IX"},
		{"user", "user"},
		{"USER", "USER"},
		{"\xc2\xaa", "a"},
		{"\xe2\x85\xa8", "IX"},
		{"\x07", NULL},
		{"\xd8\xa7\x31", NULL},
		{"", ""},
		{"pass word!", "pass word!"},
		{"a\302\240b", "a b"},
		{"\xf0\x9f\x98\xba", NULL},
		{"\xff", NULL},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = jid_saslprep(cases[i].text);

		g_assert_cmpstr(text, ==, cases[i].want);
	}
}

static void test_saslprep_grows(void)
{
	g_autofree char *long_text = repeat("\xef\xb7\xba", 500), *text = jid_saslprep(long_text);

	/* One code point of three octets becomes eighteen of thirty-three. */
	g_assert_nonnull(text);
	g_assert_cmpuint(strlen(text), ==, 500 * 33);
}

int main(int argc, char **argv)
{
	int result;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/xmpp-lite/jid/same-address-same-octets", test_prepared);
	g_test_add_func("/xmpp-lite/jid/what-is-none-is-refused-and-writes-nothing", test_refused);
	g_test_add_func("/xmpp-lite/jid/prepared-twice-is-prepared", test_prepared_twice);
	g_test_add_func("/xmpp-lite/jid/each-part-has-its-limit", test_length_limits);
	g_test_add_func("/xmpp-lite/jid/remembers-only-so-many", test_cache_is_bounded);
	g_test_add_func("/xmpp-lite/jid/falls-into-its-parts", test_parts);
	g_test_add_func("/xmpp-lite/jid/same-bare-ignores-resources-only", test_same_bare);
	g_test_add_func("/xmpp-lite/jid/parts-cannot-smuggle-separators", test_built_from_parts);
	g_test_add_func("/xmpp-lite/jid/domain-for-dns", test_domain_ascii);
	g_test_add_func("/xmpp-lite/jid/saslprep-examples", test_saslprep);
	g_test_add_func("/xmpp-lite/jid/saslprep-may-grow", test_saslprep_grows);
	result = g_test_run();
	jid_cache_clear();
	return result;
}
