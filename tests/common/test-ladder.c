/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-ladder: the decision table of where to connect, and the order of SRV records. */
#include "common/ladder.h"

#include <string.h>

#define ANSWER_MAX 4

/* What a service's SRV question is answered with; a record without a target ends the list. */
struct answer {
	struct ladder_srv records[ANSWER_MAX];
};

#define NONE                                                                                       \
	{                                                                                          \
		{                                                                                  \
			{                                                                          \
				0                                                                  \
			}                                                                          \
		}                                                                                  \
	}
#define ROOT                                                                                       \
	{                                                                                          \
		{                                                                                  \
			{                                                                          \
				".", 0, 0, 0                                                       \
			}                                                                          \
		}                                                                                  \
	}

struct decision {
	const char *path, *domain;
	struct answer direct, starttls; /* xmpps-client, xmpp-client */
	guint16 fallback_port;
	const char *chosen;    /* the user's server, NULL when none */
	const char *questions; /* as they are asked */
	const char *rungs;     /* "host:port" and "+tls", in order */
};

#define BOTH "xmpps-client xmpp-client "

/* clang-format off */
static const struct decision decisions[] = {
	{"no-records-lead-to-the-default-port",
	 "a.example", NONE, NONE, 5222, NULL, BOTH, "a.example:5222 "},
	{"no-records-and-no-default-lead-nowhere",
	 "a.example", NONE, NONE, 0, NULL, BOTH, ""},
	{"trailing-dot-is-left-out",
	 "a.example.", NONE, NONE, 5222, NULL, BOTH, "a.example:5222 "},
	{"records-replace-the-default-port",
	 "a.example", NONE, {{{"s.example.", 5269, 0, 0}}}, 5222, NULL, BOTH, "s.example:5269 "},
	{"direct-tls-alone-is-enough",
	 "a.example", {{{"t.example", 443, 5, 1}}}, NONE, 5222, NULL, BOTH, "t.example:443+tls "},
	{"both-kinds-are-one-set",
	 "a.example", {{{"t1", 443, 20, 0}, {"t2", 443, 5, 0}}},
	 {{{"s1", 5222, 10, 0}, {"s2", 5222, 30, 0}}}, 5222, NULL, BOTH,
	 "t2:443+tls s1:5222 t1:443+tls s2:5222 "},
	{"equal-priority-keeps-the-services-order",
	 "a.example", {{{"t", 443, 5, 0}}}, {{{"s", 5222, 5, 0}}}, 5222, NULL, BOTH,
	 "t:443+tls s:5222 "},
	{"neither-kind-offered-leads-nowhere",
	 "a.example", ROOT, ROOT, 5222, NULL, BOTH, ""},
	{"starttls-not-offered-forbids-the-default-port",
	 "a.example", NONE, ROOT, 5222, NULL, BOTH, ""},
	{"empty-target-is-the-root",
	 "a.example", NONE, {{{"", 5222, 0, 0}}}, 5222, NULL, BOTH, ""},
	{"direct-tls-not-offered-leaves-starttls",
	 "a.example", ROOT, {{{"s", 5222, 0, 0}}}, 5222, NULL, BOTH, "s:5222 "},
	{"direct-tls-not-offered-leaves-the-default-port",
	 "a.example", ROOT, NONE, 5222, NULL, BOTH, "a.example:5222 "},
	{"starttls-not-offered-leaves-direct-tls",
	 "a.example", {{{"t", 443, 0, 0}}}, ROOT, 5222, NULL, BOTH, "t:443+tls "},
	{"root-among-records-is-left-out",
	 "a.example", NONE, {{{".", 5222, 0, 0}, {"s", 5222, 1, 0}}}, 5222, NULL, BOTH, "s:5222 "},
	{"records-that-lead-nowhere-still-forbid-the-default-port",
	 "a.example", NONE, {{{"s", 0, 0, 0}}}, 5222, NULL, BOTH, ""},
	{"user-names-the-server",
	 "a.example", NONE, NONE, 5222, "u.example", "", "u.example:7+tls "},
	{"user-names-an-address-in-brackets",
	 "a.example", NONE, NONE, 0, "[2001:db8::1]", "", "2001:db8::1:7+tls "},
	{"ipv4-literal-asks-nothing",
	 "192.0.2.7", NONE, NONE, 5222, NULL, "", "192.0.2.7:5222 "},
	{"ipv6-literal-asks-nothing",
	 "[2001:db8::7]", NONE, NONE, 5222, NULL, "", "2001:db8::7:5222 "},
	{"bare-ipv6-literal-asks-nothing",
	 "2001:db8::7", NONE, NONE, 5222, NULL, "", "2001:db8::7:5222 "},
	{"literal-without-default-port-leads-nowhere",
	 "192.0.2.7", NONE, NONE, 0, NULL, "", ""},
	{"number-that-is-no-address-is-a-name",
	 "192.0.2", NONE, NONE, 5222, NULL, BOTH, "192.0.2:5222 "},
};
/* clang-format on */

static const struct ladder_service services[] = {{"xmpps-client", TRUE}, {"xmpp-client", FALSE}};

static guint32 draw_never(guint32 limit, gpointer user)
{
	g_assert_not_reached();
	return 0;
}

static guint32 draw_lowest(guint32 limit, gpointer user)
{
	return 0;
}

static void answer_with(struct ladder *l, const struct ladder_service *service,
			const struct answer *answer)
{
	guint n = 0;

	while (n < ANSWER_MAX && answer->records[n].target)
		n++;
	ladder_answer(l, service, answer->records, n);
}

/* The rungs that are left, as one text. (transfer full) */
static char *climb(struct ladder *l, ladder_draw_h draw, gpointer user)
{
	GString *text = g_string_new(NULL);
	struct ladder_rung rung;

	while (ladder_next(l, draw, user, &rung))
		g_string_append_printf(text, "%s:%u%s ", rung.host, rung.port,
				       rung.is_tls ? "+tls" : "");
	g_assert_false(ladder_next(l, draw, user, &rung));
	return g_string_free(text, FALSE);
}

static void test_decision(gconstpointer data)
{
	const struct decision *d = data;
	struct ladder *l = ladder_new(d->domain, services, 2, d->fallback_port, FALSE);
	g_autoptr(GString) questions = g_string_new(NULL);
	const struct ladder_service *service;

	if (d->chosen)
		ladder_choose(l, d->chosen, 7, TRUE);
	while ((service = ladder_next_question(l))) {
		g_string_append_printf(questions, "%s ", service->name);
		answer_with(l, service, service->is_tls ? &d->direct : &d->starttls);
	}
	g_assert_null(ladder_next_question(l));
	g_assert_cmpstr(questions->str, ==, d->questions);
	g_autofree char *rungs = climb(l, draw_lowest, NULL);
	g_assert_cmpstr(rungs, ==, d->rungs);
	ladder_free(l);
}

/* A ladder whose only service answered with n records. (transfer full) */
static struct ladder *ladder_of(const struct ladder_srv *records, guint n)
{
	struct ladder *l = ladder_new("a.example", &services[1], 1, 5222, FALSE);

	ladder_answer(l, ladder_next_question(l), records, n);
	return l;
}

/* Gives numbers in turn and checks what they are drawn from. */
struct script {
	const struct throw
	{
		guint32 limit, value;
	}
	*throws;
	guint done;
};

static guint32 draw_script(guint32 limit, gpointer user)
{
	struct script *s = user;
	const struct throw *t = &s->throws[s->done++];

	g_assert_cmpuint(limit, ==, t->limit);
	return t->value;
}

/* The running sum is a 0, c 10, d 40, b 100: the weightless one is moved to the front. */
static const struct ladder_srv weighted[] = {
	{"c", 1, 7, 10}, {"d", 1, 7, 30}, {"a", 1, 7, 0}, {"b", 1, 7, 60}};

static const struct draw_case {
	const char *path;
	struct throw throws[4];
	guint draws;
	const char *rungs;
} draw_cases[] = {
	{"zero-takes-the-weightless",
	 {{100, 0}, {100, 0}, {90, 0}, {60, 0}},
	 4,
	 "a:1 c:1 d:1 b:1 "},
	{"one-passes-the-weightless-by", {{100, 1}, {90, 1}, {60, 1}}, 3, "c:1 d:1 b:1 a:1 "},
	{"sum-that-is-reached-counts", {{100, 10}, {90, 30}, {60, 60}}, 3, "c:1 d:1 b:1 a:1 "},
	{"sum-that-is-passed-does-not", {{100, 11}, {70, 11}, {10, 1}}, 3, "d:1 b:1 c:1 a:1 "},
	{"highest-takes-the-last", {{100, 100}, {40, 40}, {10, 10}}, 3, "b:1 d:1 c:1 a:1 "},
	{"draw-beyond-its-limit-is-the-limit",
	 {{100, 999}, {40, 40}, {10, 10}},
	 3,
	 "b:1 d:1 c:1 a:1 "},
};

static void test_draw(gconstpointer data)
{
	const struct draw_case *c = data;
	struct script s = {c->throws, 0};
	struct ladder *l = ladder_of(weighted, G_N_ELEMENTS(weighted));
	g_autofree char *rungs = climb(l, draw_script, &s);

	g_assert_cmpstr(rungs, ==, c->rungs);
	g_assert_cmpuint(s.done, ==, c->draws);
	ladder_free(l);
}

static void test_draws_inside_a_priority_only(void)
{
	static const struct ladder_srv records[] = {
		{"late", 1, 20, 65535}, {"x", 1, 10, 2}, {"y", 1, 10, 3}, {"last", 1, 65535, 0}};
	static const struct throw throws[] = {{5, 3}, {2, 1}, {65535, 9}};
	struct script s = {throws, 0};
	struct ladder *l = ladder_of(records, G_N_ELEMENTS(records));
	g_autofree char *rungs = climb(l, draw_script, &s);

	g_assert_cmpstr(rungs, ==, "y:1 x:1 late:1 last:1 ");
	g_assert_cmpuint(s.done, ==, 3);
	ladder_free(l);
}

static void test_weightless_records_need_no_draw(void)
{
	static const struct ladder_srv records[] = {{"x", 1, 1, 0}, {"y", 1, 1, 0}, {"z", 1, 0, 0}};
	struct ladder *l = ladder_of(records, G_N_ELEMENTS(records));
	g_autofree char *rungs = climb(l, draw_never, NULL);

	g_assert_cmpstr(rungs, ==, "z:1 x:1 y:1 ");
	ladder_free(l);
}

static guint32 draw_fairly(guint32 limit, gpointer user)
{
	return g_rand_int_range(user, 0, limit + 1);
}

/* Weights of one to three, drawn 4000 times from a fixed seed. */
static void test_first_rung_follows_the_weights(void)
{
	static const struct ladder_srv records[] = {{"x", 1, 1, 100}, {"y", 1, 1, 300}};
	GRand *rand = g_rand_new_with_seed(2782);
	guint x = 0;

	for (guint i = 0; i < 4000; i++) {
		struct ladder *l = ladder_of(records, G_N_ELEMENTS(records));
		struct ladder_rung rung;

		g_assert_true(ladder_next(l, draw_fairly, rand, &rung));
		x += g_str_equal(rung.host, "x");
		ladder_free(l);
	}
	g_assert_cmpuint(x, >, 900);
	g_assert_cmpuint(x, <, 1100);
	g_rand_free(rand);
}

static guint32 draw_highest(guint32 limit, gpointer user)
{
	guint32 *highest = user;

	*highest = MAX(*highest, limit);
	return limit;
}

static void test_records_are_capped(void)
{
	struct ladder_srv records[3 * LADDER_RECORDS_MAX];
	struct ladder *l = ladder_new("a.example", services, 2, 5222, FALSE);
	guint32 highest = 0;
	guint count = 0;

	for (guint i = 0; i < G_N_ELEMENTS(records); i++)
		records[i] = (struct ladder_srv){"s.example", i + 1, 0, G_MAXUINT16};
	ladder_answer(l, ladder_next_question(l), records, G_N_ELEMENTS(records));
	ladder_answer(l, ladder_next_question(l), records, G_N_ELEMENTS(records));
	for (struct ladder_rung rung; ladder_next(l, draw_highest, &highest, &rung); count++)
		g_assert_cmpuint(rung.port, <=, LADDER_RECORDS_MAX);
	g_assert_cmpuint(count, ==, LADDER_RECORDS_MAX);
	g_assert_cmpuint(highest, ==, LADDER_RECORDS_MAX * G_MAXUINT16);
	ladder_free(l);
}

static void test_long_targets_are_ignored(void)
{
	g_autofree char *longest = g_strnfill(LADDER_HOST_MAX, 'h');
	g_autofree char *too_long = g_strnfill(LADDER_HOST_MAX + 1, 'h');
	const struct ladder_srv records[] = {{too_long, 1, 0, 0}, {longest, 2, 0, 0}};
	struct ladder *l = ladder_of(records, 2);
	struct ladder_rung rung;

	g_assert_true(ladder_next(l, draw_never, NULL, &rung));
	g_assert_cmpuint(rung.port, ==, 2);
	g_assert_cmpstr(rung.host, ==, longest);
	g_assert_false(ladder_next(l, draw_never, NULL, &rung));
	ladder_free(l);
}

static void test_second_answer_is_ignored(void)
{
	static const struct ladder_srv first = {"x", 1, 0, 0}, second = {"y", 1, 0, 0};
	struct ladder *l = ladder_new("a.example", services, 1, 5222, FALSE);
	const struct ladder_service *service = ladder_next_question(l);

	ladder_answer(l, service, &first, 1);
	ladder_answer(l, service, &second, 1);
	g_autofree char *rungs = climb(l, draw_never, NULL);
	g_assert_cmpstr(rungs, ==, "x:1+tls ");
	ladder_free(l);
}

static void test_choice_outdoes_answers(void)
{
	static const struct ladder_srv root = {".", 0, 0, 0}, record = {"x", 1, 0, 0};
	struct ladder *l = ladder_new("a.example", services, 2, 5222, FALSE);

	ladder_answer(l, ladder_next_question(l), &record, 1);
	const struct ladder_service *service = ladder_next_question(l);
	ladder_choose(l, "u.example.", 5223, TRUE);
	ladder_answer(l, service, &root, 1);
	g_autofree char *rungs = climb(l, draw_never, NULL);
	g_assert_cmpstr(rungs, ==, "u.example:5223+tls ");
	ladder_free(l);
	ladder_free(NULL);
}

/* What the ladder was told may go away at once. */
static void test_everything_is_copied(void)
{
	char domain[] = "a.example", name[] = "sip", target[] = "x",
	     *texts[] = {domain, name, target};
	struct ladder_service service = {name, FALSE};
	struct ladder *l = ladder_new(domain, &service, 1, 5060, FALSE);
	const struct ladder_service *asked;
	struct ladder_srv record = {target, 1, 0, 0};

	name[0] = '?';
	asked = ladder_next_question(l);
	g_assert_cmpstr(asked->name, ==, "sip");
	ladder_answer(l, asked, &record, 1);
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		memset(texts[i], '?', strlen(texts[i]));
	g_autofree char *rungs = climb(l, draw_never, NULL);
	g_assert_cmpstr(rungs, ==, "x:1 ");
	ladder_free(l);
}

static const struct family_case {
	const char *path, *given; /* a digit per address */
	const char *expected;	  /* indexes as letters */
} family_cases[] = {
	{"nothing-has-no-order", "", ""},
	{"one-family-keeps-its-order", "444", "abc"},
	{"other-family-keeps-its-order", "666", "abc"},
	{"six-goes-first", "46", "ba"},
	{"families-alternate", "446644", "cadbef"},
	{"rest-of-six-follows", "66646", "adbce"},
	{"alternating-stays", "6464", "abcd"},
};

static void test_interleave(gconstpointer data)
{
	const struct family_case *c = data;
	guint n = strlen(c->given), order[8];
	gboolean is_v6[8] = {FALSE};
	char letters[9] = "";

	for (guint i = 0; i < n; i++)
		is_v6[i] = c->given[i] == '6';
	ladder_interleave(is_v6, n, order);
	for (guint i = 0; i < n; i++)
		letters[i] = 'a' + order[i];
	g_assert_cmpstr(letters, ==, c->expected);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(decisions); i++) {
		g_autofree char *path = g_strconcat("/ladder/", decisions[i].path, NULL);
		g_test_add_data_func(path, &decisions[i], test_decision);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(draw_cases); i++) {
		g_autofree char *path = g_strconcat("/ladder/draw/", draw_cases[i].path, NULL);
		g_test_add_data_func(path, &draw_cases[i], test_draw);
	}
	g_test_add_func("/ladder/draw/is-made-inside-a-priority-only",
			test_draws_inside_a_priority_only);
	g_test_add_func("/ladder/draw/weightless-records-need-none",
			test_weightless_records_need_no_draw);
	g_test_add_func("/ladder/draw/first-rung-follows-the-weights",
			test_first_rung_follows_the_weights);
	g_test_add_func("/ladder/records-are-capped", test_records_are_capped);
	g_test_add_func("/ladder/long-targets-are-ignored", test_long_targets_are_ignored);
	g_test_add_func("/ladder/second-answer-is-ignored", test_second_answer_is_ignored);
	g_test_add_func("/ladder/choice-outdoes-answers", test_choice_outdoes_answers);
	g_test_add_func("/ladder/everything-is-copied", test_everything_is_copied);
	for (gsize i = 0; i < G_N_ELEMENTS(family_cases); i++) {
		g_autofree char *path =
			g_strconcat("/ladder/interleave/", family_cases[i].path, NULL);
		g_test_add_data_func(path, &family_cases[i], test_interleave);
	}
	return g_test_run();
}
