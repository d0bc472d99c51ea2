/* SPDX-License-Identifier: GPL-2.0-or-later */
/* client: one account signed on, what the binding's files share. */
#ifndef XMPP_PRPL_CLIENT_H
#define XMPP_PRPL_CLIENT_H
#include <connection.h>
#include <plugin.h>
#include <prpl.h>

#include "common/purple/conn.h"
#include "common/purple/dial.h"
#include "common/purple/reason.h"
#include "common/purple/trace_file.h"
#include "plugins/xmpp-lite/session/session.h"

#define XMPP_LITE "xmpp-lite" /* debug category and folder in the user's directory */

/* Account settings: the option's default and the getter's are the same constant (hosts keep only
 * what was changed). */
#define SETTING_SERVER "server"
#define SETTING_PORT "port"
#define SETTING_DIRECT_TLS "direct_tls"
#define SETTING_PRIORITY "priority"
#define SETTING_NO_PLAIN "no_plain"
#define SETTING_REQUIRE_BINDING "require_binding"
#define SETTING_TRACE "trace"

struct client {
	PurpleConnection *gc;
	PurpleAccount *account;
	struct xmpp_session *session;
	struct dial *dial; /* kept until a stream is secure: another endpoint may be needed */
	struct conn *conn;
	struct reason why; /* of the last connection's end */
	struct trace_file *trace;
	GSList *asks; /* buddies.c: authorization requests on the screen */

	/* pump.c's */
	guint timer;
	guint refs;
	gboolean is_turning, is_closed;
};

/* A file of the binding: it takes its events, and fills its part of the plugin's tables. */
struct part {
	/* TRUE: the event was this part's. */
	gboolean (*event)(struct client *c, const struct xmpp_event *ev);
	void (*setup)(PurplePluginProtocolInfo *info);
	/* The connection closes; gc and the session are still there. */
	void (*leave)(struct client *c);
};

/* As XMPP_EXTENSION: the linker makes the table. */
#define XMPP_PART(part_name)                                                                       \
	__attribute__((section("xmpp_parts"),                                                      \
		       used)) static const struct part *const part_name##_entry = &(part_name)
extern const struct part *const __start_xmpp_parts[];
extern const struct part *const __stop_xmpp_parts[];

/* NULL while there is none. */
static inline struct client *client_of(PurpleConnection *gc)
{
	return gc ? purple_connection_get_protocol_data(gc) : NULL;
}
#endif
