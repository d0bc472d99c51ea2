/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-command: a line read and written again says the same, whichever side spoke. */
#include "plugins/msnp8/wire/command.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n);

static void check_param(const char *param)
{
	g_autofree char *name = msn_name_decode(param);
	g_autofree char *encoded = msn_name_encode(name);
	g_autofree char *cut = msn_name_encode_cut(name, 100);
	g_autofree char *back = msn_name_decode(encoded);
	g_autofree char *account = msn_account_new(param);
	g_autofree char *host = NULL;
	guint16 port;

	g_assert_null(strchr(param, ' '));
	g_assert_true(g_utf8_validate(name, -1, NULL));
	g_assert_true(strlen(name) <= MSN_NAME_MAX);
	g_assert_true(strcmp(name, back) == 0);
	g_assert_true(strlen(cut) <= 100 && g_str_has_prefix(encoded, cut));
	if (account)
		g_assert_true(strlen(account) <= MSN_ACCOUNT_MAX && strchr(account, '@'));
	if (msn_address_read(param, &host, &port))
		g_assert_true(*host && port > 0);
}

static gboolean same(const struct msn_command *a, const struct msn_command *b)
{
	if (strcmp(a->verb, b->verb) != 0 || a->n_params != b->n_params ||
	    a->has_trid != b->has_trid || a->trid != b->trid || a->payload != b->payload ||
	    a->payload_n != b->payload_n)
		return FALSE;
	for (guint i = 0; i < a->n_params; i++)
		if (strcmp(a->params[i], b->params[i]) != 0)
			return FALSE;
	return TRUE;
}

/* The line put together as its parts stand in it. */
static void check_again(const struct msn_command *c, enum msn_side side)
{
	struct msn_command *again = g_new(struct msn_command, 1);
	g_autoptr(GString) line = g_string_new(c->verb);

	if (c->has_trid)
		g_string_append_printf(line, " %u", c->trid);
	for (guint i = 0; i < c->n_params; i++)
		g_string_append_printf(line, " %s", c->params[i]);
	if (c->payload != MSN_PAYLOAD_NONE)
		g_string_append_printf(line, " %u", (guint)c->payload_n);
	g_assert_cmpint(msn_command_read(again, side, line->str, line->len), ==, MSN_COMMAND_OK);
	g_assert_true(same(c, again));
	g_free(again);
}

/* No parameter, however odd, adds a line or a word. */
static void check_written(const struct msn_command *c)
{
	g_autoptr(GString) out = g_string_new(NULL);
	const char *param = msn_command_param(c, 0);

	if (!msn_command_write(out, "REA", 1, param, NULL)) {
		g_assert_cmpuint(out->len, ==, 0);
		return;
	}
	g_assert_true(strchr(out->str, '\r') == out->str + out->len - 2);
	g_assert_true(strrchr(out->str, ' ') == out->str + strlen("REA 1"));
}

static void check_line(const guint8 *data, gsize n, enum msn_side side)
{
	struct msn_command *c = g_new(struct msn_command, 1);

	if (msn_command_read(c, side, data, n) == MSN_COMMAND_OK) {
		g_assert_true(c->error ? c->error >= 100 && !*c->verb : strlen(c->verb) == 3);
		g_assert_cmpuint(c->n_params, <=, MSN_PARAMS_MAX);
		g_assert_cmpuint(c->payload_n, <=, MSN_PAYLOAD_MAX);
		for (guint i = 0; i < c->n_params; i++)
			check_param(msn_command_param(c, i));
		check_written(c);
		if (c->error == 0 && n < MSN_LINE_MAX / 2)
			check_again(c, side);
	}
	g_free(c);
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n)
{
	gboolean is;

	check_line(data, n, MSN_FROM_SERVER);
	check_line(data, n, MSN_FROM_CLIENT);
	g_assert_true(msn_payload_looks(data, n, &is) || n < 4);
	return 0;
}
