/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cut: a scanner that knows tags, quotes and CDATA sections, and nothing else of XML. */
#include "plugins/xmpp-lite/wire/cut.h"

#include <string.h>

/* Smaller than every limit, so that none is passed by what begins inside one call. */
#define CUT_RUN_MAX (64 * 1024)

/* One call of cut_run(): the state, and what it says when it comes back. */
struct run {
	struct cut *c;
	const guint8 *data, *end;
	const guint8 *whole; /* behind the last whole tag */
	const guint8 *next;  /* the last answer of next_opening() */
	gboolean between_stanzas, is_done;
	enum xml_error error;
};

static const char cdata_word[] = "[CDATA[", declaration_word[] = "xml";

static gboolean is_white(guint8 octet)
{
	return octet == ' ' || octet == '\n' || octet == '\r' || octet == '\t';
}

/* Reports trouble at p, which is not used up. */
static const guint8 *stop(struct run *r, enum xml_error error, const guint8 *p)
{
	r->error = error;
	r->is_done = TRUE;
	return p;
}

static guint64 offset_of(const struct run *r, const guint8 *p)
{
	return r->c->offset + (p - r->data);
}

static gboolean is_in_stanza(const struct cut *c)
{
	return c->depth > 1 || (c->depth == 1 && c->place != CUT_TEXT && c->stanza == c->tag);
}

/* The first "<" from p on, or the end; looked for once, as a tag and its text both ask. */
static const guint8 *next_opening(struct run *r, const guint8 *p)
{
	if (!r->next || r->next < p) {
		r->next = memchr(p, '<', r->end - p);
		r->next = r->next ? r->next : r->end;
	}
	return r->next;
}

gsize cut_room(const struct cut *c, gsize n)
{
	n = MIN(n, CUT_RUN_MAX);
	if (is_in_stanza(c))
		n = MIN(n, c->stanza + XML_STANZA_MAX - c->offset);
	if (c->place != CUT_TEXT && c->place != CUT_CDATA)
		n = MIN(n, c->tag + XML_TAG_MAX - c->offset);
	return n;
}

static const guint8 *in_text(struct run *r, const guint8 *p)
{
	struct cut *c = r->c;

	if (c->depth > 1)
		p = next_opening(r, p);
	while (p < r->end && is_white(*p))
		p++;
	if (p == r->end)
		return p;
	if (*p != '<')
		return stop(r, c->depth == 1 ? XML_ERROR_BAD_FORMAT : XML_ERROR_NOT_WELL_FORMED, p);
	c->tag = offset_of(r, p);
	c->place = CUT_OPENED;
	return p + 1;
}

/* An XML declaration is one at the very start only (RFC 6120 section 11.4). */
static const guint8 *after_opening(struct run *r, const guint8 *p)
{
	struct cut *c = r->c;

	c->matched = 0;
	c->attributes = 0;
	c->is_closing = *p == '/';
	if (*p == '!') {
		c->place = CUT_SECTION;
		return p + 1;
	}
	if (*p == '?') {
		if (c->tag > 0)
			return stop(r, XML_ERROR_RESTRICTED, p);
		c->place = CUT_DECLARE;
		c->is_declared = TRUE;
		return p + 1;
	}
	if (c->is_closing && c->depth == 0)
		return stop(r, XML_ERROR_NOT_WELL_FORMED, p);
	if (!c->is_closing && c->depth > XML_DEPTH_MAX)
		return stop(r, XML_ERROR_TOO_BIG, p);
	if (c->depth == 1 && !c->is_closing)
		c->stanza = c->tag;
	c->place = CUT_TAG;
	return c->is_closing ? p + 1 : p;
}

/* p is the ">" of a tag. */
static const guint8 *end_tag(struct run *r, const guint8 *p)
{
	struct cut *c = r->c;
	gboolean is_empty = (p > r->data ? p[-1] : c->last) == '/';

	if (c->is_closing)
		c->depth--;
	else if (!is_empty)
		c->depth++;
	c->place = CUT_TEXT;
	c->is_over = c->depth == 0;
	r->whole = p + 1;
	r->is_done = c->is_over || (r->between_stanzas && c->depth == 1);
	return p + 1;
}

/* The first octet that matters inside a tag. */
static const guint8 *skip_names(const guint8 *p, const guint8 *end)
{
	static const gboolean matters[256] = {
		['<'] = TRUE, ['>'] = TRUE, ['\''] = TRUE, ['"'] = TRUE};

	while (p < end && !matters[*p])
		p++;
	return p;
}

/* No "<" in a value (XML 1.0 section 3.1): libxml2 would wait for more before it says so. */
static const guint8 *in_value(struct run *r, const guint8 *p)
{
	const guint8 *opening = next_opening(r, p), *close = memchr(p, r->c->quote, opening - p);

	if (!close)
		return opening < r->end ? stop(r, XML_ERROR_NOT_WELL_FORMED, opening) : r->end;
	r->c->place = CUT_TAG;
	return close + 1;
}

static const guint8 *in_tag(struct run *r, const guint8 *p)
{
	struct cut *c = r->c;

	while (c->place == CUT_TAG) {
		p = skip_names(p, r->end);
		if (p == r->end)
			return p;
		if (*p == '>')
			return end_tag(r, p);
		if (*p == '<' || c->is_closing)
			return stop(r, XML_ERROR_NOT_WELL_FORMED, p);
		if (++c->attributes > XML_ATTRIBUTES_MAX)
			return stop(r, XML_ERROR_TOO_BIG, p);
		c->quote = *p;
		c->place = CUT_VALUE;
		p = in_value(r, p + 1);
		if (r->is_done)
			return p;
	}
	return p;
}

/* "<!" must become "<![CDATA[": anything else is a comment, a DTD or nonsense. */
static const guint8 *in_section_start(struct run *r, const guint8 *p)
{
	struct cut *c = r->c;

	if (*p != cdata_word[c->matched])
		return stop(r, XML_ERROR_RESTRICTED, p);
	if (cdata_word[++c->matched])
		return p + 1;
	if (c->depth <= 1)
		return stop(r, c->depth == 1 ? XML_ERROR_BAD_FORMAT : XML_ERROR_NOT_WELL_FORMED, p);
	c->matched = 0;
	c->place = CUT_CDATA;
	return p + 1;
}

static const guint8 *in_cdata(struct run *r, const guint8 *p)
{
	struct cut *c = r->c;

	if (c->matched == 0)
		p = memchr(p, ']', r->end - p);
	if (!p)
		return r->end;
	if (*p == ']')
		c->matched = MIN(c->matched + 1, 2);
	else if (*p == '>' && c->matched == 2)
		c->place = CUT_TEXT;
	else
		c->matched = 0;
	return p + 1;
}

/* "<?" must become "<?xml" and white space: anything else is a processing instruction. */
static const guint8 *in_declaration(struct run *r, const guint8 *p)
{
	struct cut *c = r->c;
	guint8 last = p > r->data ? p[-1] : c->last;

	if (c->matched < sizeof declaration_word) {
		guint8 want = declaration_word[c->matched++];

		if (want ? *p != want : !is_white(*p))
			return stop(r, XML_ERROR_RESTRICTED, p);
	} else if (*p == '>' && last == '?') {
		c->place = CUT_TEXT;
		r->whole = p + 1;
	}
	return p + 1;
}

static const guint8 *step(struct run *r, const guint8 *p)
{
	switch (r->c->place) {
	case CUT_TEXT:
		return in_text(r, p);
	case CUT_OPENED:
		return after_opening(r, p);
	case CUT_TAG:
		return in_tag(r, p);
	case CUT_VALUE:
		return in_value(r, p);
	case CUT_DECLARE:
		return in_declaration(r, p);
	case CUT_SECTION:
		return in_section_start(r, p);
	case CUT_CDATA:
		return in_cdata(r, p);
	}
	return r->end;
}

enum xml_error cut_run(struct cut *c, const guint8 *data, gsize n, gboolean between_stanzas,
		       gsize *ret_whole, gsize *ret_seen)
{
	struct run r = {
		.c = c,
		.data = data,
		.end = data + n,
		.whole = data,
		.between_stanzas = between_stanzas,
	};
	const guint8 *p = data;

	while (p < r.end && !r.is_done)
		p = step(&r, p);
	if (p > data)
		c->last = p[-1];
	c->offset += p - data;
	*ret_whole = r.whole - data;
	*ret_seen = p - data;
	return r.error;
}
