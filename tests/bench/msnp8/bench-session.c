/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The session core alone: sign-in with 100, 1,000 and 10,000 contacts, what one of them takes in
 * memory, the work of one change in lists of these sizes, and messages through a switchboard next
 * to a bare line scan of the same octets. */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "plugins/msnp8/session/session.h"
#include "tests/msnp8/login.h"

#define ROUNDS 5
#define MESSAGES 20000
#define CHANGES 20000
#define BATCH 100 /* messages in one read */

static void counting(guint8 *ret_octets, gsize n, gpointer user)
{
	memset(ret_octets, 7, n);
}

static struct msn_session *session_new(void)
{
	struct msn_config config = {
		.account = "ann@example.com",
		.password = "secret",
		.host = "messenger.example.com",
		.nexus_url = "https://nexus.example.com/",
		.random = counting,
	};

	return msn_session_new(&config);
}

static GString *lists_of(guint contacts)
{
	GString *lists = g_string_new(NULL);

	g_string_append_printf(lists, "SYN 5 7 %u 5\r\nGTC A\r\nBLP AL\r\n", contacts);
	for (guint i = 0; i < 5; i++)
		g_string_append_printf(lists, "LSG %u Group%%20%u 0\r\n", i, i);
	for (guint i = 0; i < contacts; i++)
		g_string_append_printf(lists,
				       "LST person%u@example.com Person%%20Number%%20%u 11 %u\r\n",
				       i, i, i % 5);
	return lists;
}

static void feed(struct msn_session *s, guint id, const char *data, gsize n)
{
	const guint8 *out;
	gsize out_n;
	struct msn_event ev;

	while (n) {
		gsize piece = MIN(n, 16384);

		msn_session_data(s, id, (const guint8 *)data, piece);
		while (msn_session_next_event(s, &ev))
			g_assert_cmpint(ev.type, !=, MSN_EVENT_ENDED);
		while (msn_session_output(s, id, &out, &out_n))
			msn_session_sent(s, id, out_n);
		data += piece;
		n -= piece;
	}
}

static double seconds_since(gint64 start)
{
	return (double)MAX(g_get_monotonic_time() - start, 1) / G_USEC_PER_SEC;
}

/* ---- sign-in and sync ---- */

struct sync {
	double seconds; /* for one contact */
	double octets;
	double change; /* seconds for one change and its cache event */
};

static double changes(struct msn_session *s, guint contacts)
{
	GString *lines = g_string_new(NULL);
	gint64 start;
	double seconds;

	for (guint i = 0; i < CHANGES; i++)
		g_string_append_printf(lines,
				       "NLN %s person%u@example.com Person%%20Number%%20%u 0\r\n",
				       i % 2 ? "NLN" : "AWY", i % contacts, i % contacts);
	start = g_get_monotonic_time();
	feed(s, 0, lines->str, lines->len);
	seconds = seconds_since(start) / CHANGES;
	g_string_free(lines, TRUE);
	return seconds;
}

static struct sync sync_once(guint contacts)
{
	GString *lists = lists_of(contacts);
	struct msn_session *s = session_new();
	struct sync sync;
	size_t before;
	gint64 start;

	login_play_to_lists(s);
	before = mallinfo2().uordblks;
	start = g_get_monotonic_time();
	feed(s, 0, lists->str, lists->len);
	sync.seconds = seconds_since(start) / contacts;
	sync.octets = (double)(mallinfo2().uordblks - before) / contacts;
	sync.change = changes(s, contacts);
	msn_session_free(s);
	g_string_free(lists, TRUE);
	return sync;
}

static struct sync sync_best(guint contacts)
{
	struct sync best = sync_once(contacts);

	for (guint i = 1; i < ROUNDS * (contacts < 10000 ? 10 : 1); i++) {
		struct sync sync = sync_once(contacts);

		best.seconds = MIN(best.seconds, sync.seconds);
		best.octets = MIN(best.octets, sync.octets);
		best.change = MIN(best.change, sync.change);
	}
	return best;
}

static void bench_sync(void)
{
	static const guint sizes[] = {100, 1000, 10000};
	struct sync first = {0};

	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		struct sync sync = sync_best(sizes[i]);

		if (i == 0)
			first = sync;
		printf("BENCH msnp8/sync-%u %.2f us/contact lower ratio=%.2f vs=100-contacts\n",
		       sizes[i], sync.seconds * 1e6, sync.seconds / first.seconds);
		printf("BENCH msnp8/memory-%u %.0f octet/contact lower ratio=%.2f "
		       "vs=100-contacts\n",
		       sizes[i], sync.octets, sync.octets / first.octets);
		printf("BENCH msnp8/presence-in-%u %.2f us/change lower ratio=%.2f "
		       "vs=100-contacts\n",
		       sizes[i], sync.change * 1e6, sync.change / first.change);
	}
}

/* ---- switchboard ---- */

static void say(struct msn_session *s, guint id, const char *text)
{
	feed(s, id, text, strlen(text));
}

static struct msn_session *in_conversation(void)
{
	struct msn_session *s = session_new();

	login_play(s, NULL);
	say(s, 0, "RNG s1 192.0.2.9:1864 CKI k1 bob@example.com Bob\r\n");
	msn_session_opened(s, 1);
	say(s, 1, "IRO 1 1 1 bob@example.com Bob\r\nANS 1 OK\r\n");
	return s;
}

static GString *messages(void)
{
	static const char body[] =
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
		"X-MMS-IM-Format: FN=MS%20Shell%20Dlg; EF=B; CO=ff; CS=0; PF=0\r\n\r\n"
		"A sentence of the length that people write when they chat.";
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < BATCH; i++)
		g_string_append_printf(text, "MSG bob@example.com Bob%%20Test %zu\r\n%s",
				       strlen(body), body);
	return text;
}

static double scan(const GString *text)
{
	volatile guint lines = 0;
	gint64 start = g_get_monotonic_time();

	for (guint i = 0; i < MESSAGES / BATCH; i++) {
		const char *at = text->str, *end = text->str + text->len, *line;

		while ((line = memchr(at, '\n', (gsize)(end - at)))) {
			lines++;
			at = line + 1;
		}
	}
	return seconds_since(start);
}

static double receive(const GString *text)
{
	struct msn_session *s = in_conversation();
	gint64 start = g_get_monotonic_time();
	double seconds;

	for (guint i = 0; i < MESSAGES / BATCH; i++)
		feed(s, 1, text->str, text->len);
	seconds = seconds_since(start);
	msn_session_free(s);
	return seconds;
}

static double send_all(void)
{
	struct msn_session *s = in_conversation();
	gint64 start = g_get_monotonic_time();
	double seconds;
	char ack[32];

	for (guint i = 0; i < MESSAGES; i++) {
		g_assert_cmpuint(
			msn_im_send(s, "bob@example.com",
				    "A sentence of the length that people write when they chat.",
				    NULL),
			!=, 0);
		g_snprintf(ack, sizeof ack, "ACK %u\r\n", i + 2);
		say(s, 1, ack);
	}
	seconds = seconds_since(start);
	msn_session_free(s);
	return seconds;
}

static void bench_switchboard(void)
{
	GString *text = messages();
	double bare = scan(text), received = receive(text), sent = send_all();

	for (guint i = 1; i < ROUNDS; i++) {
		bare = MIN(bare, scan(text));
		received = MIN(received, receive(text));
		sent = MIN(sent, send_all());
	}
	printf("BENCH msnp8/switchboard-receive %.0f message/s higher ratio=%.4f vs=line-scan\n",
	       MESSAGES / received, bare / received);
	printf("BENCH msnp8/switchboard-send-and-ack %.0f message/s higher ratio=%.2f "
	       "vs=receiving\n",
	       MESSAGES / sent, received / sent);
	g_string_free(text, TRUE);
}

int main(void)
{
	bench_sync();
	bench_switchboard();
	return 0;
}
