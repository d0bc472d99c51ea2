/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sb: switchboards: asked for or rung by others, joined, spoken through, left. */
#include <gnutls/gnutls.h>
#include <string.h>

#include "plugins/msnp8/session/chat.h"

/* A message that waits for ACK or NAK, or a call that waits for its answer. */
struct pending {
	struct text *text;
	char *callee;
};

static void pending_free(struct pending *p)
{
	if (p->text)
		msn_text_free(p->text);
	g_free(p->callee);
	g_free(p);
}

static void wipe(char **secret)
{
	if (*secret)
		gnutls_memset(*secret, 0, strlen(*secret));
	g_clear_pointer(secret, g_free);
}

/* ---- beginning and end ---- */

struct sb *msn_sb_new(struct msn_session *s, struct chat *chat)
{
	struct sb *sb = g_new0(struct sb, 1);

	sb->chat = chat;
	sb->people = g_ptr_array_new_with_free_func(g_free);
	sb->unanswered = cookie_jar_new(MSN_UNCONFIRMED_MAX);
	sb->step_deadline = G_MAXINT64;
	sb->used = s->now;
	sb->at.data = sb;
	g_queue_push_tail_link(&s->chats->sbs, &sb->at);
	g_queue_push_tail(&chat->sbs, sb);
	return sb;
}

void msn_sb_free(struct msn_session *s, struct sb *sb)
{
	struct pending *p;

	g_queue_unlink(&s->chats->sbs, &sb->at);
	g_queue_remove(&sb->chat->sbs, sb);
	while ((p = cookie_abandon(sb->unanswered)))
		pending_free(p);
	cookie_jar_free(sb->unanswered);
	g_ptr_array_free(sb->people, TRUE);
	wipe(&sb->key);
	g_free(sb->sid);
	g_free(sb);
}

void msn_sb_move(struct sb *sb, struct chat *chat)
{
	g_queue_remove(&sb->chat->sbs, sb);
	sb->chat = chat;
	g_queue_push_tail(&chat->sbs, sb);
}

static void step(struct msn_session *s, struct sb *sb, enum sb_step to)
{
	sb->step = to;
	sb->step_deadline = s->now + MSN_STEP_MS;
}

static void call_refused(struct msn_session *s, const char *callee, int code)
{
	msn_refused(s, &(struct request){.what = MSN_REFUSED_INVITE, .account = callee}, code);
}

/* What was said and not confirmed; why negative: that is nobody's concern. */
static void give_up(struct msn_session *s, struct sb *sb, int why, int code)
{
	struct pending *p;

	while ((p = cookie_abandon(sb->unanswered))) {
		if (p->text && why >= 0)
			msn_text_failed(s, sb->chat, p->text, (enum msn_failure)why, code);
		else if (p->callee && sb->step == SB_OPEN && why >= 0)
			call_refused(s, p->callee, code);
		pending_free(p);
	}
}

void msn_sb_end(struct msn_session *s, struct sb *sb, int why, int code)
{
	struct chat *chat = sb->chat;

	give_up(s, sb, why, code);
	if (sb->link) {
		if (sb->link->is_open && !sb->link->is_closed)
			msn_send_bare(s, sb->link, "OUT");
		msn_link_drop(s, sb->link);
	}
	msn_sb_free(s, sb);
	msn_chat_lost_sb(s, chat, why >= 0 ? (enum msn_failure)why : MSN_FAILURE_LOST, code);
}

void msn_sb_lost(struct msn_session *s, struct sb *sb)
{
	msn_sb_end(s, sb, MSN_FAILURE_LOST, 0);
}

void msn_sbs_bye(struct msn_session *s)
{
	for (GList *l = s->chats->sbs.head, *next; l; l = next) {
		next = l->next;
		msn_sb_end(s, l->data, MSN_NO_FAILURE, 0);
	}
}

/* ---- asked for ---- */

void msn_sb_ask(struct msn_session *s, struct chat *chat)
{
	struct sb *sb = msn_sb_new(s, chat);

	step(s, sb, SB_XFR);
	sb->xfr = msn_send(s, s->ns, "XFR", "SB", NULL);
}

static struct sb *sb_of_xfr(const struct msn_session *s, guint32 trid)
{
	for (const GList *l = s->chats->sbs.head; l; l = l->next) {
		struct sb *sb = l->data;

		if (sb->step == SB_XFR && sb->xfr == trid)
			return sb;
	}
	return NULL;
}

gboolean msn_sb_refused(struct msn_session *s, guint32 trid, int code)
{
	struct sb *sb = sb_of_xfr(s, trid);

	if (!sb)
		return FALSE;
	msn_sb_end(s, sb, code == 913 ? MSN_FAILURE_HIDDEN : MSN_FAILURE_SERVER, code);
	return TRUE;
}

/* A connection to address for sb. FALSE: there cannot be one. */
static gboolean sb_connect(struct msn_session *s, struct sb *sb, const char *address,
			   const char *key)
{
	g_autofree char *host = NULL;
	guint16 port;

	if (!key[0] || !msn_address_read(address, &host, &port))
		return FALSE;
	sb->key = g_strdup(key);
	sb->step = SB_CONNECT;
	sb->step_deadline = G_MAXINT64; /* its owner says when it cannot be had */
	sb->link = msn_link_new(s, sb, host, port);
	return sb->link != NULL;
}

/* XFR SB address CKI key */
gboolean msn_sb_referred(struct msn_session *s, const struct msn_command *c)
{
	struct sb *sb = c->has_trid ? sb_of_xfr(s, c->trid) : NULL;

	if (!sb)
		return FALSE;
	if (!sb_connect(s, sb, msn_command_param(c, 1), msn_command_param(c, 3)))
		msn_sb_end(s, sb, MSN_FAILURE_SERVER, 0);
	return TRUE;
}

/* ---- rung ---- */

/* Room for one more to the same person: one that nobody needs may go. */
static gboolean make_room(struct msn_session *s, struct chat *chat)
{
	if (chat->sbs.length < MSN_SPARES_MAX)
		return TRUE;
	for (GList *l = chat->sbs.head; l; l = l->next) {
		struct sb *sb = l->data;

		if (sb->step == SB_OPEN && cookie_count(sb->unanswered) == 0) {
			msn_sb_end(s, sb, MSN_NO_FAILURE, 0);
			return TRUE;
		}
	}
	return FALSE;
}

/* RNG sid address CKI key account name. Who calls while we call him gets an answer too: whichever
 * switchboard opens first carries what waits, and both are one conversation. */
void msn_sb_ring(struct msn_session *s, const struct msn_command *c)
{
	g_autofree char *caller = msn_account_new(c->params[4]);
	struct chat *chat;
	struct sb *sb;

	if (!caller || strcmp(caller, s->account) == 0 || !msn_lists_may_call(s, caller) ||
	    s->chats->sbs.length >= MSN_SWITCHBOARDS_MAX)
		return;
	chat = msn_chat_with(s, caller);
	if (!make_room(s, chat))
		return;
	sb = msn_sb_new(s, chat);
	sb->sid = g_strdup(c->params[0]);
	if (!sb_connect(s, sb, c->params[1], c->params[3]))
		msn_sb_end(s, sb, MSN_FAILURE_SERVER, 0);
}

void msn_sb_opened(struct msn_session *s, struct sb *sb)
{
	if (sb->sid) {
		step(s, sb, SB_ANS);
		msn_send_secret(s, sb->link, 1, "ANS", s->account, sb->key, sb->sid, NULL);
	} else {
		step(s, sb, SB_USR);
		msn_send_secret(s, sb->link, 1, "USR", s->account, sb->key, NULL);
	}
	wipe(&sb->key);
}

/* ---- saying ---- */

static void key_of(guint32 trid, char key[16])
{
	g_snprintf(key, 16, "%u", trid);
}

static void await(struct msn_session *s, struct sb *sb, guint32 trid, struct text *text,
		  const char *callee, gint64 ms)
{
	struct pending *p = g_new0(struct pending, 1);
	char key[16];

	p->text = text;
	p->callee = g_strdup(callee);
	key_of(trid, key);
	sb->used = s->now;
	if (cookie_put(sb->unanswered, key, p, s->now + ms))
		return;
	if (text)
		msn_text_failed(s, sb->chat, text, MSN_FAILURE_TIMEOUT, 0);
	pending_free(p);
}

gboolean msn_sb_can_send(const struct sb *sb, guint messages, gsize octets)
{
	return cookie_count(sb->unanswered) + messages <= MSN_UNCONFIRMED_MAX &&
	       msn_link_has_room(sb->link, octets);
}

void msn_sb_say(struct msn_session *s, struct sb *sb, struct text *text)
{
	guint32 trid =
		msn_send_payload(s, sb->link, "MSG", "A", text->payload->str, text->payload->len);

	g_string_truncate(text->payload, 0);
	await(s, sb, trid, text, NULL, MSN_ACK_MS);
}

void msn_sb_whisper(struct msn_session *s, struct sb *sb, const GString *payload)
{
	msn_send_payload(s, sb->link, "MSG", "U", payload->str, payload->len);
	sb->used = s->now;
}

void msn_sb_call(struct msn_session *s, struct sb *sb, const char *account)
{
	await(s, sb, msn_send(s, sb->link, "CAL", account, NULL), NULL, account, MSN_STEP_MS);
}

/* ---- who is there ---- */

static int person_index(const struct sb *sb, const char *account)
{
	for (guint i = 0; i < sb->people->len; i++) {
		if (strcmp(sb->people->pdata[i], account) == 0)
			return (int)i;
	}
	return -1;
}

/* The account in raw, who is there from now on; NULL when there is nobody new. (transfer full) */
static char *person_add(struct msn_session *s, struct sb *sb, const char *raw)
{
	g_autofree char *account = msn_account_new(raw);

	if (!account || strcmp(account, s->account) == 0 || person_index(sb, account) >= 0 ||
	    sb->people->len >= MSN_PEOPLE_MAX)
		return NULL;
	g_ptr_array_add(sb->people, g_strdup(account));
	return g_steal_pointer(&account);
}

static void sb_is_open(struct msn_session *s, struct sb *sb)
{
	sb->step = SB_OPEN;
	sb->step_deadline = G_MAXINT64;
	sb->used = s->now;
	msn_chat_opened(s, sb->chat, sb);
}

/* JOI account name */
static void on_joi(struct msn_session *s, struct sb *sb, const struct msn_command *c)
{
	g_autofree char *name = msn_name_decode(msn_command_param(c, 1));
	g_autofree char *account = sb->step < SB_CALLING ? NULL : person_add(s, sb, c->params[0]);
	struct chat *chat = sb->chat;

	if (!account)
		return;
	if (!chat->is_group && sb->people->len > 1)
		msn_chat_grow(s, chat, sb);
	else if (chat->is_group)
		msn_event_push(s, &(struct msn_event){
					  .type = MSN_EVENT_CHAT_JOINED,
					  .chat = chat->number,
					  .account = msn_keep(s, account),
					  .name = msn_keep(s, name),
				  });
	if (sb->step == SB_CALLING)
		sb_is_open(s, sb);
}

/* IRO index count account name: before ANS OK */
static void on_iro(struct msn_session *s, struct sb *sb, const struct msn_command *c)
{
	if (sb->step == SB_ANS)
		g_free(person_add(s, sb, c->params[2]));
}

/* ANS OK: everybody who is there has been named, so it is known whose conversation this is. */
static void on_ans(struct msn_session *s, struct sb *sb, const struct msn_command *c)
{
	struct chat *old = sb->chat;
	const char *first;

	if (sb->step != SB_ANS)
		return;
	if (sb->people->len == 0) {
		msn_sb_end(s, sb, MSN_FAILURE_LEFT, 0);
		return;
	}
	first = sb->people->pdata[0];
	if (sb->people->len > 1 || strcmp(first, old->peer) != 0) {
		gboolean is_group = sb->people->len > 1;

		/* What was written to the caller alone is not for all of them. */
		msn_sb_move(sb,
			    is_group ? msn_chat_new(s, old->peer, TRUE) : msn_chat_with(s, first));
		if (is_group)
			msn_chat_grow(s, sb->chat, sb);
		if (old->sbs.length == 0 && old->waiting.length && s->stage == STAGE_READY)
			msn_sb_ask(s, old);
		else
			msn_chat_lost_sb(s, old, MSN_FAILURE_LEFT, 0);
	}
	sb_is_open(s, sb);
}

/* BYE account [1]: 1 is for having been idle. */
static void on_bye(struct msn_session *s, struct sb *sb, const struct msn_command *c)
{
	g_autofree char *account = msn_account_new(c->params[0]);
	int i = account ? person_index(sb, account) : -1;

	if (i < 0)
		return;
	g_ptr_array_remove_index(sb->people, (guint)i);
	if (sb->chat->is_group)
		msn_event_push(s, &(struct msn_event){
					  .type = MSN_EVENT_CHAT_LEFT,
					  .chat = sb->chat->number,
					  .account = msn_keep(s, account),
				  });
	if (sb->people->len == 0 && sb->step == SB_OPEN)
		msn_sb_end(s, sb, MSN_FAILURE_LEFT, 0);
}

/* USR OK: now somebody can be called. */
static void on_usr(struct msn_session *s, struct sb *sb, const struct msn_command *c)
{
	if (sb->step != SB_USR || strcmp(c->params[0], "OK") != 0)
		return;
	step(s, sb, SB_CALLING);
	msn_sb_call(s, sb, sb->chat->peer);
}

static struct pending *pending_take(struct sb *sb, const struct msn_command *c)
{
	char key[16];

	key_of(c->trid, key);
	return c->has_trid ? cookie_take(sb->unanswered, key) : NULL;
}

/* CAL RINGING session */
static void on_cal(struct msn_session *s, struct sb *sb, const struct msn_command *c)
{
	struct pending *p = pending_take(sb, c);

	if (!p)
		return;
	if (sb->step == SB_CALLING)
		step(s, sb, SB_CALLING);
	pending_free(p);
}

static void on_ack(struct msn_session *s, struct sb *sb, const struct msn_command *c)
{
	struct pending *p = pending_take(sb, c);

	if (p)
		pending_free(p);
}

static void on_nak(struct msn_session *s, struct sb *sb, const struct msn_command *c)
{
	struct pending *p = pending_take(sb, c);

	if (!p)
		return;
	if (p->text)
		msn_text_failed(s, sb->chat, p->text, MSN_FAILURE_NAK, 0);
	pending_free(p);
}

/* ---- what people say ---- */

static void tell_text(struct msn_session *s, const struct sb *sb, const char *account,
		      const char *name, const struct msn_body *body)
{
	struct msn_style style = body->style;

	style.font = msn_keep(s, body->style.font);
	msn_event_push(s, &(struct msn_event){
				  .type = MSN_EVENT_MESSAGE,
				  .chat = sb->chat->number,
				  .account = msn_keep(s, account),
				  .name = msn_keep(s, name),
				  .text = msn_keep(s, body->text),
				  .style = style,
				  .is_group = sb->chat->is_group,
			  });
}

static void tell_sign(struct msn_session *s, const struct sb *sb, const char *account,
		      enum msn_event_type type)
{
	msn_event_push(s, &(struct msn_event){
				  .type = type,
				  .chat = sb->chat->number,
				  .account = msn_keep(s, account),
				  .is_group = sb->chat->is_group,
			  });
}

/* MSG account name */
static void on_msg(struct msn_session *s, struct sb *sb, const struct msn_command *c,
		   const guint8 *payload, gsize n)
{
	g_autofree char *account = msn_account_new(msn_command_param(c, 0));
	g_autofree char *name = msn_name_decode(msn_command_param(c, 1));
	struct msn_body *body;

	if (sb->step < SB_ANS || !account || strcmp(account, s->account) == 0)
		return;
	body = msn_body_read(payload, n);
	if (!body)
		return;
	/* What he uses, we use. */
	g_queue_remove(&sb->chat->sbs, sb);
	g_queue_push_tail(&sb->chat->sbs, sb);
	sb->used = s->now;
	switch (body->type) {
	case MSN_BODY_TEXT:
		tell_text(s, sb, account, name, body);
		break;
	case MSN_BODY_TYPING:
		tell_sign(s, sb, account, MSN_EVENT_TYPING);
		break;
	case MSN_BODY_NUDGE:
		tell_sign(s, sb, account, MSN_EVENT_NUDGE);
		break;
	case MSN_BODY_INVITE:
		msn_offer_received(s, sb->link, sb->chat->number, account, body);
		break;
	default:
		break;
	}
	msn_body_free(body);
}

/* ---- errors ---- */

static enum msn_failure failure_of(int code)
{
	return code == 217   ? MSN_FAILURE_OFFLINE
	       : code == 216 ? MSN_FAILURE_BLOCKED
			     : MSN_FAILURE_SERVER;
}

static void on_error(struct msn_session *s, struct sb *sb, const struct msn_command *c)
{
	struct pending *p = pending_take(sb, c);

	if (sb->step < SB_CALLING) {
		msn_sb_end(s, sb, MSN_FAILURE_SERVER, c->error);
	} else if (p && p->text) {
		msn_text_failed(s, sb->chat, p->text, MSN_FAILURE_SERVER, c->error);
	} else if (p && sb->step == SB_OPEN) {
		call_refused(s, p->callee, c->error);
	} else if (p) {
		if (sb->chat->is_group)
			call_refused(s, p->callee, c->error);
		msn_sb_end(s, sb, failure_of(c->error), c->error);
	}
	if (p)
		pending_free(p);
}

static const struct {
	char verb[4];
	guint min; /* parameters after the TrID */
	void (*handle)(struct msn_session *s, struct sb *sb, const struct msn_command *c);
} commands[] = {
	{"USR", 1, on_usr}, {"CAL", 0, on_cal}, {"JOI", 1, on_joi}, {"IRO", 3, on_iro},
	{"ANS", 0, on_ans}, {"BYE", 1, on_bye}, {"ACK", 0, on_ack}, {"NAK", 0, on_nak},
};

void msn_sb_command(struct msn_session *s, struct sb *sb, const struct msn_command *c,
		    const guint8 *payload, gsize n)
{
	if (c->error) {
		on_error(s, sb, c);
		return;
	}
	if (strcmp(c->verb, "MSG") == 0) {
		on_msg(s, sb, c, payload, n);
		return;
	}
	if (strcmp(c->verb, "OUT") == 0) {
		msn_sb_end(s, sb, MSN_FAILURE_LOST, 0);
		return;
	}
	for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
		if (strcmp(c->verb, commands[i].verb) == 0 && c->n_params >= commands[i].min) {
			commands[i].handle(s, sb, c);
			return;
		}
	}
}

/* ---- time ---- */

static gint64 idle_deadline(const struct sb *sb)
{
	return sb->step == SB_OPEN && !sb->chat->is_group && cookie_count(sb->unanswered) == 0
		       ? sb->used + MSN_SWITCHBOARD_IDLE_MS
		       : G_MAXINT64;
}

static void expire(struct msn_session *s, struct sb *sb)
{
	struct pending *p;

	while ((p = cookie_expire(sb->unanswered, s->now))) {
		if (p->text)
			msn_text_failed(s, sb->chat, p->text, MSN_FAILURE_TIMEOUT, 0);
		else if (sb->step == SB_OPEN)
			call_refused(s, p->callee, 0);
		pending_free(p);
	}
}

void msn_chats_tick(struct msn_session *s)
{
	for (GList *l = s->chats->sbs.head, *next; l; l = next) {
		struct sb *sb = l->data;

		next = l->next;
		expire(s, sb);
		if (s->now >= sb->step_deadline) {
			if (sb->chat->is_group && sb->step == SB_CALLING)
				call_refused(s, sb->chat->peer, 0);
			msn_sb_end(s, sb, MSN_FAILURE_TIMEOUT, 0);
		} else if (s->now >= idle_deadline(sb)) {
			msn_sb_end(s, sb, MSN_NO_FAILURE, 0);
		}
	}
}

gint64 msn_chats_deadline(const struct msn_session *s)
{
	gint64 first = G_MAXINT64;

	for (const GList *l = s->chats->sbs.head; l; l = l->next) {
		const struct sb *sb = l->data;

		first = MIN(first, MIN(sb->step_deadline, cookie_deadline(sb->unanswered)));
		first = MIN(first, idle_deadline(sb));
	}
	return first;
}
