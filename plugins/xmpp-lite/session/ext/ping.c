/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ping: is the server still there? XEP-0199, asked after silence; and the answer to others who ask.
 */
#include "plugins/xmpp-lite/session/core.h"

#define NS_PING "urn:xmpp:ping"

struct ping {
	gint64 asked; /* when; 0: nothing is open */
};

static gpointer start(struct xmpp_session *s)
{
	return g_new0(struct ping, 1);
}

static gint64 deadline(const struct xmpp_session *s, gpointer state)
{
	const struct ping *p = state;

	/* Anything heard since then is as good as the answer. */
	if (p->asked && s->heard < p->asked)
		return p->asked + XMPP_PONG_MS;
	return s->heard + XMPP_IDLE_MS;
}

static void tick(struct xmpp_session *s, gpointer state)
{
	struct ping *p = state;
	struct stanza *iq;

	if (p->asked && s->heard < p->asked) {
		xmpp_stream_fail(s, "connection-timeout", XMPP_END_TIMEOUT, NULL);
		return;
	}
	iq = xmpp_iq_new(s, "get", s->domain);
	element_add(stanza_root(iq), "ping", NS_PING);
	xmpp_iq_send(s, iq, NULL, NULL, NULL);
	p->asked = s->now;
}

static void asked(struct xmpp_session *s, gpointer state, const struct element *iq,
		  const struct element *payload)
{
	xmpp_iq_result(s, iq);
}

static const struct xmpp_request_hook requests[] = {
	{"get", "ping", NS_PING, asked},
	{NULL},
};
static const char *const features[] = {NS_PING, NULL};

static const struct xmpp_extension ping = {
	.name = "ping",
	.features = features,
	.requests = requests,
	.start = start,
	.stop = g_free,
	.deadline = deadline,
	.tick = tick,
};
XMPP_EXTENSION(ping);
