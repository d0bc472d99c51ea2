/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conn: one byte stream: proxy, TLS at once or later, a bounded send queue.
 * Closing it inside any of its own callbacks is legal and final; nothing is delivered before the
 * call that started it has returned, and nothing after conn_free. */
#ifndef COMMON_PURPLE_CONN_H
#define COMMON_PURPLE_CONN_H
#include <account.h>
#include <glib.h>

#include "common/purple/cert.h"
#include "common/purple/reason.h"

#define CONN_READ_SIZE                                                                             \
	(32 * 1024)		    /* a read is never smaller than half of this when that much is \
				     * waiting */
#define CONN_QUEUE_MAX (256 * 1024) /* octets taken by conn_send and not yet by the system */
#define CONN_QUEUE_LOW (64 * 1024)  /* writable is called when a full queue has drained to here */
#define CONN_LINGER_MS 3000	    /* how long a finished connection waits for the peer to close */
#define CONN_HANDSHAKE_MS 20000	    /* TLS handshake, without the time a person takes to answer */
#define CONN_SESSIONS_MAX 32	    /* TLS sessions kept for resumption */

struct conn;

/* How to speak TLS. All copied. */
struct conn_tls {
	struct cert_identity identity;
	const char *alpn;     /* one protocol id, nullable; a peer that selects none is fine, one
			       * that selects another is refused */
	const char *priority; /* GnuTLS priority string; NULL: TLS 1.2 or newer, see conn.c */
};

struct conn_handlers {
	/* TCP stands (through the proxy); with tls given to conn_open: TLS stands and the
	 * certificate is accepted. Again after conn_start_tls has succeeded. */
	void (*ready)(struct conn *c, gpointer user);
	/* data: (transfer none), until the handler returns. Never while paused. */
	void (*data)(struct conn *c, const guint8 *data, gsize n, gpointer user);
	/* The queue, which had refused octets, has room again. */
	void (*writable)(struct conn *c, gpointer user);
	/* It is over (or never began): no more callbacks; the conn still has to be freed. Peer's
	 * orderly end: REASON_CLOSED, after all its data. */
	void (*closed)(struct conn *c, const struct reason *why, gpointer user);
};

/* Connect to host (name or IP literal) by the account's proxy. tls nullable: plain for now.
 * handlers: (transfer none), static. Never fails at once: trouble arrives as closed().
 * (transfer full) */
struct conn *conn_open(PurpleAccount *account, const char *host, guint16 port,
		       const struct conn_tls *tls, const struct conn_handlers *handlers,
		       gpointer user);
/* Give it to another owner: its callbacks go there from now on. */
void conn_set_handlers(struct conn *c, const struct conn_handlers *handlers, gpointer user);

/* Start TLS on a plain, ready connection whose queue is empty (after STARTTLS's go-ahead).
 * ready() or closed() follows. */
void conn_start_tls(struct conn *c, const struct conn_tls *tls);
/* TLS stands, and the certificate is being judged, perhaps by a person: no clock should run. */
gboolean conn_is_verifying(const struct conn *c);

/* Queue or send n octets; how many were taken, 0 to n: fewer when the queue is full, then
 * writable() follows. Nothing is taken before ready() and during a handshake. */
gsize conn_send(struct conn *c, const guint8 *data, gsize n);
/* TRUE: stop reading (back-pressure); FALSE: go on. */
void conn_pause(struct conn *c, gboolean is_paused);

/* End it now: TLS close_notify if it can be written without waiting, queued octets likewise, then
 * silence. NULL is fine. */
void conn_free(struct conn *c);
/* End it so that the peer gets everything: no callback from now on, c is gone for the owner; what
 * is queued is still sent, and what the peer says is read and dropped until it closes too,
 * CONN_LINGER_MS at most. It uses nothing of the account's. NULL is fine. */
void conn_finish(struct conn *c);

/* ---- of a TLS connection that is ready ---- */
gboolean conn_is_tls(const struct conn *c);
gboolean conn_is_tls13(const struct conn *c);
/* The TLS session was taken up from an earlier connection of the same account. */
gboolean conn_is_resumed(const struct conn *c);
/* "(TLS1.3)-(…)" for traces, "" without TLS; (transfer none), as long as c. */
const char *conn_tls_description(const struct conn *c);
/* Channel-binding data: "tls-exporter" (RFC 9266; on TLS 1.2 only with extended master secret),
 * "tls-unique" (RFC 5929 section 3; TLS 1.2 with extended master secret) or "tls-server-end-point"
 * (RFC 5929 section 4; NULL where the certificate's signature has no single hash).
 * NULL when not to be had. (transfer full) */
GBytes *conn_channel_binding(const struct conn *c, const char *type);

/* Forget all TLS sessions kept for resumption, connections that linger, and what cert keeps; for
 * plugin unload, when no connection is open. */
void conn_forget_sessions(void);
#endif
