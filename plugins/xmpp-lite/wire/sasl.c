/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sasl: PLAIN and SCRAM computed with GnuTLS; what the server says is kept as it was received. */
#include "plugins/xmpp-lite/wire/sasl.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "common/text.h"
#include "plugins/xmpp-lite/wire/jid.h"

#define HASH_MAX 64 /* octets of SHA-512 */

/* ---- base64 and PLAIN ---- */

static int base64_value(char c)
{
	if (g_ascii_isupper(c))
		return c - 'A';
	if (g_ascii_islower(c))
		return c - 'a' + 26;
	if (g_ascii_isdigit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The bits that padding cuts off must be zero, or one octet string would have several texts. */
static gboolean is_base64(const char *text, gsize n)
{
	gsize padding = n > 0 && text[n - 1] == '=' ? 1 + (text[n - 2] == '=') : 0;

	for (gsize i = 0; i < n - padding; i++)
		if (base64_value(text[i]) < 0)
			return FALSE;
	return padding == 0 ||
	       !(base64_value(text[n - padding - 1]) & (padding == 1 ? 0x03 : 0x0f));
}

/* text has n octets; n may be less than its length. */
static GBytes *decode(const char *text, gsize n)
{
	char *copy;
	guint8 *octets;
	gsize size = 0;

	if (n == 0)
		return g_bytes_new_static("", 0);
	if (n % 4 != 0 || !is_base64(text, n))
		return NULL;
	copy = g_strndup(text, n);
	octets = g_base64_decode(copy, &size);
	gnutls_memset(copy, 0, n);
	g_free(copy);
	return g_bytes_new_take(octets, size);
}

GBytes *sasl_base64_decode(const char *text)
{
	g_return_val_if_fail(text, NULL);

	return decode(text, strlen(text));
}

static void wipe_string(char *text)
{
	if (text)
		gnutls_memset(text, 0, strlen(text));
	g_free(text);
}

struct secret {
	gsize n;
	char octets[];
};

static void secret_free(gpointer data)
{
	struct secret *secret = data;

	gnutls_memset(secret->octets, 0, secret->n);
	g_free(secret);
}

GBytes *sasl_plain(const char *user, const char *password)
{
	g_return_val_if_fail(user && password, NULL);

	gsize user_n = strlen(user), password_n = strlen(password);
	struct secret *message = g_malloc(sizeof *message + 2 + user_n + password_n);

	message->n = 2 + user_n + password_n;
	message->octets[0] = '\0';
	memcpy(message->octets + 1, user, user_n);
	message->octets[1 + user_n] = '\0';
	memcpy(message->octets + 2 + user_n, password, password_n);
	return g_bytes_new_with_free_func(message->octets, message->n, secret_free, message);
}

/* ---- SCRAM ---- */

struct scram {
	gnutls_mac_algorithm_t mac;
	gnutls_digest_algorithm_t digest;
	gsize size; /* octets of the hash */
	char *password;
	char *nonce;
	char *client_first; /* ends with client_first_bare */
	const char *client_first_bare;
	char *binding; /* base64 of the GS2 header and the channel binding data */
	char *client_final;
	guint8 server_signature[HASH_MAX];
	gboolean has_answered;
	char *server_error;
};

static void set_hash(struct scram *s, enum scram_hash hash)
{
	static const struct {
		gnutls_mac_algorithm_t mac;
		gnutls_digest_algorithm_t digest;
	} hashes[] = {
		[SCRAM_SHA_1] = {GNUTLS_MAC_SHA1, GNUTLS_DIG_SHA1},
		[SCRAM_SHA_256] = {GNUTLS_MAC_SHA256, GNUTLS_DIG_SHA256},
		[SCRAM_SHA_512] = {GNUTLS_MAC_SHA512, GNUTLS_DIG_SHA512},
	};

	s->mac = hashes[hash].mac;
	s->digest = hashes[hash].digest;
	s->size = gnutls_hash_get_len(s->digest);
}

static char *prepared(const char *text)
{
	char *result = jid_saslprep(text);

	return result ? result : g_strdup(text);
}

/* "," and "=" separate what SCRAM sends. */
static void append_user(GString *to, const char *user)
{
	char *text = prepared(user);

	for (const char *p = text; *p; p++) {
		if (*p == ',')
			g_string_append(to, "=2C");
		else if (*p == '=')
			g_string_append(to, "=3D");
		else
			g_string_append_c(to, *p);
	}
	wipe_string(text);
}

/* The GS2 header says what we think of channel binding; the server sees it again in c=. */
static char *gs2_header(const char *channel_binding, gboolean can_bind)
{
	if (channel_binding)
		return g_strdup_printf("p=%s,,", channel_binding);
	return g_strdup(can_bind ? "y,," : "n,,");
}

static char *binding_text(const char *gs2, GBytes *binding)
{
	gsize n = 0;
	const char *data = binding ? g_bytes_get_data(binding, &n) : NULL;
	g_autoptr(GByteArray) input = g_byte_array_new();

	g_byte_array_append(input, (const guint8 *)gs2, strlen(gs2));
	if (n > 0)
		g_byte_array_append(input, (const guint8 *)data, n);
	return g_base64_encode(input->data, input->len);
}

/* "printable" of RFC 5802: what a nonce may consist of. */
static gboolean is_nonce(const char *text, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (!g_ascii_isgraph(text[i]) || text[i] == ',')
			return FALSE;
	return n > 0;
}

struct scram *scram_new(enum scram_hash hash, const char *user, const char *password,
			const char *channel_binding, GBytes *binding, gboolean can_bind,
			const char *nonce)
{
	g_return_val_if_fail(user && password && nonce && is_nonce(nonce, strlen(nonce)), NULL);
	g_return_val_if_fail(!channel_binding || binding, NULL);

	struct scram *s = g_new0(struct scram, 1);
	g_autofree char *gs2 = gs2_header(channel_binding, can_bind);
	GString *first = g_string_new(gs2);

	set_hash(s, hash);
	s->password = prepared(password);
	s->nonce = g_strdup(nonce);
	s->binding = binding_text(gs2, channel_binding ? binding : NULL);
	g_string_append(first, "n=");
	append_user(first, user);
	g_string_append_printf(first, ",r=%s", nonce);
	s->client_first = g_string_free(first, FALSE);
	s->client_first_bare = s->client_first + strlen(gs2);
	return s;
}

void scram_free(struct scram *s)
{
	if (!s)
		return;
	wipe_string(s->password);
	wipe_string(s->client_final);
	g_free(s->binding);
	g_free(s->nonce);
	g_free(s->client_first);
	g_free(s->server_error);
	gnutls_memset(s, 0, sizeof *s);
	g_free(s);
}

const char *scram_client_first(struct scram *s)
{
	g_return_val_if_fail(s, NULL);

	return s->client_first;
}

/* A piece of a message. */
struct span {
	const char *at;
	gsize n;
};

/* The value of the attribute at *p, which must be named name and not be empty; *p moves behind it
 * and its comma. */
static gboolean take_attribute(const char **p, const char *end, char name, struct span *ret_value)
{
	const char *comma = memchr(*p, ',', end - *p);
	const char *stop = comma ? comma : end;

	if (stop - *p < 3 || (*p)[0] != name || (*p)[1] != '=')
		return FALSE;
	*ret_value = (struct span){*p + 2, stop - *p - 2};
	*p = comma ? comma + 1 : end;
	return TRUE;
}

/* What may follow the attributes we know: others, each with a letter and a value; "m=" says that we
 * must not go on without understanding it. A comma must have something behind it. */
static gboolean are_extensions(const char *p, const char *end)
{
	struct span value;

	while (p < end)
		if (!g_ascii_isalpha(*p) || *p == 'm' || !take_attribute(&p, end, *p, &value))
			return FALSE;
	return p[-1] != ',';
}

struct server_first {
	struct span nonce, salt, iterations;
};

static gboolean is_message(const char *text, gsize n)
{
	return n > 0 && n <= SCRAM_MESSAGE_MAX && !memchr(text, '\0', n) &&
	       g_utf8_validate(text, n, NULL);
}

static gboolean parse_server_first(const char *text, gsize n, struct server_first *ret)
{
	const char *p = text, *end = text + n;

	return is_message(text, n) && take_attribute(&p, end, 'r', &ret->nonce) &&
	       take_attribute(&p, end, 's', &ret->salt) &&
	       take_attribute(&p, end, 'i', &ret->iterations) && are_extensions(p, end) &&
	       is_nonce(ret->nonce.at, ret->nonce.n);
}

/* 0 when it is no number; above the limit when it has too many digits. */
static guint parse_iterations(struct span digits)
{
	guint n = 0;

	if (digits.at[0] == '0')
		return 0;
	for (gsize i = 0; i < digits.n; i++) {
		if (!g_ascii_isdigit(digits.at[i]))
			return 0;
		if (n <= SCRAM_ITERATIONS_MAX)
			n = 10 * n + (digits.at[i] - '0');
	}
	return n;
}

static gboolean extends_nonce(const struct scram *s, struct span nonce)
{
	gsize n = strlen(s->nonce);

	return nonce.n > n && memcmp(nonce.at, s->nonce, n) == 0;
}

static gboolean hmac(const struct scram *s, const guint8 *key, const char *text, guint8 *ret)
{
	return gnutls_hmac_fast(s->mac, key, s->size, text, strlen(text), ret) == 0;
}

/* Proof and server signature (RFC 5802 section 3); ret_proof has room for HASH_MAX octets. */
static gboolean sign(struct scram *s, GBytes *salt, guint iterations, const char *auth_message,
		     guint8 *ret_proof)
{
	guint8 salted[HASH_MAX], client_key[HASH_MAX], stored[HASH_MAX], server_key[HASH_MAX];
	gnutls_datum_t password = {(guint8 *)s->password, strlen(s->password)}, salt_datum;
	gboolean is_done;
	gsize salt_n;

	salt_datum.data = (guint8 *)g_bytes_get_data(salt, &salt_n);
	salt_datum.size = salt_n;
	is_done = gnutls_pbkdf2(s->mac, &password, &salt_datum, iterations, salted, s->size) == 0 &&
		  hmac(s, salted, "Client Key", client_key) &&
		  gnutls_hash_fast(s->digest, client_key, s->size, stored) == 0 &&
		  hmac(s, stored, auth_message, ret_proof) &&
		  hmac(s, salted, "Server Key", server_key) &&
		  hmac(s, server_key, auth_message, s->server_signature);
	for (gsize i = 0; is_done && i < s->size; i++)
		ret_proof[i] ^= client_key[i];
	gnutls_memset(salted, 0, sizeof salted);
	gnutls_memset(client_key, 0, sizeof client_key);
	gnutls_memset(stored, 0, sizeof stored);
	gnutls_memset(server_key, 0, sizeof server_key);
	return is_done;
}

/* client-final for a server_first that was found good. NULL when GnuTLS cannot compute it. */
static char *answer(struct scram *s, const char *server_first, gsize n, struct span nonce,
		    GBytes *salt, guint iterations)
{
	g_autofree char *without_proof =
		g_strdup_printf("c=%s,r=%.*s", s->binding, (int)nonce.n, nonce.at);
	g_autofree char *auth_message = g_strdup_printf("%s,%.*s,%s", s->client_first_bare, (int)n,
							server_first, without_proof);
	g_autofree char *proof_text = NULL;
	guint8 proof[HASH_MAX];

	if (!sign(s, salt, iterations, auth_message, proof))
		return NULL;
	proof_text = g_base64_encode(proof, s->size);
	gnutls_memset(proof, 0, sizeof proof);
	return g_strdup_printf("%s,p=%s", without_proof, proof_text);
}

enum scram_result scram_client_final(struct scram *s, const char *server_first, gsize n,
				     const char **ret_client_final)
{
	g_return_val_if_fail(s && (server_first || n == 0) && ret_client_final, SCRAM_MALFORMED);

	struct server_first first;
	g_autoptr(GBytes) salt = NULL;
	guint iterations;

	if (s->has_answered || !parse_server_first(server_first, n, &first))
		return SCRAM_MALFORMED;
	s->has_answered = TRUE;
	if (!extends_nonce(s, first.nonce))
		return SCRAM_NONCE;
	salt = decode(first.salt.at, first.salt.n);
	iterations = parse_iterations(first.iterations);
	if (!salt || iterations == 0)
		return SCRAM_MALFORMED;
	if (iterations < SCRAM_ITERATIONS_MIN || iterations > SCRAM_ITERATIONS_MAX)
		return SCRAM_ITERATIONS;
	s->client_final = answer(s, server_first, n, first.nonce, salt, iterations);
	if (!s->client_final)
		return SCRAM_MALFORMED;
	*ret_client_final = s->client_final;
	return SCRAM_OK;
}

static gboolean is_signature(const struct scram *s, struct span value)
{
	g_autoptr(GBytes) octets = decode(value.at, value.n);
	gsize n;
	const guint8 *data = octets ? g_bytes_get_data(octets, &n) : NULL;

	return data && n == s->size && gnutls_memcmp(data, s->server_signature, n) == 0;
}

enum scram_result scram_verify(struct scram *s, const char *server_final, gsize n)
{
	g_return_val_if_fail(s && (server_final || n == 0), SCRAM_MALFORMED);

	const char *p = server_final, *end = server_final + n;
	struct span value;

	if (!s->client_final || !is_message(server_final, n))
		return SCRAM_MALFORMED;
	if (take_attribute(&p, end, 'e', &value)) {
		g_free(s->server_error);
		s->server_error = text_repair(value.at, value.n);
		return SCRAM_REFUSED;
	}
	if (!take_attribute(&p, end, 'v', &value) || !are_extensions(p, end))
		return SCRAM_MALFORMED;
	return is_signature(s, value) ? SCRAM_OK : SCRAM_SIGNATURE;
}

const char *scram_server_error(const struct scram *s)
{
	g_return_val_if_fail(s, NULL);

	return s->server_error;
}
