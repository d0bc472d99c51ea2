/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ladder: where to connect, decided from what was answered so far and from nothing else. */
#include "common/ladder.h"

#include <string.h>

struct service {
	struct ladder_service public; /* its name is ours */
	gboolean is_answered;
};

struct record {
	struct ladder_rung rung; /* its host is ours */
	guint16 priority, weight;
	gboolean is_given;
};

struct ladder {
	struct service *services;
	guint service_count, asked;
	struct record records[LADDER_RECORDS_MAX];
	guint record_count;
	struct ladder_rung last; /* the user's choice, the literal or the fallback */
	gboolean is_last_given;
	gboolean is_direct; /* last is the only rung: SRV is not asked */
	gboolean has_srv;   /* some service exists, whether or not its records are of use */
};

/* "[::1]" and "example.org." as the resolver wants them. (transfer full) */
static char *host_bare(const char *host)
{
	gsize n = strlen(host);

	if (n > 2 && host[0] == '[' && host[n - 1] == ']')
		return g_strndup(host + 1, n - 2);
	if (n > 1 && host[n - 1] == '.')
		n--;
	return g_strndup(host, n);
}

struct ladder *ladder_new(const char *domain, const struct ladder_service *services, guint n,
			  guint16 fallback_port, gboolean fallback_is_tls)
{
	struct ladder *l = g_new0(struct ladder, 1);

	l->last.host = host_bare(domain);
	l->last.port = fallback_port;
	l->last.is_tls = fallback_is_tls;
	l->is_last_given = fallback_port == 0;
	l->is_direct = g_hostname_is_ip_address(l->last.host);
	l->services = g_new0(struct service, n);
	l->service_count = n;
	for (guint i = 0; i < n; i++) {
		l->services[i].public = services[i];
		l->services[i].public.name = g_strdup(services[i].name);
	}
	return l;
}

void ladder_free(struct ladder *l)
{
	if (!l)
		return;
	for (guint i = 0; i < l->service_count; i++)
		g_free((char *)l->services[i].public.name);
	for (guint i = 0; i < l->record_count; i++)
		g_free((char *)l->records[i].rung.host);
	g_free((char *)l->last.host);
	g_free(l->services);
	g_free(l);
}

void ladder_choose(struct ladder *l, const char *host, guint16 port, gboolean is_tls)
{
	char *chosen = host_bare(host);

	g_free((char *)l->last.host);
	l->last.host = chosen;
	l->last.port = port;
	l->last.is_tls = is_tls;
	l->is_last_given = FALSE;
	l->is_direct = TRUE;
}

const struct ladder_service *ladder_next_question(struct ladder *l)
{
	if (l->is_direct || l->asked >= l->service_count)
		return NULL;
	return &l->services[l->asked++].public;
}

static struct service *service_find(struct ladder *l, const struct ladder_service *service)
{
	for (guint i = 0; i < l->service_count; i++)
		if (&l->services[i].public == service)
			return &l->services[i];
	return NULL;
}

static gboolean is_root(const char *target)
{
	return *target == '\0' || g_str_equal(target, ".");
}

static void record_add(struct ladder *l, const struct ladder_srv *srv, gboolean is_tls)
{
	if (l->record_count >= LADDER_RECORDS_MAX || is_root(srv->target) || srv->port == 0 ||
	    strnlen(srv->target, LADDER_HOST_MAX + 1) > LADDER_HOST_MAX)
		return;

	struct record *r = &l->records[l->record_count++];
	r->rung.host = host_bare(srv->target);
	r->rung.port = srv->port;
	r->rung.is_tls = is_tls;
	r->priority = srv->priority;
	r->weight = srv->weight;
}

void ladder_answer(struct ladder *l, const struct ladder_service *service,
		   const struct ladder_srv *records, guint n)
{
	struct service *s = service_find(l, service);

	g_return_if_fail(s != NULL);
	if (s->is_answered || l->is_direct)
		return;
	s->is_answered = TRUE;
	if (n == 1 && is_root(records[0].target)) {
		if (s->public.is_tls == l->last.is_tls)
			l->is_last_given = TRUE;
		return;
	}
	for (guint i = 0; i < n; i++)
		record_add(l, &records[i], s->public.is_tls);
	/* RFC 6120 section 3.2.1: who publishes records means them, also when they lead nowhere. */
	l->has_srv |= n > 0;
}

/* ---- the order ------------------------------------------------------------------------------ */

struct level {
	guint16 priority;
	guint32 weight; /* the sum: 64 times 65535 at most */
};

/* The lowest priority of the records that are left. FALSE when none is. */
static gboolean level_find(const struct ladder *l, struct level *ret_level)
{
	struct level level = {G_MAXUINT16, 0};
	gboolean has_record = FALSE;

	for (guint i = 0; i < l->record_count; i++) {
		const struct record *r = &l->records[i];

		if (r->is_given || (has_record && r->priority > level.priority))
			continue;
		if (!has_record || r->priority < level.priority)
			level = (struct level){r->priority, 0};
		has_record = TRUE;
		level.weight += r->weight;
	}
	if (has_record)
		*ret_level = level;
	return has_record;
}

/* The first record of the level whose running sum reaches mark; those without a weight come first
 * in the sum, so they are taken when mark is 0 and only then. */
static struct record *level_pick(struct ladder *l, const struct level *level, guint32 mark)
{
	guint32 sum = 0;

	for (int has_weight = 0; has_weight <= 1; has_weight++)
		for (guint i = 0; i < l->record_count; i++) {
			struct record *r = &l->records[i];

			if (r->is_given || r->priority != level->priority ||
			    (r->weight > 0) != has_weight)
				continue;
			sum += r->weight;
			if (sum >= mark)
				return r;
		}
	return NULL;
}

gboolean ladder_next(struct ladder *l, ladder_draw_h draw, gpointer user,
		     struct ladder_rung *ret_rung)
{
	struct level level;

	if (!l->is_direct && level_find(l, &level)) {
		guint32 mark = level.weight > 0 ? draw(level.weight, user) : 0;
		struct record *r = level_pick(l, &level, MIN(mark, level.weight));

		r->is_given = TRUE;
		*ret_rung = r->rung;
		return TRUE;
	}
	if (l->is_last_given || (l->has_srv && !l->is_direct))
		return FALSE;
	l->is_last_given = TRUE;
	*ret_rung = l->last;
	return TRUE;
}

/* The first index at or after i that is of that family, n when there is none. */
static guint next_of(const gboolean *is_v6, guint n, guint i, gboolean family)
{
	while (i < n && !is_v6[i] != !family)
		i++;
	return i;
}

void ladder_interleave(const gboolean *is_v6, guint n, guint *ret_order)
{
	guint next[2] = {next_of(is_v6, n, 0, FALSE), next_of(is_v6, n, 0, TRUE)};
	gboolean family = TRUE;

	for (guint count = 0; count < n; count++, family = !family) {
		if (next[family] == n)
			family = !family;
		ret_order[count] = next[family];
		next[family] = next_of(is_v6, n, next[family] + 1, family);
	}
}
