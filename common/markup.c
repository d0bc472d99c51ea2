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

char *markup_from_styled(const char *text, const struct markup_style *style)
{
	const struct {
		gboolean is_on;
		const char *name;
	} elements[] = {
		{style->is_bold, "b"},
		{style->is_italic, "i"},
		{style->is_underlined, "u"},
		{style->is_struck, "s"},
	};
	g_autofree char *html = markup_from_plain(text);
	GString *out = g_string_new(NULL);

	if (style->is_right_to_left)
		g_string_append(out, "<span style=\"direction:rtl;text-align:right;\">");
	if (style->font) {
		g_autofree char *font = g_markup_escape_text(style->font, -1);

		g_string_append_printf(out, "<font face=\"%s\">", font);
	}
	if (style->has_colour)
		g_string_append_printf(out, "<font color=\"#%06x\">", style->rgb & 0xFFFFFF);
	for (guint i = 0; i < G_N_ELEMENTS(elements); i++)
		if (elements[i].is_on)
			g_string_append_printf(out, "<%s>", elements[i].name);
	g_string_append(out, html);
	for (guint i = G_N_ELEMENTS(elements); i-- > 0;)
		if (elements[i].is_on)
			g_string_append_printf(out, "</%s>", elements[i].name);
	if (style->has_colour)
		g_string_append(out, "</font>");
	if (style->font)
		g_string_append(out, "</font>");
	if (style->is_right_to_left)
		g_string_append(out, "</span>");
	return g_string_free(out, FALSE);
}

/* ---- to plain: what is read ----------------------------------------------------------------- */

/* Elements whose contents nobody reads. */
static const char *const hidden[] = {"head", "script", "style"};

struct looks;

struct reader {
	struct looks *looks; /* NULL: nobody asks */
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

static void looks_notice(struct looks *l, const char *text, gsize n);

static void put(struct reader *r, const char *text, gsize n)
{
	if (r->looks)
		looks_notice(r->looks, text, n);
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

/* ---- to plain: how it looks ----------------------------------------------------------------- */

/* One styled element that is open. */
struct look {
	struct span name;	  /* in the HTML */
	struct markup_style adds; /* what it changes; its font is in looks.fonts */
};

struct looks {
	struct look open[MARKUP_NESTING_MAX];
	guint n_open;
	guint n_further;	 /* elements open inside of these */
	struct markup_style now; /* of the next character */
	struct markup_style all; /* of the characters seen so far */
	gboolean has_seen;	 /* a character */
	GStringChunk *fonts;
};

static void looks_notice(struct looks *l, const char *text, gsize n)
{
	const struct markup_style *now = &l->now;
	struct markup_style *all = &l->all;

	if (strspn(text, " \n") >= n)
		return;
	if (!l->has_seen)
		*all = *now;
	l->has_seen = TRUE;
	all->is_bold &= now->is_bold;
	all->is_italic &= now->is_italic;
	all->is_underlined &= now->is_underlined;
	all->is_struck &= now->is_struck;
	all->is_right_to_left &= now->is_right_to_left;
	all->has_colour &= now->has_colour && now->rgb == all->rgb;
	if (all->font && (!now->font || strcmp(all->font, now->font) != 0))
		all->font = NULL;
}

static void looks_update(struct looks *l)
{
	struct markup_style now = {0};

	for (guint i = 0; i < l->n_open; i++) {
		const struct markup_style *adds = &l->open[i].adds;

		now.is_bold |= adds->is_bold;
		now.is_italic |= adds->is_italic;
		now.is_underlined |= adds->is_underlined;
		now.is_struck |= adds->is_struck;
		now.is_right_to_left |= adds->is_right_to_left;
		if (adds->has_colour) {
			now.has_colour = TRUE;
			now.rgb = adds->rgb;
		}
		if (adds->font)
			now.font = adds->font;
	}
	l->now = now;
}

static gboolean colour_read(const char *text, guint32 *ret_rgb)
{
	gsize n = strlen(text);
	guint32 rgb = 0;

	if (text[0] != '#' || (n != 7 && n != 4))
		return FALSE;
	for (const char *p = text + 1; *p; p++) {
		int digit = g_ascii_xdigit_value(*p);

		if (digit < 0)
			return FALSE;
		rgb = rgb << 4 | digit;
		if (n == 4)
			rgb = rgb << 4 | digit;
	}
	*ret_rgb = rgb;
	return TRUE;
}

/* The first of a list of fonts, without quotes. */
static void font_set(struct looks *l, struct markup_style *style, const char *text)
{
	g_autofree char *font = g_strndup(text, strcspn(text, ","));
	char *name = g_strstrip(font);
	gsize n = strlen(name);

	if (n >= 2 && (name[0] == '\'' || name[0] == '"') && name[n - 1] == name[0]) {
		name[n - 1] = '\0';
		name++;
	}
	if (*name && strlen(name) <= MARKUP_FONT_MAX)
		style->font = g_string_chunk_insert_const(l->fonts, name);
}

static void colour_set(struct markup_style *style, const char *text)
{
	if (colour_read(text, &style->rgb))
		style->has_colour = TRUE;
}

/* "property: value; …" */
static void css_read(struct looks *l, struct markup_style *style, const char *css)
{
	g_auto(GStrv) parts = g_strsplit(css, ";", -1);

	for (char **part = parts; *part; part++) {
		char *value = strchr(*part, ':');

		if (!value)
			continue;
		*value++ = '\0';
		g_strstrip(*part);
		g_strstrip(value);
		if (g_ascii_strcasecmp(*part, "color") == 0)
			colour_set(style, value);
		else if (g_ascii_strcasecmp(*part, "font-family") == 0)
			font_set(l, style, value);
		else if (g_ascii_strcasecmp(*part, "font-weight") == 0)
			style->is_bold = g_ascii_strncasecmp(value, "bold", 4) == 0;
		else if (g_ascii_strcasecmp(*part, "font-style") == 0)
			style->is_italic = g_ascii_strcasecmp(value, "italic") == 0;
		else if (g_ascii_strcasecmp(*part, "text-decoration") == 0)
			style->is_underlined = strstr(value, "underline") != NULL;
		else if (g_ascii_strcasecmp(*part, "direction") == 0)
			style->is_right_to_left = g_ascii_strcasecmp(value, "rtl") == 0;
	}
}

static void attributes_read(struct looks *l, struct markup_style *style, const struct tag *tag)
{
	g_autofree char *face = tag_value(tag, "face");
	g_autofree char *colour = tag_value(tag, "color");
	g_autofree char *css = tag_value(tag, "style");
	g_autofree char *direction = tag_value(tag, "dir");

	if (face)
		font_set(l, style, face);
	if (colour)
		colour_set(style, colour);
	if (css)
		css_read(l, style, css);
	if (direction)
		style->is_right_to_left = g_ascii_strcasecmp(direction, "rtl") == 0;
}

static gboolean is_styled(struct span name, struct markup_style *style)
{
	if (span_is(name, "b") || span_is(name, "strong"))
		style->is_bold = TRUE;
	else if (span_is(name, "i") || span_is(name, "em"))
		style->is_italic = TRUE;
	else if (span_is(name, "u") || span_is(name, "ins"))
		style->is_underlined = TRUE;
	else if (span_is(name, "s") || span_is(name, "strike") || span_is(name, "del"))
		style->is_struck = TRUE;
	else
		return span_is(name, "font") || span_is(name, "span");
	return TRUE;
}

static gboolean is_same_name(struct span a, struct span b)
{
	gsize n = (gsize)(a.end - a.p);

	return n == (gsize)(b.end - b.p) && g_ascii_strncasecmp(a.p, b.p, n) == 0;
}

/* The last one so named ends; those inside of it that are still open go on, as in hosts. */
static void looks_close(struct looks *l, struct span name)
{
	guint i = l->n_open;

	if (l->n_further > 0) {
		l->n_further--;
		return;
	}
	while (i > 0 && !is_same_name(l->open[i - 1].name, name))
		i--;
	if (i == 0)
		return;
	memmove(&l->open[i - 1], &l->open[i], (l->n_open - i) * sizeof l->open[0]);
	l->n_open--;
}

static void looks_tag(struct looks *l, const struct tag *tag)
{
	struct look look = {.name = tag->name};

	if (!is_styled(tag->name, &look.adds))
		return;
	if (tag->is_closing) {
		looks_close(l, tag->name);
	} else if (l->n_open == MARKUP_NESTING_MAX) {
		l->n_further++;
	} else {
		attributes_read(l, &look.adds, tag);
		l->open[l->n_open++] = look;
	}
	looks_update(l);
}

/* ---- to plain: elements --------------------------------------------------------------------- */

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
	if (r->looks)
		looks_tag(r->looks, tag);
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

static char *read_all(const char *html, struct looks *looks)
{
	gsize n = strlen(html);
	struct reader r = {
		.looks = looks, .p = html, .end = html + n, .out = g_string_sized_new(n + 1)};

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

char *markup_to_plain(const char *html)
{
	return read_all(html, NULL);
}

char *markup_to_styled(const char *html, struct markup_style *ret_style, char **ret_font)
{
	struct looks looks = {.fonts = g_string_chunk_new(256)};
	char *text = read_all(html, &looks);

	*ret_style = looks.all;
	*ret_font = g_strdup(looks.all.font);
	ret_style->font = *ret_font;
	g_string_chunk_free(looks.fonts);
	return text;
}
