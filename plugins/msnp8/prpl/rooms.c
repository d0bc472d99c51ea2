/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rooms: group chats. A chat has no name in this protocol, and ends with the last who leaves: the
 * name of its conversation is made here, and stays. */
#include "plugins/msnp8/prpl/rooms.h"

#include <blist.h>
#include <errno.h>
#include <glib/gi18n-lib.h>
#include <notify.h>
#include <server.h>
#include <string.h>

#include "plugins/msnp8/prpl/commands.h"
#include "plugins/msnp8/prpl/people.h"
#include "plugins/msnp8/prpl/pump.h"
#include "plugins/msnp8/prpl/say.h"

#define WHO "who" /* the only component of a chat: with whom it begins */

/* ---- rooms ---- */

static struct room *room_of(struct client *c, guint chat)
{
	for (GSList *l = c->rooms; l; l = l->next) {
		if (((struct room *)l->data)->chat == chat)
			return l->data;
	}
	return NULL;
}

static void room_free(gpointer data)
{
	struct room *room = data;

	g_free(room->name);
	g_free(room);
}

static void room_forget(struct client *c, struct room *room)
{
	c->rooms = g_slist_remove(c->rooms, room);
	room_free(room);
}

static PurpleConversation *conversation_of(struct client *c, const char *name)
{
	return purple_find_conversation_with_account(PURPLE_CONV_TYPE_CHAT, name, c->account);
}

PurpleConversation *rooms_conversation(struct client *c, guint chat)
{
	const struct room *room = room_of(c, chat);

	return room ? conversation_of(c, room->name) : NULL;
}

/* One that no conversation has, not even one whose chat is over. */
static char *name_new(struct client *c)
{
	for (guint i = 1;; i++) {
		g_autofree char *name = g_strdup_printf("MSN chat %u", i);

		if (!conversation_of(c, name))
			return g_steal_pointer(&name);
	}
}

/* bitlbee knows us in a chat by the name of the account only. */
static char *own_nick(struct client *c)
{
	return g_strdup(purple_normalize(c->account, purple_account_get_username(c->account)));
}

static void title_set(struct client *c, PurpleConversation *conv)
{
	g_autofree char *own = own_nick(c);
	GString *title = g_string_new(NULL);

	for (GList *l = purple_conv_chat_get_users(PURPLE_CONV_CHAT(conv)); l; l = l->next) {
		const char *who = purple_conv_chat_cb_get_name(l->data);

		if (strcmp(who, own) != 0)
			g_string_append_printf(title, "%s%s", title->len ? ", " : "",
					       people_name(c, who));
	}
	purple_conversation_set_title(conv,
				      title->len ? title->str : purple_conversation_get_name(conv));
	g_string_free(title, TRUE);
}

/* The conversation of a chat, opened when there is none. wish: its name if it is free; nullable. */
static PurpleConversation *room_open(struct client *c, guint chat, const char *wish)
{
	struct room *room = room_of(c, chat);
	PurpleConversation *conv = wish ? conversation_of(c, wish) : NULL;
	g_autofree char *own = NULL;
	gboolean is_free = wish && (!conv || purple_conv_chat_has_left(PURPLE_CONV_CHAT(conv)));

	if (room)
		return conversation_of(c, room->name);
	room = g_new0(struct room, 1);
	room->chat = chat;
	room->name = is_free ? g_strdup(wish) : name_new(c);
	c->rooms = g_slist_prepend(c->rooms, room);
	conv = serv_got_joined_chat(c->gc, (int)chat, room->name);
	own = own_nick(c);
	purple_conv_chat_set_nick(PURPLE_CONV_CHAT(conv), own);
	purple_conv_chat_add_user(PURPLE_CONV_CHAT(conv), own, NULL, PURPLE_CBFLAGS_NONE, FALSE);
	return conv;
}

static guint start(struct client *c, const char *who)
{
	guint chat = msn_chat_start(c->session, who);

	if (chat)
		room_open(c, chat, who);
	else
		purple_notify_error(c->gc, NOTICE_TITLE, _("The chat cannot be opened"),
				    _("It begins with the account of a person, which has the form "
				      "“name@example.org”."));
	return chat;
}

/* ---- from the network ---- */

static void grown(struct client *c, const struct msn_event *ev)
{
	PurpleConversation *conv = room_open(c, ev->chat, NULL), *im;
	PurpleConvChat *chat = PURPLE_CONV_CHAT(conv);
	GList *users = NULL, *flags = NULL;

	for (guint i = 0; ev->groups && ev->groups[i]; i++) {
		if (purple_conv_chat_find_user(chat, ev->groups[i]))
			continue;
		users = g_list_append(users, (gpointer)ev->groups[i]);
		flags = g_list_append(flags, GINT_TO_POINTER(PURPLE_CBFLAGS_NONE));
	}
	if (users)
		purple_conv_chat_add_users(chat, users, NULL, flags, FALSE);
	g_list_free(users);
	g_list_free(flags);
	title_set(c, conv);
	say(conv, PURPLE_MESSAGE_SYSTEM, _("More than two people are in this conversation now."));
	if (!ev->groups || !ev->groups[0])
		return;
	im = purple_find_conversation_with_account(PURPLE_CONV_TYPE_IM, ev->groups[0], c->account);
	if (im)
		say(im, PURPLE_MESSAGE_SYSTEM,
		    _("Somebody has joined. The conversation goes on as a group chat."));
}

static void joined(struct client *c, const struct msn_event *ev)
{
	PurpleConversation *conv = room_open(c, ev->chat, NULL);

	if (!purple_conv_chat_find_user(PURPLE_CONV_CHAT(conv), ev->account))
		purple_conv_chat_add_user(PURPLE_CONV_CHAT(conv), ev->account, NULL,
					  PURPLE_CBFLAGS_NONE, TRUE);
	title_set(c, conv);
}

static void left(struct client *c, const struct msn_event *ev)
{
	PurpleConversation *conv = rooms_conversation(c, ev->chat);

	if (!conv || !purple_conv_chat_find_user(PURPLE_CONV_CHAT(conv), ev->account))
		return;
	purple_conv_chat_remove_user(PURPLE_CONV_CHAT(conv), ev->account, NULL);
	title_set(c, conv);
}

static void closed(struct client *c, guint chat)
{
	struct room *room = room_of(c, chat);
	PurpleConversation *conv = rooms_conversation(c, chat);

	if (!room)
		return;
	if (conv)
		say(conv, PURPLE_MESSAGE_SYSTEM, _("The chat is over."));
	room_forget(c, room);
	serv_got_chat_left(c->gc, (int)chat);
}

static void message(struct client *c, const struct msn_event *ev)
{
	g_autofree char *html = say_html(ev->text, &ev->style);

	room_open(c, ev->chat, NULL);
	serv_got_chat_in(c->gc, (int)ev->chat, ev->account, PURPLE_MESSAGE_RECV, html, time(NULL));
}

/* ---- from the user ---- */

/* Values may be missing: hosts join again by themselves what they had open, which nobody can. */
static void join_chat(PurpleConnection *gc, GHashTable *components)
{
	struct client *c = client_of(gc);
	const char *who = components ? g_hash_table_lookup(components, WHO) : NULL;

	if (!c || !who || !*who)
		return;
	if (!start(c, who))
		purple_serv_got_join_chat_failed(gc, components);
	pump_turn(c);
}

static GList *chat_info(PurpleConnection *gc)
{
	struct proto_chat_entry *entry = g_new0(struct proto_chat_entry, 1);

	entry->label = _("_With:");
	entry->identifier = WHO;
	entry->required = TRUE;
	return g_list_append(NULL, entry);
}

static GHashTable *chat_info_defaults(PurpleConnection *gc, const char *name)
{
	GHashTable *defaults = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);

	if (name && strchr(name, '@'))
		g_hash_table_insert(defaults, (gpointer)WHO, g_strdup(name));
	return defaults;
}

static char *get_chat_name(GHashTable *components)
{
	return g_strdup(g_hash_table_lookup(components, WHO));
}

static int chat_send(PurpleConnection *gc, int id, const char *html, PurpleMessageFlags flags)
{
	struct client *c = client_of(gc);
	struct msn_style style;
	g_autofree char *font = NULL;
	g_autofree char *text = say_text(html, &style, &font);
	g_autofree char *own = NULL;
	PurpleConversation *conv = c ? rooms_conversation(c, (guint)id) : NULL;

	if (!conv)
		return -ENOTCONN;
	if (strlen(text) > CHAT_TEXT_MAX)
		return -E2BIG;
	if (!*text || (say_is_bare() && text[0] == '/' && commands_typed(conv, text)))
		return 0;
	if (!msn_chat_send(c->session, (guint)id, text, &style))
		return -ENOTCONN;
	own = own_nick(c);
	serv_got_chat_in(gc, id, own, PURPLE_MESSAGE_SEND, html, time(NULL));
	pump_turn(c);
	return 0;
}

static void chat_leave(PurpleConnection *gc, int id)
{
	struct client *c = client_of(gc);
	struct room *room = c ? room_of(c, (guint)id) : NULL;

	if (!room)
		return;
	msn_chat_leave(c->session, (guint)id);
	room_forget(c, room);
	serv_got_chat_left(gc, id);
	pump_turn(c);
}

gboolean rooms_invite(struct client *c, PurpleConversation *conv, const char *account)
{
	const char *name = purple_conversation_get_name(conv);
	guint chat;

	if (purple_conversation_get_type(conv) == PURPLE_CONV_TYPE_CHAT)
		chat = (guint)purple_conv_chat_get_id(PURPLE_CONV_CHAT(conv));
	else if (!(chat = msn_chat_of(c->session, name)))
		chat = start(c, name);
	if (!chat || !msn_chat_invite(c->session, chat, account))
		return FALSE;
	pump_turn(c);
	return TRUE;
}

static void chat_invite(PurpleConnection *gc, int id, const char *message, const char *who)
{
	struct client *c = client_of(gc);
	PurpleConversation *conv = c ? rooms_conversation(c, (guint)id) : NULL;
	g_autofree char *primary = NULL;

	if (!conv || rooms_invite(c, conv, who))
		return;
	primary = g_strdup_printf(_("“%s” cannot be invited"), who);
	purple_notify_error(gc, NOTICE_TITLE, primary,
			    _("Accounts have the form “name@example.org”."));
}

static void menu_chat(PurpleBlistNode *node, gpointer user)
{
	PurpleBuddy *buddy = (PurpleBuddy *)node;
	struct client *c =
		client_of(purple_account_get_connection(purple_buddy_get_account(buddy)));

	if (!c)
		return;
	start(c, purple_buddy_get_name(buddy));
	pump_turn(c);
}

/* bitlbee finds it by its English name. */
static GList *node_menu(PurpleBlistNode *node)
{
	if (!PURPLE_BLIST_NODE_IS_BUDDY(node))
		return NULL;
	return g_list_append(NULL, purple_menu_action_new(_("Initiate Chat"),
							  PURPLE_CALLBACK(menu_chat), NULL, NULL));
}

static char *real_name(PurpleConnection *gc, int id, const char *who)
{
	return g_strdup(who);
}

static char *alias_of(PurpleConnection *gc, int id, const char *who)
{
	struct client *c = client_of(gc);

	return g_strdup(c ? people_name(c, who) : who);
}

/* ---- */

static gboolean event(struct client *c, const struct msn_event *ev)
{
	switch (ev->type) {
	case MSN_EVENT_CHAT_GROWN:
		grown(c, ev);
		return TRUE;
	case MSN_EVENT_CHAT_JOINED:
		joined(c, ev);
		return TRUE;
	case MSN_EVENT_CHAT_LEFT:
		left(c, ev);
		return TRUE;
	case MSN_EVENT_CHAT_CLOSED:
		closed(c, ev->chat);
		return TRUE;
	case MSN_EVENT_MESSAGE:
		message(c, ev);
		return TRUE;
	default:
		return FALSE;
	}
}

static void leave(struct client *c)
{
	g_slist_free_full(g_steal_pointer(&c->rooms), room_free);
}

static void setup(PurplePluginProtocolInfo *info)
{
	info->join_chat = join_chat;
	info->chat_info = chat_info;
	info->chat_info_defaults = chat_info_defaults;
	info->get_chat_name = get_chat_name;
	info->chat_send = chat_send;
	info->chat_leave = chat_leave;
	info->chat_invite = chat_invite;
	info->blist_node_menu = node_menu;
	info->get_cb_real_name = real_name;
	info->get_cb_alias = alias_of;
}

static const struct part rooms = {.event = event, .setup = setup, .leave = leave};
MSN_PART(rooms);
