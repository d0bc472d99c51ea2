/* SPDX-License-Identifier: GPL-2.0-or-later */
/* errors: sentences that say what to do next. */
#include "plugins/msnp8/prpl/errors.h"

#include <glib/gi18n-lib.h>

#include "common/text.h"

#define QUOTE_MAX 300 /* octets of the server's own words */

struct entry {
	PurpleConnectionError error;
	const char *text;
};

/* Indexed by enum msn_end; those without a text are told otherwise. */
static const struct entry ends[] = {
	[MSN_END_SERVER_CLOSED] = {PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
				   N_("The server ended the connection. It will be tried again.")},
	[MSN_END_OTHER_PLACE] =
		{PURPLE_CONNECTION_ERROR_NAME_IN_USE,
		 N_("You have signed in from another place, and the server ended this connection. "
		    "Enable the account again to take it back.")},
	[MSN_END_GOING_DOWN] = {PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
				N_("The server is shutting down. It will be tried again later.")},
	[MSN_END_TIMEOUT] = {PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
			     N_("The server does not answer any more. It will be tried again.")},
	[MSN_END_NOT_MSN] = {PURPLE_CONNECTION_ERROR_INVALID_SETTINGS,
			     N_("What answers there is not an MSN server. Check the server and "
				"port in the account's settings.")},
	[MSN_END_VERSION] = {PURPLE_CONNECTION_ERROR_INVALID_SETTINGS,
			     N_("The server does not know version 8 of the protocol. Ask its "
				"operator which server does.")},
	[MSN_END_PASSWORD] = {PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED,
			      N_("The server refused your user name or password. Check both and "
				 "enable the account again.")},
	[MSN_END_PASSPORT] = {PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
			      N_("The login server cannot be used. It will be tried again; if it "
				 "happens every time, check the login URL in the account's "
				 "settings.")},
	[MSN_END_INSECURE] =
		{PURPLE_CONNECTION_ERROR_NO_SSL_SUPPORT,
		 N_("The login would go over plain HTTP, where others can read the password. It "
		    "was not sent. If you want it nevertheless, allow a login without encryption "
		    "in the account's settings.")},
	[MSN_END_REFERRALS] = {PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
			       N_("The servers send us from one to the other. It will be tried "
				  "again later.")},
	[MSN_END_SERVER_ERROR] = {PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
				  N_("The server ended the session with an error. It will be tried "
				     "again later.")},
	[MSN_END_BROKEN] = {PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
			    N_("The server sent something that the protocol does not allow. It "
			       "will be tried again; if it happens every time, tell the server's "
			       "operator.")},
	[MSN_END_OVERFLOW] = {PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
			      N_("The connection does not carry off what is to be sent. It will "
				 "be tried again.")},
};

/* Of the server's error numbers, those that mean something else than passing trouble. */
static const struct {
	int code;
	struct entry entry;
} server_errors[] = {
	{205,
	 {PURPLE_CONNECTION_ERROR_INVALID_USERNAME,
	  N_("The server does not know this account. Check your user name.")}},
	{206,
	 {PURPLE_CONNECTION_ERROR_INVALID_USERNAME,
	  N_("The user name lacks its domain. It has the form “name@example.org”.")}},
	{207,
	 {PURPLE_CONNECTION_ERROR_NAME_IN_USE,
	  N_("The server says that you are signed in already. Enable the account again to take "
	     "it back.")}},
	{208,
	 {PURPLE_CONNECTION_ERROR_INVALID_USERNAME,
	  N_("The server does not accept this user name. Check its spelling.")}},
	{911,
	 {PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED,
	  N_("The server refused the login. Check your user name and password.")}},
	{917,
	 {PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED,
	  N_("The server refused the login. Check your user name and password.")}},
	{928,
	 {PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
	  N_("The server did not accept what its login server has given us. It will be tried "
	     "again.")}},
	{920,
	 {PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
	  N_("The server takes nobody new at the moment. It will be tried again later.")}},
	{923,
	 {PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED,
	  N_("The account is a child's and needs the parents' consent. See the network's web "
	     "pages.")}},
	{924,
	 {PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED,
	  N_("The account's address has not been verified. See the network's web pages.")}},
};

static const struct entry *entry_of_end(const struct msn_event *ev)
{
	if (ev->end == MSN_END_SERVER_ERROR) {
		for (guint i = 0; i < G_N_ELEMENTS(server_errors); i++) {
			if (server_errors[i].code == ev->code)
				return &server_errors[i].entry;
		}
	}
	return &ends[ev->end];
}

static char *with_words(const char *text, const char *words, int code)
{
	g_autofree char *line = words && *words ? text_line(words, QUOTE_MAX) : NULL;

	if (line)
		/* TRANSLATORS: our sentence, then what the server itself said. */
		return g_strdup_printf(_("%s (The server says: %s)"), text, line);
	if (code)
		/* TRANSLATORS: our sentence, then the protocol's number for the error. */
		return g_strdup_printf(_("%s (Error %d)"), text, code);
	return g_strdup(text);
}

PurpleConnectionError error_of_end(const struct msn_event *ev, const struct reason *why,
				   char **ret_text)
{
	const struct entry *entry;

	if (why) {
		*ret_text = reason_text(why);
		return reason_error(why);
	}
	entry = entry_of_end(ev);
	*ret_text =
		with_words(_(entry->text), ev->end == MSN_END_PASSWORD ? ev->text : NULL, ev->code);
	return entry->error;
}

/* ---- messages ---- */

char *error_of_failure(const struct msn_event *ev)
{
	static const char *const texts[] = {
		[MSN_FAILURE_NAK] = N_("the server could not deliver it"),
		[MSN_FAILURE_TIMEOUT] = N_("nobody confirmed it"),
		[MSN_FAILURE_OFFLINE] = N_("they are not online, or hide it from you"),
		[MSN_FAILURE_BLOCKED] = N_("they do not want messages from you"),
		[MSN_FAILURE_HIDDEN] = N_("you are invisible, and cannot begin a conversation"),
		[MSN_FAILURE_LEFT] = N_("everybody has left"),
		[MSN_FAILURE_SERVER] = N_("the server did not open a conversation"),
		[MSN_FAILURE_LOST] = N_("the connection was lost before it could be sent"),
	};

	return with_words(_(texts[ev->failure]), NULL,
			  ev->failure == MSN_FAILURE_SERVER ? ev->code : 0);
}

/* ---- changes ---- */

static const char *why_refused(int code)
{
	switch (code) {
	case 205:
	case 208:
		return _("there is no such account");
	case 209:
		return _("the name is not allowed");
	case 210:
		return _("the list is full");
	case 215:
		return _("it is so already");
	case 216:
		return _("they are not on the list");
	case 217:
		return _("they are not online");
	case 219:
		return _("they are on the opposite list");
	case 223:
		return _("there are too many groups");
	case 224:
	case 230:
	case 231:
		return _("this group cannot be changed");
	case 228:
		return _("there is such a group already");
	case 229:
		return _("the name is too long");
	case 710:
		return _("the account has none");
	case 913:
		return _("it is not possible while you are invisible");
	default:
		return code < 0 ? _("the server did not answer") : NULL;
	}
}

static const char *what_refused(enum msn_refused refused)
{
	static const char *const texts[] = {
		[MSN_REFUSED_ADD] = N_("“%s” was not added"),
		[MSN_REFUSED_REMOVE] = N_("“%s” was not removed"),
		[MSN_REFUSED_GROUP] = N_("The group “%s” was not changed"),
		[MSN_REFUSED_RENAME] = N_("The friendly name was not changed"),
		[MSN_REFUSED_PHONE] = N_("The phone number was not changed"),
		[MSN_REFUSED_STATE] = N_("The status was not changed"),
		[MSN_REFUSED_PRIVACY] = N_("The privacy mode was not changed"),
		[MSN_REFUSED_INBOX] = N_("The mailbox cannot be opened"),
		[MSN_REFUSED_INVITE] = N_("“%s” was not invited"),
	};

	return _(texts[refused]);
}

char *error_of_refused(const struct msn_event *ev)
{
	const char *whom = ev->account ? ev->account : ev->name ? ev->name : "";
	g_auto(GStrv) around = g_strsplit(what_refused(ev->refused), "%s", 2);
	g_autofree char *line = text_line(whom, QUOTE_MAX);
	g_autofree char *what = g_strjoinv(line, around);
	const char *why = why_refused(ev->code);

	if (why)
		/* TRANSLATORS: what was not done, and half a sentence why. */
		return g_strdup_printf(_("%s: %s."), what, why);
	return g_strdup_printf(_("%s (error %d)."), what, ev->code);
}
