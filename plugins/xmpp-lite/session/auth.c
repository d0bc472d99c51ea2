/* SPDX-License-Identifier: GPL-2.0-or-later */
/* auth: which SASL mechanism to use, what channel binding with it, and what a refusal means
 * (RFC 6120 section 6, XEP-0440). Never weaker than what the server could do, never PLAIN after
 * SCRAM. */
#include <gnutls/gnutls.h>
#include <string.h>

#include "common/text.h"
#include "plugins/xmpp-lite/session/core.h"
#include "plugins/xmpp-lite/wire/sasl.h"

#define NONCE_OCTETS 24
#define OFFERS_SHOWN_MAX 500 /* octets of the list of mechanisms in an error */

static const struct mechanism {
	const char *name;
	enum scram_hash hash;
	gboolean is_plus;
} scrams[] = {
	{"SCRAM-SHA-512-PLUS", SCRAM_SHA_512, TRUE}, {"SCRAM-SHA-256-PLUS", SCRAM_SHA_256, TRUE},
	{"SCRAM-SHA-1-PLUS", SCRAM_SHA_1, TRUE},     {"SCRAM-SHA-512", SCRAM_SHA_512, FALSE},
	{"SCRAM-SHA-256", SCRAM_SHA_256, FALSE},     {"SCRAM-SHA-1", SCRAM_SHA_1, FALSE},
};

struct auth {
	gboolean is_secure, is_tls13;
	GBytes *exporter, *unique, *end_point; /* each nullable */

	/* the choice */
	GPtrArray *candidates; /* names still to be tried, the best first; static strings */
	const char *binding;   /* channel-binding type in use, or NULL */
	gboolean can_bind;     /* we could bind, the server offers nothing (gs2 "y") */

	/* the exchange under way */
	const char *mechanism;
	struct scram *scram; /* NULL for PLAIN */
	guint challenges;
	gboolean is_verified;
};

struct auth *xmpp_auth_new(void)
{
	struct auth *a = g_new0(struct auth, 1);

	a->candidates = g_ptr_array_new();
	return a;
}

void xmpp_auth_free(struct auth *a)
{
	if (!a)
		return;
	g_clear_pointer(&a->exporter, g_bytes_unref);
	g_clear_pointer(&a->unique, g_bytes_unref);
	g_clear_pointer(&a->end_point, g_bytes_unref);
	g_ptr_array_free(a->candidates, TRUE);
	scram_free(a->scram);
	g_free(a);
}

void xmpp_auth_set_tls(struct xmpp_session *s, const struct xmpp_tls *tls)
{
	struct auth *a = s->auth;

	a->is_secure = tls != NULL;
	if (!tls)
		return;
	a->is_tls13 = tls->is_tls13;
	a->exporter = tls->exporter ? g_bytes_ref(tls->exporter) : NULL;
	a->unique = tls->unique ? g_bytes_ref(tls->unique) : NULL;
	a->end_point = tls->end_point ? g_bytes_ref(tls->end_point) : NULL;
}

gboolean xmpp_auth_is_secure(const struct xmpp_session *s)
{
	return s->auth->is_secure;
}

/* ---- the choice ---- */

static gboolean is_listed(const struct element *list, const char *child, const char *ns,
			  const char *value)
{
	for (const struct element *e = element_child(list, child, ns); e;
	     e = element_next(e, child, ns)) {
		if (strcmp(e->text, value) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean is_type_listed(const struct element *list, const char *type)
{
	for (const struct element *e = element_child(list, "channel-binding", NS_SASL_CB); e;
	     e = element_next(e, "channel-binding", NS_SASL_CB)) {
		if (g_strcmp0(element_attribute(e, "type"), type) == 0)
			return TRUE;
	}
	return FALSE;
}

static GBytes *binding_data(const struct auth *a, const char *type)
{
	if (strcmp(type, "tls-exporter") == 0)
		return a->exporter;
	if (strcmp(type, "tls-unique") == 0)
		return a->unique;
	return a->end_point;
}

static const char *binding_from_list(const struct auth *a, const struct element *list)
{
	static const char *const types[] = {"tls-exporter", "tls-unique", "tls-server-end-point"};

	for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
		if (is_type_listed(list, types[i]) && binding_data(a, types[i]))
			return types[i];
	}
	return NULL;
}

/* How to bind, from what is offered; FALSE: no honest server offers that, or what the account
 * demands is not to be had. A server that says -PLUS but not which types (RFC 5802 knew only one)
 * means tls-unique, which TLS 1.3 has no more: there, servers of today refuse every type, so that
 * only an account that demands binding tries the exporter. */
static gboolean binding_choose(struct xmpp_session *s, gboolean has_plus,
			       const struct element *list)
{
	struct auth *a = s->auth;

	a->binding = NULL;
	a->can_bind = FALSE;
	if (list) {
		a->binding = has_plus ? binding_from_list(a, list) : NULL;
		return a->binding != NULL;
	}
	if (has_plus && !a->is_tls13 && a->unique)
		a->binding = "tls-unique";
	else if (has_plus && s->require_binding && a->exporter)
		a->binding = "tls-exporter";
	else if (!has_plus)
		a->can_bind = a->exporter || a->unique || a->end_point;
	return a->binding || !s->require_binding;
}

static char *offers_text(const struct element *mechanisms)
{
	GString *text = g_string_new(NULL);
	const struct element *e =
		mechanisms ? element_child(mechanisms, "mechanism", NS_SASL) : NULL;

	for (; e && text->len < OFFERS_SHOWN_MAX; e = element_next(e, "mechanism", NS_SASL))
		g_string_append_printf(text, "%s%s", text->len ? " " : "", e->text);
	return g_string_free(text, FALSE);
}

static void refuse(struct xmpp_session *s, enum xmpp_end end, const char *text)
{
	xmpp_send_raw(s, "</stream:stream>");
	xmpp_finish(s, end, NULL, text);
}

static void attempt(struct xmpp_session *s);

void xmpp_auth_start(struct xmpp_session *s, const struct element *features)
{
	struct auth *a = s->auth;
	const struct element *mechanisms = element_child(features, "mechanisms", NS_SASL);
	const struct element *list = element_child(features, "sasl-channel-binding", NS_SASL_CB);
	g_autofree char *offers = offers_text(mechanisms);
	gboolean has_scram = FALSE, has_plus = FALSE;

	for (guint i = 0; mechanisms && i < G_N_ELEMENTS(scrams); i++) {
		if (is_listed(mechanisms, "mechanism", NS_SASL, scrams[i].name)) {
			has_scram = TRUE;
			has_plus |= scrams[i].is_plus;
		}
	}
	if (!binding_choose(s, has_plus, list)) {
		refuse(s, XMPP_END_NO_BINDING, offers);
		return;
	}
	for (guint i = 0; mechanisms && i < G_N_ELEMENTS(scrams); i++) {
		if (scrams[i].is_plus == (a->binding != NULL) &&
		    is_listed(mechanisms, "mechanism", NS_SASL, scrams[i].name))
			g_ptr_array_add(a->candidates, (gpointer)scrams[i].name);
	}
	if (!has_scram && mechanisms && is_listed(mechanisms, "mechanism", NS_SASL, "PLAIN")) {
		if (s->no_plain) {
			refuse(s, XMPP_END_WEAKER_LOGIN, offers);
			return;
		}
		g_ptr_array_add(a->candidates, (gpointer) "PLAIN");
	}
	if (a->candidates->len == 0)
		refuse(s, XMPP_END_NO_MECHANISM, offers);
	else
		attempt(s);
}

/* ---- the exchange ---- */

static void sasl_send(struct xmpp_session *s, const char *name, const char *mechanism,
		      const void *octets, gsize n)
{
	struct stanza *stanza = stanza_new(name, NS_SASL);
	char *coded = n ? g_base64_encode(octets, n) : g_strdup("");

	if (mechanism)
		element_set(stanza_root(stanza), "mechanism", mechanism);
	element_set_text(stanza_root(stanza), coded);
	gnutls_memset(coded, 0, strlen(coded));
	g_free(coded);
	xmpp_send(s, stanza);
}

static char *nonce_new(struct xmpp_session *s)
{
	guint8 octets[NONCE_OCTETS];

	s->random(octets, sizeof octets, s->random_user);
	return g_base64_encode(octets, sizeof octets);
}

/* Try the first of the candidates. */
static void attempt(struct xmpp_session *s)
{
	struct auth *a = s->auth;
	const char *first;

	a->mechanism = g_ptr_array_remove_index(a->candidates, 0);
	a->challenges = 0;
	a->is_verified = FALSE;
	g_clear_pointer(&a->scram, scram_free);
	for (guint i = 0; i < G_N_ELEMENTS(scrams); i++) {
		if (strcmp(scrams[i].name, a->mechanism) == 0) {
			g_autofree char *nonce = nonce_new(s);

			a->scram = scram_new(scrams[i].hash, s->local, s->password, a->binding,
					     a->binding ? binding_data(a, a->binding) : NULL,
					     a->can_bind, nonce);
		}
	}
	if (a->scram) {
		first = scram_client_first(a->scram);
		sasl_send(s, "auth", a->mechanism, first, strlen(first));
	} else {
		GBytes *plain = sasl_plain(s->local, s->password);
		gsize n;
		gconstpointer octets = g_bytes_get_data(plain, &n);

		sasl_send(s, "auth", a->mechanism, octets, n);
		gnutls_memset((gpointer)octets, 0, n);
		g_bytes_unref(plain);
	}
}

static void broken(struct xmpp_session *s, const char *how)
{
	xmpp_send_raw(s, "<abort xmlns='" NS_SASL "'/></stream:stream>");
	xmpp_finish(s, XMPP_END_SASL_BROKEN, NULL, how);
}

static void scram_failed(struct xmpp_session *s, enum scram_result result)
{
	switch (result) {
	case SCRAM_REFUSED:
		xmpp_send_raw(s, "</stream:stream>");
		xmpp_finish(s, XMPP_END_AUTH_FAILED, "not-authorized",
			    scram_server_error(s->auth->scram));
		break;
	case SCRAM_SIGNATURE:
		refuse(s, XMPP_END_IMPOSTOR, NULL);
		break;
	case SCRAM_NONCE:
		broken(s, "nonce");
		break;
	case SCRAM_ITERATIONS:
		broken(s, "iteration count");
		break;
	default:
		broken(s, "malformed message");
	}
}

static void challenge(struct xmpp_session *s, const char *octets, gsize n)
{
	struct auth *a = s->auth;
	enum scram_result result;
	const char *final;

	a->challenges++;
	if (a->scram && a->challenges == 1) {
		result = scram_client_final(a->scram, octets, n, &final);
		if (result == SCRAM_OK)
			sasl_send(s, "response", NULL, final, strlen(final));
		else
			scram_failed(s, result);
	} else if (a->scram && a->challenges == 2) {
		/* The server's proof may come as a challenge of its own, to be answered with
		 * nothing. */
		result = scram_verify(a->scram, octets, n);
		a->is_verified = result == SCRAM_OK;
		if (a->is_verified)
			sasl_send(s, "response", NULL, NULL, 0);
		else
			scram_failed(s, result);
	} else {
		broken(s, "one challenge too many");
	}
}

static void success(struct xmpp_session *s, const char *octets, gsize n)
{
	struct auth *a = s->auth;

	if (a->scram && !a->is_verified) {
		enum scram_result result = n ? scram_verify(a->scram, octets, n) : SCRAM_SIGNATURE;

		if (result != SCRAM_OK) {
			scram_failed(s, result == SCRAM_MALFORMED ? SCRAM_SIGNATURE : result);
			return;
		}
	}
	xmpp_event_push(s, &(struct xmpp_event){.type = XMPP_EVENT_AUTHENTICATED,
						.mechanism = a->mechanism});
	g_clear_pointer(&a->scram, scram_free);
	xmpp_stream_restart(s);
}

static void failure(struct xmpp_session *s, const struct element *e)
{
	static const char *const others_may_do[] = {"invalid-mechanism", "mechanism-too-weak",
						    "encryption-required"};
	const char *condition = "not-authorized";
	const struct element *text = element_child_for_language(e, "text", NS_SASL, s->language);

	for (const struct element *c = e->first; c; c = c->next) {
		if (strcmp(c->ns, NS_SASL) == 0 && strcmp(c->name, "text") != 0) {
			condition = c->name;
			break;
		}
	}
	/* Candidates are never weaker than PLAIN unless PLAIN was all there is, so going on gives
	 * nothing away. */
	for (guint i = 0; i < G_N_ELEMENTS(others_may_do) && s->auth->candidates->len; i++) {
		if (strcmp(condition, others_may_do[i]) == 0) {
			attempt(s);
			return;
		}
	}
	xmpp_send_raw(s, "</stream:stream>");
	xmpp_finish(s, XMPP_END_AUTH_FAILED, condition, text ? text->text : NULL);
}

void xmpp_auth_element(struct xmpp_session *s, const struct element *e)
{
	GBytes *octets;
	gconstpointer data;
	gsize n;

	s->step_deadline = s->now + XMPP_STEP_MS;
	if (strcmp(e->name, "failure") == 0) {
		failure(s, e);
		return;
	}
	/* "=" stands for data that is there but empty (RFC 6120 section 6.4.2). */
	octets = sasl_base64_decode(strcmp(e->text, "=") == 0 ? "" : e->text);
	if (!octets) {
		broken(s, "base64");
		return;
	}
	data = g_bytes_get_data(octets, &n);
	if (strcmp(e->name, "challenge") == 0)
		challenge(s, data ? data : "", n);
	else if (strcmp(e->name, "success") == 0)
		success(s, data ? data : "", n);
	else
		broken(s, "unknown element");
	g_bytes_unref(octets);
}
