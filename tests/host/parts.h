/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parts: what the files of the host know of one another. */
#ifndef TESTS_HOST_PARTS_H
#define TESTS_HOST_PARTS_H
#include "tests/host/host.h"

#define TEXT(s) ((s) ? (s) : "")
#define NOBODY "host" /* the actor of events that belong to no account */

/* ---- actor: a named account, with what its user would do ---- */
struct actor {
	char *name, *protocol, *user, *password;
	GPtrArray *options;	/* "name=[int:|bool:]value", in the order they were given */
	PurpleAccount *account; /* NULL: not made yet, or (bitlbee) gone with its connection */
	char *answer;		/* how to answer requests; NULL: as everybody */
	char *files;		/* where offered files go; "" refuses them; NULL: ask */
	gboolean echoes;	/* answers each message with its text */
};

gboolean actor_add(const char *args);
struct actor *actor_find(const char *name);			 /* NULL: unknown */
struct actor *actor_of(const PurpleAccount *account);		 /* NULL: nobody's */
const char *actor_name(const PurpleAccount *account);		 /* NULL account: see there */
PurpleConnection *actor_connection(const struct actor *a);	 /* NULL: not signed on */
gboolean actor_set_option(struct actor *a, const char *setting); /* FALSE: no "=" */
void actor_on(struct actor *a);
void actor_retire(struct actor *a); /* bitlbee: the account is thrown away with its connection */
void actor_remove(struct actor *a);
void actors_sign_off(void);
void actors_delete_accounts(void);
void actors_free(void);

/* ---- verbs of an actor ---- */
gboolean verb_do(struct actor *a, const char *verb, const char *args);

/* ---- words of a script ---- */
/* The next word of *rest, which moves behind it; quotes removed. NULL at the end. (transfer full)
 */
char *script_word(const char **rest);
const char *script_skip_space(const char *text);
/* Report that a script line failed. Always FALSE. */
gboolean script_fail(const char *format, ...) G_GNUC_PRINTF(1, 2);
void script_free(void);
guint host_patience_ms(void);
void host_set_patience(guint seconds);

void events_init(gboolean is_quiet);
void events_show_last(const char *actor, guint n); /* on stderr */
void events_free(void);

/* ---- the user interface operations, by what they show ---- */
void people_init(void); /* connections, accounts, buddies */
void people_free(void);
void talk_init(void);			/* conversations, rooms, room lists */
void ask_init(void);			/* requests */
gboolean ask_is_mode(const char *mode); /* FALSE: reported */
void ask_set_default(const char *mode);
void ask_answer_open(const struct actor *a, const char *mode);
void ask_close_all(void);
void tell_init(void); /* notifications */
void tell_close_all(void);
void files_init(void);				     /* transfers */
char *files_path(const char *dir, const char *name); /* (transfer full) */

/* ---- names: made-up DNS ---- */
gboolean names_add_host(const char *args);
gboolean names_add_service(const char *args);
void names_free(void);
#endif
