/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buddies: contacts, groups, presence and ours. The list on the server is the truth; the local one
 * follows it. */
#include "plugins/msnp8/prpl/buddies.h"

#include <blist.h>
#include <glib/gi18n-lib.h>
#include <notify.h>
#include <server.h>
#include <string.h>

#include "plugins/msnp8/prpl/errors.h"
#include "plugins/msnp8/prpl/people.h"
#include "plugins/msnp8/prpl/pump.h"

#define ON_SERVER "msnp8-on-server" /* a buddy that has been seen on the server's list */

/* ---- states ---- */

/* Names that are NULL are libpurple's own. */
static const struct state {
	enum msn_state state;
	PurpleStatusPrimitive primitive;
	const char *id, *name;
} states[] = {
	{MSN_ONLINE, PURPLE_STATUS_AVAILABLE, "available", NULL},
	{MSN_BUSY, PURPLE_STATUS_UNAVAILABLE, "busy", N_("Busy")},
	{MSN_BACK, PURPLE_STATUS_AWAY, "brb", N_("Be Right Back")},
	{MSN_PHONE, PURPLE_STATUS_UNAVAILABLE, "phone", N_("On the Phone")},
	{MSN_LUNCH, PURPLE_STATUS_EXTENDED_AWAY, "lunch", N_("Out to Lunch")},
	{MSN_AWAY, PURPLE_STATUS_AWAY, "away", NULL},
	{MSN_HIDDEN, PURPLE_STATUS_INVISIBLE, "invisible", NULL},
	{MSN_OFFLINE, PURPLE_STATUS_OFFLINE, "offline", NULL},
};

static const struct state *state_of(enum msn_state state)
{
	for (guint i = 0; i < G_N_ELEMENTS(states); i++) {
		if (states[i].state == state)
			return &states[i];
	}
	return &states[0]; /* idle is no state of its own here */
}

static GList *status_types(PurpleAccount *account)
{
	GList *types = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(states); i++)
		types = g_list_append(types, purple_status_type_new_full(
						     states[i].primitive, states[i].id,
						     states[i].name ? _(states[i].name) : NULL,
						     TRUE, TRUE, FALSE));
	return types;
}

void buddies_tell_state(struct client *c)
{
	const char *id = purple_status_get_id(purple_account_get_active_status(c->account));

	for (guint i = 0; i < G_N_ELEMENTS(states); i++) {
		if (strcmp(states[i].id, id) != 0)
			continue;
		msn_state_set(c->session, states[i].state == MSN_ONLINE && c->is_idle
						  ? MSN_IDLE
						  : states[i].state);
	}
}

static void set_status(PurpleAccount *account, PurpleStatus *status)
{
	struct client *c = client_of(purple_account_get_connection(account));

	if (!c || !purple_status_is_active(status))
		return;
	buddies_tell_state(c);
	pump_turn(c);
}

static void set_idle(PurpleConnection *gc, int seconds)
{
	struct client *c = client_of(gc);

	if (!c || c->is_idle == (seconds > 0))
		return;
	c->is_idle = seconds > 0;
	buddies_tell_state(c);
	pump_turn(c);
}

static void ready(struct client *c)
{
	purple_connection_set_display_name(c->gc, c->name);
	purple_connection_set_state(c->gc, PURPLE_CONNECTED);
	c->is_ready = TRUE;
}

static void presence(struct client *c, const struct msn_event *ev)
{
	purple_prpl_got_user_status(c->account, ev->account, state_of(ev->state)->id, NULL);
	purple_prpl_got_user_idle(c->account, ev->account, ev->state == MSN_IDLE, 0);
	if (ev->name)
		serv_got_alias(c->gc, ev->account, ev->name);
}

/* ---- the list ---- */

static gboolean is_in(const char *name, const char **groups)
{
	for (guint i = 0; groups[i]; i++) {
		if (strcmp(groups[i], name) == 0)
			return TRUE;
	}
	return FALSE;
}

static const char *group_of(PurpleBuddy *buddy)
{
	return purple_group_get_name(purple_buddy_get_group(buddy));
}

static gboolean has_one_in(GSList *buddies, const char *group_name)
{
	for (; buddies; buddies = buddies->next) {
		if (strcmp(group_of(buddies->data), group_name) == 0)
			return TRUE;
	}
	return FALSE;
}

static void buddy_new(struct client *c, const char *account, const char *group_name)
{
	PurpleGroup *group = purple_find_group(group_name);
	PurpleBuddy *buddy = purple_buddy_new(c->account, account, NULL);

	if (!group) {
		group = purple_group_new(group_name);
		purple_blist_add_group(group, NULL);
	}
	purple_blist_add_buddy(buddy, NULL, group, NULL);
	purple_blist_node_set_bool((PurpleBlistNode *)buddy, ON_SERVER, TRUE);
}

/* The buddies of somebody on the forward list, brought to what the server says. */
static void buddies_update(struct client *c, const struct person *p)
{
	g_autofree const char **groups = people_group_names(c, p);
	GSList *buddies = purple_find_buddies(c->account, p->account);

	for (guint i = 0; groups[i]; i++) {
		if (!has_one_in(buddies, groups[i]))
			buddy_new(c, p->account, groups[i]);
	}
	for (; buddies; buddies = g_slist_delete_link(buddies, buddies)) {
		if (is_in(group_of(buddies->data), groups))
			purple_blist_node_set_bool(buddies->data, ON_SERVER, TRUE);
		else
			purple_blist_remove_buddy(buddies->data);
	}
}

/* Those that were never on the server are somebody's who is just being added. */
static void buddies_remove(struct client *c, const char *account)
{
	GSList *buddies = purple_find_buddies(c->account, account);

	for (; buddies; buddies = g_slist_delete_link(buddies, buddies)) {
		if (purple_blist_node_get_bool(buddies->data, ON_SERVER))
			purple_blist_remove_buddy(buddies->data);
	}
}

static void contact(struct client *c, const char *account)
{
	struct person *p = people_find(c, account);

	if (!p || !(p->lists & MSN_FL)) {
		buddies_remove(c, account);
		return;
	}
	buddies_update(c, p);
	if (p->name && strcmp(p->name, p->account) != 0)
		serv_got_alias(c->gc, p->account, p->name);
}

/* A name has changed, or a refused change has to be taken back. */
static void update_all(struct client *c)
{
	GList *all = people_on(c, MSN_FL);

	for (; all; all = g_list_delete_link(all, all))
		buddies_update(c, all->data);
}

/* Whoever was taken off the list by another client, while we were away. */
static void complete(struct client *c)
{
	GSList *buddies = purple_find_buddies(c->account, NULL);

	for (; buddies; buddies = g_slist_delete_link(buddies, buddies)) {
		const struct person *p =
			people_find(c, purple_buddy_get_name((PurpleBuddy *)buddies->data));

		if (purple_blist_node_get_bool(buddies->data, ON_SERVER) &&
		    (!p || !(p->lists & MSN_FL)))
			purple_blist_remove_buddy(buddies->data);
	}
}

static void moved(struct client *c, const char *account)
{
	struct person *p = people_find(c, account);

	if (p)
		g_clear_pointer(&p->leaving, g_free);
}

static gboolean is_still_in(struct client *c, const struct person *p, const char *group)
{
	for (guint i = 0; p->groups[i]; i++) {
		if (g_strcmp0(g_hash_table_lookup(c->groups, p->groups[i]), group) == 0)
			return TRUE;
	}
	return FALSE;
}

/* First they are in both groups, then in one: the list shows the second straight away. */
static void move_on(struct client *c, const char *account)
{
	struct person *p = people_find(c, account);

	if (p && p->leaving && !is_still_in(c, p, p->leaving))
		moved(c, account);
}

static void add_buddy_with_invite(PurpleConnection *gc, PurpleBuddy *buddy, PurpleGroup *group,
				  const char *message)
{
	struct client *c = client_of(gc);
	const char *name = purple_buddy_get_name(buddy);

	if (!c)
		return;
	if (!msn_contact_add(c->session, name, purple_group_get_name(group))) {
		g_autofree char *primary = g_strdup_printf(_("“%s” cannot be added"), name);

		purple_notify_error(gc, NOTICE_TITLE, primary,
				    _("Accounts have the form “name@example.org”, and the names "
				      "of groups are short."));
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
	msn_contact_remove(c->session, purple_buddy_get_name(buddy),
			   group ? purple_group_get_name(group) : NULL);
	pump_turn(c);
}

static void move(struct client *c, const char *who, const char *from, const char *to)
{
	struct person *p = people_find(c, who);

	if (!msn_contact_move(c->session, who, from, to) || !p)
		return;
	g_free(p->leaving);
	p->leaving = g_strdup(from);
}

static void group_buddy(PurpleConnection *gc, const char *who, const char *from, const char *to)
{
	struct client *c = client_of(gc);

	if (!c || g_strcmp0(from, to) == 0)
		return;
	move(c, who, from, to);
	pump_turn(c);
}

/* A group the server will not rename, or one that takes in another: its people move. */
static void rename_group(PurpleConnection *gc, const char *old_name, PurpleGroup *group,
			 GList *buddies)
{
	struct client *c = client_of(gc);
	const char *new_name = purple_group_get_name(group);

	if (!c || strcmp(old_name, new_name) == 0)
		return;
	if (!msn_group_rename(c->session, old_name, new_name)) {
		for (; buddies; buddies = buddies->next)
			move(c, purple_buddy_get_name(buddies->data), old_name, new_name);
	}
	pump_turn(c);
}

static void remove_group(PurpleConnection *gc, PurpleGroup *group)
{
	struct client *c = client_of(gc);

	if (!c)
		return;
	msn_group_remove(c->session, purple_group_get_name(group));
	pump_turn(c);
}

/* The local list was ahead of the server's: it goes back. */
static void refused(struct client *c, const struct msn_event *ev)
{
	g_autofree char *primary = error_of_refused(ev);

	purple_notify_error(c->gc, NOTICE_TITLE, primary,
			    _("What you see is what the server has. Try it again later."));
	if (ev->account && ev->refused == MSN_REFUSED_ADD) {
		const struct person *p = people_find(c, ev->account);
		GSList *buddies = purple_find_buddies(c->account, ev->account);

		moved(c, ev->account);
		for (; buddies; buddies = g_slist_delete_link(buddies, buddies)) {
			if (!p || !(p->lists & MSN_FL))
				purple_blist_remove_buddy(buddies->data);
		}
	}
	update_all(c);
}

/* ---- what the list shows ---- */

static const char *phone_label(enum msn_phone phone)
{
	static const char *const labels[] = {
		[MSN_PHONE_HOME] = N_("Home phone"),
		[MSN_PHONE_WORK] = N_("Work phone"),
		[MSN_PHONE_MOBILE] = N_("Mobile phone"),
	};

	return _(labels[phone]);
}

static void add_pair(PurpleNotifyUserInfo *info, const char *label, const char *text)
{
	g_autofree char *escaped = g_markup_escape_text(text, -1);

	purple_notify_user_info_add_pair(info, label, escaped);
}

static void add_phones(PurpleNotifyUserInfo *info, const struct person *p)
{
	for (guint i = MSN_PHONE_HOME; i <= MSN_PHONE_MOBILE; i++) {
		if (p->phones[i] && *p->phones[i])
			add_pair(info, phone_label(i), p->phones[i]);
	}
}

static void add_lists(PurpleNotifyUserInfo *info, const struct person *p)
{
	add_pair(info, _("Has you on their list"), p->lists & MSN_RL ? _("Yes") : _("No"));
	if (p->lists & MSN_BL)
		add_pair(info, _("Blocked"), _("Yes"));
	else if (p->lists & MSN_AL)
		add_pair(info, _("Allowed"), _("Yes"));
}

static PurpleStatus *status_of(PurpleBuddy *buddy)
{
	return purple_presence_get_active_status(purple_buddy_get_presence(buddy));
}

static char *status_text(PurpleBuddy *buddy)
{
	PurpleStatus *status = status_of(buddy);
	PurpleStatusPrimitive primitive =
		purple_status_type_get_primitive(purple_status_get_type(status));

	/* The others the icon tells. */
	if (primitive == PURPLE_STATUS_AVAILABLE || primitive == PURPLE_STATUS_OFFLINE)
		return NULL;
	return g_markup_escape_text(purple_status_get_name(status), -1);
}

static void tooltip_text(PurpleBuddy *buddy, PurpleNotifyUserInfo *info, gboolean full)
{
	struct client *c =
		client_of(purple_account_get_connection(purple_buddy_get_account(buddy)));
	const struct person *p = c ? people_find(c, purple_buddy_get_name(buddy)) : NULL;

	if (purple_presence_is_online(purple_buddy_get_presence(buddy)))
		add_pair(info, _("Status"), purple_status_get_name(status_of(buddy)));
	if (!p || !full)
		return;
	add_pair(info, _("Friendly name"), p->name ? p->name : p->account);
	add_lists(info, p);
	add_phones(info, p);
}

static void get_info(PurpleConnection *gc, const char *who)
{
	struct client *c = client_of(gc);
	struct person *p = c ? people_find(c, who) : NULL;
	PurpleBuddy *buddy = c ? purple_find_buddy(c->account, who) : NULL;
	PurpleNotifyUserInfo *info;

	if (!c)
		return;
	info = purple_notify_user_info_new();
	add_pair(info, _("Account"), who);
	if (buddy)
		add_pair(info, _("Status"), purple_status_get_name(status_of(buddy)));
	if (p) {
		add_pair(info, _("Friendly name"), p->name ? p->name : who);
		add_lists(info, p);
		add_phones(info, p);
	} else {
		add_pair(info, _("Lists"), _("They are on none of your lists."));
	}
	purple_notify_userinfo(gc, who, info, NULL, NULL);
	purple_notify_user_info_destroy(info);
}

/* ---- */

static gboolean event(struct client *c, const struct msn_event *ev)
{
	gboolean is_news = people_hear(c, ev);

	switch (ev->type) {
	case MSN_EVENT_READY:
		ready(c);
		return FALSE;
	case MSN_EVENT_OWN_NAME:
		purple_connection_set_display_name(c->gc, c->name);
		return TRUE;
	case MSN_EVENT_CONTACT:
	case MSN_EVENT_CONTACT_GONE:
		contact(c, ev->account);
		move_on(c, ev->account);
		return FALSE;
	case MSN_EVENT_GROUP:
		if (is_news)
			update_all(c);
		return TRUE;
	case MSN_EVENT_GROUP_GONE:
	case MSN_EVENT_PHONE:
		return TRUE;
	case MSN_EVENT_LISTS_COMPLETE:
		complete(c);
		return FALSE;
	case MSN_EVENT_PRESENCE:
		presence(c, ev);
		return TRUE;
	case MSN_EVENT_REFUSED:
		refused(c, ev);
		return FALSE;
	default:
		return FALSE;
	}
}

static void leave(struct client *c)
{
	people_clear(c);
}

static void setup(PurplePluginProtocolInfo *info)
{
	info->status_types = status_types;
	info->set_status = set_status;
	info->set_idle = set_idle;
	info->add_buddy = add_buddy;
	info->add_buddy_with_invite = add_buddy_with_invite;
	info->remove_buddy = remove_buddy;
	info->group_buddy = group_buddy;
	info->rename_group = rename_group;
	info->remove_group = remove_group;
	info->status_text = status_text;
	info->tooltip_text = tooltip_text;
	info->get_info = get_info;
}

static const struct part buddies = {.event = event, .setup = setup, .leave = leave};
MSN_PART(buddies);
