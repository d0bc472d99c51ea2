/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lists: what those who keep the lists and those who change them share; nobody outside session/
 * includes it. */
#ifndef MSN_SESSION_LISTS_H
#define MSN_SESSION_LISTS_H
#include "plugins/msnp8/session/core.h"

#define MSN_EVERYBODY "0" /* the group that is always there */
#define MSN_PHONES 4

struct group {
	char *id, *name;
	GHashTable *members; /* struct contact, as a set */
	guint generation;
};

struct contact {
	char *account, *name;
	guint8 lists, n_groups;
	guint16 generation;
	struct group **groups; /* of FL */
	char **phones;	       /* MSN_PHONES of them, nullable each; NULL: none */
};

struct lists {
	GHashTable *contacts; /* account to struct contact */
	GHashTable *groups;   /* id to struct group */
	char *version;
	gboolean is_closed;	  /* BLP BL: only people on AL may see us and call */
	char *phones[MSN_PHONES]; /* our own */

	/* while SYN is being answered */
	guint contacts_due, groups_due;
	gboolean is_syncing, is_counting; /* counting: the answer said how much follows */
	guint16 generation;
	struct contact *last; /* whom a BPR without an account is about */
	GQueue unasked;	      /* accounts of pending people, told when all is there */

	char *cache;   /* as given, until it is used or useless */
	char **cached; /* its lines, while they are told */
	guint next_cached;
	GQueue founding;     /* struct founder: contacts that wait for their group */
	gboolean is_changed; /* since the last CACHE */
};

/* A contact that waits for its group to be made. */
struct founder {
	char *account, *group, *from;
};

extern const char *const msn_phone_words[MSN_PHONES];

struct contact *msn_lists_find(const struct msn_session *s, const char *account);
struct contact *msn_lists_find_raw(const struct msn_session *s, const char *raw); /* as typed */
struct group *msn_lists_group(const struct msn_session *s,
			      const char *name); /* NULL: everybody's */
gboolean msn_lists_is_in(const struct contact *contact, const struct group *g);
/* Its members, in an order that is always the same. (transfer full) */
GPtrArray *msn_lists_members(const struct group *g);
guint msn_lists_bit(const char *word); /* of "FL" and so on; 0: none */

/* On list from now on, and in the groups of FL that ids names; told. */
void msn_lists_put(struct msn_session *s, struct contact *contact, guint list, const char *ids);
/* Off list, or out of one group of FL (id; NULL: all of them): out of the last is off the list.
 * Told; contact may be no more. */
void msn_lists_take(struct msn_session *s, struct contact *contact, guint list, const char *id);

void msn_founder_free(gpointer founder);
#endif
