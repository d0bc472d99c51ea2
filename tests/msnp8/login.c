/* SPDX-License-Identifier: GPL-2.0-or-later */
/* login: a sign-in as a server would have it. */
#include "tests/msnp8/login.h"

#include <string.h>

#define LINKS 16

gboolean login_swallow(struct msn_session *session)
{
	struct msn_event ev;
	const guint8 *data;
	gsize n;
	gboolean is_alive = TRUE;

	while (msn_session_next_event(session, &ev))
		is_alive &= ev.type != MSN_EVENT_ENDED;
	for (guint id = 0; id < LINKS; id++) {
		while (msn_session_output(session, id, &data, &n))
			msn_session_sent(session, id, n);
	}
	return is_alive;
}

static void say(struct msn_session *session, const char *text)
{
	msn_session_data(session, 0, (const guint8 *)text, strlen(text));
	g_assert_true(login_swallow(session));
}

void login_play_to_lists(struct msn_session *session)
{
	g_assert_true(login_swallow(session));
	msn_session_opened(session, 0);
	say(session, "VER 1 MSNP8\r\n");
	say(session,
	    "CVR 2 5.0.0544 5.0.0544 5.0.0544 https://x.example.com https://x.example.com\r\n");
	say(session, "USR 3 TWN S ct=1,id=1\r\n");
	msn_session_answered(session, 1,
			     &(struct msn_https_answer){
				     .status = 200,
				     .passport_urls = "DALogin=login.example.com/login",
			     });
	g_assert_true(login_swallow(session));
	msn_session_answered(
		session, 2,
		&(struct msn_https_answer){
			.status = 200,
			.authentication_info = "Passport1.4 da-status=success,from-PP='ticket'",
		});
	say(session, "USR 4 OK ann@example.com Ann 1 0\r\n");
}

void login_play(struct msn_session *session, const char *lists)
{
	login_play_to_lists(session);
	say(session, lists ? lists : "SYN 5 1 0 1\r\nGTC A\r\nBLP AL\r\nLSG 0 Other 0\r\n");
	say(session, "CHG 6 NLN 0\r\n");
}
