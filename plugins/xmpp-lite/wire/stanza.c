/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stanza: elements and their text in an arena of chunks that grow with the stanza. */
#include "plugins/xmpp-lite/wire/stanza.h"

#include <gnutls/gnutls.h>
#include <string.h>

#include "plugins/xmpp-lite/wire/arena.h"

/* A usual chat message with its chat state, delay and id fits into the first chunk. */
#define ARENA_FIRST 2048
#define ARENA_CHUNK_MAX (64 * 1024)

/* ---- the arena ---- */

struct stanza *arena_new(struct arena_names *names)
{
	struct stanza *s = g_malloc(ARENA_FIRST);

	if (names)
		names->users++;
	s->names = names;
	s->root = NULL;
	s->next = NULL;
	s->chunks = NULL;
	s->size = ARENA_FIRST;
	s->at = (char *)(s + 1);
	s->end = (char *)s + ARENA_FIRST;
	return s;
}

void arena_names_leave(struct arena_names *names)
{
	if (names && --names->users == 0)
		names->free(names);
}

gpointer arena_refill(struct stanza *s, gsize n)
{
	gsize usual = MIN(s->size, ARENA_CHUNK_MAX), room = MAX(usual, n);
	struct arena_chunk *chunk = g_malloc(sizeof *chunk + room);

	chunk->next = s->chunks;
	chunk->size = room;
	s->chunks = chunk;
	s->size += sizeof *chunk + room;
	/* What is large gets a chunk for itself, and the one in use stays in use. */
	if (n < usual / 2) {
		s->at = (char *)(chunk + 1) + n;
		s->end = (char *)(chunk + 1) + room;
	}
	return chunk + 1;
}

/* How far the first chunk was ever used. */
static gsize first_used(const struct stanza *s)
{
	const char *first = (const char *)s;

	return s->at >= first && s->at <= first + ARENA_FIRST ? (gsize)(s->at - first)
							      : ARENA_FIRST;
}

/* Wiped, because stanzas carry passwords and tokens. */
void stanza_free(struct stanza *s)
{
	if (!s)
		return;
	while (s->chunks) {
		struct arena_chunk *chunk = s->chunks;

		s->chunks = chunk->next;
		gnutls_memset(chunk + 1, 0, chunk->size);
		g_free(chunk);
	}
	arena_names_leave(s->names);
	gnutls_memset(s, 0, first_used(s));
	g_free(s);
}

static const char *arena_string(struct stanza *s, const char *text)
{
	return arena_copy(s, text, strlen(text));
}

struct stanza *stanza_new(const char *name, const char *ns)
{
	g_return_val_if_fail(name && ns, NULL);

	struct stanza *s = arena_new(NULL);
	s->root = arena_element(s, NULL, arena_string(s, name), arena_string(s, ns));
	return s;
}

struct element *stanza_root(struct stanza *s)
{
	g_return_val_if_fail(s, NULL);

	return s->root;
}

/* ---- find ---- */

gboolean element_is(const struct element *e, const char *name, const char *ns)
{
	return e && strcmp(e->name, name) == 0 && strcmp(e->ns, ns) == 0;
}

static struct element *first_named(struct element *e, const char *name, const char *ns)
{
	while (e && ((name && strcmp(e->name, name) != 0) || strcmp(e->ns, ns) != 0))
		e = e->next;
	return e;
}

struct element *element_child(const struct element *e, const char *name, const char *ns)
{
	return e ? first_named(e->first, name, ns ? ns : e->ns) : NULL;
}

struct element *element_next(const struct element *e, const char *name, const char *ns)
{
	return e && e->parent ? first_named(e->next, name, ns ? ns : e->parent->ns) : NULL;
}

static struct attribute *find_attribute(const struct element *e, const char *ns, const char *name)
{
	for (struct attribute *a = e->attributes; a; a = a->next)
		if ((ns ? a->ns && strcmp(a->ns, ns) == 0 : !a->ns) && strcmp(a->name, name) == 0)
			return a;
	return NULL;
}

const char *element_attribute(const struct element *e, const char *name)
{
	const struct attribute *a = e ? find_attribute(e, NULL, name) : NULL;

	return a ? a->value : NULL;
}

const char *element_child_text(const struct element *e, const char *name, const char *ns)
{
	const struct element *child = element_child(e, name, ns);

	return child ? child->text : NULL;
}

const char *element_language(const struct element *e)
{
	for (; e; e = e->parent) {
		const struct attribute *a = find_attribute(e, XML_LANG_NAMESPACE, "lang");

		if (a)
			return a->value;
	}
	return NULL;
}

static gboolean same_primary_language(const char *a, const char *b)
{
	gsize n = strcspn(a, "-");

	return n == strcspn(b, "-") && g_ascii_strncasecmp(a, b, n) == 0;
}

/* The smaller the better. */
static int language_rank(const struct element *e, const char *language)
{
	const char *tag = element_language(e);

	if (tag && language && g_ascii_strcasecmp(tag, language) == 0)
		return 0;
	if (tag && language && same_primary_language(tag, language))
		return 1;
	return find_attribute(e, XML_LANG_NAMESPACE, "lang") ? 3 : 2;
}

struct element *element_child_for_language(const struct element *e, const char *name,
					   const char *ns, const char *language)
{
	struct element *best = NULL;
	int best_rank = G_MAXINT;

	for (struct element *c = element_child(e, name, ns); c; c = element_next(c, name, ns)) {
		int rank = language_rank(c, language);

		if (rank < best_rank) {
			best = c;
			best_rank = rank;
		}
	}
	return best;
}

/* ---- build ---- */

struct element *element_add(struct element *parent, const char *name, const char *ns)
{
	g_return_val_if_fail(parent && name, NULL);

	struct stanza *s = parent->owner;
	gboolean same = !ns || strcmp(ns, parent->ns) == 0;

	return arena_element(s, parent, arena_string(s, name),
			     same ? parent->ns : arena_string(s, ns));
}

struct element *element_add_text(struct element *parent, const char *name, const char *ns,
				 const char *text)
{
	struct element *e = element_add(parent, name, ns);

	g_return_val_if_fail(e, NULL);
	element_set_text(e, text);
	return e;
}

void element_set_text(struct element *e, const char *text)
{
	g_return_if_fail(e && text);

	e->text_length = strlen(text);
	e->text = arena_copy(e->owner, text, e->text_length);
}

static void remove_attribute(struct element *e, const char *ns, const char *name)
{
	const struct attribute *a = find_attribute(e, ns, name);
	struct attribute **link = &e->attributes;

	if (!a)
		return;
	while (*link != a)
		link = &(*link)->next;
	*link = a->next;
}

/* ns and name must live as long as the arena. */
static void append_attribute(struct element *e, const char *ns, const char *name, const char *value)
{
	struct attribute **link = &e->attributes, *a = arena_take(e->owner, sizeof *a);

	*a = (struct attribute){.ns = ns, .name = name, .value = arena_string(e->owner, value)};
	while (*link)
		link = &(*link)->next;
	*link = a;
}

static void set_attribute(struct element *e, const char *ns, const char *name, const char *value)
{
	struct attribute *a = find_attribute(e, ns, name);

	if (!value)
		remove_attribute(e, ns, name);
	else if (a)
		a->value = arena_string(e->owner, value);
	else
		append_attribute(e, ns, arena_string(e->owner, name), value);
}

void element_set(struct element *e, const char *name, const char *value)
{
	g_return_if_fail(e && name);

	set_attribute(e, NULL, name, value);
}

void element_set_language(struct element *e, const char *tag)
{
	g_return_if_fail(e);

	set_attribute(e, XML_LANG_NAMESPACE, "lang", tag);
}

/* Nested as deep as what is copied, which came through XML_DEPTH_MAX or was built by us. */
static struct element *copy_element(struct stanza *s, struct element *parent,
				    const struct element *from)
{
	gboolean same = parent && strcmp(parent->ns, from->ns) == 0;
	struct element *e = arena_element(s, parent, arena_string(s, from->name),
					  same ? parent->ns : arena_string(s, from->ns));

	e->text = arena_copy(s, from->text, from->text_length);
	e->text_length = from->text_length;
	for (const struct attribute *a = from->attributes; a; a = a->next)
		append_attribute(e, a->ns ? arena_string(s, a->ns) : NULL, arena_string(s, a->name),
				 a->value);
	for (const struct element *child = from->first; child; child = child->next)
		copy_element(s, e, child);
	return e;
}

struct element *element_add_copy(struct element *parent, const struct element *e)
{
	g_return_val_if_fail(parent && e, NULL);

	/* Copied before it is linked, so that e may contain parent. */
	struct element *copy = copy_element(parent->owner, NULL, e);

	copy->parent = parent;
	if (parent->last)
		parent->last->next = copy;
	else
		parent->first = copy;
	parent->last = copy;
	return copy;
}

struct stanza *stanza_copy(const struct element *e)
{
	g_return_val_if_fail(e, NULL);

	struct stanza *s = arena_new(NULL);
	s->root = copy_element(s, NULL, e);
	return s;
}

/* ---- write ---- */

struct writer {
	struct bytes *out;
	stanza_secret_h secret;
	gboolean full; /* out has refused something; the rest is not tried */
};

static void put(struct writer *w, const char *text, gsize n)
{
	w->full = w->full || !bytes_append(w->out, text, n);
}

static void put_string(struct writer *w, const char *text)
{
	put(w, text, strlen(text));
}

/* What stands for the character at p, or NULL when it stands for itself. White space that a parser
 * would change (XML 1.0 sections 2.11 and 3.3.3) is written as a reference. */
static const char *escape_of(const guchar *p, gboolean in_attribute)
{
	switch (*p) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\r':
		return "&#13;";
	case '\'':
		return in_attribute ? "&apos;" : NULL;
	case '\t':
		return in_attribute ? "&#9;" : NULL;
	case '\n':
		return in_attribute ? "&#10;" : NULL;
	default:
		return *p < ' ' ? "" : NULL;
	}
}

/* U+FFFE and U+FFFF, the only characters above the controls that XML 1.0 leaves out of UTF-8. */
static gboolean is_noncharacter(const guchar *p)
{
	return p[0] == 0xef && p[1] == 0xbf && (p[2] == 0xbe || p[2] == 0xbf);
}

static void put_escaped(struct writer *w, const char *text, gboolean in_attribute)
{
	const guchar *from = (const guchar *)text, *p = from;

	while (*p) {
		gsize n = is_noncharacter(p) ? 3 : 1;
		const char *escape = n == 3 ? "" : escape_of(p, in_attribute);

		if (escape) {
			put(w, (const char *)from, p - from);
			put_string(w, escape);
			from = p + n;
		}
		p += n;
	}
	put(w, (const char *)from, p - from);
}

static void put_value(struct writer *w, const char *value)
{
	put(w, "='", 2);
	put_escaped(w, value, TRUE);
	put(w, "'", 1);
}

/* A namespace other than XML's own gets a prefix made for this one attribute. */
static void put_attribute(struct writer *w, const struct attribute *a, guint index)
{
	char prefix[24] = "";

	if (a->ns && strcmp(a->ns, XML_LANG_NAMESPACE) == 0) {
		put_string(w, " xml:");
	} else if (a->ns) {
		g_snprintf(prefix, sizeof prefix, "a%u", index);
		put_string(w, " xmlns:");
		put_string(w, prefix);
		put_value(w, a->ns);
		put(w, " ", 1);
		put_string(w, prefix);
		put(w, ":", 1);
	} else {
		put(w, " ", 1);
	}
	put_string(w, a->name);
	put_value(w, a->value);
}

static void put_element(struct writer *w, const struct element *e, const char *scope_ns)
{
	gboolean is_secret = w->secret && w->secret(e);
	/* XML's own namespace must not be a default one, and has its prefix everywhere. */
	gboolean is_xml = strcmp(e->ns, XML_LANG_NAMESPACE) == 0;
	const char *prefix = is_xml ? "xml:" : "", *inner_ns = is_xml ? scope_ns : e->ns;
	guint index = 0;

	put(w, "<", 1);
	put_string(w, prefix);
	put_string(w, e->name);
	if (!is_xml && (!scope_ns || strcmp(e->ns, scope_ns) != 0)) {
		put_string(w, " xmlns");
		put_value(w, e->ns);
	}
	for (const struct attribute *a = e->attributes; a; a = a->next)
		put_attribute(w, a, index++);
	if (!is_secret && !e->first && !*e->text) {
		put(w, "/>", 2);
		return;
	}
	put(w, ">", 1);
	put_escaped(w, is_secret ? "any" : e->text, FALSE);
	for (const struct element *c = e->first; c && !is_secret && !w->full; c = c->next)
		put_element(w, c, inner_ns);
	put(w, "</", 2);
	put_string(w, prefix);
	put_string(w, e->name);
	put(w, ">", 1);
}

gboolean element_write(const struct element *e, const char *scope_ns, stanza_secret_h secret,
		       struct bytes *out)
{
	g_return_val_if_fail(e && out, FALSE);

	gsize before = bytes_length(out);
	struct writer w = {.out = out, .secret = secret};

	put_element(&w, e, scope_ns);
	if (w.full)
		bytes_truncate(out, before);
	return !w.full;
}

char *element_to_string(const struct element *e, const char *scope_ns, stanza_secret_h secret)
{
	struct bytes *out = bytes_new(G_MAXSSIZE);
	const guint8 *text;
	char *result;
	gsize n;

	element_write(e, scope_ns, secret, out);
	text = bytes_peek(out, &n);
	result = g_strndup((const char *)text, n);
	bytes_free(out);
	return result;
}
