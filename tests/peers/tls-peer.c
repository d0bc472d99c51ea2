/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tls-peer: a server that misbehaves exactly as it is told, see tls-peer.h. */
#include "tests/peers/tls-peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib-unix.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define OID_DNS_SRV "1.3.6.1.5.5.7.8.7"
#define OID_XMPP_ADDR "1.3.6.1.5.5.7.8.5"

/* Ends the test program where the tools, not the tested code, fail. */
#define check_gnutls(call)                                                                         \
	G_STMT_START                                                                               \
	{                                                                                          \
		int check_rc = (call);                                                             \
		if (check_rc < 0)                                                                  \
			g_error("%s: %s", #call, gnutls_strerror(check_rc));                       \
	}                                                                                          \
	G_STMT_END

/* ---- certificates ---- */

struct tls_peer_cert {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t chain[2];
	guint n_chain;
	gnutls_datum_t der;
};

static struct tls_peer_cert *the_ca, *the_intermediate;
static char *the_ca_pem;

static gnutls_x509_privkey_t cert_make_key(gnutls_pk_algorithm_t algorithm)
{
	gnutls_x509_privkey_t key;
	guint bits = algorithm == GNUTLS_PK_RSA ? 2048
						: GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);

	check_gnutls(gnutls_x509_privkey_init(&key));
	if (algorithm == GNUTLS_PK_EDDSA_ED25519)
		bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519);
	check_gnutls(gnutls_x509_privkey_generate(key, algorithm, bits, 0));
	return key;
}

static void cert_set_common(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, const char *cn,
			    gint64 from, gint64 until)
{
	guint8 serial[12];

	check_gnutls(gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial)));
	serial[0] &= 0x7f;
	serial[0] |= 0x01;
	check_gnutls(gnutls_x509_crt_set_version(crt, 3));
	check_gnutls(gnutls_x509_crt_set_serial(crt, serial, sizeof(serial)));
	check_gnutls(gnutls_x509_crt_set_activation_time(crt, time(NULL) + from));
	check_gnutls(gnutls_x509_crt_set_expiration_time(crt, time(NULL) + until));
	check_gnutls(gnutls_x509_crt_set_key(crt, key));
	if (cn)
		check_gnutls(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, cn,
							   strlen(cn)));
}

static void cert_add_alt(gnutls_x509_crt_t crt, gnutls_x509_subject_alt_name_t type,
			 const void *value, gsize n)
{
	check_gnutls(gnutls_x509_crt_set_subject_alt_name(crt, type, value, n, GNUTLS_FSAN_APPEND));
}

/* An IA5String, which GnuTLS does not write by itself. */
static void cert_add_srv(gnutls_x509_crt_t crt, const char *srv)
{
	guint8 der[130] = {0x16, strlen(srv)};

	g_assert_cmpuint(strlen(srv), <, 128);
	memcpy(der + 2, srv, strlen(srv));
	check_gnutls(gnutls_x509_crt_set_subject_alt_othername(
		crt, OID_DNS_SRV, der, 2 + strlen(srv), GNUTLS_FSAN_APPEND));
}

/* The only name, as octets: GnuTLS would write no NUL. */
static void cert_set_raw_dns(gnutls_x509_crt_t crt, const char *dns, gsize n)
{
	guint8 der[64] = {0x30, n + 2, 0x82, n};

	g_assert_cmpuint(n + 4, <=, sizeof(der));
	memcpy(der + 4, dns, n);
	check_gnutls(gnutls_x509_crt_set_extension_by_oid(crt, "2.5.29.17", der, n + 4, 0));
}

static void cert_add_names(gnutls_x509_crt_t crt, const struct tls_peer_names *names)
{
	guint8 octets[4];

	if (names->n_dns) {
		cert_set_raw_dns(crt, names->dns, names->n_dns);
		return;
	}
	if (names->dns)
		cert_add_alt(crt, GNUTLS_SAN_DNSNAME, names->dns, strlen(names->dns));
	if (names->second_dns)
		cert_add_alt(crt, GNUTLS_SAN_DNSNAME, names->second_dns, strlen(names->second_dns));
	if (names->email)
		cert_add_alt(crt, GNUTLS_SAN_RFC822NAME, names->email, strlen(names->email));
	if (names->ip && inet_pton(AF_INET, names->ip, octets) == 1)
		cert_add_alt(crt, GNUTLS_SAN_IPADDRESS, octets, sizeof(octets));
	if (names->srv)
		cert_add_srv(crt, names->srv);
	if (names->xmpp)
		check_gnutls(gnutls_x509_crt_set_subject_alt_othername(
			crt, OID_XMPP_ADDR, names->xmpp, strlen(names->xmpp),
			GNUTLS_FSAN_APPEND | GNUTLS_FSAN_ENCODE_UTF8_STRING));
}

static gnutls_x509_crt_t cert_copy(const gnutls_datum_t *der)
{
	gnutls_x509_crt_t crt;

	check_gnutls(gnutls_x509_crt_init(&crt));
	check_gnutls(gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER));
	return crt;
}

static void cert_sign(struct tls_peer_cert *cert, const struct tls_peer_cert *issuer)
{
	gnutls_digest_algorithm_t hash = GNUTLS_DIG_SHA256;

	if (gnutls_x509_privkey_get_pk_algorithm(issuer->key) == GNUTLS_PK_EDDSA_ED25519)
		hash = GNUTLS_DIG_SHA512;
	check_gnutls(gnutls_x509_crt_sign2(cert->chain[0], issuer->chain[0], issuer->key, hash, 0));
	check_gnutls(gnutls_x509_crt_export2(cert->chain[0], GNUTLS_X509_FMT_DER, &cert->der));
	/* GnuTLS finds no issuer for one that was not read. */
	gnutls_x509_crt_deinit(cert->chain[0]);
	cert->chain[0] = cert_copy(&cert->der);
}

static struct tls_peer_cert *cert_new_bare(const char *cn, gint64 from, gint64 until,
					   gnutls_pk_algorithm_t algorithm)
{
	struct tls_peer_cert *cert = g_new0(struct tls_peer_cert, 1);

	cert->key = cert_make_key(algorithm);
	check_gnutls(gnutls_x509_crt_init(&cert->chain[0]));
	cert->n_chain = 1;
	cert_set_common(cert->chain[0], cert->key, cn, from, until);
	return cert;
}

static struct tls_peer_cert *cert_new_authority(const char *cn, const struct tls_peer_cert *issuer)
{
	struct tls_peer_cert *cert =
		cert_new_bare(cn, -TLS_PEER_DAY, 90 * TLS_PEER_DAY, GNUTLS_PK_ECDSA);
	guint8 id[20];
	size_t n = sizeof(id);

	check_gnutls(gnutls_x509_crt_set_basic_constraints(cert->chain[0], 1, -1));
	check_gnutls(gnutls_x509_crt_set_key_usage(cert->chain[0], GNUTLS_KEY_KEY_CERT_SIGN));
	check_gnutls(gnutls_x509_crt_get_key_id(cert->chain[0], GNUTLS_KEYID_USE_SHA1, id, &n));
	check_gnutls(gnutls_x509_crt_set_subject_key_id(cert->chain[0], id, n));
	cert_sign(cert, issuer ? issuer : cert);
	return cert;
}

static const struct tls_peer_cert *cert_authority(enum tls_peer_issuer issuer)
{
	if (!the_ca) {
		the_ca = cert_new_authority("purple-trio test authority", NULL);
		the_intermediate = cert_new_authority("purple-trio test intermediate", the_ca);
	}
	return issuer == TLS_PEER_INTERMEDIATE ? the_intermediate : the_ca;
}

/* A self-signed one as "openssl req -x509" makes it: any usage more, and libpurple's verifier takes
 * the chain for broken and refuses without a question. */
static void cert_set_use(gnutls_x509_crt_t crt, enum tls_peer_issuer issuer)
{
	if (issuer == TLS_PEER_SELF) {
		check_gnutls(gnutls_x509_crt_set_basic_constraints(crt, 1, -1));
		return;
	}
	check_gnutls(gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE));
	check_gnutls(gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0));
}

struct tls_peer_cert *tls_peer_cert_new(const struct tls_peer_names *names,
					enum tls_peer_issuer issuer, gint64 from, gint64 until,
					gnutls_pk_algorithm_t key)
{
	struct tls_peer_cert *cert = cert_new_bare(names->cn, from, until, key);

	cert_add_names(cert->chain[0], names);
	cert_set_use(cert->chain[0], issuer);
	cert_sign(cert, issuer == TLS_PEER_SELF ? cert : cert_authority(issuer));
	if (issuer == TLS_PEER_INTERMEDIATE)
		cert->chain[cert->n_chain++] = cert_copy(&cert_authority(issuer)->der);
	return cert;
}

void tls_peer_cert_free(struct tls_peer_cert *cert)
{
	guint i;

	if (!cert)
		return;
	for (i = 0; i < cert->n_chain; i++)
		gnutls_x509_crt_deinit(cert->chain[i]);
	gnutls_x509_privkey_deinit(cert->key);
	gnutls_free(cert->der.data);
	g_free(cert);
}

const gnutls_datum_t *tls_peer_cert_der(const struct tls_peer_cert *cert)
{
	return &cert->der;
}

const char *tls_peer_ca_pem(void)
{
	gnutls_datum_t pem;

	if (!the_ca_pem) {
		check_gnutls(gnutls_x509_crt_export2(cert_authority(TLS_PEER_CA)->chain[0],
						     GNUTLS_X509_FMT_PEM, &pem));
		the_ca_pem = g_strndup((char *)pem.data, pem.size);
		gnutls_free(pem.data);
	}
	return the_ca_pem;
}

void tls_peer_forget(void)
{
	g_clear_pointer(&the_ca, tls_peer_cert_free);
	g_clear_pointer(&the_intermediate, tls_peer_cert_free);
	g_clear_pointer(&the_ca_pem, g_free);
}

/* ---- the server ---- */

struct link {
	struct tls_peer *peer;
	int fd, far_fd; /* far_fd: where a SOCKS5 client wanted to go */
	guint watch, far_watch;
	gboolean is_watching_writes;
	gnutls_session_t session;
	gboolean is_standing; /* TLS, where there is any, is complete */
	gboolean is_deaf, is_ending;
	GString *seen; /* plain octets before STARTTLS or of SOCKS5 */
	GString *out;
	guint socks5_step;
	gsize n_received;
};

struct tls_peer {
	struct tls_peer_config config;
	int fd;
	guint watch;
	guint16 port;
	GSList *links; /* newest first */
	gnutls_certificate_credentials_t credentials;
	gnutls_datum_t ticket_key;
	guint n_accepted, n_handshakes, n_resumed, n_ended, n_goodbyes;
	GString *received, *socks5_host, *sni;
};

static void link_watch(struct link *l);

static void link_free(struct link *l)
{
	l->peer->links = g_slist_remove(l->peer->links, l);
	if (l->watch)
		g_source_remove(l->watch);
	if (l->far_watch)
		g_source_remove(l->far_watch);
	if (l->session)
		gnutls_deinit(l->session);
	if (l->fd >= 0)
		close(l->fd);
	if (l->far_fd >= 0)
		close(l->far_fd);
	g_string_free(l->seen, TRUE);
	g_string_free(l->out, TRUE);
	g_free(l);
}

static void link_finish(struct link *l)
{
	if (l->session && l->is_standing && !l->peer->config.is_abrupt)
		gnutls_bye(l->session, GNUTLS_SHUT_WR);
	link_free(l);
}

/* TRUE: l still lives. */
static gboolean link_flush(struct link *l)
{
	while (l->out->len > 0 && (!l->session || l->is_standing)) {
		gssize rc = l->session ? gnutls_record_send(l->session, l->out->str, l->out->len)
				       : send(l->fd, l->out->str, l->out->len, MSG_NOSIGNAL);

		if (rc == GNUTLS_E_AGAIN || (!l->session && rc < 0 && errno == EAGAIN))
			break;
		if (rc < 0) {
			link_free(l);
			return FALSE;
		}
		g_string_erase(l->out, 0, rc);
	}
	if (l->out->len == 0 && l->is_ending) {
		link_finish(l);
		return FALSE;
	}
	link_watch(l);
	return TRUE;
}

static gboolean link_say(struct link *l, const void *octets, gsize n)
{
	g_string_append_len(l->out, octets, n);
	return link_flush(l);
}

static void link_offer_alpn(gnutls_session_t session, const char *alpn)
{
	gnutls_datum_t protocol = {(unsigned char *)alpn, strlen(alpn)};

	check_gnutls(gnutls_alpn_set_protocols(session, &protocol, 1, 0));
}

/* Selected is what lies at that place when the answer is written. */
static int link_alpn_lie(gnutls_session_t session, unsigned int type, unsigned int when,
			 unsigned int is_incoming, const gnutls_datum_t *message)
{
	struct link *l = gnutls_session_get_ptr(session);

	link_offer_alpn(session, l->peer->config.alpn_lie);
	return 0;
}

static void link_set_alpn(struct link *l)
{
	const struct tls_peer_config *config = &l->peer->config;

	link_offer_alpn(l->session, config->alpn);
	if (!config->alpn_lie)
		return;
	g_assert_cmpuint(strlen(config->alpn_lie), ==, strlen(config->alpn));
	gnutls_handshake_set_hook_function(l->session, GNUTLS_HANDSHAKE_CLIENT_HELLO,
					   GNUTLS_HOOK_POST, link_alpn_lie);
}

static void link_start_tls(struct link *l)
{
	const struct tls_peer_config *config = &l->peer->config;

	check_gnutls(gnutls_init(&l->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL));
	check_gnutls(gnutls_priority_set_direct(
		l->session, config->priority ? config->priority : "NORMAL", NULL));
	check_gnutls(
		gnutls_credentials_set(l->session, GNUTLS_CRD_CERTIFICATE, l->peer->credentials));
	gnutls_session_set_ptr(l->session, l);
	gnutls_transport_set_int(l->session, l->fd);
	gnutls_certificate_server_set_request(l->session, GNUTLS_CERT_IGNORE);
	if (config->alpn)
		link_set_alpn(l);
	if (l->peer->ticket_key.data)
		check_gnutls(gnutls_session_ticket_enable_server(l->session, &l->peer->ticket_key));
	l->is_standing = FALSE;
}

static gboolean link_stands(struct link *l)
{
	const char *greeting = l->peer->config.greeting;

	l->is_standing = TRUE;
	return greeting ? link_say(l, greeting, strlen(greeting)) : link_flush(l);
}

/* TRUE: l still lives. */
static gboolean link_handshake(struct link *l)
{
	char name[256];
	size_t n = sizeof(name);
	guint type;
	int rc;

	do
		rc = gnutls_handshake(l->session);
	while (rc < 0 && rc != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(rc));
	if (rc == GNUTLS_E_AGAIN)
		return TRUE;
	if (rc < 0) {
		gnutls_alert_send_appropriate(l->session, rc);
		link_free(l);
		return FALSE;
	}
	l->peer->n_handshakes++;
	l->peer->n_resumed += gnutls_session_is_resumed(l->session) != 0;
	if (gnutls_server_name_get(l->session, name, &n, &type, 0) == 0)
		g_string_assign(l->peer->sni, name);
	else
		g_string_assign(l->peer->sni, "");
	return link_stands(l);
}

/* ---- SOCKS5 (RFC 1928), no authentication ---- */

static gboolean link_far_readable(gint fd, GIOCondition condition, gpointer data)
{
	struct link *l = data;
	char octets[4096];
	gssize n = recv(fd, octets, sizeof(octets), 0);

	if (n <= 0) {
		l->far_watch = 0;
		link_free(l);
		return G_SOURCE_REMOVE;
	}
	return link_say(l, octets, n) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Names that end in .test are this computer: a proxy resolves for its client. */
static int link_far_connect(const char *host, guint16 port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd;

	if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
		to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

static gboolean link_socks5_connect(struct link *l, const char *host, guint16 port)
{
	guint8 answer[10] = {5, l->peer->config.socks5_refusal, 0, 1};

	g_string_assign(l->peer->socks5_host, host);
	if (answer[1] == 0) {
		l->far_fd = link_far_connect(host, port);
		answer[1] = l->far_fd < 0 ? 5 : 0;
	}
	l->is_ending = answer[1] != 0;
	l->socks5_step = 2;
	if (l->far_fd >= 0)
		l->far_watch = g_unix_fd_add(l->far_fd, G_IO_IN | G_IO_HUP, link_far_readable, l);
	return link_say(l, answer, sizeof(answer));
}

/* TRUE: l still lives. */
static gboolean link_socks5(struct link *l)
{
	const guint8 *seen = (guint8 *)l->seen->str;
	gsize n = l->seen->len;
	char host[256];

	if (l->socks5_step == 0 && n >= 2 && n >= 2u + seen[1]) {
		g_string_erase(l->seen, 0, 2 + seen[1]);
		l->socks5_step = 1;
		return link_say(l, "\5", 2);
	}
	if (l->socks5_step == 1 && n >= 5 && seen[3] == 3 && n >= 7u + seen[4]) {
		g_strlcpy(host, (char *)seen + 5, seen[4] + 1);
		n = 7 + seen[4];
	} else if (l->socks5_step == 1 && n >= 10 && seen[3] == 1) {
		inet_ntop(AF_INET, seen + 4, host, sizeof(host));
		n = 10;
	} else {
		return TRUE;
	}
	g_string_truncate(l->seen, n);
	return link_socks5_connect(l, host, seen[n - 2] << 8 | seen[n - 1]);
}

/* ---- what was received ---- */

static gboolean link_received(struct link *l, const char *octets, gsize n)
{
	const struct tls_peer_config *config = &l->peer->config;

	if (l->socks5_step == 2)
		return write(l->far_fd, octets, n) == (gssize)n;
	g_string_append_len(l->seen, octets, n);
	if (config->is_socks5)
		return link_socks5(l);
	g_string_append_len(l->peer->received, octets, n);
	l->n_received += n;
	if (config->start_tls_after && !l->session) {
		if (!strstr(l->seen->str, config->start_tls_after))
			return TRUE;
		if (!link_say(l, config->go_ahead, strlen(config->go_ahead)))
			return FALSE;
		link_start_tls(l);
		return TRUE;
	}
	if (config->is_echo)
		return link_say(l, octets, n);
	return TRUE;
}

static gboolean link_read(struct link *l)
{
	char octets[16384];
	gssize n;

	do {
		n = l->session ? gnutls_record_recv(l->session, octets, sizeof(octets))
			       : recv(l->fd, octets, sizeof(octets), 0);
		if (n == GNUTLS_E_AGAIN || (!l->session && n < 0 && errno == EAGAIN))
			return TRUE;
		if (n <= 0) {
			l->peer->n_ended++;
			l->peer->n_goodbyes += n == 0 && l->session;
			link_free(l);
			return FALSE;
		}
		if (!link_received(l, octets, n))
			return FALSE;
		if (l->peer->config.end_after && l->n_received >= l->peer->config.end_after) {
			l->is_ending = TRUE;
			return link_flush(l);
		}
	} while (l->session && gnutls_record_check_pending(l->session) > 0);
	return TRUE;
}

static gboolean link_ready(gint fd, GIOCondition condition, gpointer data)
{
	struct link *l = data;
	gboolean is_alive;

	l->watch = 0;
	if (l->peer->config.is_silent) {
		l->peer->n_ended++;
		link_free(l);
		return G_SOURCE_REMOVE;
	}
	if (l->session && !l->is_standing)
		is_alive = link_handshake(l);
	else if (condition & G_IO_OUT)
		is_alive = link_flush(l);
	else
		is_alive = link_read(l);
	if (is_alive)
		link_watch(l);
	return G_SOURCE_REMOVE;
}

static void link_watch(struct link *l)
{
	GIOCondition condition = 0;

	if (l->watch)
		g_source_remove(l->watch);
	l->watch = 0;
	if (l->peer->config.is_silent)
		condition = G_IO_HUP;
	else if (l->session && !l->is_standing)
		condition = gnutls_record_get_direction(l->session) ? G_IO_OUT : G_IO_IN;
	else
		condition = (l->is_deaf ? 0 : G_IO_IN) | (l->out->len > 0 ? G_IO_OUT : 0);
	if (condition)
		l->watch = g_unix_fd_add(l->fd, condition, link_ready, l);
}

static gboolean peer_accept(gint fd, GIOCondition condition, gpointer data)
{
	struct tls_peer *peer = data;
	struct link *l;
	int accepted = accept(fd, NULL, NULL);

	if (accepted < 0)
		return G_SOURCE_CONTINUE;
	g_unix_set_fd_nonblocking(accepted, TRUE, NULL);
	l = g_new0(struct link, 1);
	l->peer = peer;
	l->fd = accepted;
	l->far_fd = -1;
	l->is_deaf = peer->config.is_deaf;
	l->seen = g_string_new(NULL);
	l->out = g_string_new(NULL);
	peer->links = g_slist_prepend(peer->links, l);
	peer->n_accepted++;
	if (peer->config.cert && !peer->config.start_tls_after && !peer->config.is_silent) {
		link_start_tls(l);
		link_watch(l);
	} else if (link_stands(l)) {
		link_watch(l);
	}
	return G_SOURCE_CONTINUE;
}

static int peer_bind(const char *address, guint16 port)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	gboolean is_v6 = inet_pton(AF_INET6, address, &v6.sin6_addr) == 1;
	int fd, on = 1;

	if (!is_v6 && inet_pton(AF_INET, address, &v4.sin_addr) != 1)
		g_error("%s is no address", address);
	fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4,
		 is_v6 ? sizeof(v6) : sizeof(v4)) < 0 ||
	    listen(fd, 16) < 0)
		g_error("cannot listen on %s: %s", address, g_strerror(errno));
	return fd;
}

static guint16 peer_bound_port(int fd)
{
	struct sockaddr_storage bound;
	socklen_t n = sizeof(bound);

	if (getsockname(fd, (struct sockaddr *)&bound, &n) < 0)
		g_error("getsockname: %s", g_strerror(errno));
	return ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
						 : ((struct sockaddr_in *)&bound)->sin_port);
}

struct tls_peer *tls_peer_new(const struct tls_peer_config *config)
{
	struct tls_peer *peer = g_new0(struct tls_peer, 1);

	peer->config = *config;
	peer->received = g_string_new(NULL);
	peer->socks5_host = g_string_new(NULL);
	peer->sni = g_string_new(NULL);
	if (config->cert) {
		check_gnutls(gnutls_certificate_allocate_credentials(&peer->credentials));
		check_gnutls(gnutls_certificate_set_x509_key(
			peer->credentials, (gnutls_x509_crt_t *)config->cert->chain,
			config->cert->n_chain, config->cert->key));
	}
	if (config->has_tickets)
		check_gnutls(gnutls_session_ticket_key_generate(&peer->ticket_key));
	peer->fd = peer_bind(config->address ? config->address : "127.0.0.1", config->port);
	peer->port = peer_bound_port(peer->fd);
	peer->watch = g_unix_fd_add(peer->fd, G_IO_IN, peer_accept, peer);
	return peer;
}

void tls_peer_free(struct tls_peer *peer)
{
	if (!peer)
		return;
	while (peer->links)
		link_free(peer->links->data);
	g_source_remove(peer->watch);
	close(peer->fd);
	if (peer->credentials)
		gnutls_certificate_free_credentials(peer->credentials);
	gnutls_free(peer->ticket_key.data);
	g_string_free(peer->received, TRUE);
	g_string_free(peer->socks5_host, TRUE);
	g_string_free(peer->sni, TRUE);
	g_free(peer);
}

guint16 tls_peer_port(const struct tls_peer *peer)
{
	return peer->port;
}

guint tls_peer_count_accepted(const struct tls_peer *peer)
{
	return peer->n_accepted;
}

guint tls_peer_count_handshakes(const struct tls_peer *peer)
{
	return peer->n_handshakes;
}

guint tls_peer_count_resumed(const struct tls_peer *peer)
{
	return peer->n_resumed;
}

guint tls_peer_count_open(const struct tls_peer *peer)
{
	return g_slist_length(peer->links);
}

guint tls_peer_count_ended(const struct tls_peer *peer)
{
	return peer->n_ended;
}

guint tls_peer_count_goodbyes(const struct tls_peer *peer)
{
	return peer->n_goodbyes;
}

const GString *tls_peer_received(const struct tls_peer *peer)
{
	return peer->received;
}

const char *tls_peer_socks5_host(const struct tls_peer *peer)
{
	return peer->socks5_host->str;
}

const char *tls_peer_sni(const struct tls_peer *peer)
{
	return peer->sni->str;
}

GBytes *tls_peer_channel_binding(const struct tls_peer *peer, gnutls_channel_binding_t type)
{
	struct link *l = peer->links ? peer->links->data : NULL;
	gnutls_datum_t binding;
	GBytes *copy;

	if (!l || !l->session || gnutls_session_channel_binding(l->session, type, &binding) < 0)
		return NULL;
	copy = g_bytes_new(binding.data, binding.size);
	gnutls_free(binding.data);
	return copy;
}

void tls_peer_send(struct tls_peer *peer, const void *octets, gsize n)
{
	link_say(peer->links->data, octets, n);
}

void tls_peer_end(struct tls_peer *peer)
{
	struct link *l = peer->links->data;

	l->is_ending = TRUE;
	link_flush(l);
}

void tls_peer_reset(struct tls_peer *peer)
{
	struct link *l = peer->links->data;
	struct linger none = {.l_onoff = 1};

	setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	link_free(l);
}

void tls_peer_listen(struct tls_peer *peer, gboolean is_listening)
{
	struct link *l = peer->links->data;

	peer->config.is_deaf = !is_listening;
	l->is_deaf = !is_listening;
	link_watch(l);
}
