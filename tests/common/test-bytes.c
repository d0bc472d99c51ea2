/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-bytes: the buffer gives back what was put in, in order, and never passes its cap. */
#include "common/bytes.h"

#include <string.h>

static void assert_holds(const struct bytes *b, const char *expected)
{
	gsize n;
	const guint8 *octets = bytes_peek(b, &n);

	g_assert_nonnull(octets);
	g_assert_cmpmem(octets, n, expected, strlen(expected));
	g_assert_cmpuint(bytes_length(b), ==, n);
}

static void test_new_is_empty(void)
{
	struct bytes *b = bytes_new(1);

	assert_holds(b, "");
	g_assert_nonnull(bytes_peek(b, NULL));
	g_assert_true(bytes_append(b, NULL, 0));
	bytes_consume(b, 0);
	bytes_truncate(b, 0);
	assert_holds(b, "");
	bytes_free(b);
	bytes_free(NULL);
}

static void test_keeps_order(void)
{
	struct bytes *b = bytes_new(16);

	g_assert_true(bytes_append_str(b, "one "));
	g_assert_true(bytes_append(b, "two\0", 3));
	assert_holds(b, "one two");
	bytes_consume(b, 4);
	assert_holds(b, "two");
	g_assert_true(bytes_append_str(b, " three"));
	bytes_truncate(b, 5);
	assert_holds(b, "two t");
	bytes_consume(b, 5);
	assert_holds(b, "");
	bytes_free(b);
}

static void test_refuses_past_cap(void)
{
	struct bytes *b = bytes_new(4);

	g_assert_true(bytes_append_str(b, "abcd"));
	g_assert_false(bytes_append_str(b, "e"));
	g_assert_true(bytes_append_str(b, ""));
	assert_holds(b, "abcd");
	bytes_consume(b, 1);
	g_assert_false(bytes_append_str(b, "ef"));
	assert_holds(b, "bcd");
	g_assert_true(bytes_append_str(b, "e"));
	assert_holds(b, "bcde");
	g_assert_false(bytes_append(b, "", G_MAXSIZE));
	assert_holds(b, "bcde");
	bytes_free(b);
}

static void test_truncates_behind_what_was_read(void)
{
	struct bytes *b = bytes_new(8);

	bytes_append_str(b, "abcdef");
	bytes_consume(b, 2);
	bytes_truncate(b, 0);
	assert_holds(b, "");
	g_assert_true(bytes_append_str(b, "12345678"));
	assert_holds(b, "12345678");
	bytes_free(b);
}

/* Random steps, compared with a model that does everything the slow way. */
static void test_agrees_with_a_string(void)
{
	const gsize max = 300;
	struct bytes *b = bytes_new(max);
	GString *model = g_string_new(NULL);
	guint refused = 0;

	for (guint step = 0; step < 20000; step++) {
		guint n = g_test_rand_int_range(0, 60);
		char piece[60];

		memset(piece, 'a' + step % 26, sizeof piece);
		switch (g_test_rand_int_range(0, 5)) {
		case 0:
			n = MIN(n, model->len);
			bytes_consume(b, n);
			g_string_erase(model, 0, n);
			break;
		case 1:
			n = model->len - MIN(n, model->len) / 8;
			bytes_truncate(b, n);
			g_string_truncate(model, n);
			break;
		default:
			if (bytes_append(b, piece, n)) {
				g_string_append_len(model, piece, n);
			} else {
				refused++;
				g_assert_cmpuint(model->len + n, >, max);
			}
		}
		g_assert_cmpuint(model->len, <=, max);
		assert_holds(b, model->str);
	}
	g_assert_cmpuint(refused, >, 0);
	g_string_free(model, TRUE);
	bytes_free(b);
}

/* A queue that is never empty, fed and read octet by octet at its cap, would take hours here if
 * each step shifted what waits. */
static void test_small_steps_stay_cheap(void)
{
	const gsize max = 1 << 20;
	struct bytes *b = bytes_new(max);
	g_autofree char *filling = g_strnfill(max, 'x');

	g_assert_true(bytes_append(b, filling, max));
	for (guint step = 0; step < 3 * max; step++) {
		bytes_consume(b, 1);
		g_assert_true(bytes_append(b, "y", 1));
	}
	g_assert_cmpuint(bytes_length(b), ==, max);
	g_assert_cmpint(*bytes_peek(b, NULL), ==, 'y');
	bytes_free(b);
}

static void test_works_on_after_a_large_message(void)
{
	const gsize large = 1 << 20;
	struct bytes *b = bytes_new(large);
	g_autofree char *filling = g_strnfill(large, 'x');

	g_assert_true(bytes_append(b, filling, large));
	bytes_consume(b, large);
	assert_holds(b, "");
	g_assert_true(bytes_append_str(b, "next"));
	assert_holds(b, "next");
	bytes_free(b);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/bytes/new-buffer-is-empty", test_new_is_empty);
	g_test_add_func("/bytes/octets-come-out-in-order", test_keeps_order);
	g_test_add_func("/bytes/past-the-cap-is-refused-unchanged", test_refuses_past_cap);
	g_test_add_func("/bytes/truncating-counts-from-what-was-read",
			test_truncates_behind_what_was_read);
	g_test_add_func("/bytes/random-steps-agree-with-a-string", test_agrees_with_a_string);
	g_test_add_func("/bytes/small-steps-in-a-full-buffer-stay-cheap",
			test_small_steps_stay_cheap);
	g_test_add_func("/bytes/works-on-after-a-large-message",
			test_works_on_after_a_large_message);
	return g_test_run();
}
