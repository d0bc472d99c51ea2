/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ladder: the endpoints to try and their order (the user's choice, SRV records, the default port).
 * A decision table without DNS: the answers are told to it, the next rung is asked of it. */
#ifndef COMMON_LADDER_H
#define COMMON_LADDER_H
#include <glib.h>

/* One SRV service that may lead to the server, in the caller's order. */
struct ladder_service {
	const char *name; /* "xmpp-client": without underscore and protocol */
	gboolean is_tls;  /* TLS from the first octet on */
};

/* One endpoint to try. */
struct ladder_rung {
	/* A name or an IP literal, without brackets or trailing dot; (transfer none), lives as long
	 * as the ladder. */
	const char *host;
	guint16 port;
	gboolean is_tls;
};

/* One record of an SRV answer (RFC 2782). */
struct ladder_srv {
	const char *target;
	guint16 port, priority, weight;
};

#define LADDER_RECORDS_MAX 64 /* records kept per ladder; more are ignored */
#define LADDER_HOST_MAX 255   /* octets of a target; a record with a longer one is ignored */

struct ladder;

/* A ladder to domain. services: n of them, copied. fallback_port: where the domain itself is tried
 * when no service has a record (0: nowhere), with fallback_is_tls. (transfer full) */
struct ladder *ladder_new(const char *domain, const struct ladder_service *services, guint n,
			  guint16 fallback_port, gboolean fallback_is_tls);
void ladder_free(struct ladder *l); /* NULL is fine */

/* The user named the server: it is the only rung, SRV is not asked. */
void ladder_choose(struct ladder *l, const char *host, guint16 port, gboolean is_tls);

/* The next service whose records are wanted, or NULL when there is no more to ask (at once when the
 * user chose, or domain is an IP literal). Each service is asked once. (transfer none), lives as
 * long as the ladder. */
const struct ladder_service *ladder_next_question(struct ladder *l);
/* Its answer: n records, copied; 0 when there are none or the resolver failed. Only the first
 * answer to a service counts. A single record with target "." (or "") says that the service is not
 * offered: then the fallback of its kind (is_tls) is not used (RFC 2782, XEP-0368); one that says
 * so of direct TLS alone tells nothing about the default port without it. Records without a port
 * or with a target "." beside others lead nowhere and are left out. */
void ladder_answer(struct ladder *l, const struct ladder_service *service,
		   const struct ladder_srv *records, guint n);

/* A number uniform in 0..limit inclusive. */
typedef guint32 (*ladder_draw_h)(guint32 limit, gpointer user);

/* The next rung to try; FALSE when all were given. All services' records are merged as one set:
 * lowest priority first, inside a priority a draw weighted as in RFC 2782 (records of weight 0
 * first in the running sum; nothing is drawn when no record has a weight). The fallback only when
 * no service answered with a record. Call after the last question was answered. */
gboolean ladder_next(struct ladder *l, ladder_draw_h draw, gpointer user,
		     struct ladder_rung *ret_rung);

/* Order addresses for RFC 8305 section 4: families alternate, beginning with that of IPv6 if there
 * is one, otherwise the given order is kept. is_v6: n flags; ret_order gets n indexes. */
void ladder_interleave(const gboolean *is_v6, guint n, guint *ret_order);
#endif
