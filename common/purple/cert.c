/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cert: the system's trust and our own reading of names first, then libpurple's verifier. */
#include "common/purple/cert.h"

#include <arpa/inet.h>
#include <certificate.h>
#include <errno.h>
#include <eventloop.h>
#include <glib/gstdio.h>
#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>
#include <notify.h>
#include <request.h>
#include <sslconn.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OID_SUBJECT_ALT_NAME "2.5.29.17"
#define OID_SRV_NAME "1.3.6.1.5.5.7.8.7" /* RFC 4985 */

#define DER_UTF8_STRING 0x0c
#define DER_IA5_STRING 0x16

struct cert_check {
	cert_verdict_h verdict;
	gpointer user;
	struct reason why; /* what the system holds against the certificate */
	gboolean is_accepted;
	gboolean is_asking; /* libpurple knows our address and will call back */
	gboolean is_cancelled;
	guint timer;
};

static gnutls_certificate_credentials_t the_credentials;

/* Cancelled while libpurple was asking. Its requests are closed then and say nothing more; should
 * a user interface answer one all the same, the answer must find these, not freed (or worse,
 * reused) memory. One for each question nobody answered, so few. */
static GSList *the_abandoned;

/* ---- credentials ---- */

gnutls_certificate_credentials_t cert_credentials(void)
{
	if (!the_credentials) {
		if (gnutls_certificate_allocate_credentials(&the_credentials) < 0)
			g_error("no memory for TLS credentials");
		/* A system without trust is no error: then everything is asked. */
		gnutls_certificate_set_x509_system_trust(the_credentials);
	}
	return the_credentials;
}

gboolean cert_trust(const char *pem)
{
	gnutls_datum_t text = {(unsigned char *)pem, strlen(pem)};

	return gnutls_certificate_set_x509_trust_mem(cert_credentials(), &text,
						     GNUTLS_X509_FMT_PEM) > 0;
}

void cert_forget(void)
{
	g_clear_pointer(&the_credentials, gnutls_certificate_free_credentials);
	g_slist_free_full(g_steal_pointer(&the_abandoned), g_free);
}

/* ---- names ---- */

/* The octets of an IP literal: 4, 16, or 0 if name is none. */
static gsize cert_literal_octets(const char *name, guint8 octets[16])
{
	if (inet_pton(AF_INET, name, octets) == 1)
		return 4;
	if (inet_pton(AF_INET6, name, octets) == 1)
		return 16;
	return 0;
}

gboolean cert_is_literal(const char *name)
{
	guint8 octets[16];

	return cert_literal_octets(name, octets) != 0;
}

/* An embedded NUL never matches: wanted ends at its first one. */
static gboolean cert_same_text(const void *text, gsize n, const char *wanted)
{
	return n == strlen(wanted) && g_ascii_strncasecmp(text, wanted, n) == 0;
}

/* RFC 6125 section 6.4: "*" stands for exactly one label, the left-most, and only above a domain
 * that itself has a dot: "*.org" would be half the Internet. */
static gboolean cert_covers_dns(const void *text, gsize n, const char *wanted)
{
	const char *pattern = text, *parent;

	if (cert_same_text(pattern, n, wanted))
		return TRUE;
	if (n < 3 || pattern[0] != '*' || pattern[1] != '.' || !memchr(pattern + 2, '.', n - 2))
		return FALSE;
	parent = strchr(wanted, '.');
	return parent && parent != wanted && cert_same_text(pattern + 1, n - 1, parent);
}

/* The contents of the one DER string of that tag that fills der. */
static gboolean cert_der_string(const gnutls_datum_t *der, guint8 tag, gnutls_datum_t *ret_text)
{
	gsize header = 2, length;

	if (der->size < 2 || der->data[0] != tag)
		return FALSE;
	length = der->data[1];
	if (length == 0x81 && der->size > 2) {
		length = der->data[2];
		header = 3;
	} else if (length == 0x82 && der->size > 3) {
		length = der->data[2] << 8 | der->data[3];
		header = 4;
	} else if (length >= 0x80) {
		return FALSE;
	}
	if (der->size - header != length)
		return FALSE;
	ret_text->data = der->data + header;
	ret_text->size = length;
	return TRUE;
}

static gboolean cert_covers_srv(const gnutls_datum_t *value, const struct cert_identity *identity)
{
	gnutls_datum_t text;
	char *wanted;
	gboolean is_same;

	if (!identity->srv || !cert_der_string(value, DER_IA5_STRING, &text))
		return FALSE;
	wanted = g_strconcat(identity->srv, ".", identity->name, NULL);
	is_same = cert_same_text(text.data, text.size, wanted);
	g_free(wanted);
	return is_same;
}

static gboolean cert_covers_other(const char *oid, const gnutls_datum_t *value,
				  const struct cert_identity *identity)
{
	gnutls_datum_t text;

	if (strcmp(oid, OID_SRV_NAME) == 0)
		return cert_covers_srv(value, identity);
	return identity->other_oid && identity->other_value &&
	       strcmp(oid, identity->other_oid) == 0 &&
	       cert_der_string(value, DER_UTF8_STRING, &text) &&
	       cert_same_text(text.data, text.size, identity->other_value);
}

static gboolean cert_covers_one(guint type, const gnutls_datum_t *value, const gnutls_datum_t *oid,
				const struct cert_identity *identity)
{
	guint8 octets[16];
	gsize n = cert_literal_octets(identity->name, octets);

	switch (type) {
	case GNUTLS_SAN_DNSNAME:
		return n == 0 && cert_covers_dns(value->data, value->size, identity->name);
	case GNUTLS_SAN_IPADDRESS:
		return n != 0 && value->size == n && memcmp(value->data, octets, n) == 0;
	case GNUTLS_SAN_OTHERNAME:
		return oid->data && cert_covers_other((const char *)oid->data, value, identity);
	default:
		return FALSE;
	}
}

/* One of the names in a subjectAltName extension. */
static gboolean cert_covers_alt(const gnutls_datum_t *extension,
				const struct cert_identity *identity)
{
	gnutls_subject_alt_names_t names;
	gboolean is_covered = FALSE;
	gnutls_datum_t value, oid;
	guint i, type;

	if (gnutls_subject_alt_names_init(&names) < 0)
		return FALSE;
	if (gnutls_x509_ext_import_subject_alt_names(extension, names, 0) == 0) {
		for (i = 0; i < CERT_NAMES_MAX && !is_covered; i++) {
			oid.data = NULL;
			if (gnutls_subject_alt_names_get(names, i, &type, &value, &oid) < 0)
				break;
			is_covered = cert_covers_one(type, &value, &oid, identity);
		}
	}
	gnutls_subject_alt_names_deinit(names);
	return is_covered;
}

/* The only common name, as certificates were named before subjectAltName. */
static gboolean cert_covers_cn(gnutls_x509_crt_t crt, const struct cert_identity *identity)
{
	char name[256], second[256];
	size_t n = sizeof(name), n_second = sizeof(second);

	if (cert_is_literal(identity->name) ||
	    gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &n) < 0 ||
	    gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 1, 0, second,
					  &n_second) != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return FALSE;
	return cert_covers_dns(name, n, identity->name);
}

static gboolean cert_covers_crt(gnutls_x509_crt_t crt, const struct cert_identity *identity)
{
	gnutls_datum_t extension;
	gboolean is_covered;
	int rc;

	rc = gnutls_x509_crt_get_extension_by_oid2(crt, OID_SUBJECT_ALT_NAME, 0, &extension, NULL);
	if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return cert_covers_cn(crt, identity);
	if (rc < 0)
		return FALSE;
	is_covered = cert_covers_alt(&extension, identity);
	gnutls_free(extension.data);
	return is_covered;
}

/* (transfer full), NULL if der is no certificate. */
static gnutls_x509_crt_t cert_import(const gnutls_datum_t *der)
{
	gnutls_x509_crt_t crt;

	if (gnutls_x509_crt_init(&crt) < 0)
		return NULL;
	if (gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) < 0) {
		gnutls_x509_crt_deinit(crt);
		return NULL;
	}
	return crt;
}

gboolean cert_covers(const gnutls_datum_t *der, const struct cert_identity *identity)
{
	gnutls_x509_crt_t crt = cert_import(der);
	gboolean is_covered;

	if (!crt)
		return FALSE;
	is_covered = cert_covers_crt(crt, identity);
	gnutls_x509_crt_deinit(crt);
	return is_covered;
}

/* ---- the system's verdict ---- */

/* A chain without known issuer is not looked at further by GnuTLS, so the dates are read here. */
static gboolean cert_find_fault(gnutls_x509_crt_t crt, guint status, gboolean is_covered,
				enum reason_kind *ret_kind)
{
	time_t now = time(NULL);

	if (status & GNUTLS_CERT_REVOKED)
		*ret_kind = REASON_CERT_REVOKED;
	else if (status & GNUTLS_CERT_EXPIRED || now > gnutls_x509_crt_get_expiration_time(crt))
		*ret_kind = REASON_CERT_EXPIRED;
	else if (status & GNUTLS_CERT_NOT_ACTIVATED ||
		 now < gnutls_x509_crt_get_activation_time(crt))
		*ret_kind = REASON_CERT_NOT_YET;
	else if (!is_covered)
		*ret_kind = REASON_CERT_NAME;
	else if (status & GNUTLS_CERT_SIGNER_NOT_FOUND && gnutls_x509_crt_check_issuer(crt, crt))
		*ret_kind = REASON_CERT_SELF_SIGNED;
	else if (status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA))
		*ret_kind = REASON_CERT_UNTRUSTED;
	else if (status != 0)
		*ret_kind = REASON_CERT_OTHER;
	else
		return FALSE;
	return TRUE;
}

/* FALSE: nothing is held against the chain that session's peer showed. */
static gboolean cert_find_session_fault(gnutls_session_t session, const gnutls_datum_t *peers,
					guint n, const struct cert_identity *identity,
					enum reason_kind *ret_kind)
{
	gnutls_typed_vdata_st purpose = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)GNUTLS_KP_TLS_WWW_SERVER,
	};
	gboolean is_faulty = TRUE;
	gnutls_x509_crt_t crt;
	guint status;

	*ret_kind = REASON_CERT_OTHER;
	if (n > CERT_CHAIN_MAX ||
	    gnutls_certificate_type_get2(session, GNUTLS_CTYPE_PEERS) != GNUTLS_CRT_X509 ||
	    !(crt = cert_import(&peers[0])))
		return TRUE;
	if (gnutls_certificate_verify_peers(session, &purpose, 1, &status) == 0)
		is_faulty = cert_find_fault(crt, status, cert_covers_crt(crt, identity), ret_kind);
	gnutls_x509_crt_deinit(crt);
	return is_faulty;
}

/* ---- libpurple's verdict ---- */

static gboolean cert_write_all(int fd, const char *text, gsize n)
{
	while (n > 0) {
		gssize rc = write(fd, text, n);

		if (rc < 0 && errno == EINTR)
			continue;
		if (rc <= 0)
			return FALSE;
		text += rc;
		n -= rc;
	}
	return TRUE;
}

/* The chain as PEM, leaf first, in a new private file; (transfer full), NULL if there is no room.
 */
static char *cert_write_chain(const gnutls_datum_t *peers, guint n)
{
	gboolean is_written = TRUE;
	gnutls_datum_t pem;
	char *path;
	int fd;
	guint i;

	fd = g_file_open_tmp(NULL, &path, NULL);
	if (fd < 0)
		return NULL;
	for (i = 0; i < n && is_written; i++) {
		is_written = gnutls_pem_base64_encode2("CERTIFICATE", &peers[i], &pem) == 0;
		if (is_written) {
			is_written = cert_write_all(fd, (char *)pem.data, pem.size);
			gnutls_free(pem.data);
		}
	}
	if (close(fd) == 0 && is_written)
		return path;
	g_unlink(path);
	g_free(path);
	return NULL;
}

static gboolean cert_is_same(PurpleCertificate *certificate, const gnutls_datum_t *der)
{
	GByteArray *shown = purple_certificate_get_fingerprint_sha1(certificate);
	guint8 wanted[20];
	size_t n = sizeof(wanted);
	gboolean is_same;

	is_same = shown && gnutls_fingerprint(GNUTLS_DIG_SHA1, der, wanted, &n) == 0 &&
		  shown->len == n && memcmp(shown->data, wanted, n) == 0;
	if (shown)
		g_byte_array_free(shown, TRUE);
	return is_same;
}

/* libpurple imports from files only, and both of its back ends return the reverse of the file's
 * order, while its verifier wants the leaf first. (transfer full) */
static GList *cert_import_chain(PurpleCertificateScheme *scheme, const gnutls_datum_t *peers,
				guint n)
{
	char *path = cert_write_chain(peers, n);
	GList *chain = NULL;
	GSList *imported, *l;

	if (!path)
		return NULL;
	imported = purple_certificates_import(scheme, path);
	g_unlink(path);
	g_free(path);
	for (l = imported; l; l = l->next)
		chain = g_list_prepend(chain, l->data);
	g_slist_free(imported);
	if (chain && !cert_is_same(chain->data, &peers[0]))
		chain = g_list_reverse(chain);
	if (g_list_length(chain) == n && cert_is_same(chain->data, &peers[0]))
		return chain;
	purple_certificate_destroy_list(chain);
	return NULL;
}

static gboolean cert_deliver(gpointer data)
{
	struct cert_check *check = data;
	struct cert_check done = *check;

	g_free(check);
	done.verdict(done.is_accepted ? NULL : &done.why, done.user);
	return G_SOURCE_REMOVE;
}

static void cert_settle(struct cert_check *check, gboolean is_accepted)
{
	check->is_accepted = is_accepted;
	check->timer = purple_timeout_add(0, cert_deliver, check);
}

/* At once, from within the question, or when a person has made up their mind. */
static void cert_answered(PurpleCertificateVerificationStatus status, gpointer data)
{
	struct cert_check *check = data;

	check->is_asking = FALSE;
	if (check->is_cancelled) {
		the_abandoned = g_slist_remove(the_abandoned, check);
		g_free(check);
		return;
	}
	cert_settle(check, status == PURPLE_CERTIFICATE_VALID);
}

/* Nothing but libpurple's own work: it forgets a question that is closed without an answer, and the tests have to
 * tell that leak from ours. */
static G_GNUC_NO_INLINE void cert_hand_over(PurpleCertificateVerifier *verifier, const char *name, GList *chain,
					    struct cert_check *check)
{
	purple_certificate_verify(verifier, name, chain, cert_answered, check);
	purple_certificate_destroy_list(chain);
}

/* FALSE: nobody can be asked. The check's address is also the handle of the question. */
static gboolean cert_ask(struct cert_check *check, const char *name, const gnutls_datum_t *peers,
			 guint n)
{
	PurpleCertificateVerifier *verifier;
	PurpleCertificateScheme *scheme;
	GList *chain;

	/* Loads libpurple's TLS plugin, which brings the scheme. */
	if (!purple_ssl_is_supported() || !(scheme = purple_certificate_find_scheme("x509")) ||
	    !(verifier = purple_certificate_find_verifier("x509", "tls_cached"))) {
		check->why.kind = REASON_NO_TLS;
		return FALSE;
	}
	chain = cert_import_chain(scheme, peers, n);
	if (!chain)
		return FALSE;
	check->is_asking = TRUE;
	cert_hand_over(verifier, name, chain, check);
	return TRUE;
}

/* ---- the check ---- */

struct cert_check *cert_check_start(gnutls_session_t session, const struct cert_identity *identity,
				    guint16 port, cert_verdict_h verdict, gpointer user)
{
	struct cert_check *check = g_new0(struct cert_check, 1);
	enum reason_kind kind = REASON_CERT_NONE;
	const gnutls_datum_t *peers;
	guint n = 0;

	check->verdict = verdict;
	check->user = user;
	peers = gnutls_certificate_get_peers(session, &n);
	if (peers && n > 0 && !cert_find_session_fault(session, peers, n, identity, &kind)) {
		cert_settle(check, TRUE);
		return check;
	}
	reason_set(&check->why, kind, identity->name, port, NULL);
	if (!peers || n == 0 || n > CERT_CHAIN_MAX || kind == REASON_CERT_REVOKED ||
	    !cert_ask(check, identity->name, peers, n))
		cert_settle(check, FALSE);
	return check;
}

void cert_check_cancel(struct cert_check *check)
{
	if (!check)
		return;
	if (check->timer != 0)
		purple_timeout_remove(check->timer);
	if (!check->is_asking) {
		g_free(check);
		return;
	}
	check->is_cancelled = TRUE;
	the_abandoned = g_slist_prepend(the_abandoned, check);
	purple_request_close_with_handle(check);
	purple_notify_close_with_handle(check);
}
