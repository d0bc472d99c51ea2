/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dial: climbs a ladder of endpoints to one connection: SRV, addresses of both families raced by
 * RFC 8305, time limits, the next on failure. */
#ifndef COMMON_PURPLE_DIAL_H
#define COMMON_PURPLE_DIAL_H
#include <account.h>

#include "common/ladder.h"
#include "common/purple/conn.h"

#define DIAL_STAGGER_MS 250   /* between the starts of two attempts (RFC 8305 section 5) */
#define DIAL_ATTEMPT_MS 10000 /* for one address; by a proxy for one rung */
#define DIAL_RESOLVE_MS 10000 /* for one DNS question */
#define DIAL_TOTAL_MS 60000   /* for the whole climb, without the time a person takes to answer a
			       * question, and without that between connected and dial_next */
#define DIAL_ADDRESSES_MAX 16 /* of one name; more are ignored */
#define DIAL_SERVICES_MAX 8   /* SRV services of one dial; more are ignored */

struct dial;

struct dial_config {
	PurpleAccount *account;
	const char *domain;                    /* as A-labels */
	const struct ladder_service *services; /* SRV services, n_services of them */
	guint n_services;
	const char *host;                      /* the user's own choice; NULL or "": by SRV */
	guint16 port;                          /* goes with host, or is the domain's port when no
						* SRV record exists */
	gboolean is_tls;                       /* goes with port */
	struct conn_tls tls;                   /* for the rungs that are TLS at once; without a
						* name, that of the domain is expected */
};

struct dial_handlers {
	/* c is ready (TLS included where the rung has it) and now the owner's: set its handlers
	 * before returning. is_tls: of the rung. */
	void (*connected)(struct dial *d, struct conn *c, gboolean is_tls, gpointer user);
	/* No rung is left; why is the reason of the last one that got furthest. The dial still has
	 * to be freed. */
	void (*failed)(struct dial *d, const struct reason *why, gpointer user);
};

/* Everything in config is copied; handlers: (transfer none), static. Nothing is delivered before
 * it returns. With a proxy, names are left for the proxy to resolve and each rung is one attempt;
 * with Tor no DNS is asked at all. A certificate that is refused ends the climb: another address
 * of the same server would show the same, and the user was asked once. (transfer full) */
struct dial *dial_start(const struct dial_config *config, const struct dial_handlers *handlers,
			gpointer user);
/* The connection that was handed out did not do (it ended before it was of use, for that reason):
 * go on with the next rung. */
void dial_next(struct dial *d, const struct reason *why);
/* Silence from now on; attempts under way are given up. NULL is fine. Legal in its own callbacks. */
void dial_free(struct dial *d);
#endif
