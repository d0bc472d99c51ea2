/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core: what the session's own files share; nobody outside session/ includes it. */
#ifndef MSN_SESSION_CORE_H
#define MSN_SESSION_CORE_H
#include "common/bytes.h"
#include "common/frame.h"
#include "plugins/msnp8/session/session.h"
#include "plugins/msnp8/wire/body.h"
#include "plugins/msnp8/wire/command.h"

/* How far a session has come. Each of the middle ones waits for the answer to what it is named
 * after. */
enum stage {
	STAGE_OFFLINE, /* a connection is wanted */
	STAGE_VER,
	STAGE_CVR,
	STAGE_USR,	/* USR TWN I */
	STAGE_PASSPORT, /* HTTPS */
	STAGE_TICKET,	/* USR TWN S */
	STAGE_LISTS,	/* SYN */
	STAGE_READY,
	STAGE_ENDED,
};

struct sb;

/* One connection. */
struct link {
	guint id;
	struct bytes *out;
	struct frame *in;
	guint32 last_trid;
	gboolean is_open;
	gboolean is_closed;	 /* gone, but what came before may still wait in in */
	gboolean is_dropped;	 /* only what it still has to say keeps it */
	gboolean is_heard;	 /* in links_heard */
	gboolean is_overflowing; /* takes no more, in either direction */
	gboolean has_command;	 /* command waits for its payload */
	struct msn_command *command;
	GString *line; /* it as it came, for the trace; NULL without */
	struct sb *sb; /* NULL: the notification server's, or dropped */
};

struct msn_session {
	enum stage stage;
	gboolean was_ready; /* a referral may take us back to STAGE_OFFLINE */

	/* who */
	char *account, *password;
	char *name; /* our friendly name */
	gboolean is_gateway;
	cookie_random_h random;
	gpointer random_user;

	/* wire */
	GHashTable *links;  /* id to struct link */
	GQueue links_heard; /* those with octets nobody has looked at */
	GQueue links_dead;  /* to be freed when nobody works on them any more */
	struct link *ns;    /* connection 0; NULL after the end */
	guint last_id;
	GString *draft;
	struct msn_command scratch;
	struct trace *trace; /* nullable */

	/* events told and to be told */
	GArray *events;
	guint next_event;
	GStringChunk *kept; /* their strings */
	gboolean has_kept;
	GPtrArray *kept_vectors;

	/* time */
	gint64 now, heard, step_deadline, cache_deadline;
	gboolean is_pinged;

	guint referrals;
	enum msn_state state, wanted_state;
	struct passport *passport;
	struct mailbox *mailbox;
	struct cookie_jar *requests; /* TrIDs of the notification server */
	struct lists *lists;
	struct chats *chats;
	struct cookie_jar *offers; /* declined; key is account and cookie */
};

/* ---- session.c ---- */
void msn_event_push(struct msn_session *s, const struct msn_event *ev);
/* A copy that lives as long as the event. (transfer none); NULL stays NULL */
const char *msn_keep(struct msn_session *s, const char *text);
const char *const *msn_keep_vector(struct msn_session *s, const char *const *strings);

/* A connection is wanted; sb: whose, NULL for the notification server. */
struct link *msn_link_new(struct msn_session *s, struct sb *sb, const char *host, guint16 port);
/* Its owner forgets it; it is closed once it has said what it has to. */
void msn_link_drop(struct msn_session *s, struct link *link);
gboolean msn_link_has_room(const struct link *link, gsize n);

/* One command with the next TrID, which is returned; the parameters (8 at most) end with NULL. */
guint32 msn_send(struct msn_session *s, struct link *link, const char *verb,
		 ...) G_GNUC_NULL_TERMINATED;
/* The same, where the parameter at index secret (from 0) is blanked in the trace. */
guint32 msn_send_secret(struct msn_session *s, struct link *link, guint secret, const char *verb,
			...) G_GNUC_NULL_TERMINATED;
guint32 msn_send_payload(struct msn_session *s, struct link *link, const char *verb,
			 const char *parameter, const void *payload, gsize n);
void msn_send_bare(struct msn_session *s, struct link *link, const char *verb); /* no TrID */

void msn_step(struct msn_session *s, enum stage stage); /* from here on, with a fresh deadline */
/* The end, for that reason: the last event. text nullable. */
void msn_finish(struct msn_session *s, enum msn_end end, int code, const char *text);
/* Connection 0 goes to another server, and the login begins again. */
void msn_reconnect(struct msn_session *s, const char *host, guint16 port);

/* ---- request.c: what the notification server was asked ---- */
struct request;
#define MSN_NO_ANSWER (-1)
/* code: 0: granted, otherwise the server's why not, or MSN_NO_ANSWER in time. */
typedef void (*msn_answer_h)(struct msn_session *s, const struct request *r, int code);
struct request {
	enum msn_refused what;
	const char *account, *name; /* whom and what it is about; nullable */
	const char *detail;	    /* the handler's own; nullable */
	msn_answer_h handler;	    /* nullable: a refusal is told, and that is all */
};
struct cookie_jar *msn_requests_new(void);
gboolean msn_request_has_room(const struct msn_session *s, guint n);
/* trid was sent for r, which is copied with its strings. */
void msn_request_put(struct msn_session *s, guint32 trid, const struct request *r);
/* The answer to trid came; FALSE when nobody waits for it. */
gboolean msn_request_answered(struct msn_session *s, guint32 trid, int code);
void msn_request_expire(struct msn_session *s);
void msn_request_abandon(struct msn_session *s); /* nobody is told */
void msn_refused(struct msn_session *s, const struct request *r, int code);

/* ---- login.c ---- */
struct passport *msn_passport_new(const struct msn_config *config);
void msn_passport_free(struct passport *p);
void msn_passport_forget(struct passport *p); /* wipes what the last event showed */
void msn_login_start(struct msn_session *s);  /* connection 0 is open */
void msn_login_command(struct msn_session *s, const struct msn_command *c);
void msn_login_referred(struct msn_session *s, const struct msn_command *c); /* XFR NS */

/* ---- ns.c ---- */
struct mailbox *msn_mailbox_new(void);
void msn_mailbox_free(struct mailbox *m);
void msn_ns_command(struct msn_session *s, const struct msn_command *c, const guint8 *payload,
		    gsize n);
void msn_ns_ready(struct msn_session *s); /* the lists are complete */
void msn_ns_tick(struct msn_session *s);
gint64 msn_ns_deadline(const struct msn_session *s);

/* ---- lists.c ---- */
struct group;
struct contact;
struct lists *msn_lists_new(const char *cache);
void msn_lists_free(struct lists *l);
void msn_lists_sync(struct msn_session *s);
/* TRUE when c was about lists. */
gboolean msn_lists_command(struct msn_session *s, const struct msn_command *c);
/* One line of the cache, or one pending person, told; FALSE when there is nothing of the kind. */
gboolean msn_lists_work(struct msn_session *s);
void msn_lists_tell_cache(struct msn_session *s); /* when it has changed since */
void msn_lists_abandon(struct msn_session *s);	  /* the connection is going */
/* The friendly name, NULL when account is on no list. (transfer none) */
const char *msn_lists_name(const struct msn_session *s, const char *account);
void msn_lists_set_name(struct msn_session *s, const char *account, const char *name);
gboolean msn_lists_may_call(const struct msn_session *s, const char *account);

/* ---- chat.c: conversations, and the texts in them ---- */
struct chats *msn_chats_new(void);
void msn_chats_free(struct msn_session *s);
/* Texts that were not delivered are told; also those that were not confirmed, if is_lost. */
void msn_chats_fail(struct msn_session *s, gboolean is_lost);
void msn_chats_tick(struct msn_session *s);
gint64 msn_chats_deadline(const struct msn_session *s);

/* ---- sb.c: switchboards ---- */
void msn_sb_ring(struct msn_session *s, const struct msn_command *c); /* RNG */
/* XFR SB; FALSE when nobody asked. */
gboolean msn_sb_referred(struct msn_session *s, const struct msn_command *c);
gboolean msn_sb_refused(struct msn_session *s, guint32 trid, int code); /* an error to it */
void msn_sb_opened(struct msn_session *s, struct sb *sb);
void msn_sb_lost(struct msn_session *s, struct sb *sb);
void msn_sb_command(struct msn_session *s, struct sb *sb, const struct msn_command *c,
		    const guint8 *payload, gsize n);
void msn_sbs_bye(struct msn_session *s); /* OUT on all of them */

/* ---- offer.c ---- */
struct cookie_jar *msn_offers_new(void);
void msn_offers_free(struct cookie_jar *offers);
/* An invitation from account on link, in chat: declined. */
void msn_offer_received(struct msn_session *s, struct link *link, guint chat, const char *account,
			const struct msn_body *body);
#endif
