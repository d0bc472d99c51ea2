/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host: a libpurple user interface without a screen: a script drives it, a log says what it showed.
 * There is one per process. Everything a user would have seen becomes an event: one line that
 * starts with the name of the account (the actor) it belongs to, or with "host" when it belongs to
 * none. */
#ifndef TESTS_HOST_HOST_H
#define TESTS_HOST_HOST_H
#include <account.h>
#include <glib.h>

enum host_ui {
	HOST_PIDGIN, /* everything a graphical user interface offers */
	HOST_BITLBEE /* only what bitlbee's bridge to libpurple has */
};

struct host_options {
	enum host_ui ui;
	const char *const
		*plugin_dirs; /* NULL-terminated, nullable: searched before libpurple's own */
	const char *user_dir; /* NULL: a fresh one, removed at the end */
	const char *ca_dir;   /* nullable: more trusted certificate authorities, *.pem */
	guint patience_s;     /* how long a script waits for an event; 0: 20 s */
	gboolean keeps_user_dir;
	gboolean allows_criticals; /* FALSE: a GLib critical ends the process */
	gboolean is_quiet;	   /* events go to the log only, not to stdout */
	gboolean shows_debug;	   /* libpurple's debug lines to stderr */
};

/* Start libpurple. options: (transfer none), only during the call. FALSE and a message on stderr
 * when that is impossible. */
gboolean host_start(const struct host_options *options);
/* Disconnect everybody, end libpurple, free everything. */
void host_stop(void);

enum host_ui host_ui(void);
const char *host_user_dir(void); /* (transfer none) */

/* Run the main loop until condition holds (asked first, then after each turn). FALSE: ms have
 * passed. */
gboolean host_run_until(gboolean (*condition)(gpointer user), gpointer user, guint ms);
/* Time jumps: for libpurple's timers and for GLib's monotonic clock it is ms later at once. What
 * was due in between is called by the next turns of the main loop. */
void host_pass(guint ms);
/* Timers and watches libpurple has been asked for, and not yet asked to remove, by functions of the
 * program or plugin whose file name ends so. */
guint host_count_handles(const char *file);

/* One line of a script; FALSE when it failed, which was then reported. */
gboolean host_do(const char *line);
/* A script read from fd until it ends or says quit. FALSE: a line failed. */
gboolean host_do_all(int fd);

/* The account an actor has at the moment; NULL when there is none. */
PurpleAccount *host_account(const char *actor);

/* ---- the event log ---- */
void host_event(const char *actor, const char *format, ...) G_GNUC_PRINTF(2, 3);
gsize host_event_count(void);
/* Number of the first event of actor, from event number from on, that consists of pattern's words
 * or starts with them; "*" in pattern stands for anything. FALSE when there is none (yet). */
gboolean host_event_find(const char *actor, const char *pattern, gsize from, gsize *ret_number);
const char *host_event_text(gsize number); /* without the actor; (transfer none) */
#endif
