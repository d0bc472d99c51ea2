/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-conn: every way a stream can begin, be busy, stall and end, and being let go of at each. */
#include <errno.h>
#include <string.h>

#include "common/purple/conn.h"
#include "tests/peers/tls-peer.h"
#include "tests/purple/core.h"
#include "tests/purple/owner.h"

static PurpleAccount *the_account, *the_other_account;
static struct tls_peer_cert *the_cert, *the_ed25519_cert, *the_rsa_cert;

/* ---- set up ---- */

static struct conn_tls good_tls(void)
{
	return (struct conn_tls){.identity = {"good.test"}};
}

/* A connection to a peer of that kind, up to its first word. */
static struct tls_peer *open_peer(struct owner *o, const struct tls_peer_config *config,
				  const struct conn_tls *tls)
{
	struct tls_peer *peer = tls_peer_new(config);

	owner_open(o, the_account, config->address ? config->address : "127.0.0.1",
		   tls_peer_port(peer), tls);
	return peer;
}

static struct tls_peer *open_ready(struct owner *o, const struct tls_peer_config *config,
				   const struct conn_tls *tls)
{
	struct tls_peer *peer = open_peer(o, config, tls);

	core_until(o->n_ready || o->n_closed);
	g_assert_cmpuint(o->n_ready, ==, 1);
	core_until(tls_peer_count_accepted(peer) == 1);
	return peer;
}

static void close_both(struct owner *o, struct tls_peer *peer)
{
	owner_clear(o);
	tls_peer_free(peer);
}

/* Each of these is run over a plain and a TLS connection. */
struct kind {
	const char *name;
	gboolean is_tls;
	const char *priority; /* of the peer */
};

static const struct kind kinds[] = {
	{"plain", FALSE, NULL},
	{"tls12", TRUE, "NORMAL:-VERS-ALL:+VERS-TLS1.2"},
	{"tls13", TRUE, "NORMAL:-VERS-ALL:+VERS-TLS1.3"},
};

static struct tls_peer *open_kind(struct owner *o, const struct kind *kind,
				  struct tls_peer_config config)
{
	struct conn_tls tls = good_tls();

	config.cert = kind->is_tls ? the_cert : NULL;
	config.priority = kind->priority;
	return open_ready(o, &config, kind->is_tls ? &tls : NULL);
}

/* ---- talk ---- */

static void test_echo(gconstpointer data)
{
	const struct kind *kind = data;
	struct owner o = {.answer = "ping"};
	struct tls_peer *peer = open_kind(&o, kind, (struct tls_peer_config){.is_echo = TRUE});

	core_until(strcmp(o.data->str, "ping") == 0);
	g_assert_cmpint(conn_is_tls(o.conn), ==, kind->is_tls);
	g_assert_cmpint(conn_is_tls13(o.conn), ==, strcmp(kind->name, "tls13") == 0);
	g_assert_cmpint(conn_tls_description(o.conn)[0] != '\0', ==, kind->is_tls);
	g_assert_cmpstr(tls_peer_sni(peer), ==, kind->is_tls ? "good.test" : "");
	close_both(&o, peer);
}

static void test_greeting(gconstpointer data)
{
	struct owner o = {0};
	struct tls_peer *peer = open_kind(&o, data, (struct tls_peer_config){.greeting = "hi"});

	core_until(strcmp(o.data->str, "hi") == 0);
	close_both(&o, peer);
}

static void test_ipv6(void)
{
	struct owner o = {.answer = "six"};
	struct tls_peer_config config = {.address = "::1", .is_echo = TRUE};
	struct tls_peer *peer = open_ready(&o, &config, NULL);

	core_until(strcmp(o.data->str, "six") == 0);
	close_both(&o, peer);
}

/* Much at once arrives in pieces of at least half the buffer, and in order. */
static void test_flood(gconstpointer data)
{
	enum { FLOOD = 3 << 20 };
	struct owner o = {0};
	struct tls_peer *peer = open_kind(&o, data, (struct tls_peer_config){0});
	guint8 *octets = g_malloc(FLOOD);
	guint i;

	for (i = 0; i < FLOOD; i++)
		octets[i] = i * 7 + i / 1000;
	conn_pause(o.conn, TRUE);
	tls_peer_send(peer, octets, FLOOD);
	core_idle();
	g_assert_cmpuint(o.n_data, ==, 0);
	conn_pause(o.conn, FALSE);
	g_assert_cmpuint(o.n_data, ==, 0);
	core_until(o.data->len == FLOOD);
	g_assert_cmpmem(o.data->str, o.data->len, octets, FLOOD);
	g_assert_cmpuint(o.largest, >, CONN_READ_SIZE / 2);
	g_free(octets);
	close_both(&o, peer);
}

/* Paused inside the delivery: not one octet more, until it goes on. */
static void test_pause(gconstpointer data)
{
	struct owner o = {.is_pausing = TRUE};
	struct tls_peer *peer = open_kind(&o, data, (struct tls_peer_config){0});
	guint8 octets[100000] = {0};
	guint pieces = 0;

	tls_peer_send(peer, octets, sizeof(octets));
	while (o.data->len < sizeof(octets)) {
		core_until(o.n_data > pieces);
		pieces = o.n_data;
		core_idle();
		g_assert_cmpuint(o.n_data, ==, pieces);
		conn_pause(o.conn, FALSE);
	}
	g_assert_cmpuint(pieces, >, 2);
	close_both(&o, peer);
}

/* A peer that does not read: the queue fills, refuses, and asks for more once it has drained. */
static void test_back_pressure(gconstpointer data)
{
	struct owner o = {0};
	struct tls_peer *peer = open_kind(&o, data, (struct tls_peer_config){.is_deaf = TRUE});
	GString *sent = g_string_new(NULL);
	guint8 octets[5000];
	guint i, round = 0;
	gsize taken;

	do {
		for (i = 0; i < sizeof(octets); i++)
			octets[i] = (i + round) * 13;
		round++;
		taken = conn_send(o.conn, octets, sizeof(octets));
		g_string_append_len(sent, (char *)octets, taken);
		if (round % 50 == 0)
			core_idle();
	} while (taken == sizeof(octets));
	g_assert_cmpuint(o.n_writable, ==, 0);
	g_assert_cmpuint(conn_send(o.conn, octets, 1), ==, 0);
	tls_peer_listen(peer, TRUE);
	core_until(o.n_writable == 1);
	/* What the queue still holds comes first. */
	g_assert_cmpuint(conn_send(o.conn, (guint8 *)"the end", 7), ==, 7);
	g_string_append(sent, "the end");
	core_until(tls_peer_received(peer)->len == sent->len);
	g_assert_cmpmem(tls_peer_received(peer)->str, sent->len, sent->str, sent->len);
	g_assert_cmpuint(o.n_writable, ==, 1);
	g_string_free(sent, TRUE);
	close_both(&o, peer);
}

/* Later octets wait until the handler of earlier ones has returned, and do not spin the loop. */
static void test_nested_loop(gconstpointer data)
{
	struct owner o = {.is_nesting = TRUE};
	struct tls_peer *peer = open_kind(&o, data, (struct tls_peer_config){0});
	guint8 octets[150000] = {0};

	tls_peer_send(peer, octets, sizeof(octets));
	core_until(o.data->len == sizeof(octets));
	g_assert_cmpuint(o.n_data, >, 1);
	close_both(&o, peer);
}

/* ---- ends ---- */

static void test_orderly_end(gconstpointer data)
{
	struct owner o = {0};
	struct tls_peer *peer = open_kind(&o, data, (struct tls_peer_config){0});
	guint8 octets[200000] = {0};

	tls_peer_send(peer, octets, sizeof(octets));
	tls_peer_end(peer);
	core_until(o.n_closed);
	g_assert_cmpint(o.why.kind, ==, REASON_CLOSED);
	g_assert_cmpuint(o.data->len, ==, sizeof(octets));
	g_assert_cmpstr(o.why.host, ==, "127.0.0.1");
	g_assert_cmpuint(o.why.port, ==, tls_peer_port(peer));
	g_assert_cmpuint(conn_send(o.conn, octets, 1), ==, 0);
	core_idle();
	g_assert_cmpuint(o.n_closed, ==, 1);
	close_both(&o, peer);
}

/* TCP's end alone may be an attacker's doing, where there is TLS. */
static void test_truncation(gconstpointer data)
{
	const struct kind *kind = data;
	struct owner o = {0};
	struct tls_peer *peer = open_kind(
		&o, kind, (struct tls_peer_config){.is_abrupt = TRUE, .greeting = "half a w"});

	core_until(o.data->len == 8);
	tls_peer_end(peer);
	core_until(o.n_closed);
	g_assert_cmpint(o.why.kind, ==, kind->is_tls ? REASON_LOST : REASON_CLOSED);
	close_both(&o, peer);
}

static void test_reset(gconstpointer data)
{
	struct owner o = {0};
	struct tls_peer *peer = open_kind(&o, data, (struct tls_peer_config){.greeting = "x"});

	core_until(o.data->len == 1);
	tls_peer_reset(peer);
	core_until(o.n_closed);
	g_assert_cmpint(o.why.kind, ==, REASON_LOST);
	g_assert_cmpstr(o.why.detail, ==, g_strerror(ECONNRESET));
	close_both(&o, peer);
}

/* The failed write is told after the call that made it, although nothing is read meanwhile. */
static void test_write_after_reset(gconstpointer data)
{
	struct owner o = {0};
	struct tls_peer *peer = open_kind(&o, data, (struct tls_peer_config){.greeting = "x"});

	core_until(o.data->len == 1);
	conn_pause(o.conn, TRUE);
	tls_peer_reset(peer);
	core_idle();
	while (conn_send(o.conn, (guint8 *)"y", 1) == 1)
		g_assert_cmpuint(o.n_closed, ==, 0);
	g_assert_cmpuint(o.n_closed, ==, 0);
	core_until(o.n_closed);
	g_assert_cmpint(o.why.kind, ==, REASON_LOST);
	close_both(&o, peer);
}

/* The last words of a server that hangs up on us are heard, although our write fails first. */
static void test_last_words(gconstpointer data)
{
	struct owner o = {0};
	struct tls_peer *peer = open_kind(&o, data, (struct tls_peer_config){0});
	guint i;

	conn_pause(o.conn, TRUE);
	tls_peer_send(peer, "goodbye", 7);
	tls_peer_end(peer);
	core_idle();
	conn_pause(o.conn, FALSE);
	for (i = 0; i < 5; i++)
		conn_send(o.conn, (guint8 *)"more", 4);
	core_until(o.n_closed);
	g_assert_cmpstr(o.data->str, ==, "goodbye");
	close_both(&o, peer);
}

static void test_goodbye(gconstpointer data)
{
	const struct kind *kind = data;
	struct owner o = {0};
	struct tls_peer *peer = open_kind(&o, kind, (struct tls_peer_config){0});

	g_assert_cmpuint(conn_send(o.conn, (guint8 *)"bye", 3), ==, 3);
	conn_free(g_steal_pointer(&o.conn));
	core_until(tls_peer_count_ended(peer) == 1);
	g_assert_cmpstr(tls_peer_received(peer)->str, ==, "bye");
	g_assert_cmpuint(tls_peer_count_goodbyes(peer), ==, kind->is_tls ? 1 : 0);
	close_both(&o, peer);
}

/* A full queue, and octets of the peer's that nobody reads: it gets everything all the same. */
static void test_finish(gconstpointer data)
{
	const struct kind *kind = data;
	struct owner o = {0};
	struct tls_peer *peer = open_kind(&o, kind, (struct tls_peer_config){.is_deaf = TRUE});
	guint8 octets[5000] = {0};
	gsize taken, sent = 0;

	do {
		taken = conn_send(o.conn, octets, sizeof(octets));
		sent += taken;
	} while (taken == sizeof(octets));
	conn_pause(o.conn, TRUE);
	tls_peer_send(peer, octets, sizeof(octets));
	conn_finish(g_steal_pointer(&o.conn));
	g_assert_cmpuint(tls_peer_count_ended(peer), ==, 0);
	tls_peer_listen(peer, TRUE);
	core_until(tls_peer_count_ended(peer) == 1);
	g_assert_cmpuint(tls_peer_received(peer)->len, ==, sent);
	g_assert_cmpuint(tls_peer_count_goodbyes(peer), ==, kind->is_tls ? 1 : 0);
	g_assert_cmpuint(o.n_data + o.n_writable + o.n_closed, ==, 0);
	close_both(&o, peer);
}

/* Before it stands there is nothing to wait for; a lingering one is gone with the plugin. */
static void test_finish_is_forgotten(gconstpointer data)
{
	struct owner o = {0};
	struct tls_peer *peer = open_peer(&o, &(struct tls_peer_config){.is_silent = TRUE}, NULL);

	conn_finish(g_steal_pointer(&o.conn));
	core_idle();
	tls_peer_free(peer);
	peer = open_kind(&o, data, (struct tls_peer_config){.is_deaf = TRUE});
	conn_finish(g_steal_pointer(&o.conn));
	conn_forget_sessions();
	cert_trust(tls_peer_ca_pem());
	tls_peer_listen(peer, TRUE);
	core_until(tls_peer_count_ended(peer) == 1);
	close_both(&o, peer);
}

/* ---- let go ---- */

static void test_free_in_callback(gconstpointer data)
{
	static const enum owner_moment moments[] = {OWNER_READY, OWNER_DATA, OWNER_CLOSED};
	guint i;

	for (i = 0; i < G_N_ELEMENTS(moments); i++) {
		struct owner o = {.free_at = moments[i]};
		struct tls_peer *peer =
			open_kind(&o, data, (struct tls_peer_config){.greeting = "hello"});

		if (moments[i] == OWNER_CLOSED)
			tls_peer_end(peer);
		core_until(!o.conn);
		core_until(tls_peer_count_open(peer) == 0);
		core_idle();
		g_assert_cmpuint(o.n_closed, ==, moments[i] == OWNER_CLOSED);
		if (moments[i] == OWNER_READY)
			g_assert_cmpuint(o.n_data, ==, 0);
		close_both(&o, peer);
	}
}

static void test_free_in_writable(gconstpointer data)
{
	struct owner o = {.free_at = OWNER_WRITABLE};
	struct tls_peer *peer = open_kind(&o, data, (struct tls_peer_config){.is_deaf = TRUE});
	guint8 octets[50000] = {0};

	while (conn_send(o.conn, octets, sizeof(octets)) == sizeof(octets))
		;
	tls_peer_listen(peer, TRUE);
	core_until(!o.conn);
	core_until(tls_peer_count_open(peer) == 0);
	g_assert_cmpuint(o.n_writable, ==, 1);
	close_both(&o, peer);
}

/* After every number of turns between the first and ready. */
static void test_free_at_each_moment(gconstpointer data)
{
	const struct kind *kind = data;
	struct tls_peer_config config = {
		.cert = kind->is_tls ? the_cert : NULL,
		.priority = kind->priority,
	};
	struct conn_tls tls = good_tls();
	guint turns, before = core_count_handles();
	gboolean is_over = FALSE;

	for (turns = 0; !is_over; turns++) {
		struct owner o = {0};
		struct tls_peer *peer = open_peer(&o, &config, kind->is_tls ? &tls : NULL);
		guint i;

		core_patience_start(G_STRLOC, "ready");
		for (i = 0; i < turns && !o.n_ready; i++)
			core_turn();
		core_patience_end();
		is_over = o.n_ready != 0;
		conn_free(g_steal_pointer(&o.conn));
		core_idle();
		g_assert_cmpuint(o.n_ready, ==, is_over);
		g_assert_cmpuint(o.n_closed, ==, 0);
		g_assert_cmpuint(core_count_handles(), ==, before);
		close_both(&o, peer);
	}
	g_assert_cmpuint(turns, >, 1);
}

/* ---- no connection ---- */

/* A port that was free a moment ago. */
static guint16 unused_port(void)
{
	struct tls_peer *peer = tls_peer_new(&(struct tls_peer_config){0});
	guint16 port = tls_peer_port(peer);

	tls_peer_free(peer);
	return port;
}

static void expect_end(const char *host, guint16 port, enum reason_kind kind)
{
	struct owner o = {0};

	owner_open(&o, the_account, host, port, NULL);
	core_until(o.n_closed);
	g_assert_cmpint(o.why.kind, ==, kind);
	g_assert_cmpstr(o.why.host, ==, host);
	g_assert_cmpuint(o.why.port, ==, port);
	g_assert_cmpuint(o.n_ready, ==, 0);
	owner_clear(&o);
}

static void test_refused(void)
{
	expect_end("127.0.0.1", unused_port(), REASON_REFUSED);
}

static void test_no_such_name(void)
{
	core_dns_clear();
	expect_end("nowhere.test", 5222, REASON_DNS);
}

static void test_nonsense(void)
{
	expect_end("", 5222, REASON_UNREACHABLE);
	expect_end("127.0.0.1", 0, REASON_UNREACHABLE);
}

/* ---- proxies ---- */

static void test_proxy(void)
{
	struct tls_peer_config config = {.cert = the_cert, .is_echo = TRUE};
	struct tls_peer *peer = tls_peer_new(&config);
	struct tls_peer *proxy = tls_peer_new(&(struct tls_peer_config){.is_socks5 = TRUE});
	struct conn_tls tls = good_tls();
	struct owner o = {.answer = "through"};

	core_dns_clear();
	core_account_proxy(the_account, PURPLE_PROXY_SOCKS5, tls_peer_port(proxy));
	owner_open(&o, the_account, "good.test", tls_peer_port(peer), &tls);
	core_until(o.n_closed || strcmp(o.data->str, "through") == 0);
	g_assert_cmpuint(o.n_closed, ==, 0);
	g_assert_cmpstr(tls_peer_socks5_host(proxy), ==, "good.test");
	g_assert_cmpuint(core_dns_count_asked(), ==, 0);
	owner_clear(&o);
	core_account_proxy(the_account, PURPLE_PROXY_NONE, 0);
	tls_peer_free(peer);
	tls_peer_free(proxy);
}

static void test_proxy_refuses(void)
{
	struct tls_peer_config config = {.is_socks5 = TRUE, .socks5_refusal = 2};
	struct tls_peer *proxy = tls_peer_new(&config);

	core_account_proxy(the_account, PURPLE_PROXY_SOCKS5, tls_peer_port(proxy));
	expect_end("good.test", 5222, REASON_PROXY);
	core_account_proxy(the_account, PURPLE_PROXY_NONE, 0);
	tls_peer_free(proxy);
}

static void test_proxy_is_gone(void)
{
	core_account_proxy(the_account, PURPLE_PROXY_SOCKS5, unused_port());
	expect_end("good.test", 5222, REASON_PROXY);
	core_account_proxy(the_account, PURPLE_PROXY_NONE, 0);
}

/* ---- handshakes that fail ---- */

static void expect_handshake(const struct tls_peer_config *config, const struct conn_tls *tls,
			     enum reason_kind kind)
{
	struct owner o = {0};
	struct tls_peer *peer = open_peer(&o, config, tls);

	core_until(o.n_closed || o.n_ready);
	g_assert_cmpuint(o.n_ready, ==, 0);
	g_assert_cmpint(o.why.kind, ==, kind);
	close_both(&o, peer);
}

static void test_no_tls_there(void)
{
	struct conn_tls tls = good_tls();

	expect_handshake(&(struct tls_peer_config){.greeting = "220 hello, plain text here\r\n"},
			 &tls, REASON_TLS);
}

static void test_end_in_handshake(void)
{
	struct conn_tls tls = good_tls();

	expect_handshake(&(struct tls_peer_config){.end_after = 1}, &tls, REASON_TLS);
}

static void test_old_version(void)
{
	struct tls_peer_config config = {
		.cert = the_cert,
		.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT",
	};
	struct conn_tls tls = good_tls();

	expect_handshake(&config, &tls, REASON_TLS_VERSION);
}

static void test_bad_priority(void)
{
	struct conn_tls tls = good_tls();

	tls.priority = "NONSENSE";
	expect_handshake(&(struct tls_peer_config){.cert = the_cert}, &tls, REASON_TLS);
}

static void test_silence(void)
{
	struct conn_tls tls = good_tls();
	struct owner o = {0};
	struct tls_peer *peer = open_peer(&o, &(struct tls_peer_config){.is_silent = TRUE}, &tls);

	core_until(tls_peer_count_accepted(peer) == 1);
	core_idle();
	core_pass(CONN_HANDSHAKE_MS - 1);
	g_assert_cmpuint(o.n_closed, ==, 0);
	core_pass(1);
	g_assert_cmpuint(o.n_closed, ==, 1);
	g_assert_cmpint(o.why.kind, ==, REASON_TIMEOUT);
	close_both(&o, peer);
}

/* ---- ALPN ---- */

static const struct alpn_row {
	const char *path, *asked, *offered, *lie;
	gboolean is_good;
} alpn_rows[] = {
	{"alpn-agreed-is-fine", "xmpp-client", "xmpp-client", NULL, TRUE},
	{"alpn-ignored-is-fine", "xmpp-client", NULL, NULL, TRUE},
	{"alpn-not-asked-is-fine", NULL, "xmpp-client", NULL, TRUE},
	{"alpn-of-another-kind-is-refused", "xmpp-client", "xmpp-client", "xmpp-server", FALSE},
};

static void test_alpn(gconstpointer data)
{
	const struct alpn_row *row = data;
	guint i;

	for (i = 1; i < G_N_ELEMENTS(kinds); i++) {
		struct tls_peer_config config = {
			.cert = the_cert,
			.alpn = row->offered,
			.alpn_lie = row->lie,
			.priority = kinds[i].priority,
		};
		struct conn_tls tls = good_tls();
		struct owner o = {0};
		struct tls_peer *peer;

		tls.alpn = row->asked;
		peer = open_peer(&o, &config, &tls);
		core_until(o.n_closed || o.n_ready);
		g_assert_cmpuint(o.n_ready, ==, row->is_good);
		if (!row->is_good)
			g_assert_cmpint(o.why.kind, ==, REASON_ALPN);
		close_both(&o, peer);
	}
}

/* ---- STARTTLS ---- */

static struct tls_peer_config start_tls_config(void)
{
	return (struct tls_peer_config){
		.cert = the_cert,
		.start_tls_after = "starttls\n",
		.go_ahead = "proceed\n",
		.is_echo = TRUE,
	};
}

static void test_start_tls(void)
{
	struct tls_peer_config config = start_tls_config();
	struct conn_tls tls = good_tls();
	struct owner o = {.answer = "starttls\n"};
	struct tls_peer *peer = tls_peer_new(&config);

	o.start_tls_at_data = &tls;
	owner_open(&o, the_account, "127.0.0.1", tls_peer_port(peer), NULL);
	core_until(o.n_ready == 1);
	g_assert_false(conn_is_tls(o.conn));
	o.answer = "secret";
	core_until(o.n_ready == 2 || o.n_closed);
	g_assert_true(conn_is_tls(o.conn));
	core_until(strcmp(o.data->str, "proceed\nsecret") == 0);
	g_assert_cmpstr(tls_peer_received(peer)->str, ==, "starttls\nsecret");
	close_both(&o, peer);
}

/* What comes in clear after the go-ahead is no part of any stream. */
static void test_start_tls_injection(void)
{
	struct tls_peer_config config = start_tls_config();
	struct conn_tls tls = good_tls();
	struct owner o = {.answer = "starttls\n"};
	struct tls_peer *peer;

	config.go_ahead = "proceed\n<injected/>";
	o.start_tls_at_data = &tls;
	peer = tls_peer_new(&config);
	owner_open(&o, the_account, "127.0.0.1", tls_peer_port(peer), NULL);
	core_until(o.n_ready == 2 || o.n_closed);
	/* In one piece with the go-ahead it is the owner's to throw away. */
	g_assert_cmpuint(o.n_data, ==, 1);
	close_both(&o, peer);
}

/* ---- binding ---- */

static void expect_binding(const char *type, gnutls_channel_binding_t kind,
			   const struct tls_peer_cert *cert, const char *priority,
			   gboolean is_there)
{
	struct tls_peer_config config = {.cert = cert, .priority = priority};
	struct conn_tls tls = good_tls();
	struct owner o = {0};
	struct tls_peer *peer = open_ready(&o, &config, &tls);
	GBytes *ours, *theirs = NULL;

	core_until(tls_peer_count_handshakes(peer) == 1);
	ours = conn_channel_binding(o.conn, type);
	g_assert_cmpint(ours != NULL, ==, is_there);
	if (is_there && kind != GNUTLS_CB_TLS_SERVER_END_POINT) {
		theirs = tls_peer_channel_binding(peer, kind);
		g_assert_true(g_bytes_equal(ours, theirs));
	}
	g_clear_pointer(&ours, g_bytes_unref);
	g_clear_pointer(&theirs, g_bytes_unref);
	close_both(&o, peer);
}

static void test_binding(void)
{
	const char *tls12 = kinds[1].priority, *tls13 = kinds[2].priority;
	const char *no_ems = "NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_SESSION_HASH";

	expect_binding("tls-exporter", GNUTLS_CB_TLS_EXPORTER, the_cert, tls13, TRUE);
	expect_binding("tls-exporter", GNUTLS_CB_TLS_EXPORTER, the_cert, tls12, TRUE);
	expect_binding("tls-exporter", GNUTLS_CB_TLS_EXPORTER, the_cert, no_ems, FALSE);
	expect_binding("tls-unique", GNUTLS_CB_TLS_UNIQUE, the_cert, tls13, FALSE);
	expect_binding("tls-unique", GNUTLS_CB_TLS_UNIQUE, the_cert, tls12, TRUE);
	expect_binding("tls-unique", GNUTLS_CB_TLS_UNIQUE, the_cert, no_ems, FALSE);
	expect_binding("tls-nonsense", GNUTLS_CB_TLS_UNIQUE, the_cert, tls12, FALSE);
}

/* RFC 5929 section 4.1, by our own hand. */
static void test_end_point(void)
{
	struct tls_peer_config config = {.cert = the_rsa_cert};
	const gnutls_datum_t *der = tls_peer_cert_der(the_rsa_cert);
	struct conn_tls tls = good_tls();
	struct owner o = {0};
	struct tls_peer *peer = open_ready(&o, &config, &tls);
	GBytes *binding = conn_channel_binding(o.conn, "tls-server-end-point");
	char *wanted = g_compute_checksum_for_data(G_CHECKSUM_SHA256, der->data, der->size);
	GString *hex = g_string_new(NULL);
	gsize n, i;
	const guint8 *octets = g_bytes_get_data(binding, &n);

	for (i = 0; i < n; i++)
		g_string_append_printf(hex, "%02x", octets[i]);
	g_assert_cmpstr(hex->str, ==, wanted);
	g_string_free(hex, TRUE);
	g_free(wanted);
	g_bytes_unref(binding);
	close_both(&o, peer);
}

/* Trust it by itself: libpurple's verifier does not know the kind. */
static void trust_itself(const struct tls_peer_cert *cert)
{
	gnutls_datum_t pem;

	g_assert_cmpint(gnutls_pem_base64_encode2("CERTIFICATE", tls_peer_cert_der(cert), &pem), ==,
			0);
	g_assert_true(cert_trust((char *)pem.data));
	gnutls_free(pem.data);
}

static void test_end_point_without_hash(void)
{
	trust_itself(the_ed25519_cert);
	expect_binding("tls-server-end-point", GNUTLS_CB_TLS_SERVER_END_POINT, the_ed25519_cert,
		       kinds[2].priority, FALSE);
}

static void test_no_binding(void)
{
	struct owner o = {0};
	struct tls_peer *peer = open_ready(&o, &(struct tls_peer_config){0}, NULL);

	g_assert_null(conn_channel_binding(o.conn, "tls-exporter"));
	g_assert_null(conn_channel_binding(o.conn, "tls-server-end-point"));
	close_both(&o, peer);
}

/* ---- resumption ---- */

/* One connection with a word each way; was it resumed? */
static gboolean connect_resumed(struct tls_peer *peer, PurpleAccount *account, const char *name)
{
	struct conn_tls tls = {.identity = {name}};
	struct owner o = {.answer = "ping"};
	gboolean is_resumed;

	owner_open(&o, account, "127.0.0.1", tls_peer_port(peer), &tls);
	core_until(o.n_closed || o.data->len == 4);
	g_assert_cmpuint(o.n_closed, ==, 0);
	is_resumed = conn_is_resumed(o.conn);
	owner_clear(&o);
	return is_resumed;
}

static void test_resumption(gconstpointer data)
{
	const struct kind *kind = data;
	struct tls_peer_config config = {
		.cert = the_cert,
		.priority = kind->priority,
		.has_tickets = TRUE,
		.is_echo = TRUE,
	};
	struct tls_peer *peer = tls_peer_new(&config);

	g_assert_false(connect_resumed(peer, the_account, "good.test"));
	g_assert_true(connect_resumed(peer, the_account, "good.test"));
	g_assert_true(connect_resumed(peer, the_account, "good.test"));
	g_assert_cmpuint(tls_peer_count_resumed(peer), ==, 2);
	/* Neither another account's, nor another name's. */
	g_assert_false(connect_resumed(peer, the_other_account, "good.test"));
	g_assert_false(connect_resumed(peer, the_account, "also.test"));
	conn_forget_sessions();
	g_assert_true(cert_trust(tls_peer_ca_pem()));
	g_assert_false(connect_resumed(peer, the_account, "good.test"));
	tls_peer_free(peer);
}

/* A session that was taken up is no proof by itself: trust may have been withdrawn since. */
static void test_resumed_is_verified(gconstpointer data)
{
	const struct kind *kind = data;
	struct tls_peer_config config = {
		.cert = the_cert,
		.priority = kind->priority,
		.has_tickets = TRUE,
		.is_echo = TRUE,
	};
	struct tls_peer *peer = tls_peer_new(&config);
	struct conn_tls tls = good_tls();
	struct owner o = {0};

	core_answer(CORE_ANSWER_REJECT);
	g_assert_false(connect_resumed(peer, the_account, "good.test"));
	cert_forget();
	owner_open(&o, the_account, "127.0.0.1", tls_peer_port(peer), &tls);
	core_until(o.n_closed || o.n_ready);
	g_assert_cmpuint(o.n_ready, ==, 0);
	g_assert_cmpint(o.why.kind, ==, REASON_CERT_UNTRUSTED);
	core_until(tls_peer_count_handshakes(peer) == 2);
	g_assert_cmpuint(tls_peer_count_resumed(peer), ==, 1);
	g_assert_cmpuint(core_count_requests(), ==, 1);
	owner_clear(&o);
	tls_peer_free(peer);
	g_assert_true(cert_trust(tls_peer_ca_pem()));
}

/* The table has an end: the oldest is forgotten. */
static void test_many_sessions(void)
{
	struct tls_peer_config config = {.cert = the_cert, .has_tickets = TRUE, .is_echo = TRUE};
	struct tls_peer *peers[CONN_SESSIONS_MAX + 1];
	guint i;

	for (i = 0; i < G_N_ELEMENTS(peers); i++) {
		peers[i] = tls_peer_new(&config);
		g_assert_false(connect_resumed(peers[i], the_account, "good.test"));
	}
	g_assert_true(connect_resumed(peers[1], the_account, "good.test"));
	g_assert_false(connect_resumed(peers[0], the_account, "good.test"));
	for (i = 0; i < G_N_ELEMENTS(peers); i++)
		tls_peer_free(peers[i]);
}

/* ---- new owner ---- */

static void test_new_owner(void)
{
	struct owner o = {0}, heir = {.data = g_string_new(NULL)};
	struct tls_peer *peer = open_ready(&o, &(struct tls_peer_config){0}, NULL);

	heir.conn = g_steal_pointer(&o.conn);
	conn_set_handlers(heir.conn, &owner_handlers, &heir);
	tls_peer_send(peer, "yours", 5);
	core_until(heir.data->len == 5);
	g_assert_cmpuint(o.n_data, ==, 0);
	owner_clear(&o);
	close_both(&heir, peer);
}

/* ---- list ---- */

static const struct {
	const char *path;
	GTestDataFunc test;
	gboolean is_for_tls_only;
} kind_tests[] = {
	{"what-is-sent-comes-back", test_echo},
	{"server-may-speak-first", test_greeting},
	{"flood-comes-in-big-pieces-and-in-order", test_flood},
	{"pause-in-a-delivery-stops-at-once", test_pause},
	{"nested-loop-gets-nothing-out-of-order", test_nested_loop},
	{"full-queue-refuses-and-asks-for-more", test_back_pressure},
	{"orderly-end-comes-after-all-data", test_orderly_end},
	{"truncation-is-a-loss", test_truncation},
	{"reset-is-a-loss", test_reset},
	{"failed-write-is-told-afterwards", test_write_after_reset},
	{"last-words-are-heard", test_last_words},
	{"free-says-goodbye-after-the-queue", test_goodbye},
	{"finish-lets-the-peer-read-everything", test_finish},
	{"finish-is-over-when-the-plugin-goes", test_finish_is_forgotten},
	{"free-in-each-callback", test_free_in_callback},
	{"free-in-writable", test_free_in_writable},
	{"free-at-each-moment", test_free_at_each_moment},
	{"second-connection-resumes", test_resumption, TRUE},
	{"resumed-session-is-verified", test_resumed_is_verified, TRUE},
};

static void add_kind_tests(void)
{
	guint i, j;

	for (i = 0; i < G_N_ELEMENTS(kind_tests); i++) {
		for (j = kind_tests[i].is_for_tls_only ? 1 : 0; j < G_N_ELEMENTS(kinds); j++) {
			char *path =
				g_strdup_printf("/conn/%s/%s", kinds[j].name, kind_tests[i].path);

			g_test_add_data_func(path, &kinds[j], kind_tests[i].test);
			g_free(path);
		}
	}
	for (i = 0; i < G_N_ELEMENTS(alpn_rows); i++) {
		char *path = g_strconcat("/conn/", alpn_rows[i].path, NULL);

		g_test_add_data_func(path, &alpn_rows[i], test_alpn);
		g_free(path);
	}
}

static void add_tests(void)
{
	g_test_add_func("/conn/ipv6-literal-is-reached", test_ipv6);
	g_test_add_func("/conn/nobody-listens", test_refused);
	g_test_add_func("/conn/name-without-address", test_no_such_name);
	g_test_add_func("/conn/nonsense-ends-in-closed", test_nonsense);
	g_test_add_func("/conn/proxy-of-the-account-is-used", test_proxy);
	g_test_add_func("/conn/proxy-refuses", test_proxy_refuses);
	g_test_add_func("/conn/proxy-is-gone", test_proxy_is_gone);
	g_test_add_func("/conn/plain-text-where-tls-should-be", test_no_tls_there);
	g_test_add_func("/conn/end-in-handshake", test_end_in_handshake);
	g_test_add_func("/conn/tls-1.1-is-too-old", test_old_version);
	g_test_add_func("/conn/priority-nobody-understands", test_bad_priority);
	g_test_add_func("/conn/silence-in-handshake-times-out", test_silence);
	g_test_add_func("/conn/start-tls-after-go-ahead", test_start_tls);
	g_test_add_func("/conn/start-tls-injection-is-one-delivery", test_start_tls_injection);
	g_test_add_func("/conn/binding-is-the-servers-too", test_binding);
	g_test_add_func("/conn/binding-to-end-point-is-its-hash", test_end_point);
	g_test_add_func("/conn/binding-to-end-point-needs-a-hash", test_end_point_without_hash);
	g_test_add_func("/conn/binding-needs-tls", test_no_binding);
	g_test_add_func("/conn/sessions-are-bounded", test_many_sessions);
	g_test_add_func("/conn/new-owner-hears-what-follows", test_new_owner);
}

int main(int argc, char **argv)
{
	struct tls_peer_names names = {.dns = "good.test", .second_dns = "also.test"};
	int status;

	g_test_init(&argc, &argv, NULL);
	core_start();
	the_account = core_account("nora");
	the_other_account = core_account("pavel");
	the_cert = tls_peer_cert_new(&names, TLS_PEER_CA, -TLS_PEER_DAY, TLS_PEER_DAY,
				     GNUTLS_PK_ECDSA);
	the_rsa_cert =
		tls_peer_cert_new(&names, TLS_PEER_CA, -TLS_PEER_DAY, TLS_PEER_DAY, GNUTLS_PK_RSA);
	the_ed25519_cert = tls_peer_cert_new(&names, TLS_PEER_SELF, -TLS_PEER_DAY, TLS_PEER_DAY,
					     GNUTLS_PK_EDDSA_ED25519);
	g_assert_true(cert_trust(tls_peer_ca_pem()));
	core_answer(CORE_ANSWER_ACCEPT);
	add_kind_tests();
	add_tests();
	status = g_test_run();
	conn_forget_sessions();
	core_stop();
	tls_peer_cert_free(the_cert);
	tls_peer_cert_free(the_rsa_cert);
	tls_peer_cert_free(the_ed25519_cert);
	tls_peer_forget();
	return status;
}
