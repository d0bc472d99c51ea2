/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-invite: an invitation can be written and read again, and names neither folder nor host. */
#include "plugins/msnp8/wire/body.h"
#include "plugins/msnp8/wire/invite.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n);

static void check(const struct msn_invite *i)
{
	if (i->file) {
		g_assert_true(*i->file && strlen(i->file) <= MSN_FILE_NAME_MAX);
		g_assert_null(strpbrk(i->file, "/\\\r\n"));
		g_assert_true(strcmp(i->file, ".") != 0 && strcmp(i->file, "..") != 0);
		g_assert_true(g_utf8_validate(i->file, -1, NULL));
	}
	if (i->ip)
		g_assert_true(strspn(i->ip, "0123456789abcdefABCDEF:.") == strlen(i->ip));
	g_assert_true(!i->application || g_utf8_validate(i->application, -1, NULL));
	g_assert_true(i->cancel <= MSN_CANCEL_OUTBAND);
}

static gboolean same(const char *a, const char *b)
{
	return g_strcmp0(a, b) == 0;
}

static void check_again(const struct msn_invite *i)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct msn_invite *again;
	struct msn_body *b;

	if (!msn_invite_write(out, i)) {
		g_assert_cmpint(i->command, ==, MSN_INVITE_OTHER);
		return;
	}
	b = msn_body_read(out->str, out->len);
	again = msn_invite_read(b->content, b->content_n);
	msn_body_free(b);
	g_assert_nonnull(again);
	g_assert_true(again->command == i->command && again->cookie == i->cookie);
	g_assert_true(same(again->file, i->file) && again->size == i->size);
	g_assert_true(same(again->ip, i->ip) && same(again->auth_cookie, i->auth_cookie));
	g_assert_true(again->port == i->port && again->is_file == i->is_file);
	msn_invite_free(again);
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n)
{
	struct msn_invite *i = msn_invite_read(data, n);

	if (!i)
		return 0;
	check(i);
	check_again(i);
	msn_invite_free(i);
	return 0;
}
