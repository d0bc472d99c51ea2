/* SPDX-License-Identifier: GPL-2.0-or-later */
/* login: settings, connections, the login over HTTPS, progress, and what a failed login is called.
 */
#include "plugins/msnp8/prpl/login.h"

#include <accountopt.h>
#include <glib/gi18n-lib.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "common/purple/http.h"
#include "plugins/msnp8/prpl/buddies.h"
#include "plugins/msnp8/prpl/errors.h"
#include "plugins/msnp8/prpl/gateway.h"
#include "plugins/msnp8/prpl/kept.h"
#include "plugins/msnp8/prpl/pump.h"

#define NETWORK_OWN "own"
#define DEFAULT_NETWORK NETWORK_OWN
#define DEFAULT_SERVER ""
#define DEFAULT_PORT MSN_PORT
#define DEFAULT_NEXUS ""
#define DEFAULT_ALLOW_HTTP FALSE
#define DEFAULT_HTTP_METHOD FALSE
#define DEFAULT_GATEWAY ""
#define DEFAULT_GATEWAY_PORT 80
#define DEFAULT_USE_CACHE TRUE
#define DEFAULT_TRACE FALSE

#define NEXUS_PATH "/rdr/pprdr.asp"
#define LOGIN_STEPS 4

/* Networks whose servers are known; see README for where from. */
static const struct network {
	const char *id, *name, *server;
} networks[] = {
	{"escargot", "Escargot", "msnmsgr.escargot.chat"},
};

/* ---- settings ---- */

static PurpleAccountOption *network_option(void)
{
	GList *choices = NULL;

	for (guint i = 0; i <= G_N_ELEMENTS(networks); i++) {
		PurpleKeyValuePair *choice = g_new0(PurpleKeyValuePair, 1);
		const struct network *network = i ? &networks[i - 1] : NULL;

		choice->key = g_strdup(network ? network->name : _("The server below"));
		choice->value = g_strdup(network ? network->id : NETWORK_OWN);
		choices = g_list_append(choices, choice);
	}
	/* The first one is the default. */
	return purple_account_option_list_new(_("Network"), SETTING_NETWORK, choices);
}

GList *login_options(void)
{
	PurpleAccountOption *const options[] = {
		network_option(),
		purple_account_option_string_new(_("Server"), SETTING_SERVER, DEFAULT_SERVER),
		purple_account_option_int_new(_("Port"), SETTING_PORT, DEFAULT_PORT),
		purple_account_option_string_new(
			_("Login URL (empty: the usual one of the server)"), SETTING_NEXUS,
			DEFAULT_NEXUS),
		purple_account_option_bool_new(
			_("Allow a login without encryption (others can read the password)"),
			SETTING_ALLOW_HTTP, DEFAULT_ALLOW_HTTP),
		purple_account_option_bool_new(_("Connect through the HTTP gateway"),
					       SETTING_HTTP_METHOD, DEFAULT_HTTP_METHOD),
		purple_account_option_string_new(_("HTTP gateway (empty: the server)"),
						 SETTING_GATEWAY, DEFAULT_GATEWAY),
		purple_account_option_int_new(_("HTTP gateway's port"), SETTING_GATEWAY_PORT,
					      DEFAULT_GATEWAY_PORT),
		purple_account_option_bool_new(_("Keep the contact list between sign-ons"),
					       SETTING_USE_CACHE, DEFAULT_USE_CACHE),
		purple_account_option_bool_new(
			_("Write a trace of the connection (holds your messages)"), SETTING_TRACE,
			DEFAULT_TRACE),
	};
	GList *list = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(options); i++)
		list = g_list_append(list, options[i]);
	return list;
}

static char *setting_string(PurpleAccount *account, const char *setting, const char *otherwise)
{
	const char *value = purple_account_get_string(account, setting, otherwise);

	return g_strstrip(g_strdup(value ? value : otherwise));
}

static guint16 setting_port(PurpleAccount *account, const char *setting, guint16 otherwise)
{
	int port = purple_account_get_int(account, setting, otherwise);

	return port > 0 && port <= G_MAXUINT16 ? (guint16)port : otherwise;
}

/* What the user wrote, otherwise what is known of the chosen network. (transfer full) */
static char *setting_server(PurpleAccount *account)
{
	g_autofree char *written = setting_string(account, SETTING_SERVER, DEFAULT_SERVER);
	g_autofree char *chosen = setting_string(account, SETTING_NETWORK, DEFAULT_NETWORK);

	for (guint i = 0; i < G_N_ELEMENTS(networks) && !*written; i++) {
		if (strcmp(networks[i].id, chosen) == 0)
			return g_strdup(networks[i].server);
	}
	return g_steal_pointer(&written);
}

static char *setting_nexus(PurpleAccount *account, const char *server)
{
	char *nexus = setting_string(account, SETTING_NEXUS, DEFAULT_NEXUS);

	if (*nexus)
		return nexus;
	g_free(nexus);
	return g_strdup_printf(
		strchr(server, ':') ? "https://[%s]" NEXUS_PATH : "https://%s" NEXUS_PATH, server);
}

/* ---- connections ---- */

static struct transport *open_transport(struct client *c, const struct msn_event *want,
					const struct transport_handlers *handlers, gpointer user)
{
	g_autofree char *gateway = setting_string(c->account, SETTING_GATEWAY, DEFAULT_GATEWAY);
	struct gateway_config config = {
		.account = c->account,
		.gateway = *gateway ? gateway : c->host,
		.port = setting_port(c->account, SETTING_GATEWAY_PORT, DEFAULT_GATEWAY_PORT),
		.host = want->host,
		.is_switchboard = want->is_switchboard,
	};

	if (purple_account_get_bool(c->account, SETTING_HTTP_METHOD, DEFAULT_HTTP_METHOD))
		return gateway_open(&config, handlers, user);
	return transport_open(c->account, want->host, want->port, handlers, user);
}

/* ---- the login over HTTPS ---- */

struct asked {
	struct client *client;
	guint id;
	char *url;
	struct http *http;
};

static void asked_free(struct asked *a)
{
	a->client->asked = g_slist_remove(a->client->asked, a);
	http_free(a->http);
	g_free(a->url);
	g_free(a);
}

static void asked_done(struct asked *a, const struct msn_https_answer *answer)
{
	struct client *c = a->client;

	msn_session_answered(c->session, a->id, answer);
	asked_free(a);
	pump_turn(c);
}

static void http_answered(struct http *http, const struct http_answer *answer, gpointer user)
{
	g_autofree char *urls = fields_dup(answer->fields, "PassportURLs");
	g_autofree char *info = fields_dup(answer->fields, "Authentication-Info");
	g_autofree char *challenge = fields_dup(answer->fields, "WWW-Authenticate");
	g_autofree char *relative = fields_dup(answer->fields, "Location");
	struct asked *a = user;
	g_autofree char *location = relative ? http_url_join(a->url, relative) : NULL;

	a->client->is_https_lost = FALSE;
	asked_done(a, &(struct msn_https_answer){
			      .status = answer->status,
			      .passport_urls = urls,
			      .authentication_info = info,
			      .www_authenticate = challenge,
			      .location = location,
		      });
	/* The ticket is in it. */
	if (info)
		gnutls_memset(info, 0, strlen(info));
}

static void http_failed(struct http *http, const struct reason *why, gpointer user)
{
	struct asked *a = user;
	g_autofree char *text = reason_text(why);

	a->client->why = *why;
	a->client->is_https_lost = TRUE;
	asked_done(a, &(struct msn_https_answer){.why = text});
}

static const struct http_handlers http_handlers = {
	.answered = http_answered,
	.failed = http_failed,
};

static void want_https(struct client *c, const struct msn_event *ev)
{
	const char *headers[] = {"Authorization", ev->authorization, NULL};
	struct http_request request = {
		.method = "GET",
		.url = ev->url,
		.headers = ev->authorization ? headers : NULL,
	};
	struct asked *a = g_new0(struct asked, 1);

	a->client = c;
	a->id = ev->id;
	a->url = g_strdup(ev->url);
	a->http = http_new(c->account, &http_handlers, a);
	c->asked = g_slist_prepend(c->asked, a);
	if (!http_ask(a->http, &request)) {
		msn_session_answered(c->session, ev->id,
				     &(struct msn_https_answer){.why = _("It is no web address.")});
		asked_free(a);
	}
}

/* ---- signing in and out ---- */

static void progress(struct client *c, enum msn_progress step)
{
	const char *const texts[] = {
		[MSN_PROGRESS_SERVER] = _("Talking to the server"),
		[MSN_PROGRESS_PASSPORT] = _("Signing in"),
		[MSN_PROGRESS_LISTS] = _("Fetching the contact list"),
	};

	purple_connection_update_progress(c->gc, texts[step], (size_t)step + 1, LOGIN_STEPS);
}

static void ready(struct client *c)
{
	const char *url = msn_session_login_url(c->session);

	if (url)
		kept_set_login_url(c->kept, url);
}

static void keep_lists(struct client *c)
{
	g_autofree char *lists = msn_session_cache(c->session);

	if (lists && purple_account_get_bool(c->account, SETTING_USE_CACHE, DEFAULT_USE_CACHE))
		kept_set_lists(c->kept, lists);
}

static void ended(struct client *c, const struct msn_event *ev)
{
	g_autofree char *text = NULL;
	PurpleConnectionError error;

	pump_disconnect_all(c);
	if (ev->end == MSN_END_CLOSED)
		return;
	/* It may have moved. */
	if (ev->end == MSN_END_PASSPORT && !c->is_https_lost)
		kept_set_login_url(c->kept, NULL);
	error = error_of_end(ev, ev->end == MSN_END_LOST || c->is_https_lost ? &c->why : NULL,
			     &text);
	purple_connection_error_reason(c->gc, error, text);
}

static gboolean event(struct client *c, const struct msn_event *ev)
{
	switch (ev->type) {
	case MSN_EVENT_WANT_CONNECTION:
		pump_connect(c, ev, open_transport);
		return TRUE;
	case MSN_EVENT_DROP_CONNECTION:
		pump_disconnect(c, ev->id);
		return TRUE;
	case MSN_EVENT_WANT_HTTPS:
		want_https(c, ev);
		return TRUE;
	case MSN_EVENT_PROGRESS:
		progress(c, ev->progress);
		return TRUE;
	case MSN_EVENT_CACHE:
		keep_lists(c);
		return TRUE;
	case MSN_EVENT_READY:
		ready(c);
		return FALSE;
	case MSN_EVENT_ENDED:
		ended(c, ev);
		return TRUE;
	default:
		return FALSE;
	}
}

static void leave(struct client *c)
{
	while (c->asked)
		asked_free(c->asked->data);
	keep_lists(c);
	g_clear_pointer(&c->kept, kept_free);
	g_clear_pointer(&c->host, g_free);
	g_clear_pointer(&c->nexus, g_free);
}

static void unload(void)
{
	gateway_forget();
}

void login_start(PurpleAccount *account)
{
	PurpleConnection *gc = purple_account_get_connection(account);
	const char *password = purple_connection_get_password(gc);
	gboolean use_cache = purple_account_get_bool(account, SETTING_USE_CACHE, DEFAULT_USE_CACHE);
	g_autofree char *host = setting_server(account);
	g_autofree char *nexus = setting_nexus(account, host);
	struct kept *kept;
	struct client *c;
	struct msn_config config = {
		.account = purple_account_get_username(account),
		.password = password ? password : purple_account_get_password(account),
		.host = host,
		.port = setting_port(account, SETTING_PORT, DEFAULT_PORT),
		.nexus_url = nexus,
		.allow_http =
			purple_account_get_bool(account, SETTING_ALLOW_HTTP, DEFAULT_ALLOW_HTTP),
		.is_gateway =
			purple_account_get_bool(account, SETTING_HTTP_METHOD, DEFAULT_HTTP_METHOD),
		.trace = purple_account_get_bool(account, SETTING_TRACE, DEFAULT_TRACE),
		.random = cookie_random,
	};
	struct msn_session *session;

	gc->flags |= PURPLE_CONNECTION_HTML | PURPLE_CONNECTION_NO_IMAGES |
		     PURPLE_CONNECTION_NO_BGCOLOR | PURPLE_CONNECTION_NO_FONTSIZE |
		     PURPLE_CONNECTION_NO_URLDESC | PURPLE_CONNECTION_FORMATTING_WBFO;
	if (!*host) {
		purple_connection_error_reason(
			gc, PURPLE_CONNECTION_ERROR_INVALID_SETTINGS,
			_("MSN has no server of its own any more. Choose a network, or name a "
			  "server, in the account's settings."));
		return;
	}
	kept = kept_open(account, host, nexus);
	config.login_url = kept_login_url(kept);
	config.cache = use_cache ? kept_lists(kept) : NULL;
	session = msn_session_new(&config);
	if (!session) {
		kept_free(kept);
		purple_connection_error_reason(
			gc, PURPLE_CONNECTION_ERROR_INVALID_USERNAME,
			_("This is not an MSN account. The user name has the form "
			  "“name@example.org”."));
		return;
	}
	c = client_new(gc, session);
	c->host = g_steal_pointer(&host);
	c->nexus = g_steal_pointer(&nexus);
	c->kept = kept;
	if (!use_cache)
		kept_set_lists(kept, NULL);
	buddies_tell_state(c);
	if (config.trace)
		c->trace = trace_file_new(MSNP8, purple_account_get_username(account));
	purple_connection_update_progress(gc, _("Connecting"), 0, LOGIN_STEPS);
	pump_turn(c);
}

void login_close(PurpleConnection *gc)
{
	struct client *c = client_of(gc);

	if (c)
		client_close(c);
}

static const struct part login = {.event = event, .leave = leave, .unload = unload};
MSN_PART(login);
