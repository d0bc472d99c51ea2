/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conn: a client's conversation in commands, over TCP or through the gateway. */
#ifndef TESTS_PEERS_MSNP8_CONN_H
#define TESTS_PEERS_MSNP8_CONN_H
#include "tests/peers/msnp8/server.h"

#define LINE_MAX_OCTETS 8192
#define WORDS_MAX 64

struct conn;

/* What carries a conversation. After end it calls conn_gone, but not from inside end. */
struct carrier {
	void (*write)(gpointer user, const void *data, gsize n);
	void (*end)(gpointer user);
	gpointer user;
	guint16 client_port;
};

/* A command that came: words[0] is the verb, words[1] the transaction id where there is one. */
struct request {
	char **words;
	guint n;
	const char *body; /* not terminated */
	gsize n_body;
};

struct command {
	const char *verb;
	guint min;	    /* words, with the verb */
	gboolean is_public; /* also before signing in */
	void (*run)(struct conn *c, const struct request *r);
	guint length_at; /* the word that tells the body's length, 0: it has none */
	gsize body_max;	 /* more ends the connection */
};

struct role {
	const char *suffix; /* of its name in the log */
	const struct command *commands;
	void (*left)(struct conn *c); /* told once, when the client or we ended it */
	gsize state_size;
};

struct conn {
	struct server *server;
	const struct role *role;
	struct carrier carrier;
	GString *in;
	struct request pending; /* waits for its body; no words: nothing does */
	const struct command *pending_command;
	gsize pending_n;
	GHashTable *counts; /* verb to how often it came */
	gboolean is_over, has_left, is_wedged, is_silent;
	guint times; /* each line is said; 1 but for a fault */
	guint n_said;
	gint64 since;	   /* seconds */
	char *name;	   /* in the log */
	struct user *user; /* nullable: has not signed in */
	gpointer state;	   /* the role's own, freed with g_free */
};

struct conn *conn_new(struct server *s, const struct role *role, const struct carrier *carrier);
void conn_feed(struct conn *c, const guint8 *data, gsize n);
void conn_gone(struct conn *c); /* by the carrier, once; frees it */
void conn_set_user(struct conn *c, struct user *u);
gint64 conn_age(const struct conn *c); /* seconds */

void conn_say(struct conn *c, const char *format, ...) G_GNUC_PRINTF(2, 3); /* a line */
/* A line whose last word is the body's length, then the body. */
void conn_say_body(struct conn *c, const char *head, const char *body, gsize n);
void conn_say_raw(struct conn *c, const char *octets, gsize n);
void conn_refuse(struct conn *c, const struct request *r, guint error);
/* Ends it when all has been said. A role's left has been called when this returns. */
void conn_end(struct conn *c);
#endif
