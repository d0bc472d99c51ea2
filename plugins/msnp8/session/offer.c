/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offer: invitations to send a file or start an application: kept, and declined politely. */
#include "plugins/msnp8/session/core.h"
#include "plugins/msnp8/wire/invite.h"

#define OFFERS_MAX 64	/* kept at once; more get no answer */
#define OFFER_MS 300000 /* for which a repetition is known as one */

/* One invitation. */
struct offer {
	char *key;
};

static void offer_free(struct offer *o)
{
	g_free(o->key);
	g_free(o);
}

struct cookie_jar *msn_offers_new(void)
{
	return cookie_jar_new(OFFERS_MAX);
}

void msn_offers_free(struct cookie_jar *offers)
{
	struct offer *o;

	while ((o = cookie_abandon(offers)))
		offer_free(o);
	cookie_jar_free(offers);
}

/* A cookie is its inviter's: two people may choose the same. (transfer full) */
static char *key_of(const char *account, guint32 cookie)
{
	return g_strdup_printf("%u %s", cookie, account);
}

/* FALSE: it is known already, or there are too many. */
static gboolean remember(struct msn_session *s, const char *account,
			 const struct msn_invite *invite)
{
	struct offer *o;

	while ((o = cookie_expire(s->offers, s->now)))
		offer_free(o);
	o = g_new0(struct offer, 1);
	o->key = key_of(account, invite->cookie);
	if (cookie_put(s->offers, o->key, o, s->now + OFFER_MS))
		return TRUE;
	offer_free(o);
	return FALSE;
}

static void forget(struct msn_session *s, const char *account, guint32 cookie)
{
	g_autofree char *key = key_of(account, cookie);
	struct offer *o = cookie_take(s->offers, key);

	if (o)
		offer_free(o);
}

static void decline(struct msn_session *s, struct link *link, const struct msn_invite *invite)
{
	struct msn_invite answer = {
		.command = MSN_INVITE_CANCEL,
		.cookie = invite->cookie,
		.cancel = invite->is_file ? MSN_CANCEL_REJECT : MSN_CANCEL_NOT_INSTALLED,
	};
	GString *payload = g_string_new(NULL);

	if (msn_invite_write(payload, &answer) && msn_link_has_room(link, payload->len + 64))
		msn_send_payload(s, link, "MSG", "N", payload->str, payload->len);
	g_string_free(payload, TRUE);
}

void msn_offer_received(struct msn_session *s, struct link *link, guint chat, const char *account,
			const struct msn_body *body)
{
	struct msn_invite *invite = msn_invite_read(body->content, body->content_n);
	const char *what;

	if (!invite)
		return;
	what = invite->file ? invite->file : invite->application;
	if (invite->command == MSN_INVITE_CANCEL) {
		forget(s, account, invite->cookie);
	} else if (invite->command == MSN_INVITE_INVITE && remember(s, account, invite)) {
		decline(s, link, invite);
		msn_event_push(s, &(struct msn_event){
					  .type = MSN_EVENT_OFFER_DECLINED,
					  .chat = chat,
					  .account = msn_keep(s, account),
					  .text = msn_keep(s, what),
				  });
	}
	msn_invite_free(invite);
}
