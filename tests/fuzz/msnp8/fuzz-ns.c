/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever a notification server sends, at whatever point of a session: the session ends at most
 * once and says nothing after it, its events can be printed, what it sends is the protocol, and no
 * secret gets into a trace. The first octet chooses the point, and where the rest is cut in two. */
#include <string.h>

#include "common/cookie.h"
#include "plugins/msnp8/session/session.h"
#include "tests/msnp8/login.h"

/* Made from the input, which so cannot hold it: a server that says the password proves nothing. */
static char *the_password;
#define CACHE                                                                                      \
	"msnp8-1 42;BLP BL;LSG 0 Other 0;LST bob@example.com Bob 11 0;LST eve@example.com Eve 8"
#define LISTS                                                                                      \
	"SYN 5 7 2 2\r\nLSG 0 Other 0\r\nLSG 1 Friends 0\r\nLST bob@example.com Bob 11 0\r\nLST "  \
	"eve@example.com Eve 12\r\n"

static void counting(guint8 *ret_octets, gsize n, gpointer user)
{
	memset(ret_octets, 7, n);
}

/* What waits to be sent is whole commands, payloads included. */
static void check_output(const guint8 *data, gsize n)
{
	static struct msn_command c;

	while (n) {
		const guint8 *end = memchr(data, '\n', n);
		gsize line = end ? (gsize)(end - data) : 0;

		g_assert_nonnull(end);
		g_assert_cmpint(data[line - 1], ==, '\r');
		g_assert_cmpint(msn_command_read(&c, MSN_FROM_CLIENT, data, line - 1), ==,
				MSN_COMMAND_OK);
		data += line + 1;
		n -= line + 1;
		if (c.payload == MSN_PAYLOAD_SURE) {
			g_assert_cmpuint(c.payload_n, <=, n);
			data += c.payload_n;
			n -= c.payload_n;
		}
	}
}

static guint ends_of(struct msn_session *session)
{
	struct msn_event ev;
	const guint8 *data;
	gsize n;
	guint ends = 0;
	char *line;

	while (msn_session_next_event(session, &ev)) {
		g_autofree char *printed = msn_event_print(&ev);

		g_assert_cmpuint(ends, ==, 0);
		ends += ev.type == MSN_EVENT_ENDED;
		g_assert_true(g_utf8_validate(printed, -1, NULL));
		g_assert_null(strchr(printed, '\n'));
	}
	for (guint id = 0; id < 8; id++) {
		while (msn_session_output(session, id, &data, &n)) {
			check_output(data, n);
			msn_session_sent(session, id, n);
		}
	}
	while ((line = trace_drain(msn_session_trace(session)))) {
		if (line[0] == 'C')
			g_assert_null(strstr(line, the_password));
		g_free(line);
	}
	return ends;
}

static void begin(struct msn_session *session, guint8 point)
{
	switch (point % 4) {
	case 0:
		ends_of(session);
		msn_session_opened(session, 0);
		break;
	case 1:
		login_play_to_lists(session);
		break;
	case 2:
		login_play(session, LISTS);
		break;
	default:
		login_play(session, LISTS);
		msn_contact_add(session, "dan@example.com", "Pals");
		msn_contact_move(session, "bob@example.com", "Other", "Friends");
		msn_contact_allow(session, "eve@example.com");
		msn_im_send(session, "bob@example.com", "hello", NULL);
		msn_inbox_ask(session);
	}
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autofree char *password = g_compute_checksum_for_data(G_CHECKSUM_SHA256, data, size);
	struct msn_config config = {
		.account = "ann@example.com",
		.password = password,
		.host = "messenger.example.com",
		.nexus_url = "https://nexus.example.com/",
		.trace = TRUE,
		.random = counting,
	};
	struct msn_session *session;
	gsize cut;
	guint ends;

	if (size < 1)
		return 0;
	the_password = password;
	if (data[0] & 0x80)
		config.cache = CACHE;
	session = msn_session_new(&config);
	begin(session, data[0]);
	ends = ends_of(session);
	cut = 1 + data[0] % size;
	msn_session_data(session, 0, data + 1, cut - 1);
	ends += ends_of(session);
	msn_session_tick(session, 1000);
	/* For those who were sent on. */
	msn_session_opened(session, 0);
	msn_session_opened(session, 1);
	msn_session_data(session, 0, data + cut, size - cut);
	ends += ends_of(session);
	g_free(msn_session_cache(session));
	msn_session_tick(session, 70000);
	ends += ends_of(session);
	msn_session_tick(session, 10000000);
	ends += ends_of(session);
	for (guint i = 0; i < 2; i++) {
		msn_session_closed(session, 0);
		ends += ends_of(session);
	}
	g_assert_cmpuint(ends, ==, 1);
	msn_session_free(session);
	return 0;
}
