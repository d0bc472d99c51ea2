/* SPDX-License-Identifier: GPL-2.0-or-later */
/* client: one account signed on, what the binding's files share. */
#ifndef MSN_PRPL_CLIENT_H
#define MSN_PRPL_CLIENT_H
#include <connection.h>
#include <plugin.h>
#include <prpl.h>

#include "common/purple/reason.h"
#include "common/purple/trace_file.h"
#include "plugins/msnp8/session/session.h"

#define MSNP8 "msnp8" /* debug category and folder in the user's directory */
#define MSNP8_ID "prpl-msnp8"
#define NOTICE_TITLE "MSN" /* bitlbee writes "(null)" where a notice has none */

/* Account settings: the option's default and the getter's are the same constant (hosts keep only
 * what was changed). */
#define SETTING_NETWORK "network"
#define SETTING_SERVER "server"
#define SETTING_PORT "port"
#define SETTING_NEXUS "nexus"
#define SETTING_ALLOW_HTTP "allow_http"
#define SETTING_HTTP_METHOD "http_method"
#define SETTING_GATEWAY "gateway"
#define SETTING_GATEWAY_PORT "gateway_port"
#define SETTING_USE_CACHE "use_cache"
#define SETTING_TRACE "trace"

struct kept;
struct asked;

/* What the server has told about somebody on one of our lists. */
struct person {
	char *account, *name; /* name: as they call themselves; NULL: not told */
	guint lists;
	char **groups;	 /* ids */
	char *leaving;	 /* the group they are being moved out of; NULL: none */
	guint side;	 /* MSN_AL or MSN_BL, to which they are on their way; 0: settled */
	char *phones[4]; /* by enum msn_phone; nullable each */
};

/* A group chat on the screen. */
struct room {
	guint chat; /* the session's number, libpurple's id */
	char *name; /* of the conversation */
};

struct client {
	PurpleConnection *gc;
	PurpleAccount *account;
	struct msn_session *session;
	struct reason why;	/* how the notification server's connection, or HTTPS, ended */
	gboolean is_https_lost; /* the last HTTPS request had no answer */
	struct trace_file *trace;

	/* login.c's */
	char *host, *nexus;
	GSList *asked; /* HTTPS requests under way */
	struct kept *kept;

	/* people.c's */
	GHashTable *people; /* account to struct person */
	GHashTable *groups; /* id to name */
	char *phones[4];    /* our own */
	char *name;	    /* our friendly name */

	/* buddies.c's, privacy.c's, rooms.c's, mail.c's */
	gboolean is_ready; /* the host has been told that we are connected */
	gboolean is_idle;
	gboolean is_open, is_privacy_known; /* BLP as the server said it last */
	GSList *asks;			    /* authorization requests on the screen */
	GSList *rooms;
	char *inbox_page; /* a file to be removed */
	guint inbox_timer;

	/* pump.c's */
	GSList *lines; /* connections */
	guint timer;
	guint refs;
	gboolean is_turning, is_closed;
};

/* A file of the binding: it takes its events, and fills its part of the plugin's tables. */
struct part {
	/* TRUE: the event was this part's, and nobody else needs it. */
	gboolean (*event)(struct client *c, const struct msn_event *ev);
	void (*setup)(PurplePluginProtocolInfo *info);
	/* The plugin comes and goes. */
	void (*load)(void);
	void (*unload)(void);
	/* The connection closes; gc and the session are still there. */
	void (*leave)(struct client *c);
};

/* The linker makes the table. */
#define MSN_PART(part_name)                                                                        \
	__attribute__((section("msn_parts"),                                                       \
		       used)) static const struct part *const part_name##_entry = &(part_name)
extern const struct part *const __start_msn_parts[];
extern const struct part *const __stop_msn_parts[];

/* NULL while there is none. */
static inline struct client *client_of(PurpleConnection *gc)
{
	return gc ? purple_connection_get_protocol_data(gc) : NULL;
}
#endif
