/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-markup: hosts show what was written, peers get what was meant. */
#include "common/markup.h"

#include <string.h>

#define NBSP "\xC2\xA0"

struct markup_case {
	const char *path, *given, *expected;
};

static const struct markup_case from_cases[] = {
	{"nothing-stays-nothing", "", ""},
	{"plain-words-are-untouched", "gr\xC3\xBC\xC3\x9F dich, \xF0\x9F\x98\x80",
	 "gr\xC3\xBC\xC3\x9F dich, \xF0\x9F\x98\x80"},
	{"html-is-escaped", "<b onclick=\"x\">'&amp;'</b>",
	 "&lt;b onclick=&quot;x&quot;&gt;&#39;&amp;amp;&#39;&lt;/b&gt;"},
	{"line-ends-become-br", "a\n\nb\n", "a<br><br>b<br>"},
	{"single-spaces-are-untouched", "a b c ", "a b c "},
	{"runs-of-spaces-are-kept", "a  b   c", "a" NBSP " b" NBSP NBSP " c"},
	{"leading-space-is-kept", " a\n b", NBSP "a<br>" NBSP "b"},
	{"indent-is-kept", "  a\n   b", NBSP " a<br>" NBSP NBSP " b"},
	{"french-colon-is-untouched", "voil\xC3\xA0" NBSP ": oui", "voil\xC3\xA0" NBSP ": oui"},
	{"own-nbsp-beside-space-is-named", "a" NBSP " b " NBSP "c", "a&nbsp; b &nbsp;c"},
	{"own-nbsp-that-begins-a-line-is-named", NBSP "a\n" NBSP "b", "&nbsp;a<br>&nbsp;b"},
	{"tabs-are-untouched", "\ta\t\tb", "\ta\t\tb"},
	{"links-are-left-to-the-host", "see https://example.org/?a=1&b",
	 "see https://example.org/?a=1&amp;b"},
};

static const struct markup_case to_cases[] = {
	{"nothing-stays-nothing", "", ""},
	{"tags-are-left-out",
	 "<HTML><BODY><FONT FACE=\"Sans\"><b>hi</b> <i>you</i></FONT></BODY></HTML>", "hi you"},
	{"br-in-all-spellings-is-a-line-end", "a<br>b<BR/>c<br />d<br clear=all>e",
	 "a\nb\nc\nd\ne"},
	{"raw-line-end-stays", "a\nb", "a\nb"},
	{"paragraphs-are-lines", "<p>one</p><p>two</p>", "one\ntwo"},
	{"paragraphs-on-own-lines-are-not-doubled", "<p>one</p>\n<p>two</p>\n", "one\ntwo\n"},
	{"blocks-between-words-are-lines", "a<div>b</div>c<hr>d", "a\nb\nc\nd"},
	{"nested-blocks-end-once", "<div><div>a</div></div><div>b</div>", "a\nb"},
	{"empty-line-of-a-web-editor", "<div>a</div><div><br></div><div>b</div>", "a\n\nb"},
	{"list-and-table-rows-are-lines",
	 "<ul><li>a<li>b</ul><table><tr><td>c</td></tr><tr><td>d</td></tr></table>", "a\nb\nc\nd"},
	{"named-entities", "&amp;&lt;&gt;&quot;&apos;&copy;&reg;&nbsp;",
	 "&<>\"'\xC2\xA9\xC2\xAE" NBSP},
	{"numeric-entities", "&#65;&#x42;&#X63;&#8364;&#x1F600;&#0000000068;",
	 "ABc\xE2\x82\xAC\xF0\x9F\x98\x80"
	 "D"},
	{"decoded-once-only", "&amp;lt;b&amp;gt;", "&lt;b&gt;"},
	{"entities-that-are-none-stay", "a & b &amp c&; &unknown; &#; &#x; &#xZ; &AMP; &",
	 "a & b &amp c&; &unknown; &#; &#x; &#xZ; &AMP; &"},
	{"entities-of-no-character-stay",
	 "&#0;&#1;&#13;&#127;&#x85;&#xD800;&#xFFFE;&#x110000;&#99999999999;",
	 "&#0;&#1;&#13;&#127;&#x85;&#xD800;&#xFFFE;&#x110000;&#99999999999;"},
	{"less-than-stands-for-itself", "1 < 2 <3 <- <> </> <", "1 < 2 <3 <- <> </> <"},
	{"unfinished-tag-stands-for-itself", "a <b", "a <b"},
	{"unfinished-tag-before-a-tag", "a <b <i>c</i>", "a <b c"},
	{"unclosed-quote-stands-for-itself", "<a href=\"x>y</a>", "<a href=\"x>y"},
	{"address-in-brackets-is-no-tag", "<ann@example.org> <https://example.org/>",
	 "<ann@example.org> <https://example.org/>"},
	{"greater-than-in-a-value-ends-nothing", "<font title=\"a>b\" face='<c>'>d</font>", "d"},
	{"comments-are-gone", "a<!-- <b> -- > - -->b<!-->c<!--->d", "abcd"},
	{"unclosed-comment-stands-for-itself", "a <!-- b <i>c</i>", "a <!-- b c"},
	{"declarations-are-gone", "<!DOCTYPE html><?xml version=\"1.0\"?>a", "a"},
	{"hidden-contents-are-gone",
	 "<head><title>t</title></head>a<style>p{}</style>b<SCRIPT src=x>if (a<b) '</p>'</Script "
	 ">c",
	 "abc"},
	{"heading-is-not-the-head", "<header>a</header><scripty>b", "ab"},
	{"hidden-without-an-end-is-shown", "<style>a<script>b", "ab"},
	{"link-shows-its-target", "<a href=\"https://example.org/?a=1&amp;b=2\">here</a>!",
	 "here (https://example.org/?a=1&b=2)!"},
	{"link-of-itself-is-said-once", "<a href=\"https://a.example/\">https://a.example/</a>",
	 "https://a.example/"},
	{"link-without-its-scheme-is-said-once",
	 "<a href='https://a.example'>a.example</a> <A HREF=HTTP://b.example>b.example</A> "
	 "<a href='mailto:a@b.c'><b>a@b.c</b></a>",
	 "a.example b.example a@b.c"},
	{"link-that-lies-is-shown", "<a href='https://evil.example'>https://bank.example</a>",
	 "https://bank.example (https://evil.example)"},
	{"link-without-text-is-its-target", "<a href='https://a.example'></a>",
	 "https://a.example"},
	{"link-without-target-is-its-text", "<a name=x>a</a><a href=''>b</a></a>", "ab"},
	{"link-without-end-ends-with-the-text", "<a href=u>t", "t (u)"},
	{"link-in-a-link-ends-it", "<a href=u>t<a href=v>w</a></a>", "t (u)w (v)"},
	{"link-around-a-block", "x<a href=u><div>t</div></a>y", "x\nt (u)\ny"},
	{"image-is-its-description", "<img src=x alt=\"a &lt; b\">c<img src=y><IMG ALT=d>",
	 "a < bcd"},
	{"attribute-name-must-be-whole", "<a data-href=no href=yes>t</a>", "t (yes)"},
	{"kept-spaces-are-spaces-again", "a" NBSP NBSP " b<br>" NBSP "c", "a   b\n c"},
	{"lone-nbsp-stays", "a" NBSP ": b", "a" NBSP ": b"},
	{"characters-that-share-an-octet-with-nbsp", "\xC2\xA9\xC2\xB0\xC3\xA0",
	 "\xC2\xA9\xC2\xB0\xC3\xA0"},
};

static void test_from(gconstpointer data)
{
	const struct markup_case *c = data;
	g_autofree char *html = markup_from_plain(c->given);
	g_autofree char *back = markup_to_plain(html);

	g_assert_cmpstr(html, ==, c->expected);
	g_assert_cmpstr(back, ==, c->given);
}

static void test_to(gconstpointer data)
{
	const struct markup_case *c = data;
	g_autofree char *plain = markup_to_plain(c->given);

	g_assert_cmpstr(plain, ==, c->expected);
}

/* Every text of seven pieces that could be mistaken for one another. */
static void test_all_short_texts_come_back(void)
{
	static const char *const pieces[] = {"", " ", NBSP, "\n", "&nbsp;", "x"};
	const guint count = G_N_ELEMENTS(pieces), length = 7;
	guint total = 1;

	for (guint i = 0; i < length; i++)
		total *= count;
	for (guint number = 0; number < total; number++) {
		GString *text = g_string_new(NULL);
		for (guint rest = number, i = 0; i < length; i++, rest /= count)
			g_string_append(text, pieces[rest % count]);

		g_autofree char *html = markup_from_plain(text->str);
		g_autofree char *back = markup_to_plain(html);
		g_assert_cmpstr(back, ==, text->str);
		g_assert_null(strstr(html, "  "));
		g_string_free(text, TRUE);
	}
}

/* Floods of what is never finished. Quadratic work would take minutes to hours here. */
static const struct flood {
	const char *path, *piece;
	gsize megabytes;
} floods[] = {
	{"less-than", "<", 2},
	{"ampersands", "&", 2},
	{"numbers-without-end", "&#1", 2},
	{"unclosed-comments", "<!--", 16}, /* strstr() is fast, so it takes more to be slow */
	{"unclosed-tags", "<a ", 2},
	{"unclosed-double-quotes", "<a \"", 2},
	{"crossing-quotes", "<a \"'", 2},
	{"quotes-in-turn", "<a\"<a'<a\"'", 2},
	{"unclosed-styles", "<style>", 2},
	{"all-that-hides", "<head><script><style><!--</x>", 2},
	{"half-end-tags", "<script></script", 2},
	{"open-links", "<a href=u>", 2},
	{"nested-blocks", "<div>", 2},
	{"nbsp", NBSP, 2},
	{"spaces", " ", 2},
};

static void test_flood_ends(gconstpointer data)
{
	const struct flood *f = data;
	const gsize n = f->megabytes << 20, length = strlen(f->piece);
	GString *html = g_string_sized_new(n + length);

	while (html->len < n)
		g_string_append_len(html, f->piece, length);
	g_autofree char *plain = markup_to_plain(html->str);
	g_autofree char *escaped = markup_from_plain(html->str);
	g_autofree char *back = markup_to_plain(escaped);
	g_assert_cmpuint(strlen(plain), <=, html->len);
	g_assert_cmpstr(back, ==, html->str);
	g_string_free(html, TRUE);
}

static void test_one_tag_may_be_long(void)
{
	GString *html = g_string_new("<a");

	while (html->len < 2 << 20)
		g_string_append(html, " x y= z='>' /");
	g_string_append(html, " href=u>t</a>");
	g_autofree char *plain = markup_to_plain(html->str);
	g_assert_cmpstr(plain, ==, "t (u)");
	g_string_free(html, TRUE);
}

/* ---- styles --------------------------------------------------------------------------------- */

static void expect_style(const struct markup_style *is, const struct markup_style *wanted)
{
	g_assert_cmpstr(is->font, ==, wanted->font);
	g_assert_cmpint(is->is_bold, ==, wanted->is_bold);
	g_assert_cmpint(is->is_italic, ==, wanted->is_italic);
	g_assert_cmpint(is->is_underlined, ==, wanted->is_underlined);
	g_assert_cmpint(is->is_struck, ==, wanted->is_struck);
	g_assert_cmpint(is->is_right_to_left, ==, wanted->is_right_to_left);
	g_assert_cmpint(is->has_colour, ==, wanted->has_colour);
	if (wanted->has_colour)
		g_assert_cmphex(is->rgb, ==, wanted->rgb);
}

static const struct styled_case {
	const char *path, *html, *text;
	struct markup_style style;
} styled_cases[] = {
	{"plain-text-has-none", "hi", "hi", {0}},
	{"no-text-has-none", "<b></b> ", " ", {0}},
	{"pidgin-wraps-the-whole-message",
	 "<FONT COLOR=\"#ff8000\"><FONT FACE=\"Comic Sans MS\"><b><i>hi</i></b></FONT></FONT>",
	 "hi",
	 {.font = "Comic Sans MS", .is_bold = 1, .is_italic = 1, .has_colour = 1, .rgb = 0xff8000}},
	{"one-bold-word-is-not-a-bold-text", "a <b>bold</b> word", "a bold word", {0}},
	{"blanks-outside-do-not-count", " <b>a</b><br><b>b</b> ", " a\nb ", {.is_bold = 1}},
	{"one-colour-by-two-ways",
	 "<font color=#f00>a</font><span style='color: #FF0000'>b</span>",
	 "ab",
	 {.has_colour = 1, .rgb = 0xff0000}},
	{"two-colours-are-none", "<font color=#f00>a</font><font color=#00f>b</font>", "ab", {0}},
	{"two-fonts-are-none", "<font face=A>a</font><font face=B>b</font>", "ab", {0}},
	{"inner-colour-wins-and-ends",
	 "<font color=#f00><font color=#00f>a</font></font>",
	 "a",
	 {.has_colour = 1, .rgb = 0xff}},
	{"black-is-a-colour", "<font color=#000000>a</font>", "a", {.has_colour = 1}},
	{"crossing-ends", "<b><i>a</b>b</i>", "ab", {.is_italic = 1}},
	{"ends-of-nothing", "</b></font>a</i>", "a", {0}},
	{"namesakes",
	 "<strong><em><ins><del>a</del></ins></em></strong>",
	 "a",
	 {.is_bold = 1, .is_italic = 1, .is_underlined = 1, .is_struck = 1}},
	{"styles-of-a-span",
	 "<span style=\"font-family: 'DejaVu Sans', serif; font-weight:bold; font-style : italic; "
	 "text-decoration:underline; direction:rtl\">a</span>",
	 "a",
	 {.font = "DejaVu Sans",
	  .is_bold = 1,
	  .is_italic = 1,
	  .is_underlined = 1,
	  .is_right_to_left = 1}},
	{"direction-of-a-span", "<span dir=rtl>a</span>", "a", {.is_right_to_left = 1}},
	{"colours-that-are-none", "<font color=red><font color=#12345>a</font></font>", "a", {0}},
};

static void test_to_styled(gconstpointer data)
{
	const struct styled_case *c = data;
	struct markup_style style;
	g_autofree char *font = NULL;
	g_autofree char *text = markup_to_styled(c->html, &style, &font);

	g_assert_cmpstr(text, ==, c->text);
	expect_style(&style, &c->style);
}

static void test_style_comes_back(void)
{
	for (guint bits = 0; bits < 128; bits++) {
		struct markup_style given = {
			.font = bits & 1 ? "A \"b\" <c> & d" : NULL,
			.is_bold = bits >> 1 & 1,
			.is_italic = bits >> 2 & 1,
			.is_underlined = bits >> 3 & 1,
			.is_struck = bits >> 4 & 1,
			.is_right_to_left = bits >> 5 & 1,
			.has_colour = bits >> 6 & 1,
			.rgb = bits >> 6 & 1 ? 0x00a0ff : 0,
		};
		struct markup_style back;
		g_autofree char *html = markup_from_styled("x <y>\n z", &given);
		g_autofree char *font = NULL;
		g_autofree char *text = markup_to_styled(html, &back, &font);

		g_assert_cmpstr(text, ==, "x <y>\n z");
		expect_style(&back, &given);
	}
}

static void test_deep_styles_end(void)
{
	struct markup_style style;
	g_autofree char *font = NULL;
	GString *html = g_string_new(NULL);

	for (guint i = 0; i < 200000; i++)
		g_string_append(html, "<b><font face=x>");
	g_string_append(html, "a");
	for (guint i = 0; i < 200000; i++)
		g_string_append(html, "</font></b>");
	g_string_append(html, "b");
	g_autofree char *text = markup_to_styled(html->str, &style, &font);
	g_assert_cmpstr(text, ==, "ab");
	expect_style(&style, &(struct markup_style){0});
	g_string_free(html, TRUE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(from_cases); i++) {
		g_autofree char *path =
			g_strconcat("/markup/from-plain/", from_cases[i].path, NULL);
		g_test_add_data_func(path, &from_cases[i], test_from);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(to_cases); i++) {
		g_autofree char *path = g_strconcat("/markup/to-plain/", to_cases[i].path, NULL);
		g_test_add_data_func(path, &to_cases[i], test_to);
	}
	g_test_add_func("/markup/round-trip/every-short-text-comes-back",
			test_all_short_texts_come_back);
	for (gsize i = 0; i < G_N_ELEMENTS(floods); i++) {
		g_autofree char *path = g_strconcat("/markup/flood-ends/", floods[i].path, NULL);
		g_test_add_data_func(path, &floods[i], test_flood_ends);
	}
	g_test_add_func("/markup/flood-ends/attributes-of-one-tag", test_one_tag_may_be_long);
	for (gsize i = 0; i < G_N_ELEMENTS(styled_cases); i++) {
		g_autofree char *path =
			g_strconcat("/markup/to-styled/", styled_cases[i].path, NULL);
		g_test_add_data_func(path, &styled_cases[i], test_to_styled);
	}
	g_test_add_func("/markup/round-trip/every-style-comes-back", test_style_comes_back);
	g_test_add_func("/markup/flood-ends/styles-inside-styles", test_deep_styles_end);
	return g_test_run();
}
