/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-jid: a prepared address is prepared, falls into parts and is built from them again. */
#include <string.h>

#include "plugins/xmpp-lite/wire/jid.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n);

static void check_address(const char *raw)
{
	char jid[JID_MAX] = "x", again[JID_MAX] = "x";
	g_autofree char *bare = NULL, *local = NULL, *domain = NULL, *built = NULL, *ascii = NULL;
	const char *resource;

	if (!jid_prepare(raw, jid)) {
		g_assert_true(strcmp(jid, "x") == 0);
		g_assert_true(!jid_prepare(raw, jid));
		return;
	}
	g_assert_true(g_utf8_validate(jid, -1, NULL));
	g_assert_true(jid_prepare(jid, again) && strcmp(jid, again) == 0);
	bare = jid_bare(jid);
	local = jid_local(jid);
	domain = jid_domain(jid);
	resource = jid_resource(jid);
	g_assert_true(*domain && strlen(domain) <= JID_PART_MAX && !strpbrk(domain, "@/ "));
	g_assert_true(!local ||
		      (*local && strlen(local) <= JID_PART_MAX && !strpbrk(local, "@/ ")));
	g_assert_true(!resource || (*resource && strlen(resource) <= JID_PART_MAX));
	g_assert_true(jid_same_bare(jid, bare));
	built = jid_build(local, domain, resource);
	g_assert_true(built && strcmp(built, jid) == 0);
	ascii = jid_domain_ascii(domain);
	for (const char *p = ascii; p && *p; p++)
		g_assert_true(g_ascii_isgraph(*p) && !g_ascii_isupper(*p));
}

static void check_password(const char *text)
{
	g_autofree char *prepared = jid_saslprep(text);

	g_assert_true(!prepared || g_utf8_validate(prepared, -1, NULL));
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n)
{
	g_autofree char *text = g_strndup((const char *)data, n);

	check_address(text);
	check_password(text);
	jid_cache_clear();
	return 0;
}
