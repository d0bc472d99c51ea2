/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: one client's TCP connection, with TLS or without, that can write as badly as it is told.
 * Handlers are called from the main loop only, so a link may be ended inside its own. */
#ifndef TESTS_PEERS_MSNP8_LINK_H
#define TESTS_PEERS_MSNP8_LINK_H
#include "tests/peers/msnp8/options.h"

#include <gnutls/gnutls.h>

#define LINKS_MAX 1024		   /* connections at once; more are closed */
#define LINK_OUTPUT_MAX (16 << 20) /* octets a client may leave unread, then it is dropped */

struct link;

struct link_handlers {
	void (*data)(struct link *l, const guint8 *data, gsize n, gpointer user);
	void (*drained)(struct link *l, gpointer user); /* all has been written; nullable */
	void (*gone)(struct link *l, gpointer user);	/* the last call; l is freed after it */
};

/* A socket listening on 127.0.0.1, or -1; port 0: any, *port is what it became. */
int link_listen(guint16 *port);
/* Takes one connection off a listening socket; NULL: there was none, or too many are open. options
 * and credentials (nullable: no TLS) outlive it. (transfer none) */
struct link *link_accept(int listener, struct options *options,
			 gnutls_certificate_credentials_t credentials);
void link_set_handlers(struct link *l, const struct link_handlers *handlers, gpointer user);
void link_write(struct link *l, const void *data, gsize n);
void link_end(struct link *l);	/* when what was written has left */
void link_drop(struct link *l); /* now, gone follows from the main loop */
guint16 link_peer_port(const struct link *l);
void links_end_all(void); /* now, gone is called inside */
#endif
