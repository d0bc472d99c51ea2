/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reason: why a connection could not be made or ended, in words that say what to do next. */
#include "common/purple/reason.h"

#include <errno.h>
#include <glib/gi18n-lib.h>

#include "common/text.h"

static void reason_copy_line(char *to, gsize size, const char *text)
{
	char *line = text_line(text ? text : "", size - 1);

	g_strlcpy(to, line, size);
	g_free(line);
}

void reason_set(struct reason *r, enum reason_kind kind, const char *host, guint16 port,
		const char *detail)
{
	struct reason fresh = {.kind = kind, .port = port};

	/* host and detail may be those of r itself. */
	reason_copy_line(fresh.host, sizeof(fresh.host), host);
	reason_copy_line(fresh.detail, sizeof(fresh.detail), detail);
	*r = fresh;
}

enum reason_kind reason_of_errno(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return REASON_REFUSED;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
	case EHOSTDOWN:
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
	case EACCES:
	case EPERM:
		return REASON_UNREACHABLE;
	case ETIMEDOUT:
		return REASON_TIMEOUT;
	default:
		return REASON_LOST;
	}
}

PurpleConnectionError reason_error(const struct reason *r)
{
	switch (r->kind) {
	case REASON_DNS:
	case REASON_REFUSED:
	case REASON_UNREACHABLE:
	case REASON_PROXY:
	case REASON_TIMEOUT:
	case REASON_LOST:
	case REASON_CLOSED:
		return PURPLE_CONNECTION_ERROR_NETWORK_ERROR;
	case REASON_NOT_OFFERED:
		return PURPLE_CONNECTION_ERROR_INVALID_SETTINGS;
	case REASON_TLS:
		return PURPLE_CONNECTION_ERROR_ENCRYPTION_ERROR;
	case REASON_TLS_VERSION:
	case REASON_ALPN:
		return PURPLE_CONNECTION_ERROR_OTHER_ERROR;
	case REASON_CERT_NONE:
		return PURPLE_CONNECTION_ERROR_CERT_NOT_PROVIDED;
	case REASON_CERT_UNTRUSTED:
		return PURPLE_CONNECTION_ERROR_CERT_UNTRUSTED;
	case REASON_CERT_SELF_SIGNED:
		return PURPLE_CONNECTION_ERROR_CERT_SELF_SIGNED;
	case REASON_CERT_EXPIRED:
		return PURPLE_CONNECTION_ERROR_CERT_EXPIRED;
	case REASON_CERT_NOT_YET:
		return PURPLE_CONNECTION_ERROR_CERT_NOT_ACTIVATED;
	case REASON_CERT_NAME:
		return PURPLE_CONNECTION_ERROR_CERT_HOSTNAME_MISMATCH;
	case REASON_CERT_REVOKED:
	case REASON_CERT_OTHER:
		return PURPLE_CONNECTION_ERROR_CERT_OTHER_ERROR;
	case REASON_NO_TLS:
		return PURPLE_CONNECTION_ERROR_NO_SSL_SUPPORT;
	}
	g_return_val_if_reached(PURPLE_CONNECTION_ERROR_OTHER_ERROR);
}

/* What is said for each kind; every %s is the place, "example.org, port 5222". */
static const char *reason_sentence(enum reason_kind kind)
{
	switch (kind) {
	case REASON_DNS:
		return _(
			"No address was found for %s. Check the spelling of the server's name, and "
			"that this computer is online.");
	case REASON_NOT_OFFERED:
		return _("%s says that it does not offer this service. Check the address of the "
			 "account.");
	case REASON_REFUSED:
		return _("Nobody answers at %s. Check the server and port in the account's "
			 "settings, or try again later.");
	case REASON_UNREACHABLE:
		return _("There is no way to reach %s from here. Check that this computer is "
			 "online, "
			 "or try again later.");
	case REASON_PROXY:
		return _(
			"The proxy did not connect to %s. Check the proxy settings of the account, "
			"or try again later.");
	case REASON_TIMEOUT:
		return _("There was no answer from %s in time. Check the server and port in the "
			 "account's settings, or try again later.");
	case REASON_LOST:
		return _("The connection to %s broke. Check that this computer is online, or try "
			 "again later.");
	case REASON_CLOSED:
		return _("The connection was ended by %s. Try again later.");
	case REASON_TLS:
		return _("No secure connection could be made with %s. Check the port and the "
			 "encryption in the account's settings.");
	case REASON_TLS_VERSION:
		return _("Only outdated encryption is offered by %s, which is not safe to use. Ask "
			 "its operator to enable TLS 1.2 or newer.");
	case REASON_ALPN:
		return _(
			"Another service than expected answers at %s. Check the server and port in "
			"the account's settings.");
	case REASON_CERT_NONE:
		return _("No certificate was shown by %s, so it cannot be told who answers there. "
			 "Ask its operator.");
	case REASON_CERT_UNTRUSTED:
		return _(
			"The certificate of %s was issued by somebody this computer does not know, "
			"and was not accepted. To connect anyway, sign in again and accept it.");
	case REASON_CERT_SELF_SIGNED:
		return _("The certificate of %s is signed by nobody but itself, and was not "
			 "accepted. To connect anyway, sign in again and accept it.");
	case REASON_CERT_EXPIRED:
		return _("The certificate of %s has expired, and was not accepted. Check this "
			 "computer's clock, or tell the operator of the server.");
	case REASON_CERT_NOT_YET:
		return _("The certificate of %s is not valid yet, and was not accepted. Check this "
			 "computer's clock.");
	case REASON_CERT_NAME:
		return _("The certificate shown by %s belongs to somebody else, and was not "
			 "accepted. Check the server in the account's settings.");
	case REASON_CERT_REVOKED:
		return _("The certificate of %s has been withdrawn by its issuer. Do not enter a "
			 "password there; tell the operator of the server.");
	case REASON_CERT_OTHER:
		return _("The certificate of %s could not be verified, and was not accepted. Tell "
			 "the operator of the server.");
	case REASON_NO_TLS:
		return _("The certificate of %s is not known to this computer, and this program "
			 "cannot ask about it. Install libpurple's TLS plugin, or the authority "
			 "that "
			 "issued the certificate.");
	}
	g_return_val_if_reached("%s");
}

/* (transfer full) */
static char *reason_place(const struct reason *r)
{
	if (r->host[0] == '\0')
		return g_strdup(_("the server"));
	if (r->port == 0)
		return g_strdup(r->host);
	/* TRANSLATORS: a server's name and its port, as part of a sentence. */
	return g_strdup_printf(_("%s, port %u"), r->host, r->port);
}

char *reason_text(const struct reason *r)
{
	char *place = reason_place(r);
	GString *text = g_string_new(NULL);

	g_string_printf(text, reason_sentence(r->kind), place);
	if (r->detail[0] != '\0')
		g_string_append_printf(text, " (%s)", r->detail);
	g_free(place);
	return g_string_free(text, FALSE);
}
