/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-trace: a line of trace is a line of transcript, and stands for the same octets. */
#include "common/trace.h"

#include <string.h>

static void assert_drains(struct trace *t, const char *expected)
{
	g_autofree char *line = trace_drain(t);

	g_assert_cmpstr(line, ==, expected);
}

static const struct escape_case {
	const char *path, *octets;
	gsize n;
	const char *line;
} escape_cases[] = {
	{"no-octets", "", 0, "C: "},
	{"command-line", "VER 1 MSNP8 CVR0\r\n", 18, "C: VER 1 MSNP8 CVR0\\r\\n"},
	{"letters-of-the-world", "gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80", 15,
	 "C: gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80"},
	{"backslash-and-tab", "a\\n\tb", 5, "C: a\\\\n\\tb"},
	{"controls-and-nul", "\0\x01\x1B\x7F", 4, "C: \\x00\\x01\\x1b\\x7f"},
	{"broken-utf-8", "\xFF\xC3(\xE2\x82", 5, "C: \\xff\\xc3(\\xe2\\x82"},
	{"unprintable-characters", "\xC2\x85\xE2\x80\xA8\xE2\x80\xAE", 8,
	 "C: \\xc2\\x85\\xe2\\x80\\xa8\\xe2\\x80\\xae"},
	{"blank-at-the-end", "a  ", 3, "C: a \\x20"},
	{"blank-alone", " ", 1, "C: \\x20"},
};

static void test_escape(gconstpointer data)
{
	const struct escape_case *c = data;
	struct trace *t = trace_new();

	trace_sent(t, 0, c->octets, c->n);
	assert_drains(t, c->line);
	assert_drains(t, NULL);
	g_autoptr(GBytes) read = trace_unescape(c->line + strlen("C: "));
	g_autoptr(GBytes) given = g_bytes_new(c->octets, c->n);
	g_assert_nonnull(read);
	g_assert_true(g_bytes_equal(read, given));
	trace_free(t);
}

static void test_every_octet_comes_back(void)
{
	struct trace *t = trace_new();

	for (guint i = 0; i < 0x10000; i++) {
		const guint8 octets[] = {i >> 8, i & 0xFF};

		trace_received(t, 0, octets, 2);
		g_autofree char *line = trace_drain(t);
		g_assert_true(g_utf8_validate(line, -1, NULL));
		g_assert_null(strpbrk(line, "\r\n\t"));
		g_autoptr(GBytes) read = trace_unescape(line + strlen("S: "));
		gsize n;
		const void *data = g_bytes_get_data(read, &n);
		g_assert_cmpmem(data, n, octets, 2);
	}
	trace_free(t);
}

static const char *const malformed[] = {"\\",	 "a\\q", "\\x", "\\x1", "\\x1g",
					"\\xg1", "\\N",	 "\\0", "ok\\"};

static void test_malformed_escape(gconstpointer data)
{
	g_assert_null(trace_unescape(data));
}

static void test_reads_what_people_write(void)
{
	g_autoptr(GBytes) read = trace_unescape("\\xFf\\x0a \xC3\xA4");
	gsize n;
	const void *data = g_bytes_get_data(read, &n);

	g_assert_cmpmem(data, n, "\xFF\n \xC3\xA4", 5);
}

static void test_says_who_and_where(void)
{
	struct trace *t = trace_new();

	trace_sent(t, 0, "a", 1);
	trace_sent(t, 7, "b", 1);
	trace_received(t, 0, "c", 1);
	trace_received(t, G_MAXUINT32, "d", 1);
	trace_event(t, "im from=ann text=hi\\n");
	trace_verb(t, "send ann hi");
	trace_note(t, "two\nlines");
	assert_drains(t, "C: a");
	assert_drains(t, "C7: b");
	assert_drains(t, "S: c");
	assert_drains(t, "S4294967295: d");
	assert_drains(t, "= im from=ann text=hi\\n");
	assert_drains(t, "! send ann hi");
	assert_drains(t, "# two\\nlines");
	assert_drains(t, NULL);
	trace_free(t);
}

static void test_clock_tells_steps(void)
{
	struct trace *t = trace_new();

	trace_clock(t, 1000);
	assert_drains(t, NULL);
	trace_clock(t, 1000);
	assert_drains(t, NULL);
	trace_clock(t, 1250);
	trace_clock(t, 1200);
	trace_clock(t, 1251);
	assert_drains(t, "@ +250");
	assert_drains(t, "@ +1");
	assert_drains(t, NULL);
	trace_free(t);
}

static void test_clock_may_leap(void)
{
	struct trace *t = trace_new();

	trace_clock(t, G_MININT64);
	trace_clock(t, G_MAXINT64);
	assert_drains(t, "@ +18446744073709551615");
	trace_free(t);
}

static void test_no_trace_does_nothing(void)
{
	trace_sent(NULL, 1, "a", 1);
	trace_received(NULL, 1, "a", 1);
	trace_event(NULL, "a");
	trace_verb(NULL, "a");
	trace_clock(NULL, 1);
	trace_note(NULL, "a");
	g_assert_null(trace_drain(NULL));
	trace_free(NULL);
}

/* A run of one octet, cut or not; what each costs in the line decides. */
static void test_long_line_is_cut(gconstpointer data)
{
	const char *piece = data;
	const gsize length = strlen(piece), n = 100000 / length * length;
	GString *octets = g_string_new(NULL);
	struct trace *t = trace_new();

	while (octets->len < n)
		g_string_append(octets, piece);
	trace_sent(t, 12, octets->str, n);
	g_autofree char *line = trace_drain(t);
	g_autofree char *end = g_strdup_printf(" # cut, %" G_GSIZE_FORMAT " octets in all", n);
	g_assert_cmpuint(strlen(line), <=, TRACE_LINE_MAX);
	g_assert_cmpuint(strlen(line), >, TRACE_LINE_MAX - 100);
	g_assert_true(g_str_has_suffix(line, end));
	g_assert_true(g_utf8_validate(line, -1, NULL));

	line[strlen(line) - strlen(end)] = '\0';
	g_autoptr(GBytes) read = trace_unescape(line + strlen("C12: "));
	g_assert_nonnull(read);
	gsize kept;
	const void *begin = g_bytes_get_data(read, &kept);
	g_assert_cmpmem(begin, kept, octets->str, kept);
	g_assert_true(g_utf8_validate_len(begin, kept, NULL));
	g_string_free(octets, TRUE);
	trace_free(t);
}

static void test_line_that_just_fits_is_whole(void)
{
	struct trace *t = trace_new();

	for (gsize n = TRACE_LINE_MAX - 80; n <= TRACE_LINE_MAX + 5; n++) {
		g_autofree char *octets = g_strnfill(n, 'x');

		trace_sent(t, 0, octets, n);
		g_autofree char *line = trace_drain(t);
		g_assert_cmpuint(strlen(line), <=, TRACE_LINE_MAX);
		if (!strchr(line, '#'))
			g_assert_cmpstr(line + strlen("C: "), ==, octets);
		else
			g_assert_cmpuint(n, >, TRACE_LINE_MAX - 16);
	}
	trace_free(t);
}

/* Lines of that many octets that fit into a trace at once, filled with more. */
static guint fill(struct trace *t, gsize n, guint more)
{
	g_autofree char *octets = g_strnfill(n - strlen("S: "), 'x');
	const guint fit = TRACE_KEEP_MAX / n;

	for (guint i = 0; i < fit + more; i++)
		trace_received(t, 0, octets, n - strlen("S: "));
	return fit;
}

static void test_full_trace_loses_nothing_yet(void)
{
	struct trace *t = trace_new();
	guint fit = fill(t, 1024, 0);

	for (guint i = 0; i < fit; i++) {
		g_autofree char *line = trace_drain(t);
		g_assert_cmpuint(strlen(line), ==, 1024);
	}
	assert_drains(t, NULL);
	trace_free(t);
}

static void test_loss_is_told_where_it_was(void)
{
	struct trace *t = trace_new();
	guint fit = fill(t, 1024, 3);

	g_free(trace_drain(t));
	trace_event(t, "after");
	for (guint i = 1; i < fit; i++) {
		g_autofree char *line = trace_drain(t);
		g_assert_true(g_str_has_prefix(line, "S: "));
	}
	assert_drains(t, "# 3 lines lost");
	assert_drains(t, "= after");
	assert_drains(t, NULL);
	trace_free(t);
}

/* A line that fits only without the remark before it is lost as well. */
static void test_remark_needs_room_too(void)
{
	struct trace *t = trace_new();
	guint fit = fill(t, 1024, 1);

	g_free(trace_drain(t));
	fill(t, TRACE_KEEP_MAX, 0); /* cut to TRACE_LINE_MAX, more than 1024 */
	g_autofree char *exact = g_strnfill(1024 - strlen("= "), 'x');
	trace_event(t, exact);
	for (guint i = 1; i < fit; i++)
		g_free(trace_drain(t));
	assert_drains(t, "# 3 lines lost");
	assert_drains(t, NULL);
	trace_free(t);
}

static void test_loss_at_the_end_is_told(void)
{
	struct trace *t = trace_new();
	guint fit = fill(t, 60000, 5);

	for (guint i = 0; i < fit; i++)
		g_free(trace_drain(t));
	assert_drains(t, "# 5 lines lost");
	assert_drains(t, NULL);
	trace_event(t, "on");
	assert_drains(t, "= on");
	trace_free(t);
}

static const char *const long_pieces[] = {"x", "\n", "\x01", "\xE2\x82\xAC", "a\\\xF0\x9F\x98\x80"};

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(escape_cases); i++) {
		g_autofree char *path = g_strconcat("/trace/escape/", escape_cases[i].path, NULL);
		g_test_add_data_func(path, &escape_cases[i], test_escape);
	}
	g_test_add_func("/trace/escape/every-pair-of-octets-comes-back",
			test_every_octet_comes_back);
	for (gsize i = 0; i < G_N_ELEMENTS(malformed); i++) {
		g_autofree char *path =
			g_strdup_printf("/trace/malformed-escape-is-refused/%u", (guint)i);
		g_test_add_data_func(path, malformed[i], test_malformed_escape);
	}
	g_test_add_func("/trace/escape/either-case-is-read", test_reads_what_people_write);
	g_test_add_func("/trace/line-says-who-and-where", test_says_who_and_where);
	g_test_add_func("/trace/clock-tells-steps", test_clock_tells_steps);
	g_test_add_func("/trace/clock-may-leap", test_clock_may_leap);
	g_test_add_func("/trace/no-trace-does-nothing", test_no_trace_does_nothing);
	for (gsize i = 0; i < G_N_ELEMENTS(long_pieces); i++) {
		g_autofree char *path =
			g_strdup_printf("/trace/long-line-is-cut-between-characters/%u", (guint)i);
		g_test_add_data_func(path, long_pieces[i], test_long_line_is_cut);
	}
	g_test_add_func("/trace/line-that-just-fits-is-whole", test_line_that_just_fits_is_whole);
	g_test_add_func("/trace/full-trace-loses-nothing-yet", test_full_trace_loses_nothing_yet);
	g_test_add_func("/trace/loss-is-told-where-it-was", test_loss_is_told_where_it_was);
	g_test_add_func("/trace/remark-needs-room-too", test_remark_needs_room_too);
	g_test_add_func("/trace/loss-at-the-end-is-told", test_loss_at_the_end_is_told);
	return g_test_run();
}
