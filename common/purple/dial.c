/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dial: questions first, then rung by rung; on a rung without proxy a race of its addresses.
 *
 *   ASKING -> CLIMBING -> (a rung) RESOLVING -> RACING -> SECURING -> WAITING for the owner
 *
 * Whatever ends a rung without a connection leads back to CLIMBING; DONE is silence. */
#include "common/purple/dial.h"

#include <arpa/inet.h>
#include <dnsquery.h>
#include <dnssrv.h>
#include <eventloop.h>
#include <gnutls/crypto.h>
#include <netinet/in.h>
#include <proxy.h>
#include <string.h>

enum dial_state {
	DIAL_ASKING,	/* SRV */
	DIAL_CLIMBING,	/* between two rungs */
	DIAL_RESOLVING, /* A and AAAA of the rung */
	DIAL_RACING,	/* attempts under way */
	DIAL_SECURING,	/* the race has a winner, TLS is being set up */
	DIAL_WAITING,	/* the owner has a connection, or nothing more to hear */
};

/* One SRV question. */
struct dial_question {
	struct dial *dial;
	const struct ladder_service *service;
	PurpleSrvTxtQueryData *query;
	guint deadline;
	gboolean is_open;
};

/* One address of the rung, or its name where a proxy resolves. */
struct dial_attempt {
	struct dial *dial;
	char *host;
	struct conn *conn;
	guint deadline;
	gboolean is_over; /* tried in vain */
};

struct dial {
	guint refs; /* the owner's, and one for each of our frames that calls out */
	enum dial_state state;
	const struct dial_handlers *handlers;
	gpointer user;

	PurpleAccount *account;
	char *domain;
	struct conn_tls tls;
	gboolean is_by_proxy, is_by_tor;

	struct ladder *ladder;
	struct dial_question questions[DIAL_SERVICES_MAX];
	guint n_questions;
	gboolean is_not_offered; /* SRV said "." */

	struct ladder_rung rung;
	PurpleDnsQueryData *query;
	guint query_deadline;
	struct dial_attempt attempts[DIAL_ADDRESSES_MAX];
	guint n_attempts;
	struct dial_attempt *winner;

	guint step;    /* a turn of ours that the loop owes us */
	guint stagger; /* until the next address joins the race */
	guint total;   /* until it has all taken too long */
	guint left_ms;
	gint64 total_start;
	gboolean is_late;

	gboolean has_why;
	struct reason why; /* the most telling so far */
};

static void dial_race(struct dial *d);
static void dial_step_later(struct dial *d);

/* ---- lifetime ---- */

static struct dial *dial_ref(struct dial *d)
{
	d->refs++;
	return d;
}

static void dial_unref(struct dial *d)
{
	if (--d->refs > 0)
		return;
	ladder_free(d->ladder);
	g_free((char *)d->tls.identity.name);
	g_free((char *)d->tls.identity.srv);
	g_free((char *)d->tls.identity.other_oid);
	g_free((char *)d->tls.identity.other_value);
	g_free((char *)d->tls.alpn);
	g_free((char *)d->tls.priority);
	g_free(d->domain);
	g_free(d);
}

static void dial_stop_timer(guint *timer)
{
	if (*timer != 0)
		purple_timeout_remove(*timer);
	*timer = 0;
}

static void dial_question_close(struct dial_question *q)
{
	q->is_open = FALSE;
	dial_stop_timer(&q->deadline);
	if (q->query)
		purple_srv_cancel(g_steal_pointer(&q->query));
}

/* It may join a race again when the winner turns out to be no good. */
static void dial_attempt_stop(struct dial_attempt *a)
{
	dial_stop_timer(&a->deadline);
	conn_free(g_steal_pointer(&a->conn));
}

static void dial_drop_rung(struct dial *d)
{
	guint i;

	dial_stop_timer(&d->query_deadline);
	dial_stop_timer(&d->stagger);
	if (d->query)
		purple_dnsquery_destroy(g_steal_pointer(&d->query));
	for (i = 0; i < d->n_attempts; i++) {
		dial_attempt_stop(&d->attempts[i]);
		g_free(d->attempts[i].host);
	}
	memset(d->attempts, 0, sizeof(d->attempts));
	d->n_attempts = 0;
	d->winner = NULL;
}

static void dial_drop_all(struct dial *d)
{
	guint i;

	d->state = DIAL_WAITING;
	for (i = 0; i < d->n_questions; i++)
		dial_question_close(&d->questions[i]);
	dial_drop_rung(d);
	dial_stop_timer(&d->step);
	dial_stop_timer(&d->total);
}

void dial_free(struct dial *d)
{
	if (!d)
		return;
	dial_drop_all(d);
	dial_unref(d);
}

/* ---- reasons ---- */

/* How far an attempt came before it failed: the further, the more it tells the user. */
static guint dial_rank(enum reason_kind kind)
{
	switch (kind) {
	case REASON_DNS:
		return 1;
	case REASON_NOT_OFFERED:
		return 2;
	case REASON_UNREACHABLE:
		return 3;
	case REASON_TIMEOUT:
		return 4;
	case REASON_PROXY:
		return 5;
	case REASON_REFUSED:
		return 6;
	case REASON_CLOSED:
	case REASON_LOST:
		return 7;
	case REASON_TLS:
	case REASON_TLS_VERSION:
	case REASON_ALPN:
		return 8;
	default:
		return 9;
	}
}

static gboolean dial_is_about_certificate(const struct reason *why)
{
	return dial_rank(why->kind) == 9;
}

static void dial_note_reason(struct dial *d, const struct reason *why)
{
	if (d->has_why && dial_rank(why->kind) < dial_rank(d->why.kind))
		return;
	d->why = *why;
	d->has_why = TRUE;
}

/* About the rung, not about the address of it that was tried. */
static void dial_note(struct dial *d, enum reason_kind kind, const char *detail)
{
	struct reason why;

	reason_set(&why, kind, d->rung.host, d->rung.port, detail);
	dial_note_reason(d, &why);
}

static void dial_fail(struct dial *d)
{
	struct reason why = d->why;

	if (!d->has_why)
		reason_set(&why, d->is_not_offered ? REASON_NOT_OFFERED : REASON_DNS, d->domain, 0,
			   NULL);
	dial_drop_all(d);
	dial_ref(d);
	d->handlers->failed(d, &why, d->user);
	dial_unref(d);
}

/* ---- time for it all ---- */

/* While a person is being asked no clock runs; afterwards the climb is over, with a connection or
 * without. */
static gboolean dial_total_over(gpointer data)
{
	struct dial *d = data;

	d->total = 0;
	d->left_ms = 0;
	d->is_late = TRUE;
	if (d->winner && conn_is_verifying(d->winner->conn))
		return G_SOURCE_REMOVE;
	if (d->state != DIAL_ASKING)
		dial_note(d, REASON_TIMEOUT, NULL);
	dial_fail(d);
	return G_SOURCE_REMOVE;
}

static void dial_start_clock(struct dial *d)
{
	if (d->is_late)
		return;
	d->total_start = g_get_monotonic_time();
	d->total = purple_timeout_add(d->left_ms, dial_total_over, d);
}

static void dial_stop_clock(struct dial *d)
{
	gint64 spent_ms = (g_get_monotonic_time() - d->total_start) / 1000;

	if (d->total != 0)
		d->left_ms -= CLAMP(spent_ms, 0, d->left_ms);
	dial_stop_timer(&d->total);
}

/* ---- a connection ---- */

static void dial_ignore(struct conn *c, gpointer user)
{
}

static void dial_ignore_data(struct conn *c, const guint8 *data, gsize n, gpointer user)
{
}

static void dial_ignore_end(struct conn *c, const struct reason *why, gpointer user)
{
}

/* Between us and an owner who is slow to take over. */
static const struct conn_handlers dial_orphan_handlers = {
	.ready = dial_ignore,
	.data = dial_ignore_data,
	.writable = dial_ignore,
	.closed = dial_ignore_end,
};

static void dial_hand_out(struct dial *d, struct dial_attempt *a)
{
	struct conn *c = g_steal_pointer(&a->conn);
	gboolean is_tls = d->rung.is_tls;

	conn_set_handlers(c, &dial_orphan_handlers, NULL);
	dial_drop_rung(d);
	dial_stop_clock(d);
	d->state = DIAL_WAITING;
	dial_ref(d);
	d->handlers->connected(d, c, is_tls, d->user);
	dial_unref(d);
}

/* The first to stand wins; the others leave the race and may come back if TLS fails on this one. */
static void dial_secure(struct dial *d, struct dial_attempt *a)
{
	guint i;

	dial_stop_timer(&d->stagger);
	for (i = 0; i < d->n_attempts; i++)
		if (&d->attempts[i] != a)
			dial_attempt_stop(&d->attempts[i]);
	d->winner = a;
	d->state = DIAL_SECURING;
	conn_start_tls(a->conn, &d->tls);
}

static void dial_attempt_ready(struct conn *c, gpointer user)
{
	struct dial_attempt *a = user;
	struct dial *d = a->dial;

	dial_stop_timer(&a->deadline);
	if (d->rung.is_tls && d->state == DIAL_RACING)
		dial_secure(d, a);
	else
		dial_hand_out(d, a);
}

static void dial_attempt_failed(struct dial_attempt *a, enum reason_kind kind, const char *detail)
{
	struct dial *d = a->dial;

	a->is_over = TRUE;
	dial_attempt_stop(a);
	if (d->winner == a)
		d->winner = NULL;
	dial_note(d, kind, detail);
	if (d->is_late) {
		dial_fail(d);
		return;
	}
	d->state = DIAL_RACING;
	dial_race(d);
}

static void dial_attempt_closed(struct conn *c, const struct reason *why, gpointer user)
{
	struct dial_attempt *a = user;
	struct dial *d = a->dial;

	if (dial_is_about_certificate(why)) {
		d->why = *why;
		d->has_why = TRUE;
		dial_fail(d);
		return;
	}
	dial_attempt_failed(a, why->kind, why->detail);
}

static gboolean dial_attempt_late(gpointer data)
{
	struct dial_attempt *a = data;

	a->deadline = 0;
	dial_attempt_failed(a, REASON_TIMEOUT, NULL);
	return G_SOURCE_REMOVE;
}

static const struct conn_handlers dial_attempt_handlers = {
	.ready = dial_attempt_ready,
	.data = dial_ignore_data,
	.writable = dial_ignore,
	.closed = dial_attempt_closed,
};

/* ---- the race of a rung's addresses (RFC 8305 section 5) ---- */

static gboolean dial_staggered(gpointer data)
{
	struct dial *d = data;

	d->stagger = 0;
	dial_race(d);
	return G_SOURCE_REMOVE;
}

/* The next address joins; when none is left and none is running, the rung has failed. */
static void dial_race(struct dial *d)
{
	gboolean is_running = FALSE;
	struct dial_attempt *next = NULL;
	guint i;

	dial_stop_timer(&d->stagger);
	for (i = 0; i < d->n_attempts; i++) {
		struct dial_attempt *a = &d->attempts[i];

		is_running = is_running || a->conn;
		if (!next && !a->conn && !a->is_over)
			next = a;
	}
	if (next) {
		next->conn = conn_open(d->account, next->host, d->rung.port, NULL,
				       &dial_attempt_handlers, next);
		next->deadline = purple_timeout_add(DIAL_ATTEMPT_MS, dial_attempt_late, next);
		d->stagger = purple_timeout_add(DIAL_STAGGER_MS, dial_staggered, d);
	} else if (!is_running) {
		dial_step_later(d);
	}
}

static void dial_add_attempt(struct dial *d, const char *host)
{
	struct dial_attempt *a = &d->attempts[d->n_attempts++];

	a->dial = d;
	a->host = g_strdup(host);
}

/* ---- addresses of a rung ---- */

/* FALSE: neither IPv4 nor IPv6. */
static gboolean dial_address_text(const struct sockaddr *address, gsize length, gboolean *ret_is_v6,
				  char text[INET6_ADDRSTRLEN])
{
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;

	if (length >= sizeof(v6) && address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof(v6));
		*ret_is_v6 = TRUE;
		return inet_ntop(AF_INET6, &v6.sin6_addr, text, INET6_ADDRSTRLEN) != NULL;
	}
	if (length >= sizeof(v4) && address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		*ret_is_v6 = FALSE;
		return inet_ntop(AF_INET, &v4.sin_addr, text, INET6_ADDRSTRLEN) != NULL;
	}
	return FALSE;
}

/* hosts: length, address, length, address, … as libpurple gives them. */
static void dial_take_addresses(struct dial *d, GSList *hosts)
{
	char texts[DIAL_ADDRESSES_MAX][INET6_ADDRSTRLEN];
	gboolean is_v6[DIAL_ADDRESSES_MAX];
	guint order[DIAL_ADDRESSES_MAX], n = 0, i;
	GSList *l;

	for (l = hosts; l && l->next && n < DIAL_ADDRESSES_MAX; l = l->next->next)
		if (dial_address_text(l->next->data, GPOINTER_TO_INT(l->data), &is_v6[n], texts[n]))
			n++;
	if (n > 0)
		ladder_interleave(is_v6, n, order);
	for (i = 0; i < n; i++)
		dial_add_attempt(d, texts[order[i]]);
}

static void dial_free_hosts(GSList *hosts)
{
	GSList *l;

	for (l = hosts; l && l->next; l = l->next->next)
		g_free(l->next->data);
	g_slist_free(hosts);
}

static void dial_resolved(GSList *hosts, gpointer data, const char *error_message)
{
	struct dial *d = data;

	d->query = NULL;
	dial_stop_timer(&d->query_deadline);
	dial_take_addresses(d, hosts);
	dial_free_hosts(hosts);
	if (d->n_attempts == 0) {
		dial_note(d, REASON_DNS, NULL);
		dial_step_later(d);
		return;
	}
	d->state = DIAL_RACING;
	dial_race(d);
}

static gboolean dial_resolve_late(gpointer data)
{
	struct dial *d = data;

	d->query_deadline = 0;
	dial_note(d, REASON_DNS, NULL);
	dial_drop_rung(d);
	dial_step_later(d);
	return G_SOURCE_REMOVE;
}

static void dial_resolve(struct dial *d)
{
	d->state = DIAL_RESOLVING;
	d->query =
		purple_dnsquery_a_account(d->account, d->rung.host, d->rung.port, dial_resolved, d);
	if (d->query) {
		d->query_deadline = purple_timeout_add(DIAL_RESOLVE_MS, dial_resolve_late, d);
		return;
	}
	dial_note(d, REASON_DNS, NULL);
	dial_step_later(d);
}

/* ---- rung after rung ---- */

/* Uniform in 0..limit: what would favour the low numbers is drawn again. */
static guint32 dial_draw(guint32 limit, gpointer user)
{
	guint64 range = (guint64)limit + 1, fair = (G_GUINT64_CONSTANT(1) << 32) / range * range;
	guint32 drawn;

	do {
		if (gnutls_rnd(GNUTLS_RND_NONCE, &drawn, sizeof(drawn)) < 0)
			return 0;
	} while (drawn >= fair);
	return drawn % range;
}

static void dial_climb(struct dial *d)
{
	dial_drop_rung(d);
	d->state = DIAL_CLIMBING;
	if ((d->has_why && dial_is_about_certificate(&d->why)) || d->is_late ||
	    !ladder_next(d->ladder, dial_draw, NULL, &d->rung)) {
		dial_fail(d);
		return;
	}
	/* A record may say anything; libpurple takes these for mistakes of ours. */
	if (d->rung.host[0] == '\0' || d->rung.port == 0) {
		dial_note(d, REASON_DNS, NULL);
		dial_step_later(d);
	} else if (d->is_by_proxy) {
		dial_add_attempt(d, d->rung.host);
		d->state = DIAL_RACING;
		dial_race(d);
	} else {
		dial_resolve(d);
	}
}

/* ---- SRV ---- */

static void dial_question_answered(struct dial_question *q, const struct ladder_srv *records,
				   guint n)
{
	struct dial *d = q->dial;
	guint i;

	dial_stop_timer(&q->deadline);
	q->is_open = FALSE;
	ladder_answer(d->ladder, q->service, records, n);
	for (i = 0; i < d->n_questions; i++)
		if (d->questions[i].is_open)
			return;
	dial_step_later(d);
}

static gboolean dial_says_not_offered(const struct ladder_srv *records, guint n)
{
	return n == 1 && (records[0].target[0] == '\0' || strcmp(records[0].target, ".") == 0);
}

/* libpurple sorts the records, but does not merge services; so its order is not used. */
static void dial_srv_resolved(PurpleSrvResponse *response, int results, gpointer data)
{
	struct dial_question *q = data;
	struct ladder_srv records[LADDER_RECORDS_MAX];
	guint n = 0;
	int i;

	q->query = NULL;
	for (i = 0; response && i < results && n < LADDER_RECORDS_MAX; i++) {
		response[i].hostname[sizeof(response[i].hostname) - 1] = '\0';
		records[n].target = response[i].hostname;
		records[n].port = CLAMP(response[i].port, 0, G_MAXUINT16);
		records[n].priority = CLAMP(response[i].pref, 0, G_MAXUINT16);
		records[n].weight = CLAMP(response[i].weight, 0, G_MAXUINT16);
		n++;
	}
	if (dial_says_not_offered(records, n))
		q->dial->is_not_offered = TRUE;
	dial_question_answered(q, records, n);
	g_free(response);
}

static gboolean dial_question_late(gpointer data)
{
	struct dial_question *q = data;

	q->deadline = 0;
	dial_question_close(q);
	dial_question_answered(q, NULL, 0);
	return G_SOURCE_REMOVE;
}

static void dial_ask(struct dial *d, struct dial_question *q)
{
	PurpleSrvTxtQueryData *query;

	/* Where libpurple fails at once, it has called back already. */
	query = purple_srv_resolve_account(d->account, q->service->name, "tcp", d->domain,
					   dial_srv_resolved, q);
	if (!q->is_open)
		return;
	q->query = query;
	q->deadline = purple_timeout_add(DIAL_RESOLVE_MS, dial_question_late, q);
}

static void dial_plan_question(struct dial *d, const struct ladder_service *service)
{
	struct dial_question *q;

	if (d->is_by_tor || d->n_questions == DIAL_SERVICES_MAX) {
		ladder_answer(d->ladder, service, NULL, 0);
		return;
	}
	q = &d->questions[d->n_questions++];
	q->dial = d;
	q->service = service;
	q->is_open = TRUE;
}

/* All at once: their answers are merged, and the slowest decides. */
static void dial_ask_all(struct dial *d)
{
	const struct ladder_service *service;
	guint i;

	while ((service = ladder_next_question(d->ladder)))
		dial_plan_question(d, service);
	for (i = 0; i < d->n_questions; i++)
		dial_ask(d, &d->questions[i]);
	if (d->n_questions == 0)
		dial_step_later(d);
}

/* ---- the owner's verbs ---- */

static gboolean dial_step(gpointer data)
{
	struct dial *d = data;

	d->step = 0;
	dial_climb(d);
	return G_SOURCE_REMOVE;
}

/* Never from inside a caller's frame: a rung that fails at once would recurse, or be told to an
 * owner who is not ready to hear. */
static void dial_step_later(struct dial *d)
{
	if (d->step == 0)
		d->step = purple_timeout_add(0, dial_step, d);
}

static void dial_set_ladder(struct dial *d, const struct dial_config *config)
{
	d->ladder = ladder_new(config->domain, config->services, config->n_services, config->port,
			       config->is_tls);
	if (config->host && config->host[0] != '\0')
		ladder_choose(d->ladder, config->host, config->port, config->is_tls);
}

struct dial *dial_start(const struct dial_config *config, const struct dial_handlers *handlers,
			gpointer user)
{
	struct dial *d = g_new0(struct dial, 1);
	PurpleProxyInfo *proxy = purple_proxy_get_setup(config->account);
	PurpleProxyType type = proxy ? purple_proxy_info_get_type(proxy) : PURPLE_PROXY_NONE;

	d->refs = 1;
	d->handlers = handlers;
	d->user = user;
	d->account = config->account;
	d->domain = g_strdup(config->domain);
	d->is_by_proxy = type != PURPLE_PROXY_NONE;
	d->is_by_tor = type == PURPLE_PROXY_TOR;
	d->tls.identity.name =
		g_strdup(config->tls.identity.name ? config->tls.identity.name : config->domain);
	d->tls.identity.srv = g_strdup(config->tls.identity.srv);
	d->tls.identity.other_oid = g_strdup(config->tls.identity.other_oid);
	d->tls.identity.other_value = g_strdup(config->tls.identity.other_value);
	d->tls.alpn = g_strdup(config->tls.alpn);
	d->tls.priority = g_strdup(config->tls.priority);
	d->left_ms = DIAL_TOTAL_MS;
	dial_set_ladder(d, config);
	dial_start_clock(d);
	dial_ask_all(d);
	return d;
}

void dial_next(struct dial *d, const struct reason *why)
{
	g_return_if_fail(d->state == DIAL_WAITING && d->step == 0);
	dial_note_reason(d, why);
	d->state = DIAL_CLIMBING;
	dial_start_clock(d);
	dial_step_later(d);
}
