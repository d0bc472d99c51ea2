/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-xml: a stream means the same however it is cut, and what was read can be written and read
 * again. The input is fed as it is, and behind a stream header. */
#include <string.h>

#include "plugins/xmpp-lite/wire/xml.h"

#define HEADER                                                                                     \
	"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n);

static void check_shape(const struct element *e, guint depth)
{
	guint attributes = 0;

	g_assert_true(depth <= XML_DEPTH_MAX);
	g_assert_true(e->text_length == strlen(e->text));
	g_assert_true(g_utf8_validate(e->text, -1, NULL) && g_utf8_validate(e->name, -1, NULL));
	for (const struct attribute *a = e->attributes; a; a = a->next) {
		g_assert_true(++attributes <= XML_ATTRIBUTES_MAX);
		g_assert_true(g_utf8_validate(a->value, -1, NULL));
	}
	for (const struct element *c = e->first; c; c = c->next) {
		g_assert_true(c->parent == e);
		g_assert_true(c->next || e->last == c);
		check_shape(c, depth + 1);
	}
}

/* A tag with two faults may be told by either: libxml2 sees an unbound prefix before or after the
 * octets that are no characters, as they were cut. */
static enum xml_error error_class(const struct xml_reader *r)
{
	enum xml_error error = xml_reader_error(r, NULL);

	return error == XML_ERROR_NAMESPACE ? XML_ERROR_NOT_WELL_FORMED : error;
}

/* All items as text. */
static void take_all(struct xml_reader *r, GString *to)
{
	struct stanza *s = NULL;
	enum xml_item item;

	while ((item = xml_reader_next(r, &s)) != XML_MORE) {
		g_string_append_printf(to, "%d:", item);
		if (item == XML_BAD)
			g_string_append_printf(to, "%d", error_class(r));
		if (item != XML_HEADER && item != XML_STANZA)
			continue;
		g_autofree char *text = element_to_string(stanza_root(s), NULL, NULL);

		check_shape(stanza_root(s), 1);
		g_string_append(to, text);
		stanza_free(s);
	}
}

/* The answer to data in pieces of step octets, the first one of first octets. */
static char *answer(const char *before, const guint8 *data, gsize n, gsize first, gsize step)
{
	struct xml_reader *r = xml_reader_new();
	GString *to = g_string_new(NULL);

	xml_reader_feed(r, (const guint8 *)before, strlen(before));
	for (gsize at = 0, piece = first; at < n; at += piece, piece = step) {
		piece = MIN(piece, n - at);
		xml_reader_feed(r, data + at, piece);
		take_all(r, to);
	}
	take_all(r, to);
	xml_reader_free(r);
	return g_string_free(to, FALSE);
}

/* What we write is legal, and means what was read. */
static void check_round_trip(const guint8 *data, gsize n)
{
	struct xml_reader *r = xml_reader_new(), *again = xml_reader_new();
	struct stanza *s = NULL, *copy = NULL;
	enum xml_item item;

	xml_reader_feed(r, (const guint8 *)HEADER, strlen(HEADER));
	xml_reader_feed(again, (const guint8 *)HEADER, strlen(HEADER));
	g_assert_true(xml_reader_next(again, &copy) == XML_HEADER);
	stanza_free(copy);
	xml_reader_feed(r, data, n);
	while ((item = xml_reader_next(r, &s)) == XML_HEADER || item == XML_STANZA) {
		g_autofree char *text = element_to_string(stanza_root(s), "jabber:client", NULL);

		if (item == XML_STANZA && strlen(text) < XML_TAG_MAX) {
			g_autofree char *second = NULL;

			xml_reader_feed(again, (const guint8 *)text, strlen(text));
			g_assert_true(xml_reader_next(again, &copy) == XML_STANZA);
			second = element_to_string(stanza_root(copy), "jabber:client", NULL);
			g_assert_cmpstr(text, ==, second);
			stanza_free(copy);
		}
		stanza_free(s);
	}
	xml_reader_free(r);
	xml_reader_free(again);
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n)
{
	static const char *const before[] = {"", HEADER};

	for (guint i = 0; i < G_N_ELEMENTS(before); i++) {
		gsize cut = n > 1 ? 1 + (data[n - 1] * 257u + n) % (n - 1) : n;
		g_autofree char *whole = answer(before[i], data, n, n, n);
		g_autofree char *bytewise = answer(before[i], data, n, 1, 1);
		g_autofree char *halves = answer(before[i], data, n, cut, n);

		g_assert_cmpstr(whole, ==, bytewise);
		g_assert_cmpstr(whole, ==, halves);
	}
	check_round_trip(data, n);
	return 0;
}
