/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cookie: each cookie stands in a table by key, in a heap by deadline and in a queue by age, so
 * that no operation is slower than the heap's O(log n). */
#include "common/cookie.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

struct cookie {
	char *key;
	gpointer data;
	gint64 deadline;
	guint64 serial; /* of equal deadlines the first put goes first */
	guint place;	/* in the heap */
	GList age;	/* the link in the queue, data points here */
};

struct cookie_jar {
	guint max;
	guint64 next_serial;
	GHashTable *by_key; /* of cookies, their own keys */
	GPtrArray *heap;    /* of cookies, none due later than the two below it */
	GQueue by_age;	    /* of cookies, oldest first */
};

struct cookie_jar *cookie_jar_new(guint max)
{
	g_return_val_if_fail(max > 0, NULL);

	struct cookie_jar *jar = g_new0(struct cookie_jar, 1);
	jar->max = max;
	jar->by_key = g_hash_table_new(g_str_hash, g_str_equal);
	jar->heap = g_ptr_array_new();
	g_queue_init(&jar->by_age);
	return jar;
}

/* ---- the heap ------------------------------------------------------------------------------- */

static struct cookie *heap_at(const struct cookie_jar *jar, guint place)
{
	return g_ptr_array_index(jar->heap, place);
}

static void heap_set(struct cookie_jar *jar, guint place, struct cookie *c)
{
	g_ptr_array_index(jar->heap, place) = c;
	c->place = place;
}

static gboolean is_sooner(const struct cookie *a, const struct cookie *b)
{
	return a->deadline != b->deadline ? a->deadline < b->deadline : a->serial < b->serial;
}

static void heap_rise(struct cookie_jar *jar, struct cookie *c)
{
	guint place = c->place;

	while (place > 0) {
		guint above = (place - 1) / 2;

		if (!is_sooner(c, heap_at(jar, above)))
			break;
		heap_set(jar, place, heap_at(jar, above));
		place = above;
	}
	heap_set(jar, place, c);
}

static void heap_sink(struct cookie_jar *jar, struct cookie *c)
{
	guint place = c->place;

	for (;;) {
		guint below = 2 * place + 1;

		if (below >= jar->heap->len)
			break;
		if (below + 1 < jar->heap->len &&
		    is_sooner(heap_at(jar, below + 1), heap_at(jar, below)))
			below++;
		if (!is_sooner(heap_at(jar, below), c))
			break;
		heap_set(jar, place, heap_at(jar, below));
		place = below;
	}
	heap_set(jar, place, c);
}

static void heap_add(struct cookie_jar *jar, struct cookie *c)
{
	c->place = jar->heap->len;
	g_ptr_array_add(jar->heap, c);
	heap_rise(jar, c);
}

static void heap_remove(struct cookie_jar *jar, struct cookie *c)
{
	struct cookie *last = g_ptr_array_steal_index_fast(jar->heap, jar->heap->len - 1);

	if (last == c)
		return;
	heap_set(jar, c->place, last);
	heap_rise(jar, last);
	heap_sink(jar, last);
}

/* ---- the jar -------------------------------------------------------------------------------- */

/* Keys can be secrets between two peers (who knows one may answer), so they are wiped. */
static gpointer cookie_free(struct cookie *c)
{
	gpointer data = c->data;

	gnutls_memset(c->key, 0, strlen(c->key));
	g_free(c->key);
	g_free(c);
	return data;
}

static gpointer cookie_remove(struct cookie_jar *jar, struct cookie *c)
{
	g_hash_table_remove(jar->by_key, c->key);
	heap_remove(jar, c);
	g_queue_unlink(&jar->by_age, &c->age);
	return cookie_free(c);
}

void cookie_jar_free(struct cookie_jar *jar)
{
	if (!jar)
		return;
	for (guint i = 0; i < jar->heap->len; i++)
		cookie_free(heap_at(jar, i));
	g_ptr_array_free(jar->heap, TRUE);
	g_hash_table_destroy(jar->by_key);
	g_free(jar);
}

gboolean cookie_put(struct cookie_jar *jar, const char *key, gpointer data, gint64 deadline)
{
	g_return_val_if_fail(data != NULL, FALSE);

	gsize length = strnlen(key, COOKIE_KEY_MAX + 1);
	if (length == 0 || length > COOKIE_KEY_MAX || jar->heap->len >= jar->max ||
	    g_hash_table_contains(jar->by_key, key))
		return FALSE;

	struct cookie *c = g_new0(struct cookie, 1);
	c->key = g_strdup(key);
	c->data = data;
	c->deadline = deadline;
	c->serial = jar->next_serial++;
	c->age.data = c;
	g_hash_table_insert(jar->by_key, c->key, c);
	heap_add(jar, c);
	g_queue_push_tail_link(&jar->by_age, &c->age);
	return TRUE;
}

gpointer cookie_peek(const struct cookie_jar *jar, const char *key)
{
	const struct cookie *c = g_hash_table_lookup(jar->by_key, key);

	return c ? c->data : NULL;
}

gpointer cookie_take(struct cookie_jar *jar, const char *key)
{
	struct cookie *c = g_hash_table_lookup(jar->by_key, key);

	return c ? cookie_remove(jar, c) : NULL;
}

gpointer cookie_expire(struct cookie_jar *jar, gint64 now)
{
	if (jar->heap->len == 0 || heap_at(jar, 0)->deadline > now)
		return NULL;
	return cookie_remove(jar, heap_at(jar, 0));
}

gint64 cookie_deadline(const struct cookie_jar *jar)
{
	return jar->heap->len > 0 ? heap_at(jar, 0)->deadline : G_MAXINT64;
}

gpointer cookie_abandon(struct cookie_jar *jar)
{
	struct cookie *c = g_queue_peek_head(&jar->by_age);

	return c ? cookie_remove(jar, c) : NULL;
}

guint cookie_count(const struct cookie_jar *jar)
{
	return jar->heap->len;
}

/* ---- tokens --------------------------------------------------------------------------------- */

void cookie_random(guint8 *ret_octets, gsize n, gpointer user)
{
	if (gnutls_rnd(GNUTLS_RND_NONCE, ret_octets, n) < 0)
		g_error("the system has no randomness to give");
}

char *cookie_token_decimal(cookie_random_h random, gpointer user)
{
	guint8 octets[4];
	guint32 value = 0;

	while (value == 0) {
		random(octets, sizeof octets, user);
		value = (guint32)octets[0] << 24 | (guint32)octets[1] << 16 |
			(guint32)octets[2] << 8 | octets[3];
	}
	gnutls_memset(octets, 0, sizeof octets);
	return g_strdup_printf("%" G_GUINT32_FORMAT, value);
}

char *cookie_token_alnum(gsize n, cookie_random_h random, gpointer user)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789";
	const guint count = sizeof alphabet - 1;
	/* Octets from here on would make some characters likelier than others. */
	const guint limit = 256 / count * count;
	char *token = g_malloc(n + 1);
	guint8 octets[64];

	for (gsize done = 0; done < n;) {
		gsize want = MIN(n - done, sizeof octets);

		random(octets, want, user);
		for (gsize i = 0; i < want; i++)
			if (octets[i] < limit)
				token[done++] = alphabet[octets[i] % count];
	}
	gnutls_memset(octets, 0, sizeof octets);
	token[n] = '\0';
	return token;
}

char *cookie_token_hex(gsize n, cookie_random_h random, gpointer user)
{
	static const char digits[] = "0123456789abcdef";
	char *token = g_malloc(2 * n + 1);
	guint8 octets[64];

	for (gsize done = 0; done < n;) {
		gsize want = MIN(n - done, sizeof octets);

		random(octets, want, user);
		for (gsize i = 0; i < want; i++, done++) {
			token[2 * done] = digits[octets[i] >> 4];
			token[2 * done + 1] = digits[octets[i] & 15];
		}
	}
	gnutls_memset(octets, 0, sizeof octets);
	token[2 * n] = '\0';
	return token;
}
