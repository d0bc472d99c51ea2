/* SPDX-License-Identifier: GPL-2.0-or-later */
/* command: one command line read and written, and the encodings of what stands in it.
 * Nothing that is written can break out of its place: no blank and no line end gets into one. */
#ifndef MSN_WIRE_COMMAND_H
#define MSN_WIRE_COMMAND_H
#include <glib.h>

#define MSN_LINE_MAX 8192     /* octets of a command line */
#define MSN_PARAMS_MAX 32     /* parameters of a command */
#define MSN_PAYLOAD_MAX 65536 /* octets of an incoming payload */
#define MSN_ACCOUNT_MAX 129   /* octets of an account name */
#define MSN_NAME_MAX 387      /* octets of a friendly name, encoded */
#define MSN_PORT 1863	      /* where none is said */

/* ---- reading ---- */
/* Who speaks: the same verb may have a payload in one direction and none in the other. */
enum msn_side { MSN_FROM_SERVER, MSN_FROM_CLIENT };

/* How sure it is that octets follow the line. */
enum msn_payload {
	MSN_PAYLOAD_NONE,
	MSN_PAYLOAD_SURE,
	MSN_PAYLOAD_GUESS, /* unknown verb, a number at the end: ask msn_payload_looks() */
};

/* Strings are part of the struct; copying it by assignment is a mistake. */
struct msn_command {
	char verb[4]; /* upper case; "" for an error */
	int error;    /* 100 to 999; 0 for none */
	gboolean has_trid;
	guint32 trid;
	guint n_params;			    /* without verb, TrID and a payload's count */
	const char *params[MSN_PARAMS_MAX]; /* as they came: still encoded, maybe not UTF-8 */
	enum msn_payload payload;
	gsize payload_n; /* at most MSN_PAYLOAD_MAX */
	char line[MSN_LINE_MAX + 1];
};

enum msn_command_result {
	MSN_COMMAND_OK,
	MSN_COMMAND_EMPTY, /* nothing on the line: pass over it */
	MSN_COMMAND_BAD, /* not this protocol, or past a limit; ret is untouched or half written */
};

/* line: n octets without line end. */
enum msn_command_result msn_command_read(struct msn_command *ret, enum msn_side side,
					 const void *line, gsize n);
/* Parameter i, "" when there are fewer. (transfer none) */
const char *msn_command_param(const struct msn_command *c, guint i);

/* For MSN_PAYLOAD_GUESS: do the octets after the line begin like a payload? TRUE and ret_is written
 * when the n octets that wait are enough to say. */
gboolean msn_payload_looks(const guint8 *ahead, gsize n, gboolean *ret_is);

/* ---- writing ---- */
#define MSN_NO_TRID (-1)

/* Appends "VERB trid param param" CRLF. Parameters (up to NULL) stand as they are: names go through
 * msn_name_encode() first. FALSE and out unchanged when one is empty or holds a blank or control
 * character, or the line would pass MSN_LINE_MAX. */
gboolean msn_command_write(GString *out, const char *verb, gint64 trid, ...) G_GNUC_NULL_TERMINATED;
/* The same with the count as last parameter, and the n octets of payload after the line. */
gboolean msn_command_write_payload(GString *out, const void *payload, gsize n, const char *verb,
				   gint64 trid, ...) G_GNUC_NULL_TERMINATED;

/* ---- what stands in parameters ---- */
/* UTF-8 as one parameter: all but unreserved ASCII as %XX. (transfer full) */
char *msn_name_encode(const char *name);
/* The longest beginning of name whose encoding fits into max octets, encoded; whole characters.
 * (transfer full) */
char *msn_name_encode_cut(const char *name, gsize max);
/* A parameter as one line of text: %XX and raw UTF-8 mixed as servers do, repaired, at most
 * MSN_NAME_MAX octets. May be empty. (transfer full) */
char *msn_name_decode(const char *param);
/* %XX undone, nothing else; a stray % stays, %00 goes. Any other octet may be in it.
 * (transfer full) */
char *msn_percent_decode(const char *param, gssize n);

/* An account name in lower case, without blanks around it; NULL when it cannot be one: no "@" with
 * something on both sides, blanks or control characters, not UTF-8, too long. (transfer full)
 * (nullable) */
char *msn_account_new(const char *typed);

/* "host:port" or "host". FALSE: not one. ret_host: (transfer full), in lower case, IPv6 without
 * brackets. */
gboolean msn_address_read(const char *param, char **ret_host, guint16 *ret_port);

/* A decimal number of digits alone. FALSE: not one, or above max. */
gboolean msn_number_read(const char *param, guint64 max, guint64 *ret_number);
#endif
