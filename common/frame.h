/* SPDX-License-Identifier: GPL-2.0-or-later */
/* frame: cuts lines or exact counts out of a stream that comes in pieces.
 * Octets are copied once, when they come, and looked at once. Three answers: whole, more, bad. */
#ifndef COMMON_FRAME_H
#define COMMON_FRAME_H
#include <glib.h>

enum frame_result {
	FRAME_MORE,  /* not all there yet: feed more and ask the same again */
	FRAME_WHOLE, /* cut off; the span lives until the next call that is not const */
	FRAME_BAD,   /* longer than its limit: the stream cannot be followed any more, ever */
};

struct frame;

/* line_max: octets of a line without its end. count_max: octets asked for at once. waiting_max:
 * octets that may wait to be cut, at least as many as the longest frame needs. (transfer full) */
struct frame *frame_new(gsize line_max, gsize count_max, gsize waiting_max);
void frame_free(struct frame *f); /* NULL is fine; what waited is wiped, it may be secret */

/* The next n octets of the stream, copied. FALSE and unchanged when more than waiting_max would
 * wait. */
gboolean frame_feed(struct frame *f, gconstpointer data, gsize n);

/* The next line, without its end: LF or CRLF. A CR elsewhere belongs to the line. */
enum frame_result frame_line(struct frame *f, const guint8 **ret_line, gsize *ret_n);
/* The next n octets. */
enum frame_result frame_count(struct frame *f, gsize n, const guint8 **ret_octets);
/* What has come of the next max octets (> 0), at least one; never bad unless the stream is. For
 * bodies too long to wait for. */
enum frame_result frame_piece(struct frame *f, gsize max, const guint8 **ret_octets, gsize *ret_n);

/* What waits, uncut; (transfer none), until the next call that is not const. Never NULL. */
const guint8 *frame_peek(const struct frame *f, gsize *ret_n);
gsize frame_waiting(const struct frame *f);
#endif
