/* SPDX-License-Identifier: GPL-2.0-or-later */
/* say: lines of our own in a conversation, so that every host shows them; and texts with their
 * looks from and to a host's HTML. */
#ifndef MSN_PRPL_SAY_H
#define MSN_PRPL_SAY_H
#include <conversation.h>

#include "plugins/msnp8/prpl/client.h"

/* PURPLE_MESSAGE_ERROR or _SYSTEM. html: valid HTML. */
void say(PurpleConversation *conv, PurpleMessageFlags kind, const char *html);
/* To account, in a conversation made for it when there is none. */
void say_im(struct client *c, const char *account, PurpleMessageFlags kind, const char *html);
/* A host without commands of its own (bitlbee): those the user writes come as texts. */
gboolean say_is_bare(void);

/* (transfer full) */
char *say_html(const char *text, const struct msn_style *style);
/* ret_font owns ret_style->font. (transfer full) */
char *say_text(const char *html, struct msn_style *ret_style, char **ret_font);
#endif
