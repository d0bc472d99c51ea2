/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settings: what the user may change about himself on the server; behind account actions and
 * commands alike. */
#ifndef MSN_PRPL_SETTINGS_H
#define MSN_PRPL_SETTINGS_H
#include "plugins/msnp8/prpl/client.h"

/* FALSE: not possible, or not valid. */
gboolean settings_name(struct client *c, const char *name);
/* number: "" or NULL takes it back. */
gboolean settings_phone(struct client *c, enum msn_phone phone, const char *number);
gboolean settings_privacy(struct client *c, gboolean is_open);
/* Who has us on their list, as HTML, a line each. (transfer full) */
char *settings_reverse_list(struct client *c);

/* The account's menu. (transfer full) */
GList *settings_actions(PurplePlugin *plugin, gpointer context);
#endif
