/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-dial: which endpoints are tried, in which order, for how long, and what is said in the end.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/purple/dial.h"
#include "tests/peers/tls-peer.h"
#include "tests/purple/core.h"

static PurpleAccount *the_account;
static struct tls_peer_cert *the_cert, *the_stranger;

/* ---- an owner of a dial ---- */

struct caller {
	struct dial *dial;
	struct conn *conn;
	gboolean is_tls;
	guint n_connected, n_failed, n_closed;
	guint n_heard; /* of the first two, by caller_wait */
	struct reason why;
	gboolean is_freeing; /* in whatever callback comes */
};

static void caller_nothing(struct conn *c, gpointer user)
{
}

static void caller_data(struct conn *c, const guint8 *data, gsize n, gpointer user)
{
}

static void caller_closed(struct conn *c, const struct reason *why, gpointer user)
{
	struct caller *caller = user;

	caller->n_closed++;
	conn_free(g_steal_pointer(&caller->conn));
	dial_next(caller->dial, why);
}

static const struct conn_handlers caller_conn_handlers = {
	.ready = caller_nothing,
	.data = caller_data,
	.writable = caller_nothing,
	.closed = caller_closed,
};

static void caller_connected(struct dial *d, struct conn *c, gboolean is_tls, gpointer user)
{
	struct caller *caller = user;

	g_assert_true(d == caller->dial);
	caller->n_connected++;
	caller->is_tls = is_tls;
	g_assert_cmpint(conn_is_tls(c), ==, is_tls);
	if (caller->is_freeing) {
		conn_free(c);
		dial_free(g_steal_pointer(&caller->dial));
		return;
	}
	conn_set_handlers(c, &caller_conn_handlers, caller);
	caller->conn = c;
}

static void caller_failed(struct dial *d, const struct reason *why, gpointer user)
{
	struct caller *caller = user;

	g_assert_true(d == caller->dial);
	caller->n_failed++;
	caller->why = *why;
	if (caller->is_freeing)
		dial_free(g_steal_pointer(&caller->dial));
}

static const struct dial_handlers caller_handlers = {
	.connected = caller_connected,
	.failed = caller_failed,
};

static const struct ladder_service services[] = {{"xmpps-client", TRUE}, {"xmpp-client", FALSE}};

/* To example.test, by SRV and then its port. */
static struct dial_config config_for(guint16 port)
{
	return (struct dial_config){
		.account = the_account,
		.domain = "example.test",
		.services = services,
		.n_services = G_N_ELEMENTS(services),
		.port = port,
		.tls = {.identity = {"example.test"}},
	};
}

static void caller_start(struct caller *caller, const struct dial_config *config)
{
	caller->dial = dial_start(config, &caller_handlers, caller);
	g_assert_cmpuint(caller->n_connected + caller->n_failed, ==, 0);
}

static void caller_wait(struct caller *caller)
{
	core_until(caller->n_connected + caller->n_failed > caller->n_heard);
	caller->n_heard++;
}

static void caller_end(struct caller *caller)
{
	conn_free(caller->conn);
	dial_free(caller->dial);
	g_assert_cmpuint(core_dns_count_pending(), ==, 0);
}

static void expect_connected(const struct dial_config *config, struct tls_peer *peer,
			     gboolean is_tls)
{
	struct caller caller = {0};

	caller_start(&caller, config);
	caller_wait(&caller);
	g_assert_cmpuint(caller.n_connected, ==, 1);
	g_assert_cmpint(caller.is_tls, ==, is_tls);
	core_until(tls_peer_count_accepted(peer) == 1);
	g_assert_cmpuint(tls_peer_count_open(peer), ==, 1);
	caller_end(&caller);
}

static void expect_failed(const struct dial_config *config, enum reason_kind kind, const char *host)
{
	struct caller caller = {0};

	caller_start(&caller, config);
	caller_wait(&caller);
	g_assert_cmpuint(caller.n_failed, ==, 1);
	g_assert_cmpint(caller.why.kind, ==, kind);
	g_assert_cmpstr(caller.why.host, ==, host);
	core_idle();
	g_assert_cmpuint(caller.n_failed, ==, 1);
	caller_end(&caller);
}

static struct tls_peer *plain_peer(void)
{
	return tls_peer_new(&(struct tls_peer_config){0});
}

static struct tls_peer *tls_peer(const struct tls_peer_cert *cert)
{
	return tls_peer_new(&(struct tls_peer_config){.cert = cert});
}

static guint16 unused_port(void)
{
	struct tls_peer *peer = plain_peer();
	guint16 port = tls_peer_port(peer);

	tls_peer_free(peer);
	return port;
}

/* ---- which endpoints ---- */

static void test_domain(void)
{
	struct tls_peer *peer = plain_peer();
	struct dial_config config = config_for(tls_peer_port(peer));

	core_dns_clear();
	core_dns_host("example.test", "127.0.0.1");
	expect_connected(&config, peer, FALSE);
	g_assert_cmpuint(core_dns_count_asked(), ==, 3);
	tls_peer_free(peer);
}

static void test_choice(void)
{
	struct tls_peer *peer = tls_peer(the_cert);
	struct dial_config config = config_for(tls_peer_port(peer));

	config.host = "chosen.test";
	config.is_tls = TRUE;
	core_dns_clear();
	core_dns_host("chosen.test", "127.0.0.1");
	core_dns_srv("_xmpp-client._tcp.example.test", 0, 0, 1, "wrong.test");
	expect_connected(&config, peer, TRUE);
	g_assert_cmpuint(core_dns_count_asked(), ==, 1);
	tls_peer_free(peer);
}

static void test_literal(void)
{
	struct tls_peer *peer = plain_peer();
	struct dial_config config = config_for(tls_peer_port(peer));

	config.host = "127.0.0.1";
	core_dns_clear();
	expect_connected(&config, peer, FALSE);
	tls_peer_free(peer);
}

/* Both services are one set: the better priority is tried first, whatever its kind. */
static void test_srv(void)
{
	struct tls_peer *plain = plain_peer(), *secure = tls_peer(the_cert);
	struct dial_config config = config_for(1);

	core_dns_clear();
	core_dns_host("a.test", "127.0.0.1");
	core_dns_srv("_xmpp-client._tcp.example.test", 20, 0, tls_peer_port(plain), "a.test");
	core_dns_srv("_xmpps-client._tcp.example.test", 10, 0, tls_peer_port(secure), "a.test");
	expect_connected(&config, secure, TRUE);
	g_assert_cmpuint(tls_peer_count_accepted(plain), ==, 0);
	tls_peer_free(plain);
	tls_peer_free(secure);
}

static void test_srv_next_record(void)
{
	struct tls_peer *peer = plain_peer();
	struct dial_config config = config_for(1);

	core_dns_clear();
	core_dns_host("a.test", "127.0.0.1");
	core_dns_host("b.test", "");
	core_dns_srv("_xmpp-client._tcp.example.test", 5, 0, 5222, "b.test");
	core_dns_srv("_xmpp-client._tcp.example.test", 6, 0, 0, "a.test");
	core_dns_srv("_xmpp-client._tcp.example.test", 10, 0, unused_port(), "a.test");
	core_dns_srv("_xmpp-client._tcp.example.test", 20, 0, tls_peer_port(peer), "a.test");
	expect_connected(&config, peer, FALSE);
	tls_peer_free(peer);
}

static void test_srv_says_no(void)
{
	struct tls_peer *peer = plain_peer();
	struct dial_config config = config_for(tls_peer_port(peer));

	core_dns_clear();
	core_dns_host("example.test", "127.0.0.1");
	core_dns_srv("_xmpp-client._tcp.example.test", 0, 0, 0, ".");
	expect_failed(&config, REASON_NOT_OFFERED, "example.test");
	g_assert_cmpuint(tls_peer_count_accepted(peer), ==, 0);
	tls_peer_free(peer);
}

/* A resolver that never answers costs one time limit, not the connection. */
static void test_srv_silent(void)
{
	struct tls_peer *peer = plain_peer();
	struct dial_config config = config_for(tls_peer_port(peer));
	struct caller caller = {0};

	core_dns_clear();
	core_dns_host("example.test", "127.0.0.1");
	core_dns_srv("_xmpp-client._tcp.example.test", 0, 0, 1, "?");
	caller_start(&caller, &config);
	core_idle();
	g_assert_cmpuint(core_dns_count_pending(), ==, 1);
	core_pass(DIAL_RESOLVE_MS);
	caller_wait(&caller);
	g_assert_cmpuint(caller.n_connected, ==, 1);
	caller_end(&caller);
	tls_peer_free(peer);
}

static void test_name_silent(void)
{
	struct dial_config config = config_for(5222);
	struct caller caller = {0};

	core_dns_clear();
	core_dns_host("example.test", "?");
	caller_start(&caller, &config);
	core_idle();
	core_pass(DIAL_RESOLVE_MS);
	caller_wait(&caller);
	g_assert_cmpint(caller.why.kind, ==, REASON_DNS);
	g_assert_cmpstr(caller.why.host, ==, "example.test");
	caller_end(&caller);
}

/* ---- the race ---- */

static void test_second_address(void)
{
	struct tls_peer *peer = plain_peer();
	struct dial_config config = config_for(tls_peer_port(peer));

	/* Nobody listens there on IPv6, nor on the second. */
	core_dns_clear();
	core_dns_host("example.test", "127.0.0.2 127.0.0.1 ::1");
	expect_connected(&config, peer, FALSE);
	tls_peer_free(peer);
}

static void test_ipv6_first(void)
{
	struct tls_peer *v6 = tls_peer_new(&(struct tls_peer_config){.address = "::1"});
	struct tls_peer *v4 = tls_peer_new(&(struct tls_peer_config){.port = tls_peer_port(v6)});
	struct dial_config config = config_for(tls_peer_port(v6));

	core_dns_clear();
	core_dns_host("example.test", "127.0.0.1 ::1");
	expect_connected(&config, v6, FALSE);
	g_assert_cmpuint(tls_peer_count_accepted(v4), ==, 0);
	tls_peer_free(v4);
	tls_peer_free(v6);
}

/* An address that answers neither yes nor no: a listener whose queue is full. */
struct dead_end {
	int fds[8];
	guint16 port;
};

static void dead_end_open(struct dead_end *end)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	socklen_t n = sizeof(to);
	guint i;

	for (i = 0; i < G_N_ELEMENTS(end->fds); i++) {
		end->fds[i] = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (i > 0) {
			connect(end->fds[i], (struct sockaddr *)&to, sizeof(to));
			continue;
		}
		g_assert_cmpint(bind(end->fds[0], (struct sockaddr *)&to, sizeof(to)), ==, 0);
		g_assert_cmpint(listen(end->fds[0], 0), ==, 0);
		g_assert_cmpint(getsockname(end->fds[0], (struct sockaddr *)&to, &n), ==, 0);
	}
	end->port = ntohs(to.sin6_port);
}

static void dead_end_close(struct dead_end *end)
{
	guint i;

	for (i = 0; i < G_N_ELEMENTS(end->fds); i++)
		close(end->fds[i]);
}

/* RFC 8305: the second joins after a moment, wins, and the first is given up. */
static void test_stagger(void)
{
	struct dead_end end;
	struct caller caller = {0};
	struct dial_config config;
	struct tls_peer *peer;

	dead_end_open(&end);
	peer = tls_peer_new(&(struct tls_peer_config){.port = end.port});
	config = config_for(end.port);
	core_dns_clear();
	core_dns_host("example.test", "127.0.0.1 ::1");
	caller_start(&caller, &config);
	core_idle();
	core_pass(DIAL_STAGGER_MS - 1);
	core_idle();
	g_assert_cmpuint(tls_peer_count_accepted(peer), ==, 0);
	core_pass(1);
	caller_wait(&caller);
	g_assert_cmpuint(caller.n_connected, ==, 1);
	core_until(tls_peer_count_accepted(peer) == 1);
	caller_end(&caller);
	tls_peer_free(peer);
	dead_end_close(&end);
}

/* A proxy that accepts and says nothing stands for a network that swallows packets. */
static void test_attempt_times_out(void)
{
	struct tls_peer *proxy = tls_peer_new(&(struct tls_peer_config){.is_silent = TRUE});
	struct dial_config config = config_for(5222);
	struct caller caller = {0};

	core_dns_clear();
	core_account_proxy(the_account, PURPLE_PROXY_SOCKS5, tls_peer_port(proxy));
	caller_start(&caller, &config);
	core_until(tls_peer_count_accepted(proxy) == 1);
	core_pass(DIAL_ATTEMPT_MS - 1);
	g_assert_cmpuint(caller.n_failed, ==, 0);
	core_pass(1);
	caller_wait(&caller);
	g_assert_cmpint(caller.why.kind, ==, REASON_TIMEOUT);
	g_assert_cmpstr(caller.why.host, ==, "example.test");
	g_assert_cmpuint(caller.why.port, ==, 5222);
	caller_end(&caller);
	core_account_proxy(the_account, PURPLE_PROXY_NONE, 0);
	tls_peer_free(proxy);
}

/* The whole climb has an end, however many records there are. */
static void test_total_times_out(void)
{
	struct tls_peer *proxy = tls_peer_new(&(struct tls_peer_config){.is_silent = TRUE});
	struct dial_config config = config_for(5222);
	struct caller caller = {0};
	guint i, spent = 0;

	core_dns_clear();
	for (i = 0; i < 20; i++)
		core_dns_srv("_xmpp-client._tcp.example.test", i, 0, 5222, "a.test");
	core_account_proxy(the_account, PURPLE_PROXY_SOCKS5, tls_peer_port(proxy));
	caller_start(&caller, &config);
	while (!caller.n_failed) {
		core_idle();
		core_pass(1000);
		spent += 1000;
		g_assert_cmpuint(spent, <=, DIAL_TOTAL_MS);
	}
	g_assert_cmpuint(spent, ==, DIAL_TOTAL_MS);
	g_assert_cmpint(caller.why.kind, ==, REASON_TIMEOUT);
	caller_end(&caller);
	core_account_proxy(the_account, PURPLE_PROXY_NONE, 0);
	tls_peer_free(proxy);
}

/* ---- TLS ---- */

/* An address whose TCP opens but whose TLS does not loses to the other of the same name. */
static void test_tls_of_the_other_address(void)
{
	struct tls_peer *v6 = tls_peer_new(
		&(struct tls_peer_config){.address = "::1", .greeting = "no TLS here\n"});
	struct tls_peer *v4 = tls_peer_new(
		&(struct tls_peer_config){.port = tls_peer_port(v6), .cert = the_cert});
	struct dial_config config = config_for(tls_peer_port(v6));

	config.is_tls = TRUE;
	core_dns_clear();
	core_dns_host("example.test", "127.0.0.1 ::1");
	expect_connected(&config, v4, TRUE);
	g_assert_cmpuint(tls_peer_count_accepted(v6), ==, 1);
	tls_peer_free(v4);
	tls_peer_free(v6);
}

static void test_silent_tls(void)
{
	struct tls_peer *silent = tls_peer_new(&(struct tls_peer_config){.is_silent = TRUE});
	struct tls_peer *peer = tls_peer(the_cert);
	struct dial_config config = config_for(1);
	struct caller caller = {0};

	core_dns_clear();
	core_dns_host("a.test", "127.0.0.1");
	core_dns_srv("_xmpps-client._tcp.example.test", 1, 0, tls_peer_port(silent), "a.test");
	core_dns_srv("_xmpps-client._tcp.example.test", 2, 0, tls_peer_port(peer), "a.test");
	caller_start(&caller, &config);
	core_until(tls_peer_count_accepted(silent) == 1);
	core_idle();
	core_pass(CONN_HANDSHAKE_MS);
	caller_wait(&caller);
	g_assert_cmpuint(caller.n_connected, ==, 1);
	caller_end(&caller);
	tls_peer_free(peer);
	tls_peer_free(silent);
}

/* The user said no; another address of the same server would only ask again. */
static void test_certificate_ends_it(void)
{
	struct tls_peer *strange = tls_peer(the_stranger), *peer = tls_peer(the_cert);
	struct dial_config config = config_for(1);

	core_answer(CORE_ANSWER_REJECT);
	core_dns_clear();
	core_dns_host("a.test", "127.0.0.1");
	core_dns_srv("_xmpps-client._tcp.example.test", 1, 0, tls_peer_port(strange), "a.test");
	core_dns_srv("_xmpps-client._tcp.example.test", 2, 0, tls_peer_port(peer), "a.test");
	expect_failed(&config, REASON_CERT_SELF_SIGNED, "example.test");
	g_assert_cmpuint(core_count_requests(), ==, 1);
	g_assert_cmpuint(tls_peer_count_accepted(peer), ==, 0);
	tls_peer_free(peer);
	tls_peer_free(strange);
}

/* Nobody's clock runs while a person reads a certificate. */
static void test_question_takes_its_time(void)
{
	struct tls_peer *peer = tls_peer(the_stranger);
	struct dial_config config = config_for(tls_peer_port(peer));
	struct caller caller = {0};

	config.is_tls = TRUE;
	config.domain = "thoughtful.test";
	config.tls.identity.name = NULL;
	core_answer(CORE_ANSWER_LEAVE);
	core_dns_clear();
	core_dns_host("thoughtful.test", "127.0.0.1 127.0.0.1");
	caller_start(&caller, &config);
	core_until(core_count_requests() == 1);
	g_assert_nonnull(strstr(core_request_text(), "thoughtful.test"));
	core_pass(10 * DIAL_TOTAL_MS);
	core_idle();
	g_assert_cmpuint(caller.n_failed, ==, 0);
	/* The race is over: nobody joins it meanwhile. */
	g_assert_cmpuint(tls_peer_count_accepted(peer), ==, 1);
	core_answer_now();
	caller_wait(&caller);
	g_assert_cmpuint(caller.n_connected, ==, 1);
	caller_end(&caller);
	tls_peer_free(peer);
}

/* ---- the next rung ---- */

static void test_next(void)
{
	struct tls_peer *first = plain_peer(), *second = plain_peer();
	struct dial_config config = config_for(1);
	struct caller caller = {0};

	core_dns_clear();
	core_dns_host("a.test", "127.0.0.1");
	core_dns_srv("_xmpp-client._tcp.example.test", 1, 0, tls_peer_port(first), "a.test");
	core_dns_srv("_xmpp-client._tcp.example.test", 2, 0, tls_peer_port(second), "a.test");
	caller_start(&caller, &config);
	caller_wait(&caller);
	core_until(tls_peer_count_accepted(first) == 1);
	/* The time a session needs is not the climb's. */
	core_pass(10 * DIAL_TOTAL_MS);
	tls_peer_end(first);
	caller_wait(&caller);
	g_assert_cmpuint(caller.n_connected, ==, 2);
	core_until(tls_peer_count_accepted(second) == 1);
	tls_peer_end(second);
	caller_wait(&caller);
	g_assert_cmpuint(caller.n_failed, ==, 1);
	g_assert_cmpint(caller.why.kind, ==, REASON_CLOSED);
	caller_end(&caller);
	tls_peer_free(first);
	tls_peer_free(second);
}

/* ---- what is said ---- */

static void test_most_telling(void)
{
	struct tls_peer *no_tls = tls_peer_new(&(struct tls_peer_config){.greeting = "hello"});
	guint16 port = tls_peer_port(no_tls);
	struct dial_config config = config_for(1);
	struct caller caller = {0};

	core_dns_clear();
	core_dns_host("a.test", "127.0.0.1");
	core_dns_srv("_xmpps-client._tcp.example.test", 1, 0, port, "a.test");
	core_dns_srv("_xmpp-client._tcp.example.test", 2, 0, unused_port(), "a.test");
	core_dns_srv("_xmpp-client._tcp.example.test", 3, 0, 5222, "nowhere.test");
	caller_start(&caller, &config);
	caller_wait(&caller);
	g_assert_cmpint(caller.why.kind, ==, REASON_TLS);
	g_assert_cmpstr(caller.why.host, ==, "a.test");
	g_assert_cmpuint(caller.why.port, ==, port);
	caller_end(&caller);
	tls_peer_free(no_tls);
}

static void test_refused(void)
{
	struct dial_config config = config_for(unused_port());

	core_dns_clear();
	core_dns_host("example.test", "127.0.0.1");
	expect_failed(&config, REASON_REFUSED, "example.test");
}

static void test_no_name(void)
{
	struct dial_config config = config_for(5222);

	core_dns_clear();
	expect_failed(&config, REASON_DNS, "example.test");
}

static void test_no_rung(void)
{
	struct dial_config config = config_for(0);

	core_dns_clear();
	expect_failed(&config, REASON_DNS, "example.test");
}

/* ---- proxies ---- */

static void test_proxy_resolves(void)
{
	struct tls_peer *proxy = tls_peer_new(&(struct tls_peer_config){.is_socks5 = TRUE});
	struct tls_peer *peer = plain_peer();
	struct dial_config config = config_for(1);

	core_dns_clear();
	core_dns_srv("_xmpp-client._tcp.example.test", 0, 0, tls_peer_port(peer), "server.test");
	core_account_proxy(the_account, PURPLE_PROXY_SOCKS5, tls_peer_port(proxy));
	expect_connected(&config, peer, FALSE);
	g_assert_cmpstr(tls_peer_socks5_host(proxy), ==, "server.test");
	g_assert_cmpuint(core_dns_count_asked(), ==, 2);
	core_account_proxy(the_account, PURPLE_PROXY_NONE, 0);
	tls_peer_free(peer);
	tls_peer_free(proxy);
}

static void test_tor_asks_nobody(void)
{
	struct tls_peer *proxy = tls_peer_new(&(struct tls_peer_config){.is_socks5 = TRUE});
	struct tls_peer *peer = plain_peer();
	struct dial_config config = config_for(tls_peer_port(peer));

	core_dns_clear();
	core_account_proxy(the_account, PURPLE_PROXY_TOR, tls_peer_port(proxy));
	expect_connected(&config, peer, FALSE);
	g_assert_cmpstr(tls_peer_socks5_host(proxy), ==, "example.test");
	g_assert_cmpuint(core_dns_count_asked(), ==, 0);
	core_account_proxy(the_account, PURPLE_PROXY_NONE, 0);
	tls_peer_free(peer);
	tls_peer_free(proxy);
}

static void test_proxy_refuses(void)
{
	struct tls_peer_config refusing = {.is_socks5 = TRUE, .socks5_refusal = 4};
	struct tls_peer *proxy = tls_peer_new(&refusing);
	struct dial_config config = config_for(5222);

	core_dns_clear();
	core_account_proxy(the_account, PURPLE_PROXY_SOCKS5, tls_peer_port(proxy));
	expect_failed(&config, REASON_PROXY, "example.test");
	g_assert_cmpuint(tls_peer_count_accepted(proxy), ==, 1);
	core_account_proxy(the_account, PURPLE_PROXY_NONE, 0);
	tls_peer_free(proxy);
}

/* ---- let go ---- */

static void test_free_in_callbacks(void)
{
	struct tls_peer *peer = tls_peer(the_cert);
	struct caller connected = {.is_freeing = TRUE}, failed = {.is_freeing = TRUE};
	struct dial_config config = config_for(tls_peer_port(peer));

	config.is_tls = TRUE;
	core_dns_clear();
	core_dns_host("example.test", "127.0.0.1");
	caller_start(&connected, &config);
	core_until(connected.n_connected);
	core_dns_clear();
	caller_start(&failed, &config);
	core_until(failed.n_failed);
	core_idle();
	g_assert_cmpuint(tls_peer_count_open(peer), ==, 0);
	tls_peer_free(peer);
}

/* After every number of turns: in SRV, in A, in the race, in the handshake. */
static void test_free_at_each_moment(void)
{
	struct tls_peer *peer = tls_peer(the_cert);
	struct dial_config config = config_for(tls_peer_port(peer));
	guint turns, before = core_count_handles();
	gboolean is_over = FALSE;

	config.is_tls = TRUE;
	core_dns_clear();
	core_dns_host("example.test", "127.0.0.1 ::1");
	for (turns = 0; !is_over; turns++) {
		struct caller caller = {0};
		guint i;

		caller_start(&caller, &config);
		core_patience_start(G_STRLOC, "connected");
		for (i = 0; i < turns && !caller.n_connected; i++)
			core_turn();
		core_patience_end();
		is_over = caller.n_connected != 0;
		caller_end(&caller);
		core_idle();
		g_assert_cmpuint(caller.n_connected, ==, is_over);
		g_assert_cmpuint(caller.n_failed, ==, 0);
		g_assert_cmpuint(core_count_handles(), ==, before);
	}
	g_assert_cmpuint(turns, >, 5);
	tls_peer_free(peer);
}

static void test_free_with_question(void)
{
	struct tls_peer *peer = tls_peer(the_stranger);
	struct dial_config config = config_for(tls_peer_port(peer));
	struct caller caller = {0};

	config.is_tls = TRUE;
	config.tls.identity.name = "hasty.test";
	core_answer(CORE_ANSWER_LEAVE);
	core_dns_clear();
	core_dns_host("example.test", "127.0.0.1");
	caller_start(&caller, &config);
	core_until(core_count_open_requests() == 1);
	caller_end(&caller);
	g_assert_cmpuint(core_count_open_requests(), ==, 0);
	core_idle();
	tls_peer_free(peer);
}

static void add_tests(void)
{
	g_test_add_func("/dial/domain-and-port-without-srv", test_domain);
	g_test_add_func("/dial/users-choice-asks-no-srv", test_choice);
	g_test_add_func("/dial/literal-is-reached", test_literal);
	g_test_add_func("/dial/services-are-one-set", test_srv);
	g_test_add_func("/dial/next-record-when-one-fails", test_srv_next_record);
	g_test_add_func("/dial/service-not-offered-there", test_srv_says_no);
	g_test_add_func("/dial/silent-srv-costs-one-limit", test_srv_silent);
	g_test_add_func("/dial/silent-name-fails-after-one-limit", test_name_silent);
	g_test_add_func("/dial/second-address-when-one-refuses", test_second_address);
	g_test_add_func("/dial/ipv6-goes-first", test_ipv6_first);
	g_test_add_func("/dial/second-address-joins-after-a-moment", test_stagger);
	g_test_add_func("/dial/attempt-times-out", test_attempt_times_out);
	g_test_add_func("/dial/climb-times-out", test_total_times_out);
	g_test_add_func("/dial/tls-of-the-other-address", test_tls_of_the_other_address);
	g_test_add_func("/dial/silent-tls-gives-way-to-next-record", test_silent_tls);
	g_test_add_func("/dial/refused-certificate-ends-the-climb", test_certificate_ends_it);
	g_test_add_func("/dial/question-takes-its-time", test_question_takes_its_time);
	g_test_add_func("/dial/next-rung-after-one-was-no-good", test_next);
	g_test_add_func("/dial/most-telling-reason-is-said", test_most_telling);
	g_test_add_func("/dial/nobody-listens", test_refused);
	g_test_add_func("/dial/no-such-name", test_no_name);
	g_test_add_func("/dial/nowhere-to-go", test_no_rung);
	g_test_add_func("/dial/proxy-resolves-names", test_proxy_resolves);
	g_test_add_func("/dial/tor-asks-no-dns", test_tor_asks_nobody);
	g_test_add_func("/dial/proxy-that-refuses-is-asked-once", test_proxy_refuses);
	g_test_add_func("/dial/free-in-its-callbacks", test_free_in_callbacks);
	g_test_add_func("/dial/free-at-each-moment", test_free_at_each_moment);
	g_test_add_func("/dial/free-takes-the-question-away", test_free_with_question);
}

int main(int argc, char **argv)
{
	struct tls_peer_names names = {.dns = "example.test"};
	int status;

	g_test_init(&argc, &argv, NULL);
	core_start();
	the_account = core_account("nora");
	the_cert = tls_peer_cert_new(&names, TLS_PEER_CA, -TLS_PEER_DAY, TLS_PEER_DAY,
				     GNUTLS_PK_ECDSA);
	the_stranger = tls_peer_cert_new(&names, TLS_PEER_SELF, -TLS_PEER_DAY, TLS_PEER_DAY,
					 GNUTLS_PK_ECDSA);
	g_assert_true(cert_trust(tls_peer_ca_pem()));
	add_tests();
	status = g_test_run();
	conn_forget_sessions();
	core_stop();
	tls_peer_cert_free(the_cert);
	tls_peer_cert_free(the_stranger);
	tls_peer_forget();
	return status;
}
