/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gateway: a transport made of HTTP posts, one at a time, with an empty one every two seconds to
 * fetch what has come. */
#ifndef MSN_PRPL_GATEWAY_H
#define MSN_PRPL_GATEWAY_H
#include "plugins/msnp8/prpl/transport.h"

#define GATEWAY_QUEUE_MAX (64 * 1024) /* octets waiting to be posted */
#define GATEWAY_ANSWER_MAX (4 << 20)  /* octets of one answer: a whole contact list may be one */
#define GATEWAY_PIECE_MAX (32 * 1024) /* octets of it told at once */
#define GATEWAY_POLL_MS 2000
#define GATEWAY_LINGER_MS 3000 /* for the last words of a transport that is finished */

struct gateway_config {
	PurpleAccount *account;
	const char *gateway; /* where posts go, always: what it calls itself may be out of reach */
	guint16 port;
	const char *host; /* whom the gateway is to connect to */
	gboolean is_switchboard;
};

/* Everything in config is copied. (transfer full) */
struct transport *gateway_open(const struct gateway_config *config,
			       const struct transport_handlers *handlers, gpointer user);
/* End what still lingers; for plugin unload. */
void gateway_forget(void);
#endif
