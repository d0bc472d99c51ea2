/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-gateway: where an HTTP gateway is asked, and what its header says. */
#include <string.h>

#include "plugins/msnp8/wire/gateway.h"

static void urls_hold_nothing_that_was_not_escaped(void)
{
	g_autofree char *open = msn_gateway_open_url("gw.example.com", 80, FALSE, "ns.example.com");
	g_autofree char *odd = msn_gateway_open_url("::1", 8080, TRUE, "a&b c#d\xC3\xA4");
	g_autofree char *post = msn_gateway_url("gw.example.com", 80, "12.34", FALSE);
	g_autofree char *poll = msn_gateway_url("gw.example.com", 80, "12.34", TRUE);

	g_assert_cmpstr(open, ==,
			"http://gw.example.com:80/gateway/"
			"gateway.dll?Action=open&Server=NS&IP=ns.example.com");
	g_assert_cmpstr(odd, ==,
			"http://[::1]:8080/gateway/"
			"gateway.dll?Action=open&Server=SB&IP=a%26b%20c%23d%C3%A4");
	g_assert_cmpstr(post, ==, "http://gw.example.com:80/gateway/gateway.dll?SessionID=12.34");
	g_assert_cmpstr(poll, ==,
			"http://gw.example.com:80/gateway/gateway.dll?Action=poll&SessionID=12.34");
}

static const struct {
	const char *name, *value, *id; /* id NULL: refused */
	gboolean is_closed;
} answers[] = {
	{"as-a-uuid", "SessionID=e561114f-31ac-4d2a-be8d-828117a7143f; GW-IP=ns.example.com",
	 "e561114f-31ac-4d2a-be8d-828117a7143f", FALSE},
	{"with-a-dot-and-closing", "SessionID=954.20503; GW-IP=192.0.2.7; Session=close",
	 "954.20503", TRUE},
	{"in-any-order-case-and-spacing", "gw-ip=x;session=CLOSE ;  SESSIONID=a.b", "a.b", TRUE},
	{"still-open", "SessionID=a; Session=open", "a", FALSE},
	{"words-without-a-value", "Session; SessionID=a", "a", FALSE},
	{"without-an-id", "GW-IP=192.0.2.7", NULL, FALSE},
	{"with-an-empty-id", "SessionID=; GW-IP=192.0.2.7", NULL, FALSE},
	{"with-an-id-that-adds-a-parameter", "SessionID=a&Server=SB", NULL, FALSE},
	{"with-an-id-that-ends-the-line", "SessionID=a b", NULL, FALSE},
	{"with-an-empty-value", "", NULL, FALSE},
};

static void answer_is_read(gconstpointer data)
{
	guint i = GPOINTER_TO_UINT(data);
	char *id = NULL;
	gboolean is_closed = -1;

	g_assert_cmpint(msn_gateway_answer_read(answers[i].value, &id, &is_closed), ==,
			answers[i].id != NULL);
	g_assert_cmpstr(id, ==, answers[i].id);
	g_assert_cmpint(is_closed, ==, answers[i].id ? answers[i].is_closed : -1);
	g_free(id);
}

static void an_endless_id_is_refused(void)
{
	g_autofree char *long_id = g_strnfill(MSN_GATEWAY_ID_MAX + 1, 'x');
	g_autofree char *value = g_strconcat("SessionID=", long_id, NULL);
	char *id = NULL;
	gboolean is_closed;

	g_assert_false(msn_gateway_answer_read(value, &id, &is_closed));
	value[strlen(value) - 1] = '\0';
	g_assert_true(msn_gateway_answer_read(value, &id, &is_closed));
	g_free(id);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/msnp8/gateway/urls-hold-nothing-that-was-not-escaped",
			urls_hold_nothing_that_was_not_escaped);
	for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
		g_autofree char *path =
			g_strconcat("/msnp8/gateway/answer-", answers[i].name, NULL);

		g_test_add_data_func(path, GUINT_TO_POINTER(i), answer_is_read);
	}
	g_test_add_func("/msnp8/gateway/an-endless-id-is-refused", an_endless_id_is_refused);
	return g_test_run();
}
