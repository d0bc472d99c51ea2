/* SPDX-License-Identifier: GPL-2.0-or-later */
/* passport: lists of "name=value" after "Passport1.4", of which a few names matter. */
#include "plugins/msnp8/wire/passport.h"

#include "common/fields.h"
#include "common/http_msg.h"
#include "common/text.h"
#include "plugins/msnp8/wire/command.h"

#include <gnutls/gnutls.h>
#include <string.h>

/* Where they come from stands in every login; servers check it. */
#define PREAMBLE "Passport1.4 OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger%2Emsn%2Ecom,"

struct pair {
	const char *name, *value;
	gsize name_n, value_n;
};

/* The pair at *at, which moves behind it. A value in quotes may hold commas. FALSE: no more. */
static gboolean pair_next(const char **at, struct pair *ret)
{
	const char *from = *at + strspn(*at, ", \t"), *end;
	gsize n = strcspn(from, "=,");

	if (!*from)
		return FALSE;
	ret->name = from;
	ret->name_n = n;
	ret->value = from + n + (from[n] == '=');
	end = *ret->value == '\'' ? strchr(ret->value + 1, '\'') : NULL;
	if (end) {
		ret->value++;
		ret->value_n = end - ret->value;
		*at = end + 1;
	} else {
		ret->value_n = strcspn(ret->value, ",");
		*at = ret->value + ret->value_n;
	}
	return TRUE;
}

/* The list behind the name of the scheme; PassportURLs has none. */
static const char *pairs_of(const char *value)
{
	gsize n = strcspn(value, " =,");

	return value[n] == ' ' ? value + n : value;
}

/* (transfer full) (nullable) */
static char *pair_find(const char *value, const char *name)
{
	const char *at = pairs_of(value);
	struct pair pair;

	if (strlen(value) > MSN_PASSPORT_MAX)
		return NULL;
	while (pair_next(&at, &pair))
		if (pair.name_n == strlen(name) &&
		    g_ascii_strncasecmp(pair.name, name, pair.name_n) == 0)
			return g_strstrip(g_strndup(pair.value, pair.value_n));
	return NULL;
}

char *msn_passport_login_url(const char *passport_urls)
{
	g_autofree char *login = pair_find(passport_urls, "DALogin");
	g_autofree char *url = NULL;
	struct http_url u;
	char *result;

	if (!login)
		return NULL;
	url = g_strconcat(strstr(login, "://") ? "" : "https://", login, NULL);
	if (!http_url_read(url, &u))
		return NULL;
	result = http_url_write(&u);
	http_url_clear(&u);
	return result;
}

enum msn_passport_status msn_passport_status(const char *value)
{
	g_autofree char *status = value ? pair_find(value, "da-status") : NULL;

	if (!status)
		return MSN_PASSPORT_UNREADABLE;
	if (g_ascii_strcasecmp(status, "success") == 0)
		return MSN_PASSPORT_SUCCESS;
	if (g_ascii_strcasecmp(status, "redir") == 0)
		return MSN_PASSPORT_REDIRECT;
	return g_ascii_strcasecmp(status, "failed") == 0 ? MSN_PASSPORT_FAILED
							 : MSN_PASSPORT_UNREADABLE;
}

/* It becomes a parameter of a command; a quote in it never met its other. */
static gboolean is_ticket(const char *ticket)
{
	gsize n = strlen(ticket);

	for (gsize i = 0; i < n; i++)
		if (ticket[i] <= ' ' || ticket[i] > '~' || ticket[i] == '\'')
			return FALSE;
	return n > 0 && n <= MSN_TICKET_MAX;
}

static void wipe(char *secret)
{
	if (secret)
		gnutls_memset(secret, 0, strlen(secret));
	g_free(secret);
}

char *msn_passport_ticket(const char *authentication_info)
{
	char *ticket = pair_find(authentication_info, "from-PP");

	if (ticket && is_ticket(ticket))
		return ticket;
	wipe(ticket);
	return NULL;
}

char *msn_passport_words(const char *www_authenticate)
{
	g_autofree char *encoded = pair_find(www_authenticate, "cbtxt");
	g_autofree char *raw = encoded ? msn_percent_decode(encoded, -1) : NULL;
	char *words = raw ? text_line(raw, MSN_CBTXT_MAX) : NULL;

	if (words && !*g_strstrip(words))
		g_clear_pointer(&words, g_free);
	return words;
}

static gboolean is_header_text(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return FALSE;
	return TRUE;
}

char *msn_passport_authorization(const char *account, const char *password,
				 const char *server_string)
{
	g_autofree char *name = msn_name_encode(account);
	char *secret, *value;

	if (!is_header_text(server_string))
		return NULL;
	secret = msn_name_encode(password);
	value = g_strconcat(PREAMBLE "sign-in=", name, ",pwd=", secret, ",", server_string, NULL);
	wipe(secret);
	if (strlen(value) <= FIELDS_VALUE_MAX)
		return value;
	wipe(value);
	return NULL;
}
