/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The XMPP plugin in libpurple, its connection cut at every stage of the login: each attempt ends
 * once and in order, and leaves nothing behind. */
#include <string.h>
#include <unistd.h>

#include "tests/host/host.h"
#include "tests/peers/xmpp-server.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#define PLUGIN_DIR "build/asan"
#else
#define PLUGIN_DIR "build"
#endif
#define PLUGIN "libxmpp-lite.so"

#define ALL G_MAXSIZE
#define PATIENCE_MS 60000
#define STEPS_MAX 10000 /* octets or turns a login may take */
#define TURNS_MAX 100	/* of the loop until it runs dry */
#define SKIP_MS 5000	/* at a time, where time has to pass */
/* The longest silence a client bears: a minute, and half of one for the answer to its ping. */
#define GIVEN_UP_MS 95000

static struct xmpp_server *the_server;
static guint the_n_files; /* open while nobody is signed on */
static guint the_stride;  /* octets from one cut to the next inside TLS */

/* ---- one attempt ---- */

static guint count_files(void)
{
	GDir *dir = g_dir_open("/proc/self/fd", 0, NULL);
	guint n = 0;

	while (g_dir_read_name(dir))
		n++;
	g_dir_close(dir);
	return n;
}

static guint count_events(const char *pattern, gsize from)
{
	guint n = 0;

	while (host_event_find("alice", pattern, from, &from)) {
		from++;
		n++;
	}
	return n;
}

/* Until nothing is left to do at once. */
static void run_dry(void)
{
	guint turns = 0;

	while (g_main_context_iteration(NULL, FALSE))
		g_assert_cmpuint(turns++, <, TURNS_MAX);
}

static gboolean has_ended(gpointer from)
{
	return count_events("disconnected", *(gsize *)from) > 0;
}

static gboolean has_come_to_rest(gpointer from)
{
	const struct xmpp_server_story *story = xmpp_server_story(the_server);

	return story->is_over || story->is_told || has_ended(from);
}

/* From is the number of the attempt's first event. */
static gsize sign_on(const struct xmpp_server_plan *plan)
{
	gsize from = host_event_count();

	xmpp_server_plan(the_server, plan);
	g_assert_true(host_do("alice on"));
	return from;
}

static void show_events(gsize from)
{
	for (; from < host_event_count(); from++)
		g_test_message("event: %s", host_event_text(from));
}

/* The network's doing always; while TLS is being set up it may be TLS's as well. */
static void check_error(gsize from)
{
	const struct xmpp_server_story *story = xmpp_server_story(the_server);
	gboolean is_handshake = story->is_tls_due && story->n_handshakes == 0;
	const char *text;
	gsize at;

	g_assert_cmpuint(count_events("error", from), ==, 1);
	g_assert_true(host_event_find("alice", "error", from, &at));
	text = host_event_text(at);
	g_assert_true(g_str_has_prefix(text, "error NETWORK_ERROR ") ||
		      (is_handshake && g_str_has_prefix(text, "error ENCRYPTION_ERROR ")));
	g_assert_cmpuint(strlen(strchr(text + strlen("error "), ' ')), >, 10);
}

/* Once and for all: nothing comes, runs or lies about any more. */
static void check_end(gsize from, gboolean is_error)
{
	const struct xmpp_server_story *story = xmpp_server_story(the_server);
	gsize ended, n_events;

	if (!host_run_until(has_ended, &from, PATIENCE_MS))
		show_events(from);
	g_assert_true(host_event_find("alice", "disconnected", from, &ended));
	n_events = host_event_count();
	run_dry();
	if (host_event_count() != n_events || count_events("disconnected", from) != 1)
		show_events(from);
	g_assert_cmpuint(host_event_count(), ==, n_events);
	g_assert_cmpuint(count_events("disconnected", from), ==, 1);
	if (is_error)
		check_error(from);
	else
		g_assert_cmpuint(count_events("error", from), ==, 0);
	g_assert_cmpuint(host_count_handles(PLUGIN), ==, 0);
	g_assert_cmpuint(story->n_accepted, <=, 1);
	g_assert_cmpuint(story->n_open, ==, 0);
	g_assert_cmpuint(count_files(), ==, the_n_files);
}

static void sign_off(gsize from)
{
	g_assert_true(host_do("alice off"));
	check_end(from, FALSE);
}

/* TRUE: the plan's end came before the recording's. A login that got through is signed off. */
static gboolean was_cut(gsize from)
{
	if (!host_run_until(has_come_to_rest, &from, PATIENCE_MS))
		show_events(from);
	g_assert_true(has_come_to_rest(&from));
	if (xmpp_server_story(the_server)->is_over)
		return TRUE;
	run_dry();
	g_assert_cmpuint(count_events("connected", from), ==, 1);
	g_assert_cmpuint(count_events("message bob@example.org*", from), ==, 1);
	sign_off(from);
	return FALSE;
}

/* ---- what happens after so many octets ---- */

static void expect_error(gsize from)
{
	check_end(from, TRUE);
}

static void disable(gsize from)
{
	run_dry();
	sign_off(from);
}

static void let_time_pass(gsize from)
{
	guint passed = 0;

	run_dry();
	while (!has_ended(&from)) {
		g_assert_cmpuint(passed, <, GIVEN_UP_MS);
		host_pass(SKIP_MS);
		passed += SKIP_MS;
		run_dry();
	}
	check_end(from, TRUE);
}

struct cut {
	const char *path;
	enum xmpp_server_end end;
	void (*then)(gsize from);
	const char *priority; /* not NULL: counts TLS's octets, up to the end of its handshake */
	gboolean is_direct;   /* TLS from the start */
};

static const struct cut cuts[] = {
	{"/xmpp-lite/cut/after-each-octet-of-the-login", XMPP_SERVER_POLITE, expect_error},
	{"/xmpp-lite/cut/server-dies-after-each-octet", XMPP_SERVER_ABRUPT, expect_error},
	{"/xmpp-lite/cut/reset-by-peer", XMPP_SERVER_RESET, expect_error},
	{"/xmpp-lite/cut/account-disabled-at-each-stage", XMPP_SERVER_STALL, disable},
	{"/xmpp-lite/cut/stalled-server-is-given-up", XMPP_SERVER_STALL, let_time_pass},
	{"/xmpp-lite/cut/inside-the-tls-handshake", XMPP_SERVER_POLITE, expect_error, "NORMAL"},
	{"/xmpp-lite/cut/inside-the-tls-1.2-handshake", XMPP_SERVER_POLITE, expect_error,
	 "NORMAL:-VERS-TLS1.3"},
	{"/xmpp-lite/cut/reset-inside-the-tls-handshake", XMPP_SERVER_RESET, expect_error,
	 "NORMAL"},
	{"/xmpp-lite/cut/account-disabled-inside-the-tls-handshake", XMPP_SERVER_STALL, disable,
	 "NORMAL"},
	{"/xmpp-lite/cut/handshake-that-stalls-is-given-up", XMPP_SERVER_STALL, let_time_pass,
	 "NORMAL"},
	{"/xmpp-lite/cut/inside-the-handshake-of-direct-tls", XMPP_SERVER_POLITE, expect_error,
	 "NORMAL", TRUE},
	{"/xmpp-lite/cut/account-disabled-inside-the-handshake-of-direct-tls", XMPP_SERVER_STALL,
	 disable, "NORMAL", TRUE},
};

static void test_cut(gconstpointer data)
{
	const struct cut *cut = data;
	const struct xmpp_server_story *story = xmpp_server_story(the_server);
	struct xmpp_server_plan plan = {ALL, ALL, cut->end, cut->priority, cut->is_direct};
	gsize *after = cut->priority ? &plan.tls_octets : &plan.octets;
	guint n_cuts = 0;
	gsize from;

	g_assert_true(host_do(cut->is_direct ? "alice set direct_tls=bool:true"
					     : "alice set direct_tls=bool:false"));
	g_test_timer_start();
	for (*after = 0;; *after += story->is_tls_due ? the_stride : 1) {
		g_assert_cmpuint(*after, <, STEPS_MAX);
		from = sign_on(&plan);
		if (!was_cut(from))
			break;
		n_cuts++;
		cut->then(from);
		if (cut->priority && story->n_handshakes > 0)
			break;
	}
	g_assert_cmpuint(n_cuts * the_stride, >, 500);
	g_test_message("%u cuts in %.1f s, the last one after %" G_GSIZE_FORMAT
		       " octets, inside TLS after every %u",
		       n_cuts, g_test_timer_elapsed(), *after, the_stride);
}

/* ---- between any two turns of the loop ---- */

static void test_each_turn(void)
{
	const struct xmpp_server_plan all = {ALL, ALL};
	gboolean is_told = FALSE;
	guint turns, i;
	gsize from;

	g_assert_true(host_do("alice set direct_tls=bool:false"));
	g_test_timer_start();
	for (turns = 0; !is_told; turns++) {
		g_assert_cmpuint(turns, <, STEPS_MAX);
		from = sign_on(&all);
		for (i = 0; i < turns && !is_told; i++) {
			g_main_context_iteration(NULL, TRUE);
			is_told = xmpp_server_story(the_server)->is_told;
		}
		sign_off(from);
	}
	g_assert_cmpuint(turns, >, 10);
	g_test_message("%u turns in %.1f s", turns, g_test_timer_elapsed());
}

/* ---- preparation ---- */

/* The first login is asked about the certificate, and all that is made once is made: what is open
 * afterwards stays so. */
static void learn(void)
{
	const struct xmpp_server_plan all = {ALL, ALL};
	gsize from;

	g_assert_true(host_do("alice answer accept"));
	from = sign_on(&all);
	if (!host_run_until(has_come_to_rest, &from, PATIENCE_MS) ||
	    !xmpp_server_story(the_server)->is_told)
		g_error("no login: %s", host_event_text(host_event_count() - 1));
	run_dry();
	g_assert_true(host_do("alice off"));
	run_dry();
	the_n_files = count_files();
	g_assert_true(host_do("alice answer ignore"));
}

static void make_account(void)
{
	g_autofree char *line = g_strdup_printf("account alice prpl-xmpp-lite " XMPP_SERVER_USER
						"@" XMPP_SERVER_DOMAIN " " XMPP_SERVER_PASSWORD
						" server=127.0.0.1 port=int:%u",
						xmpp_server_port(the_server));

	if (!host_do(line))
		g_error("no account; has " PLUGIN_DIR "/" PLUGIN " been built?");
}

/* Slices would hide what is used after it was freed, and slow walks of the stack make each login
 * eight times as long. Both are settled before a program begins. */
static void begin_again(char **argv)
{
	if (g_getenv("G_SLICE"))
		return;
	g_setenv("G_SLICE", "always-malloc", TRUE);
	g_setenv("ASAN_OPTIONS", "fast_unwind_on_malloc=1", FALSE);
	g_setenv("LANG", "C.UTF-8", TRUE);
	g_unsetenv("LC_ALL");
	execv("/proc/self/exe", argv);
	g_error("cannot begin again");
}

/* What libpurple loses while it starts is its own affair. */
static gboolean start_host(void)
{
	const char *const dirs[] = {PLUGIN_DIR, NULL};
	const struct host_options options = {.plugin_dirs = dirs, .is_quiet = TRUE};
	gboolean is_started;

#ifdef __SANITIZE_ADDRESS__
	__lsan_disable();
#endif
	is_started = host_start(&options);
#ifdef __SANITIZE_ADDRESS__
	__lsan_enable();
#endif
	return is_started;
}

int main(int argc, char **argv)
{
	const char *stride = g_getenv("CUT_STRIDE");
	guint i;
	int status;

	begin_again(argv);
	g_test_init(&argc, &argv, NULL);
	the_stride = stride ? (guint)g_ascii_strtoull(stride, NULL, 10) : 1;
	the_server = xmpp_server_new();
	if (the_stride == 0 || !start_host())
		return 2;
	make_account();
	learn();
	for (i = 0; i < G_N_ELEMENTS(cuts); i++)
		g_test_add_data_func(cuts[i].path, &cuts[i], test_cut);
	g_test_add_func("/xmpp-lite/cut/account-disabled-at-each-turn-of-the-loop", test_each_turn);
	status = g_test_run();
	host_stop();
	xmpp_server_free(the_server);
	return status;
}
