/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Actors: accounts with a name, made as the host in question makes them. */
#include <connection.h>
#include <core.h>
#include <plugin.h>
#include <string.h>

#include "tests/host/parts.h"

static GPtrArray *actors;
static GSList *retired; /* accounts of ended bitlbee connections: buddies still point to them */

static void actor_free(gpointer data)
{
	struct actor *a = data;

	g_free(a->name);
	g_free(a->protocol);
	g_free(a->user);
	g_free(a->password);
	g_free(a->answer);
	g_free(a->files);
	g_ptr_array_unref(a->options);
	g_free(a);
}

struct actor *actor_find(const char *name)
{
	for (guint i = 0; actors && i < actors->len; i++) {
		struct actor *a = g_ptr_array_index(actors, i);

		if (!strcmp(a->name, name))
			return a;
	}
	return NULL;
}

struct actor *actor_of(const PurpleAccount *account)
{
	for (guint i = 0; account && actors && i < actors->len; i++) {
		struct actor *a = g_ptr_array_index(actors, i);

		if (a->account == account)
			return a;
	}
	return NULL;
}

/* libpurple asks about certificates without saying for whom: then it is the one who is signing on.
 */
const char *actor_name(const PurpleAccount *account)
{
	const struct actor *found = actor_of(account);
	guint n = 0;

	for (guint i = 0; !account && actors && i < actors->len; i++) {
		const struct actor *a = g_ptr_array_index(actors, i);

		if (!a->account || !purple_account_is_connecting(a->account))
			continue;
		found = a;
		n++;
	}
	return found && n <= 1 ? found->name : NOBODY;
}

PurpleAccount *host_account(const char *actor)
{
	const struct actor *a = actor_find(actor);

	return a ? a->account : NULL;
}

PurpleConnection *actor_connection(const struct actor *a)
{
	PurpleConnection *gc = a->account ? purple_account_get_connection(a->account) : NULL;

	return gc && PURPLE_CONNECTION_IS_CONNECTED(gc) ? gc : NULL;
}

static void apply_option(PurpleAccount *account, const char *setting)
{
	const char *value = strchr(setting, '=') + 1;
	g_autofree char *name = g_strndup(setting, value - 1 - setting);

	if (g_str_has_prefix(value, "int:"))
		purple_account_set_int(account, name, (int)g_ascii_strtoll(value + 4, NULL, 10));
	else if (g_str_has_prefix(value, "bool:"))
		purple_account_set_bool(account, name, !strcmp(value + 5, "true"));
	else
		purple_account_set_string(account, name, value);
}

gboolean actor_set_option(struct actor *a, const char *setting)
{
	if (!strchr(setting, '='))
		return FALSE;
	g_ptr_array_add(a->options, g_strdup(setting));
	if (a->account)
		apply_option(a->account, setting);
	return TRUE;
}

/* bitlbee makes a new account for each connection and keeps it out of libpurple's list. */
static void make_account(struct actor *a)
{
	if (host_ui() == HOST_PIDGIN)
		a->account = purple_accounts_find(a->user, a->protocol);
	if (!a->account) {
		a->account = purple_account_new(a->user, a->protocol);
		if (host_ui() == HOST_PIDGIN)
			purple_accounts_add(a->account);
	}
	if (a->password) {
		purple_account_set_remember_password(a->account, TRUE);
		purple_account_set_password(a->account, a->password);
	}
	for (guint i = 0; i < a->options->len; i++)
		apply_option(a->account, g_ptr_array_index(a->options, i));
}

static gboolean read_actor(struct actor *a, const char *args)
{
	g_autofree char *password = NULL;
	char *word;

	a->name = script_word(&args);
	a->protocol = script_word(&args);
	a->user = script_word(&args);
	password = script_word(&args);
	if (!password)
		return script_fail(
			"account NAME PROTOCOL USER PASSWORD [OPTION=VALUE…]; PASSWORD - is none");
	if (actor_find(a->name))
		return script_fail("there is an account %s already", a->name);
	if (!purple_find_prpl(a->protocol))
		return script_fail("no plugin for %s", a->protocol);
	if (strcmp(password, "-"))
		a->password = g_steal_pointer(&password);
	while ((word = script_word(&args))) {
		g_autofree char *setting = word;

		if (!actor_set_option(a, setting))
			return script_fail("option '%s' has no value", setting);
	}
	return TRUE;
}

gboolean actor_add(const char *args)
{
	struct actor *a = g_new0(struct actor, 1);

	a->options = g_ptr_array_new_with_free_func(g_free);
	if (!read_actor(a, args)) {
		actor_free(a);
		return FALSE;
	}
	if (!actors)
		actors = g_ptr_array_new_with_free_func(actor_free);
	g_ptr_array_add(actors, a);
	if (host_ui() == HOST_PIDGIN)
		make_account(a);
	return TRUE;
}

static gboolean is_disconnected(gpointer user)
{
	const struct actor *a = user;

	return !a->account || !purple_account_get_connection(a->account);
}

void actor_on(struct actor *a)
{
	/* After an error the old connection is taken down in a later turn of the loop. */
	if (a->account && purple_account_get_connection(a->account) &&
	    !purple_account_is_connected(a->account) && !purple_account_is_connecting(a->account))
		host_run_until(is_disconnected, a, host_patience_ms());
	if (!a->account)
		make_account(a);
	if (!purple_account_get_enabled(a->account, purple_core_get_ui()))
		purple_account_set_enabled(a->account, purple_core_get_ui(), TRUE);
	else if (is_disconnected(a))
		purple_account_connect(a->account);
}

void actor_retire(struct actor *a)
{
	retired = g_slist_prepend(retired, a->account);
	purple_account_set_enabled(a->account, purple_core_get_ui(), FALSE);
	a->account = NULL;
}

void actor_remove(struct actor *a)
{
	if (a->account && host_ui() == HOST_PIDGIN)
		purple_accounts_delete(a->account);
	else if (a->account && purple_account_get_connection(a->account))
		purple_account_disconnect(a->account);
	else if (a->account)
		actor_retire(a);
	g_ptr_array_remove(actors, a);
}

void actors_sign_off(void)
{
	for (guint i = 0; actors && i < actors->len; i++) {
		const struct actor *a = g_ptr_array_index(actors, i);

		if (a->account && purple_account_get_connection(a->account))
			purple_account_disconnect(a->account);
	}
}

/* libpurple frees the accounts in its list; the others, with their buddies, are left to us. */
void actors_delete_accounts(void)
{
	for (guint i = 0; host_ui() == HOST_BITLBEE && actors && i < actors->len; i++) {
		struct actor *a = g_ptr_array_index(actors, i);

		if (a->account)
			actor_retire(a);
	}
	g_slist_free_full(retired, (GDestroyNotify)purple_accounts_delete);
	retired = NULL;
}

void actors_free(void)
{
	g_clear_pointer(&actors, g_ptr_array_unref);
}
