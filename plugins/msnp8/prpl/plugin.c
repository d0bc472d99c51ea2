/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugin: what libpurple is told when it loads us. */
#include <glib/gi18n-lib.h>
#include <libintl.h>
#include <plugin.h>
#include <prpl.h>
#include <version.h>

#include "common/purple/conn.h"
#include "plugins/msnp8/prpl/client.h"
#include "plugins/msnp8/prpl/login.h"
#include "plugins/msnp8/prpl/settings.h"

#define NORMAL_MAX 512 /* octets, of names that are no accounts */

static const char *list_icon(PurpleAccount *account, PurpleBuddy *buddy)
{
	return "msn";
}

static GHashTable *text_table(PurpleAccount *account)
{
	GHashTable *table = g_hash_table_new(g_str_hash, g_str_equal);

	g_hash_table_insert(table, (gpointer) "login_label", (gpointer)_("name@example.org"));
	return table;
}

/* libpurple compares accounts by this, constantly, also offline. Other names than accounts are
 * those of our chats. */
static const char *normalize(const PurpleAccount *account, const char *who)
{
	static char normal[NORMAL_MAX];
	g_autofree char *name = who ? msn_account_new(who) : NULL;

	if (!who)
		return NULL;
	g_strlcpy(normal, name ? name : who, sizeof normal);
	return normal;
}

static PurplePluginProtocolInfo protocol = {
	.options = OPT_PROTO_MAIL_CHECK,
	.list_icon = list_icon,
	.login = login_start,
	.close = login_close,
	.normalize = normalize,
	.get_account_text_table = text_table,
	.struct_size = sizeof(PurplePluginProtocolInfo),
};

static gboolean load(PurplePlugin *plugin)
{
	for (const struct part *const *p = __start_msn_parts; p < __stop_msn_parts; p++) {
		if ((*p)->load)
			(*p)->load();
	}
	return TRUE;
}

static gboolean unload(PurplePlugin *plugin)
{
	for (const struct part *const *p = __start_msn_parts; p < __stop_msn_parts; p++) {
		if ((*p)->unload)
			(*p)->unload();
	}
	conn_forget_sessions();
	return TRUE;
}

static PurplePluginInfo info = {
	.magic = PURPLE_PLUGIN_MAGIC,
	.major_version = PURPLE_MAJOR_VERSION,
	.minor_version = PURPLE_MINOR_VERSION,
	.type = PURPLE_PLUGIN_PROTOCOL,
	.priority = PURPLE_PRIORITY_DEFAULT,
	.id = (char *)MSNP8_ID,
	.name = (char *)"MSN (MSNP8)",
	.version = (char *)VERSION,
	.author = (char *)"The purple-trio developers",
	.load = load,
	.unload = unload,
	.extra_info = &protocol,
	.actions = settings_actions,
};

static void init(PurplePlugin *plugin)
{
	bindtextdomain(GETTEXT_PACKAGE, LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	info.summary = (char *)_("MSN Messenger for the revival networks");
	info.description = (char *)_("Chats with people on servers that speak version 8 of MSN's "
				     "protocol.");
	protocol.protocol_options = login_options();
	for (const struct part *const *p = __start_msn_parts; p < __stop_msn_parts; p++) {
		if ((*p)->setup)
			(*p)->setup(&protocol);
	}
}

PURPLE_INIT_PLUGIN(msnp8, init, info)
