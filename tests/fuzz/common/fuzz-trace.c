/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-trace: what goes over the wire comes back from its line, and the line is one line. */
#include "common/trace.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* (transfer full) */
static char *line_of(const void *octets, gsize n)
{
	struct trace *t = trace_new();

	trace_received(t, 0, octets, n);
	char *line = trace_drain(t);
	g_assert_null(trace_drain(t));
	trace_free(t);
	return line;
}

static void check_is_line(const char *line)
{
	g_assert_cmpuint(strlen(line), <=, TRACE_LINE_MAX);
	g_assert_true(g_utf8_validate(line, -1, NULL));
	for (const char *p = line; *p; p = g_utf8_next_char(p))
		g_assert_true(g_unichar_isprint(g_utf8_get_char(p)));
}

static void check_survives(const void *octets, gsize n)
{
	g_autofree char *line = line_of(octets, n);

	check_is_line(line);
	g_assert_true(g_str_has_prefix(line, "S: "));
	if (4 * n + strlen("S: ") > TRACE_LINE_MAX - 64) /* it may have been cut */
		return;
	g_autoptr(GBytes) read = trace_unescape(line + strlen("S: "));
	g_autoptr(GBytes) given = g_bytes_new(octets, n);
	g_assert_nonnull(read);
	g_assert_true(g_bytes_equal(read, given));
}

static void check_text(const char *text)
{
	struct trace *t = trace_new();

	trace_event(t, text);
	g_autofree char *line = trace_drain(t);
	check_is_line(line);
	trace_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	g_autofree char *text = g_strndup((const char *)data, n);
	g_autoptr(GBytes) read = trace_unescape(text);

	check_survives(data, n);
	check_text(text);
	if (read) {
		gsize size;
		const void *octets = g_bytes_get_data(read, &size);

		g_assert_cmpuint(size, <=, strlen(text));
		check_survives(octets, size);
	}
	return 0;
}
