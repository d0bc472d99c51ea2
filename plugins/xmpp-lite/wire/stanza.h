/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stanza: one top-level XML element of a stream as a light tree in one arena; find, build, write.
 * Names match by (namespace, local name), never by prefix. A child without namespace of its own
 * has its parent's (RFC 6120 section 4.8). */
#ifndef XMPP_WIRE_STANZA_H
#define XMPP_WIRE_STANZA_H
#include <glib.h>

#include "common/bytes.h"

struct attribute {
	const char *ns; /* NULL for the usual attribute without prefix */
	const char *name;
	const char *value;
	struct attribute *next;
};

/* Fields are for reading; they live as long as the stanza. */
struct element {
	const char *name;
	const char *ns;   /* never NULL; "" outside any namespace */
	const char *text; /* all character data directly inside, in order; never NULL */
	struct attribute *attributes;
	struct element *parent, *first, *next; /* parent NULL at the root */
	/* the rest is stanza.c's and xml.c's */
	struct element *last;
	struct stanza *owner;
	gsize text_length;
};

struct stanza; /* the arena; its root is the top-level element */

/* A stanza whose root is <name xmlns=ns/>. (transfer full) */
struct stanza *stanza_new(const char *name, const char *ns);
void stanza_free(struct stanza *s);            /* NULL is fine */
struct element *stanza_root(struct stanza *s); /* (transfer none) */

/* ---- find ---- (e may be NULL in all of these: nothing is found in nothing) */
gboolean element_is(const struct element *e, const char *name, const char *ns);
/* The first child so named; name NULL: any name; ns NULL: the namespace of e itself.
 * (nullable) (transfer none) */
struct element *element_child(const struct element *e, const char *name, const char *ns);
/* The next sibling so named, as element_child; ns NULL: the namespace of the parent. */
struct element *element_next(const struct element *e, const char *name, const char *ns);
/* The value of an attribute without namespace; NULL when absent. */
const char *element_attribute(const struct element *e, const char *name);
/* The text of the first such child; NULL when there is no such child, "" when it is empty. */
const char *element_child_text(const struct element *e, const char *name, const char *ns);
/* xml:lang in force at e, looking outwards; NULL when none is declared inside the stanza. */
const char *element_language(const struct element *e);
/* Of several children so named, the one that fits a reader of language (a BCP 47 tag such as
 * "de-AT", nullable) best: same tag, same primary language, no xml:lang of its own, the first
 * (RFC 6120 section 8.1.5). (nullable) */
struct element *element_child_for_language(const struct element *e, const char *name,
					   const char *ns, const char *language);

/* ---- build ---- (all strings are copied into the arena; they must be valid UTF-8) */
/* ns NULL: the parent's. (transfer none) */
struct element *element_add(struct element *parent, const char *name, const char *ns);
struct element *element_add_text(struct element *parent, const char *name, const char *ns,
				 const char *text);
void element_set_text(struct element *e, const char *text);
/* Replaces an attribute of that name; value NULL removes it. */
void element_set(struct element *e, const char *name, const char *value);
void element_set_language(struct element *e, const char *tag); /* xml:lang */
/* A deep copy of e below parent. */
struct element *element_add_copy(struct element *parent, const struct element *e);
/* e and all below it as a stanza of its own. (transfer full) */
struct stanza *stanza_copy(const struct element *e);

/* ---- write ---- */
/* Says which elements hold a secret: TRUE blanks the text and leaves out the children of e. */
typedef gboolean (*stanza_secret_h)(const struct element *e);
/* e as XML without white space around it; xmlns is declared wherever the namespace differs from
 * the parent's, at the root wherever it differs from scope_ns (nullable). Characters that XML 1.0
 * does not allow are left out. secret (nullable): what it names says "any" instead of its text.
 * FALSE when out refuses to grow; then out is as it was before. */
gboolean element_write(const struct element *e, const char *scope_ns, stanza_secret_h secret,
		       struct bytes *out);
/* The same as a string, for traces and tests. (transfer full) */
char *element_to_string(const struct element *e, const char *scope_ns, stanza_secret_h secret);
#endif
