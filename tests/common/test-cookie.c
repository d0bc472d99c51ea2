/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-cookie: an answer finds its request once, and nobody waits forever or guesses a token. */
#include "common/cookie.h"

#include <string.h>

/* Data for cookies; only the addresses matter. */
static char ann[] = "ann", ben[] = "ben", cem[] = "cem", dot[] = "dot";

static void test_answer_finds_its_request(void)
{
	struct cookie_jar *jar = cookie_jar_new(4);

	g_assert_true(cookie_put(jar, "1", ann, 10));
	g_assert_true(cookie_put(jar, "2", ben, 20));
	g_assert_cmpuint(cookie_count(jar), ==, 2);
	g_assert_true(cookie_peek(jar, "2") == ben);
	g_assert_true(cookie_peek(jar, "2") == ben);
	g_assert_true(cookie_take(jar, "2") == ben);
	g_assert_true(cookie_take(jar, "1") == ann);
	g_assert_cmpuint(cookie_count(jar), ==, 0);
	cookie_jar_free(jar);
	cookie_jar_free(NULL);
}

static void test_late_answer_finds_nothing(void)
{
	struct cookie_jar *jar = cookie_jar_new(4);

	g_assert_true(cookie_put(jar, "taken", ann, 10));
	g_assert_true(cookie_put(jar, "expired", ben, 10));
	g_assert_true(cookie_take(jar, "taken") == ann);
	g_assert_null(cookie_take(jar, "taken"));
	g_assert_null(cookie_peek(jar, "taken"));
	g_assert_true(cookie_expire(jar, 10) == ben);
	g_assert_null(cookie_take(jar, "expired"));
	g_assert_null(cookie_take(jar, "unknown"));
	g_assert_null(cookie_take(jar, ""));
	cookie_jar_free(jar);
}

static void test_key_serves_one_at_a_time(void)
{
	struct cookie_jar *jar = cookie_jar_new(4);

	g_assert_true(cookie_put(jar, "1", ann, 10));
	g_assert_false(cookie_put(jar, "1", ben, 10));
	g_assert_true(cookie_take(jar, "1") == ann);
	g_assert_true(cookie_put(jar, "1", ben, 10));
	g_assert_true(cookie_peek(jar, "1") == ben);
	cookie_jar_free(jar);
}

static void test_key_is_copied(void)
{
	struct cookie_jar *jar = cookie_jar_new(4);
	char key[] = "key";

	g_assert_true(cookie_put(jar, key, ann, 10));
	memset(key, 'x', 3);
	g_assert_true(cookie_take(jar, "key") == ann);
	cookie_jar_free(jar);
}

static void test_key_length_is_bounded(void)
{
	struct cookie_jar *jar = cookie_jar_new(4);
	g_autofree char *longest = g_strnfill(COOKIE_KEY_MAX, 'k');
	g_autofree char *too_long = g_strnfill(COOKIE_KEY_MAX + 1, 'k');

	g_assert_false(cookie_put(jar, "", ann, 10));
	g_assert_false(cookie_put(jar, too_long, ann, 10));
	g_assert_cmpuint(cookie_count(jar), ==, 0);
	g_assert_true(cookie_put(jar, longest, ann, 10));
	g_assert_true(cookie_take(jar, longest) == ann);
	cookie_jar_free(jar);
}

static void test_full_jar_refuses(void)
{
	struct cookie_jar *jar = cookie_jar_new(2);

	g_assert_true(cookie_put(jar, "1", ann, 10));
	g_assert_true(cookie_put(jar, "2", ben, 10));
	g_assert_false(cookie_put(jar, "3", cem, 10));
	g_assert_true(cookie_take(jar, "1") == ann);
	g_assert_true(cookie_put(jar, "3", cem, 10));
	cookie_jar_free(jar);
}

static void test_expires_in_order_of_deadlines(void)
{
	struct cookie_jar *jar = cookie_jar_new(4);

	g_assert_cmpint(cookie_deadline(jar), ==, G_MAXINT64);
	g_assert_null(cookie_expire(jar, G_MAXINT64));
	g_assert_true(cookie_put(jar, "a", ann, 30));
	g_assert_true(cookie_put(jar, "b", ben, 10));
	g_assert_true(cookie_put(jar, "c", cem, 20));
	g_assert_true(cookie_put(jar, "d", dot, G_MININT64));
	g_assert_cmpint(cookie_deadline(jar), ==, G_MININT64);
	g_assert_true(cookie_expire(jar, 0) == dot);
	g_assert_cmpint(cookie_deadline(jar), ==, 10);
	g_assert_null(cookie_expire(jar, 9));
	g_assert_true(cookie_expire(jar, 20) == ben);
	g_assert_true(cookie_expire(jar, 20) == cem);
	g_assert_null(cookie_expire(jar, 20));
	g_assert_true(cookie_expire(jar, G_MAXINT64) == ann);
	g_assert_cmpint(cookie_deadline(jar), ==, G_MAXINT64);
	cookie_jar_free(jar);
}

static void test_equal_deadlines_expire_as_put(void)
{
	static char data[100];
	struct cookie_jar *jar = cookie_jar_new(100);

	for (guint i = 0; i < 100; i++) {
		g_autofree char *key = g_strdup_printf("%u", i);
		g_assert_true(cookie_put(jar, key, &data[i], 5));
	}
	for (guint i = 0; i < 100; i++)
		g_assert_true(cookie_expire(jar, 5) == &data[i]);
	cookie_jar_free(jar);
}

static void test_abandons_as_put(void)
{
	struct cookie_jar *jar = cookie_jar_new(4);

	g_assert_null(cookie_abandon(jar));
	g_assert_true(cookie_put(jar, "a", ann, 30));
	g_assert_true(cookie_put(jar, "b", ben, 10));
	g_assert_true(cookie_put(jar, "c", cem, 20));
	g_assert_true(cookie_put(jar, "d", dot, 5));
	g_assert_true(cookie_take(jar, "c") == cem);
	g_assert_true(cookie_abandon(jar) == ann);
	g_assert_true(cookie_abandon(jar) == ben);
	g_assert_cmpint(cookie_deadline(jar), ==, 5);
	g_assert_true(cookie_abandon(jar) == dot);
	g_assert_null(cookie_abandon(jar));
	cookie_jar_free(jar);
}

/* ---- against a model ------------------------------------------------------------------------ */

#define MODEL_MAX 200

/* Entries in the order they were put; data of entry i is &model->entries[i] of that time. */
struct model {
	struct entry {
		guint key;
		gint64 deadline;
		gpointer data;
	} entries[MODEL_MAX];
	guint count;
};

static gpointer model_remove(struct model *m, guint i)
{
	gpointer data = m->entries[i].data;

	m->count--;
	memmove(&m->entries[i], &m->entries[i + 1], (m->count - i) * sizeof m->entries[0]);
	return data;
}

static guint model_find(const struct model *m, guint key)
{
	guint i = 0;

	while (i < m->count && m->entries[i].key != key)
		i++;
	return i;
}

static guint model_first_due(const struct model *m)
{
	guint first = 0;

	for (guint i = 1; i < m->count; i++)
		if (m->entries[i].deadline < m->entries[first].deadline)
			first = i;
	return first;
}

static void step_put(struct cookie_jar *jar, struct model *m, guint key, const char *name)
{
	static guint counter;
	gpointer data = GUINT_TO_POINTER(++counter);
	gint64 deadline = g_test_rand_int_range(0, 50);
	gboolean is_free = m->count < MODEL_MAX && model_find(m, key) == m->count;

	g_assert_cmpint(cookie_put(jar, name, data, deadline), ==, is_free);
	if (is_free)
		m->entries[m->count++] = (struct entry){key, deadline, data};
}

static void step_take(struct cookie_jar *jar, struct model *m, guint key, const char *name)
{
	guint i = model_find(m, key);
	gpointer expected = i < m->count ? model_remove(m, i) : NULL;

	g_assert_true(cookie_peek(jar, name) == expected);
	g_assert_true(cookie_take(jar, name) == expected);
}

static void step_expire(struct cookie_jar *jar, struct model *m)
{
	gint64 now = g_test_rand_int_range(0, 50);
	guint i = model_first_due(m);
	gpointer expected =
		m->count > 0 && m->entries[i].deadline <= now ? model_remove(m, i) : NULL;

	g_assert_true(cookie_expire(jar, now) == expected);
}

static void test_random_steps_agree_with_a_list(void)
{
	struct cookie_jar *jar = cookie_jar_new(MODEL_MAX);
	struct model *m = g_new0(struct model, 1);

	for (guint step = 0; step < 20000; step++) {
		guint key = g_test_rand_int_range(0, 2 * MODEL_MAX);
		g_autofree char *name = g_strdup_printf("%u", key);
		int what = g_test_rand_int_range(0, 10);

		if (what < 6)
			step_put(jar, m, key, name);
		else if (what < 8)
			step_take(jar, m, key, name);
		else if (what < 9)
			step_expire(jar, m);
		else if (step % 7 == 0)
			g_assert_true(cookie_abandon(jar) ==
				      (m->count > 0 ? model_remove(m, 0) : NULL));
		g_assert_cmpuint(cookie_count(jar), ==, m->count);
		g_assert_cmpint(cookie_deadline(jar), ==,
				m->count > 0 ? m->entries[model_first_due(m)].deadline
					     : G_MAXINT64);
	}
	cookie_jar_free(jar);
	g_free(m);
}

/* Two hundred thousand at once: a jar that searches would not come back. */
static void test_many_wait_at_once(void)
{
	const guint count = 200000;
	struct cookie_jar *jar = cookie_jar_new(count);
	char key[16];

	for (guint i = 0; i < count; i++) {
		g_snprintf(key, sizeof key, "%u", i);
		g_assert_true(cookie_put(jar, key, ann, (i * 7919) % count));
	}
	for (guint i = 0; i < count; i += 4) {
		g_snprintf(key, sizeof key, "%u", i);
		g_assert_true(cookie_take(jar, key) == ann);
	}
	for (gint64 due, last = 0; cookie_count(jar) > count / 2; last = due) {
		due = cookie_deadline(jar);
		g_assert_cmpint(due, >=, last);
		g_assert_true(cookie_expire(jar, due) == ann);
	}
	while (cookie_abandon(jar))
		;
	g_assert_cmpuint(cookie_count(jar), ==, 0);
	cookie_jar_free(jar);
}

/* ---- tokens --------------------------------------------------------------------------------- */

/* Gives the octets of a list, in turn. */
struct script {
	const guint8 *octets;
	gsize n, done;
};

static void script_random(guint8 *ret_octets, gsize n, gpointer user)
{
	struct script *s = user;

	g_assert_cmpuint(s->done + n, <=, s->n);
	memcpy(ret_octets, s->octets + s->done, n);
	s->done += n;
}

static void test_decimal_is_never_zero(void)
{
	static const guint8 octets[] = {0, 0, 0, 0, 0, 0, 0, 1, 255, 255, 255, 255, 0, 0, 2, 1};
	struct script s = {octets, sizeof octets, 0};
	static const char *const expected[] = {"1", "4294967295", "513"};

	for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
		g_autofree char *token = cookie_token_decimal(script_random, &s);
		g_assert_cmpstr(token, ==, expected[i]);
	}
	g_assert_cmpuint(s.done, ==, s.n);
}

static void test_alnum_draws_again_what_would_be_unfair(void)
{
	static const guint8 octets[] = {0, 255, 25, 248, 26, 51, 247, 61};
	struct script s = {octets, sizeof octets, 0};
	g_autofree char *token = cookie_token_alnum(6, script_random, &s);

	g_assert_cmpstr(token, ==, "AZaz99");
	g_assert_cmpuint(s.done, ==, s.n);
}

static void count_up(guint8 *ret_octets, gsize n, gpointer user)
{
	guint8 *next = user;

	while (n-- > 0)
		*ret_octets++ = (*next)++;
}

/* Whatever octet comes, each character is as likely as the others. */
static void test_alnum_is_uniform(void)
{
	guint seen[256] = {0};
	guint8 next = 0;
	g_autofree char *token = cookie_token_alnum(248, count_up, &next);

	g_assert_cmpuint(strlen(token), ==, 248);
	for (const char *p = token; *p; p++)
		seen[(guchar)*p]++;
	for (guint c = 0; c < 256; c++)
		g_assert_cmpuint(seen[c], ==, g_ascii_isalnum(c) ? 4 : 0);
}

static void test_hex_writes_every_octet(void)
{
	static const guint8 octets[] = {0x00, 0x9a, 0xff, 0x10};
	struct script s = {octets, sizeof octets, 0};
	g_autofree char *token = cookie_token_hex(4, script_random, &s);
	g_autofree char *none = cookie_token_hex(0, script_random, &s);
	guint8 next = 0;
	g_autofree char *all = cookie_token_hex(256, count_up, &next);

	g_assert_cmpstr(token, ==, "009aff10");
	g_assert_cmpstr(none, ==, "");
	for (guint i = 0; i < 256; i++)
		g_assert_cmpint(g_ascii_xdigit_value(all[2 * i]) * 16 +
					g_ascii_xdigit_value(all[2 * i + 1]),
				==, i);
}

static void test_real_tokens_differ(void)
{
	GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < 1000; i++) {
		g_assert_true(g_hash_table_add(seen, cookie_token_alnum(20, cookie_random, NULL)));
		g_assert_true(g_hash_table_add(seen, cookie_token_hex(16, cookie_random, NULL)));
	}
	g_hash_table_destroy(seen);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/cookie/answer-finds-its-request", test_answer_finds_its_request);
	g_test_add_func("/cookie/late-answer-finds-nothing", test_late_answer_finds_nothing);
	g_test_add_func("/cookie/key-serves-one-at-a-time", test_key_serves_one_at_a_time);
	g_test_add_func("/cookie/key-is-copied", test_key_is_copied);
	g_test_add_func("/cookie/key-length-is-bounded", test_key_length_is_bounded);
	g_test_add_func("/cookie/full-jar-refuses", test_full_jar_refuses);
	g_test_add_func("/cookie/earliest-deadline-expires-first",
			test_expires_in_order_of_deadlines);
	g_test_add_func("/cookie/equal-deadlines-expire-as-put",
			test_equal_deadlines_expire_as_put);
	g_test_add_func("/cookie/end-of-session-tells-all-as-put", test_abandons_as_put);
	g_test_add_func("/cookie/random-steps-agree-with-a-list",
			test_random_steps_agree_with_a_list);
	g_test_add_func("/cookie/many-wait-at-once", test_many_wait_at_once);
	g_test_add_func("/cookie/token/decimal-is-never-zero", test_decimal_is_never_zero);
	g_test_add_func("/cookie/token/alnum-draws-again-what-would-be-unfair",
			test_alnum_draws_again_what_would_be_unfair);
	g_test_add_func("/cookie/token/alnum-is-uniform", test_alnum_is_uniform);
	g_test_add_func("/cookie/token/hex-writes-every-octet", test_hex_writes_every_octet);
	g_test_add_func("/cookie/token/real-tokens-differ", test_real_tokens_differ);
	return g_test_run();
}
