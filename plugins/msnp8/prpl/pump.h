/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pump: the one loop: events to the parts, octets to the connections, the timer. */
#ifndef MSN_PRPL_PUMP_H
#define MSN_PRPL_PUMP_H
#include "plugins/msnp8/prpl/client.h"
#include "plugins/msnp8/prpl/transport.h"

/* Takes session. (transfer full) */
struct client *client_new(PurpleConnection *gc, struct msn_session *session);
/* The account disconnects: says goodbye, cancels everything; nothing comes after it. */
void client_close(struct client *c);

/* Call it after anything was told to the session. May be called from inside a turn: the outer one
 * goes on. */
void pump_turn(struct client *c);

/* Opens what the session's connection id is carried by, with these handlers and that user pointer.
 * (transfer full) */
typedef struct transport *(*pump_open_h)(struct client *c, const struct msn_event *want,
					 const struct transport_handlers *handlers, gpointer user);
void pump_connect(struct client *c, const struct msn_event *want, pump_open_h open);
/* The session needs connection id no more, once it has said what it has to. */
void pump_disconnect(struct client *c, guint id);
/* All of them at once, silently. */
void pump_disconnect_all(struct client *c);
#endif
