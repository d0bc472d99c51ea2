/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conn: cuts commands out of octets, runs them by the role's table, and spoils them as told.
 * The original dialect is strict about what a command looks like; the revival one takes LF alone,
 * lower case and runs of blanks, but never gets past an empty line. */
#include "tests/peers/msnp8/conn.h"

#include <string.h>

struct conn *conn_new(struct server *s, const struct role *role, const struct carrier *carrier)
{
	static guint n;
	struct conn *c = g_new0(struct conn, 1);

	c->server = s;
	c->role = role;
	c->carrier = *carrier;
	c->in = g_string_new(NULL);
	c->state = g_malloc0(role->state_size);
	c->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	c->times = 1;
	c->since = server_seconds();
	c->name = g_strdup_printf("%u%s", ++n, role->suffix);
	g_ptr_array_add(s->conns, c);
	server_log(s, c->name, "**", "connect", 7);
	return c;
}

static void conn_left(struct conn *c)
{
	if (c->has_left)
		return;
	c->has_left = TRUE;
	c->role->left(c);
}

void conn_end(struct conn *c)
{
	if (c->is_over)
		return;
	c->is_over = TRUE;
	server_log(c->server, c->name, "**", "close", 5);
	conn_left(c);
	c->carrier.end(c->carrier.user);
}

void conn_gone(struct conn *c)
{
	if (!c->is_over)
		server_log(c->server, c->name, "**", "EOF", 3);
	c->is_over = TRUE;
	conn_left(c);
	g_ptr_array_remove(c->server->conns, c);
	g_strfreev(c->pending.words);
	g_hash_table_unref(c->counts);
	g_string_free(c->in, TRUE);
	g_free(c->state);
	g_free(c->name);
	g_free(c);
}

void conn_set_user(struct conn *c, struct user *u)
{
	const char *at = strchr(u->account, '@');

	c->user = u;
	g_free(c->name);
	c->name = g_strdup_printf("%.*s%s", at ? (int)(at - u->account) : -1, u->account,
				  c->role->suffix);
}

gint64 conn_age(const struct conn *c)
{
	return server_seconds() - c->since;
}

/* ---- saying ---- */

void conn_say_raw(struct conn *c, const char *octets, gsize n)
{
	if (!c->is_over && !c->is_silent)
		c->carrier.write(c->carrier.user, octets, n);
}

/* What a client has to get over without losing its place: commands of other times and purposes,
 * with and without bodies. The later ones came with MSNP11 and after. */
static void conn_sprinkle(struct conn *c)
{
	static const char *const known[] = {
		"NOT 31\r\n<NOTIFICATION>\r\n</NOTIFICATION>",
		"XYZ 0 what is this\r\n",
		"IPG 18\r\n<PAGE>QNG\r\n</PAGE>",
	};
	static const char *const later[] = {
		"GCF 0 12\r\n<Policies/>\n",
		"UBX somebody@example.test 6\r\nOUT\r\nX",
		"SBS 0 null\r\n",
		"UBN somebody@example.test 3 0\r\n",
	};
	gboolean is_later = options_is(c->server->options, "sprinkle", "later");
	const char *text;

	if (options_is(c->server->options, "sprinkle", "no") || strcmp(c->role->suffix, ""))
		return;
	text = is_later ? later[c->n_said % G_N_ELEMENTS(later)]
			: known[c->n_said % G_N_ELEMENTS(known)];
	conn_say_raw(c, text, strlen(text));
}

static void conn_say_once(struct conn *c, const char *line, const char *body, gsize n_body)
{
	conn_sprinkle(c);
	c->n_said++;
	conn_say_raw(c, line, strlen(line));
	conn_say_raw(c, "\r\n", 2);
	if (body)
		conn_say_raw(c, body, n_body);
}

static void conn_say_all(struct conn *c, const char *line, const char *body, gsize n_body)
{
	guint i;

	if (c->is_over || c->is_silent)
		return;
	server_log(c->server, c->name, "<<<", line, strlen(line));
	if (body)
		server_log(c->server, c->name, "  |", body, n_body);
	for (i = 0; i < c->times; i++)
		conn_say_once(c, line, body, n_body);
}

void conn_say(struct conn *c, const char *format, ...)
{
	g_autofree char *line = NULL;
	va_list arguments;

	va_start(arguments, format);
	line = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	conn_say_all(c, line, NULL, 0);
}

void conn_say_body(struct conn *c, const char *head, const char *body, gsize n)
{
	g_autofree char *line = g_strdup_printf("%s %" G_GSIZE_FORMAT, head, n);

	conn_say_all(c, line, body, n);
}

void conn_refuse(struct conn *c, const struct request *r, guint error)
{
	conn_say(c, "%03u %s", error, r->words[1]);
}

/* ---- running one command ---- */

static const struct command *conn_find(const struct conn *c, const char *verb)
{
	const struct command *command;

	for (command = c->role->commands; command->verb; command++)
		if (!strcmp(command->verb, verb))
			return command;
	return NULL;
}

/* TRUE: this is the n-th command the setting names, and the fault is not used up. */
static gboolean conn_strikes(struct conn *c, const char *setting, const char *verb, guint nth)
{
	struct options *o = c->server->options;
	guint at = options_of_verb(o, setting, verb);

	return at && at == nth && options_use_fault(o);
}

static void conn_perform(struct conn *c, const struct command *command, const struct request *r)
{
	struct options *o = c->server->options;
	const char *verb = command->verb;
	guint nth = GPOINTER_TO_UINT(g_hash_table_lookup(c->counts, verb)) + 1;
	guint error = options_of_verb(o, "error", verb);

	g_hash_table_insert(c->counts, g_strdup(verb), GUINT_TO_POINTER(nth));
	if (conn_strikes(c, "close-at", verb, nth)) {
		conn_end(c);
		return;
	}
	if (conn_strikes(c, "silent-at", verb, nth))
		c->is_silent = TRUE;
	if (conn_strikes(c, "omit", verb, nth))
		c->times = 0;
	if (conn_strikes(c, "twice", verb, nth))
		c->times = 2;
	if (error && r->n > 1)
		conn_refuse(c, r, error);
	else
		command->run(c, r);
	c->times = 1;
	if (conn_strikes(c, "close-after", verb, nth))
		conn_end(c);
}

/* The commands of these networks that a service knows nothing about: the old one takes offence. */
static void conn_unknown(struct conn *c)
{
	if (!c->user || !options_is_revival(c->server->options))
		conn_end(c);
}

static void conn_run(struct conn *c, const struct command *command, const struct request *r)
{
	if (!command || (!c->user && !command->is_public))
		conn_unknown(c);
	else if (r->n >= command->min)
		conn_perform(c, command, r);
	else if (options_is_revival(c->server->options))
		conn_end(c);
	else if (r->n > 1)
		conn_refuse(c, r, 300);
	else
		conn_end(c);
}

/* ---- cutting ---- */

static gboolean conn_words_valid(struct conn *c, char **words, guint n)
{
	guint i;
	guint64 trid;

	if (n > WORDS_MAX)
		return FALSE;
	if (options_is_revival(c->server->options)) {
		g_autofree char *verb = words[0];

		words[0] = g_ascii_strup(verb, -1);
		return TRUE;
	}
	for (i = 0; words[0][i]; i++)
		if (!g_ascii_isupper(words[0][i]))
			return FALSE;
	for (i = 0; i < n; i++)
		if (!*words[i])
			return FALSE; /* a run of blanks */
	return n < 2 || g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXUINT32, &trid, NULL);
}

static char **conn_split(struct conn *c, const char *line)
{
	char **words = g_strsplit(line, " ", -1);
	guint from, to = 0;

	if (!options_is_revival(c->server->options))
		return words;
	for (from = 0; words[from]; from++) {
		if (*words[from])
			words[to++] = words[from];
		else
			g_free(words[from]);
	}
	words[to] = NULL;
	return words;
}

/* The body's length, FALSE: not to be had. */
static gboolean conn_body_length(const struct command *command, const struct request *r,
				 gsize *ret_n)
{
	guint64 n;

	if (r->n <= command->length_at ||
	    !g_ascii_string_to_unsigned(r->words[command->length_at], 10, 0, command->body_max, &n,
					NULL))
		return FALSE;
	*ret_n = n;
	return TRUE;
}

static void conn_line(struct conn *c, const char *line)
{
	struct request r = {conn_split(c, line)};
	const struct command *command;

	r.n = g_strv_length(r.words);
	server_log(c->server, c->name, ">>>", line, strlen(line));
	if (!r.n || !conn_words_valid(c, r.words, r.n)) {
		conn_end(c);
		g_strfreev(r.words);
		return;
	}
	command = conn_find(c, r.words[0]);
	if (command && command->length_at) {
		if (!conn_body_length(command, &r, &c->pending_n)) {
			conn_end(c);
			g_strfreev(r.words);
			return;
		}
		c->pending = r;
		c->pending_command = command;
		return;
	}
	conn_run(c, command, &r);
	g_strfreev(r.words);
}

/* FALSE: the body has not come whole. */
static gboolean conn_take_body(struct conn *c)
{
	struct request r = c->pending;

	if (c->in->len < c->pending_n)
		return FALSE;
	r.body = c->in->str;
	r.n_body = c->pending_n;
	server_log(c->server, c->name, "  |", r.body, r.n_body);
	c->pending.words = NULL;
	conn_run(c, c->pending_command, &r);
	g_strfreev(r.words);
	g_string_erase(c->in, 0, c->pending_n);
	return TRUE;
}

/* FALSE: the line has not come whole, or is none. */
static gboolean conn_take_line(struct conn *c)
{
	char *end = memchr(c->in->str, '\n', c->in->len);
	gboolean is_revival = options_is_revival(c->server->options);
	g_autofree char *line = NULL;
	gsize n;

	if (!end) {
		if (c->in->len > LINE_MAX_OCTETS)
			conn_end(c);
		return FALSE;
	}
	n = end - c->in->str;
	if (n && end[-1] == '\r')
		n--;
	else if (!is_revival) {
		conn_end(c);
		return FALSE;
	}
	if (!n && is_revival) {
		c->is_wedged = TRUE;
		return FALSE;
	}
	if (n > LINE_MAX_OCTETS || memchr(c->in->str, '\0', n)) {
		conn_end(c);
		return FALSE;
	}
	line = g_strndup(c->in->str, n);
	g_string_erase(c->in, 0, end + 1 - c->in->str);
	conn_line(c, line);
	return TRUE;
}

void conn_feed(struct conn *c, const guint8 *data, gsize n)
{
	if (c->is_over || c->is_wedged)
		return;
	g_string_append_len(c->in, (const char *)data, n);
	while (!c->is_over && (c->pending.words ? conn_take_body(c) : conn_take_line(c)))
		;
}
