/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options: a table of keys; tests/peers/msnp8-server explains them to people. */
#include "tests/peers/msnp8/options.h"

#include <string.h>

#define VALUE_MAX 256

/* choices: what may be said, NULL: anything, "#": a number. */
static const struct option_kind {
	const char *key, *original, *revival, *choices;
} kinds[] = {
	{"dialect", "original", "revival", "original|revival"},
	/* ---- habits ---- */
	{"versions", "MSNP8", "MSNP8 MSNP9 MSNP10 MSNP11 MSNP12 MSNP13 MSNP14 MSNP15", NULL},
	{"referrals", "1", "0", NULL},
	{"names", "encoded", "raw", "encoded|raw"},
	{"challenge", "chg", "never", "chg|never"},
	{"mail", "yes", "no", "yes|no"},
	{"contacts-max", "150", "1000", "#"},
	{"groups-max", "30", "30", "#"},
	{"ticket-life", "60", "30", "#"},
	{"key-life", "120", "120", "#"},
	{"greet-life", "60", "60", "#"},
	{"challenge-life", "60", "60", "#"},
	{"gateway-life", "60", "60", "#"},
	{"idle", "0", "0", "#"},
	{"cert", "good", "good", NULL}, /* read by the script that makes it */
	/* ---- faults ---- */
	{"faults", "0", "0", "#"},
	{"close-at", "", "", NULL},
	{"close-after", "", "", NULL},
	{"silent-at", "", "", NULL},
	{"error", "", "", NULL},
	{"omit", "", "", NULL},
	{"twice", "", "", NULL},
	{"nak", "", "", NULL},
	{"pong", "yes", "yes", "yes|no"},
	{"verdict", "right", "right", "right|wrong"},
	{"dribble", "0", "0", "#"},
	{"delay", "0", "0", "#"},
	{"sprinkle", "no", "no", "no|known|later"},
	{"nexus", "ok", "ok", "ok|missing|busy|garbage|silent"},
	{"login", "ok", "ok", "ok|busy|garbage|silent|redirect|loop|plain"},
	{"ticket", "right", "right", "right|wrong"},
};

struct options {
	char *values[G_N_ELEMENTS(kinds)];
	gboolean is_set[G_N_ELEMENTS(kinds)];
	guint n_faults;
};

static int option_find(const char *key, gsize n)
{
	guint i;

	for (i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strlen(kinds[i].key) == n && !strncmp(kinds[i].key, key, n))
			return i;
	return -1;
}

static void options_default(struct options *o, gboolean is_revival)
{
	guint i;

	for (i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (o->is_set[i])
			continue;
		g_free(o->values[i]);
		o->values[i] = g_strdup(is_revival ? kinds[i].revival : kinds[i].original);
	}
}

struct options *options_new(void)
{
	struct options *o = g_new0(struct options, 1);

	options_default(o, FALSE);
	return o;
}

void options_free(struct options *o)
{
	guint i;

	if (!o)
		return;
	for (i = 0; i < G_N_ELEMENTS(kinds); i++)
		g_free(o->values[i]);
	g_free(o);
}

static gboolean option_accepts(const struct option_kind *kind, const char *value)
{
	g_auto(GStrv) choices = NULL;
	guint64 number;

	if (strlen(value) > VALUE_MAX)
		return FALSE;
	if (!kind->choices)
		return TRUE;
	if (!strcmp(kind->choices, "#"))
		return g_ascii_string_to_unsigned(value, 10, 0, G_MAXINT, &number, NULL);
	choices = g_strsplit(kind->choices, "|", -1);
	return g_strv_contains((const char *const *)choices, value);
}

gboolean options_set(struct options *o, const char *setting)
{
	const char *equals = strchr(setting, '=');
	int i = equals ? option_find(setting, equals - setting) : -1;

	if (i < 0 || !option_accepts(&kinds[i], equals + 1))
		return FALSE;
	g_free(o->values[i]);
	o->values[i] = g_strdup(equals + 1);
	o->is_set[i] = TRUE;
	if (!strcmp(kinds[i].key, "dialect"))
		options_default(o, options_is_revival(o));
	if (!strcmp(kinds[i].key, "faults"))
		o->n_faults = options_number(o, "faults");
	return TRUE;
}

const char *options_get(const struct options *o, const char *key)
{
	int i = option_find(key, strlen(key));

	g_assert(i >= 0);
	return o->values[i];
}

gboolean options_is(const struct options *o, const char *key, const char *value)
{
	return !strcmp(options_get(o, key), value);
}

guint options_number(const struct options *o, const char *key)
{
	return g_ascii_strtoull(options_get(o, key), NULL, 10);
}

gboolean options_is_revival(const struct options *o)
{
	return options_is(o, "dialect", "revival");
}

guint options_of_verb(const struct options *o, const char *key, const char *verb)
{
	g_auto(GStrv) items = g_strsplit(options_get(o, key), ",", -1);
	gsize n = strlen(verb);
	guint i;

	for (i = 0; items[i]; i++) {
		if (strncmp(items[i], verb, n))
			continue;
		if (!items[i][n])
			return 1;
		if (items[i][n] == ':')
			return g_ascii_strtoull(items[i] + n + 1, NULL, 10);
	}
	return 0;
}

gboolean options_use_fault(struct options *o)
{
	if (!options_number(o, "faults"))
		return TRUE; /* without a number they never end */
	if (!o->n_faults)
		return FALSE;
	o->n_faults--;
	return TRUE;
}

char *options_describe(const struct options *o)
{
	GString *text = g_string_new(NULL);
	guint i;

	for (i = 0; i < G_N_ELEMENTS(kinds); i++)
		g_string_append_printf(text, "%s=%s\n", kinds[i].key, o->values[i]);
	return g_string_free(text, FALSE);
}
