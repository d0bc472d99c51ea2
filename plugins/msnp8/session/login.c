/* SPDX-License-Identifier: GPL-2.0-or-later */
/* login: VER, CVR, USR and what lies between: the Passport login over HTTPS, and being sent on. */
#include <gnutls/gnutls.h>
#include <string.h>

#include "plugins/msnp8/session/core.h"
#include "plugins/msnp8/wire/passport.h"

#define LOCALE "0x0409"
#define CLIENT_VERSION "5.0.0544" /* of the official client that spoke this protocol */

struct passport {
	char *nexus_url;
	char *login_url; /* where the next login goes; nullable */
	char *known_url; /* what has worked, or was said to have worked; nullable */
	gboolean allow_http;
	gboolean is_nexus_asked, is_nexus; /* what runs is the nexus, not the login */
	gboolean has_worked;
	guint request, redirects;
	char *server_string; /* what "USR TWN S" brought */
	char *authorization; /* while an event shows it */
};

static void wipe(char **secret)
{
	if (*secret)
		gnutls_memset(*secret, 0, strlen(*secret));
	g_clear_pointer(secret, g_free);
}

struct passport *msn_passport_new(const struct msn_config *config)
{
	struct passport *p = g_new0(struct passport, 1);

	p->nexus_url = g_strdup(config->nexus_url ? config->nexus_url : "");
	if (config->login_url && config->login_url[0])
		p->known_url = g_strdup(config->login_url);
	p->allow_http = config->allow_http;
	return p;
}

void msn_passport_free(struct passport *p)
{
	wipe(&p->authorization);
	g_free(p->nexus_url);
	g_free(p->login_url);
	g_free(p->known_url);
	g_free(p->server_string);
	g_free(p);
}

void msn_passport_forget(struct passport *p)
{
	wipe(&p->authorization);
}

const char *msn_session_login_url(const struct msn_session *s)
{
	return s->passport->has_worked ? s->passport->known_url : NULL;
}

/* ---- HTTPS ---- */

static gboolean has_scheme(const char *url, const char *scheme)
{
	return g_ascii_strncasecmp(url, scheme, strlen(scheme)) == 0;
}

/* FALSE: the session is over, because url may not be asked. */
static gboolean may_ask(struct msn_session *s, const char *url)
{
	if (has_scheme(url, "https://") || (s->passport->allow_http && has_scheme(url, "http://")))
		return TRUE;
	if (has_scheme(url, "http://"))
		msn_finish(s, MSN_END_INSECURE, 0, url);
	else
		msn_finish(s, MSN_END_PASSPORT, 0, "no HTTPS address to log in at");
	return FALSE;
}

static void ask(struct msn_session *s, const char *url, const char *authorization)
{
	s->passport->request++;
	msn_event_push(s, &(struct msn_event){
				  .type = MSN_EVENT_WANT_HTTPS,
				  .id = s->passport->request,
				  .url = msn_keep(s, url),
				  .authorization = authorization,
			  });
}

static void ask_nexus(struct msn_session *s, const char *url)
{
	struct passport *p = s->passport;

	if (!may_ask(s, url))
		return;
	p->is_nexus = p->is_nexus_asked = TRUE;
	ask(s, url, NULL);
}

/* takes url */
static void ask_login(struct msn_session *s, char *url)
{
	struct passport *p = s->passport;

	g_free(p->login_url);
	p->login_url = url;
	if (!may_ask(s, url))
		return;
	p->is_nexus = FALSE;
	wipe(&p->authorization);
	p->authorization = msn_passport_authorization(s->account, s->password, p->server_string);
	if (p->authorization)
		ask(s, url, p->authorization);
	else
		msn_finish(s, MSN_END_BROKEN, 0, "USR: what is to be handed to the login server");
}

static void passport_start(struct msn_session *s)
{
	struct passport *p = s->passport;

	s->stage = STAGE_PASSPORT;
	/* A person may be asked about a certificate meanwhile: the owner's patience counts. */
	s->step_deadline = G_MAXINT64;
	p->redirects = 0;
	p->is_nexus_asked = FALSE;
	if (p->known_url)
		ask_login(s, g_strdup(p->known_url));
	else
		ask_nexus(s, p->nexus_url);
}

static void redirected(struct msn_session *s, const char *location)
{
	struct passport *p = s->passport;

	if (!location || ++p->redirects > MSN_REDIRECTS_MAX)
		msn_finish(s, MSN_END_PASSPORT, 0, "redirected without end");
	else if (p->is_nexus)
		ask_nexus(s, location);
	else
		ask_login(s, g_strdup(location));
}

static void unusable(struct msn_session *s, const struct msn_https_answer *answer)
{
	struct passport *p = s->passport;
	g_autofree char *status = g_strdup_printf("HTTP status %d", answer->status);

	/* An address remembered from long ago may be no more: the nexus knows. */
	if (!p->is_nexus_asked && p->nexus_url[0]) {
		g_clear_pointer(&p->known_url, g_free);
		p->redirects = 0;
		ask_nexus(s, p->nexus_url);
		return;
	}
	msn_finish(s, MSN_END_PASSPORT, 0,
		   answer->status == 0 ? (answer->why ? answer->why : "no answer") : status);
}

static void nexus_answered(struct msn_session *s, const struct msn_https_answer *answer)
{
	char *url = answer->passport_urls ? msn_passport_login_url(answer->passport_urls) : NULL;

	if (url)
		ask_login(s, url);
	else if (answer->status >= 300 && answer->status < 400)
		redirected(s, answer->location);
	else if (answer->status == 200)
		msn_finish(s, MSN_END_PASSPORT, 0, "the nexus names no login server");
	else
		unusable(s, answer);
}

static void granted(struct msn_session *s, char *ticket)
{
	struct passport *p = s->passport;

	p->has_worked = TRUE;
	/* Where redirects led is for this time only. */
	if (p->redirects == 0) {
		g_free(p->known_url);
		p->known_url = g_strdup(p->login_url);
	}
	msn_step(s, STAGE_TICKET);
	msn_send_secret(s, s->ns, 2, "USR", "TWN", "S", ticket, NULL);
}

static void login_answered(struct msn_session *s, const struct msn_https_answer *answer)
{
	const char *info = answer->authentication_info;
	enum msn_passport_status said = msn_passport_status(info ? info : answer->www_authenticate);
	char *ticket = NULL;

	if (answer->status == 401 || said == MSN_PASSPORT_FAILED) {
		g_autofree char *words = answer->www_authenticate
						 ? msn_passport_words(answer->www_authenticate)
						 : NULL;

		msn_finish(s, MSN_END_PASSWORD, 0, words);
	} else if (answer->status >= 300 && answer->status < 400) {
		redirected(s, answer->location);
	} else if (answer->status != 200) {
		unusable(s, answer);
	} else if (info && (ticket = msn_passport_ticket(info))) {
		granted(s, ticket);
		wipe(&ticket);
	} else {
		msn_finish(s, MSN_END_PASSPORT, 0, "the login server gives no ticket");
	}
}

void msn_session_answered(struct msn_session *s, guint id, const struct msn_https_answer *answer)
{
	if (s->stage != STAGE_PASSPORT || id != s->passport->request)
		return;
	if (s->passport->is_nexus)
		nexus_answered(s, answer);
	else
		login_answered(s, answer);
}

/* ---- the ladder ---- */

void msn_login_start(struct msn_session *s)
{
	s->heard = s->now;
	s->is_pinged = FALSE;
	if (!s->was_ready)
		msn_event_push(s, &(struct msn_event){.type = MSN_EVENT_PROGRESS,
						      .progress = MSN_PROGRESS_SERVER});
	msn_step(s, STAGE_VER);
	/* Some servers choose the highest they know of what is offered, so nothing else is. */
	msn_send(s, s->ns, "VER", "MSNP8", "CVR0", NULL);
}

void msn_login_referred(struct msn_session *s, const struct msn_command *c)
{
	g_autofree char *host = NULL;
	guint16 port;

	if (!msn_address_read(msn_command_param(c, 1), &host, &port)) {
		msn_finish(s, MSN_END_BROKEN, 0, "XFR to no address");
		return;
	}
	if (++s->referrals > MSN_REFERRALS_MAX) {
		msn_finish(s, MSN_END_REFERRALS, 0, NULL);
		return;
	}
	msn_reconnect(s, host, port);
}

static void on_ver(struct msn_session *s, const struct msn_command *c)
{
	if (strcmp(msn_command_param(c, 0), "MSNP8") != 0) {
		msn_finish(s, MSN_END_VERSION, 0, NULL);
		return;
	}
	msn_step(s, STAGE_CVR);
	msn_send(s, s->ns, "CVR", LOCALE, "winnt", "5.1", "i386", "MSNMSGR", CLIENT_VERSION,
		 "MSMSGS", s->account, NULL);
}

static void on_cvr(struct msn_session *s, const struct msn_command *c)
{
	msn_step(s, STAGE_USR);
	msn_send(s, s->ns, "USR", "TWN", "I", s->account, NULL);
}

static void on_usr_challenge(struct msn_session *s, const struct msn_command *c)
{
	if (strcmp(msn_command_param(c, 0), "TWN") != 0 ||
	    strcmp(msn_command_param(c, 1), "S") != 0) {
		msn_finish(s, MSN_END_BROKEN, 0, "USR: another way to log in");
		return;
	}
	g_free(s->passport->server_string);
	s->passport->server_string = g_strdup(msn_command_param(c, 2));
	if (!s->was_ready)
		msn_event_push(s, &(struct msn_event){.type = MSN_EVENT_PROGRESS,
						      .progress = MSN_PROGRESS_PASSPORT});
	passport_start(s);
}

/* USR OK account name verified restricted */
static void on_usr_ok(struct msn_session *s, const struct msn_command *c)
{
	if (strcmp(msn_command_param(c, 0), "OK") != 0) {
		msn_finish(s, MSN_END_BROKEN, 0, "USR: not granted, not refused");
		return;
	}
	g_free(s->name);
	s->name = msn_name_decode(c->n_params > 2 ? c->params[2] : s->account);
	if (!s->was_ready)
		msn_event_push(s, &(struct msn_event){.type = MSN_EVENT_PROGRESS,
						      .progress = MSN_PROGRESS_LISTS});
	msn_step(s, STAGE_LISTS);
	msn_lists_sync(s);
}

static const struct {
	enum stage stage;
	char verb[4];
	void (*handle)(struct msn_session *s, const struct msn_command *c);
} steps[] = {
	{STAGE_VER, "VER", on_ver},
	{STAGE_CVR, "CVR", on_cvr},
	{STAGE_USR, "USR", on_usr_challenge},
	{STAGE_TICKET, "USR", on_usr_ok},
};

void msn_login_command(struct msn_session *s, const struct msn_command *c)
{
	if (c->error) {
		msn_finish(s, MSN_END_SERVER_ERROR, c->error, NULL);
		return;
	}
	for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
		if (steps[i].stage == s->stage && strcmp(steps[i].verb, c->verb) == 0) {
			steps[i].handle(s, c);
			return;
		}
	}
	/* Whoever speaks the protocol answers VER with VER. */
	if (s->stage == STAGE_VER)
		msn_finish(s, MSN_END_NOT_MSN, 0, c->verb);
}
