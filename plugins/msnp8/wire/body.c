/* SPDX-License-Identifier: GPL-2.0-or-later */
/* body: the contents of messages (reference: message contents, X-MMS-IM-Format). */
#include "plugins/msnp8/wire/body.h"

#include "common/fields.h"
#include "common/text.h"
#include "plugins/msnp8/wire/command.h"

#include <gnutls/gnutls.h>
#include <string.h>

#define TYPE_MAX 128   /* octets of a content type for display */
#define FONT_MAX 64    /* octets of a font's name */
#define WORD_OCTETS 45 /* a word of RFC 2047 has at most 75 characters */
#define MAIL_MAX 512   /* octets of a sender, a subject, a folder */
#define TOKEN_MAX 4096 /* octets of MSPAuth, sid, kv */

#define HEAD "MIME-Version: 1.0\r\nContent-Type: "

/* ---- charsets ---- */

/* Others would let a peer choose which of iconv's modules are loaded here. */
static gboolean charset_is_known(const char *charset)
{
	static const char *const known[] = {"iso-8859-", "windows-125", "koi8-", "iso-2022-",
					    "shift_jis", "euc-",	"gb",	 "big5"};

	if (strlen(charset) > 20 ||
	    strspn(charset, "abcdefghijklmnopqrstuvwxyz0123456789-_") != strlen(charset))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(known); i++)
		if (g_str_has_prefix(charset, known[i]))
			return TRUE;
	return FALSE;
}

/* Octets of a charset (in lower case) as UTF-8; UTF-8 itself, and what is unknown, repaired. */
static char *charset_decode(const char *octets, gsize n, const char *charset)
{
	char *text = NULL;
	gsize written;

	if (charset_is_known(charset))
		text = g_convert(octets, n, "UTF-8", charset, NULL, &written, NULL);
	if (text) {
		char *fine = text_repair(text, written);

		g_free(text);
		return fine;
	}
	return text_repair(octets, n);
}

/* The value of ";charset=" in a content type, in lower case; "" for none. */
static char *charset_of(const char *content_type)
{
	g_autofree char *lower = g_ascii_strdown(content_type, -1);
	const char *at = strstr(lower, "charset=");

	if (!at)
		return g_strdup("");
	at += strlen("charset=");
	at += *at == '"';
	return g_strndup(at, strcspn(at, "\"; \t"));
}

/* ---- encoded words ---- */

struct word {
	char *charset;
	const char *text;
	gsize n, whole; /* of the text; of all from "=?" to "?=" */
	gboolean is_base64;
};

/* Is there an encoded word at text? */
static gboolean word_find(const char *text, struct word *ret)
{
	const char *charset = text + 2, *encoding, *content, *end;

	if (!g_str_has_prefix(text, "=?") || !(encoding = strchr(charset, '?')) || !encoding[1] ||
	    encoding[2] != '?' || !strchr("bBqQ", encoding[1]))
		return FALSE;
	content = encoding + 3;
	end = strstr(content, "?=");
	if (!end || memchr(content, ' ', end - content))
		return FALSE;
	ret->charset = g_ascii_strdown(charset, MIN(strcspn(charset, "*?"), 40));
	ret->text = content;
	ret->n = end - content;
	ret->whole = end + 2 - text;
	ret->is_base64 = g_ascii_toupper(encoding[1]) == 'B';
	return TRUE;
}

/* Q: "_" is a blank, "=XX" an octet. */
static char *word_unquote(const struct word *w, gsize *ret_n)
{
	char *octets = g_malloc(w->n + 1), *to = octets;

	for (gsize i = 0; i < w->n; i++) {
		const char *at = w->text + i;

		if (*at == '=' && w->n - i > 2 && g_ascii_isxdigit(at[1]) &&
		    g_ascii_isxdigit(at[2])) {
			*to++ = g_ascii_xdigit_value(at[1]) << 4 | g_ascii_xdigit_value(at[2]);
			i += 2;
		} else {
			*to++ = *at == '_' ? ' ' : *at;
		}
	}
	*ret_n = to - octets;
	*to = '\0';
	return octets;
}

static char *word_octets(const struct word *w, gsize *ret_n)
{
	g_autofree char *base64 = NULL;

	if (!w->is_base64)
		return word_unquote(w, ret_n);
	base64 = g_strndup(w->text, w->n);
	return (char *)g_base64_decode(base64, ret_n);
}

static void word_append(GString *out, const struct word *w)
{
	gsize n;
	g_autofree char *octets = word_octets(w, &n);
	g_autofree char *text = charset_decode(octets, n, w->charset);

	g_string_append(out, text);
}

/* Blanks between two words are there to part them, not to be seen. */
static gsize blanks_before_word(const char *text)
{
	gsize n = strspn(text, " \t");

	return g_str_has_prefix(text + n, "=?") ? n : 0;
}

char *msn_words_read(const char *value)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct word w;

	while (*value) {
		if (!word_find(value, &w)) {
			g_string_append_c(out, *value++);
			continue;
		}
		word_append(out, &w);
		g_free(w.charset);
		value += w.whole;
		value += blanks_before_word(value);
	}
	return text_line(out->str, MAIL_MAX);
}

static gboolean is_plain(const char *text)
{
	for (const char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			return FALSE;
	return strstr(text, "=?") == NULL;
}

char *msn_words_write(const char *text)
{
	GString *out;
	gsize n = strlen(text);

	if (is_plain(text))
		return g_strdup(text);
	out = g_string_new(NULL);
	while (n > 0) {
		gsize take = text_cut(text, n, WORD_OCTETS);
		g_autofree char *base64 = g_base64_encode((const guchar *)text, take);

		g_string_append_printf(out, "%s=?utf-8?B?%s?=", out->len > 0 ? " " : "", base64);
		text += take;
		n -= take;
	}
	return g_string_free(out, FALSE);
}

/* ---- style ---- */

/* Blue, green and red as one number, whose leading zeros writers drop. */
static guint32 swap_ends(guint32 colour)
{
	return (colour & 0xff) << 16 | (colour & 0xff00) | (colour >> 16 & 0xff);
}

static void style_effects(struct msn_style *style, const char *letters)
{
	style->is_bold = strpbrk(letters, "Bb") != NULL;
	style->is_italic = strpbrk(letters, "Ii") != NULL;
	style->is_underlined = strpbrk(letters, "Uu") != NULL;
	style->is_struck = strpbrk(letters, "Ss") != NULL;
}

static void style_colour(struct msn_style *style, const char *digits)
{
	gsize n = strspn(digits, "0123456789abcdefABCDEF");

	if (n == 0 || n > 8 || digits[n])
		return;
	style->has_colour = TRUE;
	style->rgb = swap_ends(g_ascii_strtoull(digits, NULL, 16) & 0xffffff);
}

static char *style_font(const char *encoded)
{
	g_autofree char *raw = msn_percent_decode(encoded, -1);
	char *font = text_line(raw, FONT_MAX);

	if (!*font)
		g_clear_pointer(&font, g_free);
	return font;
}

void msn_style_read(const char *value, struct msn_style *ret, char **ret_font)
{
	g_auto(GStrv) parts = g_strsplit(value, ";", 16);
	struct msn_style style = {0};
	char *font = NULL;

	for (guint i = 0; parts[i]; i++) {
		char *part = g_strstrip(parts[i]);
		const char *text = part + MIN(strlen(part), 3);

		if (g_ascii_strncasecmp(part, "FN=", 3) == 0 && !font)
			font = style_font(text);
		else if (g_ascii_strncasecmp(part, "EF=", 3) == 0)
			style_effects(&style, text);
		else if (g_ascii_strncasecmp(part, "CO=", 3) == 0)
			style_colour(&style, text);
		else if (g_ascii_strcasecmp(part, "RL=1") == 0)
			style.is_right_to_left = TRUE;
	}
	style.font = font;
	*ret = style;
	*ret_font = font;
}

static gboolean style_is_plain(const struct msn_style *style)
{
	return !style->font && !style->is_bold && !style->is_italic && !style->is_underlined &&
	       !style->is_struck && !style->is_right_to_left && !style->has_colour;
}

char *msn_style_write(const struct msn_style *style)
{
	g_autofree char *font = msn_name_encode_cut(style->font ? style->font : "", 3 * FONT_MAX);

	return g_strdup_printf("FN=%s; EF=%s%s%s%s; CO=%x; CS=0; PF=0%s", font,
			       style->is_bold ? "B" : "", style->is_italic ? "I" : "",
			       style->is_underlined ? "U" : "", style->is_struck ? "S" : "",
			       style->has_colour ? swap_ends(style->rgb & 0xffffff) : 0,
			       style->is_right_to_left ? "; RL=1" : "");
}

/* ---- reading ---- */

static char *field_line(const struct fields *f, const char *name, gsize max)
{
	g_autofree char *value = fields_dup(f, name);
	char *line = value ? text_line(value, max) : NULL;

	if (value)
		gnutls_memset(value, 0, strlen(value));
	return line;
}

static guint field_count(const struct fields *f, const char *name)
{
	guint64 number = 0;

	fields_number(f, name, G_MAXINT32, &number);
	return number;
}

static void read_text(struct msn_body *b, const struct fields *head, const char *content_type)
{
	g_autofree char *charset = charset_of(content_type);
	g_autofree char *format = fields_dup(head, "X-MMS-IM-Format");

	b->text = charset_decode((const char *)b->content, b->content_n, charset);
	if (format)
		msn_style_read(format, &b->style, &b->font);
}

static void read_typing(struct msn_body *b, const struct fields *head)
{
	g_autofree char *account = fields_dup(head, "TypingUser");

	b->account = account ? msn_account_new(account) : NULL;
}

static void read_profile(struct msn_body *b, const struct fields *head)
{
	b->mspauth = field_line(head, "MSPAuth", TOKEN_MAX);
	b->sid = field_line(head, "sid", TOKEN_MAX);
	b->kv = field_line(head, "kv", TOKEN_MAX);
	b->has_mail = fields_is(head, "EmailEnabled", "1");
}

static void read_initial_mail(struct msn_body *b, const struct fields *f)
{
	b->inbox = field_count(f, "Inbox-Unread");
	b->folders = field_count(f, "Folders-Unread");
}

static char *words_line(const struct fields *f, const char *name)
{
	g_autofree char *value = fields_dup(f, name);

	return value ? msn_words_read(value) : NULL;
}

static void read_new_mail(struct msn_body *b, const struct fields *f)
{
	b->name = words_line(f, "From");
	b->account = field_line(f, "From-Addr", MAIL_MAX);
	b->subject = words_line(f, "Subject");
	b->folder = field_line(f, "Dest-Folder", MAIL_MAX);
}

static void read_moved_mail(struct msn_body *b, const struct fields *f)
{
	b->from_folder = field_line(f, "Src-Folder", MAIL_MAX);
	b->folder = field_line(f, "Dest-Folder", MAIL_MAX);
	b->count = field_count(f, "Message-Delta");
}

static void read_system(struct msn_body *b, const struct fields *f)
{
	b->system_type = field_count(f, "Type");
	b->count = field_count(f, "Arg1");
}

static void read_datacast(struct msn_body *b, const struct fields *f)
{
	if (!fields_is(f, "ID", "1"))
		b->type = MSN_BODY_OTHER;
}

/* What stands in the header, and what in the content as a block of fields of its own. */
static const struct kind {
	const char *content_type;
	enum msn_body_type type;
	void (*read_head)(struct msn_body *b, const struct fields *head);
	void (*read_content)(struct msn_body *b, const struct fields *content);
} kinds[] = {
	{"text/plain", MSN_BODY_TEXT, NULL, NULL},
	{"text/x-msmsgscontrol", MSN_BODY_TYPING, read_typing, NULL},
	{"text/x-msnmsgr-datacast", MSN_BODY_NUDGE, NULL, read_datacast},
	{"text/x-msmsgsinvite", MSN_BODY_INVITE, NULL, NULL},
	{"text/x-msmsgsprofile", MSN_BODY_PROFILE, read_profile, NULL},
	{"text/x-msmsgsinitialemailnotification", MSN_BODY_INITIAL_MAIL, NULL, read_initial_mail},
	{"text/x-msmsgsemailnotification", MSN_BODY_NEW_MAIL, NULL, read_new_mail},
	{"text/x-msmsgsactivemailnotification", MSN_BODY_MOVED_MAIL, NULL, read_moved_mail},
	{"application/x-msmsgssystemmessage", MSN_BODY_SYSTEM, NULL, read_system},
};

static const struct kind *kind_find(const char *content_type)
{
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(kinds[i].content_type, content_type) == 0)
			return &kinds[i];
	return NULL;
}

static void body_fill(struct msn_body *b, const struct fields *head, const char *content_type)
{
	const struct kind *kind = kind_find(b->content_type);
	struct fields content;

	if (!kind)
		return;
	if (kind->read_content && !fields_read(&content, b->content, b->content_n, NULL))
		return;
	b->type = kind->type;
	if (kind->type == MSN_BODY_TEXT)
		read_text(b, head, content_type);
	if (kind->read_head)
		kind->read_head(b, head);
	if (kind->read_content)
		kind->read_content(b, &content);
}

struct msn_body *msn_body_read(const void *payload, gsize n)
{
	struct fields head;
	struct msn_body *b;
	g_autofree char *value = NULL, *line = NULL;
	gsize used;

	if (!fields_read(&head, payload, n, &used))
		return NULL;
	value = fields_dup(&head, "Content-Type");
	line = text_line(value ? value : "text/plain; charset=UTF-8", TYPE_MAX);
	b = g_new0(struct msn_body, 1);
	b->content = (const guint8 *)payload + used;
	b->content_n = n - used;
	b->content_type = g_strstrip(g_ascii_strdown(line, strcspn(line, ";")));
	body_fill(b, &head, line);
	return b;
}

static void wipe(char **text)
{
	if (*text)
		gnutls_memset(*text, 0, strlen(*text));
	g_clear_pointer(text, g_free);
}

void msn_body_free(struct msn_body *b)
{
	if (!b)
		return;
	wipe(&b->mspauth);
	wipe(&b->sid);
	wipe(&b->kv);
	g_free(b->content_type);
	g_free(b->text);
	g_free(b->font);
	g_free(b->account);
	g_free(b->name);
	g_free(b->subject);
	g_free(b->folder);
	g_free(b->from_folder);
	g_free(b);
}

/* ---- writing ---- */

/* Octets of text at *at, which moves on; a line end of any kind leaves as CRLF. */
static gsize unit_size(const char **at)
{
	if ((*at)[0] == '\r' && (*at)[1] == '\n') {
		*at += 2;
		return 2;
	}
	*at += 1;
	return (*at)[-1] == '\r' || (*at)[-1] == '\n' ? 2 : 1;
}

/* How much of text becomes at most max octets on the wire. */
static gsize text_fits(const char *text, gsize max)
{
	const char *at = text;
	gsize cut;

	while (*at) {
		const char *next = at;
		gsize size = unit_size(&next);

		if (size > max)
			break;
		max -= size;
		at = next;
	}
	if (!*at)
		return at - text;
	cut = text_cut(text, -1, at - text);
	if (cut > 1 && text[cut - 1] == '\r' && text[cut] == '\n')
		cut--;
	return cut;
}

static void append_lines(GString *out, const char *text, gsize n)
{
	const char *end = text + n;

	while (text < end) {
		const char *from = text;

		if (unit_size(&text) == 2)
			g_string_append(out, "\r\n");
		else
			g_string_append_c(out, *from);
	}
}

gsize msn_body_write_text(GString *out, const char *text, const struct msn_style *style)
{
	gsize before = out->len, fits;

	g_string_append(out, HEAD "text/plain; charset=UTF-8\r\n");
	if (style && !style_is_plain(style)) {
		g_autofree char *format = msn_style_write(style);

		fields_write(out, "X-MMS-IM-Format", format);
	}
	g_string_append(out, "\r\n");
	fits = text_fits(text, MSN_MESSAGE_MAX - (out->len - before));
	append_lines(out, text, fits);
	return fits;
}

gboolean msn_body_write_typing(GString *out, const char *account)
{
	gsize before = out->len;

	g_string_append(out, HEAD "text/x-msmsgscontrol\r\n");
	if (strlen(account) > MSN_ACCOUNT_MAX || !fields_write(out, "TypingUser", account)) {
		g_string_truncate(out, before);
		return FALSE;
	}
	g_string_append(out, "\r\n\r\n");
	return TRUE;
}

void msn_body_write_nudge(GString *out)
{
	g_string_append(out, HEAD "text/x-msnmsgr-datacast\r\n\r\nID: 1\r\n\r\n");
}
