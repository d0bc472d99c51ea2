/* SPDX-License-Identifier: GPL-2.0-or-later */
/* frame: lines and counts cut out of a stream, each octet copied once and searched once. */
#include "common/frame.h"

#include "common/bytes.h"

#include <string.h>

struct frame {
	struct bytes *waiting;
	gsize line_max, count_max;
	gsize spent;   /* octets of the span given out last; they go with the next call */
	gsize scanned; /* octets behind them that are known to hold no LF */
	gboolean is_bad;
};

struct frame *frame_new(gsize line_max, gsize count_max, gsize waiting_max)
{
	struct frame *f = g_new0(struct frame, 1);

	f->waiting = bytes_new(waiting_max);
	f->line_max = line_max;
	f->count_max = count_max;
	return f;
}

void frame_free(struct frame *f)
{
	if (!f)
		return;
	bytes_free(f->waiting);
	g_free(f);
}

/* The span given out lives until here. */
static void frame_settle(struct frame *f)
{
	if (f->spent > 0)
		bytes_consume(f->waiting, f->spent);
	f->spent = 0;
}

static enum frame_result frame_spoil(struct frame *f)
{
	f->is_bad = TRUE;
	return FRAME_BAD;
}

gboolean frame_feed(struct frame *f, gconstpointer data, gsize n)
{
	frame_settle(f);
	return bytes_append(f->waiting, data, n);
}

static enum frame_result frame_take_line(struct frame *f, const guint8 *line, gsize n,
					 const guint8 **ret_line, gsize *ret_n)
{
	gsize length = n > 0 && line[n - 1] == '\r' ? n - 1 : n;

	if (length > f->line_max)
		return frame_spoil(f);
	f->spent = n + 1;
	f->scanned = 0;
	*ret_line = line;
	*ret_n = length;
	return FRAME_WHOLE;
}

enum frame_result frame_line(struct frame *f, const guint8 **ret_line, gsize *ret_n)
{
	const guint8 *data, *end;
	gsize n;

	frame_settle(f);
	if (f->is_bad)
		return FRAME_BAD;
	data = bytes_peek(f->waiting, &n);
	end = memchr(data + f->scanned, '\n', n - f->scanned);
	if (end)
		return frame_take_line(f, data, end - data, ret_line, ret_n);
	f->scanned = n;
	/* One octet past the limit may still be the CR of a line end. */
	if (n > f->line_max && n - f->line_max > 1)
		return frame_spoil(f);
	return FRAME_MORE;
}

static void frame_take(struct frame *f, gsize n, const guint8 **ret_octets)
{
	*ret_octets = bytes_peek(f->waiting, NULL);
	f->spent = n;
	f->scanned -= MIN(f->scanned, n);
}

enum frame_result frame_count(struct frame *f, gsize n, const guint8 **ret_octets)
{
	frame_settle(f);
	if (f->is_bad || n > f->count_max)
		return frame_spoil(f);
	if (n > bytes_length(f->waiting))
		return FRAME_MORE;
	frame_take(f, n, ret_octets);
	return FRAME_WHOLE;
}

enum frame_result frame_piece(struct frame *f, gsize max, const guint8 **ret_octets, gsize *ret_n)
{
	gsize n;

	g_return_val_if_fail(max > 0, FRAME_MORE);
	frame_settle(f);
	if (f->is_bad)
		return FRAME_BAD;
	n = MIN(max, bytes_length(f->waiting));
	if (n == 0)
		return FRAME_MORE;
	frame_take(f, n, ret_octets);
	*ret_n = n;
	return FRAME_WHOLE;
}

const guint8 *frame_peek(const struct frame *f, gsize *ret_n)
{
	*ret_n = frame_waiting(f);
	return bytes_peek(f->waiting, NULL) + f->spent;
}

gsize frame_waiting(const struct frame *f)
{
	return bytes_length(f->waiting) - f->spent;
}
