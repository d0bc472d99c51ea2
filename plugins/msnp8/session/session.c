/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session: the contract: octets, answers and time in, events and octets out, a command at a time.
 */
#include "plugins/msnp8/session/session.h"

#include <gnutls/gnutls.h>
#include <stdarg.h>
#include <string.h>

#include "plugins/msnp8/session/core.h"

#define WAITING_MAX (4 << 20) /* octets that came and were not looked at */
#define LINKS_MAX 256	      /* those that only have something left to say count too */

/* ---- connections ---- */

static void link_free(gpointer data)
{
	struct link *link = data;

	bytes_free(link->out);
	frame_free(link->in);
	gnutls_memset(link->command, 0, sizeof *link->command);
	g_free(link->command);
	if (link->line)
		g_string_free(link->line, TRUE);
	g_free(link);
}

static struct link *link_of(const struct msn_session *s, guint id)
{
	return g_hash_table_lookup(s->links, GUINT_TO_POINTER(id));
}

struct link *msn_link_new(struct msn_session *s, struct sb *sb, const char *host, guint16 port)
{
	struct link *link;

	if (g_hash_table_size(s->links) >= LINKS_MAX)
		return NULL;
	link = g_new0(struct link, 1);
	link->id = sb ? ++s->last_id : 0;
	link->sb = sb;
	link->out = bytes_new(MSN_OUTPUT_MAX);
	link->in = frame_new(MSN_LINE_MAX, MSN_PAYLOAD_MAX, WAITING_MAX);
	link->command = g_new0(struct msn_command, 1);
	link->line = s->trace ? g_string_new(NULL) : NULL;
	g_hash_table_insert(s->links, GUINT_TO_POINTER(link->id), link);
	msn_event_push(s, &(struct msn_event){
				  .type = MSN_EVENT_WANT_CONNECTION,
				  .id = link->id,
				  .host = msn_keep(s, host),
				  .port = port,
				  .is_switchboard = sb != NULL,
			  });
	return link;
}

/* From now on nobody finds it; it is freed when nobody can be working on it. */
static void link_forget(struct msn_session *s, struct link *link)
{
	g_hash_table_remove(s->links, GUINT_TO_POINTER(link->id));
	if (link->is_heard)
		g_queue_remove(&s->links_heard, link);
	link->is_heard = FALSE;
	g_queue_push_tail(&s->links_dead, link);
}

void msn_link_drop(struct msn_session *s, struct link *link)
{
	link->sb = NULL;
	if (link->is_dropped)
		return;
	link->is_dropped = TRUE;
	/* What it still brings interests nobody. */
	if (link->is_heard)
		g_queue_remove(&s->links_heard, link);
	link->is_heard = FALSE;
	if (!link->is_closed)
		msn_event_push(
			s, &(struct msn_event){.type = MSN_EVENT_DROP_CONNECTION, .id = link->id});
	if (link->is_closed || !link->is_open || bytes_length(link->out) == 0)
		link_forget(s, link);
}

void msn_reconnect(struct msn_session *s, const char *host, guint16 port)
{
	guint32 last_trid = s->ns->last_trid;

	bytes_truncate(s->ns->out, 0);
	msn_link_drop(s, s->ns);
	msn_request_abandon(s);
	msn_lists_abandon(s);
	s->stage = STAGE_OFFLINE;
	s->step_deadline = G_MAXINT64;
	s->ns = msn_link_new(s, NULL, host, port);
	/* Counted on, so that what still waits is not taken for something new. */
	s->ns->last_trid = last_trid;
}

static void link_heard(struct msn_session *s, struct link *link)
{
	if (link->is_heard)
		return;
	link->is_heard = TRUE;
	g_queue_push_tail(&s->links_heard, link);
}

void msn_session_opened(struct msn_session *s, guint id)
{
	struct link *link = link_of(s, id);

	if (!link || link->is_open || link->is_dropped || link->is_closed ||
	    s->stage == STAGE_ENDED)
		return;
	link->is_open = TRUE;
	if (link == s->ns)
		msn_login_start(s);
	else
		msn_sb_opened(s, link->sb);
}

void msn_session_data(struct msn_session *s, guint id, const guint8 *data, gsize n)
{
	struct link *link = link_of(s, id);

	if (!link || !link->is_open || link->is_dropped || link->is_closed ||
	    s->stage == STAGE_ENDED)
		return;
	if (link == s->ns) {
		s->heard = s->now;
		s->is_pinged = FALSE;
	}
	if (!frame_feed(link->in, data, n))
		link->is_overflowing = TRUE;
	link_heard(s, link);
}

/* What came before is still looked at: the last words of a server often say why. */
void msn_session_closed(struct msn_session *s, guint id)
{
	struct link *link = link_of(s, id);

	if (!link || link->is_closed)
		return;
	link->is_closed = TRUE;
	bytes_truncate(link->out, 0);
	if (link->is_dropped || s->stage == STAGE_ENDED)
		link_forget(s, link);
	else
		link_heard(s, link);
}

gboolean msn_session_output(struct msn_session *s, guint id, const guint8 **ret_data, gsize *ret_n)
{
	struct link *link = link_of(s, id);
	const guint8 *data;
	gsize n;

	if (!link || !link->is_open)
		return FALSE;
	data = bytes_peek(link->out, &n);
	if (n == 0)
		return FALSE;
	*ret_data = data;
	*ret_n = n;
	return TRUE;
}

void msn_session_sent(struct msn_session *s, guint id, gsize n)
{
	struct link *link = link_of(s, id);

	g_return_if_fail(link && n <= bytes_length(link->out));
	bytes_consume(link->out, n);
	if (link->is_dropped && bytes_length(link->out) == 0)
		link_forget(s, link);
}

gboolean msn_link_has_room(const struct link *link, gsize n)
{
	return bytes_length(link->out) + n <= MSN_OUTPUT_MAX;
}

/* ---- sending ---- */

static void draft_leave(struct msn_session *s, struct link *link)
{
	if (!link->is_dropped && !link->is_closed &&
	    !bytes_append(link->out, s->draft->str, s->draft->len)) {
		link->is_overflowing = TRUE;
		link_heard(s, link);
	}
}

static void draft_wipe(struct msn_session *s)
{
	gnutls_memset(s->draft->str, 0, s->draft->len);
	g_string_truncate(s->draft, 0);
}

#define PARAMETERS 9

static void draft_write(struct msn_session *s, const char *verb, guint32 trid, const char *const *p)
{
	g_string_truncate(s->draft, 0);
	if (!msn_command_write(s->draft, verb, trid, p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7],
			       p[8], NULL))
		trace_note(s->trace, "a parameter that cannot be sent");
}

static void parameters_take(const char **p, va_list list)
{
	for (guint i = 0; i < PARAMETERS; i++) {
		p[i] = va_arg(list, const char *);
		if (!p[i])
			return;
	}
	p[PARAMETERS - 1] = NULL;
}

guint32 msn_send(struct msn_session *s, struct link *link, const char *verb, ...)
{
	const char *p[PARAMETERS] = {NULL};
	guint32 trid = ++link->last_trid;
	va_list list;

	va_start(list, verb);
	parameters_take(p, list);
	va_end(list);
	draft_write(s, verb, trid, p);
	draft_leave(s, link);
	trace_sent(s->trace, link->id, s->draft->str, s->draft->len);
	return trid;
}

guint32 msn_send_secret(struct msn_session *s, struct link *link, guint secret, const char *verb,
			...)
{
	const char *p[PARAMETERS] = {NULL};
	guint32 trid = ++link->last_trid;
	va_list list;

	va_start(list, verb);
	parameters_take(p, list);
	va_end(list);
	draft_write(s, verb, trid, p);
	draft_leave(s, link);
	draft_wipe(s);
	p[secret] = "any";
	draft_write(s, verb, trid, p);
	trace_sent(s->trace, link->id, s->draft->str, s->draft->len);
	return trid;
}

guint32 msn_send_payload(struct msn_session *s, struct link *link, const char *verb,
			 const char *parameter, const void *payload, gsize n)
{
	guint32 trid = ++link->last_trid;

	g_string_truncate(s->draft, 0);
	msn_command_write_payload(s->draft, payload, n, verb, trid, parameter, NULL);
	draft_leave(s, link);
	trace_sent(s->trace, link->id, s->draft->str, s->draft->len);
	return trid;
}

void msn_send_bare(struct msn_session *s, struct link *link, const char *verb)
{
	g_string_truncate(s->draft, 0);
	msn_command_write(s->draft, verb, MSN_NO_TRID, NULL);
	draft_leave(s, link);
	trace_sent(s->trace, link->id, s->draft->str, s->draft->len);
}

/* ---- beginning and end ---- */

struct msn_session *msn_session_new(const struct msn_config *config)
{
	struct msn_session *s;
	char *account = msn_account_new(config->account);

	if (!account)
		return NULL;
	s = g_new0(struct msn_session, 1);
	s->account = account;
	s->name = g_strdup(account);
	s->password = g_strdup(config->password ? config->password : "");
	s->is_gateway = config->is_gateway;
	s->random = config->random;
	s->random_user = config->random_user;
	s->trace = config->trace ? trace_new() : NULL;

	s->links = g_hash_table_new(NULL, NULL);
	s->draft = g_string_new(NULL);
	s->events = g_array_new(FALSE, FALSE, sizeof(struct msn_event));
	s->kept = g_string_chunk_new(512);
	s->kept_vectors = g_ptr_array_new_with_free_func(g_free);
	s->step_deadline = s->cache_deadline = G_MAXINT64;
	s->wanted_state = MSN_ONLINE;
	s->passport = msn_passport_new(config);
	s->mailbox = msn_mailbox_new();
	s->requests = msn_requests_new();
	s->lists = msn_lists_new(config->cache);
	s->chats = msn_chats_new();
	s->offers = msn_offers_new();

	s->ns = msn_link_new(s, NULL, config->host ? config->host : "",
			     config->port ? config->port : MSN_PORT);
	return s;
}

static void links_reap(struct msn_session *s)
{
	struct link *link;

	while ((link = g_queue_pop_head(&s->links_dead)))
		link_free(link);
}

void msn_session_free(struct msn_session *s)
{
	GHashTableIter iter;
	gpointer link;

	if (!s)
		return;
	msn_request_abandon(s);
	cookie_jar_free(s->requests);
	msn_chats_free(s);
	msn_lists_free(s->lists);
	msn_offers_free(s->offers);
	msn_passport_free(s->passport);
	msn_mailbox_free(s->mailbox);
	links_reap(s);
	g_queue_clear(&s->links_heard);
	g_hash_table_iter_init(&iter, s->links);
	while (g_hash_table_iter_next(&iter, NULL, &link))
		link_free(link);
	g_hash_table_destroy(s->links);
	gnutls_memset(&s->scratch, 0, sizeof s->scratch);
	draft_wipe(s);
	g_string_free(s->draft, TRUE);
	trace_free(s->trace);
	g_array_free(s->events, TRUE);
	g_string_chunk_free(s->kept);
	g_ptr_array_free(s->kept_vectors, TRUE);
	gnutls_memset(s->password, 0, strlen(s->password));
	g_free(s->password);
	g_free(s->account);
	g_free(s->name);
	g_free(s);
}

void msn_step(struct msn_session *s, enum stage stage)
{
	s->stage = stage;
	s->step_deadline = s->now + MSN_STEP_MS;
}

static int by_id(gconstpointer a, gconstpointer b)
{
	guint x = ((const struct link *)a)->id, y = ((const struct link *)b)->id;

	return (x > y) - (x < y);
}

static void links_drop(struct msn_session *s)
{
	g_autoptr(GList) links = g_list_sort(g_hash_table_get_values(s->links), by_id);

	for (GList *l = links; l; l = l->next)
		msn_link_drop(s, l->data);
}

void msn_finish(struct msn_session *s, enum msn_end end, int code, const char *text)
{
	if (s->stage == STAGE_ENDED)
		return;
	msn_chats_fail(s, end != MSN_END_CLOSED);
	msn_lists_tell_cache(s);
	links_drop(s);
	msn_event_push(s, &(struct msn_event){
				  .type = MSN_EVENT_ENDED,
				  .end = end,
				  .code = code,
				  .text = msn_keep(s, text),
			  });
	s->stage = STAGE_ENDED;
	s->ns = NULL;
	s->step_deadline = s->cache_deadline = G_MAXINT64;
	msn_request_abandon(s);
	msn_lists_abandon(s);
}

void msn_session_end(struct msn_session *s)
{
	if (s->stage == STAGE_ENDED)
		return;
	msn_sbs_bye(s);
	if (s->ns->is_open)
		msn_send_bare(s, s->ns, "OUT");
	msn_finish(s, MSN_END_CLOSED, 0, NULL);
}

/* ---- events ---- */

void msn_event_push(struct msn_session *s, const struct msn_event *ev)
{
	if (s->stage != STAGE_ENDED)
		g_array_append_val(s->events, *ev);
}

const char *msn_keep(struct msn_session *s, const char *text)
{
	if (!text)
		return NULL;
	s->has_kept = TRUE;
	return g_string_chunk_insert(s->kept, text);
}

const char *const *msn_keep_vector(struct msn_session *s, const char *const *strings)
{
	guint n = g_strv_length((char **)strings);
	const char **vector = g_new0(const char *, n + 1);

	for (guint i = 0; i < n; i++)
		vector[i] = msn_keep(s, strings[i]);
	g_ptr_array_add(s->kept_vectors, vector);
	return vector;
}

static void events_forget(struct msn_session *s)
{
	g_array_set_size(s->events, 0);
	s->next_event = 0;
	if (s->has_kept)
		g_string_chunk_clear(s->kept);
	s->has_kept = FALSE;
	g_ptr_array_set_size(s->kept_vectors, 0);
	msn_passport_forget(s->passport);
}

/* ---- commands ---- */

/* Where secret stands in text, each is said to be "any". */
static void blank(GString *text, const char *secret)
{
	char *at = secret && secret[0] ? g_strstr_len(text->str, (gssize)text->len, secret) : NULL;

	if (at) {
		gssize offset = at - text->str;

		g_string_erase(text, offset, (gssize)strlen(secret));
		g_string_insert(text, offset, "any");
	}
}

/* The value of MSPAuth in a profile, which opens the mailbox, as so many x. */
static void blank_profile(GString *text)
{
	char *at = g_strstr_len(text->str, (gssize)text->len, "MSPAuth:");

	for (at = at ? at + strlen("MSPAuth:") : NULL; at && *at && *at != '\r' && *at != '\n';
	     at++) {
		if (*at != ' ')
			*at = 'x';
	}
}

static void trace_command(struct msn_session *s, struct link *link, const guint8 *payload, gsize n)
{
	const struct msn_command *c = link->command;

	if (!s->trace)
		return;
	if (strcmp(c->verb, "XFR") == 0 || strcmp(c->verb, "RNG") == 0)
		blank(link->line, msn_command_param(c, 3));
	g_string_append(link->line, "\r\n");
	g_string_append_len(link->line, (const char *)payload, (gssize)n);
	if (strcmp(c->verb, "MSG") == 0 && link == s->ns)
		blank_profile(link->line);
	trace_received(s->trace, link->id, link->line->str, link->line->len);
	gnutls_memset(link->line->str, 0, link->line->len);
}

static void link_broken(struct msn_session *s, struct link *link, const char *why)
{
	struct sb *sb = link->sb;

	if (link == s->ns) {
		msn_finish(s, s->stage == STAGE_VER ? MSN_END_NOT_MSN : MSN_END_BROKEN, 0, why);
		return;
	}
	msn_link_drop(s, link);
	if (sb)
		msn_sb_lost(s, sb);
}

static void link_lost(struct msn_session *s, struct link *link)
{
	trace_note(s->trace, "a connection is gone");
	if (link == s->ns)
		msn_finish(s, MSN_END_LOST, 0, NULL);
	else if (link->sb)
		msn_sb_lost(s, link->sb);
	else
		link_forget(s, link);
}

static void link_overflowed(struct msn_session *s, struct link *link)
{
	if (link == s->ns)
		msn_finish(s, MSN_END_OVERFLOW, 0, NULL);
	else
		link_broken(s, link, NULL);
}

static void dispatch(struct msn_session *s, struct link *link, const guint8 *payload, gsize n)
{
	trace_command(s, link, payload, n);
	if (link == s->ns)
		msn_ns_command(s, link->command, payload, n);
	else if (link->sb)
		msn_sb_command(s, link->sb, link->command, payload, n);
}

/* The next command line; FALSE: it is not whole yet. */
static gboolean read_line(struct msn_session *s, struct link *link)
{
	const guint8 *line;
	gsize n;

	switch (frame_line(link->in, &line, &n)) {
	case FRAME_MORE:
		return FALSE;
	case FRAME_BAD:
		link_broken(s, link, "a line without end");
		return TRUE;
	case FRAME_WHOLE:
		break;
	}
	if (s->trace) {
		g_string_truncate(link->line, 0);
		g_string_append_len(link->line, (const char *)line, (gssize)n);
	}
	switch (msn_command_read(link->command, MSN_FROM_SERVER, line, n)) {
	case MSN_COMMAND_OK:
		link->has_command = TRUE;
		break;
	case MSN_COMMAND_EMPTY:
		break;
	case MSN_COMMAND_BAD:
		link_broken(s, link, "a line that is no command");
		break;
	}
	return TRUE;
}

/* The payload of the command that waits for it, and the command; FALSE: it is not whole yet. */
static gboolean read_payload(struct msn_session *s, struct link *link)
{
	struct msn_command *c = link->command;
	const guint8 *payload = (const guint8 *)"";
	gsize n = 0;

	if (c->payload == MSN_PAYLOAD_GUESS) {
		gboolean is_payload;
		const guint8 *ahead = frame_peek(link->in, &n);

		if (!msn_payload_looks(ahead, n, &is_payload))
			return FALSE;
		c->payload = is_payload ? MSN_PAYLOAD_SURE : MSN_PAYLOAD_NONE;
	}
	n = c->payload == MSN_PAYLOAD_SURE ? c->payload_n : 0;
	if (n) {
		switch (frame_count(link->in, n, &payload)) {
		case FRAME_MORE:
			return FALSE;
		case FRAME_BAD:
			link_broken(s, link, "a payload past all limits");
			return TRUE;
		case FRAME_WHOLE:
			break;
		}
	}
	link->has_command = FALSE;
	dispatch(s, link, payload, n);
	return TRUE;
}

/* Work on the next whole thing that came; FALSE when there is none. */
static gboolean work(struct msn_session *s)
{
	struct link *link;

	if (s->stage == STAGE_ENDED)
		return FALSE;
	if (msn_lists_work(s))
		return TRUE;
	while ((link = g_queue_peek_head(&s->links_heard))) {
		if (link->is_overflowing) {
			link_overflowed(s, link);
			return TRUE;
		}
		if (link->has_command ? read_payload(s, link) : read_line(s, link))
			return TRUE;
		g_queue_pop_head(&s->links_heard);
		link->is_heard = FALSE;
		if (link->is_closed) {
			link_lost(s, link);
			return TRUE;
		}
	}
	return FALSE;
}

gboolean msn_session_next_event(struct msn_session *s, struct msn_event *ret_ev)
{
	while (s->next_event == s->events->len) {
		events_forget(s);
		links_reap(s);
		if (!work(s))
			return FALSE;
	}
	*ret_ev = g_array_index(s->events, struct msn_event, s->next_event++);
	if (s->trace) {
		g_autofree char *line = msn_event_print(ret_ev);

		trace_event(s->trace, line);
	}
	return TRUE;
}

struct trace *msn_session_trace(struct msn_session *s)
{
	return s->trace;
}

/* ---- time ---- */

void msn_session_tick(struct msn_session *s, gint64 now)
{
	s->now = now;
	trace_clock(s->trace, now);
	if (s->stage == STAGE_ENDED)
		return;
	if (now >= s->step_deadline) {
		msn_finish(s, MSN_END_TIMEOUT, 0, NULL);
		return;
	}
	msn_chats_tick(s);
	msn_ns_tick(s);
}

gint64 msn_session_deadline(const struct msn_session *s)
{
	gint64 first = s->step_deadline;

	if (s->stage == STAGE_ENDED)
		return G_MAXINT64;
	first = MIN(first, msn_ns_deadline(s));
	return MIN(first, msn_chats_deadline(s));
}
