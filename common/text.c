/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text: repairs, cuts and flattens UTF-8 in one pass each. */
#include "common/text.h"

#include <string.h>

#define TEXT_REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */
#define TEXT_ELLIPSIS "\xE2\x80\xA6"	/* U+2026 */

/* ---- repair --------------------------------------------------------------------------------- */

/* Lead octets and what may follow at once (Unicode 15, table 3-7); later octets are 80..BF. */
static const struct lead {
	guint8 first, last, length, second_first, second_last;
} leads[] = {
	{0x00, 0x7F, 1, 0, 0},	     {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF},
	{0xE1, 0xEC, 3, 0x80, 0xBF}, {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF},
	{0xF0, 0xF0, 4, 0x90, 0xBF}, {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F},
};

static const struct lead *lead_find(guint8 octet)
{
	for (gsize i = 0; i < G_N_ELEMENTS(leads); i++)
		if (octet >= leads[i].first && octet <= leads[i].last)
			return &leads[i];
	return NULL;
}

/* The length of the character at p, or of the maximal subpart that stands for a broken one. */
static gsize sequence_length(const guint8 *p, gsize n, gboolean *ret_is_whole)
{
	const struct lead *lead = lead_find(*p);
	gsize length = 1;

	if (lead && lead->length > 1 && n > 1 && p[1] >= lead->second_first &&
	    p[1] <= lead->second_last)
		for (length = 2; length < lead->length && length < n; length++)
			if ((p[length] & 0xC0) != 0x80)
				break;
	*ret_is_whole = lead && length == lead->length;
	return length;
}

/* Whether the character at p (whole, of that length) must not stand in text; CR is one of them,
 * and becomes a line end elsewhere. */
static gboolean is_unwanted(const guint8 *p, gsize length)
{
	switch (length) {
	case 1:
		return (*p < 0x20 && *p != '\t' && *p != '\n') || *p == 0x7F;
	case 2:
		return p[0] == 0xC2 && p[1] < 0xA0;
	case 3:
		return p[0] == 0xEF && p[1] == 0xBF && p[2] >= 0xBE;
	default:
		return FALSE;
	}
}

/* Nearly all text is fine as it is and only needs looking at. */
static gboolean is_fine(const char *text, gsize n)
{
	const guint8 *p = (const guint8 *)text, *end = p + n;

	if (!g_utf8_validate(text, n, NULL))
		return FALSE;
	for (; p < end; p++) {
		if (*p >= 0x20 && *p < 0x7F)
			continue;
		gsize length = *p < 0x80 ? 1 : *p == 0xC2 ? 2 : *p == 0xEF ? 3 : 0;
		if (length > 0 && is_unwanted(p, length))
			return FALSE;
	}
	return TRUE;
}

char *text_repair(const char *text, gssize n)
{
	gsize size = n < 0 ? strlen(text) : (gsize)n;

	if (size == 0)
		return g_strdup("");
	if (is_fine(text, size))
		return g_strndup(text, size);

	GString *out = g_string_sized_new(size + 1);
	const guint8 *p = (const guint8 *)text, *end = p + size;
	while (p < end) {
		gboolean is_whole;
		gsize length = sequence_length(p, end - p, &is_whole);

		if (!is_whole)
			g_string_append(out, TEXT_REPLACEMENT);
		else if (*p == '\r' && !(p + 1 < end && p[1] == '\n'))
			g_string_append_c(out, '\n');
		else if (!is_unwanted(p, length))
			g_string_append_len(out, (const char *)p, length);
		p += length;
	}
	return g_string_free(out, FALSE);
}

/* ---- cut ------------------------------------------------------------------------------------ */

#define ZERO_WIDTH_NON_JOINER 0x200C
#define ZERO_WIDTH_JOINER 0x200D

/* Does c belong to the character before it? (Unicode annex 29's Extend, as far as GLib knows.) */
static gboolean is_extending(gunichar c)
{
	if (c < 0x300)
		return FALSE;
	return c == ZERO_WIDTH_NON_JOINER || c == ZERO_WIDTH_JOINER ||
	       (c >= 0x1F3FB && c <= 0x1F3FF) || (c >= 0xE0020 && c <= 0xE007F) ||
	       g_unichar_ismark(c);
}

gsize text_cut(const char *text, gssize n, gsize max)
{
	/* Of a long text no more than max is looked at, so that slicing it stays linear. */
	gsize size = n >= 0 ? (gsize)n : max < G_MAXSSIZE ? strnlen(text, max + 1) : strlen(text);

	if (size <= max)
		return size;

	const char *cut = text + max;
	while (cut > text && ((guint8)*cut & 0xC0) == 0x80)
		cut--;

	for (const char *p = cut; p > text;) {
		const char *before = g_utf8_prev_char(p);

		if (!is_extending(g_utf8_get_char(p)) &&
		    g_utf8_get_char(before) != ZERO_WIDTH_JOINER)
			return p - text;
		p = before;
	}
	return cut - text;
}

/* ---- line ----------------------------------------------------------------------------------- */

static gboolean is_direction(gunichar c)
{
	return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E ||
	       c == 0x200F || c == 0x061C;
}

static gboolean is_line_end(gunichar c)
{
	return c == '\n' || c == 0x2028 || c == 0x2029;
}

static GString *flatten(const char *text)
{
	GString *out = g_string_new(NULL);

	for (const char *p = text, *next; *p; p = next) {
		gunichar c = g_utf8_get_char(p);

		next = g_utf8_next_char(p);
		if (is_line_end(c) || c == '\t')
			g_string_append_c(out, ' ');
		else if (!is_direction(c))
			g_string_append_len(out, p, next - p);
	}
	return out;
}

char *text_line(const char *text, gsize max)
{
	g_autofree char *repaired = text_repair(text, -1);
	GString *line = flatten(repaired);
	const gsize mark = strlen(TEXT_ELLIPSIS);

	if (line->len <= max)
		return g_string_free(line, FALSE);
	if (max < mark) {
		g_string_truncate(line, text_cut(line->str, line->len, max));
	} else {
		g_string_truncate(line, text_cut(line->str, line->len, max - mark));
		g_string_append(line, TEXT_ELLIPSIS);
	}
	return g_string_free(line, FALSE);
}
