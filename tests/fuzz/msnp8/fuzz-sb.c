/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever switchboards send: a text that nobody confirmed comes back as failed exactly once,
 * events can be printed, and the session itself lives on. An octet of 255 in the input turns to the
 * other of two switchboards, one that we asked for and one that we were called to. */
#include <string.h>

#include "plugins/msnp8/session/session.h"
#include "tests/msnp8/login.h"

#define LISTS "SYN 5 7 1 1\r\nLSG 0 Other 0\r\nLST bob@example.com Bob 11 0\r\n"
#define TURN 255

static void counting(guint8 *ret_octets, gsize n, gpointer user)
{
	memset(ret_octets, 7, n);
}

struct told {
	guint failed, ends;
};

static void listen(struct msn_session *session, struct told *told)
{
	struct msn_event ev;
	const guint8 *data;
	gsize n;

	while (msn_session_next_event(session, &ev)) {
		g_autofree char *printed = msn_event_print(&ev);

		g_assert_true(g_utf8_validate(printed, -1, NULL));
		told->ends += ev.type == MSN_EVENT_ENDED;
		if (ev.type == MSN_EVENT_MESSAGE_FAILED)
			told->failed += g_strcmp0(ev.text, "hello") == 0;
	}
	for (guint id = 0; id < 8; id++) {
		while (msn_session_output(session, id, &data, &n))
			msn_session_sent(session, id, n);
	}
}

static void say(struct msn_session *session, guint id, const char *text)
{
	msn_session_data(session, id, (const guint8 *)text, strlen(text));
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	struct msn_config config = {.account = "ann@example.com",
				    .password = "x",
				    .host = "x.example.com",
				    .trace = TRUE,
				    .random = counting};
	struct msn_session *session;
	struct told told = {0};
	gboolean is_confirmed = FALSE;
	guint id = 1;

	config.nexus_url = "https://nexus.example.com/";
	session = msn_session_new(&config);
	login_play(session, LISTS);
	msn_im_send(session, "bob@example.com", "hello", NULL);
	say(session, 0,
	    "XFR 7 SB 192.0.2.9:1864 CKI k1\r\nRNG s9 192.0.2.9:1864 CKI k9 bob@example.com "
	    "Bob\r\n");
	listen(session, &told);
	msn_session_opened(session, 1);
	msn_session_opened(session, 2);
	for (const guint8 *at = data, *end = data + size; at < end;) {
		const guint8 *turn = memchr(at, TURN, (gsize)(end - at));
		gsize n = (gsize)((turn ? turn : end) - at);

		is_confirmed |= g_strstr_len((const char *)at, (gssize)n, "ACK") != NULL ||
				g_strstr_len((const char *)at, (gssize)n, "ack") != NULL;
		msn_session_data(session, id, at, n);
		listen(session, &told);
		if (!turn)
			break;
		id = 3 - id;
		at = turn + 1;
	}
	g_assert_cmpuint(told.ends, ==, 0);
	msn_session_tick(session, 59000);
	listen(session, &told);
	say(session, 0, "QNG\r\n");
	listen(session, &told);
	/* Had they arrived in pieces, a confirmation could be one of several. */
	msn_session_closed(session, 1);
	msn_session_closed(session, 0);
	listen(session, &told);
	g_assert_cmpuint(told.ends, ==, 1);
	g_assert_cmpuint(told.failed, <=, 1);
	if (!is_confirmed && !memchr(data, 'A', size) && !memchr(data, 'a', size))
		g_assert_cmpuint(told.failed, ==, 1);
	msn_session_free(session);
	return 0;
}
