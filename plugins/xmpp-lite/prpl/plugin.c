/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugin: what libpurple is told when it loads us. */
#include <glib/gi18n-lib.h>
#include <libintl.h>
#include <plugin.h>
#include <prpl.h>
#include <version.h>

#include "plugins/xmpp-lite/prpl/client.h"
#include "plugins/xmpp-lite/prpl/login.h"
#include "plugins/xmpp-lite/wire/jid.h"

static const char *list_icon(PurpleAccount *account, PurpleBuddy *buddy)
{
	return "jabber";
}

static GHashTable *text_table(PurpleAccount *account)
{
	GHashTable *table = g_hash_table_new(g_str_hash, g_str_equal);

	g_hash_table_insert(table, (gpointer) "login_label", (gpointer)_("name@example.org"));
	return table;
}

/* libpurple compares addresses by this, constantly, also offline: bare and prepared, or as it is
 * when it is no address. */
static const char *normalize(const PurpleAccount *account, const char *who)
{
	static char jid[JID_MAX];

	if (!who)
		return NULL;
	if (jid_prepare(who, jid))
		jid[jid_bare_length(jid)] = '\0';
	else
		g_strlcpy(jid, who, sizeof jid);
	return jid;
}

static gboolean offline_message(const PurpleBuddy *buddy)
{
	return TRUE; /* the server keeps it */
}

static PurplePluginProtocolInfo protocol = {
	.list_icon = list_icon,
	.login = login_start,
	.close = login_close,
	.normalize = normalize,
	.offline_message = offline_message,
	.get_account_text_table = text_table,
	.struct_size = sizeof(PurplePluginProtocolInfo),
};

static gboolean unload(PurplePlugin *plugin)
{
	conn_forget_sessions();
	jid_cache_clear();
	return TRUE;
}

static PurplePluginInfo info = {
	.magic = PURPLE_PLUGIN_MAGIC,
	.major_version = PURPLE_MAJOR_VERSION,
	.minor_version = PURPLE_MINOR_VERSION,
	.type = PURPLE_PLUGIN_PROTOCOL,
	.priority = PURPLE_PRIORITY_DEFAULT,
	.id = (char *)"prpl-xmpp-lite",
	.name = (char *)"XMPP Lite",
	.version = (char *)VERSION,
	.author = (char *)"The purple-trio developers",
	.unload = unload,
	.extra_info = &protocol,
};

static void init(PurplePlugin *plugin)
{
	bindtextdomain(GETTEXT_PACKAGE, LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	info.summary = (char *)_("Today's XMPP, lean");
	info.description = (char *)_("Chats with people on XMPP servers.");
	protocol.protocol_options = login_options();
	for (const struct part *const *p = __start_xmpp_parts; p < __stop_xmpp_parts; p++) {
		if ((*p)->setup)
			(*p)->setup(&protocol);
	}
}

PURPLE_INIT_PLUGIN(xmpp_lite, init, info)
