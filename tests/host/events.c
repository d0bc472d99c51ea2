/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event log: what a user would have seen, one line each, in order. */
#include <stdio.h>
#include <string.h>

#include "tests/host/parts.h"

struct event {
	char *actor, *text;
};

static GPtrArray *events;
static gboolean is_silent;

static void event_free(gpointer data)
{
	struct event *e = data;

	g_free(e->actor);
	g_free(e->text);
	g_free(e);
}

void events_init(gboolean is_quiet)
{
	events = g_ptr_array_new_with_free_func(event_free);
	is_silent = is_quiet;
}

void events_free(void)
{
	g_clear_pointer(&events, g_ptr_array_unref);
}

/* A peer's line ends and control characters must neither split an event nor reach a terminal. */
static char *one_line(const char *text)
{
	GString *line = g_string_new(NULL);

	for (; *text; text++) {
		if (*text == '\n')
			g_string_append(line, "\\n");
		else if ((guchar)*text < 0x20 || *text == 0x7f)
			g_string_append_printf(line, "\\x%02x", (guchar)*text);
		else
			g_string_append_c(line, *text);
	}
	return g_string_free(line, FALSE);
}

void host_event(const char *actor, const char *format, ...)
{
	struct event *e;
	g_autofree char *text = NULL;
	va_list args;

	if (!events) /* libpurple is on its way out, nobody looks any more */
		return;
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	g_strchomp(text);
	e = g_new0(struct event, 1);
	e->actor = g_strdup(actor);
	e->text = one_line(text);
	g_ptr_array_add(events, e);
	if (is_silent)
		return;
	printf("%s %s\n", e->actor, e->text);
	fflush(stdout);
}

gsize host_event_count(void)
{
	return events->len;
}

const char *host_event_text(gsize number)
{
	const struct event *e = g_ptr_array_index(events, number);

	return e->text;
}

/* pattern against the beginning of text, which must end there or go on with a new word. */
static gboolean starts_with_words(const char *pattern, const char *text)
{
	const char *star = NULL, *again = NULL;

	for (;;) {
		if (*pattern == '*') {
			star = ++pattern;
			again = text;
		} else if (!*pattern && (!*text || *text == ' ')) {
			return TRUE;
		} else if (*pattern && *pattern == *text) {
			pattern++;
			text++;
		} else if (star && *again) {
			pattern = star;
			text = ++again;
		} else {
			return FALSE;
		}
	}
}

gboolean host_event_find(const char *actor, const char *pattern, gsize from, gsize *ret_number)
{
	for (gsize i = from; i < events->len; i++) {
		const struct event *e = g_ptr_array_index(events, i);

		if (strcmp(e->actor, actor) || !starts_with_words(pattern, e->text))
			continue;
		*ret_number = i;
		return TRUE;
	}
	return FALSE;
}

void events_show_last(const char *actor, guint n)
{
	gsize first = events->len;

	for (guint found = 0; first > 0 && found < n; first--) {
		const struct event *e = g_ptr_array_index(events, first - 1);

		found += !strcmp(e->actor, actor);
	}
	g_printerr("  the last events of %s:\n", actor);
	for (; first < events->len; first++) {
		const struct event *e = g_ptr_array_index(events, first);

		if (!strcmp(e->actor, actor))
			g_printerr("    %s %s\n", e->actor, e->text);
	}
}
