/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench-frame: lines and header blocks cut from a stream, next to a bare memchr scan of the same
 * octets, which nothing that looks at each of them can beat by much. */
#include "common/fields.h"
#include "common/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES 400000
#define BLOCKS 60000
#define PIECE 4096
#define ROUNDS 7

/* ---- the streams ---- */

static GString *make_lines(void)
{
	GString *stream = g_string_new(NULL);

	for (guint i = 0; i < LINES; i++)
		g_string_append_printf(
			stream, "LST contact%u@example.org Contact%%20Number%%20%u%s 11 %u\r\n", i,
			i, i % 3 ? "" : "%20with%20a%20longer%20name%20than%20most", i % 20);
	return stream;
}

static GString *make_blocks(void)
{
	GString *stream = g_string_new(NULL);

	for (guint i = 0; i < BLOCKS; i++)
		g_string_append_printf(
			stream,
			"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
			"X-MMS-IM-Format: FN=MS%%20Sans%%20Serif; EF=B; CO=%x; CS=0; PF=22\r\n"
			"X-Number: %u\r\n\r\n",
			i * 77, i);
	return stream;
}

/* ---- the runners: each returns how much it found ---- */

static guint scan_lines(const GString *stream)
{
	const char *at = stream->str, *end = stream->str + stream->len;
	guint count = 0;

	while ((at = memchr(at, '\n', end - at))) {
		at++;
		count++;
	}
	return count;
}

/* As it comes from a socket, so that one copy is in the price. */
static guint cut_lines(const GString *stream)
{
	struct frame *f = frame_new(8192, 65536, 1 << 20);
	const guint8 *line;
	guint count = 0;
	gsize n;

	for (gsize at = 0; at < stream->len; at += PIECE) {
		frame_feed(f, stream->str + at, MIN(PIECE, stream->len - at));
		while (frame_line(f, &line, &n) == FRAME_WHOLE)
			count++;
	}
	frame_free(f);
	return count;
}

static guint read_blocks(const GString *stream)
{
	const char *at = stream->str, *end = stream->str + stream->len;
	struct fields f;
	struct fields_span type;
	guint lines = 0;
	gsize used;

	while (at < end && fields_read(&f, at, MIN(end - at, FIELDS_BLOCK_MAX), &used)) {
		lines += fields_count(&f) + 1;
		lines -= !fields_find(&f, "Content-Type", &type);
		at += used;
	}
	return lines;
}

/* ---- the race ---- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof *values, by_size);
	return values[ROUNDS / 2];
}

static double took(guint (*run)(const GString *stream), const GString *stream, guint expected)
{
	gint64 start = g_get_monotonic_time();
	guint found = run(stream);

	if (found != expected) {
		fprintf(stderr, "bench-frame: %u lines found, not %u\n", found, expected);
		exit(1);
	}
	return MAX(g_get_monotonic_time() - start, 1) / 1e6;
}

/* Round by round, so that a busy moment of the machine counts on both sides. */
static void race(const char *name, guint (*run)(const GString *stream), const GString *stream,
		 guint lines)
{
	double ours[ROUNDS], ratios[ROUNDS];

	for (guint round = 0; round < ROUNDS; round++) {
		ours[round] = took(run, stream, lines);
		ratios[round] = took(scan_lines, stream, lines) / ours[round];
	}
	printf("BENCH common/%s-throughput %.0f MB/s higher ratio=%.2f vs=memchr\n", name,
	       stream->len / 1e6 / median(ours), median(ratios));
}

int main(void)
{
	GString *lines = make_lines(), *blocks = make_blocks();

	race("frame", cut_lines, lines, LINES);
	race("fields", read_blocks, blocks, 5 * BLOCKS);
	g_string_free(lines, TRUE);
	g_string_free(blocks, TRUE);
	return 0;
}
