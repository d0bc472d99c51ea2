/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sb: the switchboard: rooms, the keys that open them, and what is said in them. */
#ifndef TESTS_PEERS_MSNP8_SB_H
#define TESTS_PEERS_MSNP8_SB_H
#include "tests/peers/msnp8/conn.h"

#define MESSAGE_MAX 1664
#define ROOM_MAX 64 /* people */

struct room {
	struct server *server;
	char *id;
	GPtrArray *people; /* struct conn, in the order they came */
	gint64 spoken;	   /* seconds */
};

/* Opens a switchboard for one person, once. */
struct key {
	struct user *user;
	char *room; /* id; NULL: a new one */
	gint64 made;
};

struct sb {
	struct room *room;
};

extern const struct role sb_role;

void key_free(gpointer data);
void room_free(gpointer data);
/* A new key. (transfer full) */
char *key_new(struct server *s, struct user *u, const char *room);
/* Ends a room: everybody is told that everybody else has left. */
void room_end(struct room *room, gboolean is_idle);
void rooms_sweep(struct server *s, gboolean is_all); /* those idle too long; or all */
#endif
