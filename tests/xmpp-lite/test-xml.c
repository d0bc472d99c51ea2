/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-xml: what a stream may say and what it may not, however the network cuts it. */
#include "plugins/xmpp-lite/wire/xml.h"

#include <libxml/xmlmemory.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define STREAMS "http://etherx.jabber.org/streams"
#define OPEN "<stream:stream xmlns='jabber:client' xmlns:stream='" STREAMS "'>"
#define CLOSE "</stream:stream>"
#define OPENED "H{stream}"

/* ---- a reader's answer as text ---- */

static const char *const error_names[] = {
	[XML_ERROR_NONE] = "none",
	[XML_ERROR_NOT_WELL_FORMED] = "not-well-formed",
	[XML_ERROR_RESTRICTED] = "restricted",
	[XML_ERROR_ENCODING] = "encoding",
	[XML_ERROR_NAMESPACE] = "namespace",
	[XML_ERROR_TOO_BIG] = "too-big",
	[XML_ERROR_BAD_FORMAT] = "bad-format",
};

/* "H{stream}" for the header, "S" and the stanza, "E" for the end, "B" and the error. */
static void take_all(struct xml_reader *r, GString *to)
{
	struct stanza *s = NULL;
	enum xml_item item;

	while ((item = xml_reader_next(r, &s)) != XML_MORE) {
		const char *why = NULL;
		g_autofree char *text = NULL;

		switch (item) {
		case XML_HEADER:
			g_string_append_printf(to, "H{%s}", stanza_root(s)->name);
			g_assert_null(stanza_root(s)->first);
			break;
		case XML_STANZA:
			text = element_to_string(stanza_root(s), "jabber:client", NULL);
			g_string_append_printf(to, "S%s", text);
			break;
		case XML_END:
			g_string_append_c(to, 'E');
			continue;
		default:
			g_string_append_printf(to, "B%s", error_names[xml_reader_error(r, &why)]);
			g_assert_nonnull(why);
			continue;
		}
		stanza_free(s);
	}
}

/* The answer to data in pieces of at most step octets, the first one of first octets. */
static char *answer(const char *data, gsize n, gsize first, gsize step)
{
	struct xml_reader *r = xml_reader_new();
	GString *to = g_string_new(NULL);

	for (gsize at = 0, piece = first; at < n; at += piece, piece = step) {
		piece = MIN(piece, n - at);
		xml_reader_feed(r, (const guint8 *)data + at, piece);
		take_all(r, to);
	}
	xml_reader_free(r);
	return g_string_free(to, FALSE);
}

static void assert_answer_n(const char *data, gsize n, const char *want)
{
	g_autofree char *whole = answer(data, n, n, n), *bytewise = answer(data, n, 1, 1);

	if (strcmp(whole, want) != 0 || strcmp(bytewise, want) != 0)
		g_error("%s\n  wants %s\n  whole %s\n  bytewise %s", data, want, whole, bytewise);
	for (gsize cut = 1; cut < n; cut++) {
		g_autofree char *halves = answer(data, n, cut, n);
		g_autofree char *begun = answer(data, cut, cut, cut);

		if (strcmp(halves, want) != 0 || !g_str_has_prefix(want, begun))
			g_error("%s\n  cut after %" G_GSIZE_FORMAT " octets: %s then %s", data, cut,
				begun, halves);
	}
}

struct xml_case {
	const char *input, *want;
};

static void assert_answers(const struct xml_case *cases, guint n)
{
	for (guint i = 0; i < n; i++)
		assert_answer_n(cases[i].input, strlen(cases[i].input), cases[i].want);
}

/* ---- tables ---- */

static void test_legal(void)
{
	static const struct xml_case cases[] = {
		{"<?xml version='1.0'?>" OPEN "<a/>" CLOSE, OPENED "S<a/>E"},
		{"<?xml version=\"1.0\" encoding='UTF-8' standalone='yes' ?>\n" OPEN "<a/>",
		 OPENED "S<a/>"},
		{"<?xml version='1.0' encoding='utf-8'?>" OPEN, OPENED},
		{"\xef\xbb\xbf<?xml version='1.0'?>" OPEN, OPENED},
		{"\xef\xbb\xbf" OPEN "<a/>", OPENED "S<a/>"},
		{" \n" OPEN "<a/>", OPENED "S<a/>"},
		{OPEN "  \t\r\n<a/>\n\n <b/>", OPENED "S<a/>S<b/>"},
		{OPEN CLOSE "anything <", OPENED "E"},
		{"<stream xmlns='" STREAMS "'/>", OPENED "E"},
		{"<s:stream xmlns:s=\"" STREAMS "\" ><a/></s:stream >", OPENED "S<a xmlns=''/>E"},
		{"<stream:stream xmlns='jabber:client' xmlns:stream='" STREAMS "' xmlns:q='urn:q'>"
		 "<q:a><b/></q:a><features xmlns='" STREAMS "'/>",
		 OPENED "S<a xmlns='urn:q'><b xmlns='jabber:client'/></a>"
			"S<features xmlns='" STREAMS "'/>"},
		{OPEN "<stream:features><a xmlns='urn:a'/></stream:features>",
		 OPENED "S<features xmlns='" STREAMS "'><a xmlns='urn:a'/></features>"},
		{OPEN "<a b='>' c=\"'/>\" d='\"/>'>></a>",
		 OPENED "S<a b='&gt;' c='&apos;/&gt;' d='\"/&gt;'>&gt;</a>"},
		{OPEN "<a  b = 'c'\n/><b ></b >", OPENED "S<a b='c'/>S<b/>"},
		{OPEN "<a>&lt;&gt;&amp;&apos;&quot;&#65;&#x42;&#x1F600;</a>",
		 OPENED "S<a>&lt;&gt;&amp;'\"AB\xf0\x9f\x98\x80</a>"},
		{OPEN "<a b='&lt;&gt;&amp;&apos;&quot;&#65;&#10;'/>",
		 OPENED "S<a b='&lt;&gt;&amp;&apos;\"A&#10;'/>"},
		{OPEN "<a><![CDATA[<b>&amp;]]]>]]&gt;<![CDATA[]]></a>",
		 OPENED "S<a>&lt;b&gt;&amp;amp;]]]&gt;</a>"},
		{OPEN "<a>x<b/>y<![CDATA[z]]><c>w</c>&amp;</a>",
		 OPENED "S<a>xyz&amp;<b/><c>w</c></a>"},
		{OPEN "<a>Gr\xc3\xbc\xc3\x9f"
		      "e \xe2\x82\xac \xf0\x9f\x98\xba</a>",
		 OPENED "S<a>Gr\xc3\xbc\xc3\x9f"
			"e \xe2\x82\xac \xf0\x9f\x98\xba</a>"},
		{OPEN "<a>1\r\n2\r3</a>", OPENED "S<a>1\n2\n3</a>"},
		{OPEN "<\xc3\xa4 \xc3\xb6='1'/>", OPENED "S<\xc3\xa4 \xc3\xb6='1'/>"},
		{OPEN "<a xml:lang='de' xmlns:p='urn:p' p:q='1' q='2'/>",
		 OPENED "S<a xml:lang='de' xmlns:a1='urn:p' a1:q='1' q='2'/>"},
		{OPEN "<x xmlns='vcard-temp:x:update'/><y xmlns='not a uri'/>",
		 OPENED "S<x xmlns='vcard-temp:x:update'/>S<y xmlns='not a uri'/>"},
		{OPEN "<a>]]</a><b>-- ?> --></b>", OPENED "S<a>]]</a>S<b>-- ?&gt; --&gt;</b>"},
	};

	assert_answers(cases, G_N_ELEMENTS(cases));
}

static void test_illegal(void)
{
	static const struct xml_case cases[] = {
		/* restricted by RFC 6120 */
		{OPEN "<!-- x --><a/>", OPENED "Brestricted"},
		{OPEN "<a><!-- x --></a>", OPENED "Brestricted"},
		{OPEN "<a/><?pi x?>", OPENED "S<a/>Brestricted"},
		{OPEN "<a><?xml version='1.0'?></a>", OPENED "Brestricted"},
		{"<?pi?>" OPEN, "Brestricted"},
		{"<?xml-stylesheet href='x'?>" OPEN, "Brestricted"},
		{" <?xml version='1.0'?>" OPEN, "Brestricted"},
		{"<?xml version='1.0'?><?xml version='1.0'?>" OPEN, "Brestricted"},
		{"<!-- x -->" OPEN, "Brestricted"},
		{"<!DOCTYPE a>" OPEN, "Brestricted"},
		{"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]>" OPEN "<a>&b;</a>",
		 "Brestricted"},
		{"<!DOCTYPE a SYSTEM 'file:///etc/passwd'>" OPEN, "Brestricted"},
		{OPEN "<!DOCTYPE a><a/>", OPENED "Brestricted"},
		{OPEN "<a><!ENTITY b 'c'></a>", OPENED "Brestricted"},
		{OPEN "<a><![INCLUDE[x]]></a>", OPENED "Brestricted"},
		{OPEN "<a>&nbsp;</a>", OPENED "Brestricted"},
		{OPEN "<a b='&nbsp;'/>", OPENED "Brestricted"},
		/* another encoding */
		{"<?xml version='1.0' encoding='ISO-8859-1'?>" OPEN, "Bencoding"},
		{"<?xml version='1.0' encoding='UTF-16'?>" OPEN, "Bencoding"},
		{"<?xml version='1.0' encoding='US-ASCII'?>" OPEN, "Bencoding"},
		{"<?xml version='1.0' encoding='x-none'?>" OPEN, "Bencoding"},
		{"\xff\xfe<", "Bencoding"},
		{"\xfe\xff", "Bencoding"},
		/* namespaces */
		{"<stream:stream xmlns:stream='urn:other'>", "Bnamespace"},
		{"<stream>", "Bnamespace"},
		{"<a>", "Bnamespace"},
		{"<stream:features xmlns:stream='" STREAMS "'>", "Bnamespace"},
		{"<stream:stream>", "Bnamespace"},
		{OPEN "<x:a/>", OPENED "Bnamespace"},
		{OPEN "<a x:b='c'/>", OPENED "Bnamespace"},
		{OPEN "<a xmlns:x='urn:x'/><x:b/>", OPENED "S<a/>Bnamespace"},
		{OPEN "<a xmlns:x=''/>", OPENED "Bnamespace"},
		{OPEN "<a xmlns:xml='urn:x'/>", OPENED "Bnamespace"},
		{OPEN "<a xmlns:xmlns='urn:x'/>", OPENED "Bnamespace"},
		{OPEN "<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='2'/>", OPENED "Bnamespace"},
		/* text between stanzas */
		{OPEN "x", OPENED "Bbad-format"},
		{OPEN "<a/> x <b/>", OPENED "S<a/>Bbad-format"},
		{OPEN "<a/>&#32;<b/>", OPENED "S<a/>Bbad-format"},
		{OPEN "<![CDATA[ ]]>", OPENED "Bbad-format"},
		{OPEN "<a/>x" CLOSE, OPENED "S<a/>Bbad-format"},
		/* not well formed */
		{"x" OPEN, "Bnot-well-formed"},
		{"\xef\xbb<", "Bnot-well-formed"},
		{"</a>", "Bnot-well-formed"},
		{"<![CDATA[x]]>" OPEN, "Bnot-well-formed"},
		{"<?xml version='1.0' x?>" OPEN, "Bnot-well-formed"},
		{OPEN "<a></b>", OPENED "Bnot-well-formed"},
		{OPEN "</stream>", OPENED "Bnot-well-formed"},
		{OPEN "<a></stream:stream>", OPENED "Bnot-well-formed"},
		{OPEN "<a b></a>", OPENED "Bnot-well-formed"},
		{OPEN "<a b=c/>", OPENED "Bnot-well-formed"},
		{OPEN "<a b='1' b='2'/>", OPENED "Bnot-well-formed"},
		{OPEN "<a b='1'c='2'/>", OPENED "Bnot-well-formed"},
		{OPEN "<a b='<'/>", OPENED "Bnot-well-formed"},
		{OPEN "<a b='<c d='/>'/>", OPENED "Bnot-well-formed"},
		{OPEN "<a <b/>", OPENED "Bnot-well-formed"},
		{OPEN "< a/>", OPENED "Bnot-well-formed"},
		{OPEN "<>", OPENED "Bnot-well-formed"},
		{OPEN "<1/>", OPENED "Bnot-well-formed"},
		{OPEN "<a/ >", OPENED "Bnot-well-formed"},
		{OPEN "<a></a b='c'>", OPENED "Bnot-well-formed"},
		{OPEN "<a>]]></a>", OPENED "Bnot-well-formed"},
		{OPEN "<a>&</a>", OPENED "Bnot-well-formed"},
		{OPEN "<a>&#0;</a>", OPENED "Bnot-well-formed"},
		{OPEN "<a>&#xFFFE;</a>", OPENED "Bnot-well-formed"},
		{OPEN "<a>&#xD800;</a>", OPENED "Bnot-well-formed"},
		{OPEN "<a>&#x110000;</a>", OPENED "Bnot-well-formed"},
		{OPEN "<a>&#99999999999999999999;</a>", OPENED "Bnot-well-formed"},
		{OPEN "<a>\x01</a>", OPENED "Bnot-well-formed"},
		{OPEN "<a>\xef\xbf\xbe</a>", OPENED "Bnot-well-formed"},
		{OPEN "<a>\xff</a>", OPENED "Bnot-well-formed"},
		{OPEN "<a>\xc3</a>", OPENED "Bnot-well-formed"},
		{OPEN "<a>\xc0\xaf</a>", OPENED "Bnot-well-formed"},
		{OPEN "<a>\xed\xa0\x80</a>", OPENED "Bnot-well-formed"},
		{OPEN "<a>\xf4\x90\x80\x80</a>", OPENED "Bnot-well-formed"},
		{OPEN "<a b='\xff'/>", OPENED "Bnot-well-formed"},
		{OPEN "<\xff/>", OPENED "Bnot-well-formed"},
		{OPEN "<a><![CDATA[\x01]]></a>", OPENED "Bnot-well-formed"},
		{OPEN "<a><![CDATA[\xc1\xa6]]></a>", OPENED "Bnot-well-formed"},
		{OPEN "<a b='\xc1\xa6'/>", OPENED "Bnot-well-formed"},
		{OPEN "<a:b:c xmlns:a='urn:a'/>", OPENED "Bnamespace"},
	};

	assert_answers(cases, G_N_ELEMENTS(cases));
}

static void test_nul(void)
{
	static const char in_text[] = OPEN "<a>x\0y</a>", in_value[] = OPEN "<a b='\0'/>";
	static const char utf16[] = "\0<\0s", between[] = OPEN "\0<a/>";

	assert_answer_n(in_text, sizeof in_text - 1, OPENED "Bnot-well-formed");
	assert_answer_n(in_value, sizeof in_value - 1, OPENED "Bnot-well-formed");
	assert_answer_n(utf16, sizeof utf16 - 1, "Bencoding");
	assert_answer_n(between, sizeof between - 1, OPENED "Bbad-format");
}

/* ---- the header ---- */

static void test_header(void)
{
	static const char text[] =
		"<?xml version='1.0'?><s:stream xmlns:s='" STREAMS "' "
		"xmlns='jabber:client' id='a&amp;b' version='1.0' xml:lang='de'>";
	struct xml_reader *r = xml_reader_new();
	struct stanza *s = NULL;

	g_assert_null(xml_reader_content_namespace(r));
	g_assert_cmpint(xml_reader_next(r, &s), ==, XML_MORE);
	xml_reader_feed(r, (const guint8 *)text, sizeof text - 1);
	g_assert_cmpstr(xml_reader_content_namespace(r), ==, "jabber:client");
	g_assert_cmpint(xml_reader_next(r, &s), ==, XML_HEADER);
	g_assert_true(element_is(stanza_root(s), "stream", STREAMS));
	g_assert_cmpstr(element_attribute(stanza_root(s), "id"), ==, "a&b");
	g_assert_cmpstr(element_attribute(stanza_root(s), "version"), ==, "1.0");
	g_assert_cmpstr(element_language(stanza_root(s)), ==, "de");
	stanza_free(s);
	xml_reader_free(r);
	xml_reader_free(NULL);
}

static void test_no_content_namespace(void)
{
	static const char text[] = "<s:stream xmlns:s='" STREAMS "' xmlns=''>";
	struct xml_reader *r = xml_reader_new();

	xml_reader_feed(r, (const guint8 *)text, sizeof text - 1);
	g_assert_null(xml_reader_content_namespace(r)); /* the header waits, and is freed */
	xml_reader_free(r);
}

static void test_stanzas_outlive_the_reader(void)
{
	static const char text[] = OPEN "<a b='c'>d</a><e>";
	struct xml_reader *r = xml_reader_new();
	struct stanza *header = NULL, *s = NULL;

	xml_reader_feed(r, (const guint8 *)text, sizeof text - 1);
	g_assert_cmpint(xml_reader_next(r, &header), ==, XML_HEADER);
	g_assert_cmpint(xml_reader_next(r, &s), ==, XML_STANZA);
	xml_reader_free(r);
	g_assert_cmpstr(stanza_root(s)->name, ==, "a");
	g_assert_cmpstr(stanza_root(s)->text, ==, "d");
	g_assert_null(stanza_root(s)->parent);
	g_assert_cmpstr(stanza_root(header)->ns, ==, STREAMS);
	stanza_free(s);
	stanza_free(header);
}

static void test_last_words_come_once(void)
{
	static const char bad[] = OPEN "<a/><!---->", good[] = OPEN CLOSE;
	struct xml_reader *r = xml_reader_new();
	const char *why = "untouched";
	struct stanza *s = NULL;

	g_assert_cmpint(xml_reader_error(r, &why), ==, XML_ERROR_NONE);
	g_assert_cmpstr(why, ==, "untouched");
	xml_reader_feed(r, (const guint8 *)bad, sizeof bad - 1);
	g_assert_cmpint(xml_reader_error(r, NULL), ==, XML_ERROR_RESTRICTED);
	g_assert_cmpint(xml_reader_next(r, &s), ==, XML_HEADER);
	stanza_free(s);
	g_assert_cmpint(xml_reader_next(r, &s), ==, XML_STANZA);
	stanza_free(s);
	g_assert_cmpint(xml_reader_next(r, &s), ==, XML_BAD);
	xml_reader_feed(r, (const guint8 *)"<b/>", 4);
	g_assert_cmpint(xml_reader_next(r, &s), ==, XML_MORE);
	xml_reader_free(r);

	r = xml_reader_new();
	xml_reader_feed(r, (const guint8 *)good, sizeof good - 1);
	g_assert_cmpint(xml_reader_next(r, &s), ==, XML_HEADER);
	stanza_free(s);
	g_assert_cmpint(xml_reader_next(r, &s), ==, XML_END);
	xml_reader_feed(r, (const guint8 *)OPEN "<b/>", strlen(OPEN "<b/>"));
	g_assert_cmpint(xml_reader_next(r, &s), ==, XML_MORE);
	xml_reader_free(r);
}

/* ---- limits ---- */

static void append_times(GString *to, const char *text, gsize n)
{
	while (n-- > 0)
		g_string_append(to, text);
}

/* The last word of the answer to text inside a stream: "S", "B…", or "" for more. */
static char *verdict(GString *text, gsize step)
{
	g_autofree char *full = answer(text->str, text->len, step, step);
	const char *rest = full + strlen(OPENED);

	g_assert_true(g_str_has_prefix(full, OPENED));
	return g_strdup(*rest == 'S' ? "S" : rest);
}

static void assert_verdict(GString *text, const char *want)
{
	static const gsize steps[] = {1 << 20, 4096, 1000};

	for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
		g_autofree char *got = verdict(text, steps[i]);

		g_assert_cmpstr(got, ==, want);
	}
	g_string_free(text, TRUE);
}

static GString *nested(guint depth, gboolean is_closed)
{
	GString *text = g_string_new(OPEN);

	append_times(text, "<a>", depth - 1);
	g_string_append(text, "<a/>");
	append_times(text, is_closed ? "</a>" : "", depth - 1);
	return text;
}

static void test_depth(void)
{
	assert_verdict(nested(XML_DEPTH_MAX, TRUE), "S");
	assert_verdict(nested(XML_DEPTH_MAX + 1, TRUE), "Btoo-big");
	assert_verdict(nested(100000, FALSE), "Btoo-big");
}

static GString *with_attributes(guint n)
{
	GString *text = g_string_new(OPEN "<a xmlns='urn:a'");

	for (guint i = 1; i < n; i++)
		g_string_append_printf(text, " b%u='x'", i);
	g_string_append(text, "/>");
	return text;
}

static void test_attributes(void)
{
	assert_verdict(with_attributes(XML_ATTRIBUTES_MAX), "S");
	assert_verdict(with_attributes(XML_ATTRIBUTES_MAX + 1), "Btoo-big");
}

static GString *filled(const char *before, char with, gsize n, const char *after)
{
	GString *text = g_string_new(OPEN);
	gsize start;

	g_string_append(text, before);
	start = text->len;
	g_string_set_size(text, start + n);
	memset(text->str + start, with, n);
	return g_string_append(text, after);
}

static void test_stanza_size(void)
{
	gsize room = XML_STANZA_MAX - strlen("<a></a>");

	assert_verdict(filled("<a>", 'x', room, "</a>"), "S");
	assert_verdict(filled("<a>", 'x', room + 1, "</a>"), "Btoo-big");
	/* White space between stanzas is no part of any. */
	assert_verdict(filled("\n", ' ', XML_STANZA_MAX, "<a/>"), "S");
}

static void test_tag_size(void)
{
	gsize room = XML_TAG_MAX - strlen("<a b=''/>");

	assert_verdict(filled("<a b='", '>', room, "'/>"), "S");
	assert_verdict(filled("<a b='", '>', room + 1, "'/>"), "Btoo-big");
	assert_verdict(filled("<", 'a', XML_TAG_MAX, ""), "Btoo-big");
	assert_verdict(filled("<a>&", 'a', XML_STANZA_MAX / 8, ""), "Btoo-big");
}

/* The refusal comes when the limit is passed, not when the stanza ends. */
static void test_endless_text_is_refused_early(void)
{
	g_autofree char *piece = g_strnfill(65536, 'x');
	struct xml_reader *r = xml_reader_new();
	gsize fed = 0;

	xml_reader_feed(r, (const guint8 *)OPEN "<a>", strlen(OPEN "<a>"));
	while (!xml_reader_error(r, NULL)) {
		xml_reader_feed(r, (const guint8 *)piece, 65536);
		fed += 65536;
		g_assert_cmpuint(fed, <=, XML_STANZA_MAX + 65536);
	}
	g_assert_cmpint(xml_reader_error(r, NULL), ==, XML_ERROR_TOO_BIG);
	xml_reader_free(r);
}

static void test_tiny_elements_are_dear(void)
{
	GString *text = g_string_new(OPEN "<a>");

	append_times(text, "<b/>", XML_STANZA_MAX / 4 - 100);
	g_string_append(text, "</a>");
	g_assert_cmpuint(text->len, <, XML_STANZA_MAX);
	assert_verdict(text, "Btoo-big");
}

/* ---- cost ---- */

static void test_text_in_single_octets(void)
{
	gsize n = 10 << 20;
	g_autofree guint8 *text = g_malloc(n);
	struct xml_reader *r = xml_reader_new();
	struct stanza *s = NULL;

	for (gsize i = 0; i < n; i++)
		text[i] = 'a' + i % 26;
	xml_reader_feed(r, (const guint8 *)OPEN "<a>", strlen(OPEN "<a>"));
	for (gsize i = 0; i < n; i++)
		xml_reader_feed(r, text + i, 1);
	xml_reader_feed(r, (const guint8 *)"</a>", 4);
	g_assert_cmpint(xml_reader_next(r, &s), ==, XML_HEADER);
	stanza_free(s);
	g_assert_cmpint(xml_reader_next(r, &s), ==, XML_STANZA);
	g_assert_cmpmem(stanza_root(s)->text, strlen(stanza_root(s)->text), text, n);
	stanza_free(s);
	xml_reader_free(r);
}

/* Every piece of text stands behind another child. */
static void test_text_between_many_children(void)
{
	GString *text = g_string_new(OPEN "<a>");
	g_autofree char *got = NULL;

	append_times(text, "x&amp;<b/>", 200000);
	g_string_append(text, "</a>");
	got = answer(text->str, text->len, 4096, 4096);
	g_assert_true(g_str_has_prefix(got, OPENED "S<a>x&amp;x&amp;"));
	g_assert_cmpuint(strlen(got), ==,
			 strlen(OPENED "S<a></a>") + 200000 * strlen("x&amp;<b/>"));
	g_string_free(text, TRUE);
}

/* What libxml2 holds, and the most it ever did. */
static gsize held_octets, most_octets;

static gpointer count(gpointer p)
{
	held_octets += p ? malloc_usable_size(p) : 0;
	most_octets = MAX(most_octets, held_octets);
	return p;
}

static void uncount(gpointer p)
{
	held_octets -= p ? malloc_usable_size(p) : 0;
}

static void counting_free(void *p)
{
	uncount(p);
	free(p);
}

static void *counting_malloc(size_t n)
{
	return count(malloc(n));
}

static void *counting_realloc(void *p, size_t n)
{
	uncount(p);
	return count(realloc(p, n));
}

static char *counting_strdup(const char *text)
{
	return count(strdup(text));
}

/* A stanza that brings new names, cut so that pieces end inside of it. */
static void feed_new_names(struct xml_reader *r, guint i)
{
	g_autofree char *text = g_strdup_printf(
		"<p:message xmlns:x%u='urn:x:%u' a-name-nobody-has-used-before-%u='1'>"
		"<another-name-that-is-new-%u/></p:message>",
		i, i, i, i);

	xml_reader_feed(r, (const guint8 *)text, 50);
	xml_reader_feed(r, (const guint8 *)text + 50, strlen(text) - 50);
}

static struct stanza *take_stanza(struct xml_reader *r, enum xml_item want)
{
	struct stanza *s = NULL;

	g_assert_cmpint(xml_reader_next(r, &s), ==, want);
	return s;
}

static void test_distinct_names(void)
{
	static const char open[] =
		"<stream:stream xmlns='jabber:client' xmlns:p='urn:p&amp;&apos;' "
		"xmlns:stream='" STREAMS "' id='once'>";
	struct xml_reader *r = xml_reader_new();
	struct stanza *kept;

	xml_reader_feed(r, (const guint8 *)open, sizeof open - 1);
	stanza_free(take_stanza(r, XML_HEADER));
	feed_new_names(r, 0);
	kept = take_stanza(r, XML_STANZA);
	most_octets = held_octets;
	for (guint i = 1; i < 300000; i++) {
		struct stanza *s;

		feed_new_names(r, i);
		s = take_stanza(r, XML_STANZA);
		/* The prefix is the header's, however many parsers there were since. */
		g_assert_true(element_is(stanza_root(s), "message", "urn:p&'"));
		stanza_free(s);
	}
	xml_reader_feed(r, (const guint8 *)CLOSE, strlen(CLOSE));
	g_assert_cmpint(xml_reader_next(r, NULL), ==, XML_END);
	/* Remembered, these names would be more than 30 MB. */
	g_assert_cmpuint(most_octets, <, 8 << 20);
	xml_reader_free(r);
	g_assert_cmpstr(element_attribute(stanza_root(kept), "a-name-nobody-has-used-before-0"), ==,
			"1");
	g_assert_true(element_is(stanza_root(kept)->first, "another-name-that-is-new-0",
				 "jabber:client"));
	stanza_free(kept);
	g_assert_cmpuint(held_octets, <, 1 << 16);
}

/* The dictionary cannot change in the middle of a stanza, so one stanza has its share of it. */
static void test_distinct_names_in_one_stanza(void)
{
	GString *text = g_string_new(OPEN "<a>");

	for (guint i = 0; text->len < XML_STANZA_MAX - 100; i++)
		g_string_append_printf(text, "<name-that-is-new-and-not-short-%u/>", i);
	g_string_append(text, "</a>");
	assert_verdict(text, "Btoo-big");
}

static void test_entity_bomb(void)
{
	static const char bomb[] =
		"<?xml version='1.0'?><!DOCTYPE b [<!ENTITY a 'aaaaaaaaaa'>"
		"<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;'>]>" OPEN
		"<a>&c;</a>";

	assert_answer_n(bomb, sizeof bomb - 1, "Brestricted");
}

/* A chat of a usual size is whole as soon as its last octet is there. */
static void test_nothing_is_held_back(void)
{
	static const char text[] = "<message><body>hello</body></message>";
	struct xml_reader *r = xml_reader_new();
	struct stanza *s = NULL;

	xml_reader_feed(r, (const guint8 *)OPEN, strlen(OPEN));
	g_assert_cmpint(xml_reader_next(r, &s), ==, XML_HEADER);
	stanza_free(s);
	for (gsize i = 0; i < sizeof text - 1; i++) {
		xml_reader_feed(r, (const guint8 *)text + i, 1);
		g_assert_cmpint(xml_reader_next(r, &s), ==,
				i + 2 == sizeof text ? XML_STANZA : XML_MORE);
	}
	stanza_free(s);
	xml_reader_free(r);
}

int main(int argc, char **argv)
{
	xmlMemSetup(counting_free, counting_malloc, counting_realloc, counting_strdup);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/xmpp-lite/xml/legal-however-it-is-cut", test_legal);
	g_test_add_func("/xmpp-lite/xml/illegal-however-it-is-cut", test_illegal);
	g_test_add_func("/xmpp-lite/xml/nul-is-illegal", test_nul);
	g_test_add_func("/xmpp-lite/xml/header-has-attributes-and-namespace", test_header);
	g_test_add_func("/xmpp-lite/xml/header-without-content-namespace",
			test_no_content_namespace);
	g_test_add_func("/xmpp-lite/xml/stanzas-outlive-the-reader",
			test_stanzas_outlive_the_reader);
	g_test_add_func("/xmpp-lite/xml/last-words-come-once", test_last_words_come_once);
	g_test_add_func("/xmpp-lite/xml/nothing-is-held-back", test_nothing_is_held_back);
	g_test_add_func("/xmpp-lite/xml/depth-has-a-limit", test_depth);
	g_test_add_func("/xmpp-lite/xml/attributes-have-a-limit", test_attributes);
	g_test_add_func("/xmpp-lite/xml/stanza-size-has-a-limit", test_stanza_size);
	g_test_add_func("/xmpp-lite/xml/tag-size-has-a-limit", test_tag_size);
	g_test_add_func("/xmpp-lite/xml/endless-text-is-refused-early",
			test_endless_text_is_refused_early);
	g_test_add_func("/xmpp-lite/xml/tiny-elements-meet-the-memory-limit",
			test_tiny_elements_are_dear);
	g_test_add_func("/xmpp-lite/xml/ten-megabytes-in-single-octets",
			test_text_in_single_octets);
	g_test_add_func("/xmpp-lite/xml/text-between-many-children",
			test_text_between_many_children);
	g_test_add_func("/xmpp-lite/xml/endless-new-names-take-bounded-memory",
			test_distinct_names);
	g_test_add_func("/xmpp-lite/xml/new-names-in-one-stanza-have-a-limit",
			test_distinct_names_in_one_stanza);
	g_test_add_func("/xmpp-lite/xml/entity-bomb-is-refused", test_entity_bomb);
	return g_test_run();
}
