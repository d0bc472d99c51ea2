/* SPDX-License-Identifier: GPL-2.0-or-later */
/* challenge: the digests a client shows it knows something by: to the server's CHL, and to the
 * mailbox's web page. */
#ifndef MSN_WIRE_CHALLENGE_H
#define MSN_WIRE_CHALLENGE_H
#include <glib.h>

#define MSN_DIGEST_SIZE 33 /* 32 hexadecimal digits and NUL */

#define MSN_CLIENT_ID "msmsgs@msnmsgr.com" /* ours, first parameter of QRY */

/* The payload of QRY, in lower case. FALSE: nothing is known of that client id, or there is no MD5
 * to be had here. */
gboolean msn_challenge_answer(const char *client_id, const char *challenge,
			      char ret[MSN_DIGEST_SIZE]);

/* What the page that enters the mailbox needs. */
struct msn_inbox {
	const char *post_url, *rru, *id; /* parameters 2, 1 and 3 of the answer to URL */
	const char *mspauth, *sid, *kv;	 /* of the profile; nullable */
	const char *account, *password;
	guint64 age; /* seconds since the sign-in */
};

/* MD5 of mspauth, age and password. FALSE: there is no MD5 to be had here. */
gboolean msn_inbox_digest(const struct msn_inbox *inbox, char ret[MSN_DIGEST_SIZE]);
/* A page with a form that sends itself; every value escaped. NULL unless post_url is http: or
 * https:. Secret: wipe it. (transfer full) (nullable) */
char *msn_inbox_page(const struct msn_inbox *inbox);
#endif
