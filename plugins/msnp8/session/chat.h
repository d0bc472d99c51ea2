/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chat: what conversations and their switchboards know of one another; nobody outside session/
 * includes it. */
#ifndef MSN_SESSION_CHAT_H
#define MSN_SESSION_CHAT_H
#include "plugins/msnp8/session/core.h"

#define MSN_PEOPLE_MAX 256	 /* in one switchboard */
#define MSN_UNCONFIRMED_MAX 1000 /* messages and calls without an answer, in one switchboard */
#define MSN_SPARES_MAX 3	 /* switchboards to one person at once */

/* One message: a text, or a nudge. */
struct text {
	char *text; /* NULL: a nudge */
	GString *payload;
};

struct text *msn_text_new(const char *text, gsize n);
void msn_text_free(gpointer text);

/* A conversation. That of two keeps its number while it has a switchboard or a text that waits for
 * one; it may have several when both sides called at once. A group chat has one. */
struct chat {
	guint number;
	char *peer; /* whom it began with */
	gboolean is_group;
	GQueue sbs;	/* struct sb, that used last at the end */
	GQueue waiting; /* struct text: for somebody to come */
	GQueue callees; /* char *: to be called once it is open */
};

struct chats {
	GHashTable *by_number;
	GHashTable *by_peer; /* of two */
	GQueue sbs;	     /* all of them */
	guint last_number;
};

enum sb_step {
	SB_XFR,	    /* asked for */
	SB_CONNECT, /* a connection is wanted */
	SB_USR,
	SB_ANS,
	SB_CALLING, /* nobody has come yet */
	SB_OPEN,
};

struct sb {
	struct chat *chat;
	struct link *link; /* NULL in SB_XFR */
	enum sb_step step;
	guint32 xfr;		       /* TrID */
	char *key, *sid;	       /* sid NULL: it is we who call */
	GPtrArray *people;	       /* accounts, without ours */
	struct cookie_jar *unanswered; /* struct pending by TrID */
	gint64 step_deadline, used;
	GList at; /* in chats->sbs */
};

/* ---- chat.c ---- */
struct chat *msn_chat_with(struct msn_session *s, const char *peer); /* of two; made when none */
struct chat *msn_chat_new(struct msn_session *s, const char *peer, gboolean is_group);
/* A switchboard is open and somebody is there: what waited goes out. */
void msn_chat_opened(struct msn_session *s, struct chat *chat, struct sb *sb);
/* A switchboard of chat is gone: without another, what waits has failed. */
void msn_chat_lost_sb(struct msn_session *s, struct chat *chat, enum msn_failure why, int code);
/* sb holds more than two people: told, and chat is a group chat from now on. */
void msn_chat_grow(struct msn_session *s, struct chat *chat, struct sb *sb);
void msn_text_failed(struct msn_session *s, const struct chat *chat, const struct text *text,
		     enum msn_failure why, int code);

/* ---- sb.c ---- */
struct sb *msn_sb_new(struct msn_session *s, struct chat *chat);
void msn_sb_ask(struct msn_session *s, struct chat *chat); /* XFR SB for it */
void msn_sb_move(struct sb *sb, struct chat *chat);
gboolean msn_sb_can_send(const struct sb *sb, guint messages, gsize octets);
void msn_sb_say(struct msn_session *s, struct sb *sb, struct text *text);	   /* takes text */
void msn_sb_whisper(struct msn_session *s, struct sb *sb, const GString *payload); /* unconfirmed */
void msn_sb_call(struct msn_session *s, struct sb *sb, const char *account);
/* OUT, if it can be said, and gone; what was not confirmed has failed unless why is negative. */
#define MSN_NO_FAILURE (-1)
void msn_sb_end(struct msn_session *s, struct sb *sb, int why, int code);
void msn_sb_free(struct msn_session *s, struct sb *sb);
#endif
