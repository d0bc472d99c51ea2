/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is seen of notifications: dialogs that only want to be read. */
#include <notify.h>

#include "tests/host/parts.h"

struct tell {
	PurpleNotifyType type;
};

static GPtrArray *open_tells;

/* A dialog stays open until the host ends, or whoever showed it closes it. bitlbee has no dialogs.
 */
static void *tell_new(PurpleNotifyType type)
{
	struct tell *t;

	if (host_ui() == HOST_BITLBEE)
		return NULL;
	t = g_new0(struct tell, 1);
	t->type = type;
	g_ptr_array_add(open_tells, t);
	return t;
}

static void tell_close(PurpleNotifyType type, void *ui_handle)
{
	g_ptr_array_remove(open_tells, ui_handle);
	g_free(ui_handle);
}

void tell_close_all(void)
{
	while (open_tells->len) {
		struct tell *t = g_ptr_array_index(open_tells, 0);

		purple_notify_close(t->type, t);
	}
	g_clear_pointer(&open_tells, g_ptr_array_unref);
}

static const char *name_of(PurpleConnection *gc)
{
	return actor_name(gc ? purple_connection_get_account(gc) : NULL);
}

static void *tell_message(PurpleNotifyMsgType type, const char *title, const char *primary,
			  const char *secondary)
{
	static const char *const names[] = {
		[PURPLE_NOTIFY_MSG_ERROR] = "error",
		[PURPLE_NOTIFY_MSG_WARNING] = "warning",
		[PURPLE_NOTIFY_MSG_INFO] = "info",
	};

	host_event(actor_name(NULL), "notify %s \"%s\" \"%s\" \"%s\"", names[type], TEXT(title),
		   TEXT(primary), TEXT(secondary));
	return tell_new(PURPLE_NOTIFY_MESSAGE);
}

static void *tell_email(PurpleConnection *gc, const char *subject, const char *from, const char *to,
			const char *url)
{
	host_event(name_of(gc), "mail \"%s\" from \"%s\" to \"%s\" %s", TEXT(subject), TEXT(from),
		   TEXT(to), TEXT(url));
	return tell_new(PURPLE_NOTIFY_EMAIL);
}

static void *tell_emails(PurpleConnection *gc, size_t count, gboolean is_detailed,
			 const char **subjects, const char **froms, const char **tos,
			 const char **urls)
{
	if (!is_detailed) {
		host_event(name_of(gc), "mails %zu", count);
		return tell_new(PURPLE_NOTIFY_EMAILS);
	}
	for (size_t i = 0; i < count; i++)
		host_event(name_of(gc), "mail \"%s\" from \"%s\" to \"%s\" %s",
			   subjects ? TEXT(subjects[i]) : "", froms ? TEXT(froms[i]) : "",
			   tos ? TEXT(tos[i]) : "", urls ? TEXT(urls[i]) : "");
	return tell_new(PURPLE_NOTIFY_EMAILS);
}

static void *tell_formatted(const char *title, const char *primary, const char *secondary,
			    const char *text)
{
	host_event(actor_name(NULL), "notify formatted \"%s\" \"%s\" \"%s\" %s", TEXT(title),
		   TEXT(primary), TEXT(secondary), TEXT(text));
	return tell_new(PURPLE_NOTIFY_FORMATTED);
}

static char *join_row(GList *row)
{
	GString *text = g_string_new(NULL);

	for (; row; row = row->next)
		g_string_append_printf(text, " \"%s\"", TEXT((const char *)row->data));
	return g_string_free(text, FALSE);
}

static void tell_rows(PurpleConnection *gc, PurpleNotifySearchResults *results, void *data)
{
	for (GList *l = results->rows; l; l = l->next) {
		g_autofree char *row = join_row(l->data);

		host_event(name_of(gc), "found%s", row);
	}
}

static void *tell_results(PurpleConnection *gc, const char *title, const char *primary,
			  const char *secondary, PurpleNotifySearchResults *results, gpointer user)
{
	host_event(name_of(gc), "notify results \"%s\" \"%s\" \"%s\"", TEXT(title), TEXT(primary),
		   TEXT(secondary));
	tell_rows(gc, results, NULL);
	return tell_new(PURPLE_NOTIFY_SEARCHRESULTS);
}

static void *tell_userinfo(PurpleConnection *gc, const char *who, PurpleNotifyUserInfo *info)
{
	g_autofree char *text = purple_notify_user_info_get_text_with_newline(info, "\n");

	host_event(name_of(gc), "notify userinfo %s %s", who, text);
	return tell_new(PURPLE_NOTIFY_USERINFO);
}

static void *tell_uri(const char *uri)
{
	host_event(actor_name(NULL), "notify uri %s", uri);
	return tell_new(PURPLE_NOTIFY_URI);
}

static PurpleNotifyUiOps pidgin_ops = {
	.notify_message = tell_message,
	.notify_email = tell_email,
	.notify_emails = tell_emails,
	.notify_formatted = tell_formatted,
	.notify_searchresults = tell_results,
	.notify_searchresults_new_rows = tell_rows,
	.notify_userinfo = tell_userinfo,
	.notify_uri = tell_uri,
	.close_notify = tell_close,
};

static PurpleNotifyUiOps bitlbee_ops = {
	.notify_message = tell_message,
	.notify_email = tell_email,
	.notify_userinfo = tell_userinfo,
};

void tell_init(void)
{
	open_tells = g_ptr_array_new();
	purple_notify_set_ui_ops(host_ui() == HOST_PIDGIN ? &pidgin_ops : &bitlbee_ops);
}
