/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message: what people write (RFC 6121 section 5). What could not be delivered is told with its
 * text. */
#include <string.h>

#include "common/text.h"
#include "plugins/xmpp-lite/session/core.h"

#define REMEMBERED 64 /* messages sent, for errors that come back without the text */

/* A message of ours. */
struct sent {
	char *id, *to, *body;
	guint64 end; /* position in the stream after its last octet */
};

struct outbox {
	GQueue sent; /* oldest first */
};

static void sent_free(gpointer data)
{
	struct sent *m = data;

	g_free(m->id);
	g_free(m->to);
	g_free(m->body);
	g_free(m);
}

struct outbox *xmpp_outbox_new(void)
{
	return g_new0(struct outbox, 1);
}

void xmpp_outbox_free(struct outbox *o)
{
	g_queue_clear_full(&o->sent, sent_free);
	g_free(o);
}

static void remember(struct xmpp_session *s, const char *id, const char *to, const char *body)
{
	GQueue *sent = &s->outbox->sent;
	struct sent *m = g_new0(struct sent, 1);

	m->id = g_strdup(id);
	m->to = g_strdup(to);
	m->body = g_strdup(body);
	m->end = s->queued;
	g_queue_push_tail(sent, m);
	/* What has not left the house is never forgotten; XMPP_OUTPUT_MAX bounds it. */
	while (sent->length > REMEMBERED &&
	       ((struct sent *)g_queue_peek_head(sent))->end <= s->sent)
		sent_free(g_queue_pop_head(sent));
}

void xmpp_outbox_fail(struct xmpp_session *s)
{
	struct sent *m;

	while ((m = g_queue_pop_head(&s->outbox->sent))) {
		if (m->end > s->sent)
			xmpp_event_push(s, &(struct xmpp_event){
						   .type = XMPP_EVENT_MESSAGE_FAILED,
						   .jid = xmpp_keep(s, m->to),
						   .text = xmpp_keep(s, m->body),
						   .condition = "not-sent",
					   });
		sent_free(m);
	}
}

gboolean xmpp_message_send(struct xmpp_session *s, const char *to, const char *body)
{
	g_autofree char *jid = jid_new(to);
	g_autofree char *text = text_repair(body, -1);
	g_autofree char *id = NULL;
	struct stanza *stanza;

	if (!jid || s->stage != STAGE_READY || strlen(text) > XMPP_BODY_MAX)
		return FALSE;
	id = xmpp_new_id(s);
	stanza = stanza_new("message", NS_CLIENT);
	element_set(stanza_root(stanza), "to", jid);
	element_set(stanza_root(stanza), "type", "chat");
	element_set(stanza_root(stanza), "id", id);
	element_add_text(stanza_root(stanza), "body", NS_CLIENT, text);
	xmpp_send(s, stanza);
	remember(s, id, jid, text);
	return TRUE;
}

/* An error came back: the message it quotes did not arrive. */
static void bounced(struct xmpp_session *s, const struct element *message, const char *jid)
{
	const char *id = element_attribute(message, "id");
	const char *text, *condition = xmpp_error_condition(message, &text);
	const char *body = element_child_text(message, "body", NS_CLIENT);

	for (GList *l = s->outbox->sent.head; l && id; l = l->next) {
		struct sent *m = l->data;

		/* Anybody can claim that a message to somebody else has failed. */
		if (strcmp(m->id, id) == 0 && jid_same_bare(m->to, jid)) {
			body = xmpp_keep(s, m->body);
			g_queue_delete_link(&s->outbox->sent, l);
			sent_free(m);
			break;
		}
	}
	if (!body)
		return; /* not a message of ours that a person wrote */
	xmpp_event_push(s, &(struct xmpp_event){
				   .type = XMPP_EVENT_MESSAGE_FAILED,
				   .jid = jid,
				   .text = body,
				   .condition = condition,
				   .error = text,
			   });
}

static void run_hooks(struct xmpp_session *s, struct xmpp_event *ev, const struct element *message)
{
	for (guint i = 0; i < xmpp_extension_count(); i++) {
		const struct xmpp_message_hook *hook = xmpp_extension_at(i)->messages;

		for (; hook && hook->ns; hook++) {
			const struct element *payload = message->first;

			while (payload &&
			       !(strcmp(payload->ns, hook->ns) == 0 &&
				 (!hook->name || strcmp(payload->name, hook->name) == 0)))
				payload = payload->next;
			if (payload)
				hook->handle(s, s->extension_states[i], ev, message, payload);
		}
	}
}

void xmpp_message_received(struct xmpp_session *s, const struct element *message)
{
	const char *type = element_attribute(message, "type");
	const char *from = element_attribute(message, "from");
	const struct element *body;
	gboolean is_jid;
	struct xmpp_event ev = {.type = XMPP_EVENT_MESSAGE, .id = element_attribute(message, "id")};

	/* A sender that is no address we can prepare is still shown, as what it is. */
	ev.jid = from ? xmpp_keep_jid(s, from, &is_jid) : s->bare;
	if (type && strcmp(type, "error") == 0) {
		bounced(s, message, ev.jid);
		return;
	}
	if (type && strcmp(type, "groupchat") == 0)
		return; /* from a room that nobody joined */
	body = element_child_for_language(message, "body", NS_CLIENT, s->language);
	if (body && body->text[0])
		ev.text = body->text;
	run_hooks(s, &ev, message);
	if (ev.text)
		xmpp_event_push(s, &ev);
	for (guint i = 0; i < xmpp_extension_count(); i++) {
		if (xmpp_extension_at(i)->received)
			xmpp_extension_at(i)->received(s, s->extension_states[i], &ev, message);
	}
}
