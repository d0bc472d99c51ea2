/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gateway: "SessionID=…; GW-IP=…; Session=close". */
#include "plugins/msnp8/wire/gateway.h"

#include <string.h>

static char *base_url(const char *gateway, guint16 port)
{
	const char *form = strchr(gateway, ':') ? "http://[%s]:%u/gateway/gateway.dll?"
						: "http://%s:%u/gateway/gateway.dll?";

	return g_strdup_printf(form, gateway, port);
}

char *msn_gateway_open_url(const char *gateway, guint16 port, gboolean is_switchboard,
			   const char *host)
{
	g_autofree char *base = base_url(gateway, port);
	g_autofree char *escaped = g_uri_escape_string(host, ":", FALSE);

	return g_strdup_printf("%sAction=open&Server=%s&IP=%s", base, is_switchboard ? "SB" : "NS",
			       escaped);
}

char *msn_gateway_url(const char *gateway, guint16 port, const char *id, gboolean is_poll)
{
	g_autofree char *base = base_url(gateway, port);

	return g_strdup_printf("%s%sSessionID=%s", base, is_poll ? "Action=poll&" : "", id);
}

/* Ids are opaque: one had a dot in it, another is a UUID. They only must not end their place. */
static gboolean is_id(const char *text)
{
	gsize n = strlen(text);

	if (n == 0 || n > MSN_GATEWAY_ID_MAX)
		return FALSE;
	for (; *text; text++) {
		if (!g_ascii_isalnum(*text) && !strchr("-._~:@!$'()*+,/", *text))
			return FALSE;
	}
	return TRUE;
}

gboolean msn_gateway_answer_read(const char *value, char **ret_id, gboolean *ret_is_closed)
{
	g_auto(GStrv) parts = g_strsplit(value, ";", 16);
	const char *id = NULL;
	gboolean is_closed = FALSE;

	for (char **p = parts; *p; p++) {
		char *equals = strchr(g_strstrip(*p), '=');

		if (!equals)
			continue;
		*equals = '\0';
		if (g_ascii_strcasecmp(*p, "SessionID") == 0)
			id = equals + 1;
		else if (g_ascii_strcasecmp(*p, "Session") == 0)
			is_closed = g_ascii_strcasecmp(equals + 1, "close") == 0;
	}
	if (!id || !is_id(id))
		return FALSE;
	*ret_id = g_strdup(id);
	*ret_is_closed = is_closed;
	return TRUE;
}
