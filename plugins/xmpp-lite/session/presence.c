/* SPDX-License-Identifier: GPL-2.0-or-later */
/* presence: who is there, from how many clients, and our own (RFC 6121 section 4). */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "plugins/xmpp-lite/session/core.h"

#define NS_NICK "http://jabber.org/protocol/nick"

/* One connected client of a contact. */
struct resource {
	char *name; /* "" for the bare JID itself */
	char *text; /* nullable */
	enum xmpp_show show;
	int priority;
	struct resource *next;
};

static void resource_free(struct resource *r)
{
	g_free(r->name);
	g_free(r->text);
	g_free(r);
}

void xmpp_resources_free(struct resource *list)
{
	while (list) {
		struct resource *next = list->next;

		resource_free(list);
		list = next;
	}
}

/* Is a better to be shown than b? What is equal otherwise keeps its order, and the latest stands
 * first. */
static gboolean is_better(const struct resource *a, const struct resource *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return a->show >= b->show;
}

static struct resource *resource_take(struct resource **list, const char *name)
{
	for (struct resource **at = list; *at; at = &(*at)->next) {
		struct resource *r = *at;

		if (strcmp(r->name, name) == 0) {
			*at = r->next;
			return r;
		}
	}
	return NULL;
}

static void resource_put(struct resource **list, struct resource *r)
{
	struct resource **at = list;
	guint n = 0;

	while (*at && !is_better(r, *at))
		at = &(*at)->next;
	r->next = *at;
	*at = r;
	/* More clients than anybody has: the least of them goes. */
	for (at = list; *at; at = &(*at)->next) {
		if (++n > XMPP_RESOURCES_MAX) {
			xmpp_resources_free(*at);
			*at = NULL;
			return;
		}
	}
}

static enum xmpp_show show_parse(const char *text)
{
	if (!text)
		return XMPP_SHOW_ONLINE;
	if (strcmp(text, "away") == 0)
		return XMPP_SHOW_AWAY;
	if (strcmp(text, "xa") == 0)
		return XMPP_SHOW_XA;
	if (strcmp(text, "dnd") == 0)
		return XMPP_SHOW_DND;
	if (strcmp(text, "chat") == 0)
		return XMPP_SHOW_CHAT;
	return XMPP_SHOW_ONLINE;
}

static void available(struct xmpp_session *s, struct resource **list, const char *name,
		      const struct element *presence)
{
	struct resource *r = resource_take(list, name);
	const struct element *status =
		element_child_for_language(presence, "status", NS_CLIENT, s->language);
	const char *priority = element_child_text(presence, "priority", NS_CLIENT);

	if (!r) {
		r = g_new0(struct resource, 1);
		r->name = g_strdup(name);
	}
	g_clear_pointer(&r->text, g_free);
	if (status && status->text[0])
		r->text = g_strndup(status->text, text_cut(status->text, -1, XMPP_STATUS_MAX));
	r->show = show_parse(element_child_text(presence, "show", NS_CLIENT));
	r->priority = priority ? (int)CLAMP(strtol(priority, NULL, 10), -128, 127) : 0;
	resource_put(list, r);
}

static void contact_changed(struct xmpp_session *s, const char *jid, const struct resource *best)
{
	g_autofree char *bare = jid_bare(jid);
	struct xmpp_event ev = {.type = XMPP_EVENT_PRESENCE, .jid = xmpp_keep(s, bare)};

	if (best) {
		ev.show = best->show;
		ev.text = xmpp_keep(s, best->text);
		ev.priority = best->priority;
	}
	xmpp_event_push(s, &ev);
	for (guint i = 0; i < xmpp_extension_count(); i++) {
		if (xmpp_extension_at(i)->presence)
			xmpp_extension_at(i)->presence(s, s->extension_states[i], bare, ev.show);
	}
}

static void availability(struct xmpp_session *s, const char *jid, const char *type,
			 const struct element *presence)
{
	struct contact *contact = xmpp_roster_find(s, jid);
	const char *name = jid_resource(jid) ? jid_resource(jid) : "";
	struct resource **list;

	/* Presence of people who are not in the roster is for those who sent for it (rooms,
	 * transfers). */
	if (!contact)
		return;
	list = xmpp_contact_resources(contact);
	if (!type) {
		available(s, list, name, presence);
	} else if (!*name || strcmp(type, "error") == 0) {
		/* From the bare address: none of the clients is there any more. At sign-on servers
		 * say so of everybody who is away; that is no news. */
		if (!*list)
			return;
		xmpp_resources_free(*list);
		*list = NULL;
	} else {
		struct resource *r = resource_take(list, name);

		if (!r)
			return;
		resource_free(r);
	}
	contact_changed(s, jid, *list);
}

static void subscription(struct xmpp_session *s, const char *jid, const char *type,
			 const struct element *presence)
{
	g_autofree char *bare = jid_bare(jid);
	const struct element *status =
		element_child_for_language(presence, "status", NS_CLIENT, s->language);
	struct xmpp_event ev = {.jid = xmpp_keep(s, bare)};
	struct contact *contact = xmpp_roster_find(s, bare);
	enum xmpp_subscription have;
	gboolean is_asking;

	if (strcmp(type, "subscribe") == 0) {
		ev.type = XMPP_EVENT_SUBSCRIBE;
		ev.name = element_child_text(presence, "nick", NS_NICK);
		ev.text = status && status->text[0] ? status->text : NULL;
		xmpp_event_push(s, &ev);
	} else if (strcmp(type, "unsubscribed") == 0 && contact &&
		   xmpp_contact_subscription(s, bare, &have, &is_asking)) {
		/* The roster push says how things stand; this only says that it was their doing. */
		ev.type = XMPP_EVENT_UNSUBSCRIBED;
		xmpp_event_push(s, &ev);
	}
}

void xmpp_presence_received(struct xmpp_session *s, const struct element *presence)
{
	const char *from = element_attribute(presence, "from");
	const char *type = element_attribute(presence, "type");
	gboolean is_jid;
	const char *jid;

	if (!from)
		return; /* the server's echo of our own, with nothing to tell */
	jid = xmpp_keep_jid(s, from, &is_jid);
	if (!is_jid)
		return;
	if (!type || strcmp(type, "unavailable") == 0 || strcmp(type, "error") == 0)
		availability(s, jid, type, presence);
	else
		subscription(s, jid, type, presence);
}

gboolean xmpp_contact_resource(const struct xmpp_session *s, const char *raw, guint index,
			       struct xmpp_resource *ret)
{
	char jid[JID_MAX];
	struct contact *contact = jid_prepare(raw, jid) ? xmpp_roster_find(s, jid) : NULL;
	const struct resource *r = contact ? *xmpp_contact_resources(contact) : NULL;

	while (r && index--)
		r = r->next;
	if (!r)
		return FALSE;
	*ret = (struct xmpp_resource){
		.resource = r->name, .show = r->show, .text = r->text, .priority = r->priority};
	return TRUE;
}

/* ---- our own ---- */

void xmpp_presence_announce(struct xmpp_session *s)
{
	static const char *const shows[] = {[XMPP_SHOW_XA] = "xa",
					    [XMPP_SHOW_DND] = "dnd",
					    [XMPP_SHOW_AWAY] = "away",
					    [XMPP_SHOW_CHAT] = "chat"};
	struct stanza *stanza = stanza_new("presence", NS_CLIENT);
	struct element *presence = stanza_root(stanza);
	g_autofree char *id = xmpp_new_id(s);

	element_set(presence, "id", id);
	if (s->show == XMPP_SHOW_OFFLINE)
		element_set(presence, "type", "unavailable");
	else if (s->show != XMPP_SHOW_ONLINE)
		element_add_text(presence, "show", NS_CLIENT, shows[s->show]);
	if (s->status)
		element_add_text(presence, "status", NS_CLIENT, s->status);
	if (s->priority && s->show != XMPP_SHOW_OFFLINE) {
		char number[8];

		g_snprintf(number, sizeof number, "%d", s->priority);
		element_add_text(presence, "priority", NS_CLIENT, number);
	}
	xmpp_send(s, stanza);
}

gboolean xmpp_presence_set(struct xmpp_session *s, enum xmpp_show show, const char *text,
			   int priority)
{
	g_autofree char *repaired = text && *text ? text_repair(text, -1) : NULL;

	if (s->stage == STAGE_CLOSING || s->stage == STAGE_ENDED)
		return FALSE;
	g_free(s->status);
	s->status = repaired ? g_strndup(repaired, text_cut(repaired, -1, XMPP_STATUS_MAX)) : NULL;
	s->show = show;
	s->priority = CLAMP(priority, -128, 127);
	s->has_presence = TRUE;
	if (s->stage == STAGE_READY)
		xmpp_presence_announce(s);
	return TRUE;
}
