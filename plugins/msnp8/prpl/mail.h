/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mail: what other parts ask of the mailbox's. */
#ifndef MSN_PRPL_MAIL_H
#define MSN_PRPL_MAIL_H
#include "plugins/msnp8/prpl/client.h"

/* Open the mailbox in a browser, as soon as the server has said where it is. */
void mail_open_inbox(struct client *c);
#endif
