/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench-xml: one stream of mixed stanzas, read by us, by bare libxml2 and as prpl-jabber does. */
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xmlnode.h>

#include "plugins/xmpp-lite/wire/xml.h"

#define STANZAS 20000
#define PIECE 4096
#define ROUNDS 5

/* ---- the stream ---- */

static const char header[] = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
			     "xmlns:stream='http://etherx.jabber.org/streams' id='bench' "
			     "from='example.org' version='1.0'>";

/* The same numbers on every machine and in every run. */
static guint32 next_number(guint32 *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static const char *words(guint32 *state)
{
	static const char *const sentences[] = {
		"ok",
		"See you at eight, the usual place, and bring the papers with you.",
		"Does anybody know why the train from Graz is late again? It says 40 minutes &amp; "
		"rising.",
		"I have pushed the change; please have a look when you find the time. The tests "
		"pass "
		"here, on both machines, but the third one is offline until Monday.",
		"The minutes of yesterday: the roof is paid for, the garden is not; three of us "
		"carry the "
		"tables on Friday, and whoever has a van, please say so here before Thursday noon. "
		"Lena asks for recipes without nuts. The key stays with the neighbours on the "
		"left, "
		"who are at home from five. If it rains we meet inside, second floor, and somebody "
		"has to bring the long cable again, the one with the blue plug, because the other "
		"one "
		"is still at school. See you all there &#x1F642;",
		"Grüße aus Köln &lt;3",
	};

	return sentences[next_number(state) % G_N_ELEMENTS(sentences)];
}

static void add_chat(GString *to, guint32 i, guint32 *state)
{
	g_string_append_printf(
		to,
		"<message from='contact%u@example.org/phone.%x' to='me@example.org' type='chat' "
		"id='%08x-51f3-4be2'><body>%s</body><active "
		"xmlns='http://jabber.org/protocol/chatstates'/>"
		"<request xmlns='urn:xmpp:receipts'/><origin-id xmlns='urn:xmpp:sid:0' "
		"id='%08x-51f3-4be2'/>"
		"<stanza-id xmlns='urn:xmpp:sid:0' by='me@example.org' id='17%014u'/></message>",
		i % 500, i, i, words(state), i, i);
}

static void add_delayed(GString *to, guint32 i, guint32 *state)
{
	g_string_append_printf(
		to,
		"<message from='room%u@conference.example.org/Nick %u' to='me@example.org/desk' "
		"type='groupchat' id='g%u'><body>%s</body><delay xmlns='urn:xmpp:delay' "
		"from='room%u@conference.example.org' stamp='2026-03-01T10:%02u:%02uZ'/>"
		"<x xmlns='jabber:x:delay' stamp='20260301T10:%02u:%02u'/></message>",
		i % 20, i % 70, i, words(state), i % 20, i % 60, i % 59, i % 60, i % 59);
}

static void add_carbon(GString *to, guint32 i, guint32 *state)
{
	g_string_append_printf(
		to,
		"<message from='me@example.org' to='me@example.org/desk' type='chat'>"
		"<sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
		"<message xmlns='jabber:client' from='me@example.org/phone' "
		"to='contact%u@example.org' "
		"type='chat' id='c%u'><body>%s</body><markable xmlns='urn:xmpp:chat-markers:0'/>"
		"<active "
		"xmlns='http://jabber.org/protocol/chatstates'/></message></forwarded></sent></"
		"message>",
		i % 500, i, words(state));
}

static void add_presence(GString *to, guint32 i, guint32 *state)
{
	g_string_append_printf(to,
			       "<presence from='contact%u@example.org/laptop' "
			       "to='me@example.org/desk' xml:lang='en'>"
			       "<show>away</show><status>%s</status><priority>5</priority>"
			       "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
			       "node='https://client.example' "
			       "ver='QgayPKawpkPSDYmwT/WM94uAlu0='/><x "
			       "xmlns='vcard-temp:x:update'><photo>%08x%08x%08x"
			       "</photo></x><idle xmlns='urn:xmpp:idle:1' "
			       "since='2026-03-01T09:00:00Z'/></presence>",
			       i % 500, words(state), i, i * 7, i * 13);
}

static void add_push(GString *to, guint32 i)
{
	g_string_append_printf(
		to,
		"<iq type='set' id='push%u' to='me@example.org/desk'><query "
		"xmlns='jabber:iq:roster' ver='%u'>"
		"<item jid='contact%u@example.org' name='Contact Number %u' subscription='both'>"
		"<group>Friends</group><group>Work</group></item></query></iq>",
		i, i, i % 500, i % 500);
}

static void add_event(GString *to, guint32 i)
{
	g_string_append_printf(
		to,
		"<message from='contact%u@example.org' to='me@example.org/desk' type='headline'>"
		"<event xmlns='http://jabber.org/protocol/pubsub#event'>"
		"<items node='urn:xmpp:avatar:metadata'><item id='%08x'>"
		"<metadata xmlns='urn:xmpp:avatar:metadata'><info bytes='12345' height='64' "
		"id='%08x' type='image/png' width='64'/></metadata></item></items></event>"
		"<addresses xmlns='http://jabber.org/protocol/address'>"
		"<address type='replyto' jid='contact%u@example.org/phone'/></addresses></message>",
		i % 500, i, i, i % 500);
}

static GString *make_stream(void)
{
	GString *to = g_string_new(header);
	guint32 state = 1;

	for (guint32 i = 0; i < STANZAS; i++) {
		guint32 kind = next_number(&state) % 20;

		if (kind < 6)
			add_chat(to, i, &state);
		else if (kind < 8)
			add_delayed(to, i, &state);
		else if (kind < 12)
			add_carbon(to, i, &state);
		else if (kind < 17)
			add_presence(to, i, &state);
		else if (kind < 19)
			add_push(to, i);
		else
			add_event(to, i);
	}
	g_string_append(to, "</stream:stream>");
	return to;
}

static void check_count(const char *who, guint n)
{
	if (n == STANZAS)
		return;
	fprintf(stderr, "bench-xml: %s read %u stanzas of %u\n", who, n, STANZAS);
	exit(1);
}

/* ---- ours ---- */

static guint take_all(struct xml_reader *r)
{
	struct stanza *s = NULL;
	enum xml_item item;
	guint n = 0;

	while ((item = xml_reader_next(r, &s)) != XML_MORE) {
		if (item == XML_STANZA)
			n++;
		if (item == XML_STANZA || item == XML_HEADER)
			stanza_free(s);
	}
	return n;
}

static void read_ours(const char *data, gsize size)
{
	struct xml_reader *r = xml_reader_new();
	guint n = 0;

	for (gsize at = 0; at < size; at += PIECE) {
		xml_reader_feed(r, (const guint8 *)data + at, MIN(PIECE, size - at));
		n += take_all(r);
	}
	xml_reader_free(r);
	check_count("ours", n);
}

/* ---- libxml2 ---- */

static void parse_with(xmlSAXHandler *sax, void *user, const char *data, gsize size)
{
	xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(sax, user, NULL, 0, NULL);

	xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_NOENT);
	for (gsize at = 0; at < size; at += PIECE)
		xmlParseChunk(parser, data + at, MIN(PIECE, size - at), 0);
	xmlFreeParserCtxt(parser);
}

static void ignore_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
			 int n_namespaces, const xmlChar **namespaces, int n_attributes,
			 int n_defaulted, const xmlChar **attributes)
{
	++*(guint *)user;
}

static void ignore_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
}

static void ignore_text(void *user, const xmlChar *text, int n)
{
}

static void ignore_document(void *user)
{
}

static void ignore_reference(void *user, const xmlChar *name)
{
}

static void ignore_error(void *user, xmlErrorPtr error)
{
}

static void read_sax(const char *data, gsize size)
{
	xmlSAXHandler sax = {
		.initialized = XML_SAX2_MAGIC,
		.startDocument = ignore_document,
		.startElementNs = ignore_start,
		.endElementNs = ignore_end,
		.characters = ignore_text,
		.ignorableWhitespace = ignore_text,
		.cdataBlock = ignore_text,
		.reference = ignore_reference,
		.serror = ignore_error,
	};
	guint n = 0;

	parse_with(&sax, &n, data, size);
	if (n <= STANZAS)
		check_count("libxml2", n);
}

/* ---- libpurple ---- */

struct nodes {
	xmlnode *current;
	guint depth, n;
};

static void node_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		       int n_namespaces, const xmlChar **namespaces, int n_attributes,
		       int n_defaulted, const xmlChar **attributes)
{
	struct nodes *t = user;
	xmlnode *node;

	if (t->depth++ == 0)
		return;
	if (t->current)
		node = xmlnode_new_child(t->current, (const char *)name);
	else
		node = xmlnode_new((const char *)name);
	xmlnode_set_namespace(node, (const char *)uri);
	xmlnode_set_prefix(node, (const char *)prefix);
	if (n_namespaces > 0)
		node->namespace_map =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	for (int i = 0; i < n_namespaces; i++, namespaces += 2)
		g_hash_table_insert(node->namespace_map,
				    g_strdup(namespaces[0] ? (const char *)namespaces[0] : ""),
				    g_strdup((const char *)namespaces[1]));
	for (int i = 0; i < n_attributes; i++, attributes += 5) {
		char *value = g_strndup((const char *)attributes[3], attributes[4] - attributes[3]);

		xmlnode_set_attrib_full(node, (const char *)attributes[0],
					(const char *)attributes[2], (const char *)attributes[1],
					value);
		g_free(value);
	}
	t->current = node;
}

static void node_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct nodes *t = user;

	t->depth--;
	if (!t->current)
		return;
	if (t->current->parent) {
		t->current = t->current->parent;
		return;
	}
	xmlnode_free(t->current);
	t->current = NULL;
	t->n++;
}

static void node_text(void *user, const xmlChar *text, int n)
{
	struct nodes *t = user;

	if (t->current && n > 0)
		xmlnode_insert_data(t->current, (const char *)text, n);
}

static void read_xmlnode(const char *data, gsize size)
{
	xmlSAXHandler sax = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = node_start,
		.endElementNs = node_end,
		.characters = node_text,
		.serror = ignore_error,
	};
	struct nodes t = {0};

	parse_with(&sax, &t, data, size);
	check_count("xmlnode", t.n);
}

/* Declared here, because its header wants D-Bus's; a libpurple without D-Bus does not have it. */
void purple_dbus_init_ids(void) __attribute__((weak));

/* ---- the race ---- */

struct runner {
	const char *name;
	void (*read)(const char *data, gsize size);
	double took[ROUNDS]; /* seconds */
};

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *values)
{
	double sorted[ROUNDS];

	memcpy(sorted, values, sizeof sorted);
	qsort(sorted, ROUNDS, sizeof *sorted, by_size);
	return sorted[ROUNDS / 2];
}

/* Round by round, so that a busy moment of the machine counts on both sides. */
static double median_ratio(const struct runner *theirs, const struct runner *ours)
{
	double ratios[ROUNDS];

	for (guint round = 0; round < ROUNDS; round++)
		ratios[round] = theirs->took[round] / ours->took[round];
	return median(ratios);
}

static void run_rounds(struct runner *runners, guint n, const GString *stream)
{
	for (guint round = 0; round < ROUNDS; round++)
		for (guint i = 0; i < n; i++) {
			gint64 start = g_get_monotonic_time();

			runners[i].read(stream->str, stream->len);
			runners[i].took[round] = (g_get_monotonic_time() - start) / 1e6;
		}
}

int main(void)
{
	struct runner runners[] = {
		{"ours", read_ours},
		{"libxml2-sax", read_sax},
		{"purple-xmlnode", read_xmlnode},
	};
	GString *stream = make_stream();
	double ours;

	/* xmlnode registers every node, as it does in a running libpurple. */
	if (purple_dbus_init_ids)
		purple_dbus_init_ids();
	run_rounds(runners, G_N_ELEMENTS(runners), stream);
	ours = median(runners[0].took);
	for (guint i = 1; i < G_N_ELEMENTS(runners); i++) {
		double ratio = median_ratio(&runners[i], &runners[0]);

		printf("BENCH xmpp-lite/xml-throughput %.1f MB/s higher ratio=%.2f vs=%s\n",
		       stream->len / 1e6 / ours, ratio, runners[i].name);
		printf("BENCH xmpp-lite/xml-stanzas %.0f stanza/s higher ratio=%.2f vs=%s\n",
		       STANZAS / ours, ratio, runners[i].name);
	}
	g_string_free(stream, TRUE);
	return 0;
}
