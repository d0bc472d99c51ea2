/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core: what the session's own files share; nobody outside session/ includes it. */
#ifndef XMPP_SESSION_CORE_H
#define XMPP_SESSION_CORE_H
#include "plugins/xmpp-lite/session/extension.h"
#include "plugins/xmpp-lite/session/session.h"
#include "plugins/xmpp-lite/wire/jid.h"
#include "plugins/xmpp-lite/wire/xml.h"

#define NS_STREAMS "http://etherx.jabber.org/streams"
#define NS_CLIENT "jabber:client"
#define NS_TLS "urn:ietf:params:xml:ns:xmpp-tls"
#define NS_SASL "urn:ietf:params:xml:ns:xmpp-sasl"
#define NS_SASL_CB "urn:xmpp:sasl-cb:0"
#define NS_BIND "urn:ietf:params:xml:ns:xmpp-bind"
#define NS_SESSION "urn:ietf:params:xml:ns:xmpp-session"
#define NS_STREAM_ERRORS "urn:ietf:params:xml:ns:xmpp-streams"
#define NS_STANZA_ERRORS "urn:ietf:params:xml:ns:xmpp-stanzas"
#define NS_ROSTER "jabber:iq:roster"

/* How far a session has come. */
enum stage {
	STAGE_OFFLINE,	/* a connection is wanted */
	STAGE_HEADER,	/* our stream header is out */
	STAGE_FEATURES, /* theirs came */
	STAGE_PROCEED,	/* STARTTLS asked for */
	STAGE_TLS,	/* TLS wanted */
	STAGE_AUTH,
	STAGE_BIND,
	STAGE_READY,
	STAGE_CLOSING, /* our closing tag is out */
	STAGE_ENDED,
};

struct xmpp_session {
	enum stage stage;
	gboolean is_authenticated;

	/* who: prepared JIDs */
	char *full; /* as bound; before that as wished */
	char *bare, *local, *domain;
	char *password, *language, *software;
	gboolean no_plain, require_binding;
	cookie_random_h random;
	gpointer random_user;

	/* wire */
	struct xml_reader *reader; /* NULL while nothing may come in */
	struct stanza *current;	   /* what the events being told point into */
	struct bytes *out;
	guint64 queued, sent; /* octets ever */
	struct trace *trace;  /* nullable */
	gboolean is_overflowing;
	gboolean is_wrong_server; /* the header named another domain; an error may follow that says
				     more */

	/* events told and to be told */
	GArray *events;
	guint next_event;
	GStringChunk *kept; /* strings of events that live nowhere else */
	GPtrArray *kept_vectors;

	/* time */
	gint64 now, heard, step_deadline;

	guint hops;
	gboolean needs_session; /* RFC 3921's extra step after binding, for servers that insist */
	struct auth *auth;	/* while a SASL exchange runs */
	struct cookie_jar *requests;
	struct roster *roster;
	struct outbox *outbox;

	/* our own presence, also before it may be sent */
	enum xmpp_show show;
	char *status;
	int priority;
	gboolean has_presence;

	gpointer *extension_states;
};

/* ---- session.c ---- */
void xmpp_event_push(struct xmpp_session *s, const struct xmpp_event *ev);
/* text for an event, when it does not live in the stanza being worked on. (transfer none); NULL
 * stays NULL */
const char *xmpp_keep(struct xmpp_session *s, const char *text);
const char *const *xmpp_keep_vector(struct xmpp_session *s, char *const *strings);
/* raw prepared, for an event; raw itself when it is no JID (and *ret_is_jid FALSE). */
const char *xmpp_keep_jid(struct xmpp_session *s, const char *raw, gboolean *ret_is_jid);
/* Write it and free it. */
void xmpp_send(struct xmpp_session *s, struct stanza *stanza);
void xmpp_send_raw(struct xmpp_session *s, const char *xml);
/* The end, for that reason: the last event. Strings nullable. */
void xmpp_finish(struct xmpp_session *s, enum xmpp_end end, const char *condition,
		 const char *text);
/* An id nobody can guess. (transfer full) */
char *xmpp_new_id(struct xmpp_session *s);
gpointer xmpp_extension_state(const struct xmpp_session *s, const struct xmpp_extension *extension);

/* ---- stream.c ---- */
void xmpp_stream_open(struct xmpp_session *s);
void xmpp_stream_header(struct xmpp_session *s, const struct element *header);
/* An element that is no stanza, or that comes before READY. */
void xmpp_stream_element(struct xmpp_session *s, const struct element *e);
/* The server closed its side. */
void xmpp_stream_closed(struct xmpp_session *s);
/* Break off: tell the server why, then end. */
void xmpp_stream_fail(struct xmpp_session *s, const char *condition, enum xmpp_end end,
		      const char *text);
void xmpp_stream_restart(struct xmpp_session *s); /* after SASL */
/* The connection did not do before we were authenticated: want another endpoint. */
void xmpp_stream_again(struct xmpp_session *s, enum xmpp_end why);

/* ---- auth.c ---- */
void xmpp_auth_start(struct xmpp_session *s, const struct element *features);
void xmpp_auth_element(struct xmpp_session *s, const struct element *e);
void xmpp_auth_set_tls(struct xmpp_session *s, const struct xmpp_tls *tls); /* NULL: plain */
gboolean xmpp_auth_is_secure(const struct xmpp_session *s);		    /* inside TLS */
struct auth *xmpp_auth_new(void);
void xmpp_auth_free(struct auth *auth);

/* ---- iq.c ---- */
/* iq NULL: no answer came in time. Not called when the session ends first. */
typedef void (*xmpp_answer_h)(struct xmpp_session *s, const struct element *iq, gpointer data);
/* <iq type= to=/> with a new id; to: prepared, NULL for our own account. (transfer full) */
struct stanza *xmpp_iq_new(struct xmpp_session *s, const char *type, const char *to);
/* Sends a request of xmpp_iq_new and frees it. data is freed with free_data (nullable) once the
 * handler is done or will never be called. */
void xmpp_iq_send(struct xmpp_session *s, struct stanza *iq, xmpp_answer_h handler, gpointer data,
		  GDestroyNotify free_data);
void xmpp_iq_received(struct xmpp_session *s, const struct element *iq);
void xmpp_iq_expire(struct xmpp_session *s);
void xmpp_iq_abandon(struct xmpp_session *s);
/* Answer a request: an empty result, a result to be filled and given to xmpp_send(), an error. */
void xmpp_iq_result(struct xmpp_session *s, const struct element *iq);
struct stanza *xmpp_iq_result_new(struct xmpp_session *s, const struct element *iq);
void xmpp_iq_error(struct xmpp_session *s, const struct element *iq, const char *type,
		   const char *condition);
/* The condition of an error stanza ("undefined-condition" when it names none), and its words
 * (nullable). */
const char *xmpp_error_condition(const struct element *stanza, const char **ret_text);
gboolean xmpp_is_error(const struct element *stanza);
/* from is our own account's doing: absent or our bare JID. */
gboolean xmpp_is_from_account(const struct xmpp_session *s, const struct element *stanza);

/* ---- roster.c ---- */
struct contact;
struct roster *xmpp_roster_new(void);
void xmpp_roster_free(struct roster *r);
void xmpp_roster_request(struct xmpp_session *s);
struct contact *xmpp_roster_find(const struct xmpp_session *s,
				 const char *jid); /* full or bare, prepared */
/* A request about jid that the server refused, as an event. */
void xmpp_refused(struct xmpp_session *s, const char *jid, const char *what,
		  const struct element *iq);

/* ---- presence.c ---- */
struct resource;
struct resource **
xmpp_contact_resources(struct contact *contact); /* in roster.c: where presence.c hangs them */
void xmpp_resources_free(struct resource *list);
void xmpp_presence_received(struct xmpp_session *s, const struct element *presence);
void xmpp_presence_announce(struct xmpp_session *s);

/* ---- message.c ---- */
struct outbox *xmpp_outbox_new(void);
void xmpp_outbox_free(struct outbox *o);
void xmpp_message_received(struct xmpp_session *s, const struct element *message);
/* The session ends: what never left is told as failed. */
void xmpp_outbox_fail(struct xmpp_session *s);
#endif
