/* SPDX-License-Identifier: GPL-2.0-or-later */
/* invite: the fields of text/x-msmsgsinvite (reference: file transfer, invitation). */
#include "plugins/msnp8/wire/invite.h"

#include "common/fields.h"
#include "common/text.h"
#include "plugins/msnp8/wire/body.h"

#include <string.h>

#define FILE_TRANSFER "File Transfer"
#define APPLICATION_MAX 128 /* octets */
#define ADDRESS_MAX 45	    /* octets of an IPv6 address with an IPv4 tail */
#define AUTH_COOKIE_MAX 64  /* octets */

static const char *const commands[] = {"INVITE", "ACCEPT", "CANCEL"};

static const char *const cancels[] = {
	[MSN_CANCEL_OTHER] = "FAIL",
	[MSN_CANCEL_REJECT] = "REJECT",
	[MSN_CANCEL_NOT_INSTALLED] = "REJECT_NOT_INSTALLED",
	[MSN_CANCEL_TIMEOUT] = "TIMEOUT",
	[MSN_CANCEL_FAIL] = "FAIL",
	[MSN_CANCEL_FTTIMEOUT] = "FTTIMEOUT",
	[MSN_CANCEL_OUTBAND] = "OUTBANDCANCEL",
};

/* ---- reading ---- */

static enum msn_invite_command read_command(const struct fields *f)
{
	for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
		if (fields_is(f, "Invitation-Command", commands[i]))
			return MSN_INVITE_INVITE + i;
	return MSN_INVITE_OTHER;
}

static enum msn_cancel read_cancel(const struct fields *f)
{
	for (guint i = MSN_CANCEL_REJECT; i < G_N_ELEMENTS(cancels); i++)
		if (fields_is(f, "Cancel-Code", cancels[i]))
			return i;
	return MSN_CANCEL_OTHER;
}

/* One line of display; NULL when there is nothing on it. */
static char *read_line(const struct fields *f, const char *name, gsize max)
{
	g_autofree char *value = fields_dup(f, name);
	char *line = value ? text_line(value, max) : NULL;

	if (line && !*g_strstrip(line))
		g_clear_pointer(&line, g_free);
	return line;
}

/* What follows the last separator of any system, so that no peer chooses a folder here. */
static char *read_file_name(const struct fields *f)
{
	g_autofree char *value = fields_dup(f, "Application-File");
	const char *name = value;
	char *line;

	if (!value)
		return NULL;
	for (const char *c = value; *c; c++)
		if (*c == '/' || *c == '\\')
			name = c + 1;
	line = g_strstrip(text_line(name, MSN_FILE_NAME_MAX));
	if (!*line || strcmp(line, ".") == 0 || strcmp(line, "..") == 0) {
		g_free(line);
		return g_strdup("file");
	}
	return line;
}

/* Names would make us ask a name server of the peer's choosing. */
static char *read_address(const struct fields *f, const char *name)
{
	char *address = read_line(f, name, ADDRESS_MAX);

	if (address && (strspn(address, "0123456789abcdefABCDEF:.") != strlen(address) ||
			!strpbrk(address, ":.")))
		g_clear_pointer(&address, g_free);
	return address;
}

static char *read_auth_cookie(const struct fields *f)
{
	char *cookie = fields_dup(f, "AuthCookie");
	gsize n = cookie ? strlen(cookie) : 0;

	for (gsize i = 0; i < n; i++)
		if (cookie[i] <= ' ' || cookie[i] > '~')
			n = 0;
	if (n == 0 || n > AUTH_COOKIE_MAX)
		g_clear_pointer(&cookie, g_free);
	return cookie;
}

/* The name is in the inviter's language, so the number decides; clients that leave it out are
 * English. */
static gboolean is_file_transfer(const struct msn_invite *i)
{
	if (i->guid)
		return g_ascii_strcasecmp(i->guid, MSN_FILE_GUID) == 0;
	return i->application && g_ascii_strcasecmp(i->application, FILE_TRANSFER) == 0;
}

static void read_offer(struct msn_invite *i, const struct fields *f)
{
	i->application = read_line(f, "Application-Name", APPLICATION_MAX);
	i->guid = read_line(f, "Application-GUID", APPLICATION_MAX);
	i->is_file = is_file_transfer(i);
	i->file = read_file_name(f);
	i->has_size = fields_number(f, "Application-FileSize", G_MAXINT64, &i->size);
	i->is_unreachable = fields_is(f, "Connectivity", "N");
}

static void read_answer(struct msn_invite *i, const struct fields *f)
{
	struct fields_span unused;
	guint64 port = 0;

	i->wants_address = fields_find(f, "Request-Data", &unused);
	i->ip = read_address(f, "IP-Address");
	i->ip_internal = read_address(f, "IP-Address-Internal");
	fields_number(f, "Port", G_MAXUINT16, &port);
	i->port = port;
	i->auth_cookie = read_auth_cookie(f);
	i->is_sender_connect = fields_is(f, "Sender-Connect", "TRUE");
}

struct msn_invite *msn_invite_read(const void *content, gsize n)
{
	struct fields f;
	struct fields_span unused;
	struct msn_invite *i;
	guint64 cookie;

	if (!fields_read(&f, content, n, NULL) || !fields_find(&f, "Invitation-Command", &unused) ||
	    !fields_number(&f, "Invitation-Cookie", G_MAXUINT32, &cookie))
		return NULL;
	i = g_new0(struct msn_invite, 1);
	i->command = read_command(&f);
	i->cookie = cookie;
	if (i->command == MSN_INVITE_INVITE)
		read_offer(i, &f);
	if (i->command == MSN_INVITE_ACCEPT)
		read_answer(i, &f);
	if (i->command == MSN_INVITE_CANCEL)
		i->cancel = read_cancel(&f);
	return i;
}

void msn_invite_free(struct msn_invite *i)
{
	if (!i)
		return;
	g_free((char *)i->application);
	g_free((char *)i->guid);
	g_free((char *)i->file);
	g_free((char *)i->ip);
	g_free((char *)i->ip_internal);
	g_free((char *)i->auth_cookie);
	g_free(i);
}

/* ---- writing ---- */

static gboolean write_number(GString *out, const char *name, guint64 number)
{
	g_autofree char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, number);

	return fields_write(out, name, digits);
}

static gboolean write_maybe(GString *out, const char *name, const char *value)
{
	return !value || fields_write(out, name, value);
}

static gboolean write_basics(GString *out, const struct msn_invite *i)
{
	return fields_write(out, "Invitation-Command", commands[i->command]) &&
	       write_number(out, "Invitation-Cookie", i->cookie);
}

static gboolean write_offer(GString *out, const struct msn_invite *i)
{
	const char *application = i->is_file && !i->application ? FILE_TRANSFER : i->application;

	return write_maybe(out, "Application-Name", application) &&
	       write_maybe(out, "Application-GUID", i->is_file ? MSN_FILE_GUID : i->guid) &&
	       write_basics(out, i) && write_maybe(out, "Application-File", i->file) &&
	       (!i->has_size || write_number(out, "Application-FileSize", i->size)) &&
	       write_maybe(out, "Connectivity", i->is_unreachable ? "N" : NULL);
}

static gboolean write_answer(GString *out, const struct msn_invite *i)
{
	return write_basics(out, i) && write_maybe(out, "IP-Address", i->ip) &&
	       write_maybe(out, "IP-Address-Internal", i->ip_internal) &&
	       (i->port == 0 || write_number(out, "Port", i->port)) &&
	       write_maybe(out, "AuthCookie", i->auth_cookie) &&
	       write_maybe(out, "Sender-Connect", i->is_sender_connect ? "TRUE" : NULL) &&
	       fields_write(out, "Launch-Application", "FALSE") &&
	       write_maybe(out, "Request-Data", i->wants_address ? "IP-Address:" : NULL);
}

static gboolean write_content(GString *out, const struct msn_invite *i)
{
	switch (i->command) {
	case MSN_INVITE_INVITE:
		return write_offer(out, i);
	case MSN_INVITE_ACCEPT:
		return write_answer(out, i);
	case MSN_INVITE_CANCEL:
		return write_basics(out, i) && fields_write(out, "Cancel-Code", cancels[i->cancel]);
	default:
		return FALSE;
	}
}

gboolean msn_invite_write(GString *out, const struct msn_invite *i)
{
	gsize before = out->len;
	gboolean is_fine;

	g_string_append(out, "MIME-Version: 1.0\r\n"
			     "Content-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\r\n");
	is_fine = write_content(out, i);
	g_string_append(out, "\r\n");
	is_fine = is_fine && out->len - before <= MSN_MESSAGE_MAX;
	if (!is_fine)
		g_string_truncate(out, before);
	return is_fine;
}
