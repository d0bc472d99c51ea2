/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gateway: the addresses an HTTP gateway is asked at, and the header it answers with. */
#ifndef MSN_WIRE_GATEWAY_H
#define MSN_WIRE_GATEWAY_H
#include <glib.h>

#define MSN_GATEWAY_TYPE "application/x-msn-messenger" /* of what is posted */
#define MSN_GATEWAY_HEADER "X-MSN-Messenger"	       /* of an answer */
#define MSN_GATEWAY_ID_MAX 512			       /* octets of a session's id */

/* For the first post of a session, to host by way of the gateway. (transfer full) */
char *msn_gateway_open_url(const char *gateway, guint16 port, gboolean is_switchboard,
			   const char *host);
/* For the posts after it; is_poll: one without commands. (transfer full) */
char *msn_gateway_url(const char *gateway, guint16 port, const char *id, gboolean is_poll);

/* The header's value. FALSE, ret untouched: no id that could stand in a URL. GW-IP is not read: it
 * may be an address that nobody outside can reach. ret_id: (transfer full). */
gboolean msn_gateway_answer_read(const char *value, char **ret_id, gboolean *ret_is_closed);
#endif
