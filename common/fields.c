/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fields: offsets into a block of "Name: value" lines. */
#include "common/fields.h"

#include <string.h>

static gboolean is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct fields_span span_trim(const char *text, gsize n)
{
	while (n > 0 && is_blank(*text)) {
		text++;
		n--;
	}
	while (n > 0 && (is_blank(text[n - 1]) || text[n - 1] == '\r' || text[n - 1] == '\n'))
		n--;
	return (struct fields_span){text, n};
}

static gboolean name_is_fine(const struct fields_span *name)
{
	if (name->n == 0 || name->n > FIELDS_NAME_MAX)
		return FALSE;
	for (gsize i = 0; i < name->n; i++)
		if ((guchar)name->text[i] < ' ' || name->text[i] == 0x7f)
			return FALSE;
	return TRUE;
}

/* One line, n octets without its end. */
static gboolean fields_add(struct fields *f, const char *line, gsize n)
{
	const char *colon = memchr(line, ':', n);
	struct fields_span name, value;

	if (!colon || f->count == FIELDS_MAX)
		return FALSE;
	name = span_trim(line, colon - line);
	value = span_trim(colon + 1, line + n - colon - 1);
	if (!name_is_fine(&name) || value.n > FIELDS_VALUE_MAX)
		return FALSE;
	f->at[f->count++] = (struct fields_at){.name = name.text - f->block,
					       .value = value.text - f->block,
					       .name_n = name.n,
					       .value_n = value.n};
	return TRUE;
}

/* A continuation: the value before it reaches up to its end. */
static gboolean fields_fold(struct fields *f, const char *line, gsize n)
{
	struct fields_at *last = f->count > 0 ? &f->at[f->count - 1] : NULL;
	struct fields_span more = span_trim(line, n), whole;

	if (!last)
		return FALSE;
	if (more.n == 0)
		return TRUE;
	whole.text = last->value_n > 0 ? f->block + last->value : more.text;
	whole.n = more.text + more.n - whole.text;
	if (whole.n > FIELDS_VALUE_MAX)
		return FALSE;
	last->value = whole.text - f->block;
	last->value_n = whole.n;
	return TRUE;
}

static gboolean fields_line(struct fields *f, const char *line, gsize n)
{
	return is_blank(*line) ? fields_fold(f, line, n) : fields_add(f, line, n);
}

gboolean fields_read(struct fields *ret, const void *block, gsize n, gsize *ret_used)
{
	struct fields f; /* not cleared: it is large, and count says what is true */
	const char *at = block, *end = at + n;
	gboolean is_over = FALSE;

	f.block = block;
	f.count = 0;
	while (at < end && !is_over) {
		const char *stop = memchr(at, '\n', end - at);
		gsize whole = (stop ? stop + 1 : end) - at;
		gsize length = stop ? (gsize)(stop - at) : whole;

		if (length > 0 && at[length - 1] == '\r')
			length--;
		is_over = length == 0;
		if (!is_over && !fields_line(&f, at, length))
			return FALSE;
		at += whole;
	}
	if (at - f.block > FIELDS_BLOCK_MAX || memchr(f.block, '\0', at - f.block))
		return FALSE;
	ret->block = f.block;
	ret->count = f.count;
	memcpy(ret->at, f.at, f.count * sizeof f.at[0]);
	if (ret_used)
		*ret_used = at - f.block;
	return TRUE;
}

guint fields_count(const struct fields *f)
{
	return f->count;
}

void fields_get(const struct fields *f, guint i, struct fields_span *ret_name,
		struct fields_span *ret_value)
{
	g_return_if_fail(i < f->count);

	*ret_name = (struct fields_span){f->block + f->at[i].name, f->at[i].name_n};
	*ret_value = (struct fields_span){f->block + f->at[i].value, f->at[i].value_n};
}

gboolean fields_find(const struct fields *f, const char *name, struct fields_span *ret_value)
{
	gsize n = strlen(name);

	for (guint i = 0; i < f->count; i++) {
		const struct fields_at *at = &f->at[i];

		if (at->name_n == n && g_ascii_strncasecmp(f->block + at->name, name, n) == 0) {
			*ret_value = (struct fields_span){f->block + at->value, at->value_n};
			return TRUE;
		}
	}
	return FALSE;
}

static gboolean is_fold(char c)
{
	return c == '\r' || c == '\n';
}

/* The blanks around a line end become one space, those elsewhere stay. */
static char *span_unfold(struct fields_span span)
{
	char *text = g_malloc(span.n + 1), *to = text;

	for (gsize i = 0; i < span.n; i++) {
		if (!is_fold(span.text[i])) {
			*to++ = span.text[i];
			continue;
		}
		while (to > text && is_blank(to[-1]))
			to--;
		while (i + 1 < span.n && (is_fold(span.text[i + 1]) || is_blank(span.text[i + 1])))
			i++;
		*to++ = ' ';
	}
	*to = '\0';
	return text;
}

char *fields_dup(const struct fields *f, const char *name)
{
	struct fields_span value;

	return fields_find(f, name, &value) ? span_unfold(value) : NULL;
}

gboolean fields_number(const struct fields *f, const char *name, guint64 max, guint64 *ret_number)
{
	struct fields_span value;
	guint64 number = 0;

	if (!fields_find(f, name, &value) || value.n == 0)
		return FALSE;
	for (gsize i = 0; i < value.n; i++) {
		guint digit = (guint)(guchar)value.text[i] - '0';

		if (digit > 9 || number > max / 10 || digit > max - number * 10)
			return FALSE;
		number = number * 10 + digit;
	}
	*ret_number = number;
	return TRUE;
}

gboolean fields_is(const struct fields *f, const char *name, const char *text)
{
	struct fields_span value;

	return fields_find(f, name, &value) && value.n == strlen(text) &&
	       g_ascii_strncasecmp(value.text, text, value.n) == 0;
}

static gboolean is_token(const char *name)
{
	gsize n = 0;

	for (; name[n]; n++)
		if (!g_ascii_isalnum(name[n]) && !strchr("!#$%&'*+-.^_`|~", name[n]))
			return FALSE;
	return n > 0 && n <= FIELDS_NAME_MAX;
}

gboolean fields_write(GString *out, const char *name, const char *value)
{
	gsize n = strlen(value);

	if (!is_token(name) || n > FIELDS_VALUE_MAX || strpbrk(value, "\r\n"))
		return FALSE;
	g_string_append(out, name);
	g_string_append(out, ": ");
	g_string_append_len(out, value, n);
	g_string_append(out, "\r\n");
	return TRUE;
}
