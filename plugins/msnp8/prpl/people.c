/* SPDX-License-Identifier: GPL-2.0-or-later */
/* people: two tables. */
#include "plugins/msnp8/prpl/people.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define EVERYBODY "0" /* the group that is always there */

static void person_free(gpointer data)
{
	struct person *p = data;

	g_free(p->account);
	g_free(p->name);
	g_free(p->leaving);
	g_strfreev(p->groups);
	for (guint i = 0; i < G_N_ELEMENTS(p->phones); i++)
		g_free(p->phones[i]);
	g_free(p);
}

static void replace(char **slot, const char *text)
{
	char *copy = g_strdup(text);

	g_free(*slot);
	*slot = copy;
}

static void hear_contact(struct client *c, const struct msn_event *ev)
{
	struct person *p = people_find(c, ev->account);

	if (!p) {
		p = g_new0(struct person, 1);
		p->account = g_strdup(ev->account);
		g_hash_table_insert(c->people, p->account, p);
	}
	replace(&p->name, ev->name);
	p->lists = ev->lists;
	g_strfreev(p->groups);
	p->groups = g_strdupv((char **)ev->groups);
}

static void hear_phone(struct client *c, const struct msn_event *ev)
{
	struct person *p = ev->account ? people_find(c, ev->account) : NULL;

	if (!ev->account)
		replace(&c->phones[ev->phone], ev->text);
	else if (p)
		replace(&p->phones[ev->phone], ev->text);
}

static void hear_name(struct client *c, const struct msn_event *ev)
{
	struct person *p = people_find(c, ev->account);

	if (p && ev->name)
		replace(&p->name, ev->name);
}

static gboolean hear_group(struct client *c, const struct msn_event *ev)
{
	if (g_strcmp0(g_hash_table_lookup(c->groups, ev->group), ev->name) == 0)
		return FALSE;
	g_hash_table_replace(c->groups, g_strdup(ev->group), g_strdup(ev->name));
	return TRUE;
}

gboolean people_hear(struct client *c, const struct msn_event *ev)
{
	if (!c->people) {
		c->people = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, person_free);
		c->groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	}
	switch (ev->type) {
	case MSN_EVENT_CONTACT:
		hear_contact(c, ev);
		break;
	case MSN_EVENT_CONTACT_GONE:
		g_hash_table_remove(c->people, ev->account);
		break;
	case MSN_EVENT_GROUP:
		return hear_group(c, ev);
	case MSN_EVENT_GROUP_GONE:
		g_hash_table_remove(c->groups, ev->group);
		break;
	case MSN_EVENT_PHONE:
		hear_phone(c, ev);
		break;
	case MSN_EVENT_PRESENCE:
	case MSN_EVENT_CHAT_JOINED:
		hear_name(c, ev);
		break;
	case MSN_EVENT_READY:
	case MSN_EVENT_OWN_NAME:
		replace(&c->name, ev->name);
		break;
	default:
		break;
	}
	return TRUE;
}

void people_clear(struct client *c)
{
	g_clear_pointer(&c->people, g_hash_table_destroy);
	g_clear_pointer(&c->groups, g_hash_table_destroy);
	g_clear_pointer(&c->name, g_free);
	for (guint i = 0; i < G_N_ELEMENTS(c->phones); i++)
		g_clear_pointer(&c->phones[i], g_free);
}

struct person *people_find(struct client *c, const char *account)
{
	g_autofree char *who = c->people && account ? msn_account_new(account) : NULL;

	return who ? g_hash_table_lookup(c->people, who) : NULL;
}

const char *people_name(struct client *c, const char *account)
{
	const struct person *p = people_find(c, account);

	return p && p->name && *p->name ? p->name : account;
}

static gint by_account(gconstpointer a, gconstpointer b)
{
	return strcmp(((const struct person *)a)->account, ((const struct person *)b)->account);
}

GList *people_on(struct client *c, enum msn_list list)
{
	GHashTableIter iter;
	gpointer value;
	GList *found = NULL;

	if (!c->people)
		return NULL;
	g_hash_table_iter_init(&iter, c->people);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		if (((struct person *)value)->lists & list)
			found = g_list_prepend(found, value);
	}
	return g_list_sort(found, by_account);
}

const char **people_group_names(struct client *c, const struct person *person)
{
	guint n = g_strv_length(person->groups), found = 0;
	const char **names = g_new0(const char *, n + 2);

	for (guint i = 0; i < n; i++) {
		const char *name = g_hash_table_lookup(c->groups, person->groups[i]);

		if (name && *name && g_strcmp0(name, person->leaving) != 0)
			names[found++] = name;
	}
	if (found == 0)
		names[0] = g_hash_table_lookup(c->groups, EVERYBODY);
	/* libpurple's own word for the usual one. */
	if (!names[0] || !*names[0])
		names[0] = dgettext("pidgin", "Buddies");
	return names;
}
