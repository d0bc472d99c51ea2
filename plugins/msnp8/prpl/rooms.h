/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rooms: what other parts ask of the group chats. */
#ifndef MSN_PRPL_ROOMS_H
#define MSN_PRPL_ROOMS_H
#include <conversation.h>

#include "plugins/msnp8/prpl/client.h"

#define CHAT_TEXT_MAX 60000 /* octets of one text of the user's, before it is split */

/* The conversation of the session's chat, NULL when it is none of a group. */
PurpleConversation *rooms_conversation(struct client *c, guint chat);
/* Bring somebody into the conversation: that of two becomes a group chat. FALSE: not possible. */
gboolean rooms_invite(struct client *c, PurpleConversation *conv, const char *account);
#endif
