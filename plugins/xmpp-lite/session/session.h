/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session: one account's life on an XMPP server, from the stream's first octet to its last.
 * It does no I/O, has no clock and no randomness: its owner tells it what happened, asks what it
 * wants and carries its octets. Nothing is called back, so every function may be called, and the
 * session freed, at any time. */
#ifndef XMPP_SESSION_SESSION_H
#define XMPP_SESSION_SESSION_H
#include "common/cookie.h"
#include "common/trace.h"
#include "plugins/xmpp-lite/session/event.h"

#define XMPP_OUTPUT_MAX (4 << 20) /* octets waiting to be sent; a session that passes it ends */
#define XMPP_BODY_MAX 60000	  /* octets of one message's text; servers take stanzas of 64 KiB */
#define XMPP_STATUS_MAX 2000	  /* octets of a status text, incoming ones are cut to it */
#define XMPP_CONTACTS_MAX 100000  /* in the roster; more are ignored */
#define XMPP_RESOURCES_MAX 64	  /* remembered of one contact */
#define XMPP_GROUPS_MAX 64	  /* of one contact */
#define XMPP_HOPS_MAX 3		  /* see-other-host */
#define XMPP_STEP_MS 20000	  /* each step of the login */
#define XMPP_BIND_MS 60000 /* resource binding, the roster and other requests to the server */
#define XMPP_PEER_MS 30000 /* requests to other people's clients */
#define XMPP_IDLE_MS 60000 /* silence after which the server is pinged */
#define XMPP_PONG_MS 30000 /* then it has that long to say anything */
#define XMPP_CLOSE_MS 3000 /* for the server's closing tag */

struct xmpp_session;

struct xmpp_config {
	const char *jid;      /* local@domain, optionally with a resource, as the user typed it */
	const char *password; /* copied, and wiped when the session is freed */
	const char *language; /* BCP 47 tag for xml:lang; NULL: "en" */
	const char *software; /* name we give to who asks (XEP-0030) */
	gboolean no_plain;    /* PLAIN is not an option (XEP-0474's business rules) */
	gboolean require_binding; /* sign in with channel binding or not at all */
	gboolean trace;		  /* keep the wire for xmpp_session_trace() */
	cookie_random_h random;	  /* source of ids and nonces */
	gpointer random_user;
};

/* What TLS says about the connection it protects; each nullable. Used within the call. */
struct xmpp_tls {
	gboolean is_tls13;
	GBytes *exporter, *unique, *end_point; /* channel-binding data of tls-exporter, tls-unique,
						  tls-server-end-point */
};

/* NULL when config->jid is no JID with a local part. Its first event wants a connection. (transfer
 * full) */
struct xmpp_session *xmpp_session_new(const struct xmpp_config *config);
void xmpp_session_free(struct xmpp_session *s); /* NULL is fine */

/* ---- what happened ---- */
/* A connection stands, in answer to WANT_CONNECTION or WANT_TLS; tls NULL: it is plain. */
void xmpp_session_opened(struct xmpp_session *s, const struct xmpp_tls *tls);
void xmpp_session_data(struct xmpp_session *s, const guint8 *data, gsize n);
/* The connection is gone, or none could be had. */
void xmpp_session_closed(struct xmpp_session *s);
/* It is now, in milliseconds of a clock that never goes back. Call it before the others of a turn.
 */
void xmpp_session_tick(struct xmpp_session *s, gint64 now);
/* When to tick at the latest; G_MAXINT64: not needed. */
gint64 xmpp_session_deadline(const struct xmpp_session *s);

/* ---- what it wants ---- */
/* The next thing that happened; FALSE when all is told. The event's strings live until the next
 * call, even when octets come in between. Octets are worked on here, a stanza at a time: not asking
 * is back-pressure. */
gboolean xmpp_session_next_event(struct xmpp_session *s, struct xmpp_event *ret_ev);
/* Octets ready to leave; (transfer none), until any call but this. FALSE when there are none. */
gboolean xmpp_session_output(struct xmpp_session *s, const guint8 **ret_data, gsize *ret_n);
void xmpp_session_sent(struct xmpp_session *s, gsize n); /* so many of them have left */
/* The wire so far; NULL without config->trace. (transfer none) */
struct trace *xmpp_session_trace(struct xmpp_session *s);

/* ---- what the user wants; FALSE: not possible now (not ready, no such JID, too long), nothing was
 * done ---- */
/* Sign off: closes the stream. ENDED follows when the server has answered, or after XMPP_CLOSE_MS.
 */
void xmpp_session_end(struct xmpp_session *s);
/* Broadcast presence. text nullable. XMPP_SHOW_OFFLINE: unavailable, the stream stays. May be
 * called before READY: then it is the first one. */
gboolean xmpp_presence_set(struct xmpp_session *s, enum xmpp_show show, const char *text,
			   int priority);

/* body: plain text. MESSAGE_FAILED follows when it is known not to have arrived. */
gboolean xmpp_message_send(struct xmpp_session *s, const char *to, const char *body);
/* Tell to what our user does in the conversation (XEP-0085). Nothing is sent to who is not known to
 * understand it. */
gboolean xmpp_typing_send(struct xmpp_session *s, const char *to, enum xmpp_typing typing);

/* Put jid into the roster (group nullable: none; name nullable: none) and ask to see its presence.
 */
gboolean xmpp_contact_add(struct xmpp_session *s, const char *jid, const char *name,
			  const char *group);
gboolean xmpp_contact_rename(struct xmpp_session *s, const char *jid, const char *name);
/* from or to NULL: no group. */
gboolean xmpp_contact_move(struct xmpp_session *s, const char *jid, const char *from,
			   const char *to);
/* Out of that group; out of the roster when it was the last one or group is NULL. */
gboolean xmpp_contact_remove(struct xmpp_session *s, const char *jid, const char *group);
/* Answer SUBSCRIBE, or withdraw what was granted. */
gboolean xmpp_contact_allow(struct xmpp_session *s, const char *jid, gboolean is_allowed);
/* Ask again to see jid's presence; of use when XMPP_EVENT_UNSUBSCRIBED came. */
gboolean xmpp_contact_ask(struct xmpp_session *s, const char *jid);

/* One of a contact's connected clients, the best first; index from 0. FALSE when there are no more.
 */
struct xmpp_resource {
	const char *resource; /* "" for a bare JID's own presence; (transfer none) until the next
				 call that is not const */
	enum xmpp_show show;
	const char *text; /* nullable */
	int priority;
};
gboolean xmpp_contact_resource(const struct xmpp_session *s, const char *jid, guint index,
			       struct xmpp_resource *ret);
/* The subscription with jid; FALSE when it is not in the roster. */
gboolean xmpp_contact_subscription(const struct xmpp_session *s, const char *jid,
				   enum xmpp_subscription *ret, gboolean *ret_is_asking);
#endif
