/* SPDX-License-Identifier: GPL-2.0-or-later */
/* challenge: MD5 as this protocol uses it (reference: challenge; URL). */
#include "plugins/msnp8/wire/challenge.h"

#include "common/http_msg.h"

#include <gnutls/crypto.h>
#include <string.h>

#define MD5_SIZE 16

/* The keys belong to client ids, not to people. */
static const struct {
	const char *id, *key;
} clients[] = {
	{MSN_CLIENT_ID, "Q1P7W2E4J9R8U3S5"},
	{"PROD0038W!61ZTF9", "VT6PX?UQTM4WM%YR"},
};

static const char *key_of(const char *client_id)
{
	for (guint i = 0; i < G_N_ELEMENTS(clients); i++)
		if (strcmp(clients[i].id, client_id) == 0)
			return clients[i].key;
	return NULL;
}

/* The digest of text, which is wiped and freed. */
static gboolean digest(char *text, char ret[MSN_DIGEST_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	guint8 md5[MD5_SIZE];
	gsize n = strlen(text);
	gboolean is_fine = gnutls_hash_fast(GNUTLS_DIG_MD5, text, n, md5) == 0;

	gnutls_memset(text, 0, n);
	g_free(text);
	if (!is_fine)
		return FALSE;
	for (guint i = 0; i < MD5_SIZE; i++) {
		ret[2 * i] = digits[md5[i] >> 4];
		ret[2 * i + 1] = digits[md5[i] & 15];
	}
	ret[2 * MD5_SIZE] = '\0';
	return TRUE;
}

gboolean msn_challenge_answer(const char *client_id, const char *challenge,
			      char ret[MSN_DIGEST_SIZE])
{
	const char *key = key_of(client_id);

	return key && digest(g_strconcat(challenge, key, NULL), ret);
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

gboolean msn_inbox_digest(const struct msn_inbox *inbox, char ret[MSN_DIGEST_SIZE])
{
	g_autofree char *age = g_strdup_printf("%" G_GUINT64_FORMAT, inbox->age);

	return digest(g_strconcat(or_empty(inbox->mspauth), age, inbox->password, NULL), ret);
}

static void add_input(GString *page, const char *name, const char *value)
{
	g_autofree char *escaped = g_markup_escape_text(or_empty(value), -1);

	g_string_append_printf(page, "<input type=\"hidden\" name=\"%s\" value=\"%s\">\n", name,
			       escaped);
}

static void add_inputs(GString *page, const struct msn_inbox *inbox, const char *creds)
{
	g_autofree char *login = g_strndup(inbox->account, strcspn(inbox->account, "@"));
	g_autofree char *age = g_strdup_printf("%" G_GUINT64_FORMAT, inbox->age);

	add_input(page, "mode", "ttl");
	add_input(page, "login", login);
	add_input(page, "username", inbox->account);
	add_input(page, "sid", inbox->sid);
	add_input(page, "kv", inbox->kv);
	add_input(page, "id", inbox->id);
	add_input(page, "sl", age);
	add_input(page, "rru", inbox->rru);
	add_input(page, "auth", inbox->mspauth);
	add_input(page, "creds", creds);
	add_input(page, "svc", "mail");
	add_input(page, "js", "yes");
}

static gboolean is_web(const char *url)
{
	struct http_url u;

	if (!http_url_read(url, &u))
		return FALSE;
	http_url_clear(&u);
	return TRUE;
}

/* A browser without scripts shows a button. */
char *msn_inbox_page(const struct msn_inbox *inbox)
{
	g_autofree char *action = NULL;
	char creds[MSN_DIGEST_SIZE];
	GString *page;

	if (!is_web(inbox->post_url) || !msn_inbox_digest(inbox, creds))
		return NULL;
	action = g_markup_escape_text(inbox->post_url, -1);
	page = g_string_sized_new(16 * 1024);
	g_string_append_printf(page,
			       "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">"
			       "<title>MSN</title></head>\n"
			       "<body onload=\"document.forms[0].submit()\">\n"
			       "<form method=\"post\" action=\"%s\">\n",
			       action);
	add_inputs(page, inbox, creds);
	g_string_append(page, "<noscript><input type=\"submit\" value=\"MSN\"></noscript>\n"
			      "</form></body></html>\n");
	gnutls_memset(creds, 0, sizeof creds);
	return g_string_free(page, FALSE);
}
