/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event: events as lines. */
#include "plugins/xmpp-lite/session/event.h"

static const char *const type_names[] = {
	[XMPP_EVENT_WANT_CONNECTION] = "want-connection",
	[XMPP_EVENT_WANT_TLS] = "want-tls",
	[XMPP_EVENT_PROGRESS] = "progress",
	[XMPP_EVENT_AUTHENTICATED] = "authenticated",
	[XMPP_EVENT_READY] = "ready",
	[XMPP_EVENT_ENDED] = "ended",
	[XMPP_EVENT_CONTACT] = "contact",
	[XMPP_EVENT_CONTACT_GONE] = "contact-gone",
	[XMPP_EVENT_ROSTER_COMPLETE] = "roster-complete",
	[XMPP_EVENT_PRESENCE] = "presence",
	[XMPP_EVENT_SUBSCRIBE] = "subscribe",
	[XMPP_EVENT_UNSUBSCRIBED] = "unsubscribed",
	[XMPP_EVENT_MESSAGE] = "message",
	[XMPP_EVENT_MESSAGE_FAILED] = "message-failed",
	[XMPP_EVENT_TYPING] = "typing",
	[XMPP_EVENT_REFUSED] = "refused",
};

static const char *const end_names[] = {
	[XMPP_END_CLOSED] = "closed",
	[XMPP_END_LOST] = "lost",
	[XMPP_END_SERVER_CLOSED] = "server-closed",
	[XMPP_END_STREAM_ERROR] = "stream-error",
	[XMPP_END_TIMEOUT] = "timeout",
	[XMPP_END_BAD_XML] = "bad-xml",
	[XMPP_END_NOT_XMPP] = "not-xmpp",
	[XMPP_END_WRONG_SERVER] = "wrong-server",
	[XMPP_END_NO_TLS] = "no-tls",
	[XMPP_END_TLS_REFUSED] = "tls-refused",
	[XMPP_END_NO_MECHANISM] = "no-mechanism",
	[XMPP_END_WEAKER_LOGIN] = "weaker-login",
	[XMPP_END_NO_BINDING] = "no-binding",
	[XMPP_END_AUTH_FAILED] = "auth-failed",
	[XMPP_END_IMPOSTOR] = "impostor",
	[XMPP_END_SASL_BROKEN] = "sasl-broken",
	[XMPP_END_BIND_FAILED] = "bind-failed",
	[XMPP_END_TOO_MANY_HOPS] = "too-many-hops",
	[XMPP_END_OVERFLOW] = "overflow",
};

static const char *const progress_names[] = {
	[XMPP_PROGRESS_STREAM] = "stream",
	[XMPP_PROGRESS_TLS] = "tls",
	[XMPP_PROGRESS_AUTH] = "auth",
	[XMPP_PROGRESS_BIND] = "bind",
};

static const char *const show_names[] = {
	[XMPP_SHOW_OFFLINE] = "offline", [XMPP_SHOW_XA] = "xa",		[XMPP_SHOW_DND] = "dnd",
	[XMPP_SHOW_AWAY] = "away",	 [XMPP_SHOW_ONLINE] = "online", [XMPP_SHOW_CHAT] = "chat",
};

static const char *const subscription_names[] = {
	[XMPP_SUBSCRIPTION_NONE] = "none",
	[XMPP_SUBSCRIPTION_TO] = "to",
	[XMPP_SUBSCRIPTION_FROM] = "from",
	[XMPP_SUBSCRIPTION_BOTH] = "both",
};

static const char *const typing_names[] = {
	[XMPP_TYPING_ACTIVE] = "active",
	[XMPP_TYPING_COMPOSING] = "composing",
	[XMPP_TYPING_PAUSED] = "paused",
	[XMPP_TYPING_GONE] = "gone",
};

const char *xmpp_end_name(enum xmpp_end end)
{
	return end_names[end];
}

const char *xmpp_show_name(enum xmpp_show show)
{
	return show_names[show];
}

const char *xmpp_typing_name(enum xmpp_typing typing)
{
	return typing_names[typing];
}

static void print_quoted(GString *line, const char *name, const char *value)
{
	g_autofree char *escaped = NULL;

	if (!value)
		return;
	/* Octets above ASCII stay as they are: the line is UTF-8. */
	escaped = g_strescape(value, NULL);
	g_string_append_printf(line, " %s=\"", name);
	for (const char *p = escaped; *p; p++) {
		if (p[0] == '\\' && g_ascii_isdigit(p[1]) && g_ascii_isdigit(p[2]) &&
		    g_ascii_isdigit(p[3])) {
			g_string_append_c(
				line, (char)((p[1] - '0') * 64 + (p[2] - '0') * 8 + (p[3] - '0')));
			p += 3;
		} else {
			g_string_append_c(line, *p);
			if (p[0] == '\\' && p[1])
				g_string_append_c(line, *++p);
		}
	}
	g_string_append_c(line, '"');
}

char *xmpp_event_print(const struct xmpp_event *ev)
{
	GString *line = g_string_new(type_names[ev->type]);

	if (ev->jid)
		g_string_append_printf(line, " %s", ev->jid);
	switch (ev->type) {
	case XMPP_EVENT_WANT_CONNECTION:
		if (ev->host)
			g_string_append_printf(line, " %s %d", ev->host, ev->port);
		if (ev->is_again)
			g_string_append(line, " again");
		break;
	case XMPP_EVENT_PROGRESS:
		g_string_append_printf(line, " %s", progress_names[ev->progress]);
		break;
	case XMPP_EVENT_AUTHENTICATED:
		g_string_append_printf(line, " %s", ev->mechanism);
		break;
	case XMPP_EVENT_ENDED:
		g_string_append_printf(line, " %s", end_names[ev->end]);
		break;
	case XMPP_EVENT_CONTACT:
		g_string_append_printf(line, " %s%s", subscription_names[ev->subscription],
				       ev->is_asking ? " asking" : "");
		for (guint i = 0; ev->groups[i]; i++)
			print_quoted(line, "group", ev->groups[i]);
		break;
	case XMPP_EVENT_PRESENCE:
		g_string_append_printf(line, " %s", show_names[ev->show]);
		if (ev->priority)
			g_string_append_printf(line, " priority=%d", ev->priority);
		break;
	case XMPP_EVENT_MESSAGE:
		if (ev->stamp)
			g_string_append_printf(line, " stamp=%" G_GINT64_FORMAT, ev->stamp);
		break;
	case XMPP_EVENT_TYPING:
		g_string_append_printf(line, " %s", typing_names[ev->typing]);
		break;
	default:
		break;
	}
	if (ev->condition)
		g_string_append_printf(line, " %s", ev->condition);
	print_quoted(line, "name", ev->name);
	print_quoted(line, "text", ev->text);
	print_quoted(line, "error", ev->error);
	return g_string_free(line, FALSE);
}
