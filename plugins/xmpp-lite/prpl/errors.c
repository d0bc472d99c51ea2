/* SPDX-License-Identifier: GPL-2.0-or-later */
/* errors: sentences that say what to do next. */
#include "plugins/xmpp-lite/prpl/errors.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "common/text.h"

#define QUOTE_MAX 300 /* octets of the server's own words */

struct entry {
	const char *condition;
	PurpleConnectionError error;
	const char *text;
};

/* RFC 6120 section 4.9.3. What is not here is a passing trouble, or a bug on one side: worth
 * another try. */
static const struct entry stream_errors[] = {
	{"conflict", PURPLE_CONNECTION_ERROR_NAME_IN_USE,
	 N_("You have signed in from another client with the same resource, and the server ended "
	    "this connection. Enable the account again to take it back.")},
	{"not-authorized", PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED,
	 N_("The server no longer accepts this login. Check your user name and password.")},
	{"invalid-from", PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED,
	 N_("The server does not let this account use its address. Check your user name.")},
	{"host-unknown", PURPLE_CONNECTION_ERROR_INVALID_SETTINGS,
	 N_("This server does not know the domain of your user name. Check its spelling, and the "
	    "server in the account's settings.")},
	{"host-gone", PURPLE_CONNECTION_ERROR_INVALID_SETTINGS,
	 N_("This server no longer serves the domain of your user name. Ask its operator where it "
	    "has moved.")},
	{"improper-addressing", PURPLE_CONNECTION_ERROR_INVALID_SETTINGS,
	 N_("The server does not understand the domain of your user name. Check its spelling.")},
	{"system-shutdown", PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
	 N_("The server is shutting down. It will be tried again later.")},
	{"reset", PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
	 N_("The server wants a fresh start of the connection. It will be tried again.")},
	{"policy-violation", PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
	 N_("The server ended the connection because of its rules. It will be tried again later.")},
	{"resource-constraint", PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
	 N_("The server is too busy at the moment. It will be tried again later.")},
	{"connection-timeout", PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
	 N_("The server thinks that this connection is dead. It will be tried again.")},
	{NULL, PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
	 N_("The server ended the connection with an error. It will be tried again.")},
};

/* RFC 6120 section 6.5. */
static const struct entry auth_errors[] = {
	{"account-disabled", PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED,
	 N_("The server has disabled this account. Ask its operator why.")},
	{"credentials-expired", PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED,
	 N_("The password has expired. Change it on the server's web pages or ask its operator.")},
	{"temporary-auth-failure", PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
	 N_("The server cannot check passwords at the moment. It will be tried again later.")},
	{"invalid-mechanism", PURPLE_CONNECTION_ERROR_AUTHENTICATION_IMPOSSIBLE,
	 N_("The server offers ways to sign in that it then refuses. Ask its operator.")},
	{"mechanism-too-weak", PURPLE_CONNECTION_ERROR_AUTHENTICATION_IMPOSSIBLE,
	 N_("The server wants a stronger way to sign in than this plugin knows.")},
	{"malformed-request", PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED,
	 N_("The server did not understand the login. Check your user name and password.")},
	{NULL, PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED,
	 N_("The server refused your user name or password. Check both and enable the account "
	    "again.")},
};

/* The session's own verdicts; indexed by enum xmpp_end. */
static const struct entry ends[] = {
	[XMPP_END_SERVER_CLOSED] =
		{NULL, PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
		 N_("The server closed the connection. It will be tried again.")},
	[XMPP_END_TIMEOUT] = {NULL, PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
			      N_("The server does not answer any more. It will be tried again.")},
	[XMPP_END_BAD_XML] =
		{NULL, PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
		 N_("The server sent something that XMPP does not allow. It will be tried again; "
		    "if it happens every time, tell the server's operator.")},
	[XMPP_END_NOT_XMPP] = {NULL, PURPLE_CONNECTION_ERROR_INVALID_SETTINGS,
			       N_("What answers there is not an XMPP server. Check the server and "
				  "port in the account's settings.")},
	[XMPP_END_WRONG_SERVER] = {NULL, PURPLE_CONNECTION_ERROR_INVALID_SETTINGS,
				   N_("The server that answers is for another domain. Check the "
				      "server in the account's settings.")},
	[XMPP_END_NO_TLS] = {NULL, PURPLE_CONNECTION_ERROR_NO_SSL_SUPPORT,
			     N_("The server offers no encryption, or somebody on the way has "
				"removed the offer. Your password was not sent.")},
	[XMPP_END_TLS_REFUSED] =
		{NULL, PURPLE_CONNECTION_ERROR_ENCRYPTION_ERROR,
		 N_("The server refused to encrypt the connection. Your password was not sent.")},
	[XMPP_END_NO_MECHANISM] =
		{NULL, PURPLE_CONNECTION_ERROR_AUTHENTICATION_IMPOSSIBLE,
		 N_("The server knows no way to sign in that this plugin accepts.")},
	[XMPP_END_WEAKER_LOGIN] = {NULL, PURPLE_CONNECTION_ERROR_AUTHENTICATION_IMPOSSIBLE,
				   N_("The server asks for the password itself, which this account "
				      "does not give away. If you trust the server, untick “Never "
				      "send the password itself” in the account's settings.")},
	[XMPP_END_NO_BINDING] =
		{NULL, PURPLE_CONNECTION_ERROR_AUTHENTICATION_IMPOSSIBLE,
		 N_("The login cannot be tied to the encrypted connection. Somebody may be "
		    "listening in between; if you know that the server cannot do it, untick "
		    "“Require channel binding” in the account's settings.")},
	[XMPP_END_IMPOSTOR] = {NULL, PURPLE_CONNECTION_ERROR_AUTHENTICATION_IMPOSSIBLE,
			       N_("The server could not prove that it knows your password. It may "
				  "not be your server; the login was stopped.")},
	[XMPP_END_SASL_BROKEN] =
		{NULL, PURPLE_CONNECTION_ERROR_AUTHENTICATION_IMPOSSIBLE,
		 N_("The server's part of the login breaks the rules; the login was stopped.")},
	[XMPP_END_BIND_FAILED] = {NULL, PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
				  N_("The server accepted the password but did not open a session. "
				     "It will be tried again later.")},
	[XMPP_END_TOO_MANY_HOPS] = {NULL, PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
				    N_("The servers of this domain send us from one to the other. "
				       "It will be tried again later.")},
	[XMPP_END_OVERFLOW] = {NULL, PURPLE_CONNECTION_ERROR_NETWORK_ERROR,
			       N_("The connection does not carry off what is to be sent. It will "
				  "be tried again.")},
};

static const struct entry *find(const struct entry *table, const char *condition)
{
	while (table->condition && g_strcmp0(table->condition, condition) != 0)
		table++;
	return table;
}

static char *with_words(const char *text, const char *words)
{
	g_autofree char *line = words && *words ? text_line(words, QUOTE_MAX) : NULL;

	if (!line)
		return g_strdup(text);
	/* TRANSLATORS: our sentence, then what the server itself said. */
	return g_strdup_printf(_("%s (The server says: %s)"), text, line);
}

PurpleConnectionError error_of_end(const struct xmpp_event *ev, const struct reason *why,
				   const char *domain, char **ret_text)
{
	const struct entry *entry;

	switch (ev->end) {
	case XMPP_END_LOST:
		*ret_text = reason_text(why);
		return reason_error(why);
	case XMPP_END_STREAM_ERROR:
		entry = find(stream_errors, ev->condition);
		break;
	case XMPP_END_AUTH_FAILED:
		entry = find(auth_errors, ev->condition);
		break;
	default:
		entry = &ends[ev->end];
	}
	*ret_text = with_words(_(entry->text), ev->text);
	return entry->error;
}

char *error_of_condition(const char *condition, const char *error)
{
	static const struct {
		const char *condition, *text;
	} texts[] = {
		{"not-sent", N_("the connection was lost before it could be sent")},
		{"item-not-found", N_("there is no such address")},
		{"jid-malformed", N_("the address is not valid")},
		{"remote-server-not-found", N_("the other server cannot be found")},
		{"remote-server-timeout", N_("the other server does not answer")},
		{"recipient-unavailable", N_("the other side is not there")},
		{"service-unavailable",
		 N_("the other side cannot be reached, or does not want to be")},
		{"not-allowed", N_("the server does not allow it")},
		{"forbidden", N_("you have no permission for it")},
		{"not-authorized", N_("you have no permission for it")},
		{"registration-required", N_("you must register first")},
		{"subscription-required", N_("you must be on their contact list first")},
		{"policy-violation", N_("it is against the server's rules")},
		{"resource-constraint", N_("the server is too busy, or your space there is full")},
		{"not-acceptable", N_("the other side does not accept it")},
		{"gone", N_("the address has been given up")},
		{"redirect", N_("the address has moved")},
		{"internal-server-error", N_("the server has an error of its own")},
	};
	g_autofree char *unknown = NULL;
	const char *text = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(texts) && !text; i++) {
		if (g_strcmp0(condition, texts[i].condition) == 0)
			text = _(texts[i].text);
	}
	if (!text) {
		g_autofree char *line =
			text_line(condition ? condition : "undefined-condition", QUOTE_MAX);

		/* TRANSLATORS: the name of an error as the protocol has it. */
		text = unknown = g_strdup_printf(_("the server answered “%s”"), line);
	}
	return with_words(text, error);
}
