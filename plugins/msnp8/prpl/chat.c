/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chat: conversations of two: texts both ways, typing, nudges, and what did not arrive. */
#include <conversation.h>
#include <errno.h>
#include <glib/gi18n-lib.h>
#include <server.h>
#include <string.h>

#include "common/markup.h"
#include "plugins/msnp8/prpl/commands.h"
#include "plugins/msnp8/prpl/errors.h"
#include "plugins/msnp8/prpl/people.h"
#include "plugins/msnp8/prpl/pump.h"
#include "plugins/msnp8/prpl/rooms.h"
#include "plugins/msnp8/prpl/say.h"

#define TYPING_SHOW_SECONDS 7 /* others repeat theirs every four or five */
#define TYPING_SEND_SECONDS 4

static GList *the_attentions; /* the only one: a nudge */

/* ---- from the user ---- */

/* A host without commands sends them as texts. */
static gboolean is_command(struct client *c, const char *who, const char *text)
{
	PurpleConversation *conv;

	if (!say_is_bare() || text[0] != '/')
		return FALSE;
	conv = purple_find_conversation_with_account(PURPLE_CONV_TYPE_IM, who, c->account);
	if (!conv)
		conv = purple_conversation_new(PURPLE_CONV_TYPE_IM, c->account, who);
	return commands_typed(conv, text);
}

static int send_im(PurpleConnection *gc, const char *who, const char *html,
		   PurpleMessageFlags flags)
{
	struct client *c = client_of(gc);
	struct msn_style style;
	g_autofree char *font = NULL;
	g_autofree char *text = say_text(html, &style, &font);

	if (!c)
		return -ENOTCONN;
	if (strlen(text) > CHAT_TEXT_MAX)
		return -E2BIG;
	if (!*text || is_command(c, who, text))
		return 0;
	if (!msn_im_send(c->session, who, text, &style))
		return -ENOTCONN;
	pump_turn(c);
	return 1;
}

static unsigned int send_typing(PurpleConnection *gc, const char *who, PurpleTypingState state)
{
	struct client *c = client_of(gc);

	if (!c || state != PURPLE_TYPING)
		return 0;
	if (msn_typing_send(c->session, who))
		pump_turn(c);
	return TYPING_SEND_SECONDS;
}

static void convo_closed(PurpleConnection *gc, const char *who)
{
	struct client *c = client_of(gc);

	if (c && msn_im_close(c->session, who))
		pump_turn(c);
}

static gboolean send_attention(PurpleConnection *gc, const char *who, guint type)
{
	struct client *c = client_of(gc);

	if (!c || !msn_nudge_send(c->session, who))
		return FALSE;
	pump_turn(c);
	return TRUE;
}

static GList *attention_types(PurpleAccount *account)
{
	if (!the_attentions)
		the_attentions = g_list_append(
			NULL, purple_attention_type_new("Nudge", _("Nudge"),
							/* TRANSLATORS: %s: who does it. */
							_("%s has nudged you"),
							/* TRANSLATORS: %s: to whom. */
							_("You have nudged %s")));
	return the_attentions;
}

/* ---- from the network ---- */

static void typing_ended(struct client *c, const char *account)
{
	PurpleConversation *conv =
		purple_find_conversation_with_account(PURPLE_CONV_TYPE_IM, account, c->account);

	if (conv && purple_conv_im_get_typing_state(PURPLE_CONV_IM(conv)) != PURPLE_NOT_TYPING)
		serv_got_typing_stopped(c->gc, account);
}

static void message(struct client *c, const struct msn_event *ev)
{
	g_autofree char *html = say_html(ev->text, &ev->style);

	typing_ended(c, ev->account);
	serv_got_im(c->gc, ev->account, html, PURPLE_MESSAGE_RECV, time(NULL));
}

static void message_failed(struct client *c, const struct msn_event *ev)
{
	g_autofree char *why = error_of_failure(ev);
	g_autofree char *why_html = markup_from_plain(why);
	g_autofree char *text_html = markup_from_plain(ev->text);
	/* TRANSLATORS: first the message as the user wrote it, then half a sentence that says why.
	 */
	g_autofree char *html = g_strdup_printf(_("Not delivered: “%s” (%s)"), text_html, why_html);
	PurpleConversation *room = rooms_conversation(c, ev->chat);

	if (room)
		say(room, PURPLE_MESSAGE_ERROR, html);
	else if (ev->account)
		say_im(c, ev->account, PURPLE_MESSAGE_ERROR, html);
}

/* libpurple's name for a nudge that came is the contact's alias. */
static void nudge(struct client *c, const struct msn_event *ev)
{
	if (ev->is_group)
		purple_prpl_got_attention_in_chat(c->gc, (int)ev->chat, ev->account, 0);
	else
		purple_prpl_got_attention(c->gc, ev->account, 0);
}

static void offer_declined(struct client *c, const struct msn_event *ev)
{
	g_autofree char *name = g_markup_escape_text(people_name(c, ev->account), -1);
	g_autofree char *what = ev->text ? g_markup_escape_text(ev->text, -1) : g_strdup("");
	/* TRANSLATORS: who, and the name of a file or an application. */
	g_autofree char *html = g_strdup_printf(
		_("%s has offered “%s”. It was declined: this is not possible here."), name, what);
	PurpleConversation *room = rooms_conversation(c, ev->chat);

	if (room)
		say(room, PURPLE_MESSAGE_SYSTEM, html);
	else
		say_im(c, ev->account, PURPLE_MESSAGE_SYSTEM, html);
}

static gboolean event(struct client *c, const struct msn_event *ev)
{
	switch (ev->type) {
	case MSN_EVENT_MESSAGE:
		if (!ev->is_group)
			message(c, ev);
		return !ev->is_group;
	case MSN_EVENT_MESSAGE_FAILED:
		message_failed(c, ev);
		return TRUE;
	case MSN_EVENT_TYPING:
		if (!ev->is_group)
			serv_got_typing(c->gc, ev->account, TYPING_SHOW_SECONDS, PURPLE_TYPING);
		return TRUE;
	case MSN_EVENT_NUDGE:
		nudge(c, ev);
		return TRUE;
	case MSN_EVENT_OFFER_DECLINED:
		offer_declined(c, ev);
		return TRUE;
	default:
		return FALSE;
	}
}

static void setup(PurplePluginProtocolInfo *info)
{
	info->send_im = send_im;
	info->send_typing = send_typing;
	info->convo_closed = convo_closed;
	info->send_attention = send_attention;
	info->get_attention_types = attention_types;
}

static void unload(void)
{
	g_list_free_full(g_steal_pointer(&the_attentions), g_free);
}

static const struct part chat = {.event = event, .setup = setup, .unload = unload};
MSN_PART(chat);
