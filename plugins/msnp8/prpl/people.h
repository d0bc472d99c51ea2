/* SPDX-License-Identifier: GPL-2.0-or-later */
/* people: what the server has told about the people on our lists, their groups and ourselves. */
#ifndef MSN_PRPL_PEOPLE_H
#define MSN_PRPL_PEOPLE_H
#include "plugins/msnp8/prpl/client.h"

/* Remembers what ev says, if it is about people. FALSE: it is a group that is called so already. */
gboolean people_hear(struct client *c, const struct msn_event *ev);
void people_clear(struct client *c);

struct person *people_find(struct client *c, const char *account); /* NULL: on no list */
/* Their name if it is known, otherwise the account. (transfer none) */
const char *people_name(struct client *c, const char *account);
/* Everybody on that list, sorted by account. (transfer container) */
GList *people_on(struct client *c, enum msn_list list);
/* The names of a person's groups, NULL-terminated; libpurple knows no buddy without one, so there
 * is always one. The strings stay the client's. (transfer container) */
const char **people_group_names(struct client *c, const struct person *person);
#endif
