/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sasl: the client's side of PLAIN (RFC 4616) and SCRAM (RFC 5802, 7677), and SASL's strict base64.
 * Computation only: which mechanism to use, and what a refusal means, is the session's decision. */
#ifndef XMPP_WIRE_SASL_H
#define XMPP_WIRE_SASL_H
#include <glib.h>

/* Strict base64 (RFC 4648 section 4): no white space, right padding, no stray bits. Empty text
 * gives empty octets. NULL when it is not. (transfer full): g_bytes_unref (nullable) */
GBytes *sasl_base64_decode(const char *text);

/* The PLAIN message with empty authzid; its octets are wiped when it is freed. (transfer full) */
GBytes *sasl_plain(const char *user, const char *password);

enum scram_hash { SCRAM_SHA_1, SCRAM_SHA_256, SCRAM_SHA_512 };

#define SCRAM_ITERATIONS_MIN 4096     /* RFC 7677 section 4; a smaller count is a downgrade */
#define SCRAM_ITERATIONS_MAX 1000000 /* more would hold up the whole program: SHA-512 takes 0.7 s */
#define SCRAM_MESSAGE_MAX 65536       /* octets of one of the server's messages */

enum scram_result {
	SCRAM_OK,
	SCRAM_MALFORMED,  /* the server's message does not parse, comes at the wrong time, or has an
			   * extension we must understand ("m=") */
	SCRAM_NONCE,      /* the nonce does not begin with ours, or adds nothing */
	SCRAM_ITERATIONS, /* outside the limits above */
	SCRAM_REFUSED,    /* server-final says "e=…": see scram_server_error() */
	SCRAM_SIGNATURE,  /* the server does not know the password: an impostor */
};

struct scram;

/* One exchange. user and password: UTF-8, prepared with SASLprep here (what it refuses is used as
 * it is). channel_binding: "tls-exporter" and so on to use p=, with its data in binding; NULL to
 * use can_bind ("y": we could, the server offers none) or not ("n"). nonce: printable ASCII without
 * comma, at least 18 random octets' worth. (transfer full) */
struct scram *scram_new(enum scram_hash hash, const char *user, const char *password,
			const char *channel_binding, GBytes *binding, gboolean can_bind,
			const char *nonce);
void scram_free(struct scram *s); /* NULL is fine; keys and password are wiped */

/* (transfer none), until scram_free. */
const char *scram_client_first(struct scram *s);
/* What answers server_first (n octets); once per exchange. ret_client_final: (transfer none), until
 * scram_free. */
enum scram_result scram_client_final(struct scram *s, const char *server_first, gsize n,
				     const char **ret_client_final);
/* Checks server_final; SCRAM_OK only when the signature verifies, in constant time, after
 * scram_client_final. */
enum scram_result scram_verify(struct scram *s, const char *server_final, gsize n);
/* After SCRAM_REFUSED: the value of e=, repaired text. (nullable) (transfer none) */
const char *scram_server_error(const struct scram *s);
#endif
