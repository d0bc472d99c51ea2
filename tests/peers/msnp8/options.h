/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options: what a service was told to be like: its dialect, its limits, its faults. */
#ifndef TESTS_PEERS_MSNP8_OPTIONS_H
#define TESTS_PEERS_MSNP8_OPTIONS_H
#include <glib.h>

struct options;

struct options *options_new(void); /* (transfer full): all of dialect=original */
void options_free(struct options *o);
/* "key=value"; a new dialect brings its own defaults for what was not set by itself. FALSE: no such
 * key or value. */
gboolean options_set(struct options *o, const char *setting);

/* (transfer none), until the key is set again; the key has to exist. */
const char *options_get(const struct options *o, const char *key);
gboolean options_is(const struct options *o, const char *key, const char *value);
guint options_number(const struct options *o, const char *key);
gboolean options_is_revival(const struct options *o);

/* Keys whose value is "VERB:NUMBER,VERB:NUMBER…": the number of this verb, 0: none. */
guint options_of_verb(const struct options *o, const char *key, const char *verb);
/* A fault with "faults" more to come happens now; FALSE: they are used up. */
gboolean options_use_fault(struct options *o);

/* All keys with their values, a line each, for people. (transfer full) */
char *options_describe(const struct options *o);
#endif
