/* SPDX-License-Identifier: GPL-2.0-or-later */
/* passport: Passport 1.4 as the two dialects speak it, and what login servers do on bad days. */
#include "tests/peers/msnp8/passport.h"

#include "tests/peers/msnp8/ns.h"

#include <string.h>

#define SCHEME "Passport1.4 "
#define REDIRECTS 2

const char *passport_server_string(const struct server *s)
{
	return options_is_revival(s->options)
		       ? "ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1"
		       : "lc=1033,id=507,tw=40,fs=1,ru=http%3A%2F%2Fmessenger%2Emsn%2Ecom,"
			 "ct=1062764229,kpp=1,kv=5,ver=2.1.0173.1,tpf=43f8a4c8ed940c04";
}

/* ---- tickets ---- */

static char *ticket_new(struct server *s, struct user *u)
{
	struct ticket *ticket = g_new0(struct ticket, 1);
	char *text;

	if (options_is_revival(s->options))
		text = random_hex(20);
	else {
		g_autofree char *t = random_base64(48), *p = random_base64(48);

		text = g_strdup_printf("t=%s&p=%s", t, p);
	}
	ticket->user = u;
	ticket->made = server_seconds();
	g_hash_table_replace(s->tickets, g_strdup(text), ticket);
	return text;
}

struct user *ticket_take(struct server *s, const char *text)
{
	struct ticket *ticket = g_hash_table_lookup(s->tickets, text);
	struct user *u = NULL;

	if (!ticket)
		return NULL;
	if (server_seconds() - ticket->made <= options_number(s->options, "ticket-life") &&
	    options_is(s->options, "ticket", "right"))
		u = ticket->user;
	g_hash_table_remove(s->tickets, text);
	return u;
}

/* ---- nexus ---- */

static char *passport_base(const struct server *s, gboolean is_tls)
{
	return g_strdup_printf("%s://localhost:%u", is_tls ? "https" : "http",
			       s->ports[is_tls ? PORT_HTTPS : PORT_GATEWAY]);
}

static void nexus_answer(struct server *s, const struct http_request *r)
{
	g_autofree char *base = passport_base(s, r->is_tls);
	g_autofree char *fields = NULL;

	/* The original names a host and a path, the revival a whole URL; and its HTTP library
	 * writes header names its own way. */
	if (options_is_revival(s->options))
		fields = g_strdup_printf("Passporturls: DALogin=%s/login\r\n", base);
	else
		fields =
			g_strdup_printf("PassportURLs: DARealm=Passport.Net,DALogin=%s/login2.srf,"
					"DAReg=%s/register,Properties=%s/edit,ConfigVersion=11\r\n",
					strstr(base, "://") + 3, base, base);
	http_answer(r, 200, fields, "", 0);
}

static void nexus_request(struct server *s, const struct http_request *r)
{
	if (options_is(s->options, "nexus", "missing"))
		http_answer(r, 200, "", "", 0);
	else if (options_is(s->options, "nexus", "busy"))
		http_answer(r, 503, "", "", 0);
	else if (options_is(s->options, "nexus", "garbage"))
		http_answer(r, 200, "PassportURLs: DALogin=,=,\r\n", "", 0);
	else if (options_is(s->options, "nexus", "silent"))
		http_silence(r);
	else
		nexus_answer(s, r);
}

/* ---- login ---- */

static void login_refuse(struct server *s, const struct http_request *r)
{
	http_answer(r, 401,
		    options_is_revival(s->options)
			    ? "WWW-Authenticate: " SCHEME "da-status=failed\r\n"
			    : "WWW-Authenticate: " SCHEME
			      "da-status=failed,srealm=Passport.NET,ts=-3,prompt,cburl=http://"
			      "localhost/logo.gif,cbtxt=This%20password%20is%20not%20yours.\r\n",
		    "", 0);
}

static void login_grant(struct server *s, const struct http_request *r, struct user *u)
{
	g_autofree char *ticket = ticket_new(s, u);
	g_autofree char *fields = g_strdup_printf(
		options_is_revival(s->options)
			? "Authentication-Info: " SCHEME "da-status=success,from-PP='%s'\r\n"
			: "Authentication-Info: " SCHEME "da-status=success,tname=MSPAuth,"
			  "tname=MSPProf,tname=MSPSec,from-PP='%s',ru=http://messenger.msn.com\r\n",
		ticket);

	http_answer(r, 200, fields, "SUCCESS", 7);
}

/* The value of a field of the Authorization line, decoded. (transfer full), nullable */
static char *login_field(char **fields, const char *name)
{
	gsize n = strlen(name);
	guint i;

	for (i = 0; fields[i]; i++)
		if (!strncmp(fields[i], name, n) && fields[i][n] == '=')
			return g_uri_unescape_string(fields[i] + n + 1, NULL);
	return NULL;
}

/* The original wants its own string back as it gave it. */
static gboolean login_tail_is_right(const struct server *s, const char *authorization)
{
	return options_is_revival(s->options) ||
	       g_str_has_suffix(authorization, passport_server_string(s));
}

static void login_check(struct server *s, const struct http_request *r)
{
	const char *authorization = http_field(r, "authorization");
	g_auto(GStrv) fields = NULL;
	g_autofree char *account = NULL, *password = NULL;
	struct user *u;

	if (!authorization || !g_str_has_prefix(authorization, SCHEME)) {
		if (options_is_revival(s->options))
			http_answer(r, 500, "", "", 0);
		else
			login_refuse(s, r);
		return;
	}
	fields = g_strsplit(authorization + strlen(SCHEME), ",", -1);
	account = login_field(fields, "sign-in");
	password = login_field(fields, "pwd");
	u = account ? users_find_any_case(s->users, account) : NULL;
	if (u && password && !g_strcmp0(u->password, password) &&
	    login_tail_is_right(s, authorization))
		login_grant(s, r, u);
	else
		login_refuse(s, r);
}

static void login_redirect(struct server *s, const struct http_request *r, gboolean is_tls,
			   guint step)
{
	g_autofree char *base = passport_base(s, is_tls);
	g_autofree char *fields =
		g_strdup_printf("Location: %s/login/%u?lc=1033\r\n"
				"Authentication-Info: " SCHEME "da-status=redir,tname=,tname=\r\n",
				base, step);

	http_answer(r, 302, fields, "", 0);
}

static void login_request(struct server *s, const struct http_request *r)
{
	guint step =
		g_str_has_prefix(r->path, "/login/") ? g_ascii_strtoull(r->path + 7, NULL, 10) : 0;
	const char *how = options_get(s->options, "login");

	if (!strcmp(how, "busy"))
		http_answer(r, 503, "", "", 0);
	else if (!strcmp(how, "garbage"))
		http_answer(r, 200, "Authentication-Info: " SCHEME "from-PP='\r\n", "", 0);
	else if (!strcmp(how, "silent"))
		http_silence(r);
	else if (!strcmp(how, "loop") || (!strcmp(how, "redirect") && step < REDIRECTS))
		login_redirect(s, r, r->is_tls, step + 1);
	else if (!strcmp(how, "plain") && r->is_tls)
		login_redirect(s, r, FALSE, step + 1);
	else
		login_check(s, r);
}

/* ---- the mailbox: who has read the profile and knows the password may come in ---- */

static void mailbox_request(struct server *s, const struct http_request *r)
{
	g_autofree char *form = g_strndup((const char *)r->body, r->n_body);
	g_autofree char *account = http_parameter(form, "username");
	g_autofree char *auth = http_parameter(form, "auth");
	g_autofree char *creds = http_parameter(form, "creds");
	g_autofree char *seconds = http_parameter(form, "sl");
	struct user *u = account ? users_find_any_case(s->users, account) : NULL;
	const char *expected = u && u->ns ? ((struct ns *)u->ns->state)->auth : NULL;
	g_autofree char *text = NULL, *sum = NULL;

	if (expected && auth && creds && seconds) {
		g_autofree char *full = g_strconcat(expected, "&p=", NULL);

		text = g_strconcat(full, seconds, u->password, NULL);
		sum = g_compute_checksum_for_string(G_CHECKSUM_MD5, text, -1);
		if (!strcmp(full, auth) && !strcmp(sum, creds)) {
			http_answer(r, 200, "Content-Type: text/plain\r\n", "INBOX\n", 6);
			return;
		}
	}
	http_answer(r, 401, "", "", 0);
}

gboolean passport_request(struct server *s, const struct http_request *r)
{
	if (!strcmp(r->path, "/rdr/pprdr.asp"))
		nexus_request(s, r);
	else if (!strcmp(r->path, "/login2.srf") || !strcmp(r->path, "/login") ||
		 g_str_has_prefix(r->path, "/login/"))
		login_request(s, r);
	else if (!strcmp(r->path, "/md5auth.srf"))
		mailbox_request(s, r);
	else
		return FALSE;
	return TRUE;
}
