/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cert: is the peer who it should be? Silent when the system's trust and its name agree, otherwise
 * libpurple's verifier asks the user. */
#ifndef COMMON_PURPLE_CERT_H
#define COMMON_PURPLE_CERT_H
#include <glib.h>
#include <gnutls/gnutls.h>

#include "common/purple/reason.h"

#define CERT_CHAIN_MAX 16  /* certificates of one chain; a longer one is refused */
#define CERT_NAMES_MAX 256 /* names in one certificate that are looked at */

/* Whom we mean to talk to; any of the three may match (RFC 6125 section 6).
 * Strings are copied by whoever keeps them. */
struct cert_identity {
	const char *name;        /* DNS name as A-labels, or an IP literal without brackets; also the
				  * SNI, and the name users' pinned certificates go by */
	const char *srv;         /* a service such as "_xmpp-client": matches SRV-ID
				  * "_xmpp-client.NAME" (RFC 4985); nullable */
	const char *other_oid;   /* an otherName type (UTF8String) … nullable */
	const char *other_value; /* … and its value, compared without ASCII case; nullable */
};

struct cert_check;

/* verdict: why NULL means accepted. Called exactly once, never before cert_check_start returned,
 * unless cancelled. */
typedef void (*cert_verdict_h)(const struct reason *why, gpointer user);

/* Check the chain the peer showed in session, whose handshake with cert_credentials() is complete.
 * Nothing of session is kept after the call returns. port is for messages only.
 * Names: DNS-ID with one wildcard as the whole left-most label; CN only if the certificate names
 * nothing by subjectAltName; IP literals by iPAddress.
 * Where the system does not agree, libpurple's "tls_cached" verifier decides under identity->name:
 * pinned certificates and libpurple's own authorities pass, otherwise the user is asked; where
 * libpurple has no TLS, it is refused. What the issuer has revoked is refused without a question.
 * (transfer full) */
struct cert_check *cert_check_start(gnutls_session_t session, const struct cert_identity *identity,
				    guint16 port, cert_verdict_h verdict, gpointer user);
/* Takes its question off the screen; verdict will not come. NULL is fine. Not needed after the
 * verdict: the check frees itself then. */
void cert_check_cancel(struct cert_check *check);

/* Do the names in this DER certificate cover identity? */
gboolean cert_covers(const gnutls_datum_t *der, const struct cert_identity *identity);
/* Is name an IP address rather than a DNS name? */
gboolean cert_is_literal(const char *name);

/* The client credentials, made on first use; (transfer none), until cert_forget(). They hold trust
 * only while a chain is judged. */
gnutls_certificate_credentials_t cert_credentials(void);
/* Trust these authorities (PEM) besides the system's until cert_forget(), as tests do. FALSE: none
 * could be read. */
gboolean cert_trust(const char *pem);
/* Free what is kept for all connections; none may be open. For plugin unload. */
void cert_forget(void);
#endif
