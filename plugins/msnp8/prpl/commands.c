/* SPDX-License-Identifier: GPL-2.0-or-later */
/* commands: /nudge and its like. */
#include "plugins/msnp8/prpl/commands.h"

#include <cmds.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "common/markup.h"
#include "plugins/msnp8/prpl/mail.h"
#include "plugins/msnp8/prpl/rooms.h"
#include "plugins/msnp8/prpl/say.h"
#include "plugins/msnp8/prpl/settings.h"

/* A command's work: FALSE and *error (nullable, (transfer full)) when it could not be done. */
typedef gboolean (*command_h)(struct client *c, PurpleConversation *conv, char **args,
			      char **error);

static gboolean do_nudge(struct client *c, PurpleConversation *conv, char **args, char **error)
{
	const char *who = purple_conversation_get_name(conv);

	if (purple_conversation_get_type(conv) != PURPLE_CONV_TYPE_IM) {
		*error = g_strdup(_("Only one person can be nudged, not a group."));
		return FALSE;
	}
	purple_prpl_send_attention(c->gc, who, 0);
	return TRUE;
}

static gboolean do_invite(struct client *c, PurpleConversation *conv, char **args, char **error)
{
	if (rooms_invite(c, conv, args[0]))
		return TRUE;
	*error = g_strdup_printf(_("“%s” cannot be invited."), args[0]);
	return FALSE;
}

static gboolean do_name(struct client *c, PurpleConversation *conv, char **args, char **error)
{
	g_autofree char *name = markup_to_plain(args[0]);

	if (settings_name(c, name))
		return TRUE;
	*error = g_strdup(_("The name is empty or too long."));
	return FALSE;
}

static gboolean do_phone(struct client *c, PurpleConversation *conv, char **args, char **error)
{
	static const char *const kinds[] = {[MSN_PHONE_HOME] = "home",
					    [MSN_PHONE_WORK] = "work",
					    [MSN_PHONE_MOBILE] = "mobile"};
	g_autofree char *number = args[0] && args[1] ? markup_to_plain(args[1]) : NULL;

	for (guint i = 0; args[0] && i < G_N_ELEMENTS(kinds); i++) {
		if (strcmp(kinds[i], args[0]) != 0)
			continue;
		if (settings_phone(c, (enum msn_phone)i, number))
			return TRUE;
		*error = g_strdup(_("The number is too long."));
		return FALSE;
	}
	*error = g_strdup(_("Say which phone: home, work or mobile."));
	return FALSE;
}

static gboolean do_privacy(struct client *c, PurpleConversation *conv, char **args, char **error)
{
	gboolean is_open = strcmp(args[0], "open") == 0;

	if (!is_open && strcmp(args[0], "closed") != 0) {
		*error = g_strdup(_("Say open (all but those I block) or closed (only those I "
				    "allow)."));
		return FALSE;
	}
	return settings_privacy(c, is_open);
}

static gboolean do_reverse(struct client *c, PurpleConversation *conv, char **args, char **error)
{
	g_autofree char *html = settings_reverse_list(c);

	say(conv, PURPLE_MESSAGE_SYSTEM, html);
	return TRUE;
}

static gboolean do_inbox(struct client *c, PurpleConversation *conv, char **args, char **error)
{
	mail_open_inbox(c);
	return TRUE;
}

static const struct command {
	const char *name, *args;
	gboolean may_lack_args;
	command_h handle;
	const char *help;
} commands[] = {
	{"nudge", "", FALSE, do_nudge, N_("nudge: Ask for the other's attention")},
	{"invite", "w", FALSE, do_invite,
	 N_("invite &lt;account&gt;: Bring somebody into this conversation")},
	{"name", "s", FALSE, do_name, N_("name &lt;name&gt;: Set your friendly name")},
	{"phone", "ws", TRUE, do_phone,
	 N_("phone &lt;home|work|mobile&gt; [number]: Set one of your phone numbers, or take it "
	    "back")},
	{"privacy", "w", FALSE, do_privacy,
	 N_("privacy &lt;open|closed&gt;: Let all but those you block see you and write to you, or "
	    "only those you allow")},
	{"reverse", "", FALSE, do_reverse, N_("reverse: Show who has you on their list")},
	{"inbox", "", FALSE, do_inbox, N_("inbox: Open your mailbox")},
};

static PurpleCmdId the_ids[G_N_ELEMENTS(commands)];

static PurpleCmdRet run(PurpleConversation *conv, const char *name, char **args, char **error,
			void *user)
{
	const struct command *command = user;
	struct client *c = client_of(purple_conversation_get_gc(conv));

	if (!c || !command->handle(c, conv, args, error))
		return PURPLE_CMD_RET_FAILED;
	return PURPLE_CMD_RET_OK;
}

/* Wrong arguments, and a refusal, are answered where the command was typed. */
gboolean commands_typed(PurpleConversation *conv, const char *text)
{
	g_autofree char *error = NULL;
	g_autofree char *html = markup_from_plain(text + 1);

	switch (purple_cmd_do_command(conv, text + 1, html, &error)) {
	case PURPLE_CMD_STATUS_NOT_FOUND:
	case PURPLE_CMD_STATUS_WRONG_PRPL:
		return FALSE;
	case PURPLE_CMD_STATUS_OK:
		return TRUE;
	case PURPLE_CMD_STATUS_WRONG_ARGS:
		say(conv, PURPLE_MESSAGE_ERROR, _("This command needs other words after it."));
		return TRUE;
	default:
		say(conv, PURPLE_MESSAGE_ERROR, error ? error : _("This is not possible now."));
		return TRUE;
	}
}

static void load(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
		PurpleCmdFlag flags =
			PURPLE_CMD_FLAG_IM | PURPLE_CMD_FLAG_CHAT | PURPLE_CMD_FLAG_PRPL_ONLY |
			(commands[i].may_lack_args ? PURPLE_CMD_FLAG_ALLOW_WRONG_ARGS : 0);

		the_ids[i] = purple_cmd_register(commands[i].name, commands[i].args,
						 PURPLE_CMD_P_PRPL, flags, MSNP8_ID, run,
						 _(commands[i].help), (void *)&commands[i]);
	}
}

static void unload(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
		purple_cmd_unregister(the_ids[i]);
}

static const struct part commands_part = {.load = load, .unload = unload};
MSN_PART(commands_part);
