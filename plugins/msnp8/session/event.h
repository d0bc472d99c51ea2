/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event: everything an MSN session can tell its owner, one struct, printable in one line. */
#ifndef MSN_SESSION_EVENT_H
#define MSN_SESSION_EVENT_H
#include "plugins/msnp8/wire/body.h"

enum msn_event_type {
	/* ---- what the session needs ---- */
	MSN_EVENT_WANT_CONNECTION, /* id, host, port: then msn_session_opened(id) or _closed(id) */
	MSN_EVENT_DROP_CONNECTION, /* id: close it when what it still has to say has left */
	MSN_EVENT_WANT_HTTPS, /* id, url, authorization (nullable, secret): GET it without following
			       * redirects, then msn_session_answered(id, …) */
	/* ---- signing in and out ---- */
	MSN_EVENT_PROGRESS, /* progress */
	MSN_EVENT_READY,    /* name: our friendly name; user verbs work from now on */
	MSN_EVENT_ENDED,    /* end, code (of the server, or 0), text (nullable): the last event */
	/* ---- lists ---- */
	MSN_EVENT_GROUP,	  /* group (id), name: new or renamed */
	MSN_EVENT_GROUP_GONE,	  /* group */
	MSN_EVENT_CONTACT,	  /* account, name, lists, groups (ids, of FL; none: empty): also
				   * when something of it has changed */
	MSN_EVENT_CONTACT_GONE,	  /* account: on none of our lists any more */
	MSN_EVENT_LISTS_COMPLETE, /* everything above has been told once; READY follows */
	MSN_EVENT_PENDING,	  /* account, name: has us on his list and waits for an answer */
	MSN_EVENT_PRIVACY,	  /* is_open: who is on neither list may see us (BLP AL) */
	MSN_EVENT_PRESENCE,	  /* account, name, state */
	MSN_EVENT_PHONE,	  /* account (NULL: our own), phone, text (NULL: taken back) */
	MSN_EVENT_OWN_NAME,	  /* name */
	MSN_EVENT_CACHE,	  /* msn_session_cache() is worth storing; many changes make one */
	/* ---- conversations; chat is the session's number for one ---- */
	MSN_EVENT_MESSAGE,	  /* chat, account, name, text, style; is_group: more than two people */
	MSN_EVENT_TYPING,	  /* chat, account; is_group */
	MSN_EVENT_MESSAGE_FAILED, /* chat, account (NULL in a group), text (NULL: a nudge), failure,
				   * code */
	MSN_EVENT_CHAT_GROWN,	  /* chat, groups (the accounts in it): a group chat from now on */
	MSN_EVENT_CHAT_JOINED,	  /* chat, account, name */
	MSN_EVENT_CHAT_LEFT,	  /* chat, account */
	MSN_EVENT_CHAT_CLOSED,	  /* chat: a group chat is gone, also by msn_chat_leave(); one of two
				   * reopens by itself and is not told of */
	MSN_EVENT_NUDGE,	  /* chat, account; is_group */
	MSN_EVENT_OFFER_DECLINED, /* chat, account, text (file or application, nullable): an invitation
				   * that was declined politely */
	/* ---- the server's own ---- */
	MSN_EVENT_MAIL,	    /* count: unread at sign-in, or a change */
	MSN_EVENT_NEW_MAIL, /* name: from, account: his address, text: subject */
	MSN_EVENT_INBOX,    /* url, to be opened with what msn_session_inbox_page() writes */
	MSN_EVENT_SHUTDOWN, /* count: minutes until the server goes down */
	MSN_EVENT_REFUSED,  /* refused, account, name (nullable): whom or what it was about; code (0:
			     * the server did not answer) */
};

enum msn_progress {
	MSN_PROGRESS_SERVER,   /* talking to a notification server */
	MSN_PROGRESS_PASSPORT, /* the password is being checked */
	MSN_PROGRESS_LISTS,    /* the lists come */
};

/* Why a session ended. */
enum msn_end {
	MSN_END_CLOSED,	       /* as asked */
	MSN_END_LOST,	       /* the connection went away; its owner knows why */
	MSN_END_SERVER_CLOSED, /* OUT without a reason */
	MSN_END_OTHER_PLACE,   /* OUT OTH: signed in elsewhere */
	MSN_END_GOING_DOWN,    /* OUT SSD */
	MSN_END_TIMEOUT,
	MSN_END_NOT_MSN,  /* what answers speaks something else; text */
	MSN_END_VERSION,  /* the server does not know MSNP8 */
	MSN_END_PASSWORD, /* refused; text: the server's own words, nullable */
	MSN_END_PASSPORT, /* the login server cannot be used; text: how */
	MSN_END_INSECURE, /* the login would go over plain HTTP, which the account does not allow */
	MSN_END_REFERRALS,    /* sent from server to server more than MSN_REFERRALS_MAX times */
	MSN_END_SERVER_ERROR, /* code: an error that ends the session */
	MSN_END_BROKEN,	      /* the server breaks the rules; text: how */
	MSN_END_OVERFLOW,     /* the connection does not take what is to be sent */
};

enum msn_state {
	MSN_OFFLINE,
	MSN_ONLINE,
	MSN_BUSY,
	MSN_IDLE,
	MSN_BACK,
	MSN_AWAY,
	MSN_PHONE,
	MSN_LUNCH,
	MSN_HIDDEN,
};

/* The protocol's list bits. */
enum msn_list { MSN_FL = 1, MSN_AL = 2, MSN_BL = 4, MSN_RL = 8 };

enum msn_phone {
	MSN_PHONE_HOME,
	MSN_PHONE_WORK,
	MSN_PHONE_MOBILE,
	MSN_PHONE_MOBILE_ALLOWED, /* "Y" or "N" */
};

enum msn_failure {
	MSN_FAILURE_NAK,     /* the server could not deliver it */
	MSN_FAILURE_TIMEOUT, /* nobody confirmed it */
	MSN_FAILURE_OFFLINE, /* 217: not there, hidden, or unknown */
	MSN_FAILURE_BLOCKED, /* 216 */
	MSN_FAILURE_HIDDEN,  /* 913: we are hidden ourselves */
	MSN_FAILURE_LEFT,    /* everybody has left */
	MSN_FAILURE_SERVER,  /* code: no switchboard, or an error there */
	MSN_FAILURE_LOST,    /* the connection went away before */
};

enum msn_refused {
	MSN_REFUSED_ADD,
	MSN_REFUSED_REMOVE,
	MSN_REFUSED_GROUP,
	MSN_REFUSED_RENAME,
	MSN_REFUSED_PHONE,
	MSN_REFUSED_STATE,
	MSN_REFUSED_PRIVACY,
	MSN_REFUSED_INBOX,
	MSN_REFUSED_INVITE,
};

/* Which fields mean something is said above; the others are zero. Strings are valid UTF-8, decoded
 * but not escaped, and live until the next call of msn_session_next_event(). Accounts are lower
 * case. */
struct msn_event {
	enum msn_event_type type;
	guint id;
	const char *host;
	guint16 port;
	gboolean is_switchboard; /* WANT_CONNECTION: of role SB, for the HTTP gateway */
	const char *url, *authorization;
	const char *account, *name, *text;
	const char *const *groups; /* NULL-terminated */
	const char *group;
	guint lists;
	gboolean is_open, is_group;
	enum msn_state state;
	enum msn_phone phone;
	guint chat;
	struct msn_style style;
	guint count;
	int code;
	enum msn_progress progress;
	enum msn_end end;
	enum msn_failure failure;
	enum msn_refused refused;
};

/* One line for traces and tests: the type in words, then its fields; an authorization never.
 * (transfer full) */
char *msn_event_print(const struct msn_event *ev);
/* "NLN" and so on, "FLN" for MSN_OFFLINE; static */
const char *msn_state_code(enum msn_state state);
#endif
