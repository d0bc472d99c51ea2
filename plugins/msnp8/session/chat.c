/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chat: conversations. A text waits for somebody to hear it, and what nobody heard is told with its
 * words. */
#include "plugins/msnp8/session/chat.h"

#include <string.h>

#include "common/text.h"

#define TEXT_MAX (MSN_WAITING_MAX * MSN_MESSAGE_MAX) /* octets of one text, before it is cut up */
#define ROOM_OF_MESSAGE (MSN_MESSAGE_MAX + 64)	     /* octets with its command */

struct text *msn_text_new(const char *text, gsize n)
{
	struct text *t = g_new0(struct text, 1);

	t->text = text ? g_strndup(text, n) : NULL;
	t->payload = g_string_new(NULL);
	return t;
}

void msn_text_free(gpointer text)
{
	struct text *t = text;

	g_free(t->text);
	g_string_free(t->payload, TRUE);
	g_free(t);
}

/* ---- chats come and go ---- */

static void chat_free(gpointer data)
{
	struct chat *chat = data;

	g_queue_clear(&chat->sbs);
	g_queue_clear_full(&chat->waiting, msn_text_free);
	g_queue_clear_full(&chat->callees, g_free);
	g_free(chat->peer);
	g_free(chat);
}

struct chats *msn_chats_new(void)
{
	struct chats *chats = g_new0(struct chats, 1);

	chats->by_number = g_hash_table_new_full(NULL, NULL, NULL, chat_free);
	chats->by_peer = g_hash_table_new(g_str_hash, g_str_equal);
	return chats;
}

void msn_chats_free(struct msn_session *s)
{
	while (s->chats->sbs.head)
		msn_sb_free(s, s->chats->sbs.head->data);
	g_hash_table_destroy(s->chats->by_peer);
	g_hash_table_destroy(s->chats->by_number);
	g_free(s->chats);
}

struct chat *msn_chat_new(struct msn_session *s, const char *peer, gboolean is_group)
{
	struct chat *chat = g_new0(struct chat, 1);

	chat->number = ++s->chats->last_number;
	chat->peer = g_strdup(peer);
	chat->is_group = is_group;
	g_hash_table_insert(s->chats->by_number, GUINT_TO_POINTER(chat->number), chat);
	if (!is_group)
		g_hash_table_insert(s->chats->by_peer, chat->peer, chat);
	return chat;
}

struct chat *msn_chat_with(struct msn_session *s, const char *peer)
{
	struct chat *chat = g_hash_table_lookup(s->chats->by_peer, peer);

	return chat ? chat : msn_chat_new(s, peer, FALSE);
}

static struct chat *chat_at(const struct msn_session *s, guint number)
{
	return g_hash_table_lookup(s->chats->by_number, GUINT_TO_POINTER(number));
}

static struct chat *chat_to(const struct msn_session *s, const char *account)
{
	g_autofree char *peer = msn_account_new(account);

	return peer ? g_hash_table_lookup(s->chats->by_peer, peer) : NULL;
}

static void chat_forget(struct msn_session *s, struct chat *chat)
{
	if (!chat->is_group)
		g_hash_table_remove(s->chats->by_peer, chat->peer);
	g_hash_table_remove(s->chats->by_number, GUINT_TO_POINTER(chat->number));
}

/* The switchboard to speak through, NULL when none is open. */
static struct sb *chat_open_sb(const struct chat *chat)
{
	for (GList *l = chat->sbs.tail; l; l = l->prev) {
		if (((struct sb *)l->data)->step == SB_OPEN)
			return l->data;
	}
	return NULL;
}

/* ---- what failed ---- */

void msn_text_failed(struct msn_session *s, const struct chat *chat, const struct text *text,
		     enum msn_failure why, int code)
{
	msn_event_push(s, &(struct msn_event){
				  .type = MSN_EVENT_MESSAGE_FAILED,
				  .chat = chat->number,
				  .account = chat->is_group ? NULL : msn_keep(s, chat->peer),
				  .text = msn_keep(s, text->text),
				  .failure = why,
				  .code = code,
			  });
}

static void fail_waiting(struct msn_session *s, struct chat *chat, enum msn_failure why, int code)
{
	struct text *text;

	while ((text = g_queue_pop_head(&chat->waiting))) {
		msn_text_failed(s, chat, text, why, code);
		msn_text_free(text);
	}
}

static void fail_callees(struct msn_session *s, struct chat *chat, int code)
{
	char *account;

	while ((account = g_queue_pop_head(&chat->callees))) {
		msn_refused(s, &(struct request){.what = MSN_REFUSED_INVITE, .account = account},
			    code);
		g_free(account);
	}
}

void msn_chat_lost_sb(struct msn_session *s, struct chat *chat, enum msn_failure why, int code)
{
	if (chat->sbs.length)
		return;
	fail_waiting(s, chat, why, code);
	fail_callees(s, chat, code);
	if (chat->is_group)
		msn_event_push(s, &(struct msn_event){.type = MSN_EVENT_CHAT_CLOSED,
						      .chat = chat->number});
	chat_forget(s, chat);
}

void msn_chats_fail(struct msn_session *s, gboolean is_lost)
{
	GHashTableIter iter;
	gpointer chat;

	while (s->chats->sbs.head)
		msn_sb_end(s, s->chats->sbs.head->data,
			   is_lost ? (int)MSN_FAILURE_LOST : MSN_NO_FAILURE, 0);
	/* None should be left without a switchboard. */
	g_hash_table_iter_init(&iter, s->chats->by_number);
	while (g_hash_table_iter_next(&iter, NULL, &chat))
		fail_waiting(s, chat, MSN_FAILURE_LOST, 0);
}

/* ---- what the switchboards say ---- */

void msn_chat_opened(struct msn_session *s, struct chat *chat, struct sb *sb)
{
	struct text *text;
	char *account;

	while ((text = g_queue_pop_head(&chat->waiting)))
		msn_sb_say(s, sb, text);
	while ((account = g_queue_pop_head(&chat->callees))) {
		msn_sb_call(s, sb, account);
		g_free(account);
	}
}

/* The switchboards of chat other than sb are still between two. */
static void leave_others(struct msn_session *s, struct chat *chat, struct sb *sb)
{
	for (GList *l = chat->sbs.head, *next; l; l = next) {
		next = l->next;
		if (l->data != sb)
			msn_sb_move(l->data, msn_chat_with(s, chat->peer));
	}
}

void msn_chat_grow(struct msn_session *s, struct chat *chat, struct sb *sb)
{
	if (!chat->is_group) {
		chat->is_group = TRUE;
		g_hash_table_remove(s->chats->by_peer, chat->peer);
		leave_others(s, chat, sb);
	}
	g_ptr_array_add(sb->people, NULL);
	msn_event_push(s,
		       &(struct msn_event){
			       .type = MSN_EVENT_CHAT_GROWN,
			       .chat = chat->number,
			       .groups = msn_keep_vector(s, (const char *const *)sb->people->pdata),
		       });
	g_ptr_array_set_size(sb->people, (int)sb->people->len - 1);
}

/* ---- sending ---- */

/* text in pieces that fit into a message each; NULL when there is nothing, or too much. */
static GQueue *pieces_new(const char *raw, const struct msn_style *style)
{
	g_autofree char *text = text_repair(raw, -1);
	gsize left = strlen(text);
	GQueue *pieces;

	if (left == 0 || left > TEXT_MAX)
		return NULL;
	pieces = g_queue_new();
	for (const char *at = text; *at;) {
		struct text *piece = msn_text_new(NULL, 0);
		gsize n = msn_body_write_text(piece->payload, at, style);

		if (n == 0 || pieces->length == MSN_WAITING_MAX) {
			msn_text_free(piece);
			g_queue_free_full(pieces, msn_text_free);
			return NULL;
		}
		piece->text = g_strndup(at, n);
		g_queue_push_tail(pieces, piece);
		at += n;
	}
	return pieces;
}

static gboolean has_room(const struct chat *chat, const struct sb *sb, guint n)
{
	if (sb)
		return msn_sb_can_send(sb, n, (gsize)n * ROOM_OF_MESSAGE);
	return chat->waiting.length + n <= MSN_WAITING_MAX;
}

static gboolean can_open(const struct msn_session *s)
{
	return s->stage == STAGE_READY && s->chats->sbs.length < MSN_SWITCHBOARDS_MAX &&
	       msn_link_has_room(s->ns, 64);
}

/* All of pieces said, or waiting to be said. FALSE: not possible now, and they are unchanged. */
static gboolean say_all(struct msn_session *s, struct chat *chat, GQueue *pieces)
{
	struct sb *sb = chat_open_sb(chat);
	struct text *piece;

	if (!has_room(chat, sb, pieces->length) || (chat->sbs.length == 0 && !can_open(s)))
		return FALSE;
	while ((piece = g_queue_pop_head(pieces))) {
		if (sb)
			msn_sb_say(s, sb, piece);
		else
			g_queue_push_tail(&chat->waiting, piece);
	}
	if (chat->sbs.length == 0)
		msn_sb_ask(s, chat);
	return TRUE;
}

/* takes pieces, nullable */
static guint say_to(struct msn_session *s, const char *account, GQueue *pieces)
{
	g_autofree char *peer = msn_account_new(account);
	struct chat *chat;
	guint number = 0;

	if (pieces && peer && s->was_ready && s->stage != STAGE_ENDED) {
		chat = msn_chat_with(s, peer);
		if (say_all(s, chat, pieces))
			number = chat->number;
		else if (chat->sbs.length == 0)
			chat_forget(s, chat);
	}
	if (pieces)
		g_queue_free_full(pieces, msn_text_free);
	return number;
}

guint msn_im_send(struct msn_session *s, const char *account, const char *text,
		  const struct msn_style *style)
{
	return say_to(s, account, pieces_new(text, style));
}

gboolean msn_nudge_send(struct msn_session *s, const char *account)
{
	GQueue *pieces = g_queue_new();
	struct text *nudge = msn_text_new(NULL, 0);

	msn_body_write_nudge(nudge->payload);
	g_queue_push_tail(pieces, nudge);
	return say_to(s, account, pieces) != 0;
}

gboolean msn_chat_send(struct msn_session *s, guint chat, const char *text,
		       const struct msn_style *style)
{
	struct chat *where = chat_at(s, chat);
	GQueue *pieces = where && where->sbs.length ? pieces_new(text, style) : NULL;
	gboolean is_said = pieces && say_all(s, where, pieces);

	if (pieces)
		g_queue_free_full(pieces, msn_text_free);
	return is_said;
}

gboolean msn_typing_send(struct msn_session *s, const char *account)
{
	struct chat *chat = chat_to(s, account);
	struct sb *sb = chat ? chat_open_sb(chat) : NULL;
	GString *payload;
	gboolean is_said;

	if (!sb || !msn_sb_can_send(sb, 1, ROOM_OF_MESSAGE))
		return FALSE;
	payload = g_string_new(NULL);
	is_said = msn_body_write_typing(payload, s->account);
	if (is_said)
		msn_sb_whisper(s, sb, payload);
	g_string_free(payload, TRUE);
	return is_said;
}

/* ---- opening and closing ---- */

guint msn_chat_of(const struct msn_session *s, const char *account)
{
	const struct chat *chat = chat_to(s, account);

	return chat ? chat->number : 0;
}

gboolean msn_im_close(struct msn_session *s, const char *account)
{
	struct chat *chat = chat_to(s, account);
	guint n = chat ? chat->sbs.length : 0;
	gboolean is_closed = FALSE;

	/* One that is not open yet may have a text waiting for it. */
	for (; n; n--) {
		struct sb *sb = g_queue_peek_head(&chat->sbs);

		if (sb->step != SB_OPEN) {
			g_queue_push_tail(&chat->sbs, g_queue_pop_head(&chat->sbs));
			continue;
		}
		is_closed = TRUE;
		msn_sb_end(s, sb, MSN_NO_FAILURE, 0);
	}
	return is_closed;
}

guint msn_chat_start(struct msn_session *s, const char *account)
{
	g_autofree char *peer = msn_account_new(account);
	struct chat *chat;

	if (!peer || !can_open(s))
		return 0;
	chat = msn_chat_new(s, peer, TRUE);
	msn_sb_ask(s, chat);
	return chat->number;
}

gboolean msn_chat_invite(struct msn_session *s, guint chat, const char *account)
{
	g_autofree char *who = msn_account_new(account);
	struct chat *where = chat_at(s, chat);
	struct sb *sb = where ? chat_open_sb(where) : NULL;

	if (!who || !where || where->sbs.length == 0)
		return FALSE;
	if (sb && msn_sb_can_send(sb, 1, ROOM_OF_MESSAGE)) {
		msn_sb_call(s, sb, who);
		return TRUE;
	}
	if (sb || where->callees.length >= MSN_PEOPLE_MAX)
		return FALSE;
	g_queue_push_tail(&where->callees, g_steal_pointer(&who));
	return TRUE;
}

gboolean msn_chat_leave(struct msn_session *s, guint chat)
{
	struct chat *where = chat_at(s, chat);

	if (!where || !where->is_group || where->sbs.length == 0)
		return FALSE;
	msn_sb_end(s, g_queue_peek_head(&where->sbs), MSN_NO_FAILURE, 0);
	return TRUE;
}
