/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reason: why a connection could not be made or ended, as libpurple's reason and a sentence for the
 * user. */
#ifndef COMMON_PURPLE_REASON_H
#define COMMON_PURPLE_REASON_H
#include <connection.h>
#include <glib.h>

enum reason_kind {
	REASON_DNS,         /* the name has no address, or the resolver failed */
	REASON_NOT_OFFERED, /* SRV says the service does not exist there */
	REASON_REFUSED,     /* nobody listens */
	REASON_UNREACHABLE, /* network or host down, no route */
	REASON_PROXY,       /* the proxy refused or failed; detail is its word */
	REASON_TIMEOUT,     /* no answer in time */
	REASON_LOST,        /* an established connection broke; detail is the system's word */
	REASON_CLOSED,      /* the peer ended it */
	REASON_TLS,         /* handshake failed; detail is GnuTLS's word */
	REASON_TLS_VERSION, /* peer speaks only versions too old */
	REASON_ALPN,        /* peer selected a protocol that was not offered */
	/* Certificate refused by the user, or nobody could be asked; what the system holds against it: */
	REASON_CERT_NONE,
	REASON_CERT_UNTRUSTED,
	REASON_CERT_SELF_SIGNED,
	REASON_CERT_EXPIRED,
	REASON_CERT_NOT_YET,
	REASON_CERT_NAME,
	REASON_CERT_REVOKED,
	REASON_CERT_OTHER,
	REASON_NO_TLS,      /* the system does not trust it, and libpurple cannot ask here */
};

struct reason {
	enum reason_kind kind;
	char host[256];   /* whom it is about, repaired for display; may be "" */
	guint16 port;     /* 0: not known */
	char detail[256]; /* another's words, repaired for display; may be "" */
};

/* host, detail: nullable, cut to fit. */
void reason_set(struct reason *r, enum reason_kind kind, const char *host, guint16 port,
		const char *detail);
/* The kind for an errno value from connect, read or write. */
enum reason_kind reason_of_errno(int error);

/* What libpurple is told: NETWORK_ERROR (for a failed handshake ENCRYPTION_ERROR) where trying again
 * may help, otherwise a reason that ends automatic reconnecting. */
PurpleConnectionError reason_error(const struct reason *r);
/* One or two translated sentences: what happened, and what to do next. (transfer full) */
char *reason_text(const struct reason *r);
#endif
