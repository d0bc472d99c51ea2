/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-cert: which names count, what is accepted silently, what is asked, and what an answer does.
 */
#include <certificate.h>
#include <gnutls/x509.h>
#include <string.h>

#include "common/purple/cert.h"
#include "tests/peers/tls-peer.h"
#include "tests/purple/core.h"
#include "tests/purple/owner.h"

#define XMPP_ADDR "1.3.6.1.5.5.7.8.5"

static PurpleAccount *the_account;

/* ---- names ---- */

static const struct name_row {
	const char *path;
	struct tls_peer_names names;
	struct cert_identity identity;
	gboolean is_covered;
} name_rows[] = {
	{"dns-name-is-the-name", {.dns = "a.test"}, {"a.test"}, TRUE},
	{"case-does-not-matter", {.dns = "A.Test"}, {"a.tEST"}, TRUE},
	{"second-dns-name-counts", {.dns = "b.test", .second_dns = "a.test"}, {"a.test"}, TRUE},
	{"another-name-does-not", {.dns = "b.test"}, {"a.test"}, FALSE},
	{"a-longer-name-does-not", {.dns = "a.test.evil.test"}, {"a.test"}, FALSE},
	{"a-parent-does-not", {.dns = "a.test"}, {"x.a.test"}, FALSE},
	{"wildcard-is-one-label", {.dns = "*.a.test"}, {"x.a.test"}, TRUE},
	{"wildcard-is-not-two-labels", {.dns = "*.a.test"}, {"y.x.a.test"}, FALSE},
	{"wildcard-is-not-no-label", {.dns = "*.a.test"}, {"a.test"}, FALSE},
	{"wildcard-is-not-an-empty-label", {.dns = "*.a.test"}, {".a.test"}, FALSE},
	{"wildcard-inside-a-label-is-none", {.dns = "x*.a.test"}, {"xy.a.test"}, FALSE},
	{"wildcard-in-second-label-is-none", {.dns = "x.*.test"}, {"x.a.test"}, FALSE},
	{"wildcard-over-all-of-test-is-none", {.dns = "*.test"}, {"a.test"}, FALSE},
	{"bare-star-is-none", {.dns = "*"}, {"a"}, FALSE},
	{"a-nul-ends-no-name", {.dns = "a.test\0.evil.test", .n_dns = 17}, {"a.test"}, FALSE},
	{"cn-counts-alone", {.cn = "a.test"}, {"a.test"}, TRUE},
	{"cn-wildcard-counts-alone", {.cn = "*.a.test"}, {"x.a.test"}, TRUE},
	{"cn-does-not-count-beside-a-dns-name",
	 {.cn = "a.test", .dns = "b.test"},
	 {"a.test"},
	 FALSE},
	{"cn-does-not-count-beside-an-address",
	 {.cn = "a.test", .email = "me@b.test"},
	 {"a.test"},
	 FALSE},
	{"no-name-covers-nothing", {.cn = NULL}, {"a.test"}, FALSE},
	{"srv-id-of-the-service", {.srv = "_xmpp-client.a.test"}, {"a.test", "_xmpp-client"}, TRUE},
	{"srv-id-of-another-service", {.srv = "_imap.a.test"}, {"a.test", "_xmpp-client"}, FALSE},
	{"srv-id-of-another-name",
	 {.srv = "_xmpp-client.b.test"},
	 {"a.test", "_xmpp-client"},
	 FALSE},
	{"srv-id-nobody-asked-for", {.srv = "_xmpp-client.a.test"}, {"a.test"}, FALSE},
	{"other-name-of-the-type", {.xmpp = "A.test"}, {"a.test", NULL, XMPP_ADDR, "a.test"}, TRUE},
	{"other-name-of-another-value",
	 {.xmpp = "b.test"},
	 {"a.test", NULL, XMPP_ADDR, "a.test"},
	 FALSE},
	{"other-name-of-another-type",
	 {.xmpp = "a.test"},
	 {"a.test", NULL, "1.2.3.4", "a.test"},
	 FALSE},
	{"other-name-nobody-asked-for", {.xmpp = "a.test"}, {"a.test"}, FALSE},
	{"address-is-the-address", {.ip = "127.0.0.1"}, {"127.0.0.1"}, TRUE},
	{"address-is-another-address", {.ip = "127.0.0.2"}, {"127.0.0.1"}, FALSE},
	{"address-as-dns-name-is-none", {.dns = "127.0.0.1"}, {"127.0.0.1"}, FALSE},
	{"address-as-cn-is-none", {.cn = "127.0.0.1"}, {"127.0.0.1"}, FALSE},
	{"address-is-no-other-family", {.ip = "127.0.0.1"}, {"::ffff:127.0.0.1"}, FALSE},
	{"address-of-a-wildcard-is-none", {.dns = "*.0.0.1"}, {"127.0.0.1"}, FALSE},
};

static void test_name(gconstpointer data)
{
	const struct name_row *row = data;
	struct tls_peer_cert *cert = tls_peer_cert_new(&row->names, TLS_PEER_CA, -TLS_PEER_DAY,
						       TLS_PEER_DAY, GNUTLS_PK_ECDSA);

	g_assert_cmpint(cert_covers(tls_peer_cert_der(cert), &row->identity), ==, row->is_covered);
	tls_peer_cert_free(cert);
}

static void test_garbage(void)
{
	static const guint8 octets[] = {0x30, 0x82, 0xff, 0xff, 0x00};
	gnutls_datum_t der = {(unsigned char *)octets, sizeof(octets)};
	struct cert_identity identity = {"a.test"};

	g_assert_false(cert_covers(&der, &identity));
}

/* ---- verdicts ---- */

static struct tls_peer *the_peer;
static struct tls_peer_cert *the_cert;
static guint the_n_names;

/* A fresh name each, so that no test sees another's pinned certificate. */
static char *fresh_name(void)
{
	return g_strdup_printf("host%u.example.test", ++the_n_names);
}

static void start_peer(const struct tls_peer_names *names, enum tls_peer_issuer issuer, gint64 from,
		       gint64 until)
{
	struct tls_peer_config config = {.greeting = "hello"};

	the_cert = tls_peer_cert_new(names, issuer, from, until, GNUTLS_PK_ECDSA);
	config.cert = the_cert;
	the_peer = tls_peer_new(&config);
}

static void stop_peer(void)
{
	g_clear_pointer(&the_peer, tls_peer_free);
	g_clear_pointer(&the_cert, tls_peer_cert_free);
}

/* One connection to the peer, to its verdict. */
static struct reason connect_once(const char *name, guint *ret_n_ready)
{
	struct conn_tls tls = {.identity = {name}};
	struct owner o = {0};
	struct reason why;

	owner_open(&o, the_account, "127.0.0.1", tls_peer_port(the_peer), &tls);
	core_until(o.n_ready || o.n_closed);
	why = o.why;
	if (ret_n_ready)
		*ret_n_ready = o.n_ready;
	owner_clear(&o);
	return why;
}

static void expect_accepted(const char *name)
{
	guint n_ready;

	connect_once(name, &n_ready);
	g_assert_cmpuint(n_ready, ==, 1);
}

static void expect_refused(const char *name, enum reason_kind kind)
{
	guint n_ready;
	struct reason why = connect_once(name, &n_ready);

	g_assert_cmpuint(n_ready, ==, 0);
	g_assert_cmpint(why.kind, ==, kind);
	g_assert_cmpstr(why.host, ==, name);
	g_assert_cmpuint(why.port, ==, tls_peer_port(the_peer));
}

/* ---- with an authority of the system's ---- */

static void test_trusted(void)
{
	core_answer(CORE_ANSWER_REJECT);
	g_assert_true(cert_trust(tls_peer_ca_pem()));
	start_peer(&(struct tls_peer_names){.dns = "good.test"}, TLS_PEER_INTERMEDIATE,
		   -TLS_PEER_DAY, TLS_PEER_DAY);
	expect_accepted("good.test");
	g_assert_cmpuint(core_count_requests(), ==, 0);
	stop_peer();
	cert_forget();
}

static void test_trusted_by_srv_id(void)
{
	struct conn_tls tls = {.identity = {"service.test", "_xmpp-client"}};
	struct owner o = {0};

	core_answer(CORE_ANSWER_REJECT);
	g_assert_true(cert_trust(tls_peer_ca_pem()));
	start_peer(&(struct tls_peer_names){.srv = "_xmpp-client.service.test"}, TLS_PEER_CA,
		   -TLS_PEER_DAY, TLS_PEER_DAY);
	owner_open(&o, the_account, "127.0.0.1", tls_peer_port(the_peer), &tls);
	core_until(o.n_ready || o.n_closed);
	g_assert_cmpuint(o.n_ready, ==, 1);
	g_assert_cmpuint(core_count_requests(), ==, 0);
	owner_clear(&o);
	stop_peer();
	cert_forget();
}

static void test_trusted_but_named_otherwise(void)
{
	char *name = fresh_name();

	core_answer(CORE_ANSWER_REJECT);
	g_assert_true(cert_trust(tls_peer_ca_pem()));
	start_peer(&(struct tls_peer_names){.dns = "other.test"}, TLS_PEER_CA, -TLS_PEER_DAY,
		   TLS_PEER_DAY);
	expect_refused(name, REASON_CERT_NAME);
	g_assert_cmpuint(core_count_requests(), ==, 1);
	g_assert_nonnull(strstr(core_request_text(), name));
	stop_peer();
	cert_forget();
	g_free(name);
}

static void test_trusted_but_expired(void)
{
	char *name = fresh_name();

	core_answer(CORE_ANSWER_REJECT);
	g_assert_true(cert_trust(tls_peer_ca_pem()));
	start_peer(&(struct tls_peer_names){.dns = name}, TLS_PEER_CA, -2 * TLS_PEER_DAY,
		   -TLS_PEER_DAY);
	expect_refused(name, REASON_CERT_EXPIRED);
	g_assert_cmpuint(core_count_requests(), ==, 1);
	stop_peer();
	cert_forget();
	g_free(name);
}

/* ---- with an authority nobody knows ---- */

static const struct fault_row {
	const char *path;
	enum tls_peer_issuer issuer;
	gint64 from, until;
	enum reason_kind kind;
} fault_rows[] = {
	{"unknown-authority", TLS_PEER_CA, -TLS_PEER_DAY, TLS_PEER_DAY, REASON_CERT_UNTRUSTED},
	{"unknown-authority-by-intermediate", TLS_PEER_INTERMEDIATE, -TLS_PEER_DAY, TLS_PEER_DAY,
	 REASON_CERT_UNTRUSTED},
	{"self-signed", TLS_PEER_SELF, -TLS_PEER_DAY, TLS_PEER_DAY, REASON_CERT_SELF_SIGNED},
	{"expired", TLS_PEER_SELF, -2 * TLS_PEER_DAY, -TLS_PEER_DAY, REASON_CERT_EXPIRED},
	{"not-yet-valid", TLS_PEER_SELF, TLS_PEER_DAY, 2 * TLS_PEER_DAY, REASON_CERT_NOT_YET},
};

static void start_faulty_peer(const struct fault_row *row, const char *name)
{
	start_peer(&(struct tls_peer_names){.cn = name, .dns = name}, row->issuer, row->from,
		   row->until);
}

static void test_rejected(gconstpointer data)
{
	const struct fault_row *row = data;
	char *name = fresh_name();

	core_answer(CORE_ANSWER_REJECT);
	start_faulty_peer(row, name);
	expect_refused(name, row->kind);
	expect_refused(name, row->kind);
	g_assert_cmpuint(core_count_requests(), ==, 2);
	stop_peer();
	g_free(name);
}

/* A self-signed one without other fault is pinned: the second time nobody is asked. */
static void test_accepted(gconstpointer data)
{
	const struct fault_row *row = data;
	gboolean is_dated = row->kind == REASON_CERT_EXPIRED || row->kind == REASON_CERT_NOT_YET;
	char *name = fresh_name();

	core_answer(CORE_ANSWER_ACCEPT);
	start_faulty_peer(row, name);
	expect_accepted(name);
	g_assert_cmpuint(core_count_requests(), ==, 1);
	core_answer(is_dated ? CORE_ANSWER_ACCEPT : CORE_ANSWER_REJECT);
	expect_accepted(name);
	g_assert_cmpuint(core_count_requests(), ==, is_dated ? 1 : 0);
	stop_peer();
	g_free(name);
}

static void test_changed(void)
{
	char *name = fresh_name();
	PurpleCertificatePool *pool;

	core_answer(CORE_ANSWER_ACCEPT);
	start_faulty_peer(&fault_rows[2], name);
	expect_accepted(name);
	pool = purple_certificate_find_pool("x509", "tls_peers");
	g_assert_true(purple_certificate_pool_contains(pool, name));
	stop_peer();
	core_answer(CORE_ANSWER_REJECT);
	start_faulty_peer(&fault_rows[2], name);
	expect_refused(name, REASON_CERT_SELF_SIGNED);
	g_assert_cmpuint(core_count_requests(), ==, 1);
	stop_peer();
	g_free(name);
}

/* ---- questions without an answer ---- */

static void open_to_question(struct owner *o, const char *name)
{
	struct conn_tls tls = {.identity = {name}};

	owner_open(o, the_account, "127.0.0.1", tls_peer_port(the_peer), &tls);
	core_until(core_count_requests() == 1);
	g_assert_true(conn_is_verifying(o->conn));
	/* However long a person thinks, no clock runs. */
	core_pass(3600 * 1000);
	core_idle();
	g_assert_cmpuint(o->n_ready + o->n_closed, ==, 0);
}

static void test_cancelled(void)
{
	char *name = fresh_name();
	struct owner o = {0};

	core_answer(CORE_ANSWER_LEAVE);
	start_faulty_peer(&fault_rows[2], name);
	open_to_question(&o, name);
	g_assert_cmpuint(core_count_open_requests(), ==, 1);
	conn_free(g_steal_pointer(&o.conn));
	g_assert_cmpuint(core_count_open_requests(), ==, 0);
	core_idle();
	g_assert_cmpuint(o.n_ready + o.n_closed, ==, 0);
	owner_clear(&o);
	stop_peer();
	g_free(name);
}

static void test_answered_after_cancel(void)
{
	char *name = fresh_name();
	struct owner o = {0};

	core_answer(CORE_ANSWER_AFTER_CLOSE);
	start_faulty_peer(&fault_rows[2], name);
	open_to_question(&o, name);
	conn_free(g_steal_pointer(&o.conn));
	core_answer_now();
	core_idle();
	g_assert_cmpuint(o.n_ready + o.n_closed, ==, 0);
	owner_clear(&o);
	stop_peer();
	g_free(name);
}

static void test_late_answer(void)
{
	char *name = fresh_name();
	struct owner o = {0};

	core_answer(CORE_ANSWER_LEAVE);
	start_faulty_peer(&fault_rows[2], name);
	open_to_question(&o, name);
	core_answer_now();
	core_until(o.n_ready);
	core_until(strcmp(o.data->str, "hello") == 0);
	owner_clear(&o);
	stop_peer();
	g_free(name);
}

/* Two accounts, one server: an answer to one question is none to the other. */
static void test_two_questions(void)
{
	char *name = fresh_name();
	struct owner o = {0}, second = {0};
	struct conn_tls tls = {.identity = {name}};

	core_answer(CORE_ANSWER_LEAVE);
	start_faulty_peer(&fault_rows[2], name);
	open_to_question(&o, name);
	owner_open(&second, the_account, "127.0.0.1", tls_peer_port(the_peer), &tls);
	core_until(core_count_open_requests() == 2);
	conn_free(g_steal_pointer(&o.conn));
	g_assert_cmpuint(core_count_open_requests(), ==, 1);
	core_answer_now();
	core_until(second.n_ready == 1);
	g_assert_cmpuint(o.n_ready, ==, 0);
	owner_clear(&o);
	owner_clear(&second);
	stop_peer();
	g_free(name);
}

static void add_rows(void)
{
	guint i;

	for (i = 0; i < G_N_ELEMENTS(name_rows); i++) {
		char *path = g_strconcat("/cert/name/", name_rows[i].path, NULL);

		g_test_add_data_func(path, &name_rows[i], test_name);
		g_free(path);
	}
	for (i = 0; i < G_N_ELEMENTS(fault_rows); i++) {
		char *path = g_strdup_printf("/cert/%s-is-asked-and-rejected", fault_rows[i].path);

		g_test_add_data_func(path, &fault_rows[i], test_rejected);
		g_free(path);
		path = g_strdup_printf("/cert/%s-is-asked-and-accepted", fault_rows[i].path);
		g_test_add_data_func(path, &fault_rows[i], test_accepted);
		g_free(path);
	}
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	core_start();
	the_account = core_account("nora");
	add_rows();
	g_test_add_func("/cert/name/garbage-covers-nothing", test_garbage);
	g_test_add_func("/cert/trusted-and-right-is-silent", test_trusted);
	g_test_add_func("/cert/trusted-and-right-by-srv-id-is-silent", test_trusted_by_srv_id);
	g_test_add_func("/cert/trusted-but-named-otherwise-is-asked",
			test_trusted_but_named_otherwise);
	g_test_add_func("/cert/trusted-but-expired-is-asked", test_trusted_but_expired);
	g_test_add_func("/cert/another-certificate-than-the-pinned-is-asked", test_changed);
	g_test_add_func("/cert/cancel-takes-the-question-away", test_cancelled);
	g_test_add_func("/cert/answer-after-cancel-finds-nothing", test_answered_after_cancel);
	g_test_add_func("/cert/answer-after-an-hour-is-heard", test_late_answer);
	g_test_add_func("/cert/each-question-has-its-own-answer", test_two_questions);
	status = g_test_run();
	conn_forget_sessions();
	core_stop();
	tls_peer_forget();
	return status;
}
