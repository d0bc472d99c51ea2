/* SPDX-License-Identifier: GPL-2.0-or-later */
/* markup: one pass over the text in either direction, no tree in between. */
#include "common/markup.h"

#include <string.h>

#define NBSP "\xC2\xA0" /* U+00A0 */
#define NBSP_LENGTH 2

/* ---- from plain ----------------------------------------------------------------------------- */

static const char *escape_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\n':
		return "<br>";
	default:
		return NULL;
	}
}

static gboolean is_nbsp(const char *p)
{
	return p[0] == NBSP[0] && p[1] == NBSP[1];
}

static gboolean begins_line(const char *text, const char *p)
{
	return p == text || p[-1] == '\n';
}

/* Does the octet at p stand in HTML as it stands in text? A blank does when it stands alone. */
static gboolean is_verbatim(const char *text, const char *p)
{
	switch (*p) {
	case '&':
	case '<':
	case '>':
	case '"':
	case '\'':
	case '\n':
		return FALSE;
	case ' ':
		return p[1] != ' ' && !is_nbsp(p + 1) && !begins_line(text, p);
	default:
		return !is_nbsp(p);
	}
}

/* Where the run of spaces and U+00A0 that begins at p ends. */
static const char *blank_end(const char *p, gboolean *ret_has_space)
{
	gboolean has_space = FALSE;

	while (*p == ' ' || is_nbsp(p)) {
		has_space |= *p == ' ';
		p += *p == ' ' ? 1 : NBSP_LENGTH;
	}
	*ret_has_space = has_space;
	return p;
}

/* Writes the blanks that begin at p and returns where they end. U+00A0 between words (French puts
 * it before a colon) stays as it is: no host folds it and markup_to_plain() will not take it for
 * one of ours, which are followed by a space or begin a line. */
static const char *append_blanks(GString *out, const char *p, gboolean is_first)
{
	gboolean has_space;
	const char *end = blank_end(p, &has_space);

	if (!has_space && !is_first) {
		g_string_append_len(out, p, end - p);
		return end;
	}
	for (; p < end; is_first = FALSE) {
		if (*p != ' ')
			g_string_append(out, "&nbsp;");
		else
			g_string_append(out, p[1] == ' ' || is_first ? NBSP : " ");
		p += *p == ' ' ? 1 : NBSP_LENGTH;
	}
	return end;
}

char *markup_from_plain(const char *text)
{
	const char *p = text;

	while (*p && is_verbatim(text, p))
		p++;
	if (!*p)
		return g_strdup(text);

	GString *out = g_string_sized_new(strlen(text) + 64);
	const char *plain = text;
	for (;;) {
		g_string_append_len(out, plain, p - plain);
		if (!*p)
			break;
		if (*p == ' ' || is_nbsp(p)) {
			p = append_blanks(out, p, begins_line(text, p));
		} else {
			g_string_append(out, escape_of(*p));
			p++;
		}
		for (plain = p; *p && is_verbatim(text, p);)
			p++;
	}
	return g_string_free(out, FALSE);
}

/* ---- to plain: what is read ----------------------------------------------------------------- */

/* Elements whose contents nobody reads. */
static const char *const hidden[] = {"head", "script", "style"};

struct reader {
	const char *p, *end;
	GString *out;
	gboolean is_break_due; /* a block began or ended: what comes next begins a line */
	/* What a search found missing from its place to the end is missing further on as well; not
	 * searching twice is what keeps the time linear. */
	gboolean no_comment_end, no_hidden_end[G_N_ELEMENTS(hidden)];
	char *href;	  /* of the link that is open, NULL outside of links */
	gsize link_start; /* where in out its text begins */
};

/* Part of the HTML, or of one tag. */
struct span {
	const char *p, *end;
};

static gboolean is_at_line_start(const struct reader *r)
{
	return r->is_break_due || r->out->len == 0 || r->out->str[r->out->len - 1] == '\n';
}

static void put(struct reader *r, const char *text, gsize n)
{
	if (r->is_break_due && r->out->len > 0 && r->out->str[r->out->len - 1] != '\n')
		g_string_append_c(r->out, '\n');
	r->is_break_due = FALSE;
	g_string_append_len(r->out, text, n);
}

/* HTML is often written with a line end after each block; those two are one. */
static void put_line_end(struct reader *r)
{
	if (r->is_break_due && r->out->len > 0 && r->out->str[r->out->len - 1] != '\n') {
		r->is_break_due = FALSE;
		g_string_append_c(r->out, '\n');
	} else {
		put(r, "\n", 1);
	}
}

/* ---- entities ------------------------------------------------------------------------------- */

static const struct entity {
	const char *name, *text;
} entities[] = {
	{"amp;", "&"},	{"lt;", "<"},	 {"gt;", ">"},		{"quot;", "\""},
	{"apos;", "'"}, {"nbsp;", NBSP}, {"copy;", "\xC2\xA9"}, {"reg;", "\xC2\xAE"},
};

#define ENTITY_DIGITS_MAX 10 /* leading zeros included */

/* Characters that text_repair() leaves alone. */
static gboolean is_character(guint32 c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n';
	return c <= 0x10FFFF && !(c >= 0x7F && c < 0xA0) && !(c >= 0xD800 && c < 0xE000) &&
	       c != 0xFFFE && c != 0xFFFF;
}

static int digit_value(char c, guint base)
{
	return base == 16 ? g_ascii_xdigit_value(c) : g_ascii_digit_value(c);
}

/* How long the entity after "&#" at p is, 0 when it is none; its character in ret_c. */
static gsize number_length(const char *p, const char *end, gunichar *ret_c)
{
	guint base = p < end && (*p == 'x' || *p == 'X') ? 16 : 10;
	const char *digits = base == 16 ? p + 1 : p, *q = digits;
	guint64 c = 0;

	for (; q < end && q - digits < ENTITY_DIGITS_MAX && digit_value(*q, base) >= 0; q++)
		c = c * base + digit_value(*q, base);
	if (q == digits || q >= end || *q != ';' || c > 0x10FFFF || !is_character(c))
		return 0;
	*ret_c = c;
	return q + 1 - p;
}

/* Reads the entity at s->p (an ampersand) into ret_text, 7 octets, and moves past it. FALSE and
 * nothing moved when it is none. */
static gboolean entity_read(struct span *s, char *ret_text)
{
	const char *name = s->p + 1;
	gsize left = s->end - name, length;
	gunichar c;

	if (left > 0 && *name == '#') {
		length = number_length(name + 1, s->end, &c);
		if (length == 0)
			return FALSE;
		ret_text[g_unichar_to_utf8(c, ret_text)] = '\0';
		s->p = name + 1 + length;
		return TRUE;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(entities); i++) {
		length = strlen(entities[i].name);
		if (length > left || memcmp(name, entities[i].name, length) != 0)
			continue;
		g_strlcpy(ret_text, entities[i].text, 7);
		s->p = name + length;
		return TRUE;
	}
	return FALSE;
}

/* An attribute's value with its entities read. (transfer full) */
static char *value_read(struct span value)
{
	GString *out = g_string_sized_new(value.end - value.p + 1);
	char text[7];

	while (value.p < value.end) {
		if (*value.p == '&' && entity_read(&value, text))
			g_string_append(out, text);
		else
			g_string_append_c(out, *value.p++);
	}
	return g_strstrip(g_string_free(out, FALSE));
}

/* ---- tags ----------------------------------------------------------------------------------- */

struct tag {
	struct span name, attributes;
	gboolean is_closing;
	const char *end; /* after its > */
};

static gboolean is_name_octet(char c)
{
	return g_ascii_isalnum(c) || c == '-' || c == '_' || c == ':';
}

/* The > that ends the tag whose attributes begin at p, NULL when a < or the end comes first. A
 * quote hides both. Text of nothing but < and quotes cannot make this slow: the quotes only swap
 * the three states of a scan (outside, in "", in ''), so two scans that meet at one octet in
 * different states never fall together, and no octet is passed by more than three of them. */
static const char *tag_end(const char *p, const char *end)
{
	char quote = '\0';

	for (; p < end; p++) {
		if (quote != '\0')
			quote = *p == quote ? '\0' : quote;
		else if (*p == '"' || *p == '\'')
			quote = *p;
		else if (*p == '>')
			return p;
		else if (*p == '<')
			return NULL;
	}
	return NULL;
}

/* Is there a tag at p (a <)? An address in angle brackets is none. */
static gboolean tag_read(const char *p, const char *end, struct tag *ret_tag)
{
	struct tag tag = {0};

	p++;
	if (p < end && *p == '/') {
		tag.is_closing = TRUE;
		p++;
	} else if (p < end && (*p == '!' || *p == '?')) {
		p++; /* a declaration or processing instruction: a tag that means nothing */
	}
	if (p >= end || !g_ascii_isalpha(*p))
		return FALSE;
	tag.name.p = p;
	while (p < end && is_name_octet(*p))
		p++;
	tag.name.end = p;
	if (p >= end || p[-1] == ':' || !(g_ascii_isspace(*p) || *p == '/' || *p == '>'))
		return FALSE;
	tag.attributes.p = p;
	tag.attributes.end = tag_end(p, end);
	if (!tag.attributes.end)
		return FALSE;
	tag.end = tag.attributes.end + 1;
	*ret_tag = tag;
	return TRUE;
}

static gboolean span_is(struct span s, const char *name)
{
	gsize n = strlen(name);

	return (gsize)(s.end - s.p) == n && g_ascii_strncasecmp(s.p, name, n) == 0;
}

static struct span value_span(struct span *s)
{
	struct span value = {s->p, s->p};
	char quote = s->p < s->end && (*s->p == '"' || *s->p == '\'') ? *s->p : '\0';

	if (quote != '\0') {
		value.p = s->p + 1;
		value.end = memchr(value.p, quote, s->end - value.p);
		if (!value.end)
			value.end = s->end;
		s->p = MIN(value.end + 1, s->end);
		return value;
	}
	while (s->p < s->end && !g_ascii_isspace(*s->p))
		s->p++;
	value.end = s->p;
	return value;
}

static void skip_spaces(struct span *s)
{
	while (s->p < s->end && g_ascii_isspace(*s->p))
		s->p++;
}

/* The attribute at s->p, past which it moves. FALSE at the end. */
static gboolean attribute_read(struct span *s, struct span *ret_name, struct span *ret_value)
{
	struct span name, value;

	while (s->p < s->end && (g_ascii_isspace(*s->p) || *s->p == '/'))
		s->p++;
	if (s->p >= s->end)
		return FALSE;
	name.p = s->p++;
	while (s->p < s->end && !g_ascii_isspace(*s->p) && *s->p != '=')
		s->p++;
	name.end = s->p;
	skip_spaces(s);
	value.p = value.end = s->p;
	if (s->p < s->end && *s->p == '=') {
		s->p++;
		skip_spaces(s);
		value = value_span(s);
	}
	*ret_name = name;
	*ret_value = value;
	return TRUE;
}

/* The value of a tag's attribute, NULL when it is missing or empty. (transfer full) */
static char *tag_value(const struct tag *tag, const char *wanted)
{
	struct span rest = tag->attributes, name, value;

	while (attribute_read(&rest, &name, &value)) {
		if (!span_is(name, wanted))
			continue;
		char *text = value_read(value);
		if (*text == '\0')
			g_clear_pointer(&text, g_free);
		return text;
	}
	return NULL;
}

/* ---- to plain: what tags mean --------------------------------------------------------------- */

static gboolean is_same_link(const char *text, gsize n, const char *href)
{
	static const char *const schemes[] = {"", "mailto:", "http://", "https://"};

	for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++) {
		gsize scheme = strlen(schemes[i]);

		if (g_ascii_strncasecmp(href, schemes[i], scheme) == 0 &&
		    strlen(href + scheme) == n && memcmp(href + scheme, text, n) == 0)
			return TRUE;
	}
	return FALSE;
}

static void link_close(struct reader *r)
{
	if (!r->href)
		return;

	const char *text = r->out->str + r->link_start, *end = r->out->str + r->out->len;
	while (text < end && g_ascii_isspace(*text))
		text++;
	while (end > text && g_ascii_isspace(end[-1]))
		end--;
	if (text == end) {
		put(r, r->href, strlen(r->href));
	} else if (!is_same_link(text, end - text, r->href)) {
		/* Straight behind the text, also when a block inside of the link just ended. */
		g_string_append(r->out, " (");
		g_string_append(r->out, r->href);
		g_string_append_c(r->out, ')');
	}
	g_clear_pointer(&r->href, g_free);
}

static void on_link(struct reader *r, const struct tag *tag)
{
	link_close(r);
	if (tag->is_closing)
		return;
	r->href = tag_value(tag, "href");
	r->link_start = r->out->len;
}

static void on_image(struct reader *r, const struct tag *tag)
{
	g_autofree char *alt = tag->is_closing ? NULL : tag_value(tag, "alt");

	if (alt)
		put(r, alt, strlen(alt));
}

static void on_break(struct reader *r, const struct tag *tag)
{
	put(r, "\n", 1);
}

static void on_block(struct reader *r, const struct tag *tag)
{
	r->is_break_due = TRUE;
}

/* After the end tag of hidden[which], NULL when there is none. */
static const char *hidden_end(const char *p, const char *end, gsize which)
{
	struct tag tag;

	for (; (p = memchr(p, '<', end - p)); p++)
		if (tag_read(p, end, &tag) && tag.is_closing && span_is(tag.name, hidden[which]))
			return tag.end;
	return NULL;
}

static gboolean is_hidden(const struct tag *tag, gsize *ret_which)
{
	if (tag->is_closing)
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(hidden); i++) {
		if (!span_is(tag->name, hidden[i]))
			continue;
		*ret_which = i;
		return TRUE;
	}
	return FALSE;
}

static void skip_hidden(struct reader *r, gsize which)
{
	const char *end = r->no_hidden_end[which] ? NULL : hidden_end(r->p, r->end, which);

	if (end)
		r->p = end;
	else
		r->no_hidden_end[which] = TRUE;
}

static const struct element {
	const char *name;
	void (*handle)(struct reader *r, const struct tag *tag);
} elements[] = {
	{"a", on_link},	   {"br", on_break}, {"div", on_block}, {"hr", on_block},
	{"img", on_image}, {"li", on_block}, {"p", on_block},	{"tr", on_block},
};

static void read_tag(struct reader *r, const struct tag *tag)
{
	gsize which;

	r->p = tag->end;
	if (is_hidden(tag, &which)) {
		skip_hidden(r, which);
		return;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(elements); i++) {
		if (!span_is(tag->name, elements[i].name))
			continue;
		elements[i].handle(r, tag);
		return;
	}
}

/* ---- to plain: the walk --------------------------------------------------------------------- */

/* After the comment at r->p, NULL when there is none or it does not end. */
static const char *comment_end(struct reader *r)
{
	const char *p = r->p + strlen("<!"); /* "<!-->" is a whole comment */

	if (r->no_comment_end || !g_str_has_prefix(r->p, "<!--"))
		return NULL;
	p = strstr(p, "-->");
	r->no_comment_end = !p;
	return p ? p + strlen("-->") : NULL;
}

static void read_markup(struct reader *r)
{
	const char *after = comment_end(r);
	struct tag tag;

	if (after)
		r->p = after;
	else if (tag_read(r->p, r->end, &tag))
		read_tag(r, &tag);
	else
		put(r, r->p++, 1);
}

static void read_entity(struct reader *r)
{
	struct span s = {r->p, r->end};
	char text[7];

	if (entity_read(&s, text)) {
		put(r, text, strlen(text));
		r->p = s.p;
	} else {
		put(r, r->p++, 1);
	}
}

/* The run of U+00A0 at r->p: spaces that would be folded otherwise, or its own self. */
static void read_nbsp(struct reader *r)
{
	const char *start = r->p;
	gboolean is_space = is_at_line_start(r);

	while (is_nbsp(r->p))
		r->p += NBSP_LENGTH;
	is_space |= *r->p == ' ';
	for (; start < r->p; start += NBSP_LENGTH)
		put(r, is_space ? " " : NBSP, is_space ? 1 : NBSP_LENGTH);
}

static void read_text(struct reader *r)
{
	/* 1: a lead octet that U+00A0 shares with other characters must not stop us for good. */
	gsize n = 1 + strcspn(r->p + 1, "<&\n\xC2");

	put(r, r->p, n);
	r->p += n;
}

char *markup_to_plain(const char *html)
{
	gsize n = strlen(html);
	struct reader r = {.p = html, .end = html + n, .out = g_string_sized_new(n + 1)};

	while (r.p < r.end) {
		if (*r.p == '<')
			read_markup(&r);
		else if (*r.p == '&')
			read_entity(&r);
		else if (*r.p == '\n') {
			put_line_end(&r);
			r.p++;
		} else if (is_nbsp(r.p))
			read_nbsp(&r);
		else
			read_text(&r);
	}
	link_close(&r);
	return g_string_free(r.out, FALSE);
}
