/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stream: the ladder from a bare connection to a bound resource, and the stream's own errors (RFC
 * 6120 sections 4, 5 and 7). */
#include <stdlib.h>
#include <string.h>

#include "plugins/xmpp-lite/session/core.h"

static void step(struct xmpp_session *s, enum stage stage, gint64 limit)
{
	s->stage = stage;
	s->step_deadline = s->now + limit;
}

static void progress(struct xmpp_session *s, enum xmpp_progress step_begun)
{
	xmpp_event_push(s,
			&(struct xmpp_event){.type = XMPP_EVENT_PROGRESS, .progress = step_begun});
}

/* ---- opening ---- */

static void header_send(struct xmpp_session *s)
{
	/* Our address is nobody's business on a connection that others can read (RFC 6120
	 * section 4.7.1). */
	g_autofree char *from = xmpp_auth_is_secure(s)
					? g_markup_printf_escaped(" from='%s'", s->bare)
					: g_strdup("");
	g_autofree char *to = g_markup_escape_text(s->domain, -1);
	g_autofree char *header = g_strdup_printf("<?xml version='1.0'?><stream:stream to='%s'%s "
						  "version='1.0' xml:lang='%s' xmlns='" NS_CLIENT
						  "' xmlns:stream='" NS_STREAMS "'>",
						  to, from, s->language);

	xmpp_send_raw(s, header);
}

void xmpp_stream_open(struct xmpp_session *s)
{
	/* Everything learnt and buffered on the last stream is void, above all what came in clear
	 * before TLS. */
	xml_reader_free(s->reader);
	s->reader = xml_reader_new();
	s->is_wrong_server = FALSE;
	step(s, STAGE_HEADER, XMPP_STEP_MS);
	s->heard = s->now;
	header_send(s);
	if (!s->is_authenticated)
		progress(s, XMPP_PROGRESS_STREAM);
}

void xmpp_stream_restart(struct xmpp_session *s)
{
	s->is_authenticated = TRUE;
	xmpp_stream_open(s);
}

void xmpp_stream_header(struct xmpp_session *s, const struct element *header)
{
	const char *version = element_attribute(header, "version");
	const char *from = element_attribute(header, "from");
	const char *content = xml_reader_content_namespace(s->reader);

	if (!content || strcmp(content, NS_CLIENT) != 0) {
		xmpp_stream_fail(s, "invalid-namespace", XMPP_END_NOT_XMPP, content);
		return;
	}
	if (!version || strtoul(version, NULL, 10) < 1) {
		xmpp_stream_fail(s, "unsupported-version", XMPP_END_NOT_XMPP, version);
		return;
	}
	if (from) {
		gboolean is_jid;
		const char *prepared = xmpp_keep_jid(s, from, &is_jid);

		s->is_wrong_server = !is_jid || strcmp(prepared, s->domain) != 0;
	}
	s->stage = STAGE_FEATURES;
}

/* ---- features ---- */

static void bind_answered(struct xmpp_session *s, const struct element *iq, gpointer data);

static void bind_request(struct xmpp_session *s, gboolean with_resource)
{
	struct stanza *iq = xmpp_iq_new(s, "set", NULL);
	struct element *bind = element_add(stanza_root(iq), "bind", NS_BIND);
	const char *resource = jid_resource(s->full);

	if (with_resource && resource)
		element_add_text(bind, "resource", NS_BIND, resource);
	step(s, STAGE_BIND, XMPP_BIND_MS);
	xmpp_iq_send(s, iq, bind_answered, GINT_TO_POINTER(with_resource && resource), NULL);
}

static void ready(struct xmpp_session *s)
{
	s->stage = STAGE_READY;
	s->step_deadline = G_MAXINT64;
	/* The roster is asked for before presence is sent, so that nobody's presence comes before
	 * he is known (RFC 6121 section 2.2). */
	xmpp_roster_request(s);
	for (guint i = 0; i < xmpp_extension_count(); i++) {
		if (xmpp_extension_at(i)->bound)
			xmpp_extension_at(i)->bound(s, s->extension_states[i]);
	}
	xmpp_event_push(
		s, &(struct xmpp_event){.type = XMPP_EVENT_READY, .jid = xmpp_keep(s, s->full)});
	if (s->has_presence)
		xmpp_presence_announce(s);
}

static void session_answered(struct xmpp_session *s, const struct element *iq, gpointer data)
{
	/* Some servers still list the feature and then refuse it; RFC 6121 has dropped it
	 * altogether. */
	if (iq)
		ready(s);
}

static void bind_answered(struct xmpp_session *s, const struct element *iq, gpointer data)
{
	const struct element *bind = iq ? element_child(iq, "bind", NS_BIND) : NULL;
	const char *jid = bind ? element_child_text(bind, "jid", NS_BIND) : NULL;
	g_autofree char *bound = jid ? jid_new(jid) : NULL;

	if (!iq)
		return; /* the step's deadline says it */
	if (xmpp_is_error(iq)) {
		const char *text, *condition = xmpp_error_condition(iq, &text);

		if (strcmp(condition, "conflict") == 0 && data)
			bind_request(s, FALSE);
		else
			xmpp_finish(s, XMPP_END_BIND_FAILED, condition, text);
		return;
	}
	if (!bound || !jid_resource(bound)) {
		xmpp_finish(s, XMPP_END_BIND_FAILED, "undefined-condition", jid);
		return;
	}
	g_free(s->full);
	s->full = g_steal_pointer(&bound);
	/* The server has the last word on who we are (RFC 6120 section 7.6.1). */
	g_free(s->bare);
	s->bare = jid_bare(s->full);
	if (s->needs_session) {
		struct stanza *request = xmpp_iq_new(s, "set", NULL);

		element_add(stanza_root(request), "session", NS_SESSION);
		xmpp_iq_send(s, request, session_answered, NULL, NULL);
	} else {
		ready(s);
	}
}

static void features_before_login(struct xmpp_session *s, const struct element *features)
{
	if (xmpp_auth_is_secure(s)) {
		s->step_deadline = s->now + XMPP_STEP_MS;
		s->stage = STAGE_AUTH;
		progress(s, XMPP_PROGRESS_AUTH);
		xmpp_auth_start(s, features);
	} else if (element_child(features, "starttls", NS_TLS)) {
		step(s, STAGE_PROCEED, XMPP_STEP_MS);
		xmpp_send(s, stanza_new("starttls", NS_TLS));
		progress(s, XMPP_PROGRESS_TLS);
	} else {
		/* Somebody may have taken the offer out on its way: never go on in clear. */
		xmpp_send_raw(s, "</stream:stream>");
		xmpp_finish(s, XMPP_END_NO_TLS, NULL, NULL);
	}
}

static void features_after_login(struct xmpp_session *s, const struct element *features)
{
	const struct element *session = element_child(features, "session", NS_SESSION);

	if (!element_child(features, "bind", NS_BIND)) {
		xmpp_stream_fail(s, "unsupported-feature", XMPP_END_BIND_FAILED, NULL);
		return;
	}
	progress(s, XMPP_PROGRESS_BIND);
	s->needs_session = session && !element_child(session, "optional", NS_SESSION);
	bind_request(s, TRUE);
}

static void tls_element(struct xmpp_session *s, const struct element *e)
{
	if (element_is(e, "proceed", NS_TLS)) {
		/* Whatever else came in clear is not from who we are about to authenticate. */
		g_clear_pointer(&s->reader, xml_reader_free);
		s->stage = STAGE_TLS;
		s->step_deadline = G_MAXINT64;
		xmpp_event_push(s, &(struct xmpp_event){.type = XMPP_EVENT_WANT_TLS});
	} else {
		xmpp_send_raw(s, "</stream:stream>");
		xmpp_finish(s, XMPP_END_TLS_REFUSED, NULL, NULL);
	}
}

/* ---- stream errors ---- */

/* "host", "host:port", "[v6]:port" or a bare IPv6 address (RFC 6120 section 4.9.3.19). */
static gboolean host_parse(const char *text, char **ret_host, guint16 *ret_port)
{
	g_autofree char *trimmed = g_strstrip(g_strdup(text));
	const char *port = NULL;
	guint64 number = 5222;
	g_autofree char *host = NULL;

	if (trimmed[0] == '[') {
		char *close = strchr(trimmed, ']');

		if (!close || (close[1] && close[1] != ':'))
			return FALSE;
		port = close[1] ? close + 2 : NULL;
		host = g_strndup(trimmed + 1, (gsize)(close - trimmed - 1));
	} else if (strchr(trimmed, ':') && strchr(trimmed, ':') == strrchr(trimmed, ':')) {
		port = strchr(trimmed, ':') + 1;
		host = g_strndup(trimmed, (gsize)(port - 1 - trimmed));
	} else {
		host = g_strdup(trimmed);
	}
	if (!*host || strlen(host) > 255 ||
	    (port && !g_ascii_string_to_unsigned(port, 10, 1, 65535, &number, NULL)))
		return FALSE;
	*ret_host = g_steal_pointer(&host);
	*ret_port = (guint16)number;
	return TRUE;
}

static void reconnect(struct xmpp_session *s, const struct xmpp_event *ev)
{
	g_clear_pointer(&s->reader, xml_reader_free);
	bytes_truncate(s->out, 0);
	xmpp_iq_abandon(s);
	xmpp_auth_free(s->auth);
	s->auth = xmpp_auth_new();
	s->is_authenticated = FALSE;
	s->stage = STAGE_OFFLINE;
	s->step_deadline = G_MAXINT64;
	xmpp_event_push(s, ev);
}

void xmpp_stream_again(struct xmpp_session *s, enum xmpp_end why)
{
	reconnect(s, &(struct xmpp_event){
			     .type = XMPP_EVENT_WANT_CONNECTION, .is_again = TRUE, .end = why});
}

/* The server sends us elsewhere: the same account, the same demands on the certificate. */
static gboolean follow(struct xmpp_session *s, const char *where)
{
	g_autofree char *host = NULL;
	guint16 port;

	if (!host_parse(where, &host, &port))
		return FALSE;
	if (++s->hops > XMPP_HOPS_MAX) {
		xmpp_finish(s, XMPP_END_TOO_MANY_HOPS, NULL, where);
		return TRUE;
	}
	reconnect(s, &(struct xmpp_event){.type = XMPP_EVENT_WANT_CONNECTION,
					  .host = xmpp_keep(s, host),
					  .port = port});
	return TRUE;
}

static void stream_error(struct xmpp_session *s, const struct element *error)
{
	const struct element *condition = NULL;
	const char *text = element_child_text(error, "text", NS_STREAM_ERRORS);

	for (const struct element *e = error->first; e && !condition; e = e->next) {
		if (strcmp(e->ns, NS_STREAM_ERRORS) == 0 && strcmp(e->name, "text") != 0)
			condition = e;
	}
	if (condition && strcmp(condition->name, "see-other-host") == 0 && s->stage < STAGE_READY &&
	    follow(s, condition->text))
		return;
	xmpp_send_raw(s, "</stream:stream>");
	xmpp_finish(s, XMPP_END_STREAM_ERROR, condition ? condition->name : "undefined-condition",
		    text);
}

/* ---- dispatch ---- */

void xmpp_stream_element(struct xmpp_session *s, const struct element *e)
{
	if (element_is(e, "error", NS_STREAMS)) {
		stream_error(s, e);
	} else if (s->is_wrong_server) {
		xmpp_stream_fail(s, "invalid-from", XMPP_END_WRONG_SERVER, NULL);
	} else if (element_is(e, "features", NS_STREAMS) && s->stage == STAGE_FEATURES) {
		if (s->is_authenticated)
			features_after_login(s, e);
		else
			features_before_login(s, e);
	} else if (s->stage == STAGE_PROCEED && strcmp(e->ns, NS_TLS) == 0) {
		tls_element(s, e);
	} else if (s->stage == STAGE_AUTH && strcmp(e->ns, NS_SASL) == 0) {
		xmpp_auth_element(s, e);
	} else if (s->stage < STAGE_READY && !s->is_authenticated) {
		/* A stanza before login, or something we did not ask for: not a server to trust
		 * with a password. */
		xmpp_stream_fail(s, "not-authorized", XMPP_END_NOT_XMPP, e->name);
	}
	/* Anything else is an extension of a stream that we do not know: RFC 6120 leaves us free to
	 * pass over it. */
}

void xmpp_stream_closed(struct xmpp_session *s)
{
	if (s->stage == STAGE_CLOSING) {
		xmpp_finish(s, XMPP_END_CLOSED, NULL, NULL);
		return;
	}
	xmpp_send_raw(s, "</stream:stream>");
	xmpp_finish(s, XMPP_END_SERVER_CLOSED, NULL, NULL);
}

void xmpp_stream_fail(struct xmpp_session *s, const char *condition, enum xmpp_end end,
		      const char *text)
{
	g_autofree char *error = g_strdup_printf("<stream:error><%s xmlns='" NS_STREAM_ERRORS
						 "'/></stream:error></stream:stream>",
						 condition);

	if (s->stage != STAGE_CLOSING)
		xmpp_send_raw(s, error);
	xmpp_finish(s, end, condition, text);
}
