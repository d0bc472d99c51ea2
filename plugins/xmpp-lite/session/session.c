/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session: the contract: octets and time in, events and octets out, one stanza at a time. */
#include "plugins/xmpp-lite/session/session.h"

#include <gnutls/gnutls.h>
#include <string.h>

#include "common/text.h"
#include "plugins/xmpp-lite/session/core.h"

#define REQUESTS_MAX                                                                               \
	10000 /* requests waiting for an answer at once: a rename of a large group is one each */

static void extensions_start(struct xmpp_session *s)
{
	s->extension_states = g_new0(gpointer, xmpp_extension_count() + 1);
	for (guint i = 0; i < xmpp_extension_count(); i++) {
		if (xmpp_extension_at(i)->start)
			s->extension_states[i] = xmpp_extension_at(i)->start(s);
	}
}

static void extensions_stop(struct xmpp_session *s)
{
	for (guint i = 0; i < xmpp_extension_count(); i++) {
		if (xmpp_extension_at(i)->stop)
			xmpp_extension_at(i)->stop(s->extension_states[i]);
	}
	g_free(s->extension_states);
}

gpointer xmpp_extension_state(const struct xmpp_session *s, const struct xmpp_extension *extension)
{
	for (guint i = 0; i < xmpp_extension_count(); i++) {
		if (xmpp_extension_at(i) == extension)
			return s->extension_states[i];
	}
	g_return_val_if_reached(NULL);
}

struct xmpp_session *xmpp_session_new(const struct xmpp_config *config)
{
	struct xmpp_session *s;
	g_autofree char *jid = jid_new(config->jid);
	g_autofree char *local = jid ? jid_local(jid) : NULL;

	if (!local)
		return NULL;
	s = g_new0(struct xmpp_session, 1);
	s->bare = jid_bare(jid);
	s->domain = jid_domain(jid);
	s->local = g_steal_pointer(&local);
	s->full = g_steal_pointer(&jid);
	s->password = g_strdup(config->password ? config->password : "");
	s->language = g_strdup(config->language ? config->language : "en");
	s->software = g_strdup(config->software);
	s->no_plain = config->no_plain;
	s->require_binding = config->require_binding;
	s->random = config->random;
	s->random_user = config->random_user;

	s->out = bytes_new(XMPP_OUTPUT_MAX);
	s->trace = config->trace ? trace_new() : NULL;
	s->events = g_array_new(FALSE, FALSE, sizeof(struct xmpp_event));
	s->kept = g_string_chunk_new(256);
	s->kept_vectors = g_ptr_array_new_with_free_func(g_free);
	s->step_deadline = G_MAXINT64;
	s->requests = cookie_jar_new(REQUESTS_MAX);
	s->roster = xmpp_roster_new();
	s->outbox = xmpp_outbox_new();
	s->auth = xmpp_auth_new();
	extensions_start(s);

	xmpp_event_push(s, &(struct xmpp_event){.type = XMPP_EVENT_WANT_CONNECTION});
	return s;
}

void xmpp_session_free(struct xmpp_session *s)
{
	if (!s)
		return;
	xmpp_iq_abandon(s);
	extensions_stop(s);
	cookie_jar_free(s->requests);
	xmpp_roster_free(s->roster);
	xmpp_outbox_free(s->outbox);
	xmpp_auth_free(s->auth);
	xml_reader_free(s->reader);
	stanza_free(s->current);
	bytes_free(s->out);
	trace_free(s->trace);
	g_array_free(s->events, TRUE);
	g_string_chunk_free(s->kept);
	g_ptr_array_free(s->kept_vectors, TRUE);
	gnutls_memset(s->password, 0, strlen(s->password));
	g_free(s->password);
	g_free(s->full);
	g_free(s->bare);
	g_free(s->local);
	g_free(s->domain);
	g_free(s->language);
	g_free(s->software);
	g_free(s->status);
	g_free(s);
}

/* ---- events ---- */

void xmpp_event_push(struct xmpp_session *s, const struct xmpp_event *ev)
{
	if (s->stage == STAGE_ENDED)
		return;
	g_array_append_val(s->events, *ev);
}

const char *xmpp_keep(struct xmpp_session *s, const char *text)
{
	return text ? g_string_chunk_insert(s->kept, text) : NULL;
}

const char *const *xmpp_keep_vector(struct xmpp_session *s, char *const *strings)
{
	guint n = g_strv_length((char **)strings);
	const char **vector = g_new0(const char *, n + 1);

	for (guint i = 0; i < n; i++)
		vector[i] = xmpp_keep(s, strings[i]);
	g_ptr_array_add(s->kept_vectors, vector);
	return vector;
}

const char *xmpp_keep_jid(struct xmpp_session *s, const char *raw, gboolean *ret_is_jid)
{
	char prepared[JID_MAX];

	*ret_is_jid = jid_prepare(raw, prepared);
	if (!*ret_is_jid || strcmp(raw, prepared) == 0)
		return raw;
	return xmpp_keep(s, prepared);
}

static void secrets_wipe(struct xmpp_session *s)
{
	xmpp_auth_free(s->auth);
	s->auth = NULL;
}

void xmpp_finish(struct xmpp_session *s, enum xmpp_end end, const char *condition, const char *text)
{
	if (s->stage == STAGE_ENDED)
		return;
	xmpp_outbox_fail(s);
	xmpp_event_push(s, &(struct xmpp_event){
				   .type = XMPP_EVENT_ENDED,
				   .end = end,
				   .condition = xmpp_keep(s, condition),
				   .text = xmpp_keep(s, text),
			   });
	s->stage = STAGE_ENDED;
	s->step_deadline = G_MAXINT64;
	xmpp_iq_abandon(s);
	secrets_wipe(s);
	/* What is left of the input is of no use; the stanza being worked on stays for the events
	 * that point into it. */
	g_clear_pointer(&s->reader, xml_reader_free);
}

static void stanza_received(struct xmpp_session *s, const struct element *e)
{
	if (s->stage != STAGE_READY && s->stage != STAGE_CLOSING && !element_is(e, "iq", NS_CLIENT))
		xmpp_stream_element(s, e);
	else if (element_is(e, "message", NS_CLIENT))
		xmpp_message_received(s, e);
	else if (element_is(e, "presence", NS_CLIENT))
		xmpp_presence_received(s, e);
	else if (element_is(e, "iq", NS_CLIENT) && s->is_authenticated)
		xmpp_iq_received(s, e);
	else
		xmpp_stream_element(s, e);
}

static gboolean is_secret(const struct element *e)
{
	if (strcmp(e->ns, NS_SASL) == 0)
		return strcmp(e->name, "auth") == 0 || strcmp(e->name, "response") == 0 ||
		       strcmp(e->name, "challenge") == 0 || strcmp(e->name, "success") == 0;
	return strcmp(e->name, "password") == 0;
}

static void trace_element(struct xmpp_session *s, const struct element *e)
{
	g_autofree char *xml = NULL;

	if (!s->trace)
		return;
	xml = element_to_string(e, NS_CLIENT, is_secret);
	trace_received(s->trace, 0, xml, strlen(xml));
}

/* The tag alone, as it opens the stream: the writer would close it. */
static void trace_header(struct xmpp_session *s, const struct element *header)
{
	const char *content = xml_reader_content_namespace(s->reader);
	GString *tag;

	if (!s->trace)
		return;
	tag = g_string_new("<stream:stream xmlns:stream='" NS_STREAMS "'");
	if (content) {
		g_autofree char *xmlns = g_markup_printf_escaped(" xmlns='%s'", content);

		g_string_append(tag, xmlns);
	}
	for (const struct attribute *a = header->attributes; a; a = a->next) {
		g_autofree char *attribute =
			a->ns ? g_strdup("")
			      : g_markup_printf_escaped(" %s='%s'", a->name, a->value);

		g_string_append(tag, attribute);
	}
	g_string_append_c(tag, '>');
	trace_received(s->trace, 0, tag->str, tag->len);
	g_string_free(tag, TRUE);
}

static void broken_xml(struct xmpp_session *s)
{
	static const char *const conditions[] = {
		[XML_ERROR_NONE] = "undefined-condition",
		[XML_ERROR_NOT_WELL_FORMED] = "not-well-formed",
		[XML_ERROR_RESTRICTED] = "restricted-xml",
		[XML_ERROR_ENCODING] = "unsupported-encoding",
		[XML_ERROR_NAMESPACE] = "invalid-namespace",
		[XML_ERROR_TOO_BIG] = "policy-violation",
		[XML_ERROR_BAD_FORMAT] = "bad-format",
	};
	const char *why = NULL;
	enum xml_error error = xml_reader_error(s->reader, &why);

	trace_note(s->trace, why);
	/* Before its header is through, it is somebody else's protocol rather than broken XMPP. */
	xmpp_stream_fail(s, conditions[error],
			 s->stage == STAGE_HEADER ? XMPP_END_NOT_XMPP : XMPP_END_BAD_XML, why);
}

/* Work on the next whole thing that came; FALSE when there is none. */
static gboolean work(struct xmpp_session *s)
{
	struct stanza *stanza = NULL;

	if (!s->reader)
		return FALSE;
	switch (xml_reader_next(s->reader, &stanza)) {
	case XML_MORE:
		return FALSE;
	case XML_HEADER:
		s->current = stanza;
		trace_header(s, stanza_root(stanza));
		xmpp_stream_header(s, stanza_root(stanza));
		break;
	case XML_STANZA:
		s->current = stanza;
		trace_element(s, stanza_root(stanza));
		stanza_received(s, stanza_root(stanza));
		break;
	case XML_END:
		trace_received(s->trace, 0, "</stream:stream>", strlen("</stream:stream>"));
		xmpp_stream_closed(s);
		break;
	case XML_BAD:
		broken_xml(s);
		break;
	}
	return TRUE;
}

gboolean xmpp_session_next_event(struct xmpp_session *s, struct xmpp_event *ret_ev)
{
	while (s->next_event == s->events->len) {
		g_array_set_size(s->events, 0);
		s->next_event = 0;
		g_string_chunk_clear(s->kept);
		g_ptr_array_set_size(s->kept_vectors, 0);
		g_clear_pointer(&s->current, stanza_free);
		if (s->is_overflowing)
			xmpp_finish(s, XMPP_END_OVERFLOW, NULL, NULL);
		else if (!work(s))
			return FALSE;
	}
	*ret_ev = g_array_index(s->events, struct xmpp_event, s->next_event++);
	if (s->trace) {
		g_autofree char *line = xmpp_event_print(ret_ev);
		trace_event(s->trace, line);
	}
	return TRUE;
}

/* ---- octets ---- */

void xmpp_session_opened(struct xmpp_session *s, const struct xmpp_tls *tls)
{
	if (s->stage != STAGE_OFFLINE && s->stage != STAGE_TLS)
		return;
	xmpp_auth_set_tls(s, tls);
	xmpp_stream_open(s);
}

void xmpp_session_data(struct xmpp_session *s, const guint8 *data, gsize n)
{
	s->heard = s->now;
	if (s->reader)
		xml_reader_feed(s->reader, data, n);
}

void xmpp_session_closed(struct xmpp_session *s)
{
	trace_note(s->trace, "the connection is gone");
	bytes_truncate(s->out, 0);
	if (s->stage == STAGE_CLOSING)
		xmpp_finish(s, XMPP_END_CLOSED, NULL, NULL);
	else if (s->stage == STAGE_OFFLINE || s->stage >= STAGE_AUTH)
		xmpp_finish(s, XMPP_END_LOST, NULL, NULL);
	else
		xmpp_stream_again(s, XMPP_END_LOST);
}

gboolean xmpp_session_output(struct xmpp_session *s, const guint8 **ret_data, gsize *ret_n)
{
	gsize n;
	const guint8 *data = bytes_peek(s->out, &n);

	if (n == 0)
		return FALSE;
	*ret_data = data;
	*ret_n = n;
	return TRUE;
}

void xmpp_session_sent(struct xmpp_session *s, gsize n)
{
	bytes_consume(s->out, n);
	s->sent += n;
}

struct trace *xmpp_session_trace(struct xmpp_session *s)
{
	return s->trace;
}

void xmpp_send_raw(struct xmpp_session *s, const char *xml)
{
	if (s->stage == STAGE_ENDED)
		return;
	if (!bytes_append_str(s->out, xml)) {
		s->is_overflowing = TRUE;
		return;
	}
	s->queued += strlen(xml);
	trace_sent(s->trace, 0, xml, strlen(xml));
}

void xmpp_send(struct xmpp_session *s, struct stanza *stanza)
{
	struct element *e = stanza_root(stanza);
	gsize before = bytes_length(s->out);

	if (s->stage == STAGE_ENDED) {
		stanza_free(stanza);
		return;
	}
	if (element_is(e, "message", NS_CLIENT) || element_is(e, "presence", NS_CLIENT)) {
		for (guint i = 0; i < xmpp_extension_count(); i++) {
			if (xmpp_extension_at(i)->sending)
				xmpp_extension_at(i)->sending(s, s->extension_states[i], e);
		}
	}
	if (!element_write(e, NS_CLIENT, NULL, s->out))
		s->is_overflowing = TRUE;
	s->queued += bytes_length(s->out) - before;
	if (s->trace) {
		g_autofree char *xml = element_to_string(e, NS_CLIENT, is_secret);
		trace_sent(s->trace, 0, xml, strlen(xml));
	}
	stanza_free(stanza);
}

char *xmpp_new_id(struct xmpp_session *s)
{
	return cookie_token_hex(8, s->random, s->random_user);
}

/* ---- time ---- */

static void step_timed_out(struct xmpp_session *s)
{
	switch (s->stage) {
	case STAGE_HEADER:
	case STAGE_FEATURES:
	case STAGE_PROCEED:
		xmpp_stream_again(s, XMPP_END_TIMEOUT);
		break;
	case STAGE_CLOSING:
		xmpp_finish(s, XMPP_END_CLOSED, NULL, NULL);
		break;
	default:
		xmpp_stream_fail(s, "connection-timeout", XMPP_END_TIMEOUT, NULL);
	}
}

void xmpp_session_tick(struct xmpp_session *s, gint64 now)
{
	s->now = now;
	trace_clock(s->trace, now);
	if (now >= s->step_deadline) {
		s->step_deadline = G_MAXINT64;
		step_timed_out(s);
	}
	xmpp_iq_expire(s);
	for (guint i = 0; i < xmpp_extension_count() && s->stage == STAGE_READY; i++) {
		const struct xmpp_extension *x = xmpp_extension_at(i);

		if (x->tick && x->deadline(s, s->extension_states[i]) <= now)
			x->tick(s, s->extension_states[i]);
	}
}

gint64 xmpp_session_deadline(const struct xmpp_session *s)
{
	gint64 first = MIN(s->step_deadline, cookie_deadline(s->requests));

	for (guint i = 0; i < xmpp_extension_count() && s->stage == STAGE_READY; i++) {
		const struct xmpp_extension *x = xmpp_extension_at(i);

		if (x->deadline)
			first = MIN(first, x->deadline(s, s->extension_states[i]));
	}
	return first;
}

void xmpp_session_end(struct xmpp_session *s)
{
	if (s->stage == STAGE_CLOSING || s->stage == STAGE_ENDED)
		return;
	if (s->stage == STAGE_OFFLINE || s->stage == STAGE_TLS) {
		xmpp_finish(s, XMPP_END_CLOSED, NULL, NULL);
		return;
	}
	xmpp_send_raw(s, "</stream:stream>");
	s->stage = STAGE_CLOSING;
	s->step_deadline = s->now + XMPP_CLOSE_MS;
}
