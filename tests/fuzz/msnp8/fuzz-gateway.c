/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-gateway: whatever a gateway calls its session, the next request is one URL with one id. */
#include <stdint.h>
#include <string.h>

#include "common/http_msg.h"
#include "plugins/msnp8/wire/gateway.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A URL that can be asked, with the id as its last parameter and nothing after it. */
static void check_url(const char *id, gboolean is_poll)
{
	g_autofree char *url = msn_gateway_url("gw.example.com", 80, id, is_poll);
	g_autofree char *end = g_strconcat("SessionID=", id, NULL);
	struct http_url read = {0};

	g_assert_true(g_str_has_suffix(url, end));
	g_assert_true(http_url_read(url, &read));
	g_assert_true(g_str_has_suffix(read.target, end));
	g_assert_cmpuint(strcspn(id, "&#? "), ==, strlen(id));
	http_url_clear(&read);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	g_autofree char *value = g_strndup((const char *)data, n);
	g_autofree char *host = g_utf8_make_valid(value, -1);
	g_autofree char *open = msn_gateway_open_url("gw.example.com", 80, FALSE, host);
	struct http_url read = {0};
	gboolean is_closed;
	char *id;

	if (strlen(open) <= HTTP_URL_MAX) {
		g_assert_true(http_url_read(open, &read));
		http_url_clear(&read);
	}
	if (!msn_gateway_answer_read(value, &id, &is_closed))
		return 0;
	g_assert_cmpuint(strlen(id), <=, MSN_GATEWAY_ID_MAX);
	check_url(id, TRUE);
	check_url(id, FALSE);
	g_free(id);
	return 0;
}
