/* SPDX-License-Identifier: GPL-2.0-or-later */
/* disco: tells who asks what we are and can do (XEP-0030), from what the extensions say of
 * themselves. */
#include "plugins/xmpp-lite/session/core.h"

#define NS_INFO "http://jabber.org/protocol/disco#info"
#define NS_ITEMS "http://jabber.org/protocol/disco#items"

static void info_asked(struct xmpp_session *s, gpointer state, const struct element *iq,
		       const struct element *payload)
{
	struct stanza *answer;
	struct element *query, *identity;

	if (element_attribute(payload, "node")) {
		xmpp_iq_error(s, iq, "cancel", "item-not-found");
		return;
	}
	answer = xmpp_iq_result_new(s, iq);
	query = element_add(stanza_root(answer), "query", NS_INFO);
	identity = element_add(query, "identity", NS_INFO);
	element_set(identity, "category", "client");
	element_set(identity, "type", "pc");
	element_set(identity, "name", s->software);
	for (guint i = 0; i < xmpp_extension_count(); i++) {
		const char *const *feature = xmpp_extension_at(i)->features;

		for (; feature && *feature; feature++)
			element_set(element_add(query, "feature", NS_INFO), "var", *feature);
	}
	xmpp_send(s, answer);
}

static void items_asked(struct xmpp_session *s, gpointer state, const struct element *iq,
			const struct element *payload)
{
	struct stanza *answer = xmpp_iq_result_new(s, iq);

	element_add(stanza_root(answer), "query", NS_ITEMS);
	xmpp_send(s, answer);
}

static const struct xmpp_request_hook requests[] = {
	{"get", "query", NS_INFO, info_asked},
	{"get", "query", NS_ITEMS, items_asked},
	{NULL},
};
static const char *const features[] = {NS_INFO, NS_ITEMS, NULL};

static const struct xmpp_extension disco = {
	.name = "disco", .features = features, .requests = requests};
XMPP_EXTENSION(disco);
