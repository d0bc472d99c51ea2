/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-invite: invitations both ways, with every field a peer could bend. */
#include "plugins/msnp8/wire/body.h"
#include "plugins/msnp8/wire/invite.h"

#include <string.h>

static struct msn_invite *read_invite(const char *content)
{
	return msn_invite_read(content, strlen(content));
}

static void test_offer(void)
{
	struct msn_invite *i =
		read_invite("Application-Name: Bestandsoverdracht\r\n"
			    "Application-GUID: {5d3e02ab-6190-11D3-BBBB-00C04F795683}\r\n"
			    "Invitation-Command: Invite\r\nInvitation-Cookie: 4294967295\r\n"
			    "Application-File: notes.txt\r\nApplication-FileSize: 8589934592\r\n"
			    "Connectivity: N\r\n\r\n");

	g_assert_cmpint(i->command, ==, MSN_INVITE_INVITE);
	g_assert_cmpuint(i->cookie, ==, 4294967295);
	g_assert_true(i->is_file);
	g_assert_cmpstr(i->application, ==, "Bestandsoverdracht");
	g_assert_cmpstr(i->file, ==, "notes.txt");
	g_assert_true(i->has_size);
	g_assert_cmpuint(i->size, ==, 8589934592);
	g_assert_true(i->is_unreachable);
	msn_invite_free(i);
	msn_invite_free(NULL);
}

static void test_applications(void)
{
	static const struct {
		const char *fields;
		gboolean is_file;
	} cases[] = {
		{"Application-Name: File Transfer\r\n", TRUE},
		{"Application-Name: NetMeeting\r\n", FALSE},
		{"Application-Name: File Transfer\r\nApplication-GUID: {44BBA842}\r\n", FALSE},
		{"", FALSE},
	};

	for (guint n = 0; n < G_N_ELEMENTS(cases); n++) {
		g_autofree char *content = g_strconcat(
			cases[n].fields, "Invitation-Command: INVITE\nInvitation-Cookie: 1", NULL);
		struct msn_invite *i = read_invite(content);

		g_assert_cmpint(i->is_file, ==, cases[n].is_file);
		g_assert_null(i->file);
		g_assert_false(i->has_size);
		msn_invite_free(i);
	}
}

static void test_file_names(void)
{
	static const struct {
		const char *name, *expected;
	} cases[] = {
		{"notes.txt", "notes.txt"},
		{"C:\\Users\\ann\\notes.txt", "notes.txt"},
		{"../../etc/passwd", "passwd"},
		{"..", "file"},
		{".", "file"},
		{"dir/", "file"},
		{"", "file"},
		{"   ", "file"},
		{"\xe2\x98\x83.txt", "\xe2\x98\x83.txt"},
		{"\xe2\x80\xaetxt.exe", "txt.exe"},
		{"a\tb", "a b"},
		{"\xff", "\xef\xbf\xbd"},
	};

	for (guint n = 0; n < G_N_ELEMENTS(cases); n++) {
		g_autofree char *content =
			g_strconcat("Invitation-Command: INVITE\r\nInvitation-Cookie: 1\r\n"
				    "Application-File: ",
				    cases[n].name, "\r\n", NULL);
		struct msn_invite *i = read_invite(content);

		g_assert_cmpstr(i->file, ==, cases[n].expected);
		msn_invite_free(i);
	}
}

static void test_answer(void)
{
	struct msn_invite *i =
		read_invite("Invitation-Command: ACCEPT\r\nInvitation-Cookie: 33267\r\n"
			    "IP-Address: 192.0.2.7\r\nIP-Address-Internal: 10.0.0.7\r\n"
			    "Port: 6891\r\nAuthCookie: 93301\r\nSender-Connect: TRUE\r\n"
			    "Launch-Application: FALSE\r\nRequest-Data: IP-Address:\r\n");

	g_assert_cmpint(i->command, ==, MSN_INVITE_ACCEPT);
	g_assert_cmpstr(i->ip, ==, "192.0.2.7");
	g_assert_cmpstr(i->ip_internal, ==, "10.0.0.7");
	g_assert_cmpuint(i->port, ==, 6891);
	g_assert_cmpstr(i->auth_cookie, ==, "93301");
	g_assert_true(i->is_sender_connect && i->wants_address);
	msn_invite_free(i);
	i = read_invite("Invitation-Command: ACCEPT\r\nInvitation-Cookie: 1\r\n"
			"IP-Address: evil.example.com\r\nIP-Address-Internal: face\r\n"
			"Port: 65536\r\nAuthCookie: a b\r\n");
	g_assert_null(i->ip);
	g_assert_null(i->ip_internal);
	g_assert_cmpuint(i->port, ==, 0);
	g_assert_null(i->auth_cookie);
	g_assert_false(i->is_sender_connect || i->wants_address);
	msn_invite_free(i);
}

static void test_cancel(void)
{
	static const struct {
		const char *code;
		enum msn_cancel expected;
	} cases[] = {
		{"REJECT", MSN_CANCEL_REJECT},
		{"Reject_Not_Installed", MSN_CANCEL_NOT_INSTALLED},
		{"TIMEOUT", MSN_CANCEL_TIMEOUT},
		{"FAIL", MSN_CANCEL_FAIL},
		{"FTTIMEOUT", MSN_CANCEL_FTTIMEOUT},
		{"OUTBANDCANCEL", MSN_CANCEL_OUTBAND},
		{"SOMETHING", MSN_CANCEL_OTHER},
		{"", MSN_CANCEL_OTHER},
	};

	for (guint n = 0; n < G_N_ELEMENTS(cases); n++) {
		g_autofree char *content = g_strconcat("Invitation-Command: CANCEL\r\n"
						       "Invitation-Cookie: 7\r\nCancel-Code: ",
						       cases[n].code, NULL);
		struct msn_invite *i = read_invite(content);

		g_assert_cmpint(i->command, ==, MSN_INVITE_CANCEL);
		g_assert_cmpint(i->cancel, ==, cases[n].expected);
		msn_invite_free(i);
	}
}

static void test_unreadable(void)
{
	static const char *const contents[] = {
		"",
		"Invitation-Command: INVITE\r\n",
		"Invitation-Cookie: 1\r\n",
		"Invitation-Command: INVITE\r\nInvitation-Cookie: x\r\n",
		"Invitation-Command: INVITE\r\nInvitation-Cookie: -1\r\n",
		"Invitation-Command: INVITE\r\nInvitation-Cookie: 4294967296\r\n",
		"no colon\r\n",
	};
	struct msn_invite *other;

	for (guint n = 0; n < G_N_ELEMENTS(contents); n++)
		g_assert_null(read_invite(contents[n]));
	other = read_invite("Invitation-Command: DANCE\r\nInvitation-Cookie: 1\r\n");
	g_assert_cmpint(other->command, ==, MSN_INVITE_OTHER);
	msn_invite_free(other);
}

/* Written, found in its payload, read. */
static struct msn_invite *through(const struct msn_invite *i)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct msn_invite *back;
	struct msn_body *b;

	g_assert_true(msn_invite_write(out, i));
	g_assert_cmpuint(out->len, <=, MSN_MESSAGE_MAX);
	b = msn_body_read(out->str, out->len);
	g_assert_cmpint(b->type, ==, MSN_BODY_INVITE);
	back = msn_invite_read(b->content, b->content_n);
	msn_body_free(b);
	g_assert_nonnull(back);
	g_assert_cmpint(back->command, ==, i->command);
	g_assert_cmpuint(back->cookie, ==, i->cookie);
	return back;
}

static void test_round_trips(void)
{
	const struct msn_invite offer = {.command = MSN_INVITE_INVITE,
					 .cookie = 33267,
					 .is_file = TRUE,
					 .file = "notes.txt",
					 .size = 0,
					 .has_size = TRUE};
	const struct msn_invite answer = {.command = MSN_INVITE_ACCEPT,
					  .ip = "2001:db8::1",
					  .port = 6891,
					  .auth_cookie = "93301",
					  .wants_address = TRUE};
	const struct msn_invite nameless = {.command = MSN_INVITE_INVITE, .file = "a"};
	struct msn_invite cancel = {.command = MSN_INVITE_CANCEL, .cookie = 5};
	struct msn_invite *back = through(&offer);

	g_assert_true(back->is_file && back->has_size);
	g_assert_cmpuint(back->size, ==, 0);
	g_assert_cmpstr(back->file, ==, "notes.txt");
	msn_invite_free(back);
	back = through(&nameless);
	g_assert_false(back->is_file);
	msn_invite_free(back);
	back = through(&answer);
	g_assert_cmpstr(back->ip, ==, "2001:db8::1");
	g_assert_cmpstr(back->auth_cookie, ==, "93301");
	g_assert_cmpuint(back->port, ==, 6891);
	g_assert_true(back->wants_address);
	msn_invite_free(back);
	for (cancel.cancel = MSN_CANCEL_REJECT; cancel.cancel <= MSN_CANCEL_OUTBAND;
	     cancel.cancel++) {
		back = through(&cancel);
		g_assert_cmpint(back->cancel, ==, cancel.cancel);
		msn_invite_free(back);
	}
}

static void test_writes_no_more(void)
{
	g_autoptr(GString) out = g_string_new("before");
	g_autofree char *large = g_strnfill(MSN_MESSAGE_MAX, 'x');
	const struct msn_invite cases[] = {
		{.command = MSN_INVITE_INVITE, .file = "a\r\nEvil: b"},
		{.command = MSN_INVITE_INVITE, .file = large},
		{.command = MSN_INVITE_ACCEPT, .auth_cookie = "1\n"},
		{.command = MSN_INVITE_OTHER},
	};

	for (guint n = 0; n < G_N_ELEMENTS(cases); n++)
		g_assert_false(msn_invite_write(out, &cases[n]));
	g_assert_cmpstr(out->str, ==, "before");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/msnp8/invite/a-file-is-offered", test_offer);
	g_test_add_func("/msnp8/invite/the-number-decides-what-for", test_applications);
	g_test_add_func("/msnp8/invite/file-names-lose-their-folders", test_file_names);
	g_test_add_func("/msnp8/invite/answers-give-addresses-only", test_answer);
	g_test_add_func("/msnp8/invite/cancelled-for-a-reason", test_cancel);
	g_test_add_func("/msnp8/invite/what-is-no-invitation", test_unreadable);
	g_test_add_func("/msnp8/invite/what-is-written-comes-back", test_round_trips);
	g_test_add_func("/msnp8/invite/nothing-breaks-out-of-a-field", test_writes_no_more);
	return g_test_run();
}
