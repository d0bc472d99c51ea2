/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text: UTF-8 made safe to store, send and show, without ever breaking a character. */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H
#include <glib.h>

/* text (n octets, or -1 for up to NUL) as valid UTF-8 that XML, libpurple and a terminal all
 * accept: malformed sequences become U+FFFD (one for each maximal subpart, Unicode 15 section 3.9),
 * control characters other than tab and line ends, and U+FFFE and U+FFFF, are left out, CR LF and
 * CR become LF. An embedded NUL counts as a control character. (transfer full), never NULL. */
char *text_repair(const char *text, gssize n);

/* How many octets of text (valid UTF-8, n octets or -1) fit into max octets without splitting a
 * character, nor parting a character from the combining marks, joiners, variation selectors and
 * skin tones that follow it or from what a joiner ties to it, unless the first such cluster alone
 * is longer than max. 0 only when text is empty or max is smaller than the first character. */
gsize text_cut(const char *text, gssize n, gsize max);

/* A peer's word for one line of display: repaired, line ends and tabs as spaces, bidirectional
 * controls (U+202A to U+202E, U+2066 to U+2069, U+200E, U+200F, U+061C) left out, at most max
 * octets, with "…" in place of what was cut (if max has room for it). (transfer full) */
char *text_line(const char *text, gsize max);
#endif
