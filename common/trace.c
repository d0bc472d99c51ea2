/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace: writes lines that any octets survive, and remembers a bounded number of them. */
#include "common/trace.h"

#include <string.h>

#define TRACE_CUT_ROOM 64 /* octets of a line that its remark about a cut may need */
#define TRACE_PIECE_MAX 8 /* octets one character may need, escaped or not */

struct trace {
	GQueue lines; /* of char *, oldest first */
	gsize kept;   /* octets in them */
	guint lost;   /* lines dropped after the youngest */
	gboolean has_clock;
	gint64 clock;
};

struct trace *trace_new(void)
{
	struct trace *t = g_new0(struct trace, 1);

	g_queue_init(&t->lines);
	return t;
}

void trace_free(struct trace *t)
{
	if (!t)
		return;
	g_queue_clear_full(&t->lines, g_free);
	g_free(t);
}

/* ---- escapes -------------------------------------------------------------------------------- */

/* The letter that stands for an octet after a backslash, 0 for none. */
static char letter_of(char octet)
{
	switch (octet) {
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	case '\\':
		return '\\';
	default:
		return '\0';
	}
}

static void append_hex(GString *out, guint8 octet)
{
	static const char digits[] = "0123456789abcdef";
	const char escape[] = {'\\', 'x', digits[octet >> 4], digits[octet & 15]};

	g_string_append_len(out, escape, sizeof escape);
}

/* Line and paragraph separators have a glyph to GLib, but would break the line. */
static gboolean is_printable(gunichar c)
{
	return g_unichar_isprint(c) && c != 0x2028 && c != 0x2029;
}

/* The length of the printable character at p, beyond ASCII; 0 when there is none. */
static gsize printable_length(const char *p, gsize n)
{
	gunichar c = g_utf8_get_char_validated(p, n);

	if (c == (gunichar)-1 || c == (gunichar)-2 || !is_printable(c))
		return 0;
	return g_utf8_skip[*(const guint8 *)p];
}

/* Writes what stands at p and returns how many octets that was. */
static gsize append_piece(GString *out, const char *p, gsize n, gboolean is_wire)
{
	gsize length = 1;

	if ((guint8)*p >= 0x80 && (length = printable_length(p, n)) > 0) {
		g_string_append_len(out, p, length);
	} else if (letter_of(*p) != '\0' && (is_wire || *p != '\\')) {
		g_string_append_c(out, '\\');
		g_string_append_c(out, letter_of(*p));
	} else if (g_ascii_isprint(*p) && !(is_wire && n == 1 && *p == ' ')) {
		g_string_append_c(out, *p);
	} else {
		append_hex(out, *p);
	}
	return MAX(length, 1);
}

static void append_text(GString *line, const char *text, gsize n, gboolean is_wire)
{
	gsize done = 0, kept = 0;

	/* Where the line would be cut is marked on the way, as most fit. */
	while (done < n && line->len <= TRACE_LINE_MAX - TRACE_PIECE_MAX) {
		done += append_piece(line, text + done, n - done, is_wire);
		if (line->len <= TRACE_LINE_MAX - TRACE_CUT_ROOM)
			kept = line->len;
	}
	if (done == n)
		return;
	g_string_truncate(line, kept);
	g_string_append_printf(line, " # cut, %" G_GSIZE_FORMAT " octets in all", n);
}

/* The octet an escape after a backslash stands for; ret_length gets how much of text it is. FALSE
 * when it is none. */
static gboolean escape_read(const char *text, guint8 *ret_octet, gsize *ret_length)
{
	static const char octets[] = "\n\r\t\\";

	for (const char *p = octets; *p; p++) {
		if (*text != letter_of(*p))
			continue;
		*ret_octet = *p;
		*ret_length = 1;
		return TRUE;
	}
	if (*text != 'x' || !g_ascii_isxdigit(text[1]) || !g_ascii_isxdigit(text[2]))
		return FALSE;
	*ret_octet = g_ascii_xdigit_value(text[1]) << 4 | g_ascii_xdigit_value(text[2]);
	*ret_length = 3;
	return TRUE;
}

GBytes *trace_unescape(const char *text)
{
	g_autoptr(GByteArray) out = g_byte_array_new();

	while (*text) {
		gsize plain = strcspn(text, "\\"), length;
		guint8 octet;

		g_byte_array_append(out, (const guint8 *)text, plain);
		text += plain;
		if (!*text)
			break;
		if (!escape_read(text + 1, &octet, &length))
			return NULL;
		g_byte_array_append(out, &octet, 1);
		text += 1 + length;
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

/* ---- lines ---------------------------------------------------------------------------------- */

static char *lost_line(struct trace *t)
{
	char *line = g_strdup_printf("# %u lines lost", t->lost);

	t->lost = 0;
	return line;
}

static void line_push(struct trace *t, char *line)
{
	t->kept += strlen(line);
	g_queue_push_tail(&t->lines, line);
}

/* Takes line. */
static void line_add(struct trace *t, GString *line)
{
	if (t->kept + line->len + (t->lost > 0 ? TRACE_CUT_ROOM : 0) > TRACE_KEEP_MAX) {
		t->lost += t->lost < G_MAXUINT;
		g_string_free(line, TRUE);
		return;
	}
	if (t->lost > 0)
		line_push(t, lost_line(t));
	line_push(t, g_string_free(line, FALSE));
}

static void wire_add(struct trace *t, char who, guint id, const void *octets, gsize n)
{
	if (!t)
		return;

	GString *line = g_string_new(NULL);
	g_string_append_c(line, who);
	if (id != 0)
		g_string_append_printf(line, "%u", id);
	g_string_append(line, ": ");
	append_text(line, octets, n, TRUE);
	line_add(t, line);
}

static void text_add(struct trace *t, const char *mark, const char *text)
{
	if (!t)
		return;

	GString *line = g_string_new(mark);
	append_text(line, text, strlen(text), FALSE);
	line_add(t, line);
}

void trace_sent(struct trace *t, guint id, const void *octets, gsize n)
{
	wire_add(t, 'C', id, octets, n);
}

void trace_received(struct trace *t, guint id, const void *octets, gsize n)
{
	wire_add(t, 'S', id, octets, n);
}

void trace_event(struct trace *t, const char *line)
{
	text_add(t, "= ", line);
}

void trace_verb(struct trace *t, const char *line)
{
	text_add(t, "! ", line);
}

void trace_note(struct trace *t, const char *prose)
{
	text_add(t, "# ", prose);
}

void trace_clock(struct trace *t, gint64 now)
{
	if (!t || (t->has_clock && now <= t->clock))
		return;
	if (t->has_clock) {
		GString *line = g_string_new(NULL);

		g_string_append_printf(line, "@ +%" G_GUINT64_FORMAT,
				       (guint64)now - (guint64)t->clock);
		line_add(t, line);
	}
	t->has_clock = TRUE;
	t->clock = now;
}

char *trace_drain(struct trace *t)
{
	if (!t)
		return NULL;

	char *line = g_queue_pop_head(&t->lines);
	if (!line)
		return t->lost > 0 ? lost_line(t) : NULL;
	t->kept -= strlen(line);
	return line;
}
