/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buddies: contacts, their presence and ours, who may see whom. The roster on the server is the
 * truth; the local list follows it. */
#include <accountopt.h>
#include <blist.h>
#include <glib/gi18n-lib.h>
#include <notify.h>
#include <request.h>
#include <server.h>
#include <string.h>

#include "common/markup.h"
#include "common/text.h"
#include "plugins/xmpp-lite/prpl/client.h"
#include "plugins/xmpp-lite/prpl/errors.h"
#include "plugins/xmpp-lite/prpl/pump.h"
#include "plugins/xmpp-lite/wire/jid.h"

#define QUOTE_MAX 1000			/* octets of a stranger's words in a question */
#define ON_SERVER "xmpp-lite-on-server" /* a buddy that has been seen in the roster */

/* ---- states ---- */

static const struct state {
	enum xmpp_show show;
	PurpleStatusPrimitive primitive;
	const char *id, *name;
} states[] = {
	{XMPP_SHOW_ONLINE, PURPLE_STATUS_AVAILABLE, "available", NULL},
	{XMPP_SHOW_CHAT, PURPLE_STATUS_AVAILABLE, "freeforchat", N_("Chatty")},
	{XMPP_SHOW_AWAY, PURPLE_STATUS_AWAY, "away", NULL},
	{XMPP_SHOW_XA, PURPLE_STATUS_EXTENDED_AWAY, "extended_away", NULL},
	{XMPP_SHOW_DND, PURPLE_STATUS_UNAVAILABLE, "dnd", N_("Do Not Disturb")},
	{XMPP_SHOW_OFFLINE, PURPLE_STATUS_OFFLINE, "offline", NULL},
};

static const struct state *state_of_show(enum xmpp_show show)
{
	const struct state *state = states;

	while (state->show != show)
		state++;
	return state;
}

static const char *state_name(const struct state *state)
{
	return state->name ? _(state->name) : purple_primitive_get_name_from_type(state->primitive);
}

static GList *status_types(PurpleAccount *account)
{
	GList *types = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(states); i++) {
		types = g_list_append(types, purple_status_type_new_with_attrs(
						     states[i].primitive, states[i].id,
						     states[i].name ? _(states[i].name) : NULL,
						     TRUE, TRUE, FALSE, "message", _("Message"),
						     purple_value_new(PURPLE_TYPE_STRING), NULL));
	}
	return types;
}

static void presence_tell(struct client *c, PurpleStatus *status)
{
	const char *id = purple_status_get_id(status);
	const char *html = purple_status_get_attr_string(status, "message");
	g_autofree char *plain = html ? markup_to_plain(html) : NULL;

	for (guint i = 0; i < G_N_ELEMENTS(states); i++) {
		if (strcmp(states[i].id, id) == 0)
			xmpp_presence_set(c->session, states[i].show, plain,
					  purple_account_get_int(c->account, SETTING_PRIORITY, 0));
	}
}

static void set_status(PurpleAccount *account, PurpleStatus *status)
{
	struct client *c = client_of(purple_account_get_connection(account));

	if (!c || !purple_status_is_active(status))
		return;
	presence_tell(c, status);
	pump_turn(c);
}

/* Hosts write the display name before each line of one's own: there the resource is only noise. */
static void ready(struct client *c, const char *jid)
{
	g_autofree char *bare = jid_bare(jid);

	purple_connection_set_display_name(c->gc, bare);
	presence_tell(c, purple_account_get_active_status(c->account));
	purple_connection_set_state(c->gc, PURPLE_CONNECTED);
}

/* ---- the list ---- */

static gboolean is_in(const char *name, const char *const *groups)
{
	for (guint i = 0; groups[i]; i++) {
		if (strcmp(groups[i], name) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean has_one_in(GSList *buddies, const char *group_name)
{
	for (; buddies; buddies = buddies->next) {
		if (strcmp(purple_group_get_name(purple_buddy_get_group(buddies->data)),
			   group_name) == 0)
			return TRUE;
	}
	return FALSE;
}

static void buddy_new(struct client *c, const char *jid, const char *name, const char *group_name)
{
	PurpleGroup *group = purple_find_group(group_name);
	PurpleBuddy *buddy = purple_buddy_new(c->account, jid, name);

	if (!group) {
		group = purple_group_new(group_name);
		purple_blist_add_group(group, NULL);
	}
	purple_blist_add_buddy(buddy, NULL, group, NULL);
	purple_blist_node_set_bool((PurpleBlistNode *)buddy, ON_SERVER, TRUE);
}

/* The buddies a contact had before, brought to what the roster says. */
static void buddies_update(struct client *c, GSList *buddies, const char *jid, const char *name,
			   const char *const *groups)
{
	gboolean is_renamed = FALSE;

	for (; buddies; buddies = buddies->next) {
		if (!is_in(purple_group_get_name(purple_buddy_get_group(buddies->data)), groups)) {
			purple_blist_remove_buddy(buddies->data);
			continue;
		}
		purple_blist_node_set_bool(buddies->data, ON_SERVER, TRUE);
		is_renamed |=
			g_strcmp0(purple_buddy_get_local_buddy_alias(buddies->data), name) != 0;
	}
	/* The name in the roster is the one the user gave: libpurple's local alias, not the
	 * contact's own nickname. */
	if (is_renamed)
		purple_serv_got_private_alias(c->gc, jid, name);
}

static void contact(struct client *c, const struct xmpp_event *ev)
{
	const char *usual[] = {NULL, NULL};
	const char *const *groups = ev->groups;
	GSList *buddies = purple_find_buddies(c->account, ev->jid);

	/* libpurple knows no buddy without a group; its own word for the usual one. */
	if (!groups[0]) {
		usual[0] = dgettext("pidgin", "Buddies");
		groups = usual;
	}
	for (guint i = 0; groups[i]; i++) {
		if (!has_one_in(buddies, groups[i]))
			buddy_new(c, ev->jid, ev->name, groups[i]);
	}
	buddies_update(c, buddies, ev->jid, ev->name, groups);
	g_slist_free(buddies);
}

static void buddies_remove(struct client *c, const char *jid)
{
	GSList *buddies = purple_find_buddies(c->account, jid);

	for (; buddies; buddies = g_slist_delete_link(buddies, buddies))
		purple_blist_remove_buddy(buddies->data);
}

/* Whoever was taken off the roster by another client, while we were away. Buddies that were never
 * on it stay. */
static void roster_complete(struct client *c)
{
	GSList *buddies = purple_find_buddies(c->account, NULL);

	for (; buddies; buddies = g_slist_delete_link(buddies, buddies)) {
		PurpleBlistNode *node = buddies->data;
		enum xmpp_subscription subscription;
		gboolean is_asking;

		if (purple_blist_node_get_bool(node, ON_SERVER) &&
		    !xmpp_contact_subscription(c->session, purple_buddy_get_name(buddies->data),
					       &subscription, &is_asking))
			purple_blist_remove_buddy(buddies->data);
	}
}

static void presence(struct client *c, const struct xmpp_event *ev)
{
	const struct state *state = state_of_show(ev->show);

	if (ev->text)
		purple_prpl_got_user_status(c->account, ev->jid, state->id, "message", ev->text,
					    NULL);
	else
		purple_prpl_got_user_status(c->account, ev->jid, state->id, NULL);
}

static void add_buddy_with_invite(PurpleConnection *gc, PurpleBuddy *buddy, PurpleGroup *group,
				  const char *message)
{
	struct client *c = client_of(gc);
	const char *name = purple_buddy_get_name(buddy);

	if (!c)
		return;
	if (!xmpp_contact_add(c->session, name, purple_buddy_get_alias_only(buddy),
			      purple_group_get_name(group))) {
		g_autofree char *primary = g_strdup_printf(_("“%s” cannot be added"), name);

		purple_notify_error(gc, NULL, primary,
				    _("This is not an XMPP address. Addresses have the form "
				      "“name@example.org”."));
		purple_blist_remove_buddy(buddy);
	}
	pump_turn(c);
}

static void add_buddy(PurpleConnection *gc, PurpleBuddy *buddy, PurpleGroup *group)
{
	add_buddy_with_invite(gc, buddy, group, NULL);
}

static void remove_buddy(PurpleConnection *gc, PurpleBuddy *buddy, PurpleGroup *group)
{
	struct client *c = client_of(gc);

	if (!c)
		return;
	xmpp_contact_remove(c->session, purple_buddy_get_name(buddy),
			    group ? purple_group_get_name(group) : NULL);
	pump_turn(c);
}

static void alias_buddy(PurpleConnection *gc, const char *who, const char *alias)
{
	struct client *c = client_of(gc);

	if (!c)
		return;
	xmpp_contact_rename(c->session, who, alias);
	pump_turn(c);
}

static void group_buddy(PurpleConnection *gc, const char *who, const char *from, const char *to)
{
	struct client *c = client_of(gc);

	if (!c || g_strcmp0(from, to) == 0)
		return;
	xmpp_contact_move(c->session, who, from, to);
	pump_turn(c);
}

static void rename_group(PurpleConnection *gc, const char *old_name, PurpleGroup *group,
			 GList *moved)
{
	struct client *c = client_of(gc);

	if (!c)
		return;
	for (; moved; moved = moved->next)
		xmpp_contact_move(c->session, purple_buddy_get_name(moved->data), old_name,
				  purple_group_get_name(group));
	pump_turn(c);
}

/* ---- who may see whom ---- */

/* A question on the screen, owned by the client: closing the connection calls neither answer. */
struct ask {
	struct client *client;
	char *jid;
};

static void ask_done(struct ask *ask, gboolean is_allowed)
{
	struct client *c = ask->client;

	xmpp_contact_allow(c->session, ask->jid, is_allowed);
	c->asks = g_slist_remove(c->asks, ask);
	g_free(ask->jid);
	g_free(ask);
	pump_turn(c);
}

static void ask_accepted(void *user)
{
	ask_done(user, TRUE);
}

static void ask_refused(void *user)
{
	ask_done(user, FALSE);
}

static void subscribe(struct client *c, const struct xmpp_event *ev)
{
	g_autofree char *name = ev->name ? text_line(ev->name, QUOTE_MAX) : NULL;
	g_autofree char *text = ev->text ? text_line(ev->text, QUOTE_MAX) : NULL;
	struct ask *ask;

	/* Servers repeat the question at every sign-on until it is answered. */
	for (GSList *l = c->asks; l; l = l->next) {
		if (strcmp(((struct ask *)l->data)->jid, ev->jid) == 0)
			return;
	}
	ask = g_new0(struct ask, 1);
	ask->client = c;
	ask->jid = g_strdup(ev->jid);
	c->asks = g_slist_prepend(c->asks, ask);
	purple_account_request_authorization(c->account, ask->jid, NULL, name, text,
					     purple_find_buddy(c->account, ask->jid) != NULL,
					     ask_accepted, ask_refused, ask);
}

static void leave(struct client *c)
{
	purple_account_request_close_with_account(c->account);
	for (; c->asks; c->asks = g_slist_delete_link(c->asks, c->asks)) {
		struct ask *ask = c->asks->data;

		g_free(ask->jid);
		g_free(ask);
	}
}

static void unsubscribed(struct client *c, const char *jid)
{
	g_autofree char *primary =
		g_strdup_printf(_("%s does not show you when they are online"), jid);

	purple_notify_info(c->gc, NULL, primary,
			   _("They refused your request, or took back what they had allowed. You "
			     "can still write to each other."));
}

static void refused(struct client *c, const struct xmpp_event *ev)
{
	g_autofree char *why = error_of_condition(ev->condition, ev->error);
	g_autofree char *primary = NULL;

	if (ev->jid)
		primary = g_strdup_printf(_("The change to “%s” was not made: %s."), ev->jid, why);
	else
		primary = g_strdup_printf(_("The contact list could not be fetched: %s."), why);
	purple_notify_error(c->gc, NULL, primary,
			    _("Your list shows what the server has. Try it again later."));
}

static void menu_ask(PurpleBlistNode *node, gpointer user)
{
	PurpleBuddy *buddy = (PurpleBuddy *)node;
	struct client *c =
		client_of(purple_account_get_connection(purple_buddy_get_account(buddy)));

	if (!c)
		return;
	xmpp_contact_ask(c->session, purple_buddy_get_name(buddy));
	pump_turn(c);
}

static void menu_hide(PurpleBlistNode *node, gpointer user)
{
	PurpleBuddy *buddy = (PurpleBuddy *)node;
	struct client *c =
		client_of(purple_account_get_connection(purple_buddy_get_account(buddy)));

	if (!c)
		return;
	xmpp_contact_allow(c->session, purple_buddy_get_name(buddy), FALSE);
	pump_turn(c);
}

static GList *node_menu(PurpleBlistNode *node)
{
	PurpleBuddy *buddy = (PurpleBuddy *)node;
	struct client *c;
	enum xmpp_subscription have;
	gboolean is_asking;
	GList *menu = NULL;

	if (!PURPLE_BLIST_NODE_IS_BUDDY(node))
		return NULL;
	c = client_of(purple_account_get_connection(purple_buddy_get_account(buddy)));
	if (!c ||
	    !xmpp_contact_subscription(c->session, purple_buddy_get_name(buddy), &have, &is_asking))
		return NULL;
	if (have == XMPP_SUBSCRIPTION_NONE || have == XMPP_SUBSCRIPTION_FROM)
		menu = g_list_append(menu,
				     purple_menu_action_new(_("Ask to see when they are online"),
							    PURPLE_CALLBACK(menu_ask), NULL, NULL));
	if (have == XMPP_SUBSCRIPTION_FROM || have == XMPP_SUBSCRIPTION_BOTH)
		menu = g_list_append(
			menu, purple_menu_action_new(_("Hide from them when I am online"),
						     PURPLE_CALLBACK(menu_hide), NULL, NULL));
	return menu;
}

/* ---- what the list shows ---- */

static const char *subscription_text(enum xmpp_subscription subscription, gboolean is_asking)
{
	switch (subscription) {
	case XMPP_SUBSCRIPTION_BOTH:
		return _("Both see each other");
	case XMPP_SUBSCRIPTION_TO:
		return _("You see them");
	case XMPP_SUBSCRIPTION_FROM:
		return is_asking ? _("They see you; your request waits") : _("They see you");
	default:
		return is_asking ? _("Your request waits") : _("Neither sees the other");
	}
}

static const char *status_message(PurpleBuddy *buddy)
{
	PurpleStatus *status = purple_presence_get_active_status(purple_buddy_get_presence(buddy));

	return purple_status_get_attr_string(status, "message");
}

static char *status_text(PurpleBuddy *buddy)
{
	const char *message = status_message(buddy);
	g_autofree char *line = message ? text_line(message, QUOTE_MAX) : NULL;

	return line ? g_markup_escape_text(line, -1) : NULL;
}

static void tooltip_text(PurpleBuddy *buddy, PurpleNotifyUserInfo *info, gboolean full)
{
	struct client *c =
		client_of(purple_account_get_connection(purple_buddy_get_account(buddy)));
	const char *name = purple_buddy_get_name(buddy);
	const char *message = status_message(buddy);
	enum xmpp_subscription subscription;
	gboolean is_asking;

	if (message) {
		g_autofree char *escaped = g_markup_escape_text(message, -1);

		purple_notify_user_info_add_pair(info, _("Message"), escaped);
	}
	if (full && c && xmpp_contact_subscription(c->session, name, &subscription, &is_asking))
		purple_notify_user_info_add_pair(info, _("Presence"),
						 subscription_text(subscription, is_asking));
}

static const char *list_emblem(PurpleBuddy *buddy)
{
	struct client *c =
		client_of(purple_account_get_connection(purple_buddy_get_account(buddy)));
	enum xmpp_subscription subscription;
	gboolean is_asking;

	if (c &&
	    xmpp_contact_subscription(c->session, purple_buddy_get_name(buddy), &subscription,
				      &is_asking) &&
	    (subscription == XMPP_SUBSCRIPTION_NONE || subscription == XMPP_SUBSCRIPTION_FROM))
		return "not-authorized";
	return NULL;
}

static void get_info(PurpleConnection *gc, const char *who)
{
	struct client *c = client_of(gc);
	PurpleNotifyUserInfo *info;
	struct xmpp_resource resource;
	enum xmpp_subscription subscription;
	gboolean is_asking;

	if (!c)
		return;
	info = purple_notify_user_info_new();
	purple_notify_user_info_add_pair(info, _("Address"), who);
	if (xmpp_contact_subscription(c->session, who, &subscription, &is_asking))
		purple_notify_user_info_add_pair(info, _("Presence"),
						 subscription_text(subscription, is_asking));
	for (guint i = 0; xmpp_contact_resource(c->session, who, i, &resource); i++) {
		g_autofree char *name = g_markup_escape_text(resource.resource, -1);
		g_autofree char *text =
			resource.text ? g_markup_escape_text(resource.text, -1) : NULL;
		g_autofree char *line =
			g_strdup_printf("%s%s%s (%d)", state_name(state_of_show(resource.show)),
					text ? ": " : "", text ? text : "", resource.priority);

		purple_notify_user_info_add_pair(info, *name ? name : who, line);
	}
	purple_notify_userinfo(gc, who, info, NULL, NULL);
	purple_notify_user_info_destroy(info);
}

/* ---- */

static gboolean event(struct client *c, const struct xmpp_event *ev)
{
	switch (ev->type) {
	case XMPP_EVENT_READY:
		ready(c, ev->jid);
		return TRUE;
	case XMPP_EVENT_CONTACT:
		contact(c, ev);
		return TRUE;
	case XMPP_EVENT_CONTACT_GONE:
		buddies_remove(c, ev->jid);
		return TRUE;
	case XMPP_EVENT_ROSTER_COMPLETE:
		roster_complete(c);
		return TRUE;
	case XMPP_EVENT_PRESENCE:
		presence(c, ev);
		return TRUE;
	case XMPP_EVENT_SUBSCRIBE:
		subscribe(c, ev);
		return TRUE;
	case XMPP_EVENT_UNSUBSCRIBED:
		unsubscribed(c, ev->jid);
		return TRUE;
	case XMPP_EVENT_REFUSED:
		refused(c, ev);
		return TRUE;
	default:
		return FALSE;
	}
}

static void setup(PurplePluginProtocolInfo *info)
{
	info->status_types = status_types;
	info->set_status = set_status;
	info->add_buddy = add_buddy;
	info->add_buddy_with_invite = add_buddy_with_invite;
	info->remove_buddy = remove_buddy;
	info->alias_buddy = alias_buddy;
	info->group_buddy = group_buddy;
	info->rename_group = rename_group;
	info->blist_node_menu = node_menu;
	info->status_text = status_text;
	info->tooltip_text = tooltip_text;
	info->list_emblem = list_emblem;
	info->get_info = get_info;
}

static const struct part buddies = {.event = event, .setup = setup, .leave = leave};
XMPP_PART(buddies);
