/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chat: one-to-one conversations: texts both ways, typing, and what did not arrive. */
#include <conversation.h>
#include <core.h>
#include <errno.h>
#include <glib/gi18n-lib.h>
#include <server.h>
#include <string.h>

#include "common/markup.h"
#include "plugins/xmpp-lite/prpl/client.h"
#include "plugins/xmpp-lite/prpl/errors.h"
#include "plugins/xmpp-lite/prpl/pump.h"

#define TYPING_SECONDS 0 /* they say themselves when they stop */

static int send_im(PurpleConnection *gc, const char *who, const char *html,
		   PurpleMessageFlags flags)
{
	struct client *c = client_of(gc);
	g_autofree char *text = markup_to_plain(html);

	if (!c)
		return -ENOTCONN;
	if (strlen(text) > XMPP_BODY_MAX)
		return -E2BIG;
	if (!*text)
		return 0;
	if (!xmpp_message_send(c->session, who, text))
		return -ENOTCONN;
	pump_turn(c);
	return 1;
}

static unsigned int send_typing(PurpleConnection *gc, const char *who, PurpleTypingState state)
{
	struct client *c = client_of(gc);
	enum xmpp_typing typing = state == PURPLE_TYPING  ? XMPP_TYPING_COMPOSING
				  : state == PURPLE_TYPED ? XMPP_TYPING_PAUSED
							  : XMPP_TYPING_ACTIVE;

	if (c && xmpp_typing_send(c->session, who, typing))
		pump_turn(c);
	return 0;
}

static void convo_closed(PurpleConnection *gc, const char *who)
{
	struct client *c = client_of(gc);

	if (c && xmpp_typing_send(c->session, who, XMPP_TYPING_GONE))
		pump_turn(c);
}

static void message(struct client *c, const struct xmpp_event *ev)
{
	g_autofree char *html = markup_from_plain(ev->text);
	g_autofree char *who = g_strndup(ev->jid, strcspn(ev->jid, "/"));

	serv_got_im(c->gc, who, html,
		    ev->stamp ? PURPLE_MESSAGE_RECV | PURPLE_MESSAGE_DELAYED : PURPLE_MESSAGE_RECV,
		    ev->stamp ? (time_t)ev->stamp : time(NULL));
}

/* Say it in the conversation. bitlbee drops what is not said by somebody, so there the line comes
 * as the contact's. */
static void failure_show(struct client *c, const char *who, const char *html)
{
	PurpleConversation *conv =
		purple_find_conversation_with_account(PURPLE_CONV_TYPE_IM, who, c->account);

	if (!conv)
		conv = purple_conversation_new(PURPLE_CONV_TYPE_IM, c->account, who);
	if (g_strcmp0(purple_core_get_ui(), "BitlBee") == 0)
		purple_conv_im_write(PURPLE_CONV_IM(conv), who, html, PURPLE_MESSAGE_SYSTEM,
				     time(NULL));
	else
		purple_conversation_write(conv, who, html, PURPLE_MESSAGE_ERROR, time(NULL));
}

static void message_failed(struct client *c, const struct xmpp_event *ev)
{
	g_autofree char *why = error_of_condition(ev->condition, ev->error);
	g_autofree char *why_html = markup_from_plain(why);
	g_autofree char *text_html = markup_from_plain(ev->text);
	g_autofree char *who = g_strndup(ev->jid, strcspn(ev->jid, "/"));
	/* TRANSLATORS: first the message as the user wrote it, then half a sentence that says why.
	 */
	g_autofree char *html = g_strdup_printf(_("Not delivered: “%s” (%s)"), text_html, why_html);

	failure_show(c, who, html);
}

static void typing(struct client *c, const struct xmpp_event *ev)
{
	switch (ev->typing) {
	case XMPP_TYPING_COMPOSING:
		serv_got_typing(c->gc, ev->jid, TYPING_SECONDS, PURPLE_TYPING);
		break;
	case XMPP_TYPING_PAUSED:
		serv_got_typing(c->gc, ev->jid, TYPING_SECONDS, PURPLE_TYPED);
		break;
	default:
		serv_got_typing_stopped(c->gc, ev->jid);
	}
}

static gboolean event(struct client *c, const struct xmpp_event *ev)
{
	switch (ev->type) {
	case XMPP_EVENT_MESSAGE:
		message(c, ev);
		return TRUE;
	case XMPP_EVENT_MESSAGE_FAILED:
		message_failed(c, ev);
		return TRUE;
	case XMPP_EVENT_TYPING:
		typing(c, ev);
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
}

static const struct part chat = {.event = event, .setup = setup};
XMPP_PART(chat);
