/* SPDX-License-Identifier: GPL-2.0-or-later */
/* invite: invitations to something beside the conversation, such as a file, read and written. */
#ifndef MSN_WIRE_INVITE_H
#define MSN_WIRE_INVITE_H
#include <glib.h>

#define MSN_FILE_GUID "{5D3E02AB-6190-11d3-BBBB-00C04F795683}"
#define MSN_FILE_NAME_MAX 255 /* octets */

enum msn_invite_command {
	MSN_INVITE_INVITE,
	MSN_INVITE_ACCEPT,
	MSN_INVITE_CANCEL,
	MSN_INVITE_OTHER, /* read only */
};

/* Cancel-Code */
enum msn_cancel {
	MSN_CANCEL_OTHER,	  /* one unknown; written as FAIL */
	MSN_CANCEL_REJECT,	  /* declined by a person */
	MSN_CANCEL_NOT_INSTALLED, /* the application is unknown */
	MSN_CANCEL_TIMEOUT,	  /* the inviter gave up */
	MSN_CANCEL_FAIL,	  /* could not be set up */
	MSN_CANCEL_FTTIMEOUT,	  /* failed during the transfer */
	MSN_CANCEL_OUTBAND,	  /* the conversation was closed */
};

/* Strings are valid UTF-8 of one line, nullable. */
struct msn_invite {
	enum msn_invite_command command;
	guint32 cookie; /* Invitation-Cookie; tells one invitation of one peer from another */
	enum msn_cancel cancel;
	/* ---- INVITE ---- */
	gboolean is_file;	 /* the application is file transfer */
	const char *application; /* its name in the inviter's language */
	const char *guid;
	const char *file; /* a bare name: no folders, never "." or ".." */
	guint64 size;
	gboolean has_size;
	gboolean is_unreachable; /* Connectivity: N: the inviter cannot be connected to */
	/* ---- ACCEPT ---- */
	gboolean wants_address;	      /* Request-Data: IP-Address: */
	const char *ip, *ip_internal; /* where to connect; no names, addresses only */
	guint16 port;
	const char *auth_cookie; /* opaque, secret between the two */
	gboolean is_sender_connect;
};

/* The content of MSN_BODY_INVITE. NULL: not an invitation, or without a cookie.
 * (transfer full) (nullable): msn_invite_free() */
struct msn_invite *msn_invite_read(const void *content, gsize n);
void msn_invite_free(struct msn_invite *i); /* NULL is fine; only for what msn_invite_read() gave */

/* Appends the whole payload of a MSG, headers and all. FALSE and out unchanged: a text cannot stand
 * in a field, or all together do not fit. */
gboolean msn_invite_write(GString *out, const struct msn_invite *i);
#endif
