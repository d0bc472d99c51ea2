/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xml: libxml2's push parser between a cutter that guards it and a builder that makes stanzas.
 * libxml2 decides what is well formed and resolves prefixes; it builds no tree, loads nothing. */
#include "plugins/xmpp-lite/wire/xml.h"

#include <gnutls/gnutls.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <string.h>

#include "plugins/xmpp-lite/wire/arena.h"
#include "plugins/xmpp-lite/wire/cut.h"

#define STREAM_NAMESPACE "http://etherx.jabber.org/streams"
#define XML_DECLARATION "<?xml version='1.0'?>"
/* Text waits until a tag ends or this much is there: text alone completes nothing, and tiny pieces
 * are dear to libxml2. */
#define HELD_TEXT_MAX 4096

/* The dictionary in which libxml2 keeps every name and namespace once. Stanzas point into it and
 * keep it alive, which saves them a copy of each. */
struct names {
	struct arena_names shared;
	xmlDictPtr dictionary;
};

/* An element that is open. */
struct level {
	struct element *element;
	gsize text_room; /* octets its text may take where it stands */
};

struct xml_reader {
	xmlParserCtxtPtr parser;
	struct names *names; /* the parser's */
	struct cut cut;
	GByteArray *held; /* seen by the cutter, not yet by the parser */

	struct level levels[XML_DEPTH_MAX + 2]; /* the first one is the header's */
	guint depth;
	struct stanza *building;

	struct stanza *first, *last; /* waiting to be taken */
	guint mark;		     /* octets of UTF-8's byte order mark seen */
	gboolean has_begun;	     /* what may stand before the first character is behind us */
	gboolean is_declared;	     /* the parser has an XML declaration, or will find one */
	gboolean has_header, header_taken, has_end;
	gboolean is_finished; /* XML_END or XML_BAD was taken */
	gboolean is_renewing; /* the parser reads again what the stream has said before */
	char *header;	      /* the header as a new parser has to read it */
	char *content_namespace;

	enum xml_error error;
	const char *why;
};

static void fail(struct xml_reader *r, enum xml_error error, const char *why)
{
	if (r->error)
		return;
	r->error = error;
	r->why = why;
	g_clear_pointer(&r->building, stanza_free);
}

/* ---- the builder: what the parser calls ---- */

/* A failed or renewing reader lets the parser run to the end of its piece and ignores it. */
static gboolean is_deaf(const struct xml_reader *r)
{
	return r->error || r->is_renewing;
}

static void on_declaration(void *user)
{
	struct xml_reader *r = user;
	const char *encoding = (const char *)r->parser->encoding;

	if (encoding && g_ascii_strcasecmp(encoding, "UTF-8") != 0)
		fail(r, XML_ERROR_ENCODING, "the declared encoding is not UTF-8");
}

/* libxml2 hands attributes as five pointers each: name, prefix, namespace, value, end of value.
 * Names need no copy, see struct names. */
static void add_attributes(struct stanza *s, struct element *e, int n, const xmlChar **from)
{
	struct attribute *a = n > 0 ? arena_take(s, n * sizeof *a) : NULL;

	e->attributes = a;
	for (; n > 0; n--, a++, from += 5) {
		a->name = (const char *)from[0];
		a->ns = (const char *)from[2];
		a->value = arena_copy(s, (const char *)from[3], from[4] - from[3]);
		a->next = n > 1 ? a + 1 : NULL;
	}
}

/* What a parser started in the middle of the stream must know: every prefix of the header. */
static char *header_again(const char *name, const xmlChar *prefix, int n,
			  const xmlChar **namespaces)
{
	GString *text = g_string_new(XML_DECLARATION "<");

	if (prefix)
		g_string_append_printf(text, "%s:", (const char *)prefix);
	g_string_append(text, name);
	for (; n > 0; n--, namespaces += 2) {
		g_autofree char *uri = g_markup_escape_text((const char *)namespaces[1], -1);

		g_string_append(text, " xmlns");
		if (namespaces[0])
			g_string_append_printf(text, ":%s", (const char *)namespaces[0]);
		g_string_append_printf(text, "='%s'", uri);
	}
	g_string_append_c(text, '>');
	return g_string_free(text, FALSE);
}

static void read_header(struct xml_reader *r, const struct element *root, const xmlChar *prefix,
			int n, const xmlChar **namespaces)
{
	if (!element_is(root, "stream", STREAM_NAMESPACE)) {
		fail(r, XML_ERROR_NAMESPACE, "the root is not a stream");
		return;
	}
	r->header = header_again(root->name, prefix, n, namespaces);
	for (; n > 0; n--, namespaces += 2)
		if (!namespaces[0] && *namespaces[1])
			r->content_namespace = g_strdup((const char *)namespaces[1]);
}

static void queue(struct xml_reader *r)
{
	if (r->last)
		r->last->next = r->building;
	else
		r->first = r->building;
	r->last = r->building;
	r->building = NULL;
}

static gboolean fits(struct xml_reader *r)
{
	if (r->building->size <= XML_ARENA_MAX)
		return TRUE;
	fail(r, XML_ERROR_TOO_BIG, "a stanza takes too much memory");
	return FALSE;
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		     int n_namespaces, const xmlChar **namespaces, int n_attributes,
		     int n_defaulted, const xmlChar **attributes)
{
	struct xml_reader *r = user;
	struct level *outer, *level;
	struct stanza *s;
	struct element *e;

	if (is_deaf(r))
		return;
	if (r->depth >= G_N_ELEMENTS(r->levels)) {
		fail(r, XML_ERROR_TOO_BIG, "elements are nested too deep");
		return;
	}
	outer = r->depth > 1 ? &r->levels[r->depth - 1] : NULL;
	if (!outer)
		r->building = arena_new(&r->names->shared);
	s = r->building;
	e = arena_element(s, outer ? outer->element : NULL, (const char *)name,
			  uri ? (const char *)uri : "");
	add_attributes(s, e, n_attributes, attributes);
	if (!fits(r))
		return;
	level = &r->levels[r->depth++];
	level->element = e;
	level->text_room = 0;
	if (outer)
		return;
	s->root = e;
	if (r->has_header)
		return;
	r->has_header = TRUE;
	read_header(r, e, prefix, n_namespaces, namespaces);
	if (!r->error)
		queue(r);
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct xml_reader *r = user;

	if (is_deaf(r))
		return;
	r->depth--;
	if (r->depth == 1)
		queue(r);
	else if (r->depth == 0)
		r->has_end = TRUE;
}

/* Room for n octets and a NUL behind the text of level: where it stands when it is the newest in
 * the arena, else twice as large elsewhere, so that any number of pieces costs linear time. */
static char *text_room(struct stanza *s, struct level *level, gsize n)
{
	struct element *e = level->element;
	gsize used = e->text_length, need = used + n + 1;
	char *text = (char *)e->text;

	if (need <= level->text_room)
		return text;
	if (level->text_room > 0 && text + level->text_room == s->at &&
	    need - level->text_room <= (gsize)(s->end - s->at)) {
		s->at += need - level->text_room;
		level->text_room = need;
		return text;
	}
	level->text_room = used > 0 ? 2 * need : need;
	text = arena_take_text(s, level->text_room);
	memcpy(text, e->text, used);
	e->text = text;
	return text;
}

static void on_text(void *user, const xmlChar *piece, int n)
{
	struct xml_reader *r = user;
	struct level *level;
	char *text;

	/* The cutter has made sure that text between stanzas is white space. */
	if (is_deaf(r) || r->depth < 2 || n <= 0)
		return;
	level = &r->levels[r->depth - 1];
	text = text_room(r->building, level, n);
	memcpy(text + level->element->text_length, piece, n);
	level->element->text_length += n;
	text[level->element->text_length] = '\0';
	fits(r);
}

/* libxml2 lets overlong sequences pass in a CDATA section, and nowhere else. */
static void on_cdata(void *user, const xmlChar *piece, int n)
{
	if (n > 0 && !g_utf8_validate_len((const char *)piece, n, NULL))
		fail(user, XML_ERROR_NOT_WELL_FORMED, "a CDATA section that is not UTF-8");
	on_text(user, piece, n);
}

/* The cutter has stopped comments, instructions and DTDs; what is left is an entity. */
static void on_restricted(void *user, const xmlChar *name)
{
	fail(user, XML_ERROR_RESTRICTED, "an entity other than the five");
}

static void on_error(void *user, xmlErrorPtr error)
{
	struct xml_reader *r = user;

	/* That a namespace is no absolute URI troubles nobody: "vcard-temp:x:update" is none. */
	if (error->level == XML_ERR_WARNING || error->code == XML_WAR_NS_URI)
		return;
	if (error->code == XML_ERR_UNDECLARED_ENTITY || error->code == XML_WAR_UNDECLARED_ENTITY)
		fail(r, XML_ERROR_RESTRICTED, "an entity other than the five");
	else if (error->code == XML_ERR_UNSUPPORTED_ENCODING ||
		 error->code == XML_ERR_UNKNOWN_ENCODING ||
		 (error->code == XML_ERR_INVALID_ENCODING && !r->has_header))
		fail(r, XML_ERROR_ENCODING, "an encoding other than UTF-8");
	else if (error->domain == XML_FROM_NAMESPACE)
		fail(r, XML_ERROR_NAMESPACE, "a prefix that is not bound");
	else if (xmlDictGetUsage(r->parser->dict) > XML_NAMES_MAX)
		fail(r, XML_ERROR_TOO_BIG, "too many distinct names in one stanza");
	else
		fail(r, XML_ERROR_NOT_WELL_FORMED, "not well formed");
}

/* ---- the parser ---- */

static void names_free(struct arena_names *shared)
{
	struct names *names = (struct names *)shared;

	xmlDictFree(names->dictionary);
	g_free(names);
}

static struct names *names_new(xmlDictPtr dictionary)
{
	struct names *names = g_new0(struct names, 1);

	xmlDictReference(dictionary);
	names->shared.users = 1;
	names->shared.free = names_free;
	names->dictionary = dictionary;
	return names;
}

static void open_parser(struct xml_reader *r)
{
	xmlSAXHandler sax = {
		.initialized = XML_SAX2_MAGIC,
		.startDocument = on_declaration,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_cdata,
		.reference = on_restricted,
		.serror = on_error,
	};

	r->parser = xmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL);
	if (!r->parser)
		g_error("xml: no memory for a parser");
	/* NOENT: otherwise "&amp;" in an attribute arrives as "&#38;". */
	xmlCtxtUseOptions(r->parser, XML_PARSE_NONET | XML_PARSE_NOENT);
	xmlDictSetLimit(r->parser->dict, XML_NAMES_MAX);
	r->names = names_new(r->parser->dict);
}

static void close_parser(struct xml_reader *r)
{
	xmlFreeParserCtxt(r->parser);
	arena_names_leave(&r->names->shared);
}

static gsize unread(const struct xml_reader *r)
{
	return r->parser->input ? r->parser->input->end - r->parser->input->cur : 0;
}

static void parse(struct xml_reader *r, const void *data, gsize n)
{
	if (n == 0 || r->error)
		return;
	xmlParseChunk(r->parser, data, n, 0);
	/* Behind whole tags this is a reference without an end, such as "&aaaa…". */
	if (unread(r) > XML_TAG_MAX)
		fail(r, XML_ERROR_TOO_BIG, "a reference without an end");
}

/* Names stay in libxml2's dictionary as long as the parser lives; a peer that keeps inventing new
 * ones would take any memory. */
static gboolean wants_renewal(const struct xml_reader *r)
{
	return !r->error && r->header && xmlDictGetUsage(r->parser->dict) > XML_NAMES_MAX;
}

static void renew_parser(struct xml_reader *r)
{
	close_parser(r);
	open_parser(r);
	r->is_renewing = TRUE;
	parse(r, r->header, strlen(r->header));
	r->is_renewing = FALSE;
}

/* ---- the stream ---- */

struct xml_reader *xml_reader_new(void)
{
	struct xml_reader *r = g_new0(struct xml_reader, 1);

	r->held = g_byte_array_new();
	open_parser(r);
	return r;
}

static void drop_held(struct xml_reader *r)
{
	if (r->held->len > 0)
		gnutls_memset(r->held->data, 0, r->held->len);
	g_byte_array_set_size(r->held, 0);
}

void xml_reader_free(struct xml_reader *r)
{
	if (!r)
		return;
	close_parser(r);
	drop_held(r);
	g_byte_array_unref(r->held);
	stanza_free(r->building);
	while (r->first) {
		struct stanza *s = r->first;

		r->first = s->next;
		stanza_free(s);
	}
	g_free(r->header);
	g_free(r->content_namespace);
	g_free(r);
}

/* libxml2 looks at four octets before it begins; with a declaration it always has them. */
static void begin_parser(struct xml_reader *r)
{
	if (!r->is_declared && !r->cut.is_declared)
		parse(r, XML_DECLARATION, strlen(XML_DECLARATION));
	r->is_declared = TRUE;
}

static void parse_held(struct xml_reader *r)
{
	begin_parser(r);
	parse(r, r->held->data, r->held->len);
	drop_held(r);
}

/* What libxml2 has to say about the octets before comes first, however they were cut. */
static void fail_behind_held(struct xml_reader *r, enum xml_error error, const char *why)
{
	parse_held(r);
	fail(r, error, why);
}

/* The parser follows up to the end of every tag, or it waits for what cannot come, the ";" of a
 * reference without one. */
static void parse_tags(struct xml_reader *r, const guint8 *data, gsize n)
{
	parse_held(r);
	parse(r, data, n);
	if (r->depth != r->cut.depth || unread(r) > 0)
		fail(r, XML_ERROR_NOT_WELL_FORMED, "a reference without an end");
}

/* A byte order mark is no character of the stream (XML 1.0 section 4.3.3); UTF-16's and UTF-32's
 * say that what follows is not UTF-8. */
static void check_beginning(struct xml_reader *r, const guint8 **data, gsize *n)
{
	static const guint8 mark[] = {0xef, 0xbb, 0xbf};

	while (*n > 0 && !r->has_begun && !r->error) {
		guint8 octet = **data;

		if (r->mark < sizeof mark && octet == mark[r->mark]) {
			r->mark++;
			++*data;
			--*n;
			r->has_begun = r->mark == sizeof mark;
		} else if (r->mark > 0) {
			fail(r, XML_ERROR_NOT_WELL_FORMED, "text before the stream header");
		} else if (octet == 0x00 || octet == 0xfe || octet == 0xff) {
			fail(r, XML_ERROR_ENCODING, "the stream begins as UTF-16 or UTF-32");
		} else {
			r->has_begun = TRUE;
		}
	}
}

/* data was seen by the cutter; its first whole octets end with a tag. */
static void take(struct xml_reader *r, const guint8 *data, gsize whole, gsize seen)
{
	if (whole > 0)
		parse_tags(r, data, whole);
	if (!cut_is_between(&r->cut))
		g_byte_array_append(r->held, data + whole, seen - whole);
	if (r->held->len >= HELD_TEXT_MAX && cut_is_text(&r->cut))
		parse_held(r);
}

static const char *reason_of(enum xml_error error)
{
	switch (error) {
	case XML_ERROR_RESTRICTED:
		return "a comment, a processing instruction or a DTD";
	case XML_ERROR_BAD_FORMAT:
		return "text between stanzas";
	case XML_ERROR_TOO_BIG:
		return "nested too deep, or too many attributes";
	default:
		return "not well formed";
	}
}

void xml_reader_feed(struct xml_reader *r, const guint8 *data, gsize n)
{
	g_return_if_fail(r && (data || n == 0));

	check_beginning(r, &data, &n);
	while (n > 0 && !r->error && !r->cut.is_over) {
		gsize room = cut_room(&r->cut, n), whole, seen;
		enum xml_error error;

		if (room == 0) {
			fail_behind_held(r, XML_ERROR_TOO_BIG, "a stanza or a tag is too long");
			return;
		}
		error = cut_run(&r->cut, data, room, wants_renewal(r), &whole, &seen);
		take(r, data, whole, seen);
		if (error)
			fail_behind_held(r, error, reason_of(error));
		else if (cut_is_between(&r->cut) && wants_renewal(r))
			renew_parser(r);
		data += seen;
		n -= seen;
	}
}

enum xml_item xml_reader_next(struct xml_reader *r, struct stanza **ret_stanza)
{
	struct stanza *s = r->first;

	if (s) {
		enum xml_item item = r->header_taken ? XML_STANZA : XML_HEADER;

		r->header_taken = TRUE;
		r->first = s->next;
		if (!r->first)
			r->last = NULL;
		s->next = NULL;
		*ret_stanza = s;
		return item;
	}
	if (r->is_finished || (!r->error && !r->has_end))
		return XML_MORE;
	r->is_finished = TRUE;
	return r->error ? XML_BAD : XML_END;
}

enum xml_error xml_reader_error(const struct xml_reader *r, const char **ret_why)
{
	if (r->error && ret_why)
		*ret_why = r->why;
	return r->error;
}

const char *xml_reader_content_namespace(const struct xml_reader *r)
{
	return r->content_namespace;
}
