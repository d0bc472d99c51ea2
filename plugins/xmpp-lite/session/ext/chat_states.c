/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chat_states: who is typing (XEP-0085), both ways, only with those who understand it. */
#include <string.h>

#include "plugins/xmpp-lite/session/core.h"

#define NS_STATES "http://jabber.org/protocol/chatstates"
#define PEERS_MAX 1000 /* remembered conversations; then all are asked anew */

static const char *const state_names[] = {
	[XMPP_TYPING_ACTIVE] = "active",
	[XMPP_TYPING_COMPOSING] = "composing",
	[XMPP_TYPING_PAUSED] = "paused",
	[XMPP_TYPING_GONE] = "gone",
};

enum support { UNKNOWN, UNDERSTOOD, NOT_UNDERSTOOD };

struct peer {
	enum support support;
	enum xmpp_typing said; /* the last state we sent */
};

static gpointer start(struct xmpp_session *s)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void stop(gpointer state)
{
	g_hash_table_destroy(state);
}

static struct peer *peer_find(GHashTable *peers, const char *jid)
{
	char bare[JID_MAX];

	g_strlcpy(bare, jid, MIN(jid_bare_length(jid) + 1, sizeof bare));
	return g_hash_table_lookup(peers, bare);
}

static struct peer *peer_for(GHashTable *peers, const char *jid)
{
	struct peer *p = peer_find(peers, jid);

	if (p)
		return p;
	if (g_hash_table_size(peers) >= PEERS_MAX)
		g_hash_table_remove_all(peers);
	p = g_new0(struct peer, 1);
	g_hash_table_insert(peers, jid_bare(jid), p);
	return p;
}

static void state_heard(struct xmpp_session *s, gpointer peers, struct xmpp_event *ev,
			const struct element *message, const struct element *payload)
{
	struct peer *p = peer_for(peers, ev->jid);
	struct xmpp_event typing = {.type = XMPP_EVENT_TYPING, .typing = XMPP_TYPING_GONE};
	g_autofree char *bare = jid_bare(ev->jid);

	p->support = UNDERSTOOD;
	if (ev->stamp)
		return; /* what somebody did long ago */
	for (guint i = 0; i < G_N_ELEMENTS(state_names); i++) {
		if (strcmp(payload->name, state_names[i]) == 0)
			typing.typing = (enum xmpp_typing)i;
	}
	/* With a text the message itself says that typing has ended. */
	if (!ev->text) {
		typing.jid = xmpp_keep(s, bare);
		xmpp_event_push(s, &typing);
	}
}

static void received(struct xmpp_session *s, gpointer peers, const struct xmpp_event *ev,
		     const struct element *message)
{
	struct peer *p;

	/* A reply without any state: they do not speak it (XEP-0085 section 4.1). */
	if (!ev->text || ev->stamp || element_child(message, NULL, NS_STATES))
		return;
	p = peer_for(peers, ev->jid);
	p->support = NOT_UNDERSTOOD;
}

static void sending(struct xmpp_session *s, gpointer peers, struct element *stanza)
{
	const char *to = element_attribute(stanza, "to");
	struct peer *p;

	if (!to || !element_child(stanza, "body", NS_CLIENT))
		return;
	p = peer_for(peers, to);
	if (p->support == NOT_UNDERSTOOD)
		return;
	p->said = XMPP_TYPING_ACTIVE;
	element_add(stanza, "active", NS_STATES);
}

static void presence(struct xmpp_session *s, gpointer peers, const char *jid, enum xmpp_show show)
{
	struct peer *p = peer_find(peers, jid);

	/* Who comes back may come back with another client. */
	if (p && show == XMPP_SHOW_OFFLINE)
		g_hash_table_remove(peers, jid);
}

static const char *const features[] = {NS_STATES, NULL};
static const struct xmpp_message_hook messages[] = {
	{NULL, NS_STATES, state_heard},
	{NULL},
};

static const struct xmpp_extension chat_states = {
	.name = "chat states",
	.features = features,
	.messages = messages,
	.start = start,
	.stop = stop,
	.received = received,
	.sending = sending,
	.presence = presence,
};
XMPP_EXTENSION(chat_states);

gboolean xmpp_typing_send(struct xmpp_session *s, const char *to, enum xmpp_typing typing)
{
	GHashTable *peers = xmpp_extension_state(s, &chat_states);
	g_autofree char *jid = jid_new(to);
	struct peer *p = jid ? peer_find(peers, jid) : NULL;
	struct stanza *stanza;

	if (s->stage != STAGE_READY || !p || p->support != UNDERSTOOD || p->said == typing)
		return FALSE;
	p->said = typing;
	stanza = stanza_new("message", NS_CLIENT);
	element_set(stanza_root(stanza), "to", jid);
	element_set(stanza_root(stanza), "type", "chat");
	element_add(stanza_root(stanza), state_names[typing], NS_STATES);
	/* Of no use to who reads it later (XEP-0334). */
	element_add(stanza_root(stanza), "no-store", "urn:xmpp:hints");
	xmpp_send(s, stanza);
	return TRUE;
}
