/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-text: broken octets become safe text, and cuts fall between what a reader calls letters. */
#include "common/text.h"

#include <string.h>

#define FFFD "\xEF\xBF\xBD"
#define ACUTE "\xCC\x81"	  /* U+0301 combining */
#define ZWJ "\xE2\x80\x8D"	  /* U+200D */
#define ZWNJ "\xE2\x80\x8C"	  /* U+200C */
#define VS16 "\xEF\xB8\x8F"	  /* U+FE0F */
#define MAN "\xF0\x9F\x91\xA8"	  /* U+1F468 */
#define GIRL "\xF0\x9F\x91\xA7"	  /* U+1F467 */
#define THUMB "\xF0\x9F\x91\x8D"  /* U+1F44D */
#define MEDIUM "\xF0\x9F\x8F\xBD" /* U+1F3FD, a skin tone */
#define ELLIPSIS "\xE2\x80\xA6"
#define RLO "\xE2\x80\xAE" /* U+202E */

static const struct repair_case {
	const char *path, *text;
	gssize n;
	const char *expected;
} repair_cases[] = {
	{"nothing-stays-nothing", "", -1, ""},
	{"no-octets-may-be-null", NULL, 0, ""},
	{"good-text-is-kept", "caf\xC3\xA9 \xE2\x82\xAC " MAN "\n\tend", -1,
	 "caf\xC3\xA9 \xE2\x82\xAC " MAN "\n\tend"},
	{"length-ends-the-text", "abcdef", 3, "abc"},
	{"embedded-nul-is-left-out", "a\0b", 3, "ab"},
	{"crlf-is-one-line-end", "a\r\nb\rc\nd\r", -1, "a\nb\nc\nd\n"},
	{"two-cr-are-two-line-ends", "a\r\r\nb", -1, "a\n\nb"},
	{"c0-controls-and-delete-are-left-out", "\x01\x1B[1mx\x7F\x08", -1, "[1mx"},
	{"c1-controls-are-left-out",
	 "a\xC2\x80\xC2\x85\xC2\x9F" "b\xC2\xA0",
	 -1, "ab\xC2\xA0"},
	{"fffe-and-ffff-are-left-out",
	 "a\xEF\xBF\xBE\xEF\xBF\xBF" "b\xEF\xBF\xBC",
	 -1, "ab\xEF\xBF\xBC"},
	{"lone-continuation-octets-count-each",
	 "a\x80\xBF" "b",
	 -1, "a" FFFD FFFD "b"},
	{"overlong-forms-count-each-octet", "\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", -1,
	 FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A"},
	{"surrogates-count-each-octet", "\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", -1,
	 FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A"},
	{"beyond-unicode-counts-each-octet", "\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", -1,
	 FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B"},
	{"truncated-sequences-are-one-each", "\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", -1,
	 FFFD FFFD FFFD FFFD "A"},
	{"sequence-cut-by-the-end-is-one", "x\xF0\x9F\x91", -1, "x" FFFD},
	{"sequence-cut-by-the-length-is-one", "x" MAN, 4, "x" FFFD},
	{"sequence-cut-by-nul-is-one", "\xE2\x82\0z", 4, FFFD "z"},
	{"utf-16-byte-order-mark-is-broken",
	 "\xFF\xFE" "a",
	 -1, FFFD FFFD "a"},
	{"largest-character-is-kept", "\xF4\x8F\xBF\xBD\xED\x9F\xBF\xEE\x80\x80", -1,
	 "\xF4\x8F\xBF\xBD\xED\x9F\xBF\xEE\x80\x80"},
};

static void test_repair(gconstpointer data)
{
	const struct repair_case *c = data;
	g_autofree char *repaired = text_repair(c->text, c->n);

	g_assert_cmpstr(repaired, ==, c->expected);
}

/* Every sequence of up to two octets, and every lead with every second octet and good rest. */
static void test_repair_all_short_sequences(void)
{
	for (guint i = 0; i < 0x10000; i++) {
		const char octets[] = {i >> 8, i & 0xFF, '\x80', '\x80'};

		for (gsize n = 1; n <= sizeof octets; n++) {
			g_autofree char *repaired = text_repair(octets, n);
			g_autofree char *again = text_repair(repaired, -1);

			g_assert_true(g_utf8_validate(repaired, -1, NULL));
			g_assert_cmpstr(again, ==, repaired);
			if (g_utf8_validate_len(octets, n, NULL))
				g_assert_null(strstr(repaired, FFFD));
			else if (!memchr(octets, '\0', n))
				g_assert_nonnull(strstr(repaired, FFFD));
		}
	}
}

static const struct cut_case {
	const char *path, *text;
	gssize n;
	gsize max, expected;
} cut_cases[] = {
	{"empty-text-has-no-octets", "", -1, 5, 0},
	{"text-that-fits-is-whole", "abc", -1, 3, 3},
	{"no-limit-is-whole", "abc", -1, G_MAXSIZE, 3},
	{"length-is-respected", "abcdef", 3, 5, 3},
	{"plain-text-fills-the-room", "abcdef", -1, 4, 4},
	{"nothing-fits-into-nothing", "abc", -1, 0, 0},
	{"first-character-too-long", MAN, -1, 3, 0},
	{"characters-stay-whole", "a\xE2\x82\xAC\xE2\x82\xAC", -1, 6, 4},
	{"accent-stays-with-its-letter", "abe" ACUTE "c", -1, 3, 2},
	{"several-accents-stay-with-their-letter", "ae" ACUTE ACUTE "c", -1, 4, 1},
	{"accent-that-fits-stays", "abe" ACUTE "c", -1, 5, 5},
	{"variation-selector-stays", "x\xE2\x9D\xA4" VS16, -1, 4, 1},
	{"skin-tone-stays", "x" THUMB MEDIUM, -1, 5, 1},
	{"joiner-stays-with-what-precedes", "xy" MAN ZWJ GIRL, -1, 6, 2},
	{"joined-family-stays-together", "x" MAN ZWJ GIRL "y", -1, 8, 1},
	{"joined-family-that-fits-stays", "x" MAN ZWJ GIRL "y", -1, 12, 12},
	{"non-joiner-stays-with-its-letter", "ab" ZWNJ "c", -1, 3, 1},
	{"too-long-cluster-is-cut-between-characters", "e" ACUTE ACUTE ACUTE, -1, 4, 3},
	{"too-long-family-is-cut-between-characters", MAN ZWJ GIRL "y", -1, 8, 7},
	{"accent-without-letter-is-cut-alone", ACUTE ACUTE, -1, 3, 2},
};

static void test_cut(gconstpointer data)
{
	const struct cut_case *c = data;

	g_assert_cmpuint(text_cut(c->text, c->n, c->max), ==, c->expected);
	if (c->n < 0)
		g_assert_cmpuint(text_cut(c->text, strlen(c->text), c->max), ==, c->expected);
}

static const struct line_case {
	const char *path, *text;
	gsize max;
	const char *expected;
} line_cases[] = {
	{"short-word-is-kept", "Ann", 10, "Ann"},
	{"exact-length-is-kept", "Annabelle", 9, "Annabelle"},
	{"long-word-ends-in-an-ellipsis", "Annabelle!", 9, "Annabe" ELLIPSIS},
	{"line-ends-and-tabs-are-spaces",
	 "a\r\nb\nc\td\xE2\x80\xA8" "e\xE2\x80\xA9" "f",
	 99, "a b c d e f"},
	{"direction-cannot-be-changed",
	 RLO "gpj\xE2\x81\xA6.\xE2\x80\x8E\xE2\x80\x8F\xD8\x9C"
	     "exe",
	 99, "gpj.exe"},
	{"broken-octets-are-repaired", "a\xFF\x1B", 99, "a" FFFD},
	{"cut-keeps-letters-whole", "abe" ACUTE "cdef", 7, "ab" ELLIPSIS},
	{"no-room-for-an-ellipsis", "abcdef", 2, "ab"},
	{"room-for-the-ellipsis-alone", "abcdef", 3, ELLIPSIS},
	{"no-room-at-all", "abc", 0, ""},
	{"nothing-stays-nothing", "", 5, ""},
};

static void test_line(gconstpointer data)
{
	const struct line_case *c = data;
	g_autofree char *line = text_line(c->text, c->max);

	g_assert_cmpstr(line, ==, c->expected);
}

/* A megabyte of one cluster, sliced small: each slice looks at no more than itself. */
static void test_slicing_stays_linear(void)
{
	GString *text = g_string_new("e");

	while (text->len < 1 << 20)
		g_string_append(text, ACUTE);
	gsize done = 0, slices = 0;
	for (; done < text->len; slices++) {
		gsize piece = text_cut(text->str + done, -1, 100);

		g_assert_cmpuint(piece, >, 0);
		g_assert_true(g_utf8_validate_len(text->str + done, piece, NULL));
		done += piece;
	}
	g_assert_cmpuint(slices, <=, text->len / 99 + 1);
	g_string_free(text, TRUE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(repair_cases); i++) {
		g_autofree char *path = g_strconcat("/text/repair/", repair_cases[i].path, NULL);
		g_test_add_data_func(path, &repair_cases[i], test_repair);
	}
	g_test_add_func("/text/repair/every-short-sequence-is-made-valid",
			test_repair_all_short_sequences);
	for (gsize i = 0; i < G_N_ELEMENTS(cut_cases); i++) {
		g_autofree char *path = g_strconcat("/text/cut/", cut_cases[i].path, NULL);
		g_test_add_data_func(path, &cut_cases[i], test_cut);
	}
	g_test_add_func("/text/cut/slicing-one-endless-cluster-goes-on", test_slicing_stays_linear);
	for (gsize i = 0; i < G_N_ELEMENTS(line_cases); i++) {
		g_autofree char *path = g_strconcat("/text/line/", line_cases[i].path, NULL);
		g_test_add_data_func(path, &line_cases[i], test_line);
	}
	return g_test_run();
}
