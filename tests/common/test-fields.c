/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-fields: header blocks are read as written, limits hold, and nothing breaks out. */
#include "common/fields.h"

#include <string.h>

static void assert_field(const struct fields *f, const char *name, const char *expected)
{
	g_autofree char *value = fields_dup(f, name);

	g_assert_cmpstr(value, ==, expected);
}

static void test_reads(void)
{
	static const char block[] = "Content-Type: text/plain; charset=UTF-8\r\n"
				    "empty:\n"
				    "url:http://example.com:80/\r\n"
				    "  ";
	static const char whole[] = "A: 1\r\nB : two words \t\r\n\r\nC: body\r\n";
	struct fields f;
	gsize used = 0;

	g_assert_true(fields_read(&f, block, strlen(block), &used));
	g_assert_cmpuint(used, ==, strlen(block));
	g_assert_cmpuint(fields_count(&f), ==, 3);
	assert_field(&f, "content-TYPE", "text/plain; charset=UTF-8");
	assert_field(&f, "Empty", "");
	assert_field(&f, "url", "http://example.com:80/");
	assert_field(&f, "Content", NULL);
	g_assert_true(fields_read(&f, whole, strlen(whole), &used));
	g_assert_cmpuint(used, ==, strlen("A: 1\r\nB : two words \t\r\n\r\n"));
	assert_field(&f, "b", "two words");
	assert_field(&f, "C", NULL);
	g_assert_true(fields_read(&f, "", 0, &used));
	g_assert_cmpuint(used, ==, 0);
	g_assert_true(fields_read(&f, "\r\nX", 3, &used));
	g_assert_cmpuint(used, ==, 2);
}

static void test_order_and_first(void)
{
	static const char block[] = "a: 1\nb: 2\nA: 3\n";
	struct fields f;
	struct fields_span name, value;

	g_assert_true(fields_read(&f, block, strlen(block), NULL));
	assert_field(&f, "A", "1");
	fields_get(&f, 2, &name, &value);
	g_assert_cmpmem(name.text, name.n, "A", 1);
	g_assert_cmpmem(value.text, value.n, "3", 1);
}

static void test_folds(void)
{
	static const char block[] =
		"a: one\r\n  two \r\n\tthree\r\nb:\r\n later\r\nc: x  y\r\n \r\n";
	struct fields f;

	g_assert_true(fields_read(&f, block, strlen(block), NULL));
	assert_field(&f, "a", "one two three");
	assert_field(&f, "b", "later");
	assert_field(&f, "c", "x  y");
}

static void test_refuses(void)
{
	static const struct {
		const char *block;
		gsize n;
	} cases[] = {
		{"no colon\r\n", 10}, {": no name\r\n", 11},  {" fold first\r\n", 13},
		{"a\x01: b\n", 6},    {"a: b\0c\r\n", 8},     {"a: b\n\nbody", 0},
		{"\t: blank\n", 9},   {"a: 1\nno colon", 13},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct fields f = {.count = 77};
		gsize used = 99;
		gboolean expected = cases[i].n == 0;
		gsize n = expected ? strlen(cases[i].block) : cases[i].n;

		g_assert_cmpint(fields_read(&f, cases[i].block, n, &used), ==, expected);
		if (!expected) {
			g_assert_cmpuint(f.count, ==, 77);
			g_assert_cmpuint(used, ==, 99);
		}
	}
}

static gboolean reads(const GString *block)
{
	struct fields f;

	return fields_read(&f, block->str, block->len, NULL);
}

static void test_limits(void)
{
	g_autoptr(GString) block = g_string_new(NULL);
	g_autofree char *name = g_strnfill(FIELDS_NAME_MAX, 'n');
	g_autofree char *value = g_strnfill(FIELDS_VALUE_MAX, 'v');

	for (guint i = 0; i < FIELDS_MAX; i++)
		g_string_append(block, "a: b\n");
	g_assert_true(reads(block));
	g_string_append(block, "a: b\n");
	g_assert_false(reads(block));
	g_string_printf(block, "%s: %s\r\n", name, value);
	g_assert_true(reads(block));
	g_string_printf(block, "%s: %sv\r\n", name, value);
	g_assert_false(reads(block));
	g_string_printf(block, "%sn: %s\r\n", name, value);
	g_assert_false(reads(block));
	g_string_printf(block, "a: %s\r\n more\r\n", value);
	g_assert_false(reads(block));
	g_string_truncate(block, 0);
	for (guint i = 0; i < 9; i++)
		g_string_append_printf(block, "a: %s\n", value);
	g_assert_false(reads(block));
}

static void test_numbers(void)
{
	static const char block[] =
		"a: 0\nb: 255\nc: 256\nd: -1\ne: 1x\nf:\ng: 99999999999999999999\n"
		"h: 18446744073709551615\n";
	static const struct {
		const char *name;
		guint64 max, expected;
		gboolean is_fine;
	} cases[] = {
		{"a", 0, 0, TRUE},
		{"b", 255, 255, TRUE},
		{"c", 255, 0, FALSE},
		{"d", 255, 0, FALSE},
		{"e", 255, 0, FALSE},
		{"f", 255, 0, FALSE},
		{"g", G_MAXUINT64, 0, FALSE},
		{"h", G_MAXUINT64, G_MAXUINT64, TRUE},
		{"z", 255, 0, FALSE},
	};
	struct fields f;

	g_assert_true(fields_read(&f, block, strlen(block), NULL));
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		guint64 number = 4711;

		g_assert_cmpint(fields_number(&f, cases[i].name, cases[i].max, &number), ==,
				cases[i].is_fine);
		g_assert_cmpuint(number, ==, cases[i].is_fine ? cases[i].expected : 4711);
	}
	g_assert_true(fields_is(&f, "B", "255"));
	g_assert_false(fields_is(&f, "B", "25"));
	g_assert_false(fields_is(&f, "z", ""));
}

static void test_writes(void)
{
	g_autoptr(GString) out = g_string_new("x");
	g_autofree char *value = g_strnfill(FIELDS_VALUE_MAX + 1, 'v');

	g_assert_true(fields_write(out, "Name", "value: with colon"));
	g_assert_true(fields_write(out, "Empty", ""));
	g_assert_false(fields_write(out, "Name", "a\r\nEvil: b"));
	g_assert_false(fields_write(out, "Name", "a\n b"));
	g_assert_false(fields_write(out, "Na me", "a"));
	g_assert_false(fields_write(out, "Na:me", "a"));
	g_assert_false(fields_write(out, "Name\r\n", "a"));
	g_assert_false(fields_write(out, "", "a"));
	g_assert_false(fields_write(out, "Name", value));
	g_assert_cmpstr(out->str, ==, "xName: value: with colon\r\nEmpty: \r\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/fields/blocks-are-read-up-to-the-empty-line", test_reads);
	g_test_add_func("/fields/order-stays-and-the-first-is-found", test_order_and_first);
	g_test_add_func("/fields/folded-lines-become-one", test_folds);
	g_test_add_func("/fields/broken-blocks-are-refused-untouched", test_refuses);
	g_test_add_func("/fields/limits-hold", test_limits);
	g_test_add_func("/fields/numbers-are-digits-alone", test_numbers);
	g_test_add_func("/fields/nothing-breaks-out-of-a-field", test_writes);
	return g_test_run();
}
