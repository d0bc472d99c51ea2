/* SPDX-License-Identifier: GPL-2.0-or-later */
/* passport: the header values of the Passport 1.4 login, read and written. What they mean for a
 * login is the session's business. */
#ifndef MSN_WIRE_PASSPORT_H
#define MSN_WIRE_PASSPORT_H
#include <glib.h>

#define MSN_TICKET_MAX 4096   /* octets */
#define MSN_PASSPORT_MAX 8192 /* octets of a header value */
#define MSN_CBTXT_MAX 1024    /* octets of the server's own words */

/* The login server's URL out of PassportURLs: DALogin as "host/path" (https then) or as a whole
 * URL. NULL: none that can be used. (transfer full) (nullable) */
char *msn_passport_login_url(const char *passport_urls);

enum msn_passport_status {
	MSN_PASSPORT_UNREADABLE,
	MSN_PASSPORT_SUCCESS,
	MSN_PASSPORT_REDIRECT,
	MSN_PASSPORT_FAILED,
};

/* da-status of Authentication-Info or WWW-Authenticate; value nullable. */
enum msn_passport_status msn_passport_status(const char *value);
/* The ticket out of Authentication-Info, without its quotes, fit to be a command's parameter. NULL:
 * there is none. Secret: wipe it. (transfer full) (nullable) */
char *msn_passport_ticket(const char *authentication_info);
/* The server's own words out of WWW-Authenticate (cbtxt), one line. NULL: it says nothing.
 * (transfer full) (nullable) */
char *msn_passport_words(const char *www_authenticate);

/* The value of Authorization; server_string is what "USR TWN S" brought, verbatim. NULL when it
 * cannot stand in a header. Secret: wipe it. (transfer full) (nullable) */
char *msn_passport_authorization(const char *account, const char *password,
				 const char *server_string);
#endif
