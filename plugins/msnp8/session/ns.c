/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ns: the notification server after the login: presence, challenges, keeping alive, mail, the end.
 */
#include <gnutls/gnutls.h>
#include <string.h>

#include "plugins/msnp8/session/core.h"
#include "plugins/msnp8/wire/challenge.h"

#define CLIENT_CAPABILITIES "0" /* optional once; revival servers ignore a CHG without it */

/* What the mailbox is entered with. */
struct mailbox {
	char *mspauth, *sid, *kv;  /* of the profile */
	char *post_url, *rru, *id; /* of the last answer to URL */
	gint64 since;		   /* when the profile came */
	guint unread;
};

static void wipe(char **secret)
{
	if (*secret)
		gnutls_memset(*secret, 0, strlen(*secret));
	g_clear_pointer(secret, g_free);
}

struct mailbox *msn_mailbox_new(void)
{
	return g_new0(struct mailbox, 1);
}

void msn_mailbox_free(struct mailbox *m)
{
	wipe(&m->mspauth);
	g_free(m->sid);
	g_free(m->kv);
	g_free(m->post_url);
	g_free(m->rru);
	g_free(m->id);
	g_free(m);
}

/* ---- our own state and name ---- */

static void state_send(struct msn_session *s)
{
	guint32 trid = msn_send(s, s->ns, "CHG", msn_state_code(s->wanted_state),
				CLIENT_CAPABILITIES, NULL);

	msn_request_put(s, trid, &(struct request){.what = MSN_REFUSED_STATE});
}

gboolean msn_state_set(struct msn_session *s, enum msn_state state)
{
	if (state == MSN_OFFLINE || s->stage == STAGE_ENDED ||
	    (s->stage == STAGE_READY && !msn_request_has_room(s, 1)))
		return FALSE;
	s->wanted_state = state;
	if (s->stage == STAGE_READY)
		state_send(s);
	return TRUE;
}

gboolean msn_name_set(struct msn_session *s, const char *name)
{
	g_autofree char *encoded = msn_name_encode(name);

	if (s->stage != STAGE_READY || !encoded[0] || strlen(encoded) > MSN_NAME_MAX ||
	    !msn_request_has_room(s, 1))
		return FALSE;
	msn_request_put(s, msn_send(s, s->ns, "REA", s->account, encoded, NULL),
			&(struct request){.what = MSN_REFUSED_RENAME, .name = name});
	return TRUE;
}

void msn_ns_ready(struct msn_session *s)
{
	gboolean is_first = !s->was_ready;

	s->stage = STAGE_READY;
	s->was_ready = TRUE;
	s->step_deadline = G_MAXINT64;
	s->referrals = 0;
	if (is_first)
		msn_event_push(s, &(struct msn_event){
					  .type = MSN_EVENT_READY,
					  .name = msn_keep(s, s->name),
				  });
	/* Without it nobody is told that we are here, and we are told of nobody. */
	state_send(s);
}

/* ---- presence ---- */

/* A state nobody has heard of is some way of not being there. */
static enum msn_state state_of(const char *code)
{
	for (enum msn_state state = MSN_OFFLINE; state <= MSN_HIDDEN; state++) {
		if (strcmp(msn_state_code(state), code) == 0)
			return state;
	}
	return MSN_AWAY;
}

static void tell_presence(struct msn_session *s, const char *account, enum msn_state state)
{
	msn_event_push(s, &(struct msn_event){
				  .type = MSN_EVENT_PRESENCE,
				  .account = msn_keep(s, account),
				  .name = msn_keep(s, msn_lists_name(s, account)),
				  .state = state,
			  });
}

/* ILN and NLN: state account name */
static void on_nln(struct msn_session *s, const struct msn_command *c)
{
	g_autofree char *account = msn_account_new(msn_command_param(c, 1));

	if (!account)
		return;
	if (c->n_params > 2) {
		g_autofree char *name = msn_name_decode(c->params[2]);

		msn_lists_set_name(s, account, name);
	}
	tell_presence(s, account, state_of(c->params[0]));
}

static void on_fln(struct msn_session *s, const struct msn_command *c)
{
	g_autofree char *account = msn_account_new(c->params[0]);

	if (account)
		tell_presence(s, account, MSN_OFFLINE);
}

static void on_chg(struct msn_session *s, const struct msn_command *c)
{
	s->state = state_of(c->params[0]);
}

/* ---- challenge ---- */

static void on_chl(struct msn_session *s, const struct msn_command *c)
{
	char answer[MSN_DIGEST_SIZE];

	if (msn_challenge_answer(MSN_CLIENT_ID, c->params[0], answer))
		msn_send_payload(s, s->ns, "QRY", MSN_CLIENT_ID, answer, strlen(answer));
}

/* ---- mail ---- */

static void on_profile(struct msn_session *s, struct msn_body *body)
{
	struct mailbox *m = s->mailbox;

	wipe(&m->mspauth);
	g_free(m->sid);
	g_free(m->kv);
	m->mspauth = g_steal_pointer(&body->mspauth);
	m->sid = g_steal_pointer(&body->sid);
	m->kv = g_steal_pointer(&body->kv);
	m->since = s->now;
}

static void tell_mail(struct msn_session *s)
{
	msn_event_push(s, &(struct msn_event){.type = MSN_EVENT_MAIL, .count = s->mailbox->unread});
}

static gboolean is_inbox(const char *folder)
{
	return folder && g_ascii_strcasecmp(folder, MSN_INBOX_FOLDER) == 0;
}

static void on_new_mail(struct msn_session *s, const struct msn_body *body)
{
	if (body->folder && !is_inbox(body->folder))
		return;
	if (s->mailbox->unread < G_MAXUINT)
		s->mailbox->unread++;
	msn_event_push(s, &(struct msn_event){
				  .type = MSN_EVENT_NEW_MAIL,
				  .account = msn_keep(s, body->account),
				  .name = msn_keep(s, body->name),
				  .text = msn_keep(s, body->subject),
			  });
}

static void on_moved_mail(struct msn_session *s, const struct msn_body *body)
{
	guint unread = s->mailbox->unread;

	if (is_inbox(body->from_folder))
		s->mailbox->unread -= MIN(unread, body->count);
	else if (is_inbox(body->folder))
		s->mailbox->unread += MIN(G_MAXUINT - unread, body->count);
	if (s->mailbox->unread != unread)
		tell_mail(s);
}

static void on_msg(struct msn_session *s, const struct msn_command *c, const guint8 *payload,
		   gsize n)
{
	struct msn_body *body;

	/* Anybody else who speaks here pretends to be the server. */
	if (g_ascii_strcasecmp(msn_command_param(c, 0), "Hotmail") != 0)
		return;
	body = msn_body_read(payload, n);
	if (!body)
		return;
	switch (body->type) {
	case MSN_BODY_PROFILE:
		on_profile(s, body);
		break;
	case MSN_BODY_INITIAL_MAIL:
		s->mailbox->unread = body->inbox;
		tell_mail(s);
		break;
	case MSN_BODY_NEW_MAIL:
		on_new_mail(s, body);
		break;
	case MSN_BODY_MOVED_MAIL:
		on_moved_mail(s, body);
		break;
	case MSN_BODY_SYSTEM:
		if (body->system_type == 1)
			msn_event_push(s, &(struct msn_event){
						  .type = MSN_EVENT_SHUTDOWN,
						  .count = body->count,
					  });
		break;
	default:
		break;
	}
	msn_body_free(body);
}

gboolean msn_inbox_ask(struct msn_session *s)
{
	if (s->stage != STAGE_READY || !msn_request_has_room(s, 1))
		return FALSE;
	msn_request_put(s, msn_send(s, s->ns, "URL", "INBOX", NULL),
			&(struct request){.what = MSN_REFUSED_INBOX});
	return TRUE;
}

/* URL rru post-url id */
static void on_url(struct msn_session *s, const struct msn_command *c)
{
	struct mailbox *m = s->mailbox;

	g_free(m->rru);
	g_free(m->post_url);
	g_free(m->id);
	m->rru = msn_name_decode(c->params[0]);
	m->post_url = msn_name_decode(c->params[1]);
	m->id = msn_name_decode(msn_command_param(c, 2));
	msn_event_push(
		s, &(struct msn_event){.type = MSN_EVENT_INBOX, .url = msn_keep(s, m->post_url)});
}

char *msn_session_inbox_page(const struct msn_session *s)
{
	const struct mailbox *m = s->mailbox;

	if (!m->post_url)
		return NULL;
	return msn_inbox_page(&(struct msn_inbox){
		.post_url = m->post_url,
		.rru = m->rru,
		.id = m->id,
		.mspauth = m->mspauth,
		.sid = m->sid,
		.kv = m->kv,
		.account = s->account,
		.password = s->password,
		.age = (guint64)(s->now - m->since) / 1000,
	});
}

/* ---- being sent on, called, and shown out ---- */

static void on_xfr(struct msn_session *s, const struct msn_command *c)
{
	if (strcmp(c->params[0], "NS") == 0)
		msn_login_referred(s, c);
	else if (strcmp(c->params[0], "SB") == 0 && s->stage == STAGE_READY)
		msn_sb_referred(s, c);
}

static void on_rng(struct msn_session *s, const struct msn_command *c)
{
	if (s->was_ready)
		msn_sb_ring(s, c);
}

static void on_out(struct msn_session *s, const struct msn_command *c)
{
	const char *why = msn_command_param(c, 0);

	if (strcmp(why, "OTH") == 0)
		msn_finish(s, MSN_END_OTHER_PLACE, 0, NULL);
	else if (strcmp(why, "SSD") == 0)
		msn_finish(s, MSN_END_GOING_DOWN, 0, NULL);
	else
		msn_finish(s, MSN_END_SERVER_CLOSED, 0, NULL);
}

/* ---- errors ---- */

/* Those that are about the whole session when they answer nothing that was asked. */
static gboolean is_fatal(int code)
{
	static const int codes[] = {500, 501, 510, 520, 540, 600, 601, 602, 603, 604, 605,
				    700, 711, 712, 714, 717, 911, 917, 921, 922, 928};

	for (guint i = 0; i < G_N_ELEMENTS(codes); i++) {
		if (codes[i] == code)
			return TRUE;
	}
	return FALSE;
}

static void on_error(struct msn_session *s, const struct msn_command *c)
{
	if (c->has_trid && c->trid &&
	    (msn_sb_refused(s, c->trid, c->error) || msn_request_answered(s, c->trid, c->error)))
		return;
	if (s->stage == STAGE_LISTS || is_fatal(c->error))
		msn_finish(s, MSN_END_SERVER_ERROR, c->error, NULL);
}

static const struct {
	char verb[4];
	guint min;	   /* parameters after the TrID */
	gboolean is_early; /* means something before the login is done */
	void (*handle)(struct msn_session *s, const struct msn_command *c);
} commands[] = {
	{"NLN", 2, FALSE, on_nln}, {"ILN", 2, FALSE, on_nln}, {"FLN", 1, FALSE, on_fln},
	{"CHG", 1, FALSE, on_chg}, {"CHL", 1, TRUE, on_chl},  {"URL", 2, FALSE, on_url},
	{"XFR", 2, TRUE, on_xfr},  {"RNG", 5, FALSE, on_rng}, {"OUT", 0, TRUE, on_out},
};

static void handle(struct msn_session *s, const struct msn_command *c)
{
	gboolean is_late = s->stage >= STAGE_LISTS;

	for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
		if (strcmp(c->verb, commands[i].verb) != 0)
			continue;
		if (c->n_params >= commands[i].min && (is_late || commands[i].is_early))
			commands[i].handle(s, c);
		return;
	}
	if (!is_late)
		msn_login_command(s, c);
	else
		msn_lists_command(s, c);
}

void msn_ns_command(struct msn_session *s, const struct msn_command *c, const guint8 *payload,
		    gsize n)
{
	if (s->stage == STAGE_LISTS)
		s->step_deadline = s->now + MSN_STEP_MS;
	if (c->error && s->stage >= STAGE_LISTS) {
		on_error(s, c);
		return;
	}
	if (strcmp(c->verb, "MSG") == 0) {
		on_msg(s, c, payload, n);
		return;
	}
	handle(s, c);
	/* SYN is answered by what follows it; the rest is granted by being repeated. */
	if (s->stage == STAGE_READY && c->has_trid && c->trid)
		msn_request_answered(s, c->trid, 0);
}

/* ---- time ---- */

static gint64 ping_deadline(const struct msn_session *s)
{
	return s->stage == STAGE_READY && !s->is_gateway
		       ? s->heard + MSN_PING_MS * (s->is_pinged ? 2 : 1)
		       : G_MAXINT64;
}

void msn_ns_tick(struct msn_session *s)
{
	msn_request_expire(s);
	if (s->now >= s->cache_deadline)
		msn_lists_tell_cache(s);
	if (s->now < ping_deadline(s))
		return;
	if (s->is_pinged) {
		msn_finish(s, MSN_END_TIMEOUT, 0, NULL);
		return;
	}
	s->is_pinged = TRUE;
	msn_send_bare(s, s->ns, "PNG");
}

gint64 msn_ns_deadline(const struct msn_session *s)
{
	gint64 first = MIN(s->cache_deadline, cookie_deadline(s->requests));

	return MIN(first, ping_deadline(s));
}
