/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kept: a store of few entries. */
#include "plugins/msnp8/prpl/kept.h"

#include <debug.h>
#include <util.h>

#include "common/store.h"
#include "plugins/msnp8/prpl/client.h"

#define VERSION_KEPT 1
#define LISTS "lists"
#define LOGIN "login"

struct kept {
	struct store *store;
	char *host, *nexus;
};

static char *kept_path(PurpleAccount *account)
{
	g_autofree char *lower = g_utf8_strdown(purple_account_get_username(account), -1);
	g_autofree char *escaped = g_uri_escape_string(lower, "@", FALSE);
	g_autofree char *name = g_strdup_printf("account-%s.json", escaped);

	return g_build_filename(purple_user_dir(), MSNP8, name, NULL);
}

struct kept *kept_open(PurpleAccount *account, const char *host, const char *nexus)
{
	struct kept *k = g_new0(struct kept, 1);
	g_autofree char *path = kept_path(account);
	g_autofree char *aside = NULL;
	enum store_result result;

	k->store = store_open(path, VERSION_KEPT, &result, &aside);
	k->host = g_strdup(host);
	k->nexus = g_strdup(nexus);
	if (result == STORE_BROKEN || result == STORE_TOO_NEW)
		purple_debug_warning(MSNP8, "%s cannot be used; it is kept as %s\n", path,
				     aside ? aside : "?");
	else if (result == STORE_UNUSABLE)
		purple_debug_warning(MSNP8, "%s can neither be read nor written\n", path);
	return k;
}

void kept_free(struct kept *k)
{
	if (!k)
		return;
	store_free(k->store);
	g_free(k->host);
	g_free(k->nexus);
	g_free(k);
}

const char *kept_lists(const struct kept *k)
{
	return store_get(k->store, LISTS, k->host);
}

const char *kept_login_url(const struct kept *k)
{
	return store_get(k->store, LOGIN, k->nexus);
}

/* Only what belongs to the settings of now is worth keeping. */
static void put(struct kept *k, const char *group, const char *key, const char *text)
{
	g_autoptr(GError) error = NULL;

	if (g_strcmp0(store_get(k->store, group, key), text) == 0)
		return;
	store_forget_group(k->store, group);
	if (text && !store_set(k->store, group, key, text))
		purple_debug_warning(MSNP8, "the %s are too large to be kept\n", group);
	if (!store_save(k->store, &error))
		purple_debug_warning(MSNP8, "the %s could not be kept: %s\n", group,
				     error ? error->message : "?");
}

void kept_set_lists(struct kept *k, const char *lists)
{
	put(k, LISTS, k->host, lists);
}

void kept_set_login_url(struct kept *k, const char *url)
{
	put(k, LOGIN, k->nexus, url);
}
