/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fields: a block of "Name: value" lines, read without copying and written without surprises.
 * Lines end with LF or CRLF, names are compared blind to ASCII case, the first colon divides. */
#ifndef COMMON_FIELDS_H
#define COMMON_FIELDS_H
#include <glib.h>

#define FIELDS_MAX 128	      /* fields of one block */
#define FIELDS_NAME_MAX 128   /* octets of a name */
#define FIELDS_VALUE_MAX 8192 /* octets of a value, with its folds */
#define FIELDS_BLOCK_MAX (64 * 1024)

struct fields_span {
	const char *text; /* n octets, not closed by NUL */
	gsize n;
};

/* Lives on its owner's stack; only the functions below look inside. */
struct fields {
	const char *block;
	guint count;
	struct fields_at {
		guint32 name, value;
		guint16 name_n, value_n;
	} at[FIELDS_MAX];
};

/* The fields of a block of n octets, up to an empty line or its end. A line that begins with a
 * blank continues the value before it. ret_used (nullable): octets up to and with the empty line.
 * FALSE, ret and ret_used untouched: a line without colon or name, a control character in a name, a
 * NUL anywhere, or past a limit. block must outlive ret. */
gboolean fields_read(struct fields *ret, const void *block, gsize n, gsize *ret_used);

guint fields_count(const struct fields *f);
/* Number i, in the order of the block; values without blanks around them, but with their folds. */
void fields_get(const struct fields *f, guint i, struct fields_span *ret_name,
		struct fields_span *ret_value);
/* The value of the first field so named; FALSE: there is none. */
gboolean fields_find(const struct fields *f, const char *name, struct fields_span *ret_value);
/* The same as a string, each fold as one space; whatever octets the peer chose, but no line end and
 * no NUL. NULL: there is none. (transfer full) (nullable) */
char *fields_dup(const struct fields *f, const char *name);
/* As a decimal number of digits alone, at most max. FALSE: there is none, or it is not one. */
gboolean fields_number(const struct fields *f, const char *name, guint64 max, guint64 *ret_number);
/* TRUE when there is one and it is text, blind to ASCII case. */
gboolean fields_is(const struct fields *f, const char *name, const char *text);

/* Appends "Name: value" CRLF. FALSE and out unchanged when name is not a token (RFC 9110 section
 * 5.6.2), value holds CR or LF, or either passes its limit. The empty line is the caller's. */
gboolean fields_write(GString *out, const char *name, const char *value);
#endif
