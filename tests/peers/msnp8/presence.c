/* SPDX-License-Identifier: GPL-2.0-or-later */
/* presence: who is told what of whom. A watcher has somebody on FL, so is on that one's RL. */
#include "tests/peers/msnp8/ns.h"

#include <string.h>

static struct ns *ns_of(const struct user *u)
{
	return u->ns ? u->ns->state : NULL;
}

const char *presence_shown(const struct user *u)
{
	struct ns *ns = ns_of(u);

	return ns && *ns->state && strcmp(ns->state, "HDN") ? ns->state : NULL;
}

static gboolean presence_watches(const struct user *watcher, const struct user *u)
{
	const struct contact *c = user_contact(watcher, u->account);
	struct ns *ns = ns_of(watcher);

	return c && c->lists & FL && ns && *ns->state;
}

static void presence_phones(struct conn *c, const struct user *u)
{
	int i;

	for (i = 0; i < N_PHONES; i++)
		if (u->phones[i] && strcmp(phone_kinds[i], "MBE"))
			conn_say(c, "BPR %u %s %s %s", lists_changed(c), u->account, phone_kinds[i],
				 u->phones[i]);
}

void presence_tell(struct server *s, struct user *u, struct user *watcher, gboolean with_phones)
{
	g_autofree char *name = name_encode(s, u->name);
	const char *state = user_allows(u, watcher->account) ? presence_shown(u) : NULL;

	if (!presence_watches(watcher, u))
		return;
	if (!state) {
		conn_say(watcher->ns, "FLN %s", u->account);
		return;
	}
	if (with_phones)
		presence_phones(watcher->ns, u);
	conn_say(watcher->ns, "NLN %s %s %s %s", state, u->account, name, ns_of(u)->client_id);
}

static void presence_tell_watchers(struct server *s, struct user *u, gboolean is_here)
{
	guint i;

	for (i = 0; i < u->contacts->len; i++) {
		struct contact *c = u->contacts->pdata[i];
		struct user *watcher = c->lists & RL ? users_find(s->users, c->account) : NULL;

		if (!watcher || !user_allows(u, c->account) || !presence_watches(watcher, u))
			continue;
		if (is_here)
			presence_tell(s, u, watcher, FALSE);
		else
			conn_say(watcher->ns, "FLN %s", u->account);
	}
}

void presence_tell_all(struct server *s, struct user *u)
{
	struct ns *ns = ns_of(u);
	gboolean is_here = presence_shown(u) != NULL;

	if (!ns || (!is_here && !ns->is_shown))
		return;
	ns->is_shown = is_here;
	presence_tell_watchers(s, u, is_here);
}

void presence_left(struct server *s, struct user *u)
{
	struct ns *ns = ns_of(u);

	u->ns = NULL;
	if (ns && ns->is_shown)
		presence_tell_watchers(s, u, FALSE);
}

gboolean presence_list_one(struct conn *c, const struct request *r, struct user *u)
{
	g_autofree char *name = name_encode(c->server, u->name);
	const char *state = presence_shown(u);

	if (!state || !user_allows(u, c->user->account))
		return FALSE;
	conn_say(c, "ILN %s %s %s %s %s", r->words[1], state, u->account, name,
		 ns_of(u)->client_id);
	return TRUE;
}

void presence_list(struct conn *c, const struct request *r)
{
	guint i;

	for (i = 0; i < c->user->contacts->len; i++) {
		struct contact *contact = c->user->contacts->pdata[i];
		struct user *u = users_find(c->server->users, contact->account);

		if (u && contact->lists & FL)
			presence_list_one(c, r, u);
	}
}
