/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headless host as a program: a script on stdin or in a file, events on stdout. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/host/host.h"

static char **plugin_dirs;
static char *ui, *user_dir, *ca_dir, **files;
static int patience;
static gboolean keeps_user_dir, is_lenient, shows_debug;

static const GOptionEntry entries[] = {
	{"ui", 0, 0, G_OPTION_ARG_STRING, &ui, "What to behave like: pidgin or bitlbee", "NAME"},
	{"plugins", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &plugin_dirs, "Look here for plugins first",
	 "DIR"},
	{"user-dir", 0, 0, G_OPTION_ARG_FILENAME, &user_dir, "libpurple's user directory", "DIR"},
	{"ca", 0, 0, G_OPTION_ARG_FILENAME, &ca_dir, "Trust the certificate authorities in DIR",
	 "DIR"},
	{"patience", 0, 0, G_OPTION_ARG_INT, &patience, "How long to wait for an event", "SECONDS"},
	{"keep", 0, 0, G_OPTION_ARG_NONE, &keeps_user_dir, "Do not remove the user directory",
	 NULL},
	{"no-fatal", 0, 0, G_OPTION_ARG_NONE, &is_lenient, "Survive GLib criticals", NULL},
	{"debug", 0, 0, G_OPTION_ARG_NONE, &shows_debug, "libpurple's debug lines on stderr", NULL},
	{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, "[SCRIPT]"},
	{NULL}};

static gboolean parse_options(int *argc, char ***argv)
{
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, argc, argv, &error))
		g_printerr("host: %s\n", error->message);
	else if (ui && strcmp(ui, "pidgin") && strcmp(ui, "bitlbee"))
		g_printerr("host: --ui is pidgin or bitlbee, not '%s'\n", ui);
	else if (patience < 0 || (files && files[0] && files[1]))
		g_printerr("host: one script, and a patience above 0\n");
	else
		return TRUE;
	return FALSE;
}

int main(int argc, char **argv)
{
	struct host_options options = {HOST_PIDGIN};
	gboolean is_fine = FALSE;
	int fd = 0;

	if (!parse_options(&argc, &argv))
		return 2;
	if (files && (fd = open(files[0], O_RDONLY | O_CLOEXEC)) < 0) {
		perror(files[0]);
		return 2;
	}
	options.ui = !g_strcmp0(ui, "bitlbee") ? HOST_BITLBEE : HOST_PIDGIN;
	options.plugin_dirs = (const char *const *)plugin_dirs;
	options.user_dir = user_dir;
	options.ca_dir = ca_dir;
	options.patience_s = patience;
	options.keeps_user_dir = keeps_user_dir;
	options.allows_criticals = is_lenient;
	options.shows_debug = shows_debug;
	if (host_start(&options)) {
		is_fine = host_do_all(fd);
		host_stop();
	}
	if (fd > 0)
		close(fd);
	g_strfreev(plugin_dirs);
	g_strfreev(files);
	g_free(ui);
	g_free(user_dir);
	g_free(ca_dir);
	return is_fine ? 0 : 1;
}
