/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-frame: however a stream is cut into pieces, the same frames come out. */
#include "common/frame.h"

#include <string.h>

static void assert_line(struct frame *f, const char *expected)
{
	const guint8 *line;
	gsize n;

	g_assert_cmpint(frame_line(f, &line, &n), ==, FRAME_WHOLE);
	g_assert_cmpmem(line, n, expected, strlen(expected));
}

static void assert_no_line(struct frame *f, enum frame_result expected)
{
	const guint8 *line = (const guint8 *)"untouched";
	gsize n = 7;

	g_assert_cmpint(frame_line(f, &line, &n), ==, expected);
	g_assert_cmpstr((const char *)line, ==, "untouched");
	g_assert_cmpuint(n, ==, 7);
}

static void feed(struct frame *f, const char *text)
{
	g_assert_true(frame_feed(f, text, strlen(text)));
}

static void test_line_ends(void)
{
	struct frame *f = frame_new(10, 10, 100);

	feed(f, "lf\ncrlf\r\n\n\r\na\rb\r\r\nrest");
	assert_line(f, "lf");
	assert_line(f, "crlf");
	assert_line(f, "");
	assert_line(f, "");
	assert_line(f, "a\rb\r");
	assert_no_line(f, FRAME_MORE);
	feed(f, "\n");
	assert_line(f, "rest");
	assert_no_line(f, FRAME_MORE);
	frame_free(f);
	frame_free(NULL);
}

static void test_line_limit(void)
{
	static const struct {
		const char *stream;
		enum frame_result expected;
	} cases[] = {
		{"abcd\n", FRAME_WHOLE}, {"abcd\r\n", FRAME_WHOLE}, {"abcde\n", FRAME_BAD},
		{"abcd\r", FRAME_MORE},	 {"abcd", FRAME_MORE},	    {"abcdef", FRAME_BAD},
		{"abcd\rx", FRAME_BAD},	 {"abcde\r\n", FRAME_BAD},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct frame *f = frame_new(4, 4, 100);
		const guint8 *line;
		gsize n;

		feed(f, cases[i].stream);
		g_assert_cmpint(frame_line(f, &line, &n), ==, cases[i].expected);
		frame_free(f);
	}
}

static void test_bad_for_good(void)
{
	struct frame *f = frame_new(2, 4, 100);
	const guint8 *octets;
	gsize n;

	feed(f, "much too long\nok\n");
	assert_no_line(f, FRAME_BAD);
	assert_no_line(f, FRAME_BAD);
	g_assert_cmpint(frame_count(f, 1, &octets), ==, FRAME_BAD);
	g_assert_cmpint(frame_piece(f, 1, &octets, &n), ==, FRAME_BAD);
	frame_free(f);
}

static void test_count(void)
{
	struct frame *f = frame_new(10, 5, 100);
	const guint8 *octets = NULL;

	feed(f, "3\r\nab");
	assert_line(f, "3");
	g_assert_cmpint(frame_count(f, 3, &octets), ==, FRAME_MORE);
	g_assert_null(octets);
	feed(f, "\nnext\n");
	g_assert_cmpint(frame_count(f, 3, &octets), ==, FRAME_WHOLE);
	g_assert_cmpmem(octets, 3, "ab\n", 3);
	g_assert_cmpint(frame_count(f, 0, &octets), ==, FRAME_WHOLE);
	assert_line(f, "next");
	g_assert_cmpint(frame_count(f, 6, &octets), ==, FRAME_BAD);
	frame_free(f);
}

/* A count asked for in the middle of a line that was searched before must not lose its end. */
static void test_count_after_search(void)
{
	struct frame *f = frame_new(10, 5, 100);
	const guint8 *octets;

	feed(f, "abcdef");
	assert_no_line(f, FRAME_MORE);
	g_assert_cmpint(frame_count(f, 2, &octets), ==, FRAME_WHOLE);
	feed(f, "\ng\n");
	assert_line(f, "cdef");
	assert_line(f, "g");
	frame_free(f);
}

static void test_piece(void)
{
	struct frame *f = frame_new(10, 5, 100);
	const guint8 *octets;
	gsize n = 0;

	g_assert_cmpint(frame_piece(f, 4, &octets, &n), ==, FRAME_MORE);
	feed(f, "abcdef");
	g_assert_cmpint(frame_piece(f, 4, &octets, &n), ==, FRAME_WHOLE);
	g_assert_cmpmem(octets, n, "abcd", 4);
	g_assert_cmpint(frame_piece(f, 4, &octets, &n), ==, FRAME_WHOLE);
	g_assert_cmpmem(octets, n, "ef", 2);
	g_assert_cmpint(frame_piece(f, 4, &octets, &n), ==, FRAME_MORE);
	frame_free(f);
}

static void test_peek(void)
{
	struct frame *f = frame_new(10, 5, 100);
	gsize n;

	g_assert_nonnull(frame_peek(f, &n));
	g_assert_cmpuint(n, ==, 0);
	feed(f, "one\ntwo");
	assert_line(f, "one");
	g_assert_cmpuint(frame_waiting(f), ==, 3);
	g_assert_cmpmem(frame_peek(f, &n), 3, "two", 3);
	g_assert_cmpuint(n, ==, 3);
	frame_free(f);
}

static void test_waiting_limit(void)
{
	struct frame *f = frame_new(4, 4, 8);

	feed(f, "abc\ndef\n");
	g_assert_false(frame_feed(f, "x", 1));
	assert_line(f, "abc");
	feed(f, "1234");
	g_assert_false(frame_feed(f, "5", 1));
	assert_line(f, "def");
	frame_free(f);
}

/* Frames of a stream as text: lines, and after "N" a count. */
static void take_all(struct frame *f, GString *out, gsize *count)
{
	const guint8 *octets;
	gsize n;

	for (;;) {
		if (*count > 0) {
			if (frame_count(f, *count, &octets) != FRAME_WHOLE)
				return;
			g_string_append_printf(out, "(%.*s)", (int)*count, octets);
			*count = 0;
			continue;
		}
		if (frame_line(f, &octets, &n) != FRAME_WHOLE)
			return;
		g_string_append_printf(out, "[%.*s]", (int)n, octets);
		if (n > 0 && g_ascii_isdigit(*octets))
			*count = *octets - '0';
	}
}

static void test_random_pieces(void)
{
	static const char stream[] = "one\r\n5\r\n\r\n\r\nx\nthree\n9\n12345\r\n89four\r\n0\r\n\n";

	for (guint round = 0; round < 2000; round++) {
		struct frame *f = frame_new(10, 10, 20);
		g_autoptr(GString) out = g_string_new(NULL);
		gsize count = 0;

		for (gsize at = 0; at < strlen(stream);) {
			gsize n = g_test_rand_int_range(1, 8);

			n = MIN(n, strlen(stream) - at);
			g_assert_true(frame_feed(f, stream + at, n));
			take_all(f, out, &count);
			at += n;
		}
		g_assert_cmpstr(out->str, ==,
				"[one][5](\r\n\r\nx)[][three][9](12345\r\n89)[four][0][]");
		frame_free(f);
	}
}

/* Searching what was searched already would take minutes here. */
static void test_octet_by_octet_stays_cheap(void)
{
	const gsize max = 1 << 21;
	struct frame *f = frame_new(max, 1, max + 1);
	const guint8 *line;
	gsize n;

	for (gsize i = 0; i < max; i++) {
		g_assert_true(frame_feed(f, "x", 1));
		g_assert_cmpint(frame_line(f, &line, &n), ==, FRAME_MORE);
	}
	feed(f, "\n");
	g_assert_cmpint(frame_line(f, &line, &n), ==, FRAME_WHOLE);
	g_assert_cmpuint(n, ==, max);
	frame_free(f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/frame/lf-and-crlf-end-a-line", test_line_ends);
	g_test_add_func("/frame/longest-line-passes-one-more-does-not", test_line_limit);
	g_test_add_func("/frame/bad-is-for-good", test_bad_for_good);
	g_test_add_func("/frame/count-waits-and-may-hold-line-ends", test_count);
	g_test_add_func("/frame/count-inside-a-searched-line", test_count_after_search);
	g_test_add_func("/frame/pieces-come-as-they-are", test_piece);
	g_test_add_func("/frame/peek-shows-what-is-uncut", test_peek);
	g_test_add_func("/frame/waiting-octets-are-bounded", test_waiting_limit);
	g_test_add_func("/frame/any-pieces-give-the-same-frames", test_random_pieces);
	g_test_add_func("/frame/octet-by-octet-stays-cheap", test_octet_by_octet_stays_cheap);
	return g_test_run();
}
