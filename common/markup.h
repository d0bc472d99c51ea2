/* SPDX-License-Identifier: GPL-2.0-or-later */
/* markup: plain text to and from libpurple's HTML; every value it did not write itself is escaped.
 * For text from text_repair(), markup_to_plain(markup_from_plain(text)) is text again. */
#ifndef COMMON_MARKUP_H
#define COMMON_MARKUP_H
#include <glib.h>

/* Plain text as HTML that hosts show letter by letter: & < > " ' escaped, LF as <br>. Where HTML
 * would fold spaces (all but the last of a run, and one that begins a line) they become U+00A0; a
 * U+00A0 of the text that could be taken for such a space becomes &nbsp;. Links are left to the
 * host, which finds them itself. text: valid UTF-8. (transfer full) */
char *markup_from_plain(const char *text);

/* What a person reads in HTML from a host:
 * - tags left out; <br> is a line end; <p>, <div>, <tr>, <li> and <hr> begin and end a line;
 *   a line end in html itself stays one;
 * - entities as characters: amp lt gt quot apos nbsp copy reg, and numbers of characters that
 *   text_repair() would leave alone;
 * - U+00A0 as a space where markup_from_plain() writes it for one;
 * - comments and the contents of <style>, <script> and <head> gone;
 * - <a href=U>T</a> as "T (U)" unless T is U (or U without its "mailto:", "http://" or "https://"),
 *   as U when T is empty; <img alt=A> as A.
 * An entity that is not one, and a < that opens no tag, stand for themselves. Tag nesting costs no
 * stack. html: valid UTF-8; the result is valid UTF-8. Time is linear in the length of html.
 * (transfer full) */
char *markup_to_plain(const char *html);

/* How a whole text looks, for protocols that know no other way. */
struct markup_style {
	const char *font; /* nullable */
	gboolean is_bold, is_italic, is_underlined, is_struck, is_right_to_left;
	gboolean has_colour;
	guint32 rgb; /* 0xRRGGBB */
};

#define MARKUP_FONT_MAX 128 /* octets; a longer name is none */
#define MARKUP_NESTING_MAX                                                                         \
	64 /* styled elements in one another; those further in change nothing                      \
	    */

/* markup_from_plain() inside the elements that make it look so. (transfer full) */
char *markup_from_styled(const char *text, const struct markup_style *style);

/* markup_to_plain(), and how it looks: what holds for all of its visible characters, whichever of
 * <b>, <i>, <u>, <s>, their namesakes, <font face color> and <span style> said so. ret_font gets
 * what owns ret_style->font. (transfer full) */
char *markup_to_styled(const char *html, struct markup_style *ret_style, char **ret_font);
#endif
