/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The script: lines, words, what a line waits for, and what to say when it waits in vain. */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/parts.h"

#define LAST_EVENTS 15 /* shown when an expectation fails */
#define READ_SIZE 4096

static GHashTable *seen; /* actor to number of the event after the last one that was expected */
static guint line_number;
static gboolean has_failed, has_quit;

gboolean script_fail(const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	g_printerr("FAIL line %u: %s\n", line_number, text);
	has_failed = TRUE;
	return FALSE;
}

/* ---- words ---- */

const char *script_skip_space(const char *text)
{
	while (g_ascii_isspace(*text))
		text++;
	return text;
}

char *script_word(const char **rest)
{
	const char *p = script_skip_space(*rest);
	gboolean is_quoted = FALSE;
	GString *word;

	if (!*p)
		return NULL;
	word = g_string_new(NULL);
	for (; *p && (is_quoted || !g_ascii_isspace(*p)); p++) {
		if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
			g_string_append_c(word, *++p);
		else if (*p == '"')
			is_quoted = !is_quoted;
		else
			g_string_append_c(word, *p);
	}
	*rest = script_skip_space(p);
	return g_string_free(word, FALSE);
}

/* The name of a variable after a "$"; p moves behind it. NULL: the "$" stands for itself. */
static char *variable_name(const char **p)
{
	const gboolean is_braced = **p == '{';
	const char *start = *p + is_braced, *end = start;

	while (g_ascii_isalnum(*end) || *end == '_')
		end++;
	if (end == start || g_ascii_isdigit(*start) || (is_braced && *end != '}'))
		return NULL;
	*p = end + is_braced;
	return g_strndup(start, end - start);
}

/* NULL, and reported, when a variable is not set. */
static char *substitute(const char *line)
{
	GString *out = g_string_new(NULL);

	while (*line) {
		g_autofree char *name = NULL;
		const char *value;

		if (*line != '$') {
			g_string_append_c(out, *line++);
			continue;
		}
		line++;
		if (!(name = variable_name(&line))) {
			g_string_append_c(out, '$');
			continue;
		}
		if (!(value = g_getenv(name))) {
			script_fail("$%s is not set", name);
			g_string_free(out, TRUE);
			return NULL;
		}
		g_string_append(out, value);
	}
	return g_string_free(out, FALSE);
}

/* ---- waiting ---- */

struct wish {
	char *actor;
	const char *pattern;
	gsize from, found;
};

/* A request that cannot be answered as told ends the wait as well. */
static gboolean is_there(gpointer user)
{
	struct wish *w = user;

	return host_event_find(w->actor, w->pattern, w->from, &w->found) || has_failed;
}

static gsize position_of(const char *actor)
{
	return GPOINTER_TO_SIZE(g_hash_table_lookup(seen, actor));
}

static void set_position(const char *actor, gsize number)
{
	g_hash_table_replace(seen, g_strdup(actor), GSIZE_TO_POINTER(number));
}

/* A misspelt name would otherwise wait for its deadline, or never be missed. */
static gboolean is_known(const char *actor)
{
	static const char *const others[] = {NOBODY, "memory", "echo", NULL};

	return actor && (actor_find(actor) || g_strv_contains(others, actor) ||
			 g_hash_table_contains(seen, actor));
}

static gboolean wait_for(struct wish *w)
{
	gsize ignored;

	if (!is_known(w->actor))
		return script_fail("who is '%s'?", TEXT(w->actor));
	w->from = position_of(w->actor);
	host_run_until(is_there, w, host_patience_ms());
	if (host_event_find(w->actor, w->pattern, w->from, &ignored))
		return TRUE;
	if (!has_failed)
		script_fail("in vain expected: %s %s", w->actor, w->pattern);
	events_show_last(w->actor, LAST_EVENTS);
	return FALSE;
}

static gboolean do_expect(const char *args)
{
	g_autofree char *actor = script_word(&args);
	struct wish w = {actor, args};

	if (!wait_for(&w))
		return FALSE;
	set_position(actor, w.found + 1);
	return TRUE;
}

static gboolean do_expect_not(const char *args)
{
	static const char until[] = " until ";
	const char *split = g_strrstr(args, until);
	g_autofree char *bad = split ? g_strndup(args, split - args) : NULL;
	const char *bad_rest = bad, *good_rest = split ? split + strlen(until) : "";
	g_autofree char *bad_actor = bad ? script_word(&bad_rest) : NULL;
	g_autofree char *good_actor = script_word(&good_rest);
	struct wish w = {good_actor, good_rest};
	gsize found, from;

	if (!bad_actor || !good_actor)
		return script_fail("expect-not ACTOR EVENT until ACTOR EVENT");
	if (!is_known(bad_actor))
		return script_fail("who is '%s'?", bad_actor);
	from = position_of(bad_actor);
	if (!wait_for(&w))
		return FALSE;
	if (host_event_find(bad_actor, bad_rest, from, &found) && found < w.found) {
		script_fail("unwanted: %s %s", bad_actor, host_event_text(found));
		events_show_last(bad_actor, LAST_EVENTS);
		return FALSE;
	}
	set_position(good_actor, w.found + 1);
	return TRUE;
}

static gboolean do_count(const char *args)
{
	const char *space = strrchr(args, ' ');
	g_autofree char *head = space ? g_strndup(args, space - args) : NULL;
	const char *pattern = head;
	g_autofree char *actor = head ? script_word(&pattern) : NULL;
	guint64 n = space ? g_ascii_strtoull(space, NULL, 10) : 0;
	gsize before;

	if (!actor || !n)
		return script_fail("count ACTOR EVENT N");
	before = position_of(actor);
	for (guint64 i = 0; i < n; i++) {
		struct wish w = {actor, pattern};

		if (!wait_for(&w)) {
			g_printerr("  %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
				   " had come since event %" G_GSIZE_FORMAT "\n",
				   i, n, before);
			return FALSE;
		}
		set_position(actor, w.found + 1);
	}
	return TRUE;
}

/* ---- other verbs of nobody in particular ---- */

struct child {
	GPid pid;
	int status;
	gboolean has_ended;
};

/* Not g_child_watch_add(): SIGCHLD is to stay as libpurple's own children want it. */
static gboolean has_child_ended(gpointer user)
{
	struct child *c = user;

	if (!c->has_ended)
		c->has_ended = waitpid(c->pid, &c->status, WNOHANG) != 0;
	return c->has_ended;
}

static gboolean turn(gpointer unused)
{
	return G_SOURCE_CONTINUE;
}

static gboolean await_child(struct child *c)
{
	guint ticks = g_timeout_add(5, turn, NULL);
	gboolean is_over = host_run_until(has_child_ended, c, host_patience_ms());

	g_source_remove(ticks);
	if (is_over)
		return WIFEXITED(c->status) && !WEXITSTATUS(c->status);
	kill(c->pid, SIGKILL);
	waitpid(c->pid, &c->status, 0);
	return FALSE;
}

/* The main loop goes on meanwhile: the command may be the other side of a conversation. */
static gboolean do_run(const char *args)
{
	const char *argv[] = {"/bin/sh", "-c", args, NULL};
	g_autofree char *path = g_build_filename(host_user_dir(), "run.log", NULL);
	g_autofree char *said = NULL;
	g_autoptr(GError) error = NULL;
	struct child c = {0};
	int log = g_open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	gboolean is_fine;

	is_fine = g_spawn_async_with_fds(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
					 NULL, &c.pid, -1, log, log, &error) &&
		  await_child(&c);
	if (log >= 0)
		close(log);
	if (is_fine)
		return TRUE;
	g_file_get_contents(path, &said, NULL, NULL);
	return script_fail("run %s\n%s", args, error ? error->message : TEXT(said));
}

static gboolean do_memory(const char *args)
{
	g_autofree char *statm = NULL;
	long pages = 0;
	struct rusage usage;
	const char *p;

	if (!g_file_get_contents("/proc/self/statm", &statm, NULL, NULL))
		return script_fail("no /proc/self/statm");
	if ((p = strchr(statm, ' ')))
		pages = (long)g_ascii_strtoll(p, NULL, 10);
	getrusage(RUSAGE_SELF, &usage);
	host_event("memory", "%s rss=%ld cpu=%ld", args, pages * (sysconf(_SC_PAGESIZE) / 1024),
		   (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000L +
			   (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000L);
	return TRUE;
}

static gboolean do_echo(const char *args)
{
	host_event("echo", "%s", args);
	return TRUE;
}

static gboolean do_answer(const char *args)
{
	if (!ask_is_mode(args))
		return FALSE;
	ask_set_default(args);
	return TRUE;
}

static gboolean do_answer_open(const char *args)
{
	if (!ask_is_mode(args))
		return FALSE;
	ask_answer_open(NULL, args);
	return !has_failed;
}

static gboolean do_patience(const char *args)
{
	const guint64 seconds = g_ascii_strtoull(args, NULL, 10);

	if (seconds < 1 || seconds > 3600)
		return script_fail("patience SECONDS");
	host_set_patience((guint)seconds);
	return TRUE;
}

static gboolean do_quit(const char *args)
{
	has_quit = TRUE;
	return TRUE;
}

static const struct {
	const char *word;
	gboolean (*run)(const char *args);
	gboolean is_raw; /* the shell substitutes variables itself */
} verbs[] = {
	{"account", actor_add},	    {"expect", do_expect}, {"expect-not", do_expect_not},
	{"count", do_count},	    {"run", do_run, TRUE}, {"resolve", names_add_host},
	{"srv", names_add_service}, {"answer", do_answer}, {"answer-open", do_answer_open},
	{"memory", do_memory},	    {"echo", do_echo},	   {"patience", do_patience},
	{"quit", do_quit},
};

static gboolean run_actor(const char *name, const char *args)
{
	struct actor *a = actor_find(name);
	g_autofree char *verb = a ? script_word(&args) : NULL;

	if (!a)
		return script_fail("'%s' is neither an account nor a verb", name);
	if (!verb)
		return script_fail("%s does what?", name);
	if (!g_hash_table_contains(seen, name))
		set_position(name, 0);
	return verb_do(a, verb, args);
}

static gboolean run_line(const char *line)
{
	const char *raw = line;
	g_autofree char *word = script_word(&raw);
	g_autofree char *all = NULL;
	const char *args;

	if (!word || *word == '#')
		return TRUE;
	for (guint i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (verbs[i].is_raw && !strcmp(word, verbs[i].word))
			return verbs[i].run(raw);
	if (!(args = all = substitute(line)))
		return FALSE;
	g_strchomp(all);
	g_free(word);
	word = script_word(&args);
	for (guint i = 0; word && i < G_N_ELEMENTS(verbs); i++)
		if (!strcmp(word, verbs[i].word))
			return verbs[i].run(args);
	return word ? run_actor(word, args) : TRUE;
}

gboolean host_do(const char *line)
{
	if (!seen)
		seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	line_number++;
	return run_line(line) && !has_failed;
}

/* ---- reading ---- */

struct reader {
	GString *text;
	gboolean has_ended;
};

static gboolean on_readable(int fd, GIOCondition condition, gpointer user)
{
	struct reader *r = user;
	char piece[READ_SIZE];
	ssize_t n = read(fd, piece, sizeof(piece));

	if (n > 0)
		g_string_append_len(r->text, piece, n);
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		r->has_ended = TRUE;
	return r->has_ended ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static gboolean has_line(gpointer user)
{
	const struct reader *r = user;

	return r->has_ended || strchr(r->text->str, '\n');
}

static char *next_line(struct reader *r)
{
	char *line;
	gsize n;

	while (!has_line(r))
		g_main_context_iteration(NULL, TRUE);
	if (!r->text->len)
		return NULL;
	n = strcspn(r->text->str, "\n");
	line = g_strndup(r->text->str, n);
	g_string_erase(r->text, 0, MIN(n + 1, r->text->len));
	return line;
}

gboolean host_do_all(int fd)
{
	struct reader r = {g_string_new(NULL)};
	guint watch = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, &r);
	gboolean is_fine = TRUE;
	char *line;

	while (is_fine && !has_quit && (line = next_line(&r))) {
		is_fine = host_do(line);
		g_free(line);
	}
	if (!r.has_ended)
		g_source_remove(watch);
	g_string_free(r.text, TRUE);
	return is_fine && !has_failed;
}

void script_free(void)
{
	g_clear_pointer(&seen, g_hash_table_destroy);
	line_number = 0;
	has_failed = has_quit = FALSE;
}
