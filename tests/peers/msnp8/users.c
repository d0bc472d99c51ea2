/* SPDX-License-Identifier: GPL-2.0-or-later */
/* users: the lists of people as a service keeps them; a key file holds them meanwhile. */
#include "tests/peers/msnp8/users.h"

#include <string.h>

const char *const phone_kinds[N_PHONES] = {"PHH", "PHW", "PHM", "MOB", "MBE"};

struct users {
	GPtrArray *all;
	GHashTable *by_account;
};

int phone_find(const char *kind)
{
	int i;

	for (i = 0; i < N_PHONES; i++)
		if (!strcmp(phone_kinds[i], kind))
			return i;
	return -1;
}

void user_set(char **field, const char *value)
{
	char *copy = value && *value ? g_strdup(value) : NULL;

	g_free(*field);
	*field = copy;
}

/* ---- contacts ---- */

static void contact_free(gpointer data)
{
	struct contact *c = data;

	g_free(c->account);
	g_free(c->nick);
	g_array_unref(c->groups);
	g_free(c);
}

struct contact *user_contact(const struct user *u, const char *account)
{
	return g_hash_table_lookup(u->by_account, account);
}

struct contact *user_contact_need(struct user *u, const char *account)
{
	struct contact *c = user_contact(u, account);

	if (c)
		return c;
	c = g_new0(struct contact, 1);
	c->account = g_strdup(account);
	c->groups = g_array_new(FALSE, FALSE, sizeof(int));
	g_ptr_array_add(u->contacts, c);
	g_hash_table_insert(u->by_account, c->account, c);
	return c;
}

void user_contact_tidy(struct user *u, struct contact *c)
{
	if (!(c->lists & FL))
		g_array_set_size(c->groups, 0);
	if (c->lists)
		return;
	g_hash_table_remove(u->by_account, c->account);
	g_ptr_array_remove(u->contacts, c);
}

guint user_list_count(const struct user *u, guint list)
{
	guint i, n = 0;

	for (i = 0; i < u->contacts->len; i++)
		n += (((struct contact *)u->contacts->pdata[i])->lists & list) != 0;
	return n;
}

static int contact_group_index(const struct contact *c, int group)
{
	guint i;

	for (i = 0; i < c->groups->len; i++)
		if (g_array_index(c->groups, int, i) == group)
			return i;
	return -1;
}

/* Whoever is in no group of one's own is in group 0. */
gboolean contact_is_in(const struct contact *c, int group)
{
	return group ? contact_group_index(c, group) >= 0 : !c->groups->len;
}

void contact_group_remove(struct contact *c, int group)
{
	int i = contact_group_index(c, group);

	if (i >= 0)
		g_array_remove_index(c->groups, i);
}

gboolean user_allows(const struct user *u, const char *account)
{
	const struct contact *c = user_contact(u, account);

	if (c && c->lists & BL)
		return FALSE;
	return (c && c->lists & AL) || u->is_open;
}

/* ---- groups ---- */

static void group_free(gpointer data)
{
	struct group *g = data;

	g_free(g->name);
	g_free(g);
}

struct group *user_group(const struct user *u, int id)
{
	guint i;

	for (i = 0; i < u->groups->len; i++)
		if (((struct group *)u->groups->pdata[i])->id == id)
			return u->groups->pdata[i];
	return NULL;
}

struct group *user_group_named(const struct user *u, const char *name)
{
	guint i;

	for (i = 0; i < u->groups->len; i++)
		if (!strcmp(((struct group *)u->groups->pdata[i])->name, name))
			return u->groups->pdata[i];
	return NULL;
}

static struct group *user_group_put(struct user *u, int id, const char *name)
{
	struct group *g = g_new0(struct group, 1);

	g->id = id;
	g->name = g_strdup(name);
	g_ptr_array_add(u->groups, g);
	return g;
}

struct group *user_group_add(struct user *u, const char *name)
{
	int id = 1;

	while (user_group(u, id))
		id++;
	return user_group_put(u, id, name);
}

void user_group_remove(struct user *u, struct group *g)
{
	guint i;

	for (i = 0; i < u->contacts->len; i++)
		contact_group_remove(u->contacts->pdata[i], g->id);
	g_ptr_array_remove(u->groups, g);
}

/* ---- users ---- */

static void user_free(gpointer data)
{
	struct user *u = data;
	guint i;

	for (i = 0; i < N_PHONES; i++)
		g_free(u->phones[i]);
	g_hash_table_unref(u->by_account);
	g_ptr_array_unref(u->contacts);
	g_ptr_array_unref(u->groups);
	g_free(u->account);
	g_free(u->password);
	g_free(u->name);
	g_free(u);
}

struct users *users_new(void)
{
	struct users *users = g_new0(struct users, 1);

	users->all = g_ptr_array_new_with_free_func(user_free);
	users->by_account = g_hash_table_new(g_str_hash, g_str_equal);
	return users;
}

void users_free(struct users *users)
{
	if (!users)
		return;
	g_hash_table_unref(users->by_account);
	g_ptr_array_unref(users->all);
	g_free(users);
}

struct user *users_find(const struct users *users, const char *account)
{
	return g_hash_table_lookup(users->by_account, account);
}

struct user *users_find_any_case(const struct users *users, const char *account)
{
	g_autofree char *lower = g_ascii_strdown(account, -1);

	return users_find(users, lower);
}

struct user *users_add(struct users *users, const char *account, const char *password,
		       const char *name)
{
	g_autofree char *lower = g_ascii_strdown(account, -1);
	struct user *u = users_find(users, lower);

	if (!u) {
		u = g_new0(struct user, 1);
		u->account = g_steal_pointer(&lower);
		u->name = g_strdup(u->account);
		u->is_open = u->is_asked = TRUE;
		u->contacts = g_ptr_array_new_with_free_func(contact_free);
		u->by_account = g_hash_table_new(g_str_hash, g_str_equal);
		u->groups = g_ptr_array_new_with_free_func(group_free);
		g_ptr_array_add(users->all, u);
		g_hash_table_insert(users->by_account, u->account, u);
	}
	user_set(&u->password, password);
	if (name && *name)
		user_set(&u->name, name);
	return u;
}

void users_each(const struct users *users, GFunc run, gpointer data)
{
	g_ptr_array_foreach(users->all, run, data);
}

/* ---- the file: a section for each account ---- */

static char *contact_print(const struct contact *c)
{
	GString *text = g_string_new(NULL);
	guint i;

	g_string_printf(text, "%s %u ", c->account, c->lists);
	for (i = 0; i < c->groups->len; i++)
		g_string_append_printf(text, "%s%d", i ? "," : "",
				       g_array_index(c->groups, int, i));
	g_string_append_printf(text, " %s", c->nick ? c->nick : "");
	return g_string_free(text, FALSE);
}

static void contact_scan(struct user *u, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", 4);
	g_auto(GStrv) groups = NULL;
	struct contact *c;
	guint i;

	if (g_strv_length(words) < 4)
		return;
	c = user_contact_need(u, words[0]);
	c->lists = g_ascii_strtoull(words[1], NULL, 10) & 15;
	user_set(&c->nick, words[3]);
	groups = g_strsplit(words[2], ",", -1);
	for (i = 0; groups[i]; i++) {
		int id = g_ascii_strtoll(groups[i], NULL, 10);

		g_array_append_val(c->groups, id);
	}
}

static void user_put(gpointer data, gpointer user)
{
	const struct user *u = data;
	GKeyFile *file = user;
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	guint i;

	g_key_file_set_string(file, u->account, "password", u->password ? u->password : "");
	g_key_file_set_string(file, u->account, "name", u->name);
	g_key_file_set_boolean(file, u->account, "open", u->is_open);
	g_key_file_set_boolean(file, u->account, "asked", u->is_asked);
	g_key_file_set_integer(file, u->account, "version", u->version);
	g_key_file_set_integer(file, u->account, "unread", u->unread);
	for (i = 0; i < N_PHONES; i++)
		if (u->phones[i])
			g_key_file_set_string(file, u->account, phone_kinds[i], u->phones[i]);
	for (i = 0; i < u->groups->len; i++) {
		struct group *g = u->groups->pdata[i];

		g_ptr_array_add(lines, g_strdup_printf("%d %s", g->id, g->name));
	}
	g_key_file_set_string_list(file, u->account, "groups", (const char *const *)lines->pdata,
				   lines->len);
	g_ptr_array_set_size(lines, 0);
	for (i = 0; i < u->contacts->len; i++)
		g_ptr_array_add(lines, contact_print(u->contacts->pdata[i]));
	g_key_file_set_string_list(file, u->account, "contacts", (const char *const *)lines->pdata,
				   lines->len);
}

gboolean users_save(const struct users *users, const char *path)
{
	g_autoptr(GKeyFile) file = g_key_file_new();

	users_each(users, user_put, file);
	return g_key_file_save_to_file(file, path, NULL);
}

static void user_get(struct users *users, GKeyFile *file, const char *account)
{
	g_autofree char *password = g_key_file_get_string(file, account, "password", NULL);
	g_autofree char *name = g_key_file_get_string(file, account, "name", NULL);
	g_auto(GStrv) groups = g_key_file_get_string_list(file, account, "groups", NULL, NULL);
	g_auto(GStrv) contacts = g_key_file_get_string_list(file, account, "contacts", NULL, NULL);
	struct user *u = users_add(users, account, password, name);
	guint i;

	u->is_open = g_key_file_get_boolean(file, account, "open", NULL);
	u->is_asked = g_key_file_get_boolean(file, account, "asked", NULL);
	u->version = g_key_file_get_integer(file, account, "version", NULL);
	u->unread = g_key_file_get_integer(file, account, "unread", NULL);
	for (i = 0; i < N_PHONES; i++)
		u->phones[i] = g_key_file_get_string(file, account, phone_kinds[i], NULL);
	for (i = 0; groups && groups[i]; i++) {
		const char *space = strchr(groups[i], ' ');

		if (space)
			user_group_put(u, g_ascii_strtoll(groups[i], NULL, 10), space + 1);
	}
	for (i = 0; contacts && contacts[i]; i++)
		contact_scan(u, contacts[i]);
}

gboolean users_load(struct users *users, const char *path)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_auto(GStrv) accounts = NULL;
	guint i;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return TRUE;
	if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL))
		return FALSE;
	accounts = g_key_file_get_groups(file, NULL);
	for (i = 0; accounts[i]; i++)
		user_get(users, file, accounts[i]);
	return TRUE;
}
