/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever a server sends, at whatever point of a session: the session ends at most once, says
 * nothing after it, and leaves nothing behind. The first octet chooses the point, and where the
 * rest is cut in two. */
#include <string.h>

#include "plugins/xmpp-lite/session/session.h"
#include "tests/xmpp-lite/login.h"

/* Ids have to differ, or no request could be told from another. */
static void counting(guint8 *ret_octets, gsize n, gpointer user)
{
	static guint64 count;

	memset(ret_octets, 0, n);
	count++;
	memcpy(ret_octets, &count, MIN(n, sizeof count));
}

static guint ends_of(struct xmpp_session *session)
{
	struct xmpp_event ev;
	const guint8 *data;
	gsize n;
	guint ends = 0;

	while (xmpp_session_next_event(session, &ev)) {
		g_autofree char *line = xmpp_event_print(&ev);

		g_assert_cmpuint(ends, ==, 0);
		ends += ev.type == XMPP_EVENT_ENDED;
		g_assert_true(g_utf8_validate(line, -1, NULL));
	}
	while (xmpp_session_output(session, &data, &n))
		xmpp_session_sent(session, n);
	return ends;
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	struct xmpp_config config = {.jid = "alice@example.org/r1",
				     .password = "secret",
				     .software = "x",
				     .trace = TRUE,
				     .random = counting};
	struct xmpp_tls tls = {.is_tls13 = TRUE};
	struct xmpp_session *session;
	gsize cut;
	guint ends;

	if (size < 1)
		return 0;
	session = xmpp_session_new(&config);
	switch (data[0] % 3) {
	case 0:
		xmpp_session_opened(session, NULL);
		break;
	case 1:
		xmpp_session_opened(session, &tls);
		break;
	default:
		login_play(session, "alice@example.org/r1");
		xmpp_message_send(session, "bob@example.org", "hello");
		xmpp_contact_add(session, "bob@example.org", "Bob", "Friends");
	}
	cut = 1 + data[0] % size;
	xmpp_session_data(session, data + 1, cut - 1);
	ends = ends_of(session);
	xmpp_session_tick(session, 1000);
	xmpp_session_data(session, data + cut, size - cut);
	ends += ends_of(session);
	xmpp_session_tick(session, 1000000);
	ends += ends_of(session);
	for (guint i = 0; i < 2; i++) {
		xmpp_session_closed(session);
		ends += ends_of(session);
	}
	g_assert_cmpuint(ends, ==, 1);
	xmpp_session_free(session);
	return 0;
}
