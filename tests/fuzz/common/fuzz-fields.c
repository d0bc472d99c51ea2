/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-fields: what is read lies within the block, and written again reads the same. */
#include "common/fields.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n);

static void check_span(const struct fields_span *span, const char *block, gsize n)
{
	g_assert_true(span->text >= block && span->n <= n &&
		      (gsize)(span->text - block) <= n - span->n);
}

/* The first field of each name as "Name: value" lines. */
static void check_round_trip(const struct fields *f)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct fields again;
	guint written = 0;

	for (guint i = 0; i < fields_count(f); i++) {
		struct fields_span name, value, first;
		g_autofree char *key = NULL, *text = NULL;

		fields_get(f, i, &name, &value);
		key = g_strndup(name.text, name.n);
		g_assert_true(fields_find(f, key, &first));
		text = fields_dup(f, key);
		g_assert_null(strpbrk(text, "\r\n"));
		if (first.text == value.text && first.n == value.n)
			written += fields_write(out, key, text);
	}
	g_assert_true(fields_read(&again, out->str, out->len, NULL));
	g_assert_cmpuint(fields_count(&again), ==, written);
	for (guint i = 0; i < written; i++) {
		struct fields_span name, value;
		g_autofree char *key = NULL, *a = NULL, *b = NULL;

		fields_get(&again, i, &name, &value);
		key = g_strndup(name.text, name.n);
		a = fields_dup(f, key);
		b = fields_dup(&again, key);
		g_assert_cmpstr(g_strstrip(a), ==, g_strstrip(b));
	}
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n)
{
	struct fields f = {.count = 4711};
	gsize used = 4711;
	guint64 number;

	if (!fields_read(&f, data, n, &used)) {
		g_assert_true(f.count == 4711 && used == 4711);
		return 0;
	}
	g_assert_cmpuint(used, <=, n);
	g_assert_cmpuint(fields_count(&f), <=, FIELDS_MAX);
	for (guint i = 0; i < fields_count(&f); i++) {
		struct fields_span name, value;

		fields_get(&f, i, &name, &value);
		check_span(&name, (const char *)data, used);
		check_span(&value, (const char *)data, used);
		g_assert_null(memchr(name.text, ':', name.n));
		g_assert_true(name.n > 0);
	}
	if (fields_number(&f, "Content-Length", 1000, &number))
		g_assert_cmpuint(number, <=, 1000);
	check_round_trip(&f);
	return 0;
}
