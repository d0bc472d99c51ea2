/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pump: the one loop: events to the parts, octets to the connection, the timer. */
#ifndef XMPP_PRPL_PUMP_H
#define XMPP_PRPL_PUMP_H
#include "plugins/xmpp-lite/prpl/client.h"

/* Takes session. (transfer full) */
struct client *client_new(PurpleConnection *gc, struct xmpp_session *session);
/* The account disconnects: says goodbye, cancels everything; nothing comes after it. */
void client_close(struct client *c);

/* Call it after anything was told to the session. May be called from inside a turn: the outer one
 * goes on. */
void pump_turn(struct client *c);
/* conn stands and is the client's from now on. (transfer full) */
void pump_connected(struct client *c, struct conn *conn);
#endif
