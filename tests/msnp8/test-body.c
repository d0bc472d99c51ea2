/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-body: contents of messages both ways, whole texts in however many messages they take. */
#include "plugins/msnp8/wire/body.h"

#include <string.h>

#define MIME "MIME-Version: 1.0\r\nContent-Type: "

static struct msn_body *read_body(const char *payload)
{
	struct msn_body *b = msn_body_read(payload, strlen(payload));

	g_assert_nonnull(b);
	return b;
}

static void test_text(void)
{
	static const char payload[] =
		MIME "text/plain; charset=UTF-8\r\n"
		     "X-MMS-IM-Format: FN=MS%20Sans%20Serif; EF=BU; CO=ff; CS=0; PF=22; RL=1\r\n"
		     "\r\n"
		     "one: two\r\nthree \xe2\x98\x83";
	struct msn_body *b = read_body(payload);

	g_assert_cmpint(b->type, ==, MSN_BODY_TEXT);
	g_assert_cmpstr(b->content_type, ==, "text/plain");
	g_assert_cmpstr(b->text, ==, "one: two\nthree \xe2\x98\x83");
	g_assert_cmpstr(b->style.font, ==, "MS Sans Serif");
	g_assert_true(b->style.is_bold && b->style.is_underlined && b->style.is_right_to_left);
	g_assert_false(b->style.is_italic || b->style.is_struck);
	g_assert_cmphex(b->style.rgb, ==, 0xff0000);
	msn_body_free(b);
	msn_body_free(NULL);
}

static void test_texts(void)
{
	static const struct {
		const char *payload, *text;
	} cases[] = {
		{"\r\nhello", "hello"}, /* no headers at all */
		{"MIME-Version: 1.0\r\n\r\nhello", "hello"},
		{"Content-Type: TEXT/PLAIN\n\nhello", "hello"},
		{MIME "text/plain; charset=UTF-8\r\n\r\n", ""},
		{MIME "text/plain; charset=UTF-8\r\n", ""},
		{MIME "text/plain\r\n\r\na\xff\x01", "a\xef\xbf\xbd"},
		{MIME "text/plain; charset=\"ISO-8859-1\"\r\n\r\n\xe4", "\xc3\xa4"},
		{MIME "text/plain; charset=windows-1252; x=y\r\n\r\n\x80", "\xe2\x82\xac"},
		{MIME "text/plain; charset=../../evil\r\n\r\nx\xe4", "x\xef\xbf\xbd"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct msn_body *b = read_body(cases[i].payload);

		g_assert_cmpint(b->type, ==, MSN_BODY_TEXT);
		g_assert_cmpstr(b->text, ==, cases[i].text);
		msn_body_free(b);
	}
}

static void test_unreadable(void)
{
	static const char *const payloads[] = {"no colon\r\n\r\nhello", "", " fold\r\n\r\nx"};

	g_assert_null(msn_body_read(payloads[0], strlen(payloads[0])));
	g_assert_null(msn_body_read(payloads[2], strlen(payloads[2])));
	g_assert_null(msn_body_read("a: b\0\r\n\r\nx", 11));
	msn_body_free(read_body(payloads[1]));
}

static void test_others_are_ignored(void)
{
	static const char *const types[] = {
		"text/x-clientcaps",
		"text/x-clientinfo",
		"text/x-ping",
		"text/x-mms-emoticon",
		"application/x-msnmsgrp2p",
		"text/html",
		"text/plainly",
		"",
		"text/x-msnmsgr-datacast",
	};

	for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
		g_autofree char *payload =
			g_strconcat(MIME, types[i], "\r\n\r\nID: 2\r\nData: x", NULL);
		struct msn_body *b = read_body(payload);

		g_assert_cmpint(b->type, ==, MSN_BODY_OTHER);
		g_assert_cmpstr(b->content_type, ==, types[i]);
		msn_body_free(b);
	}
}

static void test_typing_and_nudge(void)
{
	struct msn_body *b;
	g_autoptr(GString) out = g_string_new("x");

	b = read_body(MIME "text/x-msmsgscontrol\r\nTypingUser: Ann@Example.com\r\n\r\n\r\n");
	g_assert_cmpint(b->type, ==, MSN_BODY_TYPING);
	g_assert_cmpstr(b->account, ==, "ann@example.com");
	msn_body_free(b);
	b = read_body(MIME "text/x-msmsgscontrol\r\n\r\n\r\n");
	g_assert_cmpint(b->type, ==, MSN_BODY_TYPING);
	g_assert_null(b->account);
	msn_body_free(b);
	g_assert_true(msn_body_write_typing(out, "ann@example.com"));
	g_assert_cmpstr(out->str, ==,
			"x" MIME "text/x-msmsgscontrol\r\nTypingUser: ann@example.com\r\n\r\n\r\n");
	g_assert_false(msn_body_write_typing(out, "a@b\r\nEvil: 1"));
	g_assert_true(g_str_has_suffix(out->str, "ann@example.com\r\n\r\n\r\n"));
	g_string_truncate(out, 0);
	msn_body_write_nudge(out);
	b = read_body(out->str);
	g_assert_cmpint(b->type, ==, MSN_BODY_NUDGE);
	msn_body_free(b);
}

static void test_profile(void)
{
	struct msn_body *b =
		read_body(MIME "text/x-msmsgsprofile; charset=UTF-8\r\nLoginTime: 1795212646\r\n"
			       "EmailEnabled: 1\r\npreferredEmail:\r\nsid: 507\r\nkv: 4\r\n"
			       "MSPAuth: 8f6Y6+H31s==&p=\r\nClientPort: 50626\r\n\r\n");

	g_assert_cmpint(b->type, ==, MSN_BODY_PROFILE);
	g_assert_cmpstr(b->mspauth, ==, "8f6Y6+H31s==&p=");
	g_assert_cmpstr(b->sid, ==, "507");
	g_assert_cmpstr(b->kv, ==, "4");
	g_assert_true(b->has_mail);
	msn_body_free(b);
	b = read_body(MIME "text/x-msmsgsprofile\r\nEmailEnabled: 0\r\n\r\n");
	g_assert_null(b->mspauth);
	g_assert_false(b->has_mail);
	msn_body_free(b);
}

static void test_mail(void)
{
	struct msn_body *b;

	b = read_body(MIME
		      "text/x-msmsgsinitialemailnotification; charset=UTF-8\r\n\r\n"
		      "Inbox-Unread: 3\r\nFolders-Unread: 1\r\nInbox-URL: /cgi-bin/HoTMaiL\r\n");
	g_assert_cmpint(b->type, ==, MSN_BODY_INITIAL_MAIL);
	g_assert_cmpuint(b->inbox, ==, 3);
	g_assert_cmpuint(b->folders, ==, 1);
	msn_body_free(b);
	b = read_body(MIME "text/x-msmsgsemailnotification; charset=UTF-8\r\n\r\n"
			   "From: =?iso-8859-1?Q?J=F6rg_B?=\r\nMessage-URL: /x\r\n"
			   "Subject: =?utf-8?B?4piD?=\r\n =?utf-8?B?4piD?= plain\r\n"
			   "Dest-Folder: ACTIVE\r\nFrom-Addr: j@example.com\r\nid: 2\r\n");
	g_assert_cmpint(b->type, ==, MSN_BODY_NEW_MAIL);
	g_assert_cmpstr(b->name, ==, "J\xc3\xb6rg B");
	g_assert_cmpstr(b->account, ==, "j@example.com");
	g_assert_cmpstr(b->subject, ==, "\xe2\x98\x83\xe2\x98\x83 plain");
	g_assert_cmpstr(b->folder, ==, MSN_INBOX_FOLDER);
	msn_body_free(b);
	b = read_body(MIME "text/x-msmsgsactivemailnotification\r\n\r\n"
			   "Src-Folder: ACTIVE\r\nDest-Folder: trAsH\r\nMessage-Delta: 2\r\n");
	g_assert_cmpint(b->type, ==, MSN_BODY_MOVED_MAIL);
	g_assert_cmpstr(b->from_folder, ==, "ACTIVE");
	g_assert_cmpstr(b->folder, ==, "trAsH");
	g_assert_cmpuint(b->count, ==, 2);
	msn_body_free(b);
	b = read_body(MIME "text/x-msmsgsemailnotification\r\n\r\nno fields here");
	g_assert_cmpint(b->type, ==, MSN_BODY_OTHER);
	msn_body_free(b);
}

static void test_system(void)
{
	struct msn_body *b = read_body(MIME "application/x-msmsgssystemmessage\r\n\r\n"
					    "Type: 1\r\nArg1: 5\r\n");

	g_assert_cmpint(b->type, ==, MSN_BODY_SYSTEM);
	g_assert_cmpuint(b->system_type, ==, 1);
	g_assert_cmpuint(b->count, ==, 5);
	msn_body_free(b);
	b = read_body(MIME
		      "application/x-msmsgssystemmessage\r\n\r\nType: 1\r\nArg1: 99999999999\r\n");
	g_assert_cmpuint(b->count, ==, 0);
	msn_body_free(b);
}

static void test_invite_content(void)
{
	static const char payload[] = MIME "text/x-msmsgsinvite; charset=UTF-8\r\n\r\nA: b\r\n";
	struct msn_body *b = read_body(payload);

	g_assert_cmpint(b->type, ==, MSN_BODY_INVITE);
	g_assert_cmpmem(b->content, b->content_n, "A: b\r\n", 6);
	msn_body_free(b);
}

/* ---- style ---- */

static void test_style_read(void)
{
	static const struct {
		const char *value, *font, *effects;
		int rgb; /* -1: none */
		gboolean is_right_to_left;
	} cases[] = {
		{"FN=Arial; EF=BI; CO=ff; CS=0; PF=22; RL=0", "Arial", "BI", 0xff0000, FALSE},
		{"FN=Arial; EF=; CO=0; CS=0; PF=22", "Arial", "", 0, FALSE},
		{"CO=ff00", NULL, "", 0x00ff00, FALSE},
		{"CO=ff0000", NULL, "", 0x0000ff, FALSE},
		{"CO=f00ff", NULL, "", 0xff000f, FALSE},
		{"CO=FF123456", NULL, "", 0x563412, FALSE},
		{"CO=123456789", NULL, "", -1, FALSE},
		{"CO=xyz", NULL, "", -1, FALSE},
		{"CO=", NULL, "", -1, FALSE},
		{"ef=sUiB;RL=1", NULL, "BIUS", -1, TRUE},
		{"EF=XYZ", NULL, "", -1, FALSE},
		{"FN=%22%3e%3cb%3e", "\"><b>", "", -1, FALSE},
		{"FN=; EF", NULL, "", -1, FALSE},
		{"FN=a%0d%0ab;FN=second", "a b", "", -1, FALSE},
		{"", NULL, "", -1, FALSE},
		{";;;=;", NULL, "", -1, FALSE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *font = NULL;
		struct msn_style style;

		msn_style_read(cases[i].value, &style, &font);
		g_assert_cmpstr(style.font, ==, cases[i].font);
		g_assert_true(style.font == font);
		g_assert_cmpint(style.is_bold, ==, strchr(cases[i].effects, 'B') != NULL);
		g_assert_cmpint(style.is_italic, ==, strchr(cases[i].effects, 'I') != NULL);
		g_assert_cmpint(style.is_underlined, ==, strchr(cases[i].effects, 'U') != NULL);
		g_assert_cmpint(style.is_struck, ==, strchr(cases[i].effects, 'S') != NULL);
		g_assert_cmpint(style.has_colour, ==, cases[i].rgb >= 0);
		g_assert_cmpint(style.has_colour ? (int)style.rgb : -1, ==, cases[i].rgb);
		g_assert_cmpint(style.is_right_to_left, ==, cases[i].is_right_to_left);
	}
}

static void test_style_write(void)
{
	static const struct {
		struct msn_style style;
		const char *expected;
	} cases[] = {
		{{.font = "Arial", .is_bold = TRUE, .has_colour = TRUE, .rgb = 0xff0000},
		 "FN=Arial; EF=B; CO=ff; CS=0; PF=0"},
		{{.font = "MS; Sans\r\n", .is_right_to_left = TRUE},
		 "FN=MS%3B%20Sans%0D%0A; EF=; CO=0; CS=0; PF=0; RL=1"},
		{{.is_italic = TRUE, .is_underlined = TRUE, .is_struck = TRUE},
		 "FN=; EF=IUS; CO=0; CS=0; PF=0"},
		{{.has_colour = TRUE, .rgb = 0x0000ff}, "FN=; EF=; CO=ff0000; CS=0; PF=0"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *value = msn_style_write(&cases[i].style);

		g_assert_cmpstr(value, ==, cases[i].expected);
	}
}

/* ---- texts that leave ---- */

/* All of text through as many messages as it takes, read back and put together. */
static char *through(const char *text, const struct msn_style *style, guint *ret_count)
{
	GString *all = g_string_new(NULL);

	*ret_count = 0;
	do {
		g_autoptr(GString) out = g_string_new(NULL);
		gsize taken = msn_body_write_text(out, text, style);
		struct msn_body *b = msn_body_read(out->str, out->len);

		g_assert_cmpuint(out->len, <=, MSN_MESSAGE_MAX);
		g_assert_nonnull(b);
		g_assert_cmpint(b->type, ==, MSN_BODY_TEXT);
		g_assert_cmpint(b->style.is_bold, ==, style && style->is_bold);
		g_string_append(all, b->text);
		msn_body_free(b);
		g_assert_true(taken > 0 || !*text);
		text += taken;
		++*ret_count;
	} while (*text);
	return g_string_free(all, FALSE);
}

static void test_text_written(void)
{
	g_autoptr(GString) out = g_string_new("x");
	static const struct msn_style plain, bold = {.is_bold = TRUE};

	g_assert_cmpuint(msn_body_write_text(out, "a\nb\r\nc\rd", NULL), ==, 8);
	g_assert_cmpstr(out->str, ==, "x" MIME "text/plain; charset=UTF-8\r\n\r\na\r\nb\r\nc\r\nd");
	g_string_truncate(out, 0);
	g_assert_cmpuint(msn_body_write_text(out, "", &plain), ==, 0);
	g_assert_cmpstr(out->str, ==, MIME "text/plain; charset=UTF-8\r\n\r\n");
	g_string_truncate(out, 0);
	g_assert_cmpuint(msn_body_write_text(out, "a", &bold), ==, 1);
	g_assert_cmpstr(out->str, ==,
			MIME "text/plain; charset=UTF-8\r\n"
			     "X-MMS-IM-Format: FN=; EF=B; CO=0; CS=0; PF=0\r\n\r\na");
}

static void test_text_fills_the_limit(void)
{
	g_autofree char *text = g_strnfill(MSN_MESSAGE_MAX, 'x');
	g_autoptr(GString) out = g_string_new(NULL);
	gsize taken = msn_body_write_text(out, text, NULL);

	g_assert_cmpuint(out->len, ==, MSN_MESSAGE_MAX);
	g_assert_cmpuint(taken, ==,
			 MSN_MESSAGE_MAX - strlen(MIME "text/plain; charset=UTF-8\r\n\r\n"));
}

static void test_text_is_split(void)
{
	static const char *const units[] = {
		"x", "\xc3\xa9", "\xe2\x98\x83", "\xf0\x9f\x98\x80", "a\n", "e\xcc\x81", "\n"};
	g_autofree char *font = g_strnfill(500, 'F');
	const struct msn_style style = {.is_bold = TRUE, .font = font};

	for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		g_autofree char *back = NULL;
		guint count;

		while (text->len < 5000)
			g_string_append(text, units[i]);
		back = through(text->str, i % 2 ? &style : NULL, &count);
		g_assert_cmpstr(back, ==, text->str);
		g_assert_cmpuint(count, >=, 4);
	}
}

/* A line end of two octets at any place around the limit becomes one line end. */
static void test_crlf_is_never_parted(void)
{
	for (gsize before = 1500; before < MSN_MESSAGE_MAX; before++) {
		g_autofree char *filling = g_strnfill(before, 'x');
		g_autofree char *text = g_strconcat(filling, "\r\n\xcc\x81y", NULL);
		g_autofree char *expected = g_strconcat(filling, "\n\xcc\x81y", NULL);
		guint count;
		g_autofree char *back = through(text, NULL, &count);

		g_assert_cmpstr(back, ==, expected);
	}
}

/* ---- encoded words ---- */

static void test_words_read(void)
{
	static const struct {
		const char *value, *expected;
	} cases[] = {
		{"plain", "plain"},
		{"=?utf-8?B?4piD?=", "\xe2\x98\x83"},
		{"=?UTF-8*en?q?a_b=3D?= tail", "a b= tail"},
		{"=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"},
		{"a =?utf-8?Q?b?= c", "a b c"},
		{"=?koi8-r?B?8NLJ18XU?=", "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82"},
		{"=?nonsense?Q?=E4?=", "\xef\xbf\xbd"},
		{"=?utf-8?X?a?=", "=?utf-8?X?a?="},
		{"=?utf-8?Q?unclosed", "=?utf-8?Q?unclosed"},
		{"=?utf-8?Q?a b?=", "=?utf-8?Q?a b?="},
		{"=?", "=?"},
		{"=?=?=?", "=?=?=?"},
		{"=?utf-8?Q?=0D=0Aa=00?=", " a"},
		{"=?utf-8?B?!!!?=x", "x"},
		{"", ""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *words = msn_words_read(cases[i].value);

		g_assert_cmpstr(words, ==, cases[i].expected);
	}
}

static void test_words_write(void)
{
	static const char *const texts[] = {
		"plain", "", "\xe2\x98\x83", "=?not a word",
		"long \xe2\x98\x83\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83"
		"\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83"
		"\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83 end"};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *value = msn_words_write(texts[i]);
		g_autofree char *back = msn_words_read(value);
		g_auto(GStrv) words = g_strsplit(value, " ", -1);

		g_assert_cmpstr(back, ==, texts[i]);
		for (guint w = 0; words[w]; w++)
			g_assert_cmpuint(strlen(words[w]), <=, 75);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/msnp8/body/text-and-how-it-looks", test_text);
	g_test_add_func("/msnp8/body/text-with-few-headers-and-other-charsets", test_texts);
	g_test_add_func("/msnp8/body/headers-that-cannot-be-read", test_unreadable);
	g_test_add_func("/msnp8/body/other-types-are-told-by-name", test_others_are_ignored);
	g_test_add_func("/msnp8/body/typing-and-nudges", test_typing_and_nudge);
	g_test_add_func("/msnp8/body/profile", test_profile);
	g_test_add_func("/msnp8/body/mail", test_mail);
	g_test_add_func("/msnp8/body/system-messages", test_system);
	g_test_add_func("/msnp8/body/invitations-are-passed-on", test_invite_content);
	g_test_add_func("/msnp8/body/style-is-read-and-nothing-else", test_style_read);
	g_test_add_func("/msnp8/body/style-is-written", test_style_write);
	g_test_add_func("/msnp8/body/text-is-written", test_text_written);
	g_test_add_func("/msnp8/body/text-fills-the-limit", test_text_fills_the_limit);
	g_test_add_func("/msnp8/body/text-is-split-and-comes-back-whole", test_text_is_split);
	g_test_add_func("/msnp8/body/crlf-is-never-parted", test_crlf_is_never_parted);
	g_test_add_func("/msnp8/body/encoded-words-are-read", test_words_read);
	g_test_add_func("/msnp8/body/encoded-words-are-written", test_words_write);
	return g_test_run();
}
