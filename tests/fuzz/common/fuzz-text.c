/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-text: whatever octets come, repaired text is safe and a cut never breaks a character. */
#include "common/text.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_is_safe(const char *text)
{
	g_assert_true(g_utf8_validate(text, -1, NULL));
	for (const char *p = text; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		g_assert_true(c == '\t' || c == '\n' || !g_unichar_iscntrl(c));
		g_assert_true(c != 0xFFFE && c != 0xFFFF);
	}
}

/* Cut after cut, all of the text comes, in whole characters. */
static void check_cuts(const char *text, gsize max)
{
	gsize left = strlen(text);

	while (left > 0) {
		gsize piece = text_cut(text, left, max);

		g_assert_cmpuint(piece, ==, text_cut(text, -1, max));
		g_assert_cmpuint(piece, <=, MIN(max, left));
		g_assert_true(g_utf8_validate_len(text, piece, NULL));
		if (piece == 0) {
			g_assert_cmpuint(g_utf8_next_char(text) - text, >, max);
			return;
		}
		text += piece;
		left -= piece;
	}
	g_assert_cmpuint(text_cut(text, left, max), ==, 0);
}

static void check_line(const char *text, gsize max)
{
	g_autofree char *line = text_line(text, max);

	check_is_safe(line);
	g_assert_cmpuint(strlen(line), <=, max);
	g_assert_null(strpbrk(line, "\t\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const gsize limits[] = {0, 1, 2, 3, 4, 5, 16, 64, 65536, G_MAXSIZE};
	g_autofree char *repaired = text_repair((const char *)data, n);
	g_autofree char *again = text_repair(repaired, -1);
	g_autofree char *ended = g_strndup((const char *)data, n);

	check_is_safe(repaired);
	g_assert_cmpstr(again, ==, repaired);
	g_assert_cmpuint(strlen(repaired), <=, 3 * n);
	for (gsize i = 0; i < G_N_ELEMENTS(limits); i++) {
		check_cuts(repaired, limits[i]);
		check_line(ended, limits[i]);
	}
	return 0;
}
