/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an actor does: each verb makes the calls the host in question makes for it. */
#include <blist.h>
#include <buddyicon.h>
#include <cmds.h>
#include <connection.h>
#include <conversation.h>
#include <core.h>
#include <plugin.h>
#include <privacy.h>
#include <prpl.h>
#include <roomlist.h>
#include <server.h>
#include <signals.h>
#include <string.h>
#include <util.h>

#include "tests/host/parts.h"

#define GROUP "Buddies"

static PurplePlugin *plugin_of(const struct actor *a)
{
	return purple_find_prpl(a->protocol);
}

static PurplePluginProtocolInfo *protocol_of(const struct actor *a)
{
	return PURPLE_PLUGIN_PROTOCOL_INFO(plugin_of(a));
}

/* Hosts hand HTML to libpurple, and "\n" in a script is a line break. */
static char *as_html(const char *text)
{
	g_autofree char *escaped = g_markup_escape_text(text, -1);
	char **lines = g_strsplit(escaped, "\\n", -1);
	char *html = g_strjoinv("<br>", lines);

	g_strfreev(lines);
	return html;
}

static PurpleConversation *find_chat(struct actor *a, const char *room)
{
	PurpleConversation *conv =
		purple_find_conversation_with_account(PURPLE_CONV_TYPE_CHAT, room, a->account);

	if (!conv)
		script_fail("%s is not in room %s", a->name, room);
	return conv;
}

static PurpleConversation *open_im(struct actor *a, const char *who)
{
	PurpleConversation *conv =
		purple_find_conversation_with_account(PURPLE_CONV_TYPE_IM, who, a->account);

	return conv ? conv : purple_conversation_new(PURPLE_CONV_TYPE_IM, a->account, who);
}

static PurpleBuddy *find_buddy(struct actor *a, const char *who)
{
	PurpleBuddy *buddy = purple_find_buddy(a->account, who);

	if (!buddy)
		script_fail("%s has no buddy %s", a->name, who);
	return buddy;
}

static PurpleGroup *need_group(const char *name)
{
	PurpleGroup *group = purple_find_group(name);

	if (!group) {
		group = purple_group_new(name);
		purple_blist_add_group(group, NULL);
	}
	return group;
}

/* ---- the account ---- */

static gboolean do_on(struct actor *a, const char *args)
{
	actor_on(a);
	return TRUE;
}

static gboolean do_off(struct actor *a, const char *args)
{
	if (a->account)
		purple_account_set_enabled(a->account, purple_core_get_ui(), FALSE);
	return TRUE;
}

static gboolean do_remove(struct actor *a, const char *args)
{
	actor_remove(a);
	return TRUE;
}

static gboolean do_set(struct actor *a, const char *args)
{
	g_autofree char *setting = script_word(&args);

	return (setting && actor_set_option(a, setting)) || script_fail("set NAME=VALUE");
}

static gboolean do_password(struct actor *a, const char *args)
{
	g_free(a->password);
	a->password = g_strdup(args);
	if (a->account) {
		purple_account_set_remember_password(a->account, TRUE);
		purple_account_set_password(a->account, args);
	}
	return TRUE;
}

static gboolean do_register(struct actor *a, const char *args)
{
	purple_account_register(a->account);
	return TRUE;
}

static gboolean do_status(struct actor *a, const char *args)
{
	g_autofree char *id = script_word(&args);
	PurpleStatusType *type = id ? purple_account_get_status_type(a->account, id) : NULL;
	GList *attributes = NULL;

	if (!type)
		return script_fail("status ID [MESSAGE]; no status '%s'", TEXT(id));
	if (g_str_has_prefix(args, "message "))
		args = script_skip_space(args + strlen("message "));
	if (purple_status_type_get_attr(type, "message")) {
		attributes = g_list_append(attributes, (gpointer) "message");
		attributes = g_list_append(attributes, *args ? (gpointer)args : NULL);
	} else if (*args) {
		return script_fail("status %s takes no message", id);
	}
	purple_account_set_status_list(a->account, id, TRUE, attributes);
	g_list_free(attributes);
	return TRUE;
}

static gboolean do_idle(struct actor *a, const char *args)
{
	const gint64 seconds = g_ascii_strtoll(args, NULL, 10);
	const gint64 now = g_get_real_time() / G_USEC_PER_SEC;

	purple_presence_set_idle(purple_account_get_presence(a->account), seconds > 0,
				 seconds > 0 ? now - seconds : 0);
	return TRUE;
}

static gboolean do_icon(struct actor *a, const char *args)
{
	char *data = NULL;
	gsize n = 0;

	if (*args && !g_file_get_contents(args, &data, &n, NULL))
		return script_fail("cannot read %s", args);
	purple_buddy_icons_set_account_icon(a->account, (guchar *)data, n);
	return TRUE;
}

/* ---- buddies ---- */

static gboolean do_add(struct actor *a, const char *args)
{
	g_autofree char *who = script_word(&args);
	g_autofree char *alias = script_word(&args);
	g_autofree char *group_name = script_word(&args);
	PurpleBuddy *buddy;

	if (!who)
		return script_fail("add WHO [ALIAS [GROUP]]");
	buddy = purple_buddy_new(a->account, who, alias && *alias ? alias : NULL);
	purple_blist_add_buddy(buddy, NULL, need_group(group_name ? group_name : GROUP), NULL);
	purple_account_add_buddy_with_invite(a->account, buddy, NULL);
	return TRUE;
}

static gboolean do_del(struct actor *a, const char *args)
{
	PurpleBuddy *buddy = find_buddy(a, args);

	if (!buddy)
		return FALSE;
	purple_account_remove_buddy(a->account, buddy, purple_buddy_get_group(buddy));
	purple_blist_remove_buddy(buddy);
	return TRUE;
}

static gboolean do_alias(struct actor *a, const char *args)
{
	g_autofree char *who = script_word(&args);
	PurpleBuddy *buddy = who ? find_buddy(a, who) : NULL;

	if (!buddy)
		return FALSE;
	purple_blist_alias_buddy(buddy, args);
	serv_alias_buddy(buddy);
	return TRUE;
}

static gboolean do_move(struct actor *a, const char *args)
{
	g_autofree char *who = script_word(&args);
	g_autofree char *group = script_word(&args);
	PurpleBuddy *buddy = who ? find_buddy(a, who) : NULL;

	if (!buddy || !group)
		return script_fail("move WHO GROUP");
	purple_blist_add_buddy(buddy, NULL, need_group(group), NULL);
	return TRUE;
}

static gboolean do_rename_group(struct actor *a, const char *args)
{
	g_autofree char *old = script_word(&args);
	g_autofree char *name = script_word(&args);
	PurpleGroup *group = old ? purple_find_group(old) : NULL;

	if (!group || !name)
		return script_fail("rename-group OLD NEW");
	purple_blist_rename_group(group, name);
	return TRUE;
}

static gboolean do_remove_group(struct actor *a, const char *args)
{
	g_autofree char *name = script_word(&args);
	PurpleGroup *group = name ? purple_find_group(name) : NULL;
	GSList *buddies = purple_find_buddies(a->account, NULL);

	for (GSList *l = buddies; l; l = l->next) {
		if (purple_buddy_get_group(l->data) != group)
			continue;
		purple_account_remove_buddy(a->account, l->data, group);
		purple_blist_remove_buddy(l->data);
	}
	g_slist_free(buddies);
	if (!group)
		return script_fail("no group '%s'", TEXT(name));
	purple_account_remove_group(a->account, group);
	if (!purple_blist_get_group_size(group, TRUE))
		purple_blist_remove_group(group);
	return TRUE;
}

static gboolean do_info(struct actor *a, const char *args)
{
	serv_get_info(actor_connection(a), args);
	return TRUE;
}

static gboolean do_block(struct actor *a, const char *args)
{
	purple_privacy_deny_add(a->account, args, FALSE);
	return TRUE;
}

static gboolean do_unblock(struct actor *a, const char *args)
{
	purple_privacy_deny_remove(a->account, args, FALSE);
	return TRUE;
}

/* ---- talking ---- */

static gboolean do_say(struct actor *a, const char *args)
{
	g_autofree char *who = script_word(&args);
	g_autofree char *html = as_html(args);

	if (!who)
		return script_fail("say WHO TEXT");
	purple_conv_im_send(PURPLE_CONV_IM(open_im(a, who)), html);
	return TRUE;
}

static gboolean do_say_html(struct actor *a, const char *args)
{
	g_autofree char *who = script_word(&args);

	if (!who)
		return script_fail("say-html WHO HTML");
	purple_conv_im_send(PURPLE_CONV_IM(open_im(a, who)), args);
	return TRUE;
}

static void echo_back(PurpleAccount *account, const char *sender, const char *html,
		      PurpleConversation *conv, PurpleMessageFlags flags, gpointer unused)
{
	struct actor *a = actor_of(account);

	if (a && a->echoes && !(flags & PURPLE_MESSAGE_AUTO_RESP))
		purple_conv_im_send(PURPLE_CONV_IM(open_im(a, sender)), html);
}

static gboolean do_echo_back(struct actor *a, const char *args)
{
	static int handle;

	a->echoes = TRUE;
	purple_signals_disconnect_by_handle(&handle); /* another actor may echo already */
	purple_signal_connect(purple_conversations_get_handle(), "received-im-msg", &handle,
			      PURPLE_CALLBACK(echo_back), NULL);
	return TRUE;
}

struct flood {
	const struct actor *actor;
	const char *who, *text;
	guint64 sent, n;
	gboolean is_refused;
};

static gboolean is_flooded(gpointer user)
{
	const struct flood *f = user;

	return f->is_refused || f->sent == f->n;
}

static gboolean flood_one(gpointer user)
{
	struct flood *f = user;
	PurpleConnection *gc = actor_connection(f->actor);
	g_autofree char *html = NULL;

	if (is_flooded(f))
		return G_SOURCE_CONTINUE;
	html = g_strdup_printf("%s %" G_GUINT64_FORMAT, f->text, f->sent + 1);
	f->is_refused = !gc || serv_send_im(gc, f->who, html, 0) < 0;
	f->sent += !f->is_refused;
	return G_SOURCE_CONTINUE;
}

/* No conversation remembers them. One leaves when the loop has nothing else to do, so that those
 * before it may go out first. */
static gboolean do_flood(struct actor *a, const char *args)
{
	g_autofree char *who = script_word(&args);
	g_autofree char *number = script_word(&args);
	g_autofree char *text = as_html(args);
	struct flood f = {.actor = a, .who = who, .text = text};
	gboolean is_done;
	guint source;

	if (!number || !(f.n = g_ascii_strtoull(number, NULL, 10)))
		return script_fail("flood WHO N TEXT");
	source = g_idle_add_full(G_PRIORITY_LOW, flood_one, &f, NULL);
	is_done = host_run_until(is_flooded, &f, host_patience_ms());
	g_source_remove(source);
	return (is_done && !f.is_refused) ||
	       script_fail("of %" G_GUINT64_FORMAT " messages only %" G_GUINT64_FORMAT " were sent",
			   f.n, f.sent);
}

static gboolean do_type(struct actor *a, const char *args)
{
	g_autofree char *who = script_word(&args);
	PurpleTypingState state;

	if (!strcmp(args, "composing"))
		state = PURPLE_TYPING;
	else if (!strcmp(args, "paused"))
		state = PURPLE_TYPED;
	else if (!strcmp(args, "stopped"))
		state = PURPLE_NOT_TYPING;
	else
		return script_fail("type WHO composing|paused|stopped");
	serv_send_typing(actor_connection(a), who, state);
	return TRUE;
}

static gboolean do_attention(struct actor *a, const char *args)
{
	purple_prpl_send_attention(actor_connection(a), args, 0);
	return TRUE;
}

static gboolean do_open_conv(struct actor *a, const char *args)
{
	open_im(a, args);
	return TRUE;
}

static gboolean do_close_conv(struct actor *a, const char *args)
{
	PurpleConversation *conv =
		purple_find_conversation_with_account(PURPLE_CONV_TYPE_ANY, args, a->account);

	if (!conv)
		return script_fail("%s has no conversation with %s", a->name, args);
	purple_conversation_destroy(conv);
	return TRUE;
}

static gboolean do_cmd(struct actor *a, const char *args)
{
	static const char *const results[] = {
		[PURPLE_CMD_STATUS_OK] = "ok",
		[PURPLE_CMD_STATUS_FAILED] = "failed",
		[PURPLE_CMD_STATUS_NOT_FOUND] = "not-found",
		[PURPLE_CMD_STATUS_WRONG_ARGS] = "wrong-args",
		[PURPLE_CMD_STATUS_WRONG_PRPL] = "wrong-prpl",
		[PURPLE_CMD_STATUS_WRONG_TYPE] = "wrong-type",
	};
	g_autofree char *where = script_word(&args);
	g_autofree char *error = NULL;
	g_autofree char *html = NULL;
	PurpleConversation *conv;
	PurpleCmdStatus status;

	if (!where || *args != '/')
		return script_fail("cmd WHO|ROOM /COMMAND…");
	if (host_ui() == HOST_BITLBEE && !g_str_has_prefix(args, "/kick "))
		return script_fail("of all commands bitlbee has only /kick");
	conv = purple_find_conversation_with_account(PURPLE_CONV_TYPE_CHAT, where, a->account);
	if (!conv)
		conv = open_im(a, where);
	html = as_html(args + 1);
	status = purple_cmd_do_command(conv, args + 1, html, &error);
	host_event(a->name, "cmd %s %s", results[status], TEXT(error));
	return TRUE;
}

/* ---- rooms ---- */

static void set_component(GHashTable *components, const char *key, const char *value)
{
	g_hash_table_replace(components, (gpointer)g_intern_string(key), g_strdup(value));
}

static gboolean do_join(struct actor *a, const char *args)
{
	PurplePluginProtocolInfo *protocol = protocol_of(a);
	PurpleConnection *gc = actor_connection(a);
	g_autofree char *room = script_word(&args);
	GHashTable *components;
	char *word;

	if (!room || !protocol->chat_info_defaults)
		return script_fail("join ROOM [KEY=VALUE…], and the protocol must have rooms");
	components = protocol->chat_info_defaults(gc, room);
	while ((word = script_word(&args))) {
		char *value = strchr(word, '=');

		if (value) {
			*value = '\0';
			set_component(components, word, value + 1);
		}
		g_free(word);
	}
	serv_join_chat(gc, components);
	g_hash_table_destroy(components);
	return TRUE;
}

static gboolean do_chat_say(struct actor *a, const char *args)
{
	g_autofree char *room = script_word(&args);
	g_autofree char *html = as_html(args);
	PurpleConversation *conv = room ? find_chat(a, room) : NULL;

	if (!conv)
		return FALSE;
	purple_conv_chat_send(PURPLE_CONV_CHAT(conv), html);
	return TRUE;
}

static gboolean do_leave(struct actor *a, const char *args)
{
	PurpleConversation *conv = find_chat(a, args);

	if (!conv)
		return FALSE;
	purple_conversation_destroy(conv);
	return TRUE;
}

static gboolean do_invite(struct actor *a, const char *args)
{
	g_autofree char *room = script_word(&args);
	g_autofree char *who = script_word(&args);
	PurpleConversation *conv = room && who ? find_chat(a, room) : NULL;

	if (!conv)
		return script_fail("invite ROOM WHO [MESSAGE]");
	serv_chat_invite(actor_connection(a), purple_conv_chat_get_id(PURPLE_CONV_CHAT(conv)),
			 *args ? args : "Please join my chat", who);
	return TRUE;
}

static gboolean do_topic(struct actor *a, const char *args)
{
	PurplePluginProtocolInfo *protocol = protocol_of(a);
	g_autofree char *room = script_word(&args);
	PurpleConversation *conv = room ? find_chat(a, room) : NULL;

	if (!conv || !protocol->set_chat_topic)
		return script_fail("topic ROOM TEXT, and the protocol must have topics");
	protocol->set_chat_topic(actor_connection(a),
				 purple_conv_chat_get_id(PURPLE_CONV_CHAT(conv)), args);
	return TRUE;
}

/* The list keeps one reference for its protocol and one for us; ours is not needed. */
static gboolean do_rooms(struct actor *a, const char *args)
{
	PurpleRoomlist *list = purple_roomlist_get_list(actor_connection(a));

	if (!list)
		return script_fail("the protocol lists no rooms");
	purple_roomlist_unref(list);
	return TRUE;
}

/* ---- files ---- */

static gboolean do_send_file(struct actor *a, const char *args)
{
	g_autofree char *who = script_word(&args);
	g_autofree char *path = script_word(&args);

	if (!path)
		return script_fail("send-file WHO PATH");
	serv_send_file(actor_connection(a), who, path);
	return TRUE;
}

static gboolean do_accept_files(struct actor *a, const char *args)
{
	if (!*args)
		return script_fail("accept-files DIR");
	g_free(a->files);
	a->files = g_strdup(args);
	return TRUE;
}

static gboolean do_reject_files(struct actor *a, const char *args)
{
	g_free(a->files);
	a->files = g_strdup("");
	return TRUE;
}

/* ---- answers, actions, menus ---- */

static gboolean do_answer(struct actor *a, const char *args)
{
	if (!ask_is_mode(args))
		return FALSE;
	g_free(a->answer);
	a->answer = g_strdup(args);
	return TRUE;
}

static gboolean do_answer_open(struct actor *a, const char *args)
{
	if (!ask_is_mode(args))
		return FALSE;
	ask_answer_open(a, args);
	return TRUE;
}

/* Captions are compared without accelerator marks and without the dots of "…". */
static gboolean is_same_label(const char *label, const char *wanted)
{
	char **parts = g_strsplit(label, "_", -1);
	g_autofree char *plain = g_strjoinv("", parts);

	g_strfreev(parts);
	if (g_str_has_suffix(plain, "..."))
		plain[strlen(plain) - 3] = '\0';
	else if (g_str_has_suffix(plain, "…"))
		plain[strlen(plain) - strlen("…")] = '\0';
	return !strcmp(plain, wanted);
}

static gboolean do_action(struct actor *a, const char *args)
{
	g_autofree char *label = script_word(&args);
	PurplePlugin *plugin = plugin_of(a);
	PurpleConnection *gc = actor_connection(a);
	GString *others = g_string_new(NULL);
	gboolean is_done = FALSE;
	GList *actions = NULL;

	if (PURPLE_PLUGIN_HAS_ACTIONS(plugin))
		actions = PURPLE_PLUGIN_ACTIONS(plugin, gc);
	for (GList *l = actions; l; l = l->next) {
		PurplePluginAction *action = l->data;

		if (!action) /* a separator */
			continue;
		g_string_append_printf(others, " \"%s\"", action->label);
		if (!is_done && label && is_same_label(action->label, label)) {
			action->plugin = plugin;
			action->context = gc;
			action->callback(action);
			is_done = TRUE;
		}
		purple_plugin_action_free(action);
	}
	g_list_free(actions);
	if (!is_done)
		script_fail("no action \"%s\", but:%s", TEXT(label), others->str);
	g_string_free(others, TRUE);
	return is_done;
}

static gboolean pick_from_menu(GList *menu, const char *label, PurpleBlistNode *node,
			       GString *others)
{
	gboolean is_done = FALSE;

	for (GList *l = menu; l; l = l->next) {
		PurpleMenuAction *item = l->data;

		if (!item)
			continue;
		g_string_append_printf(others, " \"%s\"", item->label);
		if (pick_from_menu(item->children, label, node, others)) {
			is_done = TRUE;
		} else if (!is_done && item->callback && is_same_label(item->label, label)) {
			((void (*)(PurpleBlistNode *, gpointer))item->callback)(node, item->data);
			is_done = TRUE;
		}
		item->children = NULL; /* freed by the turn above */
		purple_menu_action_free(item);
	}
	g_list_free(menu);
	return is_done;
}

static gboolean do_menu(struct actor *a, const char *args)
{
	g_autofree char *who = script_word(&args);
	g_autofree char *label = script_word(&args);
	PurplePluginProtocolInfo *protocol = protocol_of(a);
	PurpleBlistNode *node = NULL;
	GString *others;
	gboolean is_done;

	if (who)
		node = (PurpleBlistNode *)purple_find_buddy(a->account, who);
	if (who && !node)
		node = (PurpleBlistNode *)purple_blist_find_chat(a->account, who);
	if (!node || !label || !protocol->blist_node_menu)
		return script_fail("menu WHO \"LABEL\", and the protocol must have menus");
	others = g_string_new(NULL);
	is_done = pick_from_menu(protocol->blist_node_menu(node), label, node, others);
	if (!is_done)
		script_fail("no item \"%s\" in the menu, but:%s", label, others->str);
	g_string_free(others, TRUE);
	return is_done;
}

enum need {
	ANY = 0,
	ONLINE = 1,  /* a connection that is up */
	ACCOUNT = 2, /* bitlbee has one only while it is connected */
	PIDGIN = 4,  /* nothing a bitlbee user could do */
};

static const struct {
	const char *word;
	gboolean (*run)(struct actor *a, const char *args);
	enum need need;
} verbs[] = {
	{"on", do_on},
	{"off", do_off},
	{"remove", do_remove},
	{"set", do_set},
	{"password", do_password},
	{"register", do_register, PIDGIN},
	{"status", do_status, ACCOUNT},
	{"idle", do_idle, ACCOUNT | PIDGIN},
	{"icon", do_icon, ACCOUNT | PIDGIN},
	{"add", do_add, ACCOUNT},
	{"del", do_del, ACCOUNT},
	{"alias", do_alias, ACCOUNT | PIDGIN},
	{"move", do_move, ACCOUNT | PIDGIN},
	{"rename-group", do_rename_group, ACCOUNT | PIDGIN},
	{"remove-group", do_remove_group, ACCOUNT | PIDGIN},
	{"info", do_info, ONLINE},
	{"block", do_block, ACCOUNT},
	{"unblock", do_unblock, ACCOUNT},
	{"say", do_say, ACCOUNT},
	{"say-html", do_say_html, ACCOUNT},
	{"flood", do_flood, ONLINE},
	{"echo-back", do_echo_back},
	{"type", do_type, ONLINE},
	{"attention", do_attention, ONLINE | PIDGIN},
	{"open-conv", do_open_conv, ACCOUNT},
	{"close-conv", do_close_conv, ACCOUNT | PIDGIN},
	{"cmd", do_cmd, ACCOUNT},
	{"join", do_join, ONLINE},
	{"chat-say", do_chat_say, ACCOUNT},
	{"leave", do_leave, ACCOUNT},
	{"invite", do_invite, ONLINE},
	{"topic", do_topic, ONLINE},
	{"rooms", do_rooms, ONLINE},
	{"send-file", do_send_file, ONLINE},
	{"accept-files", do_accept_files},
	{"reject-files", do_reject_files},
	{"answer", do_answer},
	{"answer-open", do_answer_open},
	{"action", do_action, ONLINE | PIDGIN},
	{"menu", do_menu, ONLINE | PIDGIN},
};

gboolean verb_do(struct actor *a, const char *verb, const char *args)
{
	for (guint i = 0; i < G_N_ELEMENTS(verbs); i++) {
		if (strcmp(verbs[i].word, verb))
			continue;
		if ((verbs[i].need & PIDGIN) && host_ui() == HOST_BITLBEE)
			return script_fail("nobody can %s in bitlbee", verb);
		if ((verbs[i].need & ONLINE) && !actor_connection(a))
			return script_fail("%s cannot %s: not connected", a->name, verb);
		if ((verbs[i].need & ACCOUNT) && !a->account)
			return script_fail("%s cannot %s: not signed on", a->name, verb);
		return verbs[i].run(a, args);
	}
	return script_fail("%s cannot '%s'", a->name, verb);
}
