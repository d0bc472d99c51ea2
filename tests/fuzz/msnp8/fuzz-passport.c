/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-passport: tickets fit into commands, login servers are web addresses, and no password or
 * server string gets out of its header. */
#include "plugins/msnp8/wire/command.h"
#include "plugins/msnp8/wire/passport.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n);

static void check_ticket(const char *value)
{
	g_autofree char *ticket = msn_passport_ticket(value);
	g_autoptr(GString) out = g_string_new(NULL);

	if (ticket)
		g_assert_true(msn_command_write(out, "USR", 4, "TWN", "S", ticket, NULL));
}

static void check_authorization(const char *text)
{
	g_autofree char *value = msn_passport_authorization("ann@example.com", text, "lc=1");
	g_autofree char *other = msn_passport_authorization("ann@example.com", "secret", text);
	guint commas = 0;

	for (const char *c = value; c && *c; c++)
		commas += *c == ',';
	g_assert_true(!value || (commas == 4 && !strpbrk(value, "\r\n")));
	g_assert_true(!other || (g_str_has_suffix(other, text) && !strpbrk(other, "\r\n")));
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n)
{
	g_autofree char *value = g_strndup((const char *)data, n);
	g_autofree char *url = msn_passport_login_url(value);
	g_autofree char *words = msn_passport_words(value);

	g_assert_true(!url || g_str_has_prefix(url, "http"));
	g_assert_true(!words || (*words && g_utf8_validate(words, -1, NULL) &&
				 strlen(words) <= MSN_CBTXT_MAX && !strpbrk(words, "\r\n")));
	msn_passport_status(value);
	check_ticket(value);
	check_authorization(value);
	return 0;
}
