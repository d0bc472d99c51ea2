/* SPDX-License-Identifier: GPL-2.0-or-later */
/* login: from the account's settings to a session that is ready, and the way out. */
#ifndef MSN_PRPL_LOGIN_H
#define MSN_PRPL_LOGIN_H
#include "plugins/msnp8/prpl/client.h"

void login_start(PurpleAccount *account);
void login_close(PurpleConnection *gc);
/* The account options, appended to the plugin's. */
GList *login_options(void);
#endif
