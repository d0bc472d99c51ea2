/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bytes: a bounded growing buffer with a read offset, wiped where it ends. */
#include "common/bytes.h"

#include <gnutls/gnutls.h>
#include <string.h>

#define BYTES_FIRST 64 /* room of the first allocation */
/* An emptied buffer keeps this much room; what one large message took is given back. */
#define BYTES_KEEP (64 * 1024)

struct bytes {
	guint8 *data; /* size octets, of which start..end wait; NULL until first used */
	gsize start, end, size, max;
};

struct bytes *bytes_new(gsize max)
{
	g_return_val_if_fail(max > 0, NULL);

	struct bytes *b = g_new0(struct bytes, 1);
	b->max = max;
	return b;
}

/* Everything ever stored may still stand somewhere in the room, so all of it is wiped. */
static void bytes_release(struct bytes *b)
{
	if (b->data)
		gnutls_memset(b->data, 0, b->size);
	g_clear_pointer(&b->data, g_free);
	b->start = b->end = b->size = 0;
}

void bytes_free(struct bytes *b)
{
	if (!b)
		return;
	bytes_release(b);
	g_free(b);
}

gsize bytes_length(const struct bytes *b)
{
	return b->end - b->start;
}

/* g_realloc could leave a copy of a secret behind. */
static void bytes_move(struct bytes *b, gsize size)
{
	gsize length = bytes_length(b);
	guint8 *data = g_malloc(size);

	if (length > 0)
		memcpy(data, b->data + b->start, length);
	bytes_release(b);
	b->data = data;
	b->size = size;
	b->end = length;
}

/* Each octet that moves is paid for by one that was consumed (shift) or appended (doubling), so
 * the work stays linear in what passes through, however small the pieces are. */
static void bytes_make_room(struct bytes *b, gsize n)
{
	gsize length = bytes_length(b), need = length + n;

	if (n <= b->size - b->end)
		return;
	if (need <= b->size && b->start >= length) {
		memmove(b->data, b->data + b->start, length);
		b->start = 0;
		b->end = length;
		return;
	}
	bytes_move(b, need > G_MAXSIZE / 2 ? need : MAX(2 * need, BYTES_FIRST));
}

gboolean bytes_append(struct bytes *b, gconstpointer data, gsize n)
{
	if (n > b->max - bytes_length(b))
		return FALSE;
	if (n == 0)
		return TRUE;
	bytes_make_room(b, n);
	memcpy(b->data + b->end, data, n);
	b->end += n;
	return TRUE;
}

gboolean bytes_append_str(struct bytes *b, const char *text)
{
	return bytes_append(b, text, strlen(text));
}

const guint8 *bytes_peek(const struct bytes *b, gsize *ret_n)
{
	static const guint8 nothing[1];

	if (ret_n)
		*ret_n = bytes_length(b);
	return b->data ? b->data + b->start : nothing;
}

static void bytes_settle(struct bytes *b)
{
	if (b->start != b->end)
		return;
	b->start = b->end = 0;
	if (b->size > BYTES_KEEP)
		bytes_release(b);
}

void bytes_consume(struct bytes *b, gsize n)
{
	g_return_if_fail(n <= bytes_length(b));

	b->start += n;
	bytes_settle(b);
}

void bytes_truncate(struct bytes *b, gsize n)
{
	g_return_if_fail(n <= bytes_length(b));

	b->end = b->start + n;
	bytes_settle(b);
}
