/* SPDX-License-Identifier: GPL-2.0-or-later */
/* body: what a MSG carries: texts and how they look, typing, nudges, the server's own notices. */
#ifndef MSN_WIRE_BODY_H
#define MSN_WIRE_BODY_H
#include <glib.h>

#define MSN_MESSAGE_MAX 1664 /* octets of an outgoing payload with its headers */

/* How a text looks: X-MMS-IM-Format. */
struct msn_style {
	const char *font; /* nullable */
	gboolean is_bold, is_italic, is_underlined, is_struck, is_right_to_left;
	gboolean has_colour;
	guint32 rgb; /* 0xRRGGBB */
};

enum msn_body_type {
	MSN_BODY_OTHER,	 /* a type of others' making: ignore it; content_type says which */
	MSN_BODY_TEXT,	 /* text, style */
	MSN_BODY_TYPING, /* account (nullable): who types */
	MSN_BODY_NUDGE,
	MSN_BODY_INVITE, /* content: for msn_invite_read() */
	/* ---- to be believed from the sender "Hotmail" alone ---- */
	MSN_BODY_PROFILE,      /* mspauth, sid, kv (each nullable), has_mail */
	MSN_BODY_INITIAL_MAIL, /* inbox, folders: unread counts */
	MSN_BODY_NEW_MAIL,     /* account, name: from; subject, folder */
	MSN_BODY_MOVED_MAIL,   /* from_folder, folder: to; count: how many */
	MSN_BODY_SYSTEM,       /* system_type (1: shutdown), count: minutes */
};

#define MSN_INBOX_FOLDER "ACTIVE" /* how servers call the inbox */

/* Strings are valid UTF-8; those for display are one line, but text. Fields not named above are
 * zero. */
struct msn_body {
	enum msn_body_type type;
	char *content_type; /* lower case, without parameters; never NULL */
	char *text;	    /* LF between lines */
	struct msn_style style;
	char *font; /* owns style.font */
	char *account, *name, *subject;
	char *folder, *from_folder;
	guint inbox, folders, count, system_type;
	char *mspauth, *sid, *kv;
	gboolean has_mail;
	const guint8 *content; /* what follows the headers; part of the payload read */
	gsize content_n;
};

/* A payload of n octets, which must outlive content's use. NULL: its headers cannot be read.
 * (transfer full) (nullable) */
struct msn_body *msn_body_read(const void *payload, gsize n);
void msn_body_free(struct msn_body *b); /* NULL is fine; mspauth is wiped */

/* ---- writing: each appends one whole payload of at most MSN_MESSAGE_MAX octets ---- */
/* As much of text (valid UTF-8; LF, CR and CRLF are line ends) as fits, without parting characters.
 * style nullable. Returns how many octets of text it took: call again with the rest until none is
 * left. An empty text gives an empty message and 0. */
gsize msn_body_write_text(GString *out, const char *text, const struct msn_style *style);
/* FALSE and out unchanged: account cannot stand in a header. */
gboolean msn_body_write_typing(GString *out, const char *account);
void msn_body_write_nudge(GString *out);

/* ---- parts of the above ---- */
/* The value of X-MMS-IM-Format. font: (transfer full) in ret_font (nullable), and style's own. */
void msn_style_read(const char *value, struct msn_style *ret, char **ret_font);
char *msn_style_write(const struct msn_style *style); /* (transfer full) */
/* "=?utf-8?B?…?=" words of a header's value as text (RFC 2047; charsets GLib can convert), the rest
 * as it is; one line, repaired. (transfer full) */
char *msn_words_read(const char *value);
char *msn_words_write(const char *text); /* as it is when it is plain ASCII. (transfer full) */
#endif
