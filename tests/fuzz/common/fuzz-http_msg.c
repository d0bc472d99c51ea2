/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-http_msg: a response means the same in any pieces, a URL the same when written and read. */
#include "common/http_msg.h"

#include <string.h>

#define BODY_MAX 5000

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n);

/* FALSE when nothing more will come. */
static gboolean tell(struct http_reader *r, GString *out)
{
	const guint8 *data;
	gsize n;

	for (;;) {
		switch (http_reader_next(r, &data, &n)) {
		case HTTP_MORE:
			return TRUE;
		case HTTP_HEAD:
			g_assert_cmpint(http_reader_status(r), >=, 200);
			g_string_append_printf(
				out, "%d/%u/%" G_GINT64_FORMAT " ", http_reader_status(r),
				fields_count(http_reader_fields(r)), http_reader_length(r));
			break;
		case HTTP_BODY:
			g_assert_cmpuint(n, >, 0);
			g_string_append_len(out, (const char *)data, n);
			break;
		case HTTP_DONE:
			g_string_append_printf(out, " done%d", http_reader_is_persistent(r));
			return FALSE;
		default:
			g_assert_nonnull(http_reader_why(r));
			g_string_append(out, " bad");
			return FALSE;
		}
	}
}

static GString *response(const guint8 *data, gsize n, gsize piece)
{
	struct http_reader *r = http_reader_new(FALSE, BODY_MAX);
	GString *out = g_string_new(NULL);
	gboolean goes_on = TRUE;

	for (gsize at = 0; at < n && goes_on; at += piece) {
		g_assert_true(http_reader_feed(r, data + at, MIN(piece, n - at)));
		goes_on = tell(r, out);
	}
	if (goes_on) {
		http_reader_end(r);
		g_assert_false(tell(r, out));
	}
	http_reader_free(r);
	return out;
}

/* How much of a body is told before it proves bad does depend on the pieces. */
static gboolean agree(const GString *a, const GString *b)
{
	return g_string_equal(a, b) ||
	       (g_str_has_suffix(a->str, " bad") && g_str_has_suffix(b->str, " bad"));
}

static void check_url(const guint8 *data, gsize n)
{
	g_autofree char *text = g_strndup((const char *)data, n);
	g_autofree char *joined = http_url_join("https://example.com/a/b?c", text);
	g_autofree char *again = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	struct http_url u;

	if (!joined)
		return;
	g_assert_true(http_url_read(joined, &u));
	again = http_url_write(&u);
	g_assert_cmpstr(joined, ==, again);
	if (http_request_write(out, "GET", &u, NULL, -1)) {
		g_assert_true(g_str_has_suffix(out->str, "\r\n\r\n"));
		g_assert_true(strstr(out->str, "\r\n\r\n") == out->str + out->len - 4);
	}
	http_url_clear(&u);
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n)
{
	g_autoptr(GString) reference = NULL;

	if (n > 100000)
		return 0;
	check_url(data, n);
	reference = response(data, n, 1);
	for (gsize piece = 2; piece <= 4096; piece *= 4) {
		g_autoptr(GString) out = response(data, n, piece);

		g_assert_true(agree(reference, out));
	}
	return 0;
}
