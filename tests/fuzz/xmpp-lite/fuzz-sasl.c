/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-sasl: a server's messages, one line each, never pass SCRAM without the password. */
#include <string.h>

#include "plugins/xmpp-lite/wire/sasl.h"

#define NONCE "fyko+d2lbbFgONRv9qkxdawL"
/* The one line that may verify: the answer to RFC 5802's example. */
#define SIGNATURE "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n);

static void check_base64(const char *text)
{
	g_autoptr(GBytes) octets = sasl_base64_decode(text);
	g_autofree char *again = NULL;
	gsize n;
	const guint8 *data;

	if (!octets)
		return;
	data = g_bytes_get_data(octets, &n);
	again = g_base64_encode(data, n);
	g_assert_true(strcmp(text, again) == 0);
}

/* Large iteration counts are only slow; the limit itself is for the unit test. */
static gboolean is_slow(const char *text)
{
	const char *i = strstr(text, ",i=");

	return i && strspn(i + 3, "0123456789") > 4;
}

static void check_exchange(const char *first, const char *final)
{
	struct scram *s = scram_new(SCRAM_SHA_1, "user", "pencil", NULL, NULL, FALSE, NONCE);
	const char *answer = NULL;
	enum scram_result result = scram_client_final(s, first, strlen(first), &answer);

	g_assert_true((result == SCRAM_OK) == (answer != NULL));
	if (answer)
		g_assert_true(g_str_has_prefix(answer, "c=biws,r=" NONCE));
	result = scram_verify(s, final, strlen(final));
	g_assert_true(result != SCRAM_OK || (answer && g_str_has_prefix(final, SIGNATURE)));
	g_assert_true((result == SCRAM_REFUSED) == (scram_server_error(s) != NULL));
	g_assert_true(result != SCRAM_REFUSED || g_utf8_validate(scram_server_error(s), -1, NULL));
	scram_free(s);
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n)
{
	g_autofree char *text = g_strndup((const char *)data, n);
	char *line = strchr(text, '\n');

	check_base64(text);
	if (line)
		*line++ = '\0';
	if (!is_slow(text))
		check_exchange(text, line ? line : "");
	return 0;
}
