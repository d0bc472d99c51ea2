/* SPDX-License-Identifier: GPL-2.0-or-later */
/* privacy: libpurple's permit and deny lists and the server's allow and block lists, which are the
 * truth; and the people who wait to be put on one of them. */
#include <blist.h>
#include <glib/gi18n-lib.h>
#include <notify.h>
#include <privacy.h>
#include <string.h>

#include "common/text.h"
#include "plugins/msnp8/prpl/people.h"
#include "plugins/msnp8/prpl/pump.h"
#include "plugins/msnp8/prpl/say.h"

#define QUOTE_MAX 400 /* octets of a stranger's name in a question */

/* ---- from the server: changed here alone, so that nothing is sent back ---- */

/* On the way from one list to the other they are on neither; nobody needs to see that. */
static gboolean is_on_the_way(struct client *c, const char *account, guint lists)
{
	struct person *p = people_find(c, account);

	if (!p || !p->side)
		return FALSE;
	if (lists & p->side)
		p->side = 0;
	return p->side != 0;
}

static void contact(struct client *c, const char *account, guint lists)
{
	if (is_on_the_way(c, account, lists))
		return;
	if (lists & MSN_AL)
		purple_privacy_permit_add(c->account, account, TRUE);
	else
		purple_privacy_permit_remove(c->account, account, TRUE);
	if (lists & MSN_BL)
		purple_privacy_deny_add(c->account, account, TRUE);
	else
		purple_privacy_deny_remove(c->account, account, TRUE);
}

static void list_check(struct client *c, const GSList *list)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	for (; list; list = list->next)
		g_ptr_array_add(names, g_strdup(list->data));
	for (guint i = 0; i < names->len; i++) {
		const struct person *p = people_find(c, names->pdata[i]);

		contact(c, names->pdata[i], p ? p->lists : 0);
	}
}

/* What another client has taken off, while we were away. */
static void complete(struct client *c)
{
	list_check(c, c->account->permit);
	list_check(c, c->account->deny);
}

/* Of the host's five modes the one that says what the server does; the user's own if it does. */
static PurplePrivacyType mode_of(struct client *c, gboolean is_open)
{
	PurplePrivacyType mode = purple_account_get_privacy_type(c->account);

	if (is_open)
		return mode == PURPLE_PRIVACY_ALLOW_ALL && !c->account->deny
			       ? PURPLE_PRIVACY_ALLOW_ALL
			       : PURPLE_PRIVACY_DENY_USERS;
	return mode == PURPLE_PRIVACY_ALLOW_BUDDYLIST ? mode : PURPLE_PRIVACY_ALLOW_USERS;
}

static void settle(struct client *c)
{
	if (c->is_privacy_known)
		purple_account_set_privacy_type(c->account, mode_of(c, c->is_open));
}

static void privacy(struct client *c, gboolean is_open)
{
	c->is_open = is_open;
	c->is_privacy_known = TRUE;
	settle(c);
}

static void refused(struct client *c, const char *account)
{
	struct person *p = account ? people_find(c, account) : NULL;

	if (p)
		p->side = 0;
	complete(c);
	settle(c);
}

/* ---- from the user ---- */

static gboolean put_on(struct client *c, const char *who, enum msn_list side)
{
	struct person *p = people_find(c, who);

	if (!(side == MSN_AL ? msn_contact_allow(c->session, who)
			     : msn_contact_block(c->session, who)))
		return FALSE;
	if (p && !(p->lists & side))
		p->side = side;
	return TRUE;
}

static void add_permit(PurpleConnection *gc, const char *who)
{
	struct client *c = client_of(gc);

	if (!c)
		return;
	if (!put_on(c, who, MSN_AL))
		purple_privacy_permit_remove(c->account, who, TRUE);
	pump_turn(c);
}

static void add_deny(PurpleConnection *gc, const char *who)
{
	struct client *c = client_of(gc);

	if (!c)
		return;
	if (!put_on(c, who, MSN_BL))
		purple_privacy_deny_remove(c->account, who, TRUE);
	pump_turn(c);
}

/* Who has us on their list is on one of the two: otherwise the next sign-in asks about them again.
 * A host that moves somebody takes them off one list after it has put them on the other. */
static void take_off(PurpleConnection *gc, const char *who, enum msn_list list)
{
	struct client *c = client_of(gc);
	struct person *p = c ? people_find(c, who) : NULL;

	if (!p || !(p->lists & list) || p->side)
		return;
	if (p->lists & (MSN_RL | MSN_FL))
		put_on(c, who, list == MSN_BL ? MSN_AL : MSN_BL);
	else
		msn_contact_forget(c->session, who, list);
	pump_turn(c);
}

static void rem_permit(PurpleConnection *gc, const char *who)
{
	take_off(gc, who, MSN_AL);
}

static void rem_deny(PurpleConnection *gc, const char *who)
{
	take_off(gc, who, MSN_BL);
}

static void allow_buddies(struct client *c)
{
	GList *buddies = people_on(c, MSN_FL);

	for (; buddies; buddies = g_list_delete_link(buddies, buddies)) {
		const struct person *p = buddies->data;

		if (!(p->lists & (MSN_AL | MSN_BL)))
			put_on(c, p->account, MSN_AL);
	}
}

/* The host calls it once when we have just connected, too: the server's word counts then. */
static void set_permit_deny(PurpleConnection *gc)
{
	struct client *c = client_of(gc);
	PurplePrivacyType mode;
	gboolean is_open;

	if (!c || !c->is_ready)
		return;
	mode = purple_account_get_privacy_type(c->account);
	if (mode == PURPLE_PRIVACY_DENY_ALL)
		purple_notify_info(gc, NOTICE_TITLE, _("MSN cannot block everybody"),
				   _("From now on, only the people on your allow list can see and "
				     "call you."));
	if (mode == PURPLE_PRIVACY_ALLOW_BUDDYLIST)
		allow_buddies(c);
	is_open = mode == PURPLE_PRIVACY_ALLOW_ALL || mode == PURPLE_PRIVACY_DENY_USERS;
	/* Otherwise the server's answer settles it. */
	if (!msn_privacy_set(c->session, is_open) || is_open == c->is_open)
		settle(c);
	pump_turn(c);
}

/* ---- people who have us on their list ---- */

/* A question on the screen, owned by the client: closing the connection calls neither answer. */
struct ask {
	struct client *client;
	char *account;
};

static void ask_free(struct ask *ask)
{
	g_free(ask->account);
	g_free(ask);
}

static void ask_done(struct ask *ask, gboolean is_allowed)
{
	struct client *c = ask->client;

	put_on(c, ask->account, is_allowed ? MSN_AL : MSN_BL);
	c->asks = g_slist_remove(c->asks, ask);
	ask_free(ask);
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

static void pending(struct client *c, const struct msn_event *ev)
{
	g_autofree char *name = ev->name && strcmp(ev->name, ev->account) != 0
					? text_line(ev->name, QUOTE_MAX)
					: NULL;
	const char *message;
	struct ask *ask;

	for (GSList *l = c->asks; l; l = l->next) {
		if (strcmp(((struct ask *)l->data)->account, ev->account) == 0)
			return;
	}
	ask = g_new0(struct ask, 1);
	ask->client = c;
	ask->account = g_strdup(ev->account);
	c->asks = g_slist_prepend(c->asks, ask);
	/* bitlbee shows no name, but always a message. */
	message = say_is_bare() ? (name ? name : ev->account) : NULL;
	purple_account_request_authorization(c->account, ask->account, NULL, name, message,
					     purple_find_buddy(c->account, ask->account) != NULL,
					     ask_accepted, ask_refused, ask);
}

/* ---- */

static gboolean event(struct client *c, const struct msn_event *ev)
{
	switch (ev->type) {
	case MSN_EVENT_CONTACT:
		contact(c, ev->account, ev->lists);
		return TRUE;
	case MSN_EVENT_CONTACT_GONE:
		contact(c, ev->account, 0);
		return TRUE;
	case MSN_EVENT_LISTS_COMPLETE:
		complete(c);
		settle(c);
		return TRUE;
	case MSN_EVENT_PRIVACY:
		privacy(c, ev->is_open);
		return TRUE;
	case MSN_EVENT_PENDING:
		pending(c, ev);
		return TRUE;
	case MSN_EVENT_REFUSED:
		refused(c, ev->account);
		return TRUE;
	default:
		return FALSE;
	}
}

static void leave(struct client *c)
{
	purple_account_request_close_with_account(c->account);
	g_slist_free_full(g_steal_pointer(&c->asks), (GDestroyNotify)ask_free);
}

static void setup(PurplePluginProtocolInfo *info)
{
	info->add_permit = add_permit;
	info->add_deny = add_deny;
	info->rem_permit = rem_permit;
	info->rem_deny = rem_deny;
	info->set_permit_deny = set_permit_deny;
}

static const struct part privacy_part = {.event = event, .setup = setup, .leave = leave};
MSN_PART(privacy_part);
