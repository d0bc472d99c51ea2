/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is seen of conversations, rooms and lists of rooms. */
#include <blist.h>
#include <conversation.h>
#include <roomlist.h>
#include <server.h>
#include <signals.h>
#include <string.h>
#include <util.h>

#include "tests/host/parts.h"

#define OLD_S 5 /* an older message is shown with its time */

static int handle;

static const char *name_of(PurpleConversation *conv)
{
	return actor_name(purple_conversation_get_account(conv));
}

static gboolean is_chat(PurpleConversation *conv)
{
	return purple_conversation_get_type(conv) == PURPLE_CONV_TYPE_CHAT;
}

/* ---- messages ---- */

static char *describe_flags(PurpleMessageFlags flags, time_t when)
{
	static const struct {
		PurpleMessageFlags flag;
		const char *text;
	} names[] = {
		{PURPLE_MESSAGE_RECV, "[recv] "},
		{PURPLE_MESSAGE_SEND, "[send] "},
		{PURPLE_MESSAGE_SYSTEM, "[system] "},
		{PURPLE_MESSAGE_ERROR, "[error] "},
		{PURPLE_MESSAGE_AUTO_RESP, "[auto] "},
		{PURPLE_MESSAGE_NICK, "[nick] "},
		{PURPLE_MESSAGE_WHISPER, "[whisper] "},
		{PURPLE_MESSAGE_REMOTE_SEND, "[remote-send] "},
	};
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (flags & names[i].flag)
			g_string_append(text, names[i].text);
	/* Some protocols give the time alone; hosts show it either way. */
	if (flags & PURPLE_MESSAGE_DELAYED || when + OLD_S < g_get_real_time() / G_USEC_PER_SEC) {
		g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(when);
		g_autofree char *stamp = g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");

		g_string_append_printf(text, "[%s %s] ",
				       flags & PURPLE_MESSAGE_DELAYED ? "delayed" : "at", stamp);
	}
	return g_string_free(text, FALSE);
}

static void show_message(PurpleConversation *conv, const char *who, const char *message,
			 PurpleMessageFlags flags, time_t when)
{
	g_autofree char *marks = describe_flags(flags, when);
	const char *where = purple_conversation_get_name(conv);

	if (is_chat(conv))
		host_event(name_of(conv), "chat-message %s %s %s%s", where, who && *who ? who : "-",
			   marks, message);
	else
		host_event(name_of(conv), "message %s %s%s", where, marks, message);
}

static void write_conv(PurpleConversation *conv, const char *name, const char *alias,
		       const char *message, PurpleMessageFlags flags, time_t when)
{
	show_message(conv, name, message, flags, when);
}

/* bitlbee has shown already what its user typed; what the user sent from elsewhere, or what a room
 * plays back, it does show. */
static void bitlbee_write(PurpleConversation *conv, const char *who, const char *message,
			  PurpleMessageFlags flags, time_t when)
{
	if (!(flags & PURPLE_MESSAGE_SEND) ||
	    (flags & (PURPLE_MESSAGE_DELAYED | PURPLE_MESSAGE_REMOTE_SEND)))
		show_message(conv, who, message, flags, when);
}

/* Errors and system lines written past the two calls above never reach a bitlbee user. */
static void bitlbee_write_conv(PurpleConversation *conv, const char *name, const char *alias,
			       const char *message, PurpleMessageFlags flags, time_t when)
{
	if (flags & PURPLE_MESSAGE_REMOTE_SEND)
		show_message(conv, name, message, flags, when);
}

/* ---- members of a room ---- */

static void show_joined(PurpleConversation *conv, GList *members, gboolean is_new)
{
	for (; members; members = members->next) {
		const PurpleConvChatBuddy *member = members->data;

		host_event(name_of(conv), "chat-join %s %s", purple_conversation_get_name(conv),
			   member->name);
	}
}

static void show_parted(PurpleConversation *conv, GList *names)
{
	for (; names; names = names->next)
		host_event(name_of(conv), "chat-part %s %s", purple_conversation_get_name(conv),
			   (const char *)names->data);
}

static void show_renamed(PurpleConversation *conv, const char *old, const char *new_name,
			 const char *alias)
{
	host_event(name_of(conv), "chat-rename %s %s %s", purple_conversation_get_name(conv), old,
		   new_name);
}

static void show_member_flags(PurpleConversation *conv, const char *who)
{
	PurpleConvChatBuddyFlags flags =
		purple_conv_chat_user_get_flags(PURPLE_CONV_CHAT(conv), who);

	host_event(name_of(conv), "chat-flags %s %s%s%s%s%s%s", purple_conversation_get_name(conv),
		   who, flags & PURPLE_CBFLAGS_VOICE ? " voice" : "",
		   flags & PURPLE_CBFLAGS_HALFOP ? " halfop" : "",
		   flags & PURPLE_CBFLAGS_OP ? " op" : "",
		   flags & PURPLE_CBFLAGS_FOUNDER ? " founder" : "",
		   flags & PURPLE_CBFLAGS_AWAY ? " away" : "");
}

static void show_topic(PurpleConversation *conv, const char *who, const char *topic,
		       gpointer unused)
{
	host_event(name_of(conv), "chat-topic %s \"%s\" %s", purple_conversation_get_name(conv),
		   TEXT(topic), TEXT(who));
}

static void show_chat_open(PurpleConversation *conv, gpointer unused)
{
	host_event(name_of(conv), "chat-joined %s", purple_conversation_get_name(conv));
}

static void show_chat_left(PurpleConversation *conv, gpointer unused)
{
	host_event(name_of(conv), "chat-left %s", purple_conversation_get_name(conv));
}

static void show_chat_failed(PurpleConnection *gc, GHashTable *components, gpointer unused)
{
	host_event(actor_name(purple_connection_get_account(gc)), "chat-failed");
}

/* ---- signals ---- */

static void show_typing(PurpleAccount *account, const char *who, const char *state)
{
	/* bitlbee looks the conversation up to learn the state. */
	if (host_ui() == HOST_BITLBEE &&
	    !purple_find_conversation_with_account(PURPLE_CONV_TYPE_IM, who, account))
		return;
	host_event(actor_name(account), "typing %s %s", who, state);
}

static void on_typing(PurpleAccount *account, const char *who, gpointer unused)
{
	show_typing(account, who, "composing");
}

static void on_typed(PurpleAccount *account, const char *who, gpointer unused)
{
	show_typing(account, who, "paused");
}

static void on_typing_stopped(PurpleAccount *account, const char *who, gpointer unused)
{
	show_typing(account, who, "stopped");
}

static void show_attention(PurpleAccount *account, const char *who, PurpleConversation *conv,
			   guint type, gpointer unused)
{
	host_event(actor_name(account), "attention %s", who);
}

/* ---- lists of rooms ---- */

static void show_room(PurpleRoomlist *list, PurpleRoomlistRoom *room)
{
	GString *text = g_string_new(room->name);
	GList *value = room->fields;

	for (GList *l = list->fields; l && value; l = l->next, value = value->next) {
		const PurpleRoomlistField *field = l->data;

		if (field->hidden)
			continue;
		if (field->type == PURPLE_ROOMLIST_FIELD_STRING)
			g_string_append_printf(text, " %s=\"%s\"", field->name,
					       TEXT((const char *)value->data));
		else
			g_string_append_printf(text, " %s=%d", field->name,
					       GPOINTER_TO_INT(value->data));
	}
	host_event(actor_name(list->account), "room %s", text->str);
	g_string_free(text, TRUE);
}

static void show_rooms_end(PurpleRoomlist *list, gboolean is_running)
{
	if (!is_running)
		host_event(actor_name(list->account), "rooms-end");
}

static PurpleRoomlistUiOps roomlist_ops = {
	.add_room = show_room,
	.in_progress = show_rooms_end,
};

static PurpleConversationUiOps pidgin_ops = {
	.write_conv = write_conv,
	.chat_add_users = show_joined,
	.chat_remove_users = show_parted,
	.chat_rename_user = show_renamed,
	.chat_update_user = show_member_flags,
};

static PurpleConversationUiOps bitlbee_ops = {
	.write_im = bitlbee_write,
	.write_chat = bitlbee_write,
	.write_conv = bitlbee_write_conv,
	.chat_add_users = show_joined,
	.chat_remove_users = show_parted,
};

static void connect_signal(const char *signal, PurpleCallback callback)
{
	purple_signal_connect(purple_conversations_get_handle(), signal, &handle, callback, NULL);
}

void talk_init(void)
{
	const gboolean is_pidgin = host_ui() == HOST_PIDGIN;

	purple_conversations_set_ui_ops(is_pidgin ? &pidgin_ops : &bitlbee_ops);
	purple_roomlist_set_ui_ops(&roomlist_ops);
	connect_signal("buddy-typing", PURPLE_CALLBACK(on_typing));
	connect_signal("buddy-typed", PURPLE_CALLBACK(on_typed));
	connect_signal("buddy-typing-stopped", PURPLE_CALLBACK(on_typing_stopped));
	connect_signal("chat-joined", PURPLE_CALLBACK(show_chat_open));
	connect_signal("chat-left", PURPLE_CALLBACK(show_chat_left));
	connect_signal("chat-join-failed", PURPLE_CALLBACK(show_chat_failed));
	if (!is_pidgin)
		return;
	connect_signal("chat-topic-changed", PURPLE_CALLBACK(show_topic));
	connect_signal("got-attention", PURPLE_CALLBACK(show_attention));
}
