/* SPDX-License-Identifier: GPL-2.0-or-later */
/* roster: the contacts, as the server keeps them (RFC 6121 sections 2 and 3). The server's word is
 * the state; what the user wants is asked of it and comes back as a push. */
#include <string.h>

#include "common/text.h"
#include "plugins/xmpp-lite/session/core.h"

struct contact {
	char *jid;
	char *name; /* nullable */
	char **groups;
	enum xmpp_subscription subscription;
	gboolean is_asking;
	gboolean is_confirmed;	    /* the server has it; before that it is only asked for */
	struct resource *resources; /* presence.c's */
	/* Changes of ours without an answer yet: until the last one, name and groups are as asked
	 * for, and what the server says of them meanwhile waits here (NULL: nothing). */
	guint unanswered;
	char *pushed_name;
	char **pushed_groups;
};

struct roster {
	GHashTable *contacts; /* prepared JID → struct contact */
};

static void contact_free(gpointer data)
{
	struct contact *c = data;

	xmpp_resources_free(c->resources);
	g_strfreev(c->pushed_groups);
	g_free(c->pushed_name);
	g_strfreev(c->groups);
	g_free(c->name);
	g_free(c->jid);
	g_free(c);
}

struct roster *xmpp_roster_new(void)
{
	struct roster *r = g_new0(struct roster, 1);

	r->contacts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, contact_free);
	return r;
}

void xmpp_roster_free(struct roster *r)
{
	g_hash_table_destroy(r->contacts);
	g_free(r);
}

struct contact *xmpp_roster_find(const struct xmpp_session *s, const char *jid)
{
	char bare[JID_MAX];
	struct contact *c = g_hash_table_lookup(s->roster->contacts, jid);

	/* A roster may hold full JIDs too; those go first. */
	if (c || !jid_resource(jid))
		return c;
	g_strlcpy(bare, jid, jid_bare_length(jid) + 1);
	return g_hash_table_lookup(s->roster->contacts, bare);
}

struct resource **xmpp_contact_resources(struct contact *contact)
{
	return &contact->resources;
}

/* ---- what the server says ---- */

static gboolean subscription_parse(const char *text, enum xmpp_subscription *ret)
{
	static const char *const names[] = {"none", "to", "from", "both"};

	for (guint i = 0; text && i < G_N_ELEMENTS(names); i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret = (enum xmpp_subscription)i;
			return TRUE;
		}
	}
	if (!text) {
		*ret = XMPP_SUBSCRIPTION_NONE;
		return TRUE;
	}
	return FALSE;
}

static char **groups_parse(const struct element *item)
{
	GPtrArray *groups = g_ptr_array_new();

	for (const struct element *e = element_child(item, "group", NS_ROSTER);
	     e && groups->len < XMPP_GROUPS_MAX; e = element_next(e, "group", NS_ROSTER)) {
		gboolean is_known = e->text[0] == '\0';

		for (guint i = 0; i < groups->len; i++)
			is_known |= strcmp(groups->pdata[i], e->text) == 0;
		if (!is_known)
			g_ptr_array_add(groups, g_strdup(e->text));
	}
	g_ptr_array_add(groups, NULL);
	return (char **)g_ptr_array_free(groups, FALSE);
}

static void contact_told(struct xmpp_session *s, const struct contact *c)
{
	xmpp_event_push(s, &(struct xmpp_event){
				   .type = XMPP_EVENT_CONTACT,
				   .jid = xmpp_keep(s, c->jid),
				   .name = xmpp_keep(s, c->name),
				   .groups = xmpp_keep_vector(s, c->groups),
				   .subscription = c->subscription,
				   .is_asking = c->is_asking,
			   });
}

/* NULL when there are too many. */
static struct contact *contact_new(struct xmpp_session *s, const char *jid)
{
	struct contact *c;

	if (g_hash_table_size(s->roster->contacts) >= XMPP_CONTACTS_MAX)
		return NULL;
	c = g_new0(struct contact, 1);
	c->jid = g_strdup(jid);
	c->groups = g_new0(char *, 1);
	g_hash_table_insert(s->roster->contacts, c->jid, c);
	return c;
}

/* The name and the groups are now as the server has them. */
static void pushed_apply(struct contact *c)
{
	g_free(c->name);
	g_strfreev(c->groups);
	c->name = g_steal_pointer(&c->pushed_name);
	c->groups = g_steal_pointer(&c->pushed_groups);
	if (c->name && !*c->name)
		g_clear_pointer(&c->name, g_free);
}

static void item_apply(struct xmpp_session *s, const struct element *item)
{
	const char *raw = element_attribute(item, "jid");
	const char *subscription = element_attribute(item, "subscription");
	g_autofree char *jid = raw ? jid_new(raw) : NULL;
	struct contact *c = jid ? g_hash_table_lookup(s->roster->contacts, jid) : NULL;
	enum xmpp_subscription parsed;

	if (!jid)
		return;
	if (g_strcmp0(subscription, "remove") == 0) {
		if (c) {
			xmpp_event_push(s, &(struct xmpp_event){.type = XMPP_EVENT_CONTACT_GONE,
								.jid = xmpp_keep(s, jid)});
			g_hash_table_remove(s->roster->contacts, jid);
		}
		return;
	}
	if (!subscription_parse(subscription, &parsed))
		return;
	if (!c && !(c = contact_new(s, jid)))
		return;
	c->is_confirmed = TRUE;
	g_free(c->pushed_name);
	g_strfreev(c->pushed_groups);
	c->pushed_name = g_strdup(element_attribute(item, "name"));
	c->pushed_groups = groups_parse(item);
	/* While changes of ours are on their way, this may be from before them. */
	if (!c->unanswered)
		pushed_apply(c);
	c->subscription = parsed;
	c->is_asking = g_strcmp0(element_attribute(item, "ask"), "subscribe") == 0;
	contact_told(s, c);
}

static void roster_answered(struct xmpp_session *s, const struct element *iq, gpointer data)
{
	const struct element *query = iq ? element_child(iq, "query", NS_ROSTER) : NULL;
	const struct element *item = query ? element_child(query, "item", NS_ROSTER) : NULL;

	if (!iq || xmpp_is_error(iq)) {
		xmpp_refused(s, NULL, "roster", iq);
		return;
	}
	for (; item; item = element_next(item, "item", NS_ROSTER))
		item_apply(s, item);
	xmpp_event_push(s, &(struct xmpp_event){.type = XMPP_EVENT_ROSTER_COMPLETE});
}

void xmpp_roster_request(struct xmpp_session *s)
{
	struct stanza *iq = xmpp_iq_new(s, "get", NULL);

	element_add(stanza_root(iq), "query", NS_ROSTER);
	xmpp_iq_send(s, iq, roster_answered, NULL, NULL);
}

static void push_received(struct xmpp_session *s, gpointer state, const struct element *iq,
			  const struct element *query)
{
	const struct element *item = element_child(query, "item", NS_ROSTER);

	/* Anybody can send us such a request; only our own server's counts (RFC 6121
	 * section 2.1.6). */
	if (!xmpp_is_from_account(s, iq)) {
		xmpp_iq_error(s, iq, "cancel", "service-unavailable");
		return;
	}
	if (!item || element_next(item, "item", NS_ROSTER)) {
		xmpp_iq_error(s, iq, "modify", "bad-request");
		return;
	}
	item_apply(s, item);
	xmpp_iq_result(s, iq);
}

static const struct xmpp_request_hook requests[] = {
	{"set", "query", NS_ROSTER, push_received},
	{NULL},
};

static const struct xmpp_extension roster_pushes = {.name = "roster", .requests = requests};
XMPP_EXTENSION(roster_pushes);

/* ---- what the user wants ---- */

void xmpp_refused(struct xmpp_session *s, const char *jid, const char *what,
		  const struct element *iq)
{
	const char *text = NULL;
	const char *condition = iq ? xmpp_error_condition(iq, &text) : "remote-server-timeout";

	xmpp_event_push(s, &(struct xmpp_event){
				   .type = XMPP_EVENT_REFUSED,
				   .jid = xmpp_keep(s, jid),
				   .text = what,
				   .condition = xmpp_keep(s, condition),
				   .error = xmpp_keep(s, text),
			   });
}

/* The last of our changes is through: if what came meanwhile is something else, somebody else was
 * later. */
static void pushed_settle(struct xmpp_session *s, struct contact *c)
{
	gboolean is_same;

	if (!c->pushed_groups)
		return;
	is_same =
		g_strcmp0(c->pushed_name, c->name) == 0 &&
		g_strv_equal((const char *const *)c->pushed_groups, (const char *const *)c->groups);
	pushed_apply(c);
	if (!is_same)
		contact_told(s, c);
}

static void set_answered(struct xmpp_session *s, const struct element *iq, gpointer jid)
{
	struct contact *c = g_hash_table_lookup(s->roster->contacts, jid);

	if (c && c->unanswered)
		c->unanswered--;
	if (iq && !xmpp_is_error(iq)) {
		if (c && !c->unanswered)
			pushed_settle(s, c);
		return;
	}
	xmpp_refused(s, jid, "roster-set", iq);
	/* What is shown here ran ahead of the server: ask it how things really stand. */
	if (c && c->is_confirmed) {
		if (iq)
			xmpp_roster_request(s);
		return;
	}
	xmpp_event_push(
		s, &(struct xmpp_event){.type = XMPP_EVENT_CONTACT_GONE, .jid = xmpp_keep(s, jid)});
	g_hash_table_remove(s->roster->contacts, jid);
}

/* Ask for jid to stand in the roster under that name, in those groups. */
static void item_send(struct xmpp_session *s, const char *jid, const char *name,
		      char *const *groups)
{
	struct stanza *iq = xmpp_iq_new(s, "set", NULL);
	struct element *item =
		element_add(element_add(stanza_root(iq), "query", NS_ROSTER), "item", NS_ROSTER);

	element_set(item, "jid", jid);
	if (name && *name)
		element_set(item, "name", name);
	for (guint i = 0; groups[i]; i++)
		element_add_text(item, "group", NS_ROSTER, groups[i]);
	xmpp_iq_send(s, iq, set_answered, g_strdup(jid), g_free);
}

static void item_remove(struct xmpp_session *s, const char *jid)
{
	struct stanza *iq = xmpp_iq_new(s, "set", NULL);
	struct element *item =
		element_add(element_add(stanza_root(iq), "query", NS_ROSTER), "item", NS_ROSTER);

	element_set(item, "jid", jid);
	element_set(item, "subscription", "remove");
	xmpp_iq_send(s, iq, set_answered, g_strdup(jid), g_free);
}

static void subscription_send(struct xmpp_session *s, const char *jid, const char *type)
{
	struct stanza *presence = stanza_new("presence", NS_CLIENT);
	g_autofree char *bare = jid_bare(jid);
	g_autofree char *id = xmpp_new_id(s);

	element_set(stanza_root(presence), "to", bare);
	element_set(stanza_root(presence), "type", type);
	element_set(stanza_root(presence), "id", id);
	xmpp_send(s, presence);
}

/* groups without from and with to, each once; from and to nullable. (transfer full) */
static char **groups_changed(char *const *groups, const char *from, const char *to)
{
	GPtrArray *changed = g_ptr_array_new();
	gboolean has_to = FALSE;

	for (guint i = 0; groups && groups[i]; i++) {
		if (from && strcmp(groups[i], from) == 0)
			continue;
		has_to |= to && strcmp(groups[i], to) == 0;
		g_ptr_array_add(changed, g_strdup(groups[i]));
	}
	if (to && *to && !has_to)
		g_ptr_array_add(changed, g_strdup(to));
	g_ptr_array_add(changed, NULL);
	return (char **)g_ptr_array_free(changed, FALSE);
}

/* What the server was last asked to make of a contact, until its push says so: two moves in a row
 * must both count. */
static void contact_set(struct xmpp_session *s, struct contact *c, const char *name, char **groups)
{
	char *old_name = c->name;

	c->unanswered++;
	item_send(s, c->jid, name, groups);
	c->name = g_strdup(name);
	g_free(old_name);
	g_strfreev(c->groups);
	c->groups = groups;
}

gboolean xmpp_contact_add(struct xmpp_session *s, const char *raw, const char *name,
			  const char *group)
{
	g_autofree char *jid = jid_new(raw);
	struct contact *c = jid ? g_hash_table_lookup(s->roster->contacts, jid) : NULL;

	if (!jid || s->stage != STAGE_READY || (!c && !(c = contact_new(s, jid))))
		return FALSE;
	contact_set(s, c, c->name ? c->name : name, groups_changed(c->groups, NULL, group));
	if (!c->is_asking && c->subscription != XMPP_SUBSCRIPTION_TO &&
	    c->subscription != XMPP_SUBSCRIPTION_BOTH)
		subscription_send(s, jid, "subscribe");
	return TRUE;
}

static struct contact *contact_for(struct xmpp_session *s, const char *raw)
{
	char jid[JID_MAX];

	if (s->stage != STAGE_READY || !jid_prepare(raw, jid))
		return NULL;
	return g_hash_table_lookup(s->roster->contacts, jid);
}

gboolean xmpp_contact_rename(struct xmpp_session *s, const char *raw, const char *name)
{
	struct contact *c = contact_for(s, raw);

	if (!c)
		return FALSE;
	if (g_strcmp0(c->name, name && *name ? name : NULL) != 0)
		contact_set(s, c, name && *name ? name : NULL,
			    groups_changed(c->groups, NULL, NULL));
	return TRUE;
}

gboolean xmpp_contact_move(struct xmpp_session *s, const char *raw, const char *from,
			   const char *to)
{
	struct contact *c = contact_for(s, raw);

	if (!c)
		return FALSE;
	contact_set(s, c, c->name, groups_changed(c->groups, from, to));
	return TRUE;
}

gboolean xmpp_contact_remove(struct xmpp_session *s, const char *raw, const char *group)
{
	struct contact *c = contact_for(s, raw);
	g_auto(GStrv) left = NULL;

	if (!c)
		return FALSE;
	left = groups_changed(c->groups, group, NULL);
	if (group && left[0])
		contact_set(s, c, c->name, g_steal_pointer(&left));
	else
		item_remove(s, c->jid);
	return TRUE;
}

gboolean xmpp_contact_allow(struct xmpp_session *s, const char *raw, gboolean is_allowed)
{
	g_autofree char *jid = jid_new(raw);

	if (!jid || s->stage != STAGE_READY)
		return FALSE;
	subscription_send(s, jid, is_allowed ? "subscribed" : "unsubscribed");
	return TRUE;
}

gboolean xmpp_contact_ask(struct xmpp_session *s, const char *raw)
{
	g_autofree char *jid = jid_new(raw);

	if (!jid || s->stage != STAGE_READY)
		return FALSE;
	subscription_send(s, jid, "subscribe");
	return TRUE;
}

gboolean xmpp_contact_subscription(const struct xmpp_session *s, const char *raw,
				   enum xmpp_subscription *ret, gboolean *ret_is_asking)
{
	char jid[JID_MAX];
	const struct contact *c;

	if (!jid_prepare(raw, jid) || !(c = xmpp_roster_find(s, jid)))
		return FALSE;
	*ret = c->subscription;
	*ret_is_asking = c->is_asking;
	return TRUE;
}
