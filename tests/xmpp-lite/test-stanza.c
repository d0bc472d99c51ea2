/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-stanza: trees that are found in, built, copied and written. */
#include "plugins/xmpp-lite/wire/stanza.h"

#include <string.h>

#include "plugins/xmpp-lite/wire/xml.h"

#define HEADER                                                                                     \
	"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"

/* The one stanza that text is, inside a client's stream. */
static struct stanza *parse(const char *text)
{
	struct xml_reader *r = xml_reader_new();
	struct stanza *s = NULL;

	xml_reader_feed(r, (const guint8 *)HEADER, strlen(HEADER));
	g_assert_cmpint(xml_reader_next(r, &s), ==, XML_HEADER);
	stanza_free(s);
	xml_reader_feed(r, (const guint8 *)text, strlen(text));
	if (xml_reader_next(r, &s) != XML_STANZA)
		g_error("no stanza: %s", text);
	xml_reader_free(r);
	return s;
}

static void assert_xml(const struct element *e, const char *scope_ns, const char *want)
{
	g_autofree char *text = element_to_string(e, scope_ns, NULL);

	g_assert_cmpstr(text, ==, want);
}

/* ---- find ---- */

static void test_names_match_by_namespace(void)
{
	struct stanza *s = parse("<message><x:body xmlns:x='urn:other'>no</x:body><body>yes</body>"
				 "<y:z xmlns:y='urn:other'/><z/></message>");
	struct element *root = stanza_root(s);

	g_assert_true(element_is(root, "message", "jabber:client"));
	g_assert_false(element_is(root, "message", "urn:other"));
	g_assert_false(element_is(root, "body", "jabber:client"));
	g_assert_false(element_is(NULL, "message", "jabber:client"));
	g_assert_cmpstr(element_child_text(root, "body", NULL), ==, "yes");
	g_assert_cmpstr(element_child_text(root, "body", "urn:other"), ==, "no");
	g_assert_cmpstr(element_child_text(root, "z", NULL), ==, "");
	g_assert_null(element_child_text(root, "subject", NULL));
	g_assert_cmpstr(element_child(root, NULL, "urn:other")->name, ==, "body");
	g_assert_cmpstr(element_child(root, NULL, NULL)->text, ==, "yes");
	stanza_free(s);
}

static void test_siblings(void)
{
	struct stanza *s = parse("<iq><query xmlns='jabber:iq:roster'><item jid='a'/><x/>"
				 "<item xmlns='urn:other' jid='no'/><item jid='b'/></query></iq>");
	struct element *query = element_child(stanza_root(s), "query", "jabber:iq:roster");
	struct element *item = element_child(query, "item", NULL);

	g_assert_cmpstr(element_attribute(item, "jid"), ==, "a");
	item = element_next(item, "item", NULL);
	g_assert_cmpstr(element_attribute(item, "jid"), ==, "b");
	g_assert_null(element_next(item, "item", NULL));
	g_assert_null(element_next(stanza_root(s), NULL, NULL));
	stanza_free(s);
}

static void test_nothing_in_nothing(void)
{
	g_assert_null(element_child(NULL, "x", NULL));
	g_assert_null(element_next(NULL, "x", NULL));
	g_assert_null(element_attribute(NULL, "x"));
	g_assert_null(element_child_text(NULL, "x", NULL));
	g_assert_null(element_language(NULL));
	g_assert_null(element_child_for_language(NULL, "x", NULL, "en"));
	stanza_free(NULL);
}

static void test_attributes_have_no_namespace(void)
{
	struct stanza *s = parse("<iq xmlns:x='urn:x' x:id='prefixed' type='get'/>");
	struct element *root = stanza_root(s);

	g_assert_null(element_attribute(root, "id"));
	g_assert_cmpstr(element_attribute(root, "type"), ==, "get");
	g_assert_cmpstr(root->attributes->ns, ==, "urn:x");
	stanza_free(s);
}

static void test_language(void)
{
	struct stanza *s = parse("<message xml:lang='en'><body/><body xml:lang='de'><x/></body>"
				 "<body lang='fr'/></message>");
	struct element *body = element_child(stanza_root(s), "body", NULL);

	g_assert_cmpstr(element_language(body), ==, "en");
	body = element_next(body, "body", NULL);
	g_assert_cmpstr(element_language(body), ==, "de");
	g_assert_cmpstr(element_language(body->first), ==, "de");
	g_assert_cmpstr(element_language(element_next(body, "body", NULL)), ==, "en");
	stanza_free(s);
}

static void test_best_language(void)
{
	static const struct {
		const char *bodies, *language, *want;
	} cases[] = {
		{"<body xml:lang='de'>d</body><body xml:lang='de-AT'>a</body>", "de-AT", "a"},
		{"<body xml:lang='de'>d</body><body xml:lang='de-at'>a</body>", "de-AT", "a"},
		{"<body>n</body><body xml:lang='de-CH'>c</body>", "de-AT", "c"},
		{"<body xml:lang='de-CH'>c</body><body xml:lang='de'>d</body>", "de", "d"},
		{"<body xml:lang='den'>x</body><body>n</body>", "de", "n"},
		{"<body xml:lang='de'>d</body><body>n</body>", "fr", "n"},
		{"<body xml:lang='de'>d</body><body xml:lang='it'>i</body>", "fr", "d"},
		{"<body xml:lang='de'>d</body><body>n</body>", NULL, "n"},
		{"<body xml:lang=''>e</body><body xml:lang='it'>i</body>", "de", "e"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strdup_printf("<message>%s</message>", cases[i].bodies);
		struct stanza *s = parse(text);
		struct element *body =
			element_child_for_language(stanza_root(s), "body", NULL, cases[i].language);

		g_assert_cmpstr(body->text, ==, cases[i].want);
		g_assert_null(element_child_for_language(stanza_root(s), "subject", NULL, "de"));
		stanza_free(s);
	}
}

/* The stanza's own language is that of a child which names none. */
static void test_inherited_language(void)
{
	struct stanza *s = parse("<message xml:lang='en'><body xml:lang='de'>d</body>"
				 "<body>e</body></message>");

	g_assert_cmpstr(element_child_for_language(stanza_root(s), "body", NULL, "en")->text, ==,
			"e");
	g_assert_cmpstr(element_child_for_language(stanza_root(s), "body", NULL, "de")->text, ==,
			"d");
	stanza_free(s);
}

/* ---- build and write ---- */

static void test_built(void)
{
	struct stanza *s = stanza_new("message", "jabber:client");
	struct element *root = stanza_root(s), *x;

	element_set(root, "to", "juliet@example.com");
	element_set(root, "type", "normal");
	element_set(root, "id", "gone");
	element_set(root, "type", "chat");
	element_set(root, "id", NULL);
	element_set(root, "never", NULL);
	element_set_language(root, "de");
	element_add_text(root, "body", NULL, "1 < 2 & 3 > 2");
	x = element_add(root, "x", "urn:x");
	element_add(x, "inner", NULL);
	element_add(x, "client", "jabber:client");
	assert_xml(root, "jabber:client",
		   "<message to='juliet@example.com' type='chat' xml:lang='de'>"
		   "<body>1 &lt; 2 &amp; 3 &gt; 2</body><x xmlns='urn:x'><inner/>"
		   "<client xmlns='jabber:client'/></x></message>");
	assert_xml(x, "jabber:client",
		   "<x xmlns='urn:x'><inner/><client xmlns='jabber:client'/></x>");
	assert_xml(x, "urn:x", "<x><inner/><client xmlns='jabber:client'/></x>");
	assert_xml(element_child(x, "inner", NULL), NULL, "<inner xmlns='urn:x'/>");
	element_set_language(root, NULL);
	g_assert_null(element_language(root));
	stanza_free(s);
}

static void test_namespaces_do_not_leak(void)
{
	struct stanza *s = stanza_new("a", "urn:a");
	struct element *none = element_add(stanza_root(s), "none", "");

	element_add(none, "b", NULL);
	element_add(none, "c", "urn:a");
	assert_xml(stanza_root(s), NULL,
		   "<a xmlns='urn:a'><none xmlns=''><b/><c xmlns='urn:a'/></none></a>");
	stanza_free(s);
}

static void test_escapes(void)
{
	struct stanza *s = stanza_new("a", "");

	element_set(stanza_root(s), "b", "'\"<>&\t\n\r\x01\xef\xbf\xbe\xef\xbf\xbd");
	element_set_text(stanza_root(s), "'\"<>&\t\n\r\x01\x1f\x7f\xef\xbf\xbfä");
	assert_xml(stanza_root(s), "",
		   "<a b='&apos;\"&lt;&gt;&amp;&#9;&#10;&#13;\xef\xbf\xbd'>"
		   "'\"&lt;&gt;&amp;\t\n&#13;\x7fä</a>");
	stanza_free(s);
}

static void test_survives_the_way_back(void)
{
	static const char *const cases[] = {
		"<message><body>a &#13;&lt;&#x1F600;]]&gt;</body></message>",
		"<iq a='&#9;&#10;&apos;' b='\"'/>",
		"<iq xmlns:x='urn:x' x:id='1' x:b='&amp;' id='2'><x:y x:z=''/></iq>",
		"<iq xml:lang='de' xml:space='preserve'><xml:odd><b/><xml:c/></xml:odd></iq>",
		"<a xmlns=''><b xmlns='urn:b'><c xmlns=''/></b></a>",
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct stanza *s = parse(cases[i]), *again, *copy;
		g_autofree char *text = element_to_string(stanza_root(s), "jabber:client", NULL);

		again = parse(text);
		copy = stanza_copy(stanza_root(s));
		assert_xml(stanza_root(again), "jabber:client", text);
		assert_xml(stanza_root(copy), "jabber:client", text);
		stanza_free(s);
		stanza_free(again);
		stanza_free(copy);
	}
}

static void test_copies_stand_alone(void)
{
	struct stanza *from = parse("<message from='a'><body xml:lang='en'>hi</body></message>");
	struct stanza *to = stanza_new("forwarded", "urn:xmpp:forward:0");
	struct element *copy = element_add_copy(stanza_root(to), stanza_root(from));

	stanza_free(from);
	g_assert_true(copy->parent == stanza_root(to));
	assert_xml(stanza_root(to), NULL,
		   "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='a'>"
		   "<body xml:lang='en'>hi</body></message></forwarded>");
	stanza_free(to);
}

static void test_copy_into_itself(void)
{
	struct stanza *s = stanza_new("a", "");
	struct element *b = element_add(stanza_root(s), "b", NULL);

	element_add_copy(b, stanza_root(s));
	assert_xml(stanza_root(s), "", "<a><b><a><b/></a></b></a>");
	stanza_free(s);
}

static void test_grows(void)
{
	g_autofree char *large = g_strnfill(300000, 'x');
	struct stanza *s = stanza_new("a", "");
	guint n = 0;

	for (guint i = 0; i < 20000; i++) {
		element_set(element_add(stanza_root(s), "item", NULL), "jid", "a@b");
		if (i % 5000 == 0)
			element_add_text(stanza_root(s), "large", NULL, large);
	}
	for (struct element *e = stanza_root(s)->first; e; e = e->next)
		if (strcmp(e->name, "large") == 0)
			g_assert_cmpstr(e->text, ==, large);
		else
			n += strcmp(element_attribute(e, "jid"), "a@b") == 0;
	g_assert_cmpuint(n, ==, 20000);
	stanza_free(s);
}

static gboolean is_password(const struct element *e)
{
	return strcmp(e->name, "password") == 0;
}

static void test_secrets_are_blanked(void)
{
	struct stanza *s = parse("<x><user>me</user><password>geheim<b>mehr</b></password>"
				 "<password/></x>");
	g_autofree char *text = element_to_string(stanza_root(s), "jabber:client", is_password);

	g_assert_cmpstr(text, ==,
			"<x><user>me</user><password>any</password><password>any</password></x>");
	stanza_free(s);
}

static void test_full_buffer_stays_as_it_was(void)
{
	struct stanza *s = parse("<message><body>0123456789</body></message>");
	gsize n = strlen("<message><body>0123456789</body></message>");

	for (gsize max = 3; max <= n + 3; max++) {
		struct bytes *out = bytes_new(max);
		gboolean fits = max == n + 3;
		gsize length;

		bytes_append_str(out, "abc");
		g_assert_true(element_write(stanza_root(s), "jabber:client", NULL, out) == fits);
		g_assert_true(memcmp(bytes_peek(out, &length), "abc", 3) == 0);
		g_assert_cmpuint(length, ==, fits ? max : 3);
		bytes_free(out);
	}
	stanza_free(s);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/xmpp-lite/stanza/names-match-by-namespace",
			test_names_match_by_namespace);
	g_test_add_func("/xmpp-lite/stanza/siblings-by-name", test_siblings);
	g_test_add_func("/xmpp-lite/stanza/nothing-is-in-nothing", test_nothing_in_nothing);
	g_test_add_func("/xmpp-lite/stanza/prefixed-attributes-are-others",
			test_attributes_have_no_namespace);
	g_test_add_func("/xmpp-lite/stanza/language-comes-from-outside", test_language);
	g_test_add_func("/xmpp-lite/stanza/best-language-wins", test_best_language);
	g_test_add_func("/xmpp-lite/stanza/stanza-language-counts-inside", test_inherited_language);
	g_test_add_func("/xmpp-lite/stanza/built-and-written", test_built);
	g_test_add_func("/xmpp-lite/stanza/namespaces-do-not-leak", test_namespaces_do_not_leak);
	g_test_add_func("/xmpp-lite/stanza/what-xml-forbids-is-left-out", test_escapes);
	g_test_add_func("/xmpp-lite/stanza/written-and-read-again-is-the-same",
			test_survives_the_way_back);
	g_test_add_func("/xmpp-lite/stanza/copies-outlive-the-original", test_copies_stand_alone);
	g_test_add_func("/xmpp-lite/stanza/copied-into-itself-ends", test_copy_into_itself);
	g_test_add_func("/xmpp-lite/stanza/arena-grows", test_grows);
	g_test_add_func("/xmpp-lite/stanza/secrets-are-blanked", test_secrets_are_blanked);
	g_test_add_func("/xmpp-lite/stanza/full-buffer-stays-as-it-was",
			test_full_buffer_stays_as_it_was);
	return g_test_run();
}
