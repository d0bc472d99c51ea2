/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-challenge: the digests agree with what others computed, the page leaks into no markup. */
#include "plugins/msnp8/wire/challenge.h"

#include <string.h>

static void test_answers(void)
{
	char digest[MSN_DIGEST_SIZE];

	g_assert_true(msn_challenge_answer(MSN_CLIENT_ID, "15570131571988941333", digest));
	g_assert_cmpstr(digest, ==, "8f2f5a91b72102cd28355e9fc9000d6e");
	g_assert_true(msn_challenge_answer("PROD0038W!61ZTF9", "15570131571988941333", digest));
	g_assert_cmpstr(digest, ==, "ca90e6a7c94a14aae7b3ae0f6018433e");
	g_assert_false(msn_challenge_answer("PROD0000", "15570131571988941333", digest));
	g_assert_cmpstr(digest, ==, "ca90e6a7c94a14aae7b3ae0f6018433e");
}

static const struct msn_inbox inbox = {.post_url = "https://example.com/md5auth.srf?lc=1033&x",
				       .rru = "/cgi-bin/HoTMaiL",
				       .id = "2",
				       .mspauth = "auth",
				       .sid = "507",
				       .account = "ann@example.com",
				       .password = "secret",
				       .age = 12};

static void test_inbox_digest(void)
{
	g_autofree char *expected =
		g_compute_checksum_for_string(G_CHECKSUM_MD5, "auth12secret", -1);
	struct msn_inbox bare = inbox;
	char digest[MSN_DIGEST_SIZE];

	g_assert_true(msn_inbox_digest(&inbox, digest));
	g_assert_cmpstr(digest, ==, expected);
	bare.mspauth = NULL;
	g_assert_true(msn_inbox_digest(&bare, digest));
	g_assert_cmpstr(digest, !=, expected);
}

static void test_inbox_page(void)
{
	g_autofree char *page = msn_inbox_page(&inbox);

	g_assert_nonnull(strstr(page, "action=\"https://example.com/md5auth.srf?lc=1033&amp;x\""));
	g_assert_nonnull(strstr(page, "name=\"login\" value=\"ann\""));
	g_assert_nonnull(strstr(page, "name=\"username\" value=\"ann@example.com\""));
	g_assert_nonnull(strstr(page, "name=\"sl\" value=\"12\""));
	g_assert_nonnull(strstr(page, "name=\"kv\" value=\"\""));
	g_assert_null(strstr(page, "secret"));
}

static void test_inbox_page_is_escaped(void)
{
	struct msn_inbox evil = inbox;
	g_autofree char *page = NULL;

	evil.rru = evil.id = evil.mspauth = evil.sid = "\"><script>alert('x')</script>";
	page = msn_inbox_page(&evil);
	g_assert_nonnull(page);
	g_assert_null(strstr(page, "<script"));
	evil.post_url = "javascript:alert(1)";
	g_assert_null(msn_inbox_page(&evil));
	evil.post_url = "https://example.com/\" onclick=\"x";
	g_assert_null(msn_inbox_page(&evil));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/msnp8/challenge/answers-as-published", test_answers);
	g_test_add_func("/msnp8/challenge/mailbox-digest", test_inbox_digest);
	g_test_add_func("/msnp8/challenge/mailbox-page", test_inbox_page);
	g_test_add_func("/msnp8/challenge/mailbox-page-lets-nothing-out",
			test_inbox_page_is_escaped);
	return g_test_run();
}
