/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tls-peer: a server inside the test's own GLib loop, on a free port of loopback, that misbehaves
 * exactly as it is told; and the certificates it shows, made on the spot. */
#ifndef TESTS_PEERS_TLS_PEER_H
#define TESTS_PEERS_TLS_PEER_H
#include <glib.h>
#include <gnutls/gnutls.h>

/* ---- certificates ---- */

#define TLS_PEER_DAY (24 * 3600)

/* What to write into a certificate; all names nullable. Without any subjectAltName it has none. */
struct tls_peer_names {
	const char *cn;
	const char *dns, *second_dns; /* dNSName */
	const char *ip;               /* iPAddress, IPv4 */
	const char *srv;              /* otherName id-on-dnsSRV: "_service.name" */
	const char *xmpp;             /* otherName id-on-xmppAddr */
	const char *email;            /* rfc822Name */
	gsize n_dns;                  /* octets of dns, where it is alone and holds a NUL; 0: strlen */
};

enum tls_peer_issuer {
	TLS_PEER_CA,           /* the one whose certificate tls_peer_ca_pem gives */
	TLS_PEER_INTERMEDIATE, /* … by way of another, which is shown too */
	TLS_PEER_SELF,
};

struct tls_peer_cert;

/* Valid from now + from to now + until (seconds, may be negative). (transfer full) */
struct tls_peer_cert *tls_peer_cert_new(const struct tls_peer_names *names,
					enum tls_peer_issuer issuer, gint64 from, gint64 until,
					gnutls_pk_algorithm_t key);
void tls_peer_cert_free(struct tls_peer_cert *cert);
/* The leaf as DER; (transfer none). */
const gnutls_datum_t *tls_peer_cert_der(const struct tls_peer_cert *cert);
/* Made on first use; (transfer none), until tls_peer_forget. */
const char *tls_peer_ca_pem(void);
void tls_peer_forget(void);

/* ---- the server ---- */

struct tls_peer_config {
	const char *address;      /* NULL: 127.0.0.1 */
	guint16 port;             /* 0: any */
	const struct tls_peer_cert *cert; /* TLS at once, if start_tls_after is NULL */
	const char *start_tls_after; /* plain until this has been received; then go_ahead is sent */
	const char *go_ahead;
	const char *priority;     /* NULL: NORMAL */
	const char *alpn;         /* understood */
	const char *alpn_lie;     /* answered to who asks for alpn; of the same length */
	gboolean has_tickets;     /* can resume sessions */
	gboolean is_silent;       /* accepts and says nothing, not even TLS */
	gboolean is_deaf;         /* reads nothing of the application until tls_peer_listen */
	gboolean is_echo;
	const char *greeting;     /* sent as soon as the connection stands */
	gsize end_after;          /* ends when so many octets were received; 0: never */
	gboolean is_abrupt;       /* ends without close_notify */
	gboolean is_socks5;       /* asks for an address, connects there and copies; no TLS */
	guint8 socks5_refusal;    /* answered instead of connecting; 0: none */
};

struct tls_peer;

/* config: copied but for what it points at, which has to stay. (transfer full) */
struct tls_peer *tls_peer_new(const struct tls_peer_config *config);
void tls_peer_free(struct tls_peer *peer);

guint16 tls_peer_port(const struct tls_peer *peer);
guint tls_peer_count_accepted(const struct tls_peer *peer);
guint tls_peer_count_handshakes(const struct tls_peer *peer); /* complete ones */
guint tls_peer_count_resumed(const struct tls_peer *peer);
guint tls_peer_count_open(const struct tls_peer *peer);
guint tls_peer_count_ended(const struct tls_peer *peer);    /* by the client */
guint tls_peer_count_goodbyes(const struct tls_peer *peer); /* … with TLS's close_notify */
/* All octets received on all connections; (transfer none), until the next turn. */
const GString *tls_peer_received(const struct tls_peer *peer);
/* The host the last SOCKS5 client asked for, "" if none. */
const char *tls_peer_socks5_host(const struct tls_peer *peer);
const char *tls_peer_sni(const struct tls_peer *peer); /* of the last handshake */
/* The last connection's channel binding as the server sees it; (transfer full), nullable. */
GBytes *tls_peer_channel_binding(const struct tls_peer *peer, gnutls_channel_binding_t type);

/* Of the last connection. */
void tls_peer_send(struct tls_peer *peer, const void *octets, gsize n);
void tls_peer_end(struct tls_peer *peer);
void tls_peer_reset(struct tls_peer *peer); /* TCP RST */
void tls_peer_listen(struct tls_peer *peer, gboolean is_listening);
#endif
