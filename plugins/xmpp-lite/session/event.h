/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event: everything a session can tell its owner, one struct, printable in one line. */
#ifndef XMPP_SESSION_EVENT_H
#define XMPP_SESSION_EVENT_H
#include <glib.h>

enum xmpp_event_type {
	/* ---- what the session needs ---- */
	XMPP_EVENT_WANT_CONNECTION, /* host and port: there; host NULL: find the domain's server.
				     * The last one is to be dropped; is_again: it did not do,
				     * another endpoint of the same search is wanted */
	XMPP_EVENT_WANT_TLS, /* on the connection that stands; then xmpp_session_opened() again */
	/* ---- signing in and out ---- */
	XMPP_EVENT_PROGRESS,	  /* progress: a step of the login begins */
	XMPP_EVENT_AUTHENTICATED, /* mechanism: what the server accepted */
	XMPP_EVENT_READY,	  /* jid: the full JID bound; user verbs work from now on */
	XMPP_EVENT_ENDED, /* end, condition, text: nothing comes after it but an idle session */
	/* ---- people ---- */
	XMPP_EVENT_CONTACT, /* jid, name, groups, subscription, is_asking: in the roster, new or
			       changed */
	XMPP_EVENT_CONTACT_GONE,    /* jid: no longer in the roster */
	XMPP_EVENT_ROSTER_COMPLETE, /* all contacts of the roster have been told */
	XMPP_EVENT_PRESENCE,	    /* jid, show, text (nullable), priority: the best of a contact's
				       resources */
	XMPP_EVENT_SUBSCRIBE, /* jid, name (nullable), text (nullable): asks to see our presence */
	XMPP_EVENT_UNSUBSCRIBED, /* jid: does not let us see its presence (refused or withdrawn) */
	/* ---- messages ---- */
	XMPP_EVENT_MESSAGE,	   /* jid (full), text, stamp (0: now), id (nullable) */
	XMPP_EVENT_MESSAGE_FAILED, /* jid, text (nullable: what was sent, if still known),
				      condition, error */
	XMPP_EVENT_TYPING,	   /* jid (bare), typing */
	/* ---- answers ---- */
	XMPP_EVENT_REFUSED, /* jid (nullable), text: what was tried, condition, error: a request
			       that failed */
};

enum xmpp_progress {
	XMPP_PROGRESS_STREAM,
	XMPP_PROGRESS_TLS,
	XMPP_PROGRESS_AUTH,
	XMPP_PROGRESS_BIND,
};

/* Why a session ended. */
enum xmpp_end {
	XMPP_END_CLOSED,	/* as asked by xmpp_session_end() */
	XMPP_END_LOST,		/* the connection went away; its owner knows why */
	XMPP_END_SERVER_CLOSED, /* the server ended the stream without an error */
	XMPP_END_STREAM_ERROR,	/* condition, text (RFC 6120 section 4.9) */
	XMPP_END_TIMEOUT,	/* no answer in time */
	XMPP_END_BAD_XML,  /* condition: the stream error it was answered with; text: what is wrong
			    */
	XMPP_END_NOT_XMPP, /* the peer speaks something else, or a version before 1.0 */
	XMPP_END_WRONG_SERVER, /* text: the domain it says it is */
	XMPP_END_NO_TLS,       /* the server offers no STARTTLS */
	XMPP_END_TLS_REFUSED,  /* it offers STARTTLS but refused it */
	XMPP_END_NO_MECHANISM, /* text: the mechanisms it offers; none may be used */
	XMPP_END_WEAKER_LOGIN, /* only PLAIN is left and the account has known better */
	XMPP_END_NO_BINDING,   /* channel binding is required, or was offered, and cannot be done */
	XMPP_END_AUTH_FAILED,  /* condition, text (RFC 6120 section 6.5) */
	XMPP_END_IMPOSTOR,     /* the server did not prove that it knows the password */
	XMPP_END_SASL_BROKEN, /* the server's part of the login does not follow the rules; text: how
			       */
	XMPP_END_BIND_FAILED, /* condition, text */
	XMPP_END_TOO_MANY_HOPS, /* sent from one host to another more than XMPP_HOPS_MAX times */
	XMPP_END_OVERFLOW,	/* the connection does not take what is to be sent */
};

enum xmpp_show {
	XMPP_SHOW_OFFLINE,
	XMPP_SHOW_XA,
	XMPP_SHOW_DND,
	XMPP_SHOW_AWAY,
	XMPP_SHOW_ONLINE,
	XMPP_SHOW_CHAT,
};

enum xmpp_subscription {
	XMPP_SUBSCRIPTION_NONE,
	XMPP_SUBSCRIPTION_TO,	/* we see theirs */
	XMPP_SUBSCRIPTION_FROM, /* they see ours */
	XMPP_SUBSCRIPTION_BOTH,
};

enum xmpp_typing {
	XMPP_TYPING_ACTIVE,
	XMPP_TYPING_COMPOSING,
	XMPP_TYPING_PAUSED,
	XMPP_TYPING_GONE, /* inactive and gone */
};

/* Which fields mean something is said above; the others are zero. Strings are UTF-8 as the peer
 * wrote it (valid, not escaped) and live until the next call of xmpp_session_next_event(). */
struct xmpp_event {
	enum xmpp_event_type type;
	const char *jid;
	const char *name;
	const char *text;
	const char *condition; /* the defined condition's element name */
	const char *error;     /* the server's own words, nullable */
	const char *mechanism;
	const char *id;
	const char *host;
	guint16 port;
	gboolean is_again;
	gboolean is_asking;	   /* our request to see their presence waits for an answer */
	const char *const *groups; /* NULL-terminated; never NULL for XMPP_EVENT_CONTACT */
	gint64 stamp;		   /* seconds since 1970, UTC */
	int priority;
	enum xmpp_end end;
	enum xmpp_progress progress;
	enum xmpp_show show;
	enum xmpp_subscription subscription;
	enum xmpp_typing typing;
};

/* One line for traces and tests: the type in words, then its fields. (transfer full) */
char *xmpp_event_print(const struct xmpp_event *ev);
const char *xmpp_end_name(enum xmpp_end end); /* "stream-error" and so on; static */
const char *xmpp_show_name(enum xmpp_show show);
const char *xmpp_typing_name(enum xmpp_typing typing);
#endif
