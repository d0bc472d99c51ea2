/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ns: VER to OUT, what the server sends unasked, and the challenge. */
#include "tests/peers/msnp8/ns.h"

#include "tests/peers/msnp8/passport.h"
#include "tests/peers/msnp8/sb.h"

#include <string.h>

static gboolean is_revival(const struct conn *c)
{
	return options_is_revival(c->server->options);
}

/* ---- before signing in ---- */

/* MSNP9 counts as later than MSNP8; what is no version as none. */
static int version_number(const char *word)
{
	guint64 n;

	if (strncmp(word, "MSNP", 4) || !g_ascii_string_to_unsigned(word + 4, 10, 1, 99, &n, NULL))
		return 0;
	return n;
}

static void ns_ver(struct conn *c, const struct request *r)
{
	struct ns *ns = c->state;
	g_auto(GStrv) known = g_strsplit(options_get(c->server->options, "versions"), " ", -1);
	const char *best = NULL;
	guint i;

	for (i = 2; i < r->n; i++)
		if (version_number(r->words[i]) &&
		    g_strv_contains((const char *const *)known, r->words[i]) &&
		    (!best || version_number(r->words[i]) > version_number(best)))
			best = r->words[i];
	if (!best) {
		conn_say(c, "VER %s 0", r->words[1]);
		conn_end(c);
		return;
	}
	g_strlcpy(ns->version, best, sizeof(ns->version));
	conn_say(c, "VER %s %s%s", r->words[1], best, is_revival(c) ? "" : " CVR0");
}

static void ns_cvr(struct conn *c, const struct request *r)
{
	conn_say(c, "CVR %s %s %s %s http://localhost:%u/setup http://localhost:%u/", r->words[1],
		 r->words[7], r->words[7], r->words[7], c->server->ports[PORT_GATEWAY],
		 c->server->ports[PORT_GATEWAY]);
}

void ns_refer(struct conn *c, const char *trid)
{
	guint port = c->server->ports[PORT_NS];

	conn_say(c, "XFR %s NS 127.0.0.1:%u 0 127.0.0.1:%u", trid, port, port);
}

/* TRUE: it is not this server's turn. Signing in starts the count anew. */
static gboolean usr_is_referred(struct conn *c, const char *account)
{
	struct server *s = c->server;
	guint done = GPOINTER_TO_UINT(g_hash_table_lookup(s->referred, account));

	if (options_is(s->options, "referrals", "loop"))
		return TRUE;
	if (done >= options_number(s->options, "referrals"))
		return FALSE;
	g_hash_table_insert(s->referred, g_strdup(account), GUINT_TO_POINTER(done + 1));
	return TRUE;
}

static void usr_refuse(struct conn *c, const struct request *r)
{
	conn_refuse(c, r, 911);
	conn_end(c);
}

static void usr_initial(struct conn *c, const struct request *r)
{
	struct ns *ns = c->state;
	const char *account = r->words[4];

	if (!account_is_valid(account) || (!*ns->version && !is_revival(c))) {
		usr_refuse(c, r);
		return;
	}
	if (usr_is_referred(c, account)) {
		ns_refer(c, r->words[1]);
		conn_end(c);
		return;
	}
	g_strlcpy(ns->asked, account, sizeof(ns->asked));
	conn_say(c, "USR %s TWN S %s", r->words[1], passport_server_string(c->server));
}

static void ns_profile(struct conn *c, const char *ticket)
{
	struct ns *ns = c->state;
	g_autofree char *secret = random_base64(240);
	g_autofree char *body = NULL;
	guint hash = g_str_hash(c->user->account);
	guint16 port = c->carrier.client_port;
	gboolean has_mail = options_is(c->server->options, "mail", "yes");

	ns->auth = g_strdup_printf("%.20s%s", ticket, secret);
	/* The port in network order read as the machine's own: so it came from the old servers. */
	body = g_strdup_printf(
		"MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsprofile; charset=UTF-8\r\n"
		"LoginTime: %" G_GINT64_FORMAT "\r\nEmailEnabled: %d\r\n"
		"MemberIdHigh: %u\r\nMemberIdLow: %u\r\n"
		"lang_preference: 1033\r\npreferredEmail:%s%s\r\ncountry:%s\r\nPostalCode:\r\n"
		"Gender:\r\nKid: 0\r\nAge:\r\nBDayPre:\r\nBirthday:\r\nWallet:\r\n"
		"Flags: 536872513\r\nsid: 507\r\n%sMSPAuth: %s&p=\r\nClientIP: 127.0.0.1\r\n"
		"ClientPort: %u\r\n%s\r\n",
		g_get_real_time() / G_USEC_PER_SEC, has_mail, 10000 + hash % 89999, hash,
		has_mail ? " " : "", has_mail ? c->user->account : "", has_mail ? " SE" : "",
		has_mail ? "kv: 2\r\n" : "", ns->auth, GUINT16_SWAP_LE_BE(port),
		is_revival(c) ? "ABCHMigrated: 1\r\nMPOPEnabled: 0\r\n" : "");
	conn_say_body(c, "MSG Hotmail Hotmail", body, strlen(body));
}

/* The revival takes each contact's own name anew at every sign-in. */
static void contacts_forget_nicks(struct user *u)
{
	guint i;

	for (i = 0; i < u->contacts->len; i++)
		user_set(&((struct contact *)u->contacts->pdata[i])->nick, NULL);
}

static void usr_ticket(struct conn *c, const struct request *r)
{
	struct server *s = c->server;
	struct ns *ns = c->state;
	struct user *u = ticket_take(s, r->words[4]);
	g_autofree char *name = NULL;

	if (!u || (is_revival(c) ? strcmp(u->account, ns->asked)
				 : g_ascii_strcasecmp(u->account, ns->asked))) {
		usr_refuse(c, r);
		return;
	}
	if (u->ns) {
		conn_say(u->ns, "OUT OTH");
		conn_end(u->ns);
	}
	conn_set_user(c, u);
	u->ns = c;
	g_hash_table_remove(s->referred, ns->asked);
	if (is_revival(c))
		contacts_forget_nicks(u);
	name = name_encode(s, u->name);
	conn_say(c, "USR %s OK %s %s 1 0", r->words[1], u->account, name);
	ns_profile(c, r->words[4]);
}

static void ns_usr(struct conn *c, const struct request *r)
{
	struct ns *ns = c->state;

	if (c->user || strcmp(r->words[2], "TWN"))
		usr_refuse(c, r);
	else if (!strcmp(r->words[3], "I"))
		usr_initial(c, r);
	else if (!strcmp(r->words[3], "S") && *ns->asked)
		usr_ticket(c, r);
	else
		usr_refuse(c, r);
}

/* ---- presence ---- */

static gboolean state_is_known(const char *state)
{
	static const char *const known[] = {"NLN", "BSY", "IDL", "BRB", "AWY",
					    "PHN", "LUN", "HDN", NULL};

	return g_strv_contains(known, state);
}

static void ns_first_state(struct conn *c, const struct request *r)
{
	presence_list(c, r);
	if (options_is(c->server->options, "mail", "yes"))
		ns_mail_initial(c);
	if (options_is(c->server->options, "challenge", "chg"))
		ns_challenge(c);
}

static void ns_chg(struct conn *c, const struct request *r)
{
	struct ns *ns = c->state;
	gboolean is_first = !*ns->state, is_same = !strcmp(ns->state, r->words[2]);

	if (!strcmp(r->words[2], "FLN")) {
		conn_refuse(c, r, 201);
		return;
	}
	if (is_revival(c) && r->n < 4)
		return;
	if (!state_is_known(r->words[2])) {
		if (is_revival(c))
			conn_end(c);
		else
			conn_refuse(c, r, 201);
		return;
	}
	g_strlcpy(ns->state, r->words[2], sizeof(ns->state));
	g_strlcpy(ns->client_id, r->n > 3 ? r->words[3] : "0", sizeof(ns->client_id));
	conn_say(c, "CHG %s %s%s%s", r->words[1], ns->state, r->n > 3 ? " " : "",
		 r->n > 3 ? ns->client_id : "");
	if (is_first)
		ns_first_state(c, r);
	if (!is_same)
		presence_tell_all(c->server, c->user);
}

/* ---- the rest ---- */

static void ns_png(struct conn *c, const struct request *r)
{
	if (options_is(c->server->options, "pong", "yes"))
		conn_say(c, "QNG");
}

static void ns_out(struct conn *c, const struct request *r)
{
	conn_end(c);
}

static void ns_xfr(struct conn *c, const struct request *r)
{
	if (strcmp(r->words[2], "SB"))
		conn_refuse(c, r, 201);
	else if (!presence_shown(c->user))
		conn_refuse(c, r, 913);
	else {
		g_autofree char *key = key_new(c->server, c->user, NULL);

		conn_say(c, "XFR %s SB 127.0.0.1:%u CKI %s", r->words[1], c->server->ports[PORT_SB],
			 key);
	}
}

static void ns_url(struct conn *c, const struct request *r)
{
	static const char *const known[] = {"INBOX", "COMPOSE", "FOLDERS", NULL};

	if (is_revival(c))
		conn_say(c, "URL %s /unused1 /unused2 1", r->words[1]);
	else if (!g_strv_contains(known, r->words[2]))
		conn_refuse(c, r, 201);
	else
		conn_say(c, "URL %s /cgi-bin/%s https://localhost:%u/md5auth.srf?lc=1033 2",
			 r->words[1], r->words[2], c->server->ports[PORT_HTTPS]);
}

static gboolean answer_is_right(const struct ns *ns, const struct request *r)
{
	static const char *const keys[][2] = {
		{"msmsgs@msnmsgr.com", "Q1P7W2E4J9R8U3S5"},
		{"PROD0038W!61ZTF9", "VT6PX?UQTM4WM%YR"},
	};
	guint i;

	for (i = 0; i < G_N_ELEMENTS(keys); i++) {
		g_autofree char *text = g_strconcat(ns->challenge, keys[i][1], NULL);
		g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_MD5, text, -1);

		if (!strcmp(keys[i][0], r->words[2]))
			return r->n_body == 32 && !memcmp(sum, r->body, 32);
	}
	return FALSE;
}

static void ns_qry(struct conn *c, const struct request *r)
{
	struct ns *ns = c->state;

	if (is_revival(c) && !*ns->challenge)
		return; /* it never asked, and does not care */
	if (!*ns->challenge || !answer_is_right(ns, r) ||
	    options_is(c->server->options, "verdict", "wrong")) {
		conn_refuse(c, r, 540);
		conn_end(c);
		return;
	}
	*ns->challenge = '\0';
	conn_say(c, "QRY %s", r->words[1]);
}

static void ns_snd(struct conn *c, const struct request *r)
{
	conn_say(c, "SND %s OK", r->words[1]);
}

static void ns_ims(struct conn *c, const struct request *r)
{
	conn_say(c, "IMS %s 0 %s", r->words[1], r->words[2]);
}

/* Commands of earlier versions that the revival takes without an answer. */
static void ns_ignored(struct conn *c, const struct request *r)
{
	if (!is_revival(c))
		conn_refuse(c, r, 502);
}

static void ns_left(struct conn *c)
{
	struct ns *ns = c->state;

	if (c->user && c->user->ns == c)
		presence_left(c->server, c->user);
	g_clear_pointer(&ns->auth, g_free);
}

/* clang-format off */
static const struct command ns_commands[] = {
	{"VER", 3, TRUE, ns_ver},
	{"CVR", 9, TRUE, ns_cvr},
	{"USR", 5, TRUE, ns_usr},
	{"SYN", 3, FALSE, lists_syn},
	{"CHG", 3, FALSE, ns_chg},
	{"ADD", 5, FALSE, lists_add},
	{"REM", 4, FALSE, lists_rem},
	{"ADG", 3, FALSE, lists_adg},
	{"RMG", 3, FALSE, lists_rmg},
	{"REG", 4, FALSE, lists_reg},
	{"REA", 4, FALSE, lists_rea},
	{"GTC", 3, FALSE, lists_gtc},
	{"BLP", 3, FALSE, lists_blp},
	{"PRP", 3, FALSE, lists_prp},
	{"XFR", 3, FALSE, ns_xfr},
	{"URL", 3, FALSE, ns_url},
	{"QRY", 4, FALSE, ns_qry, 3, 64},
	{"PNG", 1, FALSE, ns_png},
	{"SND", 3, FALSE, ns_snd},
	{"IMS", 3, FALSE, ns_ims},
	{"FND", 2, FALSE, ns_ignored},
	{"LST", 3, FALSE, ns_ignored},
	{"OUT", 1, TRUE, ns_out},
	{NULL},
};
/* clang-format on */

const struct role ns_role = {"", ns_commands, ns_left, sizeof(struct ns)};

/* ---- what it says by itself ---- */

void ns_challenge(struct conn *c)
{
	struct ns *ns = c->state;
	g_autofree char *digits = random_digits(20);

	g_strlcpy(ns->challenge, digits, sizeof(ns->challenge));
	ns->challenged = server_seconds();
	conn_say(c, "CHL 0 %s", ns->challenge);
}

static void ns_hotmail(struct conn *c, const char *type, const char *fields)
{
	g_autofree char *body = g_strdup_printf(
		"MIME-Version: 1.0\r\nContent-Type: %s; charset=UTF-8\r\n\r\n%s\r\n", type, fields);

	conn_say_body(c, "MSG Hotmail Hotmail", body, strlen(body));
}

void ns_mail_initial(struct conn *c)
{
	g_autofree char *fields = g_strdup_printf(
		"Inbox-Unread: %u\r\nFolders-Unread: %u\r\nInbox-URL: /cgi-bin/HoTMaiL\r\n"
		"Folders-URL: /cgi-bin/folders\r\nPost-URL: https://localhost:%u/\r\n",
		c->user->unread, c->user->unread_elsewhere, c->server->ports[PORT_HTTPS]);

	ns_hotmail(c, "text/x-msmsgsinitialemailnotification", fields);
}

void ns_mail_new(struct conn *c, const char *from, const char *subject)
{
	g_autofree char *encoded = g_base64_encode((const guchar *)subject, strlen(subject));
	g_autofree char *fields =
		g_strdup_printf("From: %s\r\nMessage-URL: /cgi-bin/getmsg?msg=MSG1\r\n"
				"Post-URL: https://localhost:%u/\r\nSubject: =?UTF-8?B?%s?=\r\n"
				"Dest-Folder: ACTIVE\r\nFrom-Addr: %s\r\nid: 2\r\n",
				from, c->server->ports[PORT_HTTPS], encoded, from);

	ns_hotmail(c, "text/x-msmsgsemailnotification", fields);
}

void ns_mail_moved(struct conn *c, const char *from, const char *to, guint count)
{
	g_autofree char *fields = g_strdup_printf(
		"Src-Folder: %s\r\nDest-Folder: %s\r\nMessage-Delta: %u\r\n", from, to, count);

	ns_hotmail(c, "text/x-msmsgsactivemailnotification", fields);
}

void ns_system(struct conn *c, guint minutes)
{
	g_autofree char *fields = g_strdup_printf("Type: 1\r\nArg1: %u\r\n", minutes);

	ns_hotmail(c, "application/x-msmsgssystemmessage", fields);
}

void ns_notify_list(struct conn *c)
{
	guint hash = g_str_hash(c->user->account);
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *date = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
	g_autofree char *body = g_strdup_printf(
		"<NOTIFICATION id=\"0\" siteid=\"45705\" siteurl=\"http://contacts.msn.com\">\r\n"
		"\t<TO pid=\"0x%08x:0x%08x\" name=\"%s\">\r\n\t\t<VIA agent=\"messenger\" />\r\n"
		"\t</TO>\r\n\t<MSG id=\"0\">\r\n\t\t<SUBSCR url=\"s.htm\" />\r\n"
		"\t\t<ACTION url=\"a.htm\" />\r\n\t\t<BODY>\r\n"
		"\t\t\t&lt;NotificationData xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" "
		"xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"&gt;\r\n"
		"\t\t\t\t&lt;Service&gt;ABCHInternal&lt;/Service&gt;\r\n"
		"\t\t\t\t&lt;CID&gt;%u%u&lt;/CID&gt;\r\n"
		"\t\t\t\t&lt;LastModifiedDate&gt;%s&lt;/LastModifiedDate&gt;\r\n"
		"\t\t\t\t&lt;HasNewItem&gt;false&lt;/HasNewItem&gt;\r\n"
		"\t\t\t&lt;/NotificationData&gt;\r\n\t\t</BODY>\r\n\t</MSG>\r\n</NOTIFICATION>",
		hash, ~hash, c->user->account, hash, ~hash, date);

	conn_say_body(c, "NOT", body, strlen(body));
}
