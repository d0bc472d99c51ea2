/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sb: USR and ANS let in, CAL asks others, MSG goes to everybody else in the room. */
#include "tests/peers/msnp8/sb.h"

#include "tests/peers/msnp8/ns.h"

#include <string.h>

static gboolean is_revival(const struct conn *c)
{
	return options_is_revival(c->server->options);
}

/* ---- keys ---- */

void key_free(gpointer data)
{
	struct key *key = data;

	g_free(key->room);
	g_free(key);
}

char *key_new(struct server *s, struct user *u, const char *room)
{
	struct key *key = g_new0(struct key, 1);
	char *text;

	if (options_is_revival(s->options))
		text = random_hex(20);
	else {
		g_autofree char *front = random_digits(10), *back = random_digits(8);

		text = g_strconcat(front, ".", back, NULL);
	}
	key->user = u;
	key->room = g_strdup(room);
	key->made = server_seconds();
	g_hash_table_replace(s->keys, g_strdup(text), key);
	return text;
}

/* Whom the key belongs to if it is his and for this room (NULL: a new one); it is used up. */
static struct user *key_take(struct server *s, const char *text, const char *account,
			     const char *room)
{
	struct key *key = g_hash_table_lookup(s->keys, text);
	struct user *u = NULL;

	if (!key)
		return NULL;
	if (!strcmp(key->user->account, account) && !g_strcmp0(key->room, room) &&
	    server_seconds() - key->made <= options_number(s->options, "key-life"))
		u = key->user;
	g_hash_table_remove(s->keys, text);
	return u;
}

/* ---- rooms ---- */

static struct room *room_new(struct server *s)
{
	struct room *room = g_new0(struct room, 1);

	room->server = s;
	room->id = options_is_revival(s->options) ? random_hex(31) : random_digits(8);
	room->people = g_ptr_array_new();
	room->spoken = server_seconds();
	g_hash_table_replace(s->rooms, room->id, room);
	return room;
}

void room_free(gpointer data)
{
	struct room *room = data;

	g_ptr_array_unref(room->people);
	g_free(room->id);
	g_free(room);
}

static struct conn *room_find(const struct room *room, const char *account)
{
	guint i;

	for (i = 0; i < room->people->len; i++) {
		struct conn *c = room->people->pdata[i];

		if (!strcmp(c->user->account, account))
			return c;
	}
	return NULL;
}

void room_end(struct room *room, gboolean is_idle)
{
	g_autoptr(GPtrArray) people = g_ptr_array_copy(room->people, NULL, NULL);
	guint i, j;

	for (i = 0; is_idle && i < people->len; i++)
		for (j = 0; j < people->len; j++)
			if (i != j)
				conn_say(people->pdata[i], "BYE %s 1",
					 ((struct conn *)people->pdata[j])->user->account);
	g_ptr_array_set_size(room->people, 0); /* so that nobody hears it twice */
	for (i = 0; i < people->len; i++) {
		((struct sb *)((struct conn *)people->pdata[i])->state)->room = NULL;
		conn_end(people->pdata[i]);
	}
	g_hash_table_remove(room->server->rooms, room->id);
}

void rooms_sweep(struct server *s, gboolean is_all)
{
	g_autoptr(GList) rooms = g_hash_table_get_values(s->rooms);
	guint idle = options_number(s->options, "idle");
	GList *at;

	for (at = rooms; at; at = at->next) {
		struct room *room = at->data;

		if (is_all || (idle && server_seconds() - room->spoken >= idle))
			room_end(room, TRUE);
	}
}

static void sb_left(struct conn *c)
{
	struct sb *sb = c->state;
	struct room *room = sb->room;
	guint i;

	if (!room)
		return;
	sb->room = NULL;
	g_ptr_array_remove(room->people, c);
	for (i = 0; i < room->people->len; i++)
		conn_say(room->people->pdata[i], "BYE %s", c->user->account);
	if (!room->people->len)
		g_hash_table_remove(room->server->rooms, room->id);
}

/* ---- coming in ---- */

static void sb_refuse(struct conn *c, const struct request *r)
{
	conn_refuse(c, r, 911);
	conn_end(c);
}

static void sb_enter(struct conn *c, struct user *u, struct room *room)
{
	conn_set_user(c, u);
	((struct sb *)c->state)->room = room;
	g_ptr_array_add(room->people, c);
}

static void sb_usr(struct conn *c, const struct request *r)
{
	struct user *u = c->user ? NULL : key_take(c->server, r->words[3], r->words[2], NULL);
	g_autofree char *name = NULL;

	if (!u) {
		sb_refuse(c, r);
		return;
	}
	sb_enter(c, u, room_new(c->server));
	name = name_encode(c->server, u->name);
	conn_say(c, "USR %s OK %s %s", r->words[1], u->account, name);
}

static void sb_introduce(struct conn *c, const struct request *r, const struct room *room)
{
	g_autofree char *name = name_encode(c->server, c->user->name);
	guint i;

	for (i = 0; i < room->people->len - 1; i++) {
		struct conn *other = room->people->pdata[i];
		g_autofree char *theirs = name_encode(c->server, other->user->name);

		conn_say(c, "IRO %s %u %u %s %s", r->words[1], i + 1, room->people->len - 1,
			 other->user->account, theirs);
	}
	conn_say(c, "ANS %s OK", r->words[1]);
	for (i = 0; i < room->people->len - 1; i++)
		conn_say(room->people->pdata[i], "JOI %s %s", c->user->account, name);
}

static void sb_ans(struct conn *c, const struct request *r)
{
	struct room *room = g_hash_table_lookup(c->server->rooms, r->words[4]);
	struct user *u =
		c->user ? NULL : key_take(c->server, r->words[3], r->words[2], r->words[4]);

	if (!u || !room || room->people->len >= ROOM_MAX || room_find(room, u->account)) {
		sb_refuse(c, r);
		return;
	}
	sb_enter(c, u, room);
	sb_introduce(c, r, room);
}

/* ---- calling others ---- */

/* 0, or the error. The revival lets the blocked ring, too. */
static guint cal_problem(struct conn *c, const char *account)
{
	const struct user *u = users_find(c->server->users, account);
	const struct room *room = ((struct sb *)c->state)->room;

	if (!account_is_valid(account))
		return 208;
	if (room_find(room, account))
		return 215;
	if (!u || !presence_shown(u))
		return 217;
	if (!is_revival(c) && !user_allows(u, c->user->account))
		return 216;
	return 0;
}

static void sb_cal(struct conn *c, const struct request *r)
{
	struct room *room = ((struct sb *)c->state)->room;
	guint problem = cal_problem(c, r->words[2]);
	g_autofree char *name = NULL, *key = NULL;
	struct user *u;

	if (problem) {
		conn_refuse(c, r, problem);
		return;
	}
	u = users_find(c->server->users, r->words[2]);
	name = name_encode(c->server, c->user->name);
	key = key_new(c->server, u, room->id);
	conn_say(c, "CAL %s RINGING %s", r->words[1], room->id);
	conn_say(u->ns, "RNG %s 127.0.0.1:%u CKI %s %s %s", room->id, c->server->ports[PORT_SB],
		 key, c->user->account, name);
}

/* ---- talking ---- */

static gboolean body_is(const struct request *r, const char *type)
{
	return g_strstr_len(r->body, r->n_body, type) != NULL;
}

/* Everybody else gets it but whom "nak" names; TRUE: all did, and somebody was there. */
static gboolean msg_relay(struct conn *c, const struct request *r)
{
	const struct room *room = ((struct sb *)c->state)->room;
	g_autofree char *name = name_encode(c->server, c->user->name);
	g_autofree char *head = g_strdup_printf("MSG %s %s", c->user->account, name);
	gboolean is_delivered = room->people->len > 1;
	guint i;

	for (i = 0; i < room->people->len; i++) {
		struct conn *other = room->people->pdata[i];

		if (other == c)
			continue;
		if (options_is(c->server->options, "nak", other->user->account))
			is_delivered = FALSE;
		else
			conn_say_body(other, head, r->body, r->n_body);
	}
	return is_delivered;
}

static void sb_msg(struct conn *c, const struct request *r)
{
	struct room *room = ((struct sb *)c->state)->room;
	const char *types = is_revival(c) ? "UNAD" : "UNA", *type = r->words[2];
	gboolean is_delivered;

	if (strlen(type) != 1 || !strchr(types, *type) ||
	    (is_revival(c) && *type != 'D' && body_is(r, "application/x-msnmsgrp2p"))) {
		conn_end(c);
		return;
	}
	room->spoken = server_seconds();
	is_delivered = msg_relay(c, r);
	/* The revival confirms what nobody has got; but a fault asked for is a fault. */
	if (is_revival(c) && !*options_get(c->server->options, "nak"))
		is_delivered = TRUE;
	if (!is_delivered && (*type == 'N' || *type == 'A'))
		conn_say(c, "NAK %s", r->words[1]);
	else if (is_delivered && (*type == 'A' || *type == 'D'))
		conn_say(c, "ACK %s", r->words[1]);
}

static void sb_out(struct conn *c, const struct request *r)
{
	conn_end(c);
}

/* clang-format off */
static const struct command sb_commands[] = {
	{"USR", 4, TRUE, sb_usr},
	{"ANS", 5, TRUE, sb_ans},
	{"CAL", 3, FALSE, sb_cal},
	{"MSG", 4, FALSE, sb_msg, 3, MESSAGE_MAX},
	{"OUT", 1, TRUE, sb_out},
	{NULL},
};
/* clang-format on */

const struct role sb_role = {"-sb", sb_commands, sb_left, sizeof(struct sb)};
