/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's life: start libpurple in a clean room, turn its main loop, end it without a trace. */
#define _GNU_SOURCE /* dladdr */
#include "tests/host/host.h"

#include <certificate.h>
#include <core.h>
#include <debug.h>
#include <dlfcn.h>
#include <eventloop.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <prefs.h>
#include <savedstatuses.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <util.h>

#include "tests/host/parts.h"

#define PATIENCE_S 20
#define LAST_TURNS                                                                                 \
	200 /* of the main loop, for what plugins left behind when they were signed off */

static struct {
	enum host_ui ui;
	char *user_dir;
	guint patience_ms;
	gboolean keeps_user_dir;
	GHashTable *info;
} host;

enum host_ui host_ui(void)
{
	return host.ui;
}

const char *host_user_dir(void)
{
	return host.user_dir;
}

guint host_patience_ms(void)
{
	return host.patience_ms;
}

void host_set_patience(guint seconds)
{
	host.patience_ms = seconds * 1000;
}

/* ---- event loop ---- */

/* What libpurple has asked the loop for and not yet had removed. */
struct handle {
	guint id;
	gboolean is_timer;
	gpointer code; /* the function to be called */
	gpointer user;
};

static GHashTable *handles; /* id to struct handle; NULL while there are none */

static struct handle *handle_new(gpointer code, gpointer user, gboolean is_timer)
{
	struct handle *h = g_new0(struct handle, 1);

	h->code = code;
	h->user = user;
	h->is_timer = is_timer;
	return h;
}

static guint handle_keep(struct handle *h, guint id)
{
	if (!handles)
		handles = g_hash_table_new(NULL, NULL);
	h->id = id;
	g_hash_table_insert(handles, GUINT_TO_POINTER(id), h);
	return id;
}

static void handle_free(gpointer data)
{
	struct handle *h = data;

	g_hash_table_remove(handles, GUINT_TO_POINTER(h->id));
	if (g_hash_table_size(handles) == 0)
		g_clear_pointer(&handles, g_hash_table_destroy);
	g_free(h);
}

guint host_count_handles(const char *file)
{
	GHashTableIter iter;
	gpointer value;
	guint n = 0;

	if (!handles)
		return 0;
	g_hash_table_iter_init(&iter, handles);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct handle *h = value;
		Dl_info info;

		n += dladdr(h->code, &info) && g_str_has_suffix(info.dli_fname, file);
	}
	return n;
}

static gboolean watch_call(GIOChannel *channel, GIOCondition condition, gpointer data)
{
	const struct handle *h = data;
	int what = 0;

	if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))
		what |= PURPLE_INPUT_READ;
	if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL))
		what |= PURPLE_INPUT_WRITE;
	((PurpleInputFunction)h->code)(h->user, g_io_channel_unix_get_fd(channel), what);
	return G_SOURCE_CONTINUE;
}

static guint watch_add(int fd, PurpleInputCondition what, PurpleInputFunction function,
		       gpointer user)
{
	struct handle *h = handle_new(function, user, FALSE);
	GIOCondition condition = G_IO_HUP | G_IO_ERR | G_IO_NVAL;
	GIOChannel *channel = g_io_channel_unix_new(fd);

	if (what & PURPLE_INPUT_READ)
		condition |= G_IO_IN;
	if (what & PURPLE_INPUT_WRITE)
		condition |= G_IO_OUT;
	handle_keep(h, g_io_add_watch_full(channel, G_PRIORITY_DEFAULT, condition, watch_call, h,
					   handle_free));
	g_io_channel_unref(channel);
	return h->id;
}

static gboolean timer_call(gpointer data)
{
	const struct handle *h = data;

	return ((GSourceFunc)h->code)(h->user);
}

static guint timer_add(guint ms, GSourceFunc function, gpointer user)
{
	struct handle *h = handle_new(function, user, TRUE);

	return handle_keep(h,
			   g_timeout_add_full(G_PRIORITY_DEFAULT, ms, timer_call, h, handle_free));
}

static guint timer_add_seconds(guint seconds, GSourceFunc function, gpointer user)
{
	struct handle *h = handle_new(function, user, TRUE);

	return handle_keep(h, g_timeout_add_seconds_full(G_PRIORITY_DEFAULT, seconds, timer_call, h,
							 handle_free));
}

static PurpleEventLoopUiOps loop_ops = {
	.timeout_add = timer_add,
	.timeout_remove = g_source_remove,
	.input_add = watch_add,
	.input_remove = g_source_remove,
	.timeout_add_seconds = timer_add_seconds,
};

/* ---- time ---- */

static gint64 skipped_us;

/* In place of GLib's, for plugins and libpurple; GLib itself goes on by the real one. */
__attribute__((visibility("default"))) gint64 g_get_monotonic_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000 + skipped_us;
}

void host_pass(guint ms)
{
	GHashTableIter iter;
	gpointer value;

	skipped_us += ms * G_GINT64_CONSTANT(1000);
	if (!handles)
		return;
	g_hash_table_iter_init(&iter, handles);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct handle *h = value;
		GSource *source = g_main_context_find_source_by_id(NULL, h->id);

		if (source && h->is_timer)
			g_source_set_ready_time(source, g_source_get_ready_time(source) -
								ms * G_GINT64_CONSTANT(1000));
	}
}

static gboolean note_timeout(gpointer data)
{
	*(gboolean *)data = TRUE;
	return G_SOURCE_CONTINUE;
}

gboolean host_run_until(gboolean (*condition)(gpointer user), gpointer user, guint ms)
{
	gboolean is_late = FALSE, holds;
	guint timer = g_timeout_add(ms, note_timeout, &is_late);

	while (!(holds = condition(user)) && !is_late)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
	return holds;
}

/* ---- start ---- */

static void set_ui_ops(void)
{
	people_init();
	talk_init();
	ask_init();
	tell_init();
	files_init();
}

static GHashTable *ui_info(void)
{
	return host.info;
}

static PurpleCoreUiOps core_ops = {.ui_init = set_ui_ops, .get_ui_info = ui_info};

/* Nothing of the person who runs the tests may be read or changed, and no other process met. */
static gboolean make_clean_room(const struct host_options *options)
{
	g_autoptr(GError) error = NULL;

	host.keeps_user_dir = options->keeps_user_dir || options->user_dir;
	if (options->user_dir)
		host.user_dir = g_canonicalize_filename(options->user_dir, NULL);
	else
		host.user_dir = g_dir_make_tmp("purple-host-XXXXXX", &error);
	if (!host.user_dir || g_mkdir_with_parents(host.user_dir, 0700)) {
		g_printerr("host: no user directory: %s\n", error ? error->message : host.user_dir);
		return FALSE;
	}
	g_setenv("HOME", host.user_dir, TRUE);
	g_setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
	g_setenv("PURPLE_LEAKCHECK_HELP", "1", TRUE);
	g_unsetenv("LANGUAGE");
	setlocale(LC_ALL, "");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	return TRUE;
}

static void describe_ui(void)
{
	const char *name = host.ui == HOST_BITLBEE ? "BitlBee" : "Pidgin";

	host.info = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(host.info, (gpointer) "name", (gpointer)name);
	g_hash_table_insert(host.info, (gpointer) "version", (gpointer) "0");
}

static void set_prefs(void)
{
	purple_prefs_set_bool("/purple/network/map_ports", FALSE);
	purple_prefs_set_bool("/purple/logging/log_ims", FALSE);
	purple_prefs_set_bool("/purple/logging/log_chats", FALSE);
	purple_prefs_set_bool("/purple/logging/log_system", FALSE);
	purple_prefs_set_string("/purple/away/idle_reporting", "none");
}

gboolean host_start(const struct host_options *options)
{
	host.ui = options->ui;
	host.patience_ms = (options->patience_s ? options->patience_s : PATIENCE_S) * 1000;
	if (!make_clean_room(options))
		return FALSE;
	events_init(options->is_quiet);
	describe_ui();
	purple_util_set_user_dir(host.user_dir);
	purple_debug_set_enabled(options->shows_debug);
	purple_core_set_ui_ops(&core_ops);
	purple_eventloop_set_ui_ops(&loop_ops);
	for (const char *const *dir = options->plugin_dirs; dir && *dir; dir++)
		purple_plugins_add_search_path(*dir);
	if (!purple_core_init(host.ui == HOST_BITLBEE ? "BitlBee" : "gtk-gaim")) {
		g_printerr("host: libpurple does not start\n");
		return FALSE;
	}
	purple_set_blist(purple_blist_new());
	purple_blist_load();
	purple_prefs_load();
	set_prefs();
	if (options->ca_dir)
		purple_certificate_add_ca_search_path(options->ca_dir);
	/* From here on only: plugins of the machine that do not load may complain as they like. */
	if (!options->allows_criticals)
		g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
	return TRUE;
}

/* ---- stop ---- */

static void remove_tree(const char *path)
{
	const char *name;
	GDir *dir = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *inner = g_build_filename(path, name, NULL);

		remove_tree(inner);
	}
	g_clear_pointer(&dir, g_dir_close);
	g_remove(path);
}

void host_stop(void)
{
	actors_sign_off();
	ask_close_all();
	tell_close_all();
	for (guint i = 0; i < LAST_TURNS && g_main_context_iteration(NULL, FALSE); i++)
		;
	actors_delete_accounts();
	purple_core_quit();
	actors_free();
	people_free();
	names_free();
	script_free();
	events_free();
	g_clear_pointer(&host.info, g_hash_table_destroy);
	if (!host.keeps_user_dir)
		remove_tree(host.user_dir);
	g_clear_pointer(&host.user_dir, g_free);
}
