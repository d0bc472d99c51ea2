/* SPDX-License-Identifier: GPL-2.0-or-later */
/* login: settings, dialling, TLS, progress, and what a failed login is called. */
#include "plugins/xmpp-lite/prpl/login.h"

#include <accountopt.h>
#include <debug.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "plugins/xmpp-lite/prpl/errors.h"
#include "plugins/xmpp-lite/prpl/pump.h"
#include "plugins/xmpp-lite/wire/jid.h"

#define DEFAULT_SERVER ""
#define DEFAULT_PORT 0 /* the usual one */
#define DEFAULT_DIRECT_TLS FALSE
#define DEFAULT_NO_PLAIN FALSE
#define DEFAULT_REQUIRE_BINDING FALSE
#define DEFAULT_TRACE FALSE

#define PORT_STARTTLS 5222
#define PORT_DIRECT_TLS 5223
#define OID_XMPP_ADDR "1.3.6.1.5.5.7.8.5" /* RFC 6120 section 13.7.1.4 */
#define LOGIN_STEPS 6

GList *login_options(void)
{
	GList *options = NULL;

	options = g_list_append(options, purple_account_option_string_new(
						 _("Server (empty: find it by the domain)"),
						 SETTING_SERVER, DEFAULT_SERVER));
	options = g_list_append(options, purple_account_option_int_new(_("Port (0: the usual one)"),
								       SETTING_PORT, DEFAULT_PORT));
	options = g_list_append(
		options, purple_account_option_bool_new(_("TLS from the start instead of STARTTLS"),
							SETTING_DIRECT_TLS, DEFAULT_DIRECT_TLS));
	options = g_list_append(options, purple_account_option_int_new(_("Priority (-128 to 127)"),
								       SETTING_PRIORITY, 0));
	options = g_list_append(options,
				purple_account_option_bool_new(_("Never send the password itself"),
							       SETTING_NO_PLAIN, DEFAULT_NO_PLAIN));
	options = g_list_append(options, purple_account_option_bool_new(
						 _("Require channel binding"),
						 SETTING_REQUIRE_BINDING, DEFAULT_REQUIRE_BINDING));
	options = g_list_append(options,
				purple_account_option_bool_new(
					_("Write a trace of the connection (holds your messages)"),
					SETTING_TRACE, DEFAULT_TRACE));
	return options;
}

/* ---- finding the server ---- */

static char *account_domain(PurpleAccount *account)
{
	g_autofree char *jid = jid_new(purple_account_get_username(account));

	return jid ? jid_domain(jid) : NULL;
}

/* Whom the certificate has to name: the domain, whatever host we are sent to (RFC 6120
 * section 13.7.2.1). */
static struct conn_tls tls_for(const char *domain, const char *ascii, gboolean is_direct)
{
	return (struct conn_tls){
		.identity = {.name = ascii,
			     .srv = "_xmpp-client",
			     .other_oid = OID_XMPP_ADDR,
			     .other_value = domain},
		.alpn = is_direct ? "xmpp-client" : NULL,
	};
}

static void dial_connected(struct dial *d, struct conn *conn, gboolean is_tls, gpointer user)
{
	pump_connected(user, conn);
}

static void dial_failed(struct dial *d, const struct reason *why, gpointer user)
{
	struct client *c = user;

	c->why = *why;
	xmpp_session_closed(c->session);
	pump_turn(c);
}

static const struct dial_handlers dial_handlers = {.connected = dial_connected,
						   .failed = dial_failed};

/* host NULL: the user's choice, or what the domain's SRV records say. */
static void connect_to(struct client *c, const char *host, guint16 port)
{
	static const struct ladder_service services[] = {
		{.name = "xmpps-client", .is_tls = TRUE},
		{.name = "xmpp-client", .is_tls = FALSE},
	};
	g_autofree char *domain = account_domain(c->account);
	g_autofree char *ascii = jid_domain_ascii(domain);
	gboolean is_tls =
		purple_account_get_bool(c->account, SETTING_DIRECT_TLS, DEFAULT_DIRECT_TLS);
	int chosen_port = purple_account_get_int(c->account, SETTING_PORT, DEFAULT_PORT);
	struct dial_config config = {
		.account = c->account,
		.domain = ascii,
		.services = services,
		.n_services = G_N_ELEMENTS(services),
		.host = purple_account_get_string(c->account, SETTING_SERVER, DEFAULT_SERVER),
		.port = is_tls ? PORT_DIRECT_TLS : PORT_STARTTLS,
		.is_tls = is_tls,
		.tls = tls_for(domain, ascii, TRUE),
	};

	if (chosen_port > 0 && chosen_port <= G_MAXUINT16)
		config.port = (guint16)chosen_port;
	if (host) {
		config.host = host;
		config.port = port;
		config.is_tls = FALSE;
	}
	g_clear_pointer(&c->dial, dial_free);
	c->dial = dial_start(&config, &dial_handlers, c);
}

static void want_connection(struct client *c, const struct xmpp_event *ev)
{
	if (c->conn && ev->end == XMPP_END_TIMEOUT)
		reason_set(&c->why, REASON_TIMEOUT, NULL, 0, NULL);
	g_clear_pointer(&c->conn, conn_free);
	if (ev->is_again && c->dial)
		dial_next(c->dial, &c->why);
	else
		connect_to(c, ev->host, ev->port);
}

static void want_tls(struct client *c)
{
	g_autofree char *domain = account_domain(c->account);
	g_autofree char *ascii = jid_domain_ascii(domain);
	struct conn_tls tls = tls_for(domain, ascii, FALSE);

	if (c->conn)
		conn_start_tls(c->conn, &tls);
}

/* ---- signing in and out ---- */

static void progress(struct client *c, enum xmpp_progress step)
{
	const char *const texts[] = {
		[XMPP_PROGRESS_STREAM] = _("Opening the stream"),
		[XMPP_PROGRESS_TLS] = _("Encrypting the connection"),
		[XMPP_PROGRESS_AUTH] = _("Signing in"),
		[XMPP_PROGRESS_BIND] = _("Opening the session"),
	};

	purple_connection_update_progress(c->gc, texts[step], (size_t)step + 1, LOGIN_STEPS);
}

static void authenticated(struct client *c, const char *mechanism)
{
	purple_debug_info(XMPP_LITE, "signed in by %s\n", mechanism);
	/* The connection has proved itself: other endpoints are no longer needed. */
	g_clear_pointer(&c->dial, dial_free);
	/* A server that has once done without the password itself must not ask for it later
	 * (XEP-0474 section 4). */
	if (g_str_has_prefix(mechanism, "SCRAM-"))
		purple_account_set_bool(c->account, SETTING_NO_PLAIN, TRUE);
}

static void ended(struct client *c, const struct xmpp_event *ev)
{
	g_autofree char *domain = account_domain(c->account);
	g_autofree char *text = NULL;
	PurpleConnectionError error;

	g_clear_pointer(&c->dial, dial_free);
	g_clear_pointer(&c->conn, conn_free);
	if (ev->end == XMPP_END_CLOSED)
		return;
	error = error_of_end(ev, &c->why, domain, &text);
	purple_connection_error_reason(c->gc, error, text);
}

static gboolean event(struct client *c, const struct xmpp_event *ev)
{
	switch (ev->type) {
	case XMPP_EVENT_WANT_CONNECTION:
		want_connection(c, ev);
		return TRUE;
	case XMPP_EVENT_WANT_TLS:
		want_tls(c);
		return TRUE;
	case XMPP_EVENT_PROGRESS:
		progress(c, ev->progress);
		return TRUE;
	case XMPP_EVENT_AUTHENTICATED:
		authenticated(c, ev->mechanism);
		return TRUE;
	case XMPP_EVENT_ENDED:
		ended(c, ev);
		return TRUE;
	default:
		return FALSE;
	}
}

void login_start(PurpleAccount *account)
{
	PurpleConnection *gc = purple_account_get_connection(account);
	g_autofree char *domain = account_domain(account);
	g_autofree char *ascii = domain ? jid_domain_ascii(domain) : NULL;
	const char *password = purple_connection_get_password(gc);
	struct xmpp_config config = {
		.jid = purple_account_get_username(account),
		.password = password ? password : purple_account_get_password(account),
		/* TRANSLATORS: the BCP 47 tag of the language these sentences are translated into,
		   such as "de" or "pt-BR". */
		.language = C_("language tag", "en"),
		.software = "XMPP Lite",
		.no_plain = purple_account_get_bool(account, SETTING_NO_PLAIN, DEFAULT_NO_PLAIN),
		.require_binding = purple_account_get_bool(account, SETTING_REQUIRE_BINDING,
							   DEFAULT_REQUIRE_BINDING),
		.trace = purple_account_get_bool(account, SETTING_TRACE, DEFAULT_TRACE),
		.random = cookie_random,
	};
	struct xmpp_session *session = ascii ? xmpp_session_new(&config) : NULL;
	struct client *c;

	gc->flags |= PURPLE_CONNECTION_NO_IMAGES | PURPLE_CONNECTION_NO_BGCOLOR |
		     PURPLE_CONNECTION_NO_FONTSIZE | PURPLE_CONNECTION_NO_URLDESC;
	if (!session) {
		purple_connection_error_reason(gc, PURPLE_CONNECTION_ERROR_INVALID_USERNAME,
					       _("This is not an XMPP address. The user name has "
						 "the form “name@example.org”."));
		return;
	}
	c = client_new(gc, session);
	if (config.trace)
		c->trace = trace_file_new(XMPP_LITE, purple_account_get_username(account));
	purple_connection_update_progress(gc, _("Connecting"), 0, LOGIN_STEPS);
	pump_turn(c);
}

void login_close(PurpleConnection *gc)
{
	struct client *c = client_of(gc);

	if (c)
		client_close(c);
}

static const struct part login = {.event = event};
XMPP_PART(login);
