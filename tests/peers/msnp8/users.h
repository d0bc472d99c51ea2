/* SPDX-License-Identifier: GPL-2.0-or-later */
/* users: who there is, with passwords, lists, groups and phones; kept in a file across restarts. */
#ifndef TESTS_PEERS_MSNP8_USERS_H
#define TESTS_PEERS_MSNP8_USERS_H
#include <glib.h>

struct conn;

enum list { FL = 1, AL = 2, BL = 4, RL = 8 };

#define ACCOUNT_MAX 129
#define FRIENDLY_NAME_MAX 387 /* octets, encoded */
#define GROUP_NAME_MAX 61
#define PHONE_MAX 95
#define CONTACTS_HARD_MAX 50000

#define N_PHONES 5
extern const char *const phone_kinds[N_PHONES]; /* "PHH" … in the order they are told */
int phone_find(const char *kind);		/* -1: there is none so called */

struct contact {
	char *account;
	char *nick; /* nullable: the friendly name stands for itself */
	guint lists;
	GArray *groups; /* of int, without 0 */
};

struct group {
	int id;
	char *name;
};

struct user {
	char *account, *password, *name;
	gboolean is_open;  /* BLP AL */
	gboolean is_asked; /* GTC A */
	guint version;
	char *phones[N_PHONES];
	GPtrArray *contacts; /* struct contact, in the order they came */
	GHashTable *by_account;
	GPtrArray *groups; /* struct group, without 0 */
	guint unread, unread_elsewhere;
	struct conn *ns; /* signed in there; nullable, (transfer none) */
};

struct users;

struct users *users_new(void);
void users_free(struct users *users);
/* What is stored in path, if anything; FALSE: it cannot be read. */
gboolean users_load(struct users *users, const char *path);
gboolean users_save(const struct users *users, const char *path);

/* (transfer none), NULL: no such account. Accounts are compared as they stand; the passport alone
 * is generous about case. */
struct user *users_find(const struct users *users, const char *account);
struct user *users_find_any_case(const struct users *users, const char *account);
/* name NULL: the account. Existing accounts get the password anew. */
struct user *users_add(struct users *users, const char *account, const char *password,
		       const char *name);
void users_each(const struct users *users, GFunc run, gpointer data);

struct contact *user_contact(const struct user *u, const char *account); /* NULL: on no list */
struct contact *user_contact_need(struct user *u, const char *account);	 /* made if need be */
void user_contact_tidy(struct user *u, struct contact *c); /* forgotten when on no list */
guint user_list_count(const struct user *u, guint list);
gboolean contact_is_in(const struct contact *c, int group);
void contact_group_remove(struct contact *c, int group);
/* May account see u and call u? */
gboolean user_allows(const struct user *u, const char *account);

struct group *user_group(const struct user *u, int id); /* NULL for 0, too */
struct group *user_group_named(const struct user *u, const char *name);
struct group *user_group_add(struct user *u, const char *name);
void user_group_remove(struct user *u, struct group *g); /* its contacts stay */
void user_set(char **field, const char *value);		 /* "" counts as NULL */
#endif
