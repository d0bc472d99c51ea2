/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xmpp-server: a recorded XMPP server inside the test's own GLib loop, on a free port of loopback.
 * It answers one account's login (TLS, PLAIN) with always the same octets; a plan makes it end, or
 * fall silent, after any of them. */
#ifndef TESTS_PEERS_XMPP_SERVER_H
#define TESTS_PEERS_XMPP_SERVER_H
#include <glib.h>

#define XMPP_SERVER_DOMAIN "example.org"
#define XMPP_SERVER_USER "alice"
#define XMPP_SERVER_PASSWORD "secret"

enum xmpp_server_end {
	XMPP_SERVER_POLITE, /* TLS's close_notify where TLS stands, then TCP's end */
	XMPP_SERVER_ABRUPT, /* the socket is closed, as when a process dies */
	XMPP_SERVER_RESET,  /* TCP RST, whatever is still under way */
	XMPP_SERVER_STALL,  /* stays connected, says and hears nothing any more */
};

/* What becomes of the connections from now on. */
struct xmpp_server_plan {
	gsize octets;	  /* said in all, before TLS and inside it, then the end; G_MAXSIZE: all */
	gsize tls_octets; /* sent since TLS began, its records and handshake included, then the end;
			   * G_MAXSIZE: all */
	enum xmpp_server_end end;
	const char *priority; /* GnuTLS's; NULL: NORMAL; (transfer none) while the plan holds */
	gboolean is_direct;   /* TLS from the start instead of STARTTLS */
};

/* What has become of them, since the plan was made. */
struct xmpp_server_story {
	gsize octets, tls_octets;
	guint n_accepted, n_handshakes;
	guint n_open;	     /* at the moment, older ones included */
	gboolean is_tls_due; /* the client knows that TLS begins */
	gboolean is_told;    /* the recording was played to its end */
	gboolean is_over;    /* the plan's end has come */
};

struct xmpp_server;

/* Plays all, with a new certificate that it has signed itself. (transfer full) */
struct xmpp_server *xmpp_server_new(void);
void xmpp_server_free(struct xmpp_server *server); /* NULL is fine */
guint16 xmpp_server_port(const struct xmpp_server *server);

/* Forgets the story so far. */
void xmpp_server_plan(struct xmpp_server *server, const struct xmpp_server_plan *plan);
const struct xmpp_server_story *xmpp_server_story(const struct xmpp_server *server);
#endif
