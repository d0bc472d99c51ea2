/* SPDX-License-Identifier: GPL-2.0-or-later */
/* say: words between a conversation and the network. */
#include "plugins/msnp8/prpl/say.h"

#include <core.h>

#include "common/markup.h"

gboolean say_is_bare(void)
{
	return g_strcmp0(purple_core_get_ui(), "BitlBee") == 0;
}

/* bitlbee drops what is not said by somebody: there the line comes as the contact's, or in a room
 * as nobody's. */
void say(PurpleConversation *conv, PurpleMessageFlags kind, const char *html)
{
	gboolean is_im = purple_conversation_get_type(conv) == PURPLE_CONV_TYPE_IM;
	const char *name = is_im ? purple_conversation_get_name(conv) : NOTICE_TITLE;

	if (!say_is_bare())
		purple_conversation_write(conv, name, html, kind, time(NULL));
	else if (is_im)
		purple_conv_im_write(PURPLE_CONV_IM(conv), name, html, PURPLE_MESSAGE_SYSTEM,
				     time(NULL));
	else
		purple_conv_chat_write(PURPLE_CONV_CHAT(conv), name, html, PURPLE_MESSAGE_SYSTEM,
				       time(NULL));
}

void say_im(struct client *c, const char *account, PurpleMessageFlags kind, const char *html)
{
	PurpleConversation *conv =
		purple_find_conversation_with_account(PURPLE_CONV_TYPE_IM, account, c->account);

	if (!conv)
		conv = purple_conversation_new(PURPLE_CONV_TYPE_IM, c->account, account);
	say(conv, kind, html);
}

char *say_html(const char *text, const struct msn_style *style)
{
	return markup_from_styled(text, &(struct markup_style){
						.font = style->font,
						.is_bold = style->is_bold,
						.is_italic = style->is_italic,
						.is_underlined = style->is_underlined,
						.is_struck = style->is_struck,
						.is_right_to_left = style->is_right_to_left,
						.has_colour = style->has_colour,
						.rgb = style->rgb,
					});
}

char *say_text(const char *html, struct msn_style *ret_style, char **ret_font)
{
	struct markup_style style;
	char *text = markup_to_styled(html, &style, ret_font);

	*ret_style = (struct msn_style){
		.font = style.font,
		.is_bold = style.is_bold,
		.is_italic = style.is_italic,
		.is_underlined = style.is_underlined,
		.is_struck = style.is_struck,
		.is_right_to_left = style.is_right_to_left,
		.has_colour = style.has_colour,
		.rgb = style.rgb,
	};
	return text;
}
