/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transcript: the player. */
#include "tests/lib/transcript.h"

#include <string.h>

#include "common/trace.h"

#define CONNECTIONS_MAX 16
#define RANDOM_RUNS 20

enum splitting { WHOLE, BYTE_BY_BYTE, AT_RANDOM };

struct play {
	const struct transcript_subject *subject;
	const char *path;
	guint line;
	gpointer self;
	GQueue events;
	GString *out[CONNECTIONS_MAX];
	gint64 now;
	enum splitting splitting;
	GRand *random;
	gssize left; /* octets until the connection breaks; -1: it does not */
	gboolean is_broken;
	guint ends, finals; /* events that tell of a lost connection, and of the end */
};

static void collect(struct play *p)
{
	char *event;

	while ((event = p->subject->event(p->self))) {
		p->ends += p->subject->is_setback(event);
		p->finals += p->subject->is_end(event);
		g_queue_push_tail(&p->events, event);
	}
	for (guint id = 0; id < CONNECTIONS_MAX; id++)
		p->subject->output(p->self, id, p->out[id]);
}

static void fail(const struct play *p, const char *wanted, const char *got)
{
	g_test_message("%s:%u: wanted: %s", p->path, p->line, wanted);
	g_test_message("%s:%u: got:    %s", p->path, p->line, got ? got : "nothing");
	g_error("%s:%u: wanted \"%s\", got \"%s\"", p->path, p->line, wanted,
		got ? got : "nothing");
}

/* How many octets of text the pattern accounts for, from the start; -1: it does not fit. */
static gssize fit(const char *pattern, const char *text, gsize n)
{
	const char *any = strstr(pattern, "any");
	gsize head = any ? (gsize)(any - pattern) : strlen(pattern);

	if (head > n || memcmp(pattern, text, head) != 0)
		return -1;
	if (!any)
		return (gssize)head;
	for (gsize skip = head; skip <= n; skip++) {
		gssize rest = fit(any + 3, text + skip, n - skip);

		if (rest >= 0)
			return (gssize)skip + rest;
	}
	return -1;
}

static void expect_event(struct play *p, const char *pattern)
{
	g_autofree char *event = g_queue_pop_head(&p->events);
	g_autofree char *rest = NULL;
	gsize n = event ? strlen(event) : 0;
	gsize length = strlen(pattern);

	if (event && length >= 3 && strcmp(pattern + length - 3, "any") == 0) {
		rest = g_strndup(pattern, length - 3);
		if (fit(rest, event, n) >= 0)
			return;
	} else if (event && fit(pattern, event, n) == (gssize)n) {
		return;
	}
	fail(p, pattern, event);
}

static void expect_output(struct play *p, guint id, const char *text)
{
	g_autoptr(GBytes) bytes = trace_unescape(text);
	g_autofree char *pattern = NULL;
	gssize used;

	g_assert_nonnull(bytes);
	pattern = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	used = fit(pattern, p->out[id]->str, p->out[id]->len);
	if (used < 0)
		fail(p, text, p->out[id]->str);
	g_string_erase(p->out[id], 0, used);
}

static void feed(struct play *p, guint id, const char *text)
{
	g_autoptr(GBytes) bytes = trace_unescape(text);
	gsize n;
	const guint8 *data;

	g_assert_nonnull(bytes);
	data = g_bytes_get_data(bytes, &n);
	while (n && !p->is_broken) {
		gsize piece = p->splitting == WHOLE ? n
			      : p->splitting == BYTE_BY_BYTE
				      ? 1
				      : (gsize)g_rand_int_range(p->random, 1, 40);

		piece = MIN(piece, n);
		if (p->left >= 0)
			piece = MIN(piece, (gsize)p->left);
		if (piece) {
			/* A copy of its own size, so that a read past the end is caught. */
			guint8 *copy = g_bytes_unref_to_data(g_bytes_new(data, piece), &piece);

			p->subject->received(p->self, id, copy, piece);
			g_free(copy);
		}
		collect(p);
		data += piece;
		n -= piece;
		if (p->left >= 0 && (p->left -= (gssize)piece) == 0)
			p->is_broken = TRUE;
	}
}

static void play_line(struct play *p, const char *line)
{
	const char *colon = strchr(line, ':');
	const char *rest = *line ? line + 1 : line;
	guint id = 0;

	while (*rest == ' ')
		rest++;
	switch (line[0]) {
	case '\0':
	case '#':
		return;
	case '!':
		p->subject->verb(p->self, rest);
		break;
	case '@':
		g_assert_cmpint(*rest, ==, '+');
		p->now += g_ascii_strtoll(rest + 1, NULL, 10);
		p->subject->tick(p->self, p->now);
		break;
	case '=':
		expect_event(p, rest);
		return;
	case 'C':
	case 'S':
		g_assert_nonnull(colon);
		if (colon > line + 1)
			id = (guint)g_ascii_strtoull(line + 1, NULL, 10);
		g_assert_cmpuint(id, <, CONNECTIONS_MAX);
		rest = colon[1] == ' ' ? colon + 2 : colon + 1;
		if (line[0] == 'C')
			expect_output(p, id, rest);
		else
			feed(p, id, rest);
		return;
	default:
		g_error("%s:%u: not a line of a transcript: %s", p->path, p->line, line);
	}
	collect(p);
}

/* After the connection broke: one word of it; after it is gone for good: one end in all, and then
 * silence. */
static void check_end(struct play *p)
{
	guint finals_before = p->finals;

	p->ends = 0;
	p->subject->closed(p->self);
	collect(p);
	if (p->ends + p->finals != 1 + finals_before && !finals_before)
		g_error("%s:%u: broken off here, it said so %u times", p->path, p->line,
			p->ends + p->finals);
	p->subject->closed(p->self);
	collect(p);
	p->subject->closed(p->self);
	collect(p);
	if (p->finals != 1)
		g_error("%s:%u: broken off here, it ended %u times", p->path, p->line, p->finals);
}

/* FALSE: the transcript was over before so many octets had come. */
static gboolean play(const struct transcript_subject *subject, const char *path,
		     enum splitting splitting, guint seed, gssize cut)
{
	struct play p = {.subject = subject, .path = path, .splitting = splitting, .left = cut};
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	gboolean was_broken;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; i < CONNECTIONS_MAX; i++)
		p.out[i] = g_string_new(NULL);
	p.random = g_rand_new_with_seed(seed);
	p.self = subject->start();
	for (p.line = 1; lines[p.line - 1] && !p.is_broken; p.line++)
		play_line(&p, lines[p.line - 1]);
	was_broken = p.is_broken;
	if (was_broken) {
		check_end(&p);
	} else if (cut < 0) {
		if (p.events.length)
			fail(&p, "no more events", g_queue_peek_head(&p.events));
		for (guint i = 0; i < CONNECTIONS_MAX; i++) {
			if (p.out[i]->len)
				fail(&p, "nothing more sent", p.out[i]->str);
		}
	}
	subject->stop(p.self);
	g_queue_clear_full(&p.events, g_free);
	for (guint i = 0; i < CONNECTIONS_MAX; i++)
		g_string_free(p.out[i], TRUE);
	g_rand_free(p.random);
	return was_broken;
}

struct story {
	const struct transcript_subject *subject;
	char *path;
};

static void whole(gconstpointer data)
{
	const struct story *story = data;

	play(story->subject, story->path, WHOLE, 0, -1);
}

static void byte_by_byte(gconstpointer data)
{
	const struct story *story = data;

	play(story->subject, story->path, BYTE_BY_BYTE, 0, -1);
}

static void at_random(gconstpointer data)
{
	const struct story *story = data;

	for (guint seed = 1; seed <= RANDOM_RUNS; seed++)
		play(story->subject, story->path, AT_RANDOM, seed, -1);
}

static void cut_after_every_byte(gconstpointer data)
{
	const struct story *story = data;
	gssize cut = 1;

	while (play(story->subject, story->path, WHOLE, 0, cut))
		cut++;
	g_test_message("cut at %d places", (int)cut - 1);
}

static void add(const struct story *story, const char *area, const char *name, const char *way,
		GTestDataFunc func)
{
	g_autofree char *path = g_strdup_printf("/%s/transcripts/%s/%s", area, name, way);

	g_test_add_data_func(path, story, func);
}

static void story_forget(gpointer data)
{
	struct story *story = data;

	g_free(story->path);
	g_free(story);
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void transcript_add_tests(const char *area, const char *dir,
			  const struct transcript_subject *subject)
{
	g_autoptr(GDir) open = g_dir_open(dir, 0, NULL);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	const char *entry;

	if (!open)
		g_error("no transcripts in %s; run the tests from the top of the tree", dir);
	while ((entry = g_dir_read_name(open))) {
		if (g_str_has_suffix(entry, ".txt"))
			g_ptr_array_add(names, g_strndup(entry, strlen(entry) - 4));
	}
	g_ptr_array_sort(names, by_name);
	for (guint i = 0; i < names->len; i++) {
		const char *name = names->pdata[i];
		struct story *story = g_new0(struct story, 1);
		g_autofree char *last =
			g_strdup_printf("/%s/transcripts/%s/cut-after-every-byte", area, name);

		story->subject = subject;
		story->path = g_strdup_printf("%s/%s.txt", dir, name);
		add(story, area, name, "whole", whole);
		add(story, area, name, "byte-by-byte", byte_by_byte);
		add(story, area, name, "cut-at-random", at_random);
		g_test_add_data_func_full(last, story, cut_after_every_byte, story_forget);
	}
}
