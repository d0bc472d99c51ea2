/* SPDX-License-Identifier: GPL-2.0-or-later */
/* delay: when a message was really sent (XEP-0203, dates of XEP-0082), believed of our own server
 * only. */
#include <string.h>

#include "plugins/xmpp-lite/session/core.h"

#define NS_DELAY "urn:xmpp:delay"

static gboolean is_trusted(const struct xmpp_session *s, const char *from)
{
	char prepared[JID_MAX];

	return from && jid_prepare(from, prepared) &&
	       (strcmp(prepared, s->domain) == 0 || strcmp(prepared, s->bare) == 0);
}

static void delayed(struct xmpp_session *s, gpointer state, struct xmpp_event *ev,
		    const struct element *message, const struct element *payload)
{
	/* There may be several: one by who sent it on, one by our server that kept it for us. */
	for (const struct element *e = payload; e; e = element_next(e, "delay", NS_DELAY)) {
		const char *stamp = element_attribute(e, "stamp");
		g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
		g_autoptr(GDateTime) date = NULL;

		if (!stamp || !is_trusted(s, element_attribute(e, "from")))
			continue;
		date = g_date_time_new_from_iso8601(stamp, utc);
		if (date && g_date_time_to_unix(date) > 0) {
			ev->stamp = g_date_time_to_unix(date);
			return;
		}
	}
}

static const struct xmpp_message_hook messages[] = {
	{"delay", NS_DELAY, delayed},
	{NULL},
};
static const char *const features[] = {NS_DELAY, NULL};

static const struct xmpp_extension delay = {
	.name = "delay", .features = features, .messages = messages};
XMPP_EXTENSION(delay);
