/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request: what the notification server was asked; each is answered, refused or given up once. */
#include "plugins/msnp8/session/core.h"

#define REQUESTS_MAX 10000 /* at once: removing a group of many people is one each */

struct asked {
	struct request r;
	char *account, *name, *detail;
};

static void asked_free(struct asked *a)
{
	g_free(a->account);
	g_free(a->name);
	g_free(a->detail);
	g_free(a);
}

struct cookie_jar *msn_requests_new(void)
{
	return cookie_jar_new(REQUESTS_MAX);
}

gboolean msn_request_has_room(const struct msn_session *s, guint n)
{
	return cookie_count(s->requests) + n <= REQUESTS_MAX &&
	       msn_link_has_room(s->ns, (gsize)n * (MSN_NAME_MAX + MSN_ACCOUNT_MAX + 64));
}

void msn_request_put(struct msn_session *s, guint32 trid, const struct request *r)
{
	char key[16];
	struct asked *a = g_new0(struct asked, 1);

	a->r = *r;
	a->r.account = a->account = g_strdup(r->account);
	a->r.name = a->name = g_strdup(r->name);
	a->r.detail = a->detail = g_strdup(r->detail);
	g_snprintf(key, sizeof key, "%u", trid);
	if (!cookie_put(s->requests, key, a, s->now + MSN_ACK_MS))
		asked_free(a);
}

void msn_refused(struct msn_session *s, const struct request *r, int code)
{
	msn_event_push(s, &(struct msn_event){
				  .type = MSN_EVENT_REFUSED,
				  .refused = r->what,
				  .account = msn_keep(s, r->account),
				  .name = msn_keep(s, r->name),
				  .code = MAX(code, 0),
			  });
}

static void settle(struct msn_session *s, struct asked *a, int code)
{
	if (a->r.handler)
		a->r.handler(s, &a->r, code);
	else if (code != 0)
		msn_refused(s, &a->r, code);
	asked_free(a);
}

gboolean msn_request_answered(struct msn_session *s, guint32 trid, int code)
{
	char key[16];
	struct asked *a;

	g_snprintf(key, sizeof key, "%u", trid);
	a = cookie_take(s->requests, key);
	if (!a)
		return FALSE;
	settle(s, a, code);
	return TRUE;
}

void msn_request_expire(struct msn_session *s)
{
	struct asked *a;

	while ((a = cookie_expire(s->requests, s->now)))
		settle(s, a, MSN_NO_ANSWER);
}

void msn_request_abandon(struct msn_session *s)
{
	struct asked *a;

	while ((a = cookie_abandon(s->requests)))
		asked_free(a);
}
