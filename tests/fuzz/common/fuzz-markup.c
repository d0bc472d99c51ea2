/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-markup: text survives the way to HTML and back, and any HTML becomes safe text. */
#include "common/markup.h"
#include "common/text.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The only tag in our HTML is <br>, and each & begins an entity of ours. */
static void check_is_escaped(const char *html)
{
	static const char *const ours[] = {"<br>",   "&amp;", "&lt;",  "&gt;",
					   "&quot;", "&#39;", "&nbsp;"};

	for (const char *p = html; (p = strpbrk(p, "<>&\"'\n"));) {
		gsize i = 0;

		while (i < G_N_ELEMENTS(ours) && !g_str_has_prefix(p, ours[i]))
			i++;
		g_assert_cmpuint(i, <, G_N_ELEMENTS(ours));
		p += strlen(ours[i]);
	}
}

static void check_round_trip(const char *text)
{
	g_autofree char *html = markup_from_plain(text);
	g_autofree char *plain = markup_to_plain(html);

	g_assert_true(g_utf8_validate(html, -1, NULL));
	check_is_escaped(html);
	g_assert_cmpstr(plain, ==, text);
}

/* A style read from anything can be written, and reads as itself; the text is that without it. */
static void check_style(const char *html, const char *plain)
{
	struct markup_style style, again;
	g_autofree char *font = NULL;
	g_autofree char *font_again = NULL;
	g_autofree char *text = markup_to_styled(html, &style, &font);
	g_autofree char *written = markup_from_styled("x", &style);
	g_autofree char *back = markup_to_styled(written, &again, &font_again);

	g_assert_cmpstr(text, ==, plain);
	g_assert_cmpstr(back, ==, "x");
	g_assert_cmpstr(again.font, ==, style.font);
	g_assert_cmpint(again.is_bold, ==, style.is_bold);
	g_assert_cmpint(again.is_right_to_left, ==, style.is_right_to_left);
	g_assert_cmpint(again.has_colour, ==, style.has_colour);
	if (style.has_colour)
		g_assert_cmphex(again.rgb, ==, style.rgb);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	g_autofree char *html = text_repair((const char *)data, n);
	g_autofree char *plain = markup_to_plain(html);
	g_autofree char *repaired = text_repair(plain, -1);

	g_assert_cmpstr(plain, ==, repaired);
	g_assert_cmpuint(strlen(plain), <=, strlen(html));
	check_round_trip(html);
	check_round_trip(plain);
	check_style(html, plain);
	return 0;
}
