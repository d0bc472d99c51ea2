/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is seen of file transfers, and where received files go. */
#include <ft.h>
#include <glib/gstdio.h>
#include <signals.h>
#include <string.h>

#include "tests/host/parts.h"

static int handle;

/* The name comes from the peer: only its last part is used, whatever it claims. */
char *files_path(const char *dir, const char *name)
{
	g_autofree char *base = g_path_get_basename(name && *name ? name : "unnamed");

	if (!strcmp(base, ".") || !strcmp(base, "..") || strchr(base, '/'))
		return g_build_filename(dir, "unnamed", NULL);
	return g_build_filename(dir, base, NULL);
}

static const char *name_of(PurpleXfer *xfer)
{
	return actor_name(purple_xfer_get_account(xfer));
}

static const char *way_of(PurpleXfer *xfer)
{
	return purple_xfer_get_type(xfer) == PURPLE_XFER_SEND ? "send" : "receive";
}

static void show(PurpleXfer *xfer, const char *what)
{
	host_event(name_of(xfer), "xfer %s %s %s \"%s\" %zu", what, way_of(xfer),
		   TEXT(purple_xfer_get_remote_user(xfer)), TEXT(purple_xfer_get_filename(xfer)),
		   purple_xfer_get_size(xfer));
}

/* Signals whose name tells everything: "file-recv-start" and its kind. */
static void on_signal(PurpleXfer *xfer, gpointer what)
{
	show(xfer, what);
}

static void show_cancel_local(PurpleXfer *xfer)
{
	show(xfer, "cancelled-here");
}

static void show_cancel_remote(PurpleXfer *xfer)
{
	show(xfer, "cancelled-there");
}

/* ---- bitlbee: an offered file is a DCC offer; no dialogs ---- */

static gboolean bitlbee_offer(gpointer data)
{
	PurpleXfer *xfer = data;
	const struct actor *a;
	g_autofree char *path = NULL;

	if (!g_list_find(purple_xfers_get_all(), xfer))
		return G_SOURCE_REMOVE;
	show(xfer, "offered");
	a = actor_of(purple_xfer_get_account(xfer));
	if (!a || !a->files)
		return G_SOURCE_REMOVE;
	if (!*a->files) {
		purple_xfer_request_denied(xfer);
		return G_SOURCE_REMOVE;
	}
	path = files_path(a->files, purple_xfer_get_filename(xfer));
	purple_xfer_request_accepted(xfer, path);
	return G_SOURCE_REMOVE;
}

/* The transfer is still empty here, so it is looked at in the next turn; the name keeps libpurple
 * from opening a dialog of its own. */
static void bitlbee_new(PurpleXfer *xfer)
{
	g_autofree char *path = NULL;

	if (purple_xfer_get_type(xfer) != PURPLE_XFER_RECEIVE)
		return;
	path = g_build_filename(host_user_dir(), "incoming", NULL);
	purple_xfer_set_local_filename(xfer, path);
	g_timeout_add(0, bitlbee_offer, xfer);
}

static PurpleXferUiOps xfer_ops = {
	.cancel_local = show_cancel_local,
	.cancel_remote = show_cancel_remote,
};

void files_init(void)
{
	static const struct {
		const char *signal;
		const char *what;
	} signals[] = {
		{"file-recv-start", "started"},	    {"file-send-start", "started"},
		{"file-recv-complete", "complete"}, {"file-send-complete", "complete"},
		{"file-recv-cancel", "cancelled"},  {"file-send-cancel", "cancelled"},
	};

	if (host_ui() == HOST_BITLBEE)
		xfer_ops.new_xfer = bitlbee_new;
	purple_xfers_set_ui_ops(&xfer_ops);
	for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
		purple_signal_connect(purple_xfers_get_handle(), signals[i].signal, &handle,
				      PURPLE_CALLBACK(on_signal), (gpointer)signals[i].what);
	if (host_ui() == HOST_PIDGIN)
		purple_signal_connect(purple_xfers_get_handle(), "file-recv-request", &handle,
				      PURPLE_CALLBACK(on_signal), (gpointer) "offered");
}
