/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settings: questions to the user, and what comes of the answers. */
#include "plugins/msnp8/prpl/settings.h"

#include <glib/gi18n-lib.h>
#include <notify.h>
#include <request.h>

#include "plugins/msnp8/prpl/mail.h"
#include "plugins/msnp8/prpl/people.h"
#include "plugins/msnp8/prpl/pump.h"

gboolean settings_name(struct client *c, const char *name)
{
	g_autofree char *stripped = g_strstrip(g_strdup(name ? name : ""));
	gboolean is_valid = msn_name_set(c->session, stripped);

	pump_turn(c);
	return is_valid;
}

gboolean settings_phone(struct client *c, enum msn_phone phone, const char *number)
{
	g_autofree char *stripped = g_strstrip(g_strdup(number ? number : ""));
	gboolean is_valid = msn_phone_set(c->session, phone, *stripped ? stripped : NULL);

	pump_turn(c);
	return is_valid;
}

gboolean settings_privacy(struct client *c, gboolean is_open)
{
	gboolean is_possible = msn_privacy_set(c->session, is_open);

	pump_turn(c);
	return is_possible;
}

char *settings_reverse_list(struct client *c)
{
	GList *people = people_on(c, MSN_RL);
	GString *html = g_string_new(NULL);

	for (; people; people = g_list_delete_link(people, people)) {
		const struct person *p = people->data;
		g_autofree char *line =
			g_markup_printf_escaped("%s (%s)", people_name(c, p->account), p->account);

		g_string_append_printf(html, "%s%s", html->len ? "<br>" : "", line);
		if (p->lists & MSN_BL)
			/* TRANSLATORS: follows a name. */
			g_string_append_printf(html, " – %s", _("blocked"));
	}
	if (!html->len)
		g_string_append(html, _("Nobody has you on their list."));
	return g_string_free(html, FALSE);
}

/* ---- the account's menu ---- */

static struct client *client_of_action(PurplePluginAction *action)
{
	return client_of(action->context);
}

static void too_long(PurpleConnection *gc)
{
	purple_notify_error(gc, NOTICE_TITLE, _("This cannot be used"),
			    _("It is empty or too long."));
}

static void name_given(PurpleConnection *gc, const char *name)
{
	struct client *c = client_of(gc);

	if (c && !settings_name(c, name))
		too_long(gc);
}

static void ask_name(PurplePluginAction *action)
{
	struct client *c = client_of_action(action);

	if (c)
		purple_request_input(c->gc, NULL, _("Set your friendly name"),
				     _("This is the name that others see for you."), c->name, FALSE,
				     FALSE, NULL, _("_OK"), G_CALLBACK(name_given), _("_Cancel"),
				     NULL, c->account, NULL, NULL, c->gc);
}

static void phone_given(PurpleConnection *gc, enum msn_phone phone, const char *number)
{
	struct client *c = client_of(gc);

	if (c && !settings_phone(c, phone, number))
		too_long(gc);
}

static void home_given(PurpleConnection *gc, const char *number)
{
	phone_given(gc, MSN_PHONE_HOME, number);
}

static void work_given(PurpleConnection *gc, const char *number)
{
	phone_given(gc, MSN_PHONE_WORK, number);
}

static void mobile_given(PurpleConnection *gc, const char *number)
{
	phone_given(gc, MSN_PHONE_MOBILE, number);
}

static void ask_phone(PurplePluginAction *action, enum msn_phone phone, const char *primary,
		      GCallback given)
{
	struct client *c = client_of_action(action);

	if (c)
		purple_request_input(
			c->gc, NULL, primary,
			_("The people on your list see it. Leave it empty to take it back."),
			c->phones[phone], FALSE, FALSE, NULL, _("_OK"), given, _("_Cancel"), NULL,
			c->account, NULL, NULL, c->gc);
}

static void ask_home(PurplePluginAction *action)
{
	ask_phone(action, MSN_PHONE_HOME, _("Set your home phone number"), G_CALLBACK(home_given));
}

static void ask_work(PurplePluginAction *action)
{
	ask_phone(action, MSN_PHONE_WORK, _("Set your work phone number"), G_CALLBACK(work_given));
}

static void ask_mobile(PurplePluginAction *action)
{
	ask_phone(action, MSN_PHONE_MOBILE, _("Set your mobile phone number"),
		  G_CALLBACK(mobile_given));
}

static void show_reverse_list(PurplePluginAction *action)
{
	struct client *c = client_of_action(action);
	g_autofree char *html = c ? settings_reverse_list(c) : NULL;

	if (c)
		purple_notify_formatted(c->gc, _("Who has you on their list"),
					_("Who has you on their list"), NULL, html, NULL, NULL);
}

static void open_inbox(PurplePluginAction *action)
{
	struct client *c = client_of_action(action);

	if (c)
		mail_open_inbox(c);
}

static void privacy_open(PurpleConnection *gc, int which)
{
	struct client *c = client_of(gc);

	if (c)
		settings_privacy(c, TRUE);
}

static void privacy_closed(PurpleConnection *gc, int which)
{
	struct client *c = client_of(gc);

	if (c)
		settings_privacy(c, FALSE);
}

static void ask_privacy(PurplePluginAction *action)
{
	struct client *c = client_of_action(action);

	if (c)
		purple_request_action(
			c->gc, NULL, _("Who may see when you are online, and write to you?"),
			c->is_open ? _("Now it is everybody but those whom you block.")
				   : _("Now it is nobody but those whom you allow."),
			c->is_open ? 0 : 1, c->account, NULL, NULL, c->gc, 3, _("_Everybody"),
			privacy_open, _("_Those I allow"), privacy_closed, _("_Cancel"), NULL);
}

GList *settings_actions(PurplePlugin *plugin, gpointer context)
{
	const struct {
		const char *label;
		void (*callback)(PurplePluginAction *action);
	} actions[] = {
		{_("Set Friendly Name…"), ask_name},
		{_("Set Home Phone Number…"), ask_home},
		{_("Set Work Phone Number…"), ask_work},
		{_("Set Mobile Phone Number…"), ask_mobile},
		{NULL, NULL},
		{_("Privacy Mode…"), ask_privacy},
		{_("Who Has Me on Their List"), show_reverse_list},
		{_("Open Inbox"), open_inbox},
	};
	GList *list = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(actions); i++)
		list = g_list_append(list, actions[i].label
						   ? purple_plugin_action_new(actions[i].label,
									      actions[i].callback)
						   : NULL);
	return list;
}
