/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iq: requests and answers (RFC 6120 section 8.2.3): an answer counts only from whom was asked, a
 * request always gets one. */
#include <string.h>

#include "plugins/xmpp-lite/session/core.h"

struct request {
	char *to; /* prepared; NULL: our own account */
	xmpp_answer_h handler;
	gpointer data;
	GDestroyNotify free_data;
};

static void request_free(struct request *r)
{
	if (r->free_data)
		r->free_data(r->data);
	g_free(r->to);
	g_free(r);
}

struct stanza *xmpp_iq_new(struct xmpp_session *s, const char *type, const char *to)
{
	struct stanza *iq = stanza_new("iq", NS_CLIENT);
	g_autofree char *id = xmpp_new_id(s);

	element_set(stanza_root(iq), "type", type);
	element_set(stanza_root(iq), "id", id);
	if (to)
		element_set(stanza_root(iq), "to", to);
	return iq;
}

void xmpp_iq_send(struct xmpp_session *s, struct stanza *iq, xmpp_answer_h handler, gpointer data,
		  GDestroyNotify free_data)
{
	struct request *r = g_new0(struct request, 1);
	const char *to = element_attribute(stanza_root(iq), "to");
	gboolean is_far = to && strcmp(to, s->domain) != 0;

	r->to = g_strdup(to);
	r->handler = handler;
	r->data = data;
	r->free_data = free_data;
	/* A full jar means that ten thousand answers are owed to us: this one would not come
	 * either. */
	if (!cookie_put(s->requests, element_attribute(stanza_root(iq), "id"), r,
			s->now + (is_far ? XMPP_PEER_MS : XMPP_BIND_MS)))
		request_free(r);
	xmpp_send(s, iq);
}

gboolean xmpp_is_from_account(const struct xmpp_session *s, const struct element *stanza)
{
	const char *from = element_attribute(stanza, "from");
	char prepared[JID_MAX];

	return !from || (jid_prepare(from, prepared) && strcmp(prepared, s->bare) == 0);
}

/* May this answer be from who was asked? Servers answer for our account under several names. */
static gboolean is_answer_from(const struct xmpp_session *s, const struct request *r,
			       const struct element *iq)
{
	const char *from = element_attribute(iq, "from");
	char prepared[JID_MAX];

	if (!from)
		return !r->to || strcmp(r->to, s->domain) == 0 || strcmp(r->to, s->bare) == 0;
	if (!jid_prepare(from, prepared))
		return FALSE;
	if (r->to && strcmp(r->to, s->bare) != 0)
		return strcmp(prepared, r->to) == 0;
	return strcmp(prepared, s->bare) == 0 || strcmp(prepared, s->full) == 0 ||
	       strcmp(prepared, s->domain) == 0;
}

static void answer_received(struct xmpp_session *s, const struct element *iq, const char *id)
{
	struct request *r = cookie_peek(s->requests, id);

	if (!r || !is_answer_from(s, r, iq))
		return;
	cookie_take(s->requests, id);
	if (r->handler)
		r->handler(s, iq, r->data);
	request_free(r);
}

static void request_received(struct xmpp_session *s, const struct element *iq, const char *type)
{
	const struct element *payload = iq->first;

	if (!payload || payload->next) {
		xmpp_iq_error(s, iq, "modify", "bad-request");
		return;
	}
	for (guint i = 0; i < xmpp_extension_count(); i++) {
		const struct xmpp_request_hook *hook = xmpp_extension_at(i)->requests;

		for (; hook && hook->name; hook++) {
			if (strcmp(hook->type, type) == 0 &&
			    element_is(payload, hook->name, hook->ns)) {
				hook->handle(s, s->extension_states[i], iq, payload);
				return;
			}
		}
	}
	xmpp_iq_error(s, iq, "cancel", "service-unavailable");
}

void xmpp_iq_received(struct xmpp_session *s, const struct element *iq)
{
	const char *type = element_attribute(iq, "type");
	const char *id = element_attribute(iq, "id");

	if (!type || !id)
		return; /* nothing to answer to */
	if (strcmp(type, "result") == 0 || strcmp(type, "error") == 0)
		answer_received(s, iq, id);
	else if ((strcmp(type, "get") == 0 || strcmp(type, "set") == 0) && s->stage == STAGE_READY)
		request_received(s, iq, type);
	else if (s->stage == STAGE_READY)
		xmpp_iq_error(s, iq, "modify", "bad-request");
}

void xmpp_iq_expire(struct xmpp_session *s)
{
	struct request *r;

	while ((r = cookie_expire(s->requests, s->now))) {
		if (r->handler)
			r->handler(s, NULL, r->data);
		request_free(r);
	}
}

void xmpp_iq_abandon(struct xmpp_session *s)
{
	struct request *r;

	while ((r = cookie_abandon(s->requests)))
		request_free(r);
}

/* ---- answers of ours ---- */

static struct stanza *answer_new(const struct element *iq, const char *type)
{
	struct stanza *answer = stanza_new("iq", NS_CLIENT);

	element_set(stanza_root(answer), "type", type);
	element_set(stanza_root(answer), "id", element_attribute(iq, "id"));
	element_set(stanza_root(answer), "to", element_attribute(iq, "from"));
	return answer;
}

struct stanza *xmpp_iq_result_new(struct xmpp_session *s, const struct element *iq)
{
	return answer_new(iq, "result");
}

void xmpp_iq_result(struct xmpp_session *s, const struct element *iq)
{
	xmpp_send(s, answer_new(iq, "result"));
}

void xmpp_iq_error(struct xmpp_session *s, const struct element *iq, const char *type,
		   const char *condition)
{
	struct stanza *answer = answer_new(iq, "error");
	struct element *error = element_add(stanza_root(answer), "error", NS_CLIENT);

	element_set(error, "type", type);
	element_add(error, condition, NS_STANZA_ERRORS);
	xmpp_send(s, answer);
}

gboolean xmpp_is_error(const struct element *stanza)
{
	return g_strcmp0(element_attribute(stanza, "type"), "error") == 0;
}

const char *xmpp_error_condition(const struct element *stanza, const char **ret_text)
{
	const struct element *error = element_child(stanza, "error", NS_CLIENT);
	const char *condition = "undefined-condition";

	*ret_text = error ? element_child_text(error, "text", NS_STANZA_ERRORS) : NULL;
	for (const struct element *e = error ? error->first : NULL; e; e = e->next) {
		if (strcmp(e->ns, NS_STANZA_ERRORS) == 0 && strcmp(e->name, "text") != 0)
			return e->name;
	}
	return condition;
}
