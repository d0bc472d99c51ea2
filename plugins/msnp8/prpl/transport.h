/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transport: one connection to a server of the network, over TCP or the HTTP gateway; what is above
 * cannot tell which. Closing it inside any of its own callbacks is legal and final; nothing is
 * delivered before the call that opened it has returned. */
#ifndef MSN_PRPL_TRANSPORT_H
#define MSN_PRPL_TRANSPORT_H
#include <account.h>

#include "common/purple/reason.h"

struct transport_handlers {
	void (*opened)(gpointer user); /* octets can be sent */
	/* data: (transfer none), until the handler returns. */
	void (*data)(const guint8 *data, gsize n, gpointer user);
	void (*writable)(gpointer user); /* after transport_send() took less than it was given */
	void (*closed)(const struct reason *why, gpointer user); /* it still has to be freed */
};

/* How one kind of transport does it. A kind's own struct begins with a struct transport. */
struct transport;
struct transport_kind {
	gsize (*send)(struct transport *t, const guint8 *data, gsize n);
	void (*free)(struct transport *t);
	void (*finish)(struct transport *t);
};
struct transport {
	const struct transport_kind *kind;
	const struct transport_handlers *handlers; /* (transfer none), static */
	gpointer user;
};

/* Over TCP. (transfer full) */
struct transport *transport_open(PurpleAccount *account, const char *host, guint16 port,
				 const struct transport_handlers *handlers, gpointer user);

/* How many of n octets were taken. */
gsize transport_send(struct transport *t, const guint8 *data, gsize n);
/* End it now. NULL is fine. */
void transport_free(struct transport *t);
/* End it so that what was taken still leaves; silence from now on. NULL is fine. */
void transport_finish(struct transport *t);
#endif
