/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event: events as lines. */
#include "plugins/msnp8/session/event.h"

static const char *const type_names[] = {
	[MSN_EVENT_WANT_CONNECTION] = "want-connection",
	[MSN_EVENT_DROP_CONNECTION] = "drop-connection",
	[MSN_EVENT_WANT_HTTPS] = "want-https",
	[MSN_EVENT_PROGRESS] = "progress",
	[MSN_EVENT_READY] = "ready",
	[MSN_EVENT_ENDED] = "ended",
	[MSN_EVENT_GROUP] = "group",
	[MSN_EVENT_GROUP_GONE] = "group-gone",
	[MSN_EVENT_CONTACT] = "contact",
	[MSN_EVENT_CONTACT_GONE] = "contact-gone",
	[MSN_EVENT_LISTS_COMPLETE] = "lists-complete",
	[MSN_EVENT_PENDING] = "pending",
	[MSN_EVENT_PRIVACY] = "privacy",
	[MSN_EVENT_PRESENCE] = "presence",
	[MSN_EVENT_PHONE] = "phone",
	[MSN_EVENT_OWN_NAME] = "own-name",
	[MSN_EVENT_CACHE] = "cache",
	[MSN_EVENT_MESSAGE] = "message",
	[MSN_EVENT_TYPING] = "typing",
	[MSN_EVENT_MESSAGE_FAILED] = "message-failed",
	[MSN_EVENT_CHAT_GROWN] = "chat-grown",
	[MSN_EVENT_CHAT_JOINED] = "chat-joined",
	[MSN_EVENT_CHAT_LEFT] = "chat-left",
	[MSN_EVENT_CHAT_CLOSED] = "chat-closed",
	[MSN_EVENT_NUDGE] = "nudge",
	[MSN_EVENT_OFFER_DECLINED] = "offer-declined",
	[MSN_EVENT_MAIL] = "mail",
	[MSN_EVENT_NEW_MAIL] = "new-mail",
	[MSN_EVENT_INBOX] = "inbox",
	[MSN_EVENT_SHUTDOWN] = "shutdown",
	[MSN_EVENT_REFUSED] = "refused",
};

static const char *const progress_names[] = {
	[MSN_PROGRESS_SERVER] = "server",
	[MSN_PROGRESS_PASSPORT] = "passport",
	[MSN_PROGRESS_LISTS] = "lists",
};

static const char *const end_names[] = {
	[MSN_END_CLOSED] = "closed",
	[MSN_END_LOST] = "lost",
	[MSN_END_SERVER_CLOSED] = "server-closed",
	[MSN_END_OTHER_PLACE] = "other-place",
	[MSN_END_GOING_DOWN] = "going-down",
	[MSN_END_TIMEOUT] = "timeout",
	[MSN_END_NOT_MSN] = "not-msn",
	[MSN_END_VERSION] = "version",
	[MSN_END_PASSWORD] = "password",
	[MSN_END_PASSPORT] = "passport",
	[MSN_END_INSECURE] = "insecure",
	[MSN_END_REFERRALS] = "referrals",
	[MSN_END_SERVER_ERROR] = "server-error",
	[MSN_END_BROKEN] = "broken",
	[MSN_END_OVERFLOW] = "overflow",
};

static const char *const state_names[] = {
	[MSN_OFFLINE] = "offline", [MSN_ONLINE] = "online", [MSN_BUSY] = "busy",
	[MSN_IDLE] = "idle",	   [MSN_BACK] = "back",	    [MSN_AWAY] = "away",
	[MSN_PHONE] = "phone",	   [MSN_LUNCH] = "lunch",   [MSN_HIDDEN] = "hidden",
};

static const char *const state_codes[] = {
	[MSN_OFFLINE] = "FLN", [MSN_ONLINE] = "NLN", [MSN_BUSY] = "BSY",
	[MSN_IDLE] = "IDL",    [MSN_BACK] = "BRB",   [MSN_AWAY] = "AWY",
	[MSN_PHONE] = "PHN",   [MSN_LUNCH] = "LUN",  [MSN_HIDDEN] = "HDN",
};

static const char *const phone_names[] = {
	[MSN_PHONE_HOME] = "home",
	[MSN_PHONE_WORK] = "work",
	[MSN_PHONE_MOBILE] = "mobile",
	[MSN_PHONE_MOBILE_ALLOWED] = "mobile-allowed",
};

static const char *const failure_names[] = {
	[MSN_FAILURE_NAK] = "nak",	   [MSN_FAILURE_TIMEOUT] = "timeout",
	[MSN_FAILURE_OFFLINE] = "offline", [MSN_FAILURE_BLOCKED] = "blocked",
	[MSN_FAILURE_HIDDEN] = "hidden",   [MSN_FAILURE_LEFT] = "left",
	[MSN_FAILURE_SERVER] = "server",   [MSN_FAILURE_LOST] = "lost",
};

static const char *const refused_names[] = {
	[MSN_REFUSED_ADD] = "add",	   [MSN_REFUSED_REMOVE] = "remove",
	[MSN_REFUSED_GROUP] = "group",	   [MSN_REFUSED_RENAME] = "rename",
	[MSN_REFUSED_PHONE] = "phone",	   [MSN_REFUSED_STATE] = "state",
	[MSN_REFUSED_PRIVACY] = "privacy", [MSN_REFUSED_INBOX] = "inbox",
	[MSN_REFUSED_INVITE] = "invite",
};

const char *msn_state_code(enum msn_state state)
{
	return state_codes[state];
}

static void print_word(GString *line, const char *word)
{
	g_string_append_printf(line, " %s", word);
}

/* Quoted, so that it stays one line and one field. */
static void print_quoted(GString *line, const char *name, const char *value)
{
	if (!value)
		return;
	g_string_append_printf(line, " %s=\"", name);
	for (const char *p = value; *p; p++) {
		if (*p == '\n' || *p == '\r' || *p == '\t')
			g_string_append(line, *p == '\n' ? "\\n" : *p == '\r' ? "\\r" : "\\t");
		else if (*p == '"' || *p == '\\')
			g_string_append_printf(line, "\\%c", *p);
		else
			g_string_append_c(line, *p);
	}
	g_string_append_c(line, '"');
}

/* " FL,AL": the lists somebody is on; " -" when there are none. */
static void print_lists(GString *line, guint lists)
{
	static const char *const names[] = {"FL", "AL", "BL", "RL"};
	const char *separator = " ";

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		if (lists & (1u << i)) {
			g_string_append_printf(line, "%s%s", separator, names[i]);
			separator = ",";
		}
	}
	if (separator[0] == ' ')
		g_string_append(line, " -");
}

static void print_all(GString *line, const char *const *words)
{
	for (guint i = 0; words && words[i]; i++)
		print_word(line, words[i]);
}

static void print_style(GString *line, const struct msn_style *style)
{
	if (style->is_bold)
		print_word(line, "bold");
	if (style->is_italic)
		print_word(line, "italic");
	if (style->is_underlined)
		print_word(line, "underlined");
	if (style->is_struck)
		print_word(line, "struck");
	if (style->is_right_to_left)
		print_word(line, "right-to-left");
	if (style->has_colour)
		g_string_append_printf(line, " #%06x", style->rgb & 0xffffff);
	print_quoted(line, "font", style->font);
}

/* What belongs to this type alone and stands before the account. */
static void print_head(GString *line, const struct msn_event *ev)
{
	switch (ev->type) {
	case MSN_EVENT_WANT_CONNECTION:
		g_string_append_printf(line, " %u %s %u%s", ev->id, ev->host, ev->port,
				       ev->is_switchboard ? " switchboard" : "");
		break;
	case MSN_EVENT_DROP_CONNECTION:
		g_string_append_printf(line, " %u", ev->id);
		break;
	case MSN_EVENT_WANT_HTTPS:
		g_string_append_printf(line, " %u %s%s", ev->id, ev->url,
				       ev->authorization ? " with-authorization" : "");
		break;
	case MSN_EVENT_PROGRESS:
		print_word(line, progress_names[ev->progress]);
		break;
	case MSN_EVENT_ENDED:
		print_word(line, end_names[ev->end]);
		break;
	case MSN_EVENT_GROUP:
	case MSN_EVENT_GROUP_GONE:
		print_word(line, ev->group);
		break;
	case MSN_EVENT_PRIVACY:
		print_word(line, ev->is_open ? "open" : "closed");
		break;
	case MSN_EVENT_MAIL:
	case MSN_EVENT_SHUTDOWN:
		g_string_append_printf(line, " %u", ev->count);
		break;
	case MSN_EVENT_INBOX:
		print_word(line, ev->url);
		break;
	case MSN_EVENT_REFUSED:
		print_word(line, refused_names[ev->refused]);
		break;
	case MSN_EVENT_PHONE:
		print_word(line, phone_names[ev->phone]);
		break;
	default:
		if (ev->chat)
			g_string_append_printf(line, " %u", ev->chat);
		break;
	}
}

char *msn_event_print(const struct msn_event *ev)
{
	GString *line = g_string_new(type_names[ev->type]);

	print_head(line, ev);
	if (ev->account)
		print_word(line, ev->account);
	if (ev->is_group)
		print_word(line, "in-group");
	if (ev->type == MSN_EVENT_CONTACT)
		print_lists(line, ev->lists);
	if (ev->type == MSN_EVENT_PRESENCE)
		print_word(line, state_names[ev->state]);
	if (ev->type == MSN_EVENT_MESSAGE_FAILED)
		print_word(line, failure_names[ev->failure]);
	if (ev->type == MSN_EVENT_MESSAGE)
		print_style(line, &ev->style);
	print_all(line, ev->groups);
	if (ev->code)
		g_string_append_printf(line, " %d", ev->code);
	print_quoted(line, "name", ev->name);
	print_quoted(line, "text", ev->text);
	return g_string_free(line, FALSE);
}
