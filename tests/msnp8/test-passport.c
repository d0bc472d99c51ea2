/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-passport: the headers of the servers known are read, and no password changes the header. */
#include "plugins/msnp8/wire/passport.h"

#include <string.h>

typedef char *(*read_h)(const char *value);

struct reading {
	const char *value, *expected;
};

static void assert_readings(read_h read, const struct reading *cases, gsize n)
{
	for (gsize i = 0; i < n; i++) {
		g_autofree char *result = read(cases[i].value);

		g_assert_cmpstr(result, ==, cases[i].expected);
	}
}

static void test_login_url(void)
{
	static const struct reading cases[] = {
		{"DARealm=Passport.Net,DALogin=login.example.com/login2.srf,DAReg=https://"
		 "x.example/",
		 "https://login.example.com/login2.srf"},
		{"DALogin=https://localhost:8443/login", "https://localhost:8443/login"},
		{"dalogin=http://localhost:8081/login", "http://localhost:8081/login"},
		{" DARealm=a, DALogin=login.example.com ", "https://login.example.com/"},
		{"DARealm=a", NULL},
		{"DALogin=", NULL},
		{"DALogin", NULL},
		{"DALogin=ftp://example.com/", NULL},
		{"DALogin=user@example.com/", NULL},
		{"DALogin=a b/", NULL},
		{"", NULL},
	};

	assert_readings(msn_passport_login_url, cases, G_N_ELEMENTS(cases));
}

static void test_ticket(void)
{
	static const struct reading cases[] = {
		{"Passport1.4 da-status=success,from-PP='8f610645a47fcc89721f'",
		 "8f610645a47fcc89721f"},
		{"Passport1.4 "
		 "da-status=success,tname=MSPAuth,from-PP='t=a,b&p=c',ru=http://x.example",
		 "t=a,b&p=c"},
		{"Passport1.4 FROM-PP=abc,x=y", "abc"},
		{"Passport1.4 from-PP=''", NULL},
		{"Passport1.4 from-PP='a b'", NULL},
		{"Passport1.4 from-PP='a\tb'", NULL},
		{"Passport1.4 from-PP='unclosed", NULL},
		{"Passport1.4 da-status=success", NULL},
		{"Passport1.4 x='from-PP=evil',from-PP='good'", "good"},
		{"", NULL},
	};
	g_autofree char *long_one = g_strnfill(MSN_TICKET_MAX + 9, 'x');
	g_autofree char *fits = NULL;

	assert_readings(msn_passport_ticket, cases, G_N_ELEMENTS(cases));
	memcpy(long_one, "from-PP=", 8);
	g_assert_null(msn_passport_ticket(long_one));
	long_one[MSN_TICKET_MAX + 8] = '\0';
	fits = msn_passport_ticket(long_one);
	g_assert_cmpuint(strlen(fits), ==, MSN_TICKET_MAX);
}

static void test_status(void)
{
	static const struct {
		const char *value;
		enum msn_passport_status expected;
	} cases[] = {
		{"Passport1.4 da-status=success,from-PP='x'", MSN_PASSPORT_SUCCESS},
		{"Passport1.4 da-status=redir", MSN_PASSPORT_REDIRECT},
		{"Passport1.4 srealm=x,da-status=failed,cbtxt=a", MSN_PASSPORT_FAILED},
		{"Passport1.4 da-status=failed-noretry", MSN_PASSPORT_UNREADABLE},
		{"Passport1.4", MSN_PASSPORT_UNREADABLE},
		{"Basic realm=x", MSN_PASSPORT_UNREADABLE},
		{"", MSN_PASSPORT_UNREADABLE},
		{NULL, MSN_PASSPORT_UNREADABLE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpint(msn_passport_status(cases[i].value), ==, cases[i].expected);
}

static void test_words(void)
{
	static const struct reading cases[] = {
		{"Passport1.4 da-status=failed,cbtxt=Wrong%20password%2c%20sorry,x=y",
		 "Wrong password, sorry"},
		{"Passport1.4 da-status=failed", NULL},
		{"Passport1.4 da-status=failed,cbtxt=", NULL},
		{"Passport1.4 da-status=failed,cbtxt=%20%0d%0a", NULL},
		{"Passport1.4 cbtxt=a%0d%0ab%00%ff", "a b\xef\xbf\xbd"},
	};

	assert_readings(msn_passport_words, cases, G_N_ELEMENTS(cases));
}

#define PREAMBLE "Passport1.4 OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger%2Emsn%2Ecom,"

static void test_authorization(void)
{
	static const struct {
		const char *account, *password, *server, *expected;
	} cases[] = {
		{"ann@example.com", "secret", "ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1",
		 PREAMBLE "sign-in=ann%40example.com,pwd=secret,"
			  "ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1"},
		{"ann@example.com", "pa,ss w%rd=\"\r\n\xc3\xa9", "x",
		 PREAMBLE "sign-in=ann%40example.com,pwd=pa%2Css%20w%25rd%3D%22%0D%0A%C3%A9,x"},
		{"a@b", "p", "lc=1033\r\nEvil: 1", NULL},
		{"a@b", "p", "\xc3\xa9", NULL},
	};
	g_autofree char *huge = g_strnfill(9000, 'p');

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *value = msn_passport_authorization(
			cases[i].account, cases[i].password, cases[i].server);

		g_assert_cmpstr(value, ==, cases[i].expected);
	}
	g_assert_null(msn_passport_authorization("a@b", huge, "x"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/msnp8/passport/both-forms-of-the-login-server", test_login_url);
	g_test_add_func("/msnp8/passport/the-ticket-without-its-quotes", test_ticket);
	g_test_add_func("/msnp8/passport/status-of-the-login", test_status);
	g_test_add_func("/msnp8/passport/the-servers-own-words", test_words);
	g_test_add_func("/msnp8/passport/any-password-fits-into-the-header", test_authorization);
	return g_test_run();
}
