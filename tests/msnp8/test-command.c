/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-command: lines of both directions are understood, and nothing breaks out of one we write. */
#include "plugins/msnp8/wire/command.h"

#include <string.h>

/* A command as one line: verb, "#" TrID, parameters in brackets, payload. */
static char *print(const struct msn_command *c)
{
	GString *out = g_string_new(c->verb);

	if (c->error > 0)
		g_string_append_printf(out, "error %d", c->error);
	if (c->has_trid)
		g_string_append_printf(out, " #%u", c->trid);
	for (guint i = 0; i < c->n_params; i++)
		g_string_append_printf(out, " [%s]", msn_command_param(c, i));
	if (c->payload != MSN_PAYLOAD_NONE)
		g_string_append_printf(out, " %s%u", c->payload == MSN_PAYLOAD_SURE ? "+" : "+?",
				       (guint)c->payload_n);
	return g_string_free(out, FALSE);
}

static char *read_print(enum msn_side side, const char *line)
{
	struct msn_command c;

	switch (msn_command_read(&c, side, line, strlen(line))) {
	case MSN_COMMAND_OK:
		return print(&c);
	case MSN_COMMAND_EMPTY:
		return g_strdup("empty");
	default:
		return g_strdup("bad");
	}
}

static const struct {
	const char *line, *expected;
} from_server[] = {
	{"VER 1 MSNP8", "VER #1 [MSNP8]"},
	{"VER 0 MSNP8 CVR0", "VER #0 [MSNP8] [CVR0]"},
	{"USR 3 TWN S ct=1,rver=1,wp=FS,lc=1,id=1",
	 "USR #3 [TWN] [S] [ct=1,rver=1,wp=FS,lc=1,id=1]"},
	{"XFR 3 NS 192.0.2.7:1863 0 192.0.2.1:1863",
	 "XFR #3 [NS] [192.0.2.7:1863] [0] [192.0.2.1:1863]"},
	{"SYN 5 7 2 1", "SYN #5 [7] [2] [1]"},
	{"GTC A", "GTC [A]"},
	{"GTC 9 12 A", "GTC #9 [12] [A]"},
	{"BLP AL", "BLP [AL]"},
	{"BLP 9 12 BL", "BLP #9 [12] [BL]"},
	{"PRP PHH 555%201234", "PRP [PHH] [555%201234]"},
	{"PRP 9 12 PHH 5551234", "PRP #9 [12] [PHH] [5551234]"},
	{"PRP 9 12 PHH", "PRP #9 [12] [PHH]"},
	{"BPR PHH 5551234", "BPR [PHH] [5551234]"},
	{"BPR 4 ann@example.com PHH", "BPR [4] [ann@example.com] [PHH]"},
	{"LSG 0 Other%20Contacts 0", "LSG [0] [Other%20Contacts] [0]"},
	{"LST bob@example.com Bob 11 0,1", "LST [bob@example.com] [Bob] [11] [0,1]"},
	{"LST bob@example.com 7 11", "LST [bob@example.com] [7] [11]"},
	{"ADD 0 RL 2 ann@example.com Ann%20Test", "ADD #0 [RL] [2] [ann@example.com] [Ann%20Test]"},
	{"ILN 7 NLN ann@example.com Ann 0", "ILN #7 [NLN] [ann@example.com] [Ann] [0]"},
	{"NLN NLN bob@example.com 5 0", "NLN [NLN] [bob@example.com] [5] [0]"},
	{"FLN bob@example.com", "FLN [bob@example.com]"},
	{"QNG", "QNG"},
	{"QNG 50", "QNG [50]"},
	{"CHL 0 15570131571988941333", "CHL #0 [15570131571988941333]"},
	{"QRY 8", "QRY #8"},
	{"RNG 17342299 192.0.2.9:1864 CKI k2 ann@example.com Ann",
	 "RNG [17342299] [192.0.2.9:1864] [CKI] [k2] [ann@example.com] [Ann]"},
	{"OUT OTH", "OUT [OTH]"},
	{"OUT", "OUT"},
	{"MSG Hotmail Hotmail 312", "MSG [Hotmail] [Hotmail] +312"},
	{"MSG 1@example.com 5 0", "MSG [1@example.com] [5] +0"},
	{"NOT 657", "NOT +657"},
	{"IPG 12", "IPG +12"},
	{"IRO 1 1 2 ann@example.com Ann", "IRO #1 [1] [2] [ann@example.com] [Ann]"},
	{"JOI bob@example.com 99", "JOI [bob@example.com] [99]"},
	{"BYE bob@example.com 1", "BYE [bob@example.com] [1]"},
	{"ACK 3", "ACK #3"},
	{"NAK 4294967295", "NAK #4294967295"},
	{"NAK 4294967296", "NAK [4294967296]"},
	{"911 3", "error 911 #3"},
	{"540", "error 540"},
	{"209 7 more words", "error 209 #7 [more] [words]"},
	/* ---- tolerated ---- */
	{"  ver   1  MSNP8 ", "VER #1 [MSNP8]"},
	{"", "empty"},
	{"   ", "empty"},
	{"NLN NLN b@example.com Bo\xc3\xa9 0", "NLN [NLN] [b@example.com] [Bo\xc3\xa9] [0]"},
	/* ---- later versions', and nobody's ---- */
	{"UBX bob@example.com 53", "UBX [bob@example.com] +53"},
	{"UBX bob@example.com", "UBX [bob@example.com]"},
	{"GCF 4 Shields.xml 145", "GCF #4 [Shields.xml] +145"},
	{"ADL 6 OK", "ADL #6 [OK]"},
	{"XYZ 657", "XYZ +?657"},
	{"XYZ 0 foo 12", "XYZ #0 [foo] +?12"},
	{"XYZ 0 foo 0", "XYZ #0 [foo] [0]"},
	{"XYZ 0 foo 012", "XYZ #0 [foo] [012]"},
	{"XYZ 9 foo", "XYZ #9 [foo]"},
	{"XYZ 9 65537", "XYZ #9 [65537]"},
	{"XYZ", "XYZ"},
	/* ---- refused ---- */
	{"MSG Hotmail Hotmail", "bad"},
	{"MSG Hotmail Hotmail -1", "bad"},
	{"MSG Hotmail Hotmail 65537", "bad"},
	{"MSG Hotmail Hotmail 12x", "bad"},
	{"MSG", "bad"},
	{"NOT", "bad"},
	{"VERY 1", "bad"},
	{"VE 1", "bad"},
	{"099 1", "bad"},
	{"\xc3\xa9v 1", "bad"},
	{"SSH-2.0-OpenSSH", "bad"},
};

static void test_from_server(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(from_server); i++) {
		g_autofree char *told = read_print(MSN_FROM_SERVER, from_server[i].line);

		g_assert_cmpstr(told, ==, from_server[i].expected);
	}
}

static void test_from_client(void)
{
	static const struct {
		const char *line, *expected;
	} cases[] = {
		{"VER 1 MSNP8 CVR0", "VER #1 [MSNP8] [CVR0]"},
		{"MSG 3 U 88", "MSG #3 [U] +88"},
		{"QRY 8 msmsgs@msnmsgr.com 32", "QRY #8 [msmsgs@msnmsgr.com] +32"},
		{"QRY 8 msmsgs@msnmsgr.com", "bad"},
		{"PNG", "PNG"},
		{"OUT", "OUT"},
		{"GTC 4 A", "GTC #4 [A]"},
		{"PRP 4 PHH", "PRP #4 [PHH]"},
		{"CHG 4 NLN 0", "CHG #4 [NLN] [0]"},
		{"ANS 1 bob@example.com k2 s1", "ANS #1 [bob@example.com] [k2] [s1]"},
		{"PGD 5 555 1 20", "PGD #5 [555] [1] +20"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *told = read_print(MSN_FROM_CLIENT, cases[i].line);

		g_assert_cmpstr(told, ==, cases[i].expected);
	}
}

static void test_read_limits(void)
{
	g_autofree char *line = g_strnfill(MSN_LINE_MAX + 1, 'x');
	g_autoptr(GString) many = g_string_new("LST");
	struct msn_command c;

	memcpy(line, "LST ", 4);
	g_assert_cmpint(msn_command_read(&c, MSN_FROM_SERVER, line, MSN_LINE_MAX), ==,
			MSN_COMMAND_OK);
	g_assert_cmpuint(strlen(msn_command_param(&c, 0)), ==, MSN_LINE_MAX - 4);
	g_assert_cmpint(msn_command_read(&c, MSN_FROM_SERVER, line, MSN_LINE_MAX + 1), ==,
			MSN_COMMAND_BAD);
	g_assert_cmpint(msn_command_read(&c, MSN_FROM_SERVER, "LST a\0b", 7), ==, MSN_COMMAND_BAD);
	for (guint i = 0; i < MSN_PARAMS_MAX; i++)
		g_string_append(many, " x");
	g_assert_cmpint(msn_command_read(&c, MSN_FROM_SERVER, many->str, many->len), ==,
			MSN_COMMAND_OK);
	g_assert_cmpuint(c.n_params, ==, MSN_PARAMS_MAX);
	g_assert_cmpstr(msn_command_param(&c, MSN_PARAMS_MAX), ==, "");
	g_string_append(many, " x");
	g_assert_cmpint(msn_command_read(&c, MSN_FROM_SERVER, many->str, many->len), ==,
			MSN_COMMAND_BAD);
}

static void test_payload_looks(void)
{
	static const struct {
		const char *ahead;
		int expected; /* -1: cannot say yet */
	} cases[] = {
		{"", -1},	{"N", -1},	  {"NLN", -1},	{"91", -1},  {"NLN NLN x", 0},
		{"OUT\r\n", 0}, {"911 3\r\n", 0}, {"<NOT", 1},	{"<", 1},    {"MIME-Version", 1},
		{"NLNx", 1},	{"Nl", 1},	  {"12345", 1}, {"\r\n", 1}, {"QNG\n", 0},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		gboolean is = 7;
		gboolean can_say = msn_payload_looks((const guint8 *)cases[i].ahead,
						     strlen(cases[i].ahead), &is);

		g_assert_cmpint(can_say ? is : -1, ==, cases[i].expected);
		g_assert_true(can_say || is == 7);
	}
}

static void test_writes(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *name = msn_name_encode("B\xc3\xa9 & Co");

	g_assert_true(msn_command_write(out, "ADD", 6, "FL", "bob@example.com", name, "0", NULL));
	g_assert_true(msn_command_write(out, "PNG", MSN_NO_TRID, NULL));
	g_assert_true(msn_command_write(out, "XFR", G_MAXUINT32, "SB", NULL));
	g_assert_true(msn_command_write_payload(out, "ab\r\n", 4, "MSG", 3, "A", NULL));
	g_assert_true(msn_command_write_payload(out, NULL, 0, "NOT", MSN_NO_TRID, NULL));
	g_assert_cmpstr(out->str, ==,
			"ADD 6 FL bob@example.com B%C3%A9%20%26%20Co 0\r\nPNG\r\n"
			"XFR 4294967295 SB\r\nMSG 3 A 4\r\nab\r\nNOT 0\r\n");
}

static void test_writes_no_more(void)
{
	static const char *const bad[] = {"", "a b", "a\r\nOUT", "a\n", "a\tb", "\x7f", "a\x01"};
	g_autoptr(GString) out = g_string_new("before");
	g_autofree char *param = g_strnfill(MSN_LINE_MAX, 'x');

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_assert_false(msn_command_write(out, "REA", 1, "fine", bad[i], NULL));
		g_assert_false(msn_command_write_payload(out, "x", 1, "MSG", 1, bad[i], NULL));
	}
	g_assert_false(msn_command_write(out, "RE A", 1, NULL));
	g_assert_false(msn_command_write(out, "R\nA", 1, NULL));
	g_assert_false(msn_command_write(out, "REA", 1, param, NULL));
	g_assert_cmpstr(out->str, ==, "before");
	param[MSN_LINE_MAX - strlen("REA 1 ")] = '\0';
	g_assert_true(msn_command_write(out, "REA", 1, param, NULL));
	g_assert_false(msn_command_write_payload(out, "x", 1, "REA", 1, param, NULL));
}

static void test_names(void)
{
	static const struct {
		const char *param, *expected;
	} cases[] = {
		{"Ann%20Example", "Ann Example"},
		{"Ann%20\xe2\x98\x83%20Snow", "Ann \xe2\x98\x83 Snow"},
		{"Ann%20%e2%98%83", "Ann \xe2\x98\x83"},
		{"100%", "100%"},
		{"%4", "%4"},
		{"%zz%41", "%zzA"},
		{"a+b", "a+b"},
		{"a%0d%0ab", "a b"},
		{"a%00b", "ab"},
		{"%ff%fe", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xff", "\xef\xbf\xbd"},
		{"%25%32%30", "%20"},
		{"%E2%80%AEevil", "evil"},
		{"", ""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name = msn_name_decode(cases[i].param);

		g_assert_cmpstr(name, ==, cases[i].expected);
	}
}

static void test_names_cut(void)
{
	static const struct {
		const char *name;
		gsize max;
		const char *expected;
	} cases[] = {
		{"abc", 3, "abc"},
		{"abcd", 3, "abc"},
		{"a b", 3, "a"},
		{"a b", 4, "a%20"},
		{"\xe2\x98\x83\xe2\x98\x83", 17, "%E2%98%83"},
		{"\xe2\x98\x83", 8, ""},
		{"", 0, ""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name = msn_name_encode_cut(cases[i].name, cases[i].max);

		g_assert_cmpstr(name, ==, cases[i].expected);
	}
}

static void test_names_round_trip(void)
{
	for (guint c = 1; c < 256; c++) {
		const char name[] = {'a', c, 'b', '\0'};
		g_autofree char *encoded = msn_name_encode(name);
		g_autofree char *decoded = msn_percent_decode(encoded, -1);
		g_autoptr(GString) out = g_string_new(NULL);

		g_assert_cmpstr(decoded, ==, name);
		g_assert_true(msn_command_write(out, "REA", 1, encoded, NULL));
	}
}

static void test_accounts(void)
{
	g_autofree char *longest = g_strnfill(MSN_ACCOUNT_MAX + 1, 'x');
	g_autofree char *fits = NULL;
	static const struct {
		const char *typed, *expected;
	} cases[] = {
		{"Ann@Example.com", "ann@example.com"},
		{"  ann@example.com\n", "ann@example.com"},
		{"ann", NULL},
		{"", NULL},
		{"@example.com", NULL},
		{"ann@", NULL},
		{"a@b@c", NULL},
		{"a b@example.com", NULL},
		{"a\r\n@example.com", NULL},
		{"a\xff@example.com", NULL},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *account = msn_account_new(cases[i].typed);

		g_assert_cmpstr(account, ==, cases[i].expected);
	}
	longest[1] = '@';
	g_assert_null(msn_account_new(longest));
	longest[MSN_ACCOUNT_MAX] = '\0';
	fits = msn_account_new(longest);
	g_assert_cmpstr(fits, ==, longest);
}

static void test_addresses(void)
{
	static const struct {
		const char *param, *host;
		guint16 port;
	} cases[] = {
		{"192.0.2.7:1864", "192.0.2.7", 1864},
		{"192.0.2.7", "192.0.2.7", 1863},
		{"SB.Example.com:1", "sb.example.com", 1},
		{"[2001:DB8::1]:65535", "2001:db8::1", 65535},
		{"[::1]", "::1", 1863},
		{"", NULL, 0},
		{":1863", NULL, 0},
		{"host:", NULL, 0},
		{"host:0", NULL, 0},
		{"host:65536", NULL, 0},
		{"host:12x", NULL, 0},
		{"host/path", NULL, 0},
		{"[::1", NULL, 0},
		{"::1", NULL, 0},
		{"user@host", NULL, 0},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *host = NULL;
		guint16 port = 0;

		g_assert_cmpint(msn_address_read(cases[i].param, &host, &port), ==,
				cases[i].host != NULL);
		g_assert_cmpstr(host, ==, cases[i].host);
		g_assert_cmpuint(port, ==, cases[i].port);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/msnp8/command/lines-of-servers", test_from_server);
	g_test_add_func("/msnp8/command/lines-of-clients", test_from_client);
	g_test_add_func("/msnp8/command/limits-hold", test_read_limits);
	g_test_add_func("/msnp8/command/a-guessed-payload-is-looked-at", test_payload_looks);
	g_test_add_func("/msnp8/command/lines-are-written", test_writes);
	g_test_add_func("/msnp8/command/nothing-breaks-out-of-a-line", test_writes_no_more);
	g_test_add_func("/msnp8/command/names-are-decoded-and-repaired", test_names);
	g_test_add_func("/msnp8/command/names-are-cut-at-characters", test_names_cut);
	g_test_add_func("/msnp8/command/any-octet-survives-in-a-name", test_names_round_trip);
	g_test_add_func("/msnp8/command/accounts-are-lower-case-or-none", test_accounts);
	g_test_add_func("/msnp8/command/addresses-may-lack-a-port", test_addresses);
	return g_test_run();
}
