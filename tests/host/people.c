/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is seen of connections, accounts and buddies. */
#include <account.h>
#include <blist.h>
#include <buddyicon.h>
#include <connection.h>
#include <core.h>
#include <privacy.h>
#include <signals.h>
#include <string.h>

#include "tests/host/parts.h"

/* What was last said of a buddy, so that only changes are told. */
struct shown {
	char *group, *presence;
};

static GHashTable *shown; /* PurpleBuddy to struct shown */
static int handle;

/* ---- connections ---- */

static const char *reason_name(PurpleConnectionError reason)
{
	static const char *const names[] = {
		[PURPLE_CONNECTION_ERROR_NETWORK_ERROR] = "NETWORK_ERROR",
		[PURPLE_CONNECTION_ERROR_INVALID_USERNAME] = "INVALID_USERNAME",
		[PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED] = "AUTHENTICATION_FAILED",
		[PURPLE_CONNECTION_ERROR_AUTHENTICATION_IMPOSSIBLE] = "AUTHENTICATION_IMPOSSIBLE",
		[PURPLE_CONNECTION_ERROR_NO_SSL_SUPPORT] = "NO_SSL_SUPPORT",
		[PURPLE_CONNECTION_ERROR_ENCRYPTION_ERROR] = "ENCRYPTION_ERROR",
		[PURPLE_CONNECTION_ERROR_NAME_IN_USE] = "NAME_IN_USE",
		[PURPLE_CONNECTION_ERROR_INVALID_SETTINGS] = "INVALID_SETTINGS",
		[PURPLE_CONNECTION_ERROR_CERT_NOT_PROVIDED] = "CERT_NOT_PROVIDED",
		[PURPLE_CONNECTION_ERROR_CERT_UNTRUSTED] = "CERT_UNTRUSTED",
		[PURPLE_CONNECTION_ERROR_CERT_EXPIRED] = "CERT_EXPIRED",
		[PURPLE_CONNECTION_ERROR_CERT_NOT_ACTIVATED] = "CERT_NOT_ACTIVATED",
		[PURPLE_CONNECTION_ERROR_CERT_HOSTNAME_MISMATCH] = "CERT_HOSTNAME_MISMATCH",
		[PURPLE_CONNECTION_ERROR_CERT_FINGERPRINT_MISMATCH] = "CERT_FINGERPRINT_MISMATCH",
		[PURPLE_CONNECTION_ERROR_CERT_SELF_SIGNED] = "CERT_SELF_SIGNED",
		[PURPLE_CONNECTION_ERROR_CERT_OTHER_ERROR] = "CERT_OTHER_ERROR",
		[PURPLE_CONNECTION_ERROR_OTHER_ERROR] = "OTHER_ERROR",
	};

	return reason < G_N_ELEMENTS(names) && names[reason] ? names[reason] : "UNKNOWN_ERROR";
}

static const char *name_of(PurpleConnection *gc)
{
	return actor_name(purple_connection_get_account(gc));
}

static void show_progress(PurpleConnection *gc, const char *text, size_t step, size_t count)
{
	host_event(name_of(gc), "progress %s", TEXT(text));
}

static void show_connected(PurpleConnection *gc)
{
	host_event(name_of(gc), "connected");
}

static void show_disconnected(PurpleConnection *gc)
{
	PurpleAccount *account = purple_connection_get_account(gc);
	struct actor *a = actor_of(account);

	host_event(name_of(gc), "disconnected");
	/* After a fatal error Pidgin, too, waits for the user before it tries again. */
	if (a && host_ui() == HOST_BITLBEE)
		actor_retire(a);
	else if (a && gc->wants_to_die)
		purple_account_set_enabled(account, purple_core_get_ui(), FALSE);
}

static void show_error(PurpleConnection *gc, PurpleConnectionError reason, const char *text)
{
	host_event(name_of(gc), "error %s %s", reason_name(reason), TEXT(text));
}

static PurpleConnectionUiOps connection_ops = {
	.connect_progress = show_progress,
	.connected = show_connected,
	.disconnected = show_disconnected,
	.report_disconnect_reason = show_error,
};

/* ---- buddies ---- */

static void shown_free(gpointer data)
{
	struct shown *s = data;

	g_free(s->group);
	g_free(s->presence);
	g_free(s);
}

static const struct actor *actor_of_buddy(PurpleBuddy *buddy)
{
	return actor_of(purple_buddy_get_account(buddy));
}

static char *describe_presence(PurpleBuddy *buddy)
{
	PurplePresence *presence = purple_buddy_get_presence(buddy);
	PurpleStatus *status = purple_presence_get_active_status(presence);
	const char *message = purple_status_get_attr_string(status, "message");
	const char *idle = purple_presence_is_idle(presence) ? " idle" : "";

	if (!message || !*message)
		return g_strdup_printf("%s%s", purple_status_get_id(status), idle);
	return g_strdup_printf("%s \"%s\"%s", purple_status_get_id(status), message, idle);
}

static void show_presence(PurpleBuddyList *list, PurpleBlistNode *node)
{
	PurpleBuddy *buddy = (PurpleBuddy *)node;
	g_autofree char *presence = NULL;
	const struct actor *a;
	struct shown *s;

	if (!PURPLE_BLIST_NODE_IS_BUDDY(node) || !(a = actor_of_buddy(buddy)) ||
	    !(s = g_hash_table_lookup(shown, buddy)))
		return;
	presence = describe_presence(buddy);
	if (!strcmp(presence, s->presence))
		return;
	host_event(a->name, "presence %s %s", purple_buddy_get_name(buddy), presence);
	g_free(s->presence);
	s->presence = g_steal_pointer(&presence);
}

/* libpurple says "added" of a buddy that only moved as well. */
static void show_added(PurpleBuddy *buddy, gpointer unused)
{
	const char *name = purple_buddy_get_name(buddy);
	const char *group = purple_group_get_name(purple_buddy_get_group(buddy));
	const struct actor *a = actor_of_buddy(buddy);
	struct shown *s = g_hash_table_lookup(shown, buddy);

	if (!a)
		return;
	if (!s) {
		s = g_new0(struct shown, 1);
		s->group = g_strdup(group);
		s->presence = g_strdup("offline");
		g_hash_table_insert(shown, buddy, s);
		host_event(a->name, "buddy-add %s %s %s", name, purple_buddy_get_alias(buddy),
			   group);
	} else if (strcmp(s->group, group)) {
		g_free(s->group);
		s->group = g_strdup(group);
		host_event(a->name, "buddy-group %s %s", name, group);
	}
	show_presence(NULL, (PurpleBlistNode *)buddy);
}

static void show_removed(PurpleBuddy *buddy, gpointer unused)
{
	const struct actor *a = actor_of_buddy(buddy);

	g_hash_table_remove(shown, buddy);
	if (a && host_ui() == HOST_PIDGIN)
		host_event(a->name, "buddy-remove %s", purple_buddy_get_name(buddy));
}

static void show_alias(PurpleBlistNode *node, const char *old_alias, gpointer unused)
{
	PurpleBuddy *buddy = (PurpleBuddy *)node;
	const struct actor *a;

	if (!PURPLE_BLIST_NODE_IS_BUDDY(node) || !(a = actor_of_buddy(buddy)))
		return;
	host_event(a->name, "buddy-alias %s %s", purple_buddy_get_name(buddy),
		   purple_buddy_get_alias(buddy));
}

static void show_icon(PurpleBuddy *buddy, gpointer unused)
{
	const struct actor *a = actor_of_buddy(buddy);
	PurpleBuddyIcon *icon = purple_buddy_get_icon(buddy);
	size_t n = 0;

	if (!a)
		return;
	if (icon)
		purple_buddy_icon_get_data(icon, &n);
	host_event(a->name, "icon %s %zu", purple_buddy_get_name(buddy), n);
}

static PurpleBlistUiOps blist_ops = {.update = show_presence};

/* ---- accounts ---- */

static void show_added_you(PurpleAccount *account, const char *who, const char *id,
			   const char *alias, const char *message)
{
	host_event(actor_name(account), "added-by %s \"%s\"", who, TEXT(message));
}

static PurpleAccountUiOps account_ops = {.notify_added = show_added_you};

/* ---- privacy ---- */

static void show_permit(PurpleAccount *account, const char *who)
{
	host_event(actor_name(account), "permit-add %s", who);
}

static void show_permit_gone(PurpleAccount *account, const char *who)
{
	host_event(actor_name(account), "permit-remove %s", who);
}

static void show_deny(PurpleAccount *account, const char *who)
{
	host_event(actor_name(account), "deny-add %s", who);
}

static void show_deny_gone(PurpleAccount *account, const char *who)
{
	host_event(actor_name(account), "deny-remove %s", who);
}

static PurplePrivacyUiOps privacy_ops = {
	.permit_added = show_permit,
	.permit_removed = show_permit_gone,
	.deny_added = show_deny,
	.deny_removed = show_deny_gone,
};

void people_init(void)
{
	void *blist = purple_blist_get_handle();

	shown = g_hash_table_new_full(NULL, NULL, NULL, shown_free);
	if (host_ui() == HOST_BITLBEE)
		account_ops.notify_added = NULL;
	purple_connections_set_ui_ops(&connection_ops);
	purple_accounts_set_ui_ops(&account_ops);
	purple_blist_set_ui_ops(&blist_ops);
	purple_privacy_set_ui_ops(&privacy_ops);
	purple_signal_connect(blist, "buddy-added", &handle, PURPLE_CALLBACK(show_added), NULL);
	purple_signal_connect(blist, "buddy-removed", &handle, PURPLE_CALLBACK(show_removed), NULL);
	purple_signal_connect(blist, "blist-node-aliased", &handle, PURPLE_CALLBACK(show_alias),
			      NULL);
	if (host_ui() == HOST_PIDGIN)
		purple_signal_connect(blist, "buddy-icon-changed", &handle,
				      PURPLE_CALLBACK(show_icon), NULL);
}

void people_free(void)
{
	g_clear_pointer(&shown, g_hash_table_destroy);
}
