/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session: one account's life on an MSNP8 network: dispatch, Passport, notification server,
 * switchboards. It does no I/O, has no clock and no randomness: its owner tells it what happened,
 * asks what it wants and carries its octets. Nothing is called back, so every function may be
 * called, and the session freed, at any time. Connection 0 is the dispatch or notification server,
 * others are switchboards; the session numbers them. */
#ifndef MSN_SESSION_SESSION_H
#define MSN_SESSION_SESSION_H
#include "common/cookie.h"
#include "common/trace.h"
#include "plugins/msnp8/session/event.h"
#include "plugins/msnp8/wire/command.h"

#define MSN_GROUP_NAME_MAX 61 /* characters, encoded */
#define MSN_PHONE_MAX 95      /* octets, encoded */
#define MSN_CONTACTS_MAX 20000
#define MSN_GROUPS_MAX 256
#define MSN_SWITCHBOARDS_MAX 64	 /* open at once; more callers are not answered */
#define MSN_WAITING_MAX 100	 /* texts that wait for one conversation to open */
#define MSN_OUTPUT_MAX (1 << 20) /* octets waiting on one connection */
#define MSN_REFERRALS_MAX 8
#define MSN_REDIRECTS_MAX 4 /* of the login server */
#define MSN_STEP_MS 30000   /* each step of the login, and of opening a switchboard */
#define MSN_PING_MS 60000   /* silence after which PNG is sent; no answer until the next: dead */
#define MSN_ACK_MS 60000    /* for an ACK or NAK */
#define MSN_SWITCHBOARD_IDLE_MS 300000 /* an unused switchboard of two is closed */

struct msn_session;

struct msn_config {
	const char *account;  /* as typed; made lower case */
	const char *password; /* copied, wiped when the session is freed */
	const char *host;     /* dispatch or notification server */
	guint16 port;
	const char *nexus_url; /* "https://…/rdr/pprdr.asp" */
	const char *login_url; /* of an earlier sign-in: the nexus is asked only if it fails; nullable */
	gboolean allow_http;   /* for nexus and login: others can read the password */
	gboolean is_gateway;   /* behind the HTTP gateway: no PNG */
	gboolean trace;
	const char *cache; /* what msn_session_cache() gave; nullable */
	cookie_random_h random;
	gpointer random_user;
};

/* NULL when config->account cannot be one (empty, blanks, too long, no "@"). Its first event wants
 * a connection. (transfer full) */
struct msn_session *msn_session_new(const struct msn_config *config);
void msn_session_free(struct msn_session *s); /* NULL is fine */

/* ---- what happened ---- */
void msn_session_opened(struct msn_session *s, guint id);
void msn_session_data(struct msn_session *s, guint id, const guint8 *data, gsize n);
void msn_session_closed(struct msn_session *s, guint id); /* gone, or could not be had */
/* WANT_HTTPS id was answered, with these lines of the header block (nullable). How long that may
 * take is the owner's business: a person may be looking at a certificate. */
struct msn_https_answer {
	int status;			 /* 0: no answer could be had; why says it */
	const char *passport_urls;	 /* PassportURLs */
	const char *authentication_info; /* Authentication-Info */
	const char *www_authenticate;	 /* WWW-Authenticate */
	const char *location;		 /* Location, as a whole URL */
	const char *why;
};
void msn_session_answered(struct msn_session *s, guint id, const struct msn_https_answer *answer);
/* It is now, in milliseconds of a clock that never goes back. First call of a turn. */
void msn_session_tick(struct msn_session *s, gint64 now);
gint64 msn_session_deadline(const struct msn_session *s); /* G_MAXINT64: not needed */

/* ---- what it wants ---- */
/* The next thing that happened; FALSE when all is told. Octets are worked on here, a command at a
 * time. */
gboolean msn_session_next_event(struct msn_session *s, struct msn_event *ret_ev);
/* Octets ready to leave on connection id; (transfer none), until any call but this. */
gboolean msn_session_output(struct msn_session *s, guint id, const guint8 **ret_data, gsize *ret_n);
void msn_session_sent(struct msn_session *s, guint id, gsize n);
struct trace *msn_session_trace(struct msn_session *s); /* NULL without config->trace */
/* The lists and their version as one line of text for config->cache; NULL before they are complete.
 * (transfer full) */
char *msn_session_cache(const struct msn_session *s);
/* The login server's URL, once it has worked; NULL before. (transfer none) */
const char *msn_session_login_url(const struct msn_session *s);

/* ---- what the user wants; FALSE: not possible now or not valid, nothing was done ---- */
void msn_session_end(struct msn_session *s); /* OUT on every connection; ENDED follows */
gboolean msn_state_set(struct msn_session *s, enum msn_state state); /* also before READY */
gboolean msn_name_set(struct msn_session *s, const char *name);
/* number NULL: take it back */
gboolean msn_phone_set(struct msn_session *s, enum msn_phone phone, const char *number);
gboolean msn_privacy_set(struct msn_session *s, gboolean is_open);

/* group: the name of one; made first when there is none so named. NULL: the group everybody is in,
 * or, in removing, all of them. Whom one adds may also see one, unless he is blocked. */
gboolean msn_contact_add(struct msn_session *s, const char *account, const char *group);
gboolean msn_contact_remove(struct msn_session *s, const char *account, const char *group);
gboolean msn_contact_move(struct msn_session *s, const char *account, const char *from,
			  const char *to);
/* Answer PENDING, or change one's mind: on the allow or the block list, off the other first. */
gboolean msn_contact_allow(struct msn_session *s, const char *account);
gboolean msn_contact_block(struct msn_session *s, const char *account);
/* Off AL or BL, and not on the other. */
gboolean msn_contact_forget(struct msn_session *s, const char *account, enum msn_list list);
gboolean msn_group_rename(struct msn_session *s, const char *from, const char *to);
gboolean msn_group_remove(struct msn_session *s, const char *group);
/* What is known of an account; FALSE when it is on no list. ret_lists nullable. */
gboolean msn_contact_lists(const struct msn_session *s, const char *account, guint *ret_lists);

/* Text to one person, in the conversation of two with him, opened when there is none. style
 * nullable. Long texts become several messages. MESSAGE_FAILED follows when it is known not to have
 * arrived. Returns the chat, 0 for FALSE. */
guint msn_im_send(struct msn_session *s, const char *account, const char *text,
		  const struct msn_style *style);
/* Only in a conversation that is open. */
gboolean msn_typing_send(struct msn_session *s, const char *account);
gboolean msn_nudge_send(struct msn_session *s, const char *account);
/* Close the conversation of two; it reopens by itself. */
gboolean msn_im_close(struct msn_session *s, const char *account);

/* A group chat with account; more can be invited. Returns the chat, 0 for FALSE. */
guint msn_chat_start(struct msn_session *s, const char *account);
/* A conversation of two grows by it. */
gboolean msn_chat_invite(struct msn_session *s, guint chat, const char *account);
gboolean msn_chat_send(struct msn_session *s, guint chat, const char *text,
		       const struct msn_style *style);
gboolean msn_chat_leave(struct msn_session *s, guint chat);
/* The conversation of two, 0: none. */
guint msn_chat_of(const struct msn_session *s, const char *account);

/* Ask where the mailbox is: INBOX or REFUSED follows. */
gboolean msn_inbox_ask(struct msn_session *s);
/* The page a browser has to load to enter the mailbox, a form that sends itself; holds a digest of
 * the password for that moment. (transfer full), wipe it. NULL without a preceding INBOX. */
char *msn_session_inbox_page(const struct msn_session *s);
#endif
