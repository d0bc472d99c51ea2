/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jid: each part of an address by its own profile, ASCII without a library, the rest remembered. */
#include "plugins/xmpp-lite/wire/jid.h"

#include <gnutls/gnutls.h>
#include <idn2.h>
#include <string.h>
#include <stringprep.h>

#define LABEL_MAX 63   /* octets of a DNS label */
#define DOMAIN_MAX 253 /* octets of a DNS name */
#define CACHE_SLOTS 256
/* SASLprep makes text at most eleven times longer (U+FDFA). */
#define SASLPREP_GROWTH 12

/* ---- the parts ----
 * Each of these writes raw (n octets) to out, JID_PART_MAX octets at most and no NUL, and returns
 * how many octets it wrote; 0 when it refuses. */

static gboolean is_ascii(const char *text, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (text[i] & 0x80)
			return FALSE;
	return TRUE;
}

/* Stringprep is not idempotent by itself: a mapping can make what another step would map again.
 * Repeated until it changes nothing, which one round nearly always is enough for. */
static gsize put_prepared(const char *raw, gsize n, const Stringprep_profile *profile, char *out)
{
	char text[JID_MAX], before[JID_MAX];

	if (n >= sizeof text || !g_utf8_validate(raw, n, NULL))
		return 0;
	memcpy(text, raw, n);
	text[n] = '\0';
	for (guint round = 0; round < 4; round++) {
		memcpy(before, text, n + 1);
		if (stringprep(text, sizeof text, STRINGPREP_NO_UNASSIGNED, profile) !=
		    STRINGPREP_OK)
			return 0;
		n = strlen(text);
		if (strcmp(text, before) != 0)
			continue;
		if (n > JID_PART_MAX)
			return 0;
		memcpy(out, text, n);
		return n;
	}
	return 0;
}

static gsize put_local(const char *raw, gsize n, char *out)
{
	if (!is_ascii(raw, n))
		return put_prepared(raw, n, stringprep_xmpp_nodeprep, out);
	if (n > JID_PART_MAX)
		return 0;
	for (gsize i = 0; i < n; i++) {
		if (!g_ascii_isgraph(raw[i]) || strchr("\"&'/:<>@", raw[i]))
			return 0;
		out[i] = g_ascii_tolower(raw[i]);
	}
	return n;
}

static gsize put_resource(const char *raw, gsize n, char *out)
{
	if (!is_ascii(raw, n))
		return put_prepared(raw, n, stringprep_xmpp_resourceprep, out);
	if (n > JID_PART_MAX)
		return 0;
	for (gsize i = 0; i < n; i++)
		if (!g_ascii_isprint(raw[i]))
			return 0;
	memcpy(out, raw, n);
	return n;
}

/* "[…]" around an IPv6 address. */
static gsize put_literal(const char *raw, gsize n, char *out)
{
	char *address;
	gboolean is_address;

	if (n < 3 || n > JID_PART_MAX || raw[n - 1] != ']')
		return 0;
	for (gsize i = 1; i < n - 1; i++)
		if (!g_ascii_isxdigit(raw[i]) && raw[i] != ':' && raw[i] != '.')
			return 0;
	address = g_strndup(raw + 1, n - 2);
	is_address = strchr(address, ':') && g_hostname_is_ip_address(address);
	g_free(address);
	if (!is_address)
		return 0;
	for (gsize i = 0; i < n; i++)
		out[i] = g_ascii_tolower(raw[i]);
	return n;
}

/* 1 to 63 octets of ASCII's letters, digits, "-" and "_"; what is not ASCII was IDNA's to judge. */
static gboolean is_label(const char *label, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (!(label[i] & 0x80) && !g_ascii_isalnum(label[i]) && !strchr("-_", label[i]))
			return FALSE;
	return n > 0 && (n <= LABEL_MAX || !is_ascii(label, n));
}

/* Labels with dots between them; one more at the end goes. */
static gsize put_labels(const char *raw, gsize n, char *out)
{
	if (n > 0 && raw[n - 1] == '.')
		n--;
	if (n == 0 || n > JID_PART_MAX)
		return 0;
	for (gsize i = 0, label = 0; i <= n; i++) {
		if (i < n && raw[i] != '.')
			continue;
		if (!is_label(raw + label, i - label))
			return 0;
		label = i + 1;
	}
	for (gsize i = 0; i < n; i++)
		out[i] = g_ascii_tolower(raw[i]);
	return n;
}

static gboolean has_a_label(const char *raw, gsize n)
{
	for (gsize i = 0; i + 4 <= n; i++)
		if ((i == 0 || raw[i - 1] == '.') && g_ascii_strncasecmp(raw + i, "xn--", 4) == 0)
			return TRUE;
	return FALSE;
}

/* A-labels by UTS #46 mapping and IDNA2008; NULL when it refuses. Free with idn2_free(). */
static char *to_a_labels(const char *domain)
{
	guint8 *ascii = NULL;

	if (idn2_lookup_u8((const guint8 *)domain, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) !=
	    IDN2_OK)
		return NULL;
	return (char *)ascii;
}

/* One way there and back, which leaves U-labels. */
static gsize put_idna(const char *raw, char *out)
{
	char *ascii = to_a_labels(raw), *unicode = NULL;
	gsize n = 0;

	if (ascii && idn2_to_unicode_8z8z(ascii, &unicode, 0) == IDN2_OK)
		n = put_labels(unicode, strlen(unicode), out);
	idn2_free(ascii);
	idn2_free(unicode);
	return n;
}

static gsize put_domain(const char *raw, gsize n, char *out)
{
	char text[JID_MAX], again[JID_PART_MAX];
	gsize length;

	if (n > 0 && raw[0] == '[')
		return put_literal(raw, n, out);
	if (is_ascii(raw, n) && !has_a_label(raw, n))
		return put_labels(raw, n, out);
	if (n >= sizeof text || !g_utf8_validate(raw, n, NULL))
		return 0;
	memcpy(text, raw, n);
	text[n] = '\0';
	length = put_idna(text, out);
	memcpy(text, out, length);
	text[length] = '\0';
	/* What does not come back the same is no domain to rely on. */
	if (length == 0 || put_idna(text, again) != length || memcmp(out, again, length) != 0)
		return 0;
	return length;
}

/* ---- the whole ---- */

/* Parts of a raw JID; NULL where there is none. */
struct parts {
	const char *local, *domain, *resource;
	gsize local_n, domain_n, resource_n;
};

static struct parts split(const char *raw)
{
	struct parts p = {.domain = raw, .domain_n = strcspn(raw, "/")};
	const char *at;

	if (raw[p.domain_n]) {
		p.resource = raw + p.domain_n + 1;
		p.resource_n = strlen(p.resource);
	}
	at = memchr(raw, '@', p.domain_n);
	if (at) {
		p.local = raw;
		p.local_n = at - raw;
		p.domain = at + 1;
		p.domain_n -= p.local_n + 1;
	}
	return p;
}

static gboolean join(const struct parts *p, char ret[JID_MAX])
{
	char jid[JID_MAX];
	gsize n = 0, part;

	if (p->local) {
		part = put_local(p->local, p->local_n, jid);
		if (part == 0)
			return FALSE;
		n = part;
		jid[n++] = '@';
	}
	part = put_domain(p->domain, p->domain_n, jid + n);
	if (part == 0)
		return FALSE;
	n += part;
	if (p->resource) {
		jid[n++] = '/';
		part = put_resource(p->resource, p->resource_n, jid + n);
		if (part == 0)
			return FALSE;
		n += part;
	}
	jid[n] = '\0';
	memcpy(ret, jid, n + 1);
	return TRUE;
}

/* What was prepared by the libraries, refusals too: one slot per hash, the newest stays. */
static struct {
	char *raw, *jid; /* jid NULL: refused */
} cache[CACHE_SLOTS];

void jid_cache_clear(void)
{
	for (guint i = 0; i < CACHE_SLOTS; i++) {
		g_clear_pointer(&cache[i].raw, g_free);
		g_clear_pointer(&cache[i].jid, g_free);
	}
}

static const char *prepare_remembered(const char *raw)
{
	guint slot = g_str_hash(raw) % CACHE_SLOTS;
	struct parts parts = split(raw);
	char jid[JID_MAX];

	if (cache[slot].raw && strcmp(cache[slot].raw, raw) == 0)
		return cache[slot].jid;
	g_free(cache[slot].raw);
	g_free(cache[slot].jid);
	cache[slot].raw = g_strdup(raw);
	cache[slot].jid = join(&parts, jid) ? g_strdup(jid) : NULL;
	return cache[slot].jid;
}

gboolean jid_prepare(const char *raw, char ret[JID_MAX])
{
	gsize n;
	struct parts parts;
	const char *jid;

	g_return_val_if_fail(raw && ret, FALSE);

	n = strnlen(raw, JID_MAX);
	if (n == JID_MAX)
		return FALSE;
	parts = split(raw);
	if (is_ascii(raw, n) && !has_a_label(parts.domain, parts.domain_n))
		return join(&parts, ret);
	jid = prepare_remembered(raw);
	if (!jid)
		return FALSE;
	memmove(ret, jid, strlen(jid) + 1);
	return TRUE;
}

char *jid_new(const char *raw)
{
	char jid[JID_MAX];

	return jid_prepare(raw, jid) ? g_strdup(jid) : NULL;
}

char *jid_build(const char *local, const char *domain, const char *resource)
{
	g_return_val_if_fail(domain, NULL);

	struct parts parts = {
		.local = local,
		.local_n = local ? strlen(local) : 0,
		.domain = domain,
		.domain_n = strlen(domain),
		.resource = resource,
		.resource_n = resource ? strlen(resource) : 0,
	};
	char jid[JID_MAX];

	return join(&parts, jid) ? g_strdup(jid) : NULL;
}

/* ---- of a prepared JID ---- */

gsize jid_bare_length(const char *jid)
{
	return strcspn(jid, "/");
}

char *jid_bare(const char *jid)
{
	return g_strndup(jid, jid_bare_length(jid));
}

const char *jid_resource(const char *jid)
{
	const char *slash = strchr(jid, '/');

	return slash ? slash + 1 : NULL;
}

char *jid_local(const char *jid)
{
	struct parts parts = split(jid);

	return parts.local ? g_strndup(parts.local, parts.local_n) : NULL;
}

char *jid_domain(const char *jid)
{
	struct parts parts = split(jid);

	return g_strndup(parts.domain, parts.domain_n);
}

gboolean jid_same_bare(const char *a, const char *b)
{
	gsize n = jid_bare_length(a);

	return n == jid_bare_length(b) && memcmp(a, b, n) == 0;
}

/* ---- for DNS and SASL ---- */

char *jid_domain_ascii(const char *domain)
{
	char prepared[JID_PART_MAX + 1], *a_labels, *result;
	gsize n;

	g_return_val_if_fail(domain, NULL);

	n = put_domain(domain, strlen(domain), prepared);
	if (n == 0)
		return NULL;
	prepared[n] = '\0';
	if (prepared[0] == '[')
		return g_strndup(prepared + 1, n - 2);
	if (is_ascii(prepared, n))
		return n <= DOMAIN_MAX ? g_strdup(prepared) : NULL;
	a_labels = to_a_labels(prepared);
	result = a_labels && strlen(a_labels) <= DOMAIN_MAX ? g_strdup(a_labels) : NULL;
	idn2_free(a_labels);
	return result;
}

static gboolean is_printable_ascii(const char *text)
{
	while (g_ascii_isprint(*text))
		text++;
	return !*text;
}

char *jid_saslprep(const char *text)
{
	gsize room;
	char *buffer, *result = NULL;

	g_return_val_if_fail(text, NULL);

	if (is_printable_ascii(text))
		return g_strdup(text);
	if (!g_utf8_validate(text, -1, NULL))
		return NULL;
	room = SASLPREP_GROWTH * strlen(text) + 1;
	buffer = g_malloc0(room);
	memcpy(buffer, text, strlen(text));
	/* Unassigned code points refused, because the server keeps what it is given (RFC 5802). */
	if (stringprep(buffer, room, STRINGPREP_NO_UNASSIGNED, stringprep_saslprep) ==
	    STRINGPREP_OK)
		result = g_strdup(buffer);
	gnutls_memset(buffer, 0, room);
	g_free(buffer);
	return result;
}
