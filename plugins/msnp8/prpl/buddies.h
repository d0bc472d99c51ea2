/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buddies: what other parts ask of the contact list's. */
#ifndef MSN_PRPL_BUDDIES_H
#define MSN_PRPL_BUDDIES_H
#include "plugins/msnp8/prpl/client.h"

/* Tell the session which state the user has chosen. */
void buddies_tell_state(struct client *c);
#endif
