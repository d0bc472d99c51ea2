/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core: a libpurple for tests, see core.h. */
#include "tests/purple/core.h"

#include <arpa/inet.h>
#include <blist.h>
#include <core.h>
#include <debug.h>
#include <dnsquery.h>
#include <dnssrv.h>
#include <eventloop.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <prefs.h>
#include <proxy.h>
#include <request.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <util.h>

#define CORE_PATIENCE_S 60

/* ---- a clock in the test's hands ---- */

struct core_timer {
	guint id;
	gint64 due;
	guint interval;
	GSourceFunc call;
	gpointer data;
	gboolean is_removed;
};

static GList *the_timers;
static gint64 the_now;
static guint the_last_timer, the_n_watches;

static gint core_timer_compare(gconstpointer a, gconstpointer b)
{
	const struct core_timer *first = a, *second = b;

	if (first->due != second->due)
		return first->due < second->due ? -1 : 1;
	return first->id < second->id ? -1 : 1;
}

static void core_timer_arm(struct core_timer *t)
{
	t->due = the_now + (t->interval > 100 ? t->interval : 0);
	the_timers = g_list_insert_sorted(the_timers, t, core_timer_compare);
}

static guint core_timeout_add(guint interval, GSourceFunc call, gpointer data)
{
	struct core_timer *t = g_new0(struct core_timer, 1);

	t->id = ++the_last_timer;
	t->interval = interval;
	t->call = call;
	t->data = data;
	core_timer_arm(t);
	return t->id;
}

static guint core_timeout_add_seconds(guint interval, GSourceFunc call, gpointer data)
{
	return core_timeout_add(interval * 1000, call, data);
}

static struct core_timer *the_firing;

static gboolean core_timeout_remove(guint id)
{
	GList *l;

	if (the_firing && the_firing->id == id) {
		the_firing->is_removed = TRUE;
		return TRUE;
	}
	for (l = the_timers; l; l = l->next) {
		struct core_timer *t = l->data;

		if (t->id == id) {
			the_timers = g_list_delete_link(the_timers, l);
			g_free(t);
			return TRUE;
		}
	}
	/* As GLib does: an id that is not there is the caller's mistake. */
	g_critical("timer %u is removed twice", id);
	return FALSE;
}

static gboolean core_fire(gint64 until)
{
	struct core_timer *t = the_timers ? the_timers->data : NULL, *outer = the_firing;
	gboolean is_again;

	if (!t || t->due > until)
		return FALSE;
	the_timers = g_list_delete_link(the_timers, the_timers);
	the_now = MAX(the_now, t->due);
	the_firing = t;
	is_again = t->call(t->data);
	the_firing = outer;
	if (is_again && !t->is_removed)
		core_timer_arm(t);
	else
		g_free(t);
	return TRUE;
}

void core_turn(void)
{
	struct core_timer *first = the_timers ? the_timers->data : NULL;

	if (first && first->due <= the_now) {
		core_fire(the_now);
		g_main_context_iteration(NULL, FALSE);
	} else {
		g_main_context_iteration(NULL, TRUE);
	}
}

void core_pass(guint ms)
{
	gint64 until = the_now + ms;

	while (core_fire(until))
		;
	the_now = until;
}

/* ---- watches ---- */

struct core_watch {
	PurpleInputFunction call;
	gpointer data;
};

static gboolean core_watch_ready(gint fd, GIOCondition condition, gpointer data)
{
	struct core_watch watch = *(struct core_watch *)data;
	PurpleInputCondition ready = 0;

	if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))
		ready |= PURPLE_INPUT_READ;
	if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR))
		ready |= PURPLE_INPUT_WRITE;
	watch.call(watch.data, fd, ready);
	return G_SOURCE_CONTINUE;
}

static void core_watch_free(gpointer data)
{
	the_n_watches--;
	g_free(data);
}

static guint core_input_add(int fd, PurpleInputCondition wanted, PurpleInputFunction call,
			    gpointer data)
{
	struct core_watch *watch = g_new(struct core_watch, 1);
	GIOCondition condition = G_IO_HUP | G_IO_ERR | G_IO_NVAL;

	watch->call = call;
	watch->data = data;
	the_n_watches++;
	if (wanted & PURPLE_INPUT_READ)
		condition |= G_IO_IN;
	if (wanted & PURPLE_INPUT_WRITE)
		condition |= G_IO_OUT;
	return g_unix_fd_add_full(G_PRIORITY_DEFAULT, fd, condition, core_watch_ready, watch,
				  core_watch_free);
}

static PurpleEventLoopUiOps the_loop_ops = {
	.timeout_add = core_timeout_add,
	.timeout_remove = core_timeout_remove,
	.timeout_add_seconds = core_timeout_add_seconds,
	.input_add = core_input_add,
	.input_remove = g_source_remove,
};

guint core_count_handles(void)
{
	return g_list_length(the_timers) + the_n_watches;
}

/* ---- patience ---- */

static guint the_patience;
static const char *the_place, *the_wish;

static gboolean core_patience_over(gpointer data)
{
	g_error("%s: still waiting for %s", the_place, the_wish);
	return G_SOURCE_REMOVE;
}

void core_patience_start(const char *place, const char *what)
{
	the_place = place;
	the_wish = what;
	the_patience = g_timeout_add_seconds(CORE_PATIENCE_S, core_patience_over, NULL);
}

void core_patience_end(void)
{
	g_source_remove(the_patience);
}

static gboolean core_idle_over(gpointer data)
{
	*(gboolean *)data = TRUE;
	return G_SOURCE_REMOVE;
}

/* An idle source runs only when no socket has anything to say. */
void core_idle(void)
{
	guint i;

	for (i = 0; i < 20; i++) {
		gboolean is_over = FALSE;

		g_idle_add_full(G_PRIORITY_LOW, core_idle_over, &is_over, NULL);
		while (!is_over)
			core_turn();
	}
}

/* ---- DNS ---- */

/* A question whose answer is on its way, or will never come. */
struct core_question {
	gpointer query;
	guint timer;
	GSourceFunc answer;
	GCallback resolved, failed;
};

static GHashTable *the_hosts; /* name to addresses */
static GSList *the_records;   /* of struct core_record */
static GSList *the_questions;
static guint the_n_asked;

struct core_record {
	char *query;
	PurpleSrvResponse response;
};

static void core_question_gone(gpointer query)
{
	GSList *l;

	for (l = the_questions; l; l = l->next) {
		struct core_question *q = l->data;

		if (q->query != query)
			continue;
		if (q->timer != 0)
			core_timeout_remove(q->timer);
		the_questions = g_slist_delete_link(the_questions, l);
		g_free(q);
		return;
	}
}

static void core_ask(gpointer query, GSourceFunc answer, GCallback resolved, GCallback failed)
{
	struct core_question *q = g_new0(struct core_question, 1);

	the_n_asked++;
	q->query = query;
	q->resolved = resolved;
	q->failed = failed;
	q->timer = answer ? core_timeout_add(0, answer, q) : 0;
	the_questions = g_slist_append(the_questions, q);
}

static GSList *core_hosts(const char *addresses, guint16 port)
{
	char **words = g_strsplit(addresses, " ", -1);
	GSList *hosts = NULL;
	guint i;

	for (i = 0; words[i]; i++) {
		struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
		struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
		gpointer address = &v4;
		gsize n = sizeof(v4);
		guint8 *copy;

		if (inet_pton(AF_INET6, words[i], &v6.sin6_addr) == 1) {
			address = &v6;
			n = sizeof(v6);
		} else if (inet_pton(AF_INET, words[i], &v4.sin_addr) != 1) {
			continue;
		}
		copy = g_malloc(n);
		memcpy(copy, address, n);
		hosts = g_slist_append(hosts, GINT_TO_POINTER(n));
		hosts = g_slist_append(hosts, copy);
	}
	g_strfreev(words);
	return hosts;
}

static gboolean core_host_answer(gpointer data)
{
	struct core_question *q = data;
	const char *addresses = g_hash_table_lookup(the_hosts, purple_dnsquery_get_host(q->query));

	q->timer = 0;
	if (addresses && addresses[0] != '\0')
		((PurpleDnsQueryResolvedCallback)q->resolved)(
			q->query, core_hosts(addresses, purple_dnsquery_get_port(q->query)));
	else
		((PurpleDnsQueryFailedCallback)q->failed)(q->query, "no such name");
	return G_SOURCE_REMOVE;
}

static gboolean core_host_ask(PurpleDnsQueryData *query, PurpleDnsQueryResolvedCallback resolved,
			      PurpleDnsQueryFailedCallback failed)
{
	const char *addresses = g_hash_table_lookup(the_hosts, purple_dnsquery_get_host(query));

	core_ask(query, g_strcmp0(addresses, "?") == 0 ? NULL : core_host_answer,
		 G_CALLBACK(resolved), G_CALLBACK(failed));
	return TRUE;
}

static void core_host_gone(PurpleDnsQueryData *query)
{
	core_question_gone(query);
}

static PurpleDnsQueryUiOps the_dns_ops = {
	.resolve_host = core_host_ask,
	.destroy = core_host_gone,
};

static GList *core_records(const char *query)
{
	GList *found = NULL;
	GSList *l;

	for (l = the_records; l; l = l->next) {
		struct core_record *r = l->data;
		PurpleSrvResponse *copy;

		if (strcmp(r->query, query) != 0)
			continue;
		copy = g_new(PurpleSrvResponse, 1);
		*copy = r->response;
		found = g_list_append(found, copy);
	}
	return found;
}

static gboolean core_srv_answer(gpointer data)
{
	struct core_question *q = data;
	GList *found = core_records(purple_srv_txt_query_get_query(q->query));

	q->timer = 0;
	if (found)
		((PurpleSrvTxtQueryResolvedCallback)q->resolved)(q->query, found);
	else
		((PurpleSrvTxtQueryFailedCallback)q->failed)(q->query, "no such records");
	return G_SOURCE_REMOVE;
}

static gboolean core_srv_ask(PurpleSrvTxtQueryData *query,
			     PurpleSrvTxtQueryResolvedCallback resolved,
			     PurpleSrvTxtQueryFailedCallback failed)
{
	GList *found = core_records(purple_srv_txt_query_get_query(query));
	PurpleSrvResponse *first = found ? found->data : NULL;
	gboolean is_silent = first && strcmp(first->hostname, "?") == 0;

	core_ask(query, is_silent ? NULL : core_srv_answer, G_CALLBACK(resolved),
		 G_CALLBACK(failed));
	g_list_free_full(found, g_free);
	return TRUE;
}

static void core_srv_gone(PurpleSrvTxtQueryData *query)
{
	core_question_gone(query);
}

static PurpleSrvTxtQueryUiOps the_srv_ops = {
	.resolve = core_srv_ask,
	.destroy = core_srv_gone,
};

static void core_record_free(gpointer data)
{
	struct core_record *r = data;

	g_free(r->query);
	g_free(r);
}

void core_dns_clear(void)
{
	g_hash_table_remove_all(the_hosts);
	g_slist_free_full(g_steal_pointer(&the_records), core_record_free);
	the_n_asked = 0;
}

void core_dns_host(const char *name, const char *addresses)
{
	g_hash_table_insert(the_hosts, g_strdup(name), g_strdup(addresses));
}

void core_dns_srv(const char *query, guint priority, guint weight, guint port, const char *target)
{
	struct core_record *r = g_new0(struct core_record, 1);

	r->query = g_strdup(query);
	r->response.pref = priority;
	r->response.weight = weight;
	r->response.port = port;
	g_strlcpy(r->response.hostname, target, sizeof(r->response.hostname));
	the_records = g_slist_append(the_records, r);
}

guint core_dns_count_asked(void)
{
	return the_n_asked;
}

guint core_dns_count_pending(void)
{
	return g_slist_length(the_questions);
}

/* ---- requests ---- */

struct core_request {
	guint timer;
	gboolean is_open, is_answered;
	gpointer user;
	GCallback accept, reject;
};

static enum core_answer the_answer;
static GSList *the_requests;
static GSList *the_unanswered; /* libpurple forgets these; leak checkers shall not see a leak */
static guint the_n_requests;
static char *the_request_text;

static void core_request_say(struct core_request *r, GCallback what)
{
	r->is_answered = TRUE;
	((PurpleRequestActionCb)what)(r->user, 0);
}

static gboolean core_request_answer(gpointer data)
{
	struct core_request *r = data;

	r->timer = 0;
	core_request_say(r, the_answer == CORE_ANSWER_ACCEPT ? r->accept : r->reject);
	purple_request_close(PURPLE_REQUEST_ACTION, r);
	return G_SOURCE_REMOVE;
}

/* By caption, as a person would. */
static void *core_request_action(const char *title, const char *primary, const char *secondary,
				 int default_action, PurpleAccount *account, const char *who,
				 PurpleConversation *conversation, void *user, size_t n,
				 va_list actions)
{
	struct core_request *r = g_new0(struct core_request, 1);

	for (; n > 0; n--) {
		const char *caption = va_arg(actions, const char *);
		GCallback call = va_arg(actions, GCallback);

		if (strstr(caption, "Accept"))
			r->accept = call;
		else if (strstr(caption, "Reject"))
			r->reject = call;
	}
	r->user = user;
	r->is_open = TRUE;
	the_requests = g_slist_append(the_requests, r);
	the_n_requests++;
	g_free(the_request_text);
	the_request_text = g_strjoin("\n", title ? title : "", primary ? primary : "",
				     secondary ? secondary : "", NULL);
	if (the_answer == CORE_ANSWER_ACCEPT || the_answer == CORE_ANSWER_REJECT)
		r->timer = core_timeout_add(0, core_request_answer, r);
	return r;
}

static void core_request_closed(PurpleRequestType type, void *handle)
{
	struct core_request *r = handle;

	r->is_open = FALSE;
	if (r->timer != 0)
		core_timeout_remove(r->timer);
	if (the_answer == CORE_ANSWER_AFTER_CLOSE)
		return;
	the_requests = g_slist_remove(the_requests, r);
	if (r->is_answered)
		g_free(r);
	else
		the_unanswered = g_slist_prepend(the_unanswered, r);
}

static PurpleRequestUiOps the_request_ops = {
	.request_action = core_request_action,
	.close_request = core_request_closed,
};

void core_answer(enum core_answer answer)
{
	the_answer = answer;
	the_n_requests = 0;
}

void core_answer_now(void)
{
	struct core_request *r = the_requests->data;

	core_request_say(r, r->accept);
	if (r->is_open) {
		purple_request_close(PURPLE_REQUEST_ACTION, r);
		return;
	}
	the_requests = g_slist_remove(the_requests, r);
	g_free(r);
}

guint core_count_requests(void)
{
	return the_n_requests;
}

guint core_count_open_requests(void)
{
	guint n = 0;
	GSList *l;

	for (l = the_requests; l; l = l->next)
		n += ((struct core_request *)l->data)->is_open;
	return n;
}

const char *core_request_text(void)
{
	return the_request_text ? the_request_text : "";
}

/* ---- start and stop ---- */

static char *the_directory;
static GSList *the_accounts;

static void core_ui_prefs_init(void)
{
}

static void core_ui_init(void)
{
	purple_request_set_ui_ops(&the_request_ops);
	purple_dnsquery_set_ui_ops(&the_dns_ops);
	purple_srv_txt_query_set_ui_ops(&the_srv_ops);
}

static PurpleCoreUiOps the_core_ops = {
	.ui_prefs_init = core_ui_prefs_init,
	.ui_init = core_ui_init,
};

void core_start(void)
{
	/* Keeps the loaded plugins in memory, so that a leak has a name. */
	g_setenv("PURPLE_LEAKCHECK_HELP", "1", TRUE);
	g_setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
	g_unsetenv("http_proxy");
	g_unsetenv("HTTP_PROXY");
	signal(SIGPIPE, SIG_IGN);
	the_directory = g_dir_make_tmp("purple-core-XXXXXX", NULL);
	g_assert_nonnull(the_directory);
	the_hosts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	purple_util_set_user_dir(the_directory);
	purple_debug_set_enabled(g_getenv("CORE_DEBUG") != NULL);
	purple_core_set_ui_ops(&the_core_ops);
	purple_eventloop_set_ui_ops(&the_loop_ops);
	g_assert_true(purple_core_init("purple-trio-tests"));
	purple_set_blist(purple_blist_new());
}

static void core_remove_tree(const char *path)
{
	GDir *directory = g_dir_open(path, 0, NULL);
	const char *name;

	while (directory && (name = g_dir_read_name(directory))) {
		char *child = g_build_filename(path, name, NULL);

		core_remove_tree(child);
		g_free(child);
	}
	if (directory)
		g_dir_close(directory);
	g_remove(path);
}

void core_stop(void)
{
	g_slist_free_full(g_steal_pointer(&the_accounts), (GDestroyNotify)purple_account_destroy);
	purple_core_quit();
	core_dns_clear();
	g_clear_pointer(&the_hosts, g_hash_table_destroy);
	g_slist_free_full(g_steal_pointer(&the_requests), g_free);
	g_list_free_full(g_steal_pointer(&the_timers), g_free);
	g_clear_pointer(&the_request_text, g_free);
	core_remove_tree(the_directory);
	g_clear_pointer(&the_directory, g_free);
}

/* Any protocol does; this one comes with libpurple. */
PurpleAccount *core_account(const char *username)
{
	PurpleAccount *account = purple_account_new(username, "prpl-irc");

	the_accounts = g_slist_prepend(the_accounts, account);
	core_account_proxy(account, PURPLE_PROXY_NONE, 0);
	return account;
}

void core_account_proxy(PurpleAccount *account, PurpleProxyType type, guint16 port)
{
	PurpleProxyInfo *info = purple_proxy_info_new();

	purple_proxy_info_set_type(info, port == 0 ? PURPLE_PROXY_NONE : type);
	if (port != 0) {
		purple_proxy_info_set_host(info, "127.0.0.1");
		purple_proxy_info_set_port(info, port);
	}
	purple_account_set_proxy_info(account, info);
}

/* The libraries below are built without frame pointers; only slow walks of the stack name them. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}

/* libpurple 2.14 loses these at its end; nothing of ours is named here. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:purple_status_init\n"
	       "leak:purple_log_init\n";
}
