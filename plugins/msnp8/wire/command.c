/* SPDX-License-Identifier: GPL-2.0-or-later */
/* command: command lines to values and back (reference: framing, names and encoding). */
#include "plugins/msnp8/wire/command.h"

#include "common/text.h"

#include <stdarg.h>
#include <string.h>

#define HOST_MAX 255 /* octets */

/* ---- what is known of a verb ---- */

enum trid_rule {
	TRID_FIRST,   /* if the first parameter is a number */
	TRID_NEVER,   /* in neither direction */
	TRID_ASKED,   /* the client numbers it, the server does not answer with it */
	TRID_OPTIONS, /* as an answer "GTC t ver A", within SYN "GTC A" */
};

enum payload_rule {
	COUNT_NEVER,
	COUNT_ALWAYS,
	COUNT_MAYBE,	   /* if the line ends with a number */
	COUNT_FROM_CLIENT, /* the answer has none */
};

/* Later versions' payload commands stand here too: a server may speak them unasked, and whoever
 * does not know them loses the thread. */
static const struct verb {
	char name[4];
	enum trid_rule trid;
	enum payload_rule payload;
} verbs[] = {
	{"ACK", TRID_FIRST, COUNT_NEVER},	{"ADC", TRID_FIRST, COUNT_NEVER},
	{"ADD", TRID_FIRST, COUNT_NEVER},	{"ADG", TRID_FIRST, COUNT_NEVER},
	{"ADL", TRID_FIRST, COUNT_MAYBE},	{"ANS", TRID_FIRST, COUNT_NEVER},
	{"BLP", TRID_OPTIONS, COUNT_NEVER},	{"BPR", TRID_NEVER, COUNT_NEVER},
	{"BYE", TRID_NEVER, COUNT_NEVER},	{"CAL", TRID_FIRST, COUNT_NEVER},
	{"CHG", TRID_FIRST, COUNT_NEVER},	{"CHL", TRID_FIRST, COUNT_NEVER},
	{"CVQ", TRID_FIRST, COUNT_NEVER},	{"CVR", TRID_FIRST, COUNT_NEVER},
	{"FLN", TRID_NEVER, COUNT_NEVER},	{"FQY", TRID_FIRST, COUNT_MAYBE},
	{"GCF", TRID_FIRST, COUNT_MAYBE},	{"GTC", TRID_OPTIONS, COUNT_NEVER},
	{"ILN", TRID_FIRST, COUNT_NEVER},	{"INF", TRID_FIRST, COUNT_NEVER},
	{"IPG", TRID_NEVER, COUNT_ALWAYS},	{"IRO", TRID_FIRST, COUNT_NEVER},
	{"JOI", TRID_NEVER, COUNT_NEVER},	{"LSG", TRID_NEVER, COUNT_NEVER},
	{"LST", TRID_NEVER, COUNT_NEVER},	{"MSG", TRID_ASKED, COUNT_ALWAYS},
	{"NAK", TRID_FIRST, COUNT_NEVER},	{"NLN", TRID_NEVER, COUNT_NEVER},
	{"NOT", TRID_NEVER, COUNT_ALWAYS},	{"OUT", TRID_NEVER, COUNT_NEVER},
	{"PGD", TRID_FIRST, COUNT_FROM_CLIENT}, {"PNG", TRID_NEVER, COUNT_NEVER},
	{"PRP", TRID_OPTIONS, COUNT_NEVER},	{"QNG", TRID_NEVER, COUNT_NEVER},
	{"QRY", TRID_FIRST, COUNT_FROM_CLIENT}, {"REA", TRID_FIRST, COUNT_NEVER},
	{"REG", TRID_FIRST, COUNT_NEVER},	{"REM", TRID_FIRST, COUNT_NEVER},
	{"RMG", TRID_FIRST, COUNT_NEVER},	{"RML", TRID_FIRST, COUNT_MAYBE},
	{"RNG", TRID_NEVER, COUNT_NEVER},	{"SBP", TRID_FIRST, COUNT_NEVER},
	{"SBS", TRID_FIRST, COUNT_NEVER},	{"SND", TRID_FIRST, COUNT_NEVER},
	{"SYN", TRID_FIRST, COUNT_NEVER},	{"UBM", TRID_NEVER, COUNT_MAYBE},
	{"UBN", TRID_NEVER, COUNT_MAYBE},	{"UBX", TRID_NEVER, COUNT_MAYBE},
	{"URL", TRID_FIRST, COUNT_NEVER},	{"USR", TRID_FIRST, COUNT_NEVER},
	{"UUM", TRID_FIRST, COUNT_FROM_CLIENT}, {"UUN", TRID_FIRST, COUNT_FROM_CLIENT},
	{"UUX", TRID_FIRST, COUNT_MAYBE},	{"VER", TRID_FIRST, COUNT_NEVER},
	{"XFR", TRID_FIRST, COUNT_NEVER},
};

static const struct verb *verb_find(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

/* ---- reading ---- */

gboolean msn_number_read(const char *param, guint64 max, guint64 *ret_number)
{
	guint64 number = 0;

	if (!*param)
		return FALSE;
	for (; *param; param++) {
		guint digit = (guint)(guchar)*param - '0';

		if (digit > 9 || number > max / 10 || digit > max - number * 10)
			return FALSE;
		number = number * 10 + digit;
	}
	*ret_number = number;
	return TRUE;
}

/* The words of a line, which is cut up in place; runs of blanks divide too. FALSE: too many. */
static gboolean line_split(char *line, const char **words, guint max, guint *ret_count)
{
	guint count = 0;

	while (*line) {
		if (*line == ' ') {
			*line++ = '\0';
			continue;
		}
		if (count == max)
			return FALSE;
		words[count++] = line;
		line += strcspn(line, " ");
	}
	*ret_count = count;
	return TRUE;
}

/* FALSE: neither a verb nor an error. */
static gboolean command_name(struct msn_command *c, const char *word)
{
	guint64 error;

	c->error = 0;
	memset(c->verb, 0, sizeof c->verb);
	if (strlen(word) != 3)
		return FALSE;
	if (msn_number_read(word, 999, &error)) {
		c->error = error;
		return error >= 100;
	}
	for (guint i = 0; i < 3; i++) {
		if (!g_ascii_isalnum(word[i]))
			return FALSE;
		c->verb[i] = g_ascii_toupper(word[i]);
	}
	return TRUE;
}

static void command_drop_first(struct msn_command *c)
{
	c->n_params--;
	memmove(c->params, c->params + 1, c->n_params * sizeof c->params[0]);
}

static gboolean wants_trid(const struct msn_command *c, const struct verb *v, enum msn_side side)
{
	if (c->error > 0 || !v)
		return TRUE;
	switch (v->trid) {
	case TRID_NEVER:
		return FALSE;
	case TRID_ASKED:
		return side == MSN_FROM_CLIENT;
	case TRID_OPTIONS:
		return c->n_params > 1;
	default:
		return TRUE;
	}
}

static void command_trid(struct msn_command *c, const struct verb *v, enum msn_side side)
{
	guint64 trid;

	c->has_trid = c->n_params > 0 && wants_trid(c, v, side) &&
		      msn_number_read(c->params[0], G_MAXUINT32, &trid);
	c->trid = 0;
	if (!c->has_trid)
		return;
	c->trid = trid;
	command_drop_first(c);
}

/* A count stands last. Of an unknown verb only a number as servers write it is one. FALSE: a
 * payload that must come has no count, or is too long. */
static gboolean command_payload(struct msn_command *c, const struct verb *v, enum msn_side side)
{
	const char *last = c->n_params > 0 ? c->params[c->n_params - 1] : "";
	guint64 n;

	c->payload = MSN_PAYLOAD_NONE;
	c->payload_n = 0;
	if (c->error > 0 || (v && v->payload == COUNT_NEVER) ||
	    (v && v->payload == COUNT_FROM_CLIENT && side == MSN_FROM_SERVER))
		return TRUE;
	if (!msn_number_read(last, MSN_PAYLOAD_MAX, &n))
		return !v || v->payload == COUNT_MAYBE;
	if (!v && (n == 0 || *last == '0'))
		return TRUE;
	c->payload = v ? MSN_PAYLOAD_SURE : MSN_PAYLOAD_GUESS;
	c->payload_n = n;
	c->n_params--;
	return TRUE;
}

/* "XYZ 657" of an unknown verb is a count as in NOT; there is no answer to what was not asked. */
static gboolean is_lone_number(const struct msn_command *c, const struct verb *v)
{
	return !v && c->error == 0 && c->n_params == 1;
}

enum msn_command_result msn_command_read(struct msn_command *ret, enum msn_side side,
					 const void *line, gsize n)
{
	const char *words[MSN_PARAMS_MAX + 1];
	const struct verb *v;
	guint count;

	if (n > MSN_LINE_MAX || memchr(line, '\0', n) || memchr(line, '\n', n))
		return MSN_COMMAND_BAD;
	memcpy(ret->line, line, n);
	ret->line[n] = '\0';
	if (!line_split(ret->line, words, G_N_ELEMENTS(words), &count))
		return MSN_COMMAND_BAD;
	if (count == 0)
		return MSN_COMMAND_EMPTY;
	if (!command_name(ret, words[0]))
		return MSN_COMMAND_BAD;
	ret->n_params = count - 1;
	memcpy(ret->params, words + 1, ret->n_params * sizeof words[0]);
	v = verb_find(ret->verb);
	ret->has_trid = FALSE;
	ret->trid = 0;
	if (!is_lone_number(ret, v))
		command_trid(ret, v, side);
	return command_payload(ret, v, side) ? MSN_COMMAND_OK : MSN_COMMAND_BAD;
}

const char *msn_command_param(const struct msn_command *c, guint i)
{
	return i < c->n_params ? c->params[i] : "";
}

/* "NLN " and "OUT\r" begin a command, "911 " an error; payloads are headers, XML or prose. */
gboolean msn_payload_looks(const guint8 *ahead, gsize n, gboolean *ret_is)
{
	gboolean may_be_verb = TRUE, may_be_error = TRUE;

	for (gsize i = 0; i < MIN(n, 3); i++) {
		may_be_verb &= g_ascii_isupper(ahead[i]);
		may_be_error &= g_ascii_isdigit(ahead[i]);
	}
	if (n > 3 && !strchr(" \r\n", ahead[3]))
		may_be_verb = may_be_error = FALSE;
	if (n < 4 && (may_be_verb || may_be_error))
		return FALSE;
	*ret_is = !may_be_verb && !may_be_error;
	return TRUE;
}

/* ---- writing ---- */

static gboolean is_param(const char *param)
{
	if (!*param)
		return FALSE;
	for (; *param; param++)
		if ((guchar)*param <= ' ' || *param == 0x7f)
			return FALSE;
	return TRUE;
}

static gboolean is_verb(const char *verb)
{
	return strlen(verb) == 3 && is_param(verb);
}

/* The line without its end, appended; FALSE leaves half of it. */
static gboolean command_print(GString *out, const char *verb, gint64 trid, va_list params)
{
	gsize before = out->len;
	const char *param;

	if (!is_verb(verb))
		return FALSE;
	g_string_append(out, verb);
	if (trid != MSN_NO_TRID)
		g_string_append_printf(out, " %" G_GUINT32_FORMAT, (guint32)trid);
	while ((param = va_arg(params, const char *))) {
		if (!is_param(param))
			return FALSE;
		g_string_append_c(out, ' ');
		g_string_append(out, param);
	}
	return out->len - before <= MSN_LINE_MAX;
}

gboolean msn_command_write(GString *out, const char *verb, gint64 trid, ...)
{
	gsize before = out->len;
	gboolean is_fine;
	va_list params;

	va_start(params, trid);
	is_fine = command_print(out, verb, trid, params);
	va_end(params);
	if (is_fine)
		g_string_append(out, "\r\n");
	else
		g_string_truncate(out, before);
	return is_fine;
}

gboolean msn_command_write_payload(GString *out, const void *payload, gsize n, const char *verb,
				   gint64 trid, ...)
{
	gsize before = out->len;
	gboolean is_fine;
	va_list params;

	va_start(params, trid);
	is_fine = command_print(out, verb, trid, params);
	va_end(params);
	if (is_fine) {
		g_string_append_printf(out, " %" G_GSIZE_FORMAT "\r\n", n);
		is_fine = out->len - before <= MSN_LINE_MAX + 2;
	}
	if (is_fine)
		g_string_append_len(out, payload, n);
	else
		g_string_truncate(out, before);
	return is_fine;
}

/* ---- what stands in parameters ---- */

static gboolean is_unreserved(char c)
{
	return g_ascii_isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static gsize encoded_length(const char *text, gsize n)
{
	gsize length = 0;

	for (gsize i = 0; i < n; i++)
		length += is_unreserved(text[i]) ? 1 : 3;
	return length;
}

/* In one allocation, because passwords come this way as well. */
static char *encode(const char *text, gsize n)
{
	static const char digits[] = "0123456789ABCDEF";
	char *out = g_malloc(encoded_length(text, n) + 1), *to = out;

	for (gsize i = 0; i < n; i++) {
		guchar c = text[i];

		if (is_unreserved(c)) {
			*to++ = c;
			continue;
		}
		*to++ = '%';
		*to++ = digits[c >> 4];
		*to++ = digits[c & 15];
	}
	*to = '\0';
	return out;
}

char *msn_name_encode(const char *name)
{
	return encode(name, strlen(name));
}

char *msn_name_encode_cut(const char *name, gsize max)
{
	gsize n = strlen(name), fits = 0, length = 0;

	for (; fits < n; fits++) {
		length += encoded_length(name + fits, 1);
		if (length > max)
			break;
	}
	if (fits < n)
		fits = text_cut(name, n, fits);
	return encode(name, fits);
}

char *msn_percent_decode(const char *param, gssize n)
{
	gsize length = n < 0 ? strlen(param) : (gsize)n;
	char *text = g_malloc(length + 1), *to = text;

	for (gsize i = 0; i < length; i++) {
		char c = param[i];

		if (c == '%' && length - i > 2 && g_ascii_isxdigit(param[i + 1]) &&
		    g_ascii_isxdigit(param[i + 2])) {
			c = g_ascii_xdigit_value(param[i + 1]) << 4 |
			    g_ascii_xdigit_value(param[i + 2]);
			i += 2;
		}
		if (c != '\0')
			*to++ = c;
	}
	*to = '\0';
	return text;
}

char *msn_name_decode(const char *param)
{
	g_autofree char *text = msn_percent_decode(param, -1);

	return text_line(text, MSN_NAME_MAX);
}

static gboolean account_is_fine(const char *account)
{
	const char *at = strchr(account, '@');

	return strlen(account) <= MSN_ACCOUNT_MAX && is_param(account) &&
	       g_utf8_validate(account, -1, NULL) && at && at > account && at[1] &&
	       !strchr(at + 1, '@');
}

char *msn_account_new(const char *typed)
{
	char *account;

	if (strlen(typed) > 2 * MSN_ACCOUNT_MAX)
		return NULL;
	account = g_strstrip(g_ascii_strdown(typed, -1));
	if (!account_is_fine(account))
		g_clear_pointer(&account, g_free);
	return account;
}

/* The host at the start of param, in *ret_used octets with its brackets. */
static char *address_host(const char *param, gsize *ret_used)
{
	gboolean is_ipv6 = *param == '[';
	const char *from = param + is_ipv6;
	gsize n = 0;

	while (g_ascii_isalnum(from[n]) || from[n] == '.' || from[n] == '-' || from[n] == '_' ||
	       (is_ipv6 && from[n] == ':'))
		n++;
	if (n == 0 || n > HOST_MAX || (is_ipv6 && from[n] != ']'))
		return NULL;
	*ret_used = n + 2 * is_ipv6;
	return g_ascii_strdown(from, n);
}

gboolean msn_address_read(const char *param, char **ret_host, guint16 *ret_port)
{
	gsize used;
	g_autofree char *host = address_host(param, &used);
	guint64 port = MSN_PORT;

	if (!host)
		return FALSE;
	param += used;
	if (*param &&
	    (*param != ':' || !msn_number_read(param + 1, G_MAXUINT16, &port) || port == 0))
		return FALSE;
	*ret_host = g_steal_pointer(&host);
	*ret_port = port;
	return TRUE;
}
