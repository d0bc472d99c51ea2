/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xmpp-server: a recording that answers, see xmpp-server.h. */
#include "tests/peers/xmpp-server.h"

#include <errno.h>
#include <glib-unix.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "plugins/xmpp-lite/wire/sasl.h"
#include "plugins/xmpp-lite/wire/xml.h"

#define NS_CLIENT "jabber:client"
#define NS_TLS "urn:ietf:params:xml:ns:xmpp-tls"
#define NS_SASL "urn:ietf:params:xml:ns:xmpp-sasl"
#define NS_BIND "urn:ietf:params:xml:ns:xmpp-bind"
#define NS_ROSTER "jabber:iq:roster"

#define BARE XMPP_SERVER_USER "@" XMPP_SERVER_DOMAIN
#define FULL BARE "/r1"
#define DAY (24 * 3600)

/* Ends the test program where the tools, not the tested code, fail. */
#define check_gnutls(call)                                                                         \
	G_STMT_START                                                                               \
	{                                                                                          \
		int check_rc = (call);                                                             \
		if (check_rc < 0)                                                                  \
			g_error("%s: %s", #call, gnutls_strerror(check_rc));                       \
	}                                                                                          \
	G_STMT_END

/* ---- the recording ---- */

static const char stream_header[] =
	"<?xml version='1.0'?><stream:stream xmlns='" NS_CLIENT "'"
	" xmlns:stream='http://etherx.jabber.org/streams' id='s1' from='" XMPP_SERVER_DOMAIN "'"
	" version='1.0' xml:lang='en'>";
static const char offers_tls[] = "<stream:features><starttls xmlns='" NS_TLS "'><required/>"
				 "</starttls></stream:features>";
static const char offers_login[] = "<stream:features><mechanisms xmlns='" NS_SASL "'>"
				   "<mechanism>PLAIN</mechanism></mechanisms></stream:features>";
static const char offers_bind[] = "<stream:features><bind xmlns='" NS_BIND "'/></stream:features>";
static const char go_ahead[] = "<proceed xmlns='" NS_TLS "'/>";
static const char welcome[] = "<success xmlns='" NS_SASL "'/>";
static const char refusal[] = "<failure xmlns='" NS_SASL "'><not-authorized/></failure>";

/* "$ID" is the id of what is answered. */
static const struct answer {
	const char *name, *type;  /* of the stanza; NULL: it has none */
	const char *payload, *ns; /* its first child; NULL: any or none */
	const char *text;
	gboolean is_last;
} answers[] = {
	{"iq", "set", "bind", NS_BIND,
	 "<iq type='result' id='$ID'><bind xmlns='" NS_BIND "'><jid>" FULL "</jid></bind></iq>"},
	{"iq", "get", "query", NS_ROSTER,
	 "<iq type='result' id='$ID' to='" FULL "'><query xmlns='" NS_ROSTER "'>"
	 "<item jid='bob@example.org' name='Bob' subscription='both'><group>Friends</group></item>"
	 "<item jid='zoë@example.net' name='Zoë &amp; Co' subscription='to'>"
	 "<group>Friends</group><group>Work</group></item>"
	 "<item jid='carol@example.com' ask='subscribe'/></query></iq>"},
	{"iq", "set", NULL, NULL,
	 "<iq type='error' id='$ID'><error type='cancel'><service-unavailable"
	 " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"},
	{"iq", "get", NULL, NULL,
	 "<iq type='error' id='$ID'><error type='cancel'><service-unavailable"
	 " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"},
	{"presence", NULL, NULL, NULL,
	 "<presence from='bob@example.org/home' to='" FULL "'><show>away</show>"
	 "<status>at lunch</status></presence>"
	 "<presence from='dave@example.net' to='" BARE "' type='subscribe'/>"
	 "<message from='bob@example.org/home' to='" FULL "' type='chat' id='m1'>"
	 "<body>Hello &lt;alice&gt;</body>"
	 "<active xmlns='http://jabber.org/protocol/chatstates'/></message>",
	 TRUE},
};

/* ---- server and connections ---- */

struct xmpp_server {
	int fd;
	guint watch;
	guint16 port;
	GSList *links; /* newest first */
	gnutls_certificate_credentials_t credentials;
	struct xmpp_server_plan plan;
	struct xmpp_server_story story;
};

struct link {
	struct xmpp_server *server;
	int fd; /* -1: closed */
	guint watch;
	gnutls_session_t tls;
	gboolean is_secure, is_authenticated;
	gboolean is_over; /* the plan's end, or the stream's */
	struct xml_reader *reader;
	GString *out;
};

static void link_free(struct link *l)
{
	l->server->links = g_slist_remove(l->server->links, l);
	l->server->story.n_open--;
	if (l->watch)
		g_source_remove(l->watch);
	if (l->tls)
		gnutls_deinit(l->tls);
	if (l->fd >= 0)
		close(l->fd);
	xml_reader_free(l->reader);
	g_string_free(l->out, TRUE);
	g_free(l);
}

static void link_end(struct link *l, enum xmpp_server_end end)
{
	struct linger none = {.l_onoff = 1};

	l->is_over = TRUE;
	if (end == XMPP_SERVER_STALL)
		return;
	if (end == XMPP_SERVER_POLITE) {
		if (l->is_secure)
			gnutls_bye(l->tls, GNUTLS_SHUT_WR);
		shutdown(l->fd, SHUT_WR);
		return;
	}
	if (end == XMPP_SERVER_RESET)
		setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(l->fd);
	l->fd = -1;
}

/* The plan's end, as soon as it is due. */
static void link_obey(struct link *l)
{
	const struct xmpp_server_plan *plan = &l->server->plan;
	struct xmpp_server_story *story = &l->server->story;

	if (l->is_over || ((story->octets < plan->octets || l->out->len > 0) &&
			   (!l->tls || story->tls_octets < plan->tls_octets)))
		return;
	story->is_over = TRUE;
	link_end(l, plan->end);
}

/* ---- out ---- */

static void link_flush(struct link *l)
{
	while (l->out->len > 0 && !l->is_over) {
		gssize n = l->is_secure ? gnutls_record_send(l->tls, l->out->str, l->out->len)
					: send(l->fd, l->out->str, l->out->len, MSG_NOSIGNAL);

		if (n == GNUTLS_E_AGAIN || (!l->is_secure && n < 0 && errno == EAGAIN))
			break;
		if (n < 0) /* the client has left: its end will be read */
			g_string_truncate(l->out, 0);
		else
			g_string_erase(l->out, 0, n);
	}
	link_obey(l);
}

/* FALSE: the plan leaves no room for all of it. */
static gboolean link_say(struct link *l, const char *text)
{
	struct xmpp_server *server = l->server;
	gsize wanted = strlen(text);
	gsize n = MIN(wanted, server->plan.octets - server->story.octets);

	if (l->is_over)
		return FALSE;
	server->story.octets += n;
	g_string_append_len(l->out, text, n);
	link_flush(l);
	return n == wanted;
}

/* GnuTLS's way to the socket, which the plan may cut off. */
static ssize_t link_push(gnutls_transport_ptr_t data, const void *octets, size_t n)
{
	struct link *l = data;
	struct xmpp_server *server = l->server;
	gsize left = server->plan.tls_octets - server->story.tls_octets;
	ssize_t sent = -1;

	errno = EAGAIN;
	if (left > 0)
		sent = send(l->fd, octets, MIN(n, left), MSG_NOSIGNAL);
	if (sent > 0)
		server->story.tls_octets += sent;
	gnutls_transport_set_errno(l->tls, errno);
	return sent;
}

static ssize_t link_pull(gnutls_transport_ptr_t data, void *octets, size_t n)
{
	struct link *l = data;
	ssize_t got = recv(l->fd, octets, n, 0);

	gnutls_transport_set_errno(l->tls, errno);
	return got;
}

/* ---- streams ---- */

static void link_restart(struct link *l)
{
	xml_reader_free(l->reader);
	l->reader = xml_reader_new();
}

static void link_start_tls(struct link *l)
{
	const struct xmpp_server_plan *plan = &l->server->plan;
	gnutls_session_t tls;

	check_gnutls(gnutls_init(&tls, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL));
	check_gnutls(
		gnutls_priority_set_direct(tls, plan->priority ? plan->priority : "NORMAL", NULL));
	check_gnutls(gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, l->server->credentials));
	gnutls_certificate_server_set_request(tls, GNUTLS_CERT_IGNORE);
	gnutls_transport_set_ptr(tls, l);
	gnutls_transport_set_push_function(tls, link_push);
	gnutls_transport_set_pull_function(tls, link_pull);
	l->tls = tls;
	link_restart(l);
	link_obey(l);
}

static gboolean is_right(const char *plain)
{
	GBytes *said = sasl_base64_decode(plain);
	GBytes *wanted = sasl_plain(XMPP_SERVER_USER, XMPP_SERVER_PASSWORD);
	gboolean is_same = said && g_bytes_equal(said, wanted);

	g_clear_pointer(&said, g_bytes_unref);
	g_bytes_unref(wanted);
	return is_same;
}

static void link_answer_auth(struct link *l, const struct element *auth)
{
	if (!is_right(auth->text)) {
		link_say(l, refusal);
		return;
	}
	link_say(l, welcome);
	l->is_authenticated = TRUE;
	link_restart(l);
}

static gboolean answers_to(const struct answer *a, const struct element *e)
{
	return element_is(e, a->name, NS_CLIENT) &&
	       g_strcmp0(element_attribute(e, "type"), a->type) == 0 &&
	       (!a->payload || element_is(e->first, a->payload, a->ns));
}

/* Other people's clients stay silent. */
static gboolean is_for_server(const struct element *e)
{
	const char *to = element_attribute(e, "to");

	return !to || strcmp(to, XMPP_SERVER_DOMAIN) == 0 || strcmp(to, BARE) == 0;
}

static void link_answer_stanza(struct link *l, const struct element *e)
{
	const char *id = element_attribute(e, "id");
	const struct answer *a = answers;
	char **parts, *text;

	while (a < answers + G_N_ELEMENTS(answers) && !answers_to(a, e))
		a++;
	if (a == answers + G_N_ELEMENTS(answers) || !l->is_authenticated || !is_for_server(e))
		return;
	parts = g_strsplit(a->text, "$ID", -1);
	text = g_strjoinv(id ? id : "", parts);
	link_say(l, text);
	l->server->story.is_told |= a->is_last && !l->is_over;
	g_free(text);
	g_strfreev(parts);
}

static void link_answer(struct link *l, const struct element *e)
{
	if (element_is(e, "starttls", NS_TLS) && !l->tls) {
		l->server->story.is_tls_due |= link_say(l, go_ahead);
		if (!l->is_over)
			link_start_tls(l);
	} else if (element_is(e, "auth", NS_SASL) && l->is_secure) {
		link_answer_auth(l, e);
	} else {
		link_answer_stanza(l, e);
	}
}

static void link_answer_header(struct link *l)
{
	link_say(l, stream_header);
	if (l->is_authenticated)
		link_say(l, offers_bind);
	else
		link_say(l, l->is_secure ? offers_login : offers_tls);
}

/* The client says goodbye, or nonsense. */
static void link_answer_end(struct link *l)
{
	link_say(l, "</stream:stream>");
	if (!l->is_over)
		link_end(l, XMPP_SERVER_POLITE);
}

static void link_answer_all(struct link *l)
{
	struct stanza *stanza;

	while (!l->is_over) {
		switch (xml_reader_next(l->reader, &stanza)) {
		case XML_MORE:
			return;
		case XML_HEADER:
			link_answer_header(l);
			break;
		case XML_STANZA:
			link_answer(l, stanza_root(stanza));
			break;
		case XML_END:
		case XML_BAD:
			link_answer_end(l);
			return;
		}
		stanza_free(stanza);
	}
}

/* ---- in ---- */

static void link_handshake(struct link *l)
{
	int rc = gnutls_handshake(l->tls);

	link_obey(l);
	if (l->is_over || (rc < 0 && !gnutls_error_is_fatal(rc)))
		return;
	if (rc < 0) {
		link_end(l, XMPP_SERVER_ABRUPT);
		return;
	}
	l->is_secure = TRUE;
	l->server->story.n_handshakes++;
}

static void link_read(struct link *l)
{
	guint8 octets[4096];
	gssize n;

	do {
		n = l->is_secure ? gnutls_record_recv(l->tls, octets, sizeof(octets))
				 : recv(l->fd, octets, sizeof(octets), 0);
		if (n == GNUTLS_E_AGAIN || (!l->is_secure && n < 0 && errno == EAGAIN))
			return;
		if (n <= 0) {
			link_end(l, XMPP_SERVER_ABRUPT);
			return;
		}
		xml_reader_feed(l->reader, octets, n);
		link_answer_all(l);
	} while (l->is_secure && !l->is_over && gnutls_record_check_pending(l->tls) > 0);
}

/* After the end only the client's own is waited for. */
static void link_await_end(struct link *l)
{
	char octets[4096];
	gssize n = recv(l->fd, octets, sizeof(octets), 0);

	if (n == 0 || (n < 0 && errno != EAGAIN))
		link_end(l, XMPP_SERVER_ABRUPT);
}

static gboolean link_ready(gint fd, GIOCondition condition, gpointer data);

/* Waits for what comes next, or frees what is closed. */
static void link_settle(struct link *l)
{
	gboolean wants_write = !l->is_over && l->out->len > 0;

	if (l->fd < 0)
		link_free(l);
	else
		l->watch =
			g_unix_fd_add(l->fd, G_IO_IN | (wants_write ? G_IO_OUT : 0), link_ready, l);
}

static gboolean link_ready(gint fd, GIOCondition condition, gpointer data)
{
	struct link *l = data;

	l->watch = 0;
	if (l->is_over)
		link_await_end(l);
	else if (l->tls && !l->is_secure)
		link_handshake(l);
	else if (condition & G_IO_OUT)
		link_flush(l);
	else
		link_read(l);
	link_settle(l);
	return G_SOURCE_REMOVE;
}

static gboolean server_accept(gint fd, GIOCondition condition, gpointer data)
{
	struct xmpp_server *server = data;
	struct link *l;
	int accepted = accept(fd, NULL, NULL), on = 1;

	if (accepted < 0)
		return G_SOURCE_CONTINUE;
	g_unix_set_fd_nonblocking(accepted, TRUE, NULL);
	setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	l = g_new0(struct link, 1);
	l->server = server;
	l->fd = accepted;
	l->out = g_string_new(NULL);
	link_restart(l);
	server->links = g_slist_prepend(server->links, l);
	server->story.n_accepted++;
	server->story.n_open++;
	server->story.is_tls_due |= server->plan.is_direct;
	if (server->plan.is_direct)
		link_start_tls(l);
	else
		link_obey(l);
	link_settle(l);
	return G_SOURCE_CONTINUE;
}

/* ---- the certificate ---- */

static gnutls_x509_privkey_t certificate_key(void)
{
	gnutls_x509_privkey_t key;

	check_gnutls(gnutls_x509_privkey_init(&key));
	check_gnutls(gnutls_x509_privkey_generate(
		key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
	return key;
}

/* As "openssl req -x509" makes it. */
static gnutls_x509_crt_t certificate_new(gnutls_x509_privkey_t key)
{
	static const char name[] = XMPP_SERVER_DOMAIN;
	static const guint8 serial[] = {1};
	gnutls_x509_crt_t crt;

	check_gnutls(gnutls_x509_crt_init(&crt));
	check_gnutls(gnutls_x509_crt_set_version(crt, 3));
	check_gnutls(gnutls_x509_crt_set_serial(crt, serial, sizeof(serial)));
	check_gnutls(gnutls_x509_crt_set_activation_time(crt, time(NULL) - DAY));
	check_gnutls(gnutls_x509_crt_set_expiration_time(crt, time(NULL) + DAY));
	check_gnutls(gnutls_x509_crt_set_key(crt, key));
	check_gnutls(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
						   strlen(name)));
	check_gnutls(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name,
							  strlen(name), GNUTLS_FSAN_SET));
	check_gnutls(gnutls_x509_crt_set_basic_constraints(crt, 1, -1));
	check_gnutls(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0));
	return crt;
}

static gnutls_certificate_credentials_t credentials_new(void)
{
	gnutls_x509_privkey_t key = certificate_key();
	gnutls_x509_crt_t crt = certificate_new(key);
	gnutls_certificate_credentials_t credentials;

	check_gnutls(gnutls_certificate_allocate_credentials(&credentials));
	check_gnutls(gnutls_certificate_set_x509_key(credentials, &crt, 1, key));
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
	return credentials;
}

/* ---- the owner's verbs ---- */

static void server_listen(struct xmpp_server *server)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t n = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (bind(server->fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(server->fd, 16) < 0 || getsockname(server->fd, (struct sockaddr *)&at, &n) < 0)
		g_error("cannot listen on loopback: %s", g_strerror(errno));
	server->port = ntohs(at.sin_port);
	server->watch = g_unix_fd_add(server->fd, G_IO_IN, server_accept, server);
}

struct xmpp_server *xmpp_server_new(void)
{
	struct xmpp_server *server = g_new0(struct xmpp_server, 1);

	server->credentials = credentials_new();
	server->plan.octets = server->plan.tls_octets = G_MAXSIZE;
	server_listen(server);
	return server;
}

void xmpp_server_free(struct xmpp_server *server)
{
	if (!server)
		return;
	while (server->links)
		link_free(server->links->data);
	g_source_remove(server->watch);
	close(server->fd);
	gnutls_certificate_free_credentials(server->credentials);
	g_free(server);
}

guint16 xmpp_server_port(const struct xmpp_server *server)
{
	return server->port;
}

void xmpp_server_plan(struct xmpp_server *server, const struct xmpp_server_plan *plan)
{
	server->plan = *plan;
	server->story = (struct xmpp_server_story){.n_open = g_slist_length(server->links)};
}

const struct xmpp_server_story *xmpp_server_story(const struct xmpp_server *server)
{
	return &server->story;
}
