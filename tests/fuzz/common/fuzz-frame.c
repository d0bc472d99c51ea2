/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-frame: the frames of a stream do not depend on its pieces. */
#include "common/frame.h"

#include <string.h>

#define LINE_MAX_HERE 20
#define COUNT_MAX_HERE 9
#define WAITING_MAX 64

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n);

/* Frames as text: after a line that begins with a digit, that many octets. FALSE: bad. */
static gboolean take_all(struct frame *f, GString *out, gsize *count)
{
	const guint8 *octets;
	gsize n;

	for (;;) {
		enum frame_result result =
			*count > 0 ? frame_count(f, *count, &octets) : frame_line(f, &octets, &n);

		if (result != FRAME_WHOLE)
			return result == FRAME_MORE;
		n = *count > 0 ? *count : n;
		g_assert_true(*count > 0 || (n <= LINE_MAX_HERE && !memchr(octets, '\n', n)));
		g_string_append_printf(out, "%s%u:", *count > 0 ? "c" : "l", (guint)n);
		g_string_append_len(out, (const char *)octets, n);
		*count = *count == 0 && n > 0 && g_ascii_isdigit(*octets) ? *octets - '0' : 0;
	}
}

static GString *frames(const guint8 *data, gsize n, gsize piece)
{
	struct frame *f = frame_new(LINE_MAX_HERE, COUNT_MAX_HERE, WAITING_MAX);
	GString *out = g_string_new(NULL);
	gsize count = 0;

	for (gsize at = 0; at < n; at += piece) {
		g_assert_true(frame_feed(f, data + at, MIN(piece, n - at)));
		if (!take_all(f, out, &count)) {
			g_string_append(out, "bad");
			g_assert_false(take_all(f, out, &count));
			break;
		}
		g_assert_cmpuint(frame_waiting(f), <=, LINE_MAX_HERE + 1);
	}
	frame_free(f);
	return out;
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n)
{
	g_autoptr(GString) reference = frames(data, n, 1);

	for (gsize piece = 2; piece < 40; piece += piece < 8 ? 1 : 7) {
		g_autoptr(GString) out = frames(data, n, piece);

		g_assert_true(g_string_equal(reference, out));
	}
	return 0;
}
