/* SPDX-License-Identifier: GPL-2.0-or-later */
/* commands: what can be typed in a conversation, for what has no button, or no button everywhere.
 */
#ifndef MSN_PRPL_COMMANDS_H
#define MSN_PRPL_COMMANDS_H
#include <conversation.h>

/* text comes from a host that knows no commands. TRUE: it was one, and is done. */
gboolean commands_typed(PurpleConversation *conv, const char *text);
#endif
