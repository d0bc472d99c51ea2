/* SPDX-License-Identifier: GPL-2.0-or-later */
/* markup: plain text to and from libpurple's HTML; every value it did not write itself is escaped. */
#ifndef COMMON_MARKUP_H
#define COMMON_MARKUP_H
#include <glib.h>

/* Plain text as HTML that hosts show letter by letter: & < > " ' escaped, LF as <br>, runs of two or more
 * spaces and a leading space kept with &nbsp;-like U+00A0 only where HTML would fold them. Links are left to the host, which finds
 * them itself. text: valid UTF-8. (transfer full) */
char *markup_from_plain(const char *text);

/* What a person reads in HTML from a host: tags left out, <br>, <p>, <div>, <tr>, <li> and <hr> as line ends,
 * entities (named ones a host writes: amp lt gt quot apos nbsp copy reg; and numeric ones) as characters,
 * comments, <style>, <script> and <head> contents gone, <a href=U>T</a> as "T (U)" unless T is U (or U without its
 * "mailto:", "http://" or "https://"), <img alt=A> as A. An entity that is not one, and a < that opens no tag, stand for
 * themselves. Tag nesting costs no stack. html: valid UTF-8; the result is valid UTF-8. Time is linear in
 * the length of html. (transfer full) */
char *markup_to_plain(const char *html);
#endif
