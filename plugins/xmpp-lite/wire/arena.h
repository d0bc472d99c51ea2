/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arena: one stanza's memory, handed out in a line and freed at once; for stanza.c and xml.c. */
#ifndef XMPP_WIRE_ARENA_H
#define XMPP_WIRE_ARENA_H
#include <string.h>

#include "plugins/xmpp-lite/wire/stanza.h"

#define XML_LANG_NAMESPACE "http://www.w3.org/XML/1998/namespace"

struct arena_chunk {
	struct arena_chunk *next;
	gsize size; /* octets that follow */
};

/* Names that several stanzas share, owned by whoever read them. */
struct arena_names {
	guint users;
	void (*free)(struct arena_names *names);
};

struct stanza {
	struct element *root;
	struct arena_names *names; /* nullable */
	struct stanza *next; /* while it waits in a reader's queue */
	char *at, *end; /* what is free of the chunk in use; the first one follows this struct */
	struct arena_chunk *chunks; /* all but the first */
	gsize size;		    /* octets taken from the system */
};

/* An empty arena that keeps names (nullable) alive; root is the caller's to set. Ends with
 * stanza_free(). */
struct stanza *arena_new(struct arena_names *names);
/* One user less; the last one frees them. NULL is fine. */
void arena_names_leave(struct arena_names *names);
/* n octets when the chunk in use is full. */
gpointer arena_refill(struct stanza *s, gsize n);

/* n octets, aligned for any of our structs; never NULL. */
static inline gpointer arena_take(struct stanza *s, gsize n)
{
	char *p = s->at + (-(gsize)s->at & (sizeof(gpointer) - 1));

	if (G_UNLIKELY(p > s->end || n > (gsize)(s->end - p)))
		return arena_refill(s, n);
	s->at = p + n;
	return p;
}

/* n octets of characters; never NULL. */
static inline char *arena_take_text(struct stanza *s, gsize n)
{
	char *p = s->at;

	if (G_UNLIKELY(n > (gsize)(s->end - p)))
		return arena_refill(s, n);
	s->at = p + n;
	return p;
}

/* text (n octets) with a NUL behind it. */
static inline char *arena_copy(struct stanza *s, const char *text, gsize n)
{
	char *p = arena_take_text(s, n + 1);

	memcpy(p, text, n);
	p[n] = '\0';
	return p;
}

/* A new last child of parent (nullable: then nobody's) without attributes and text; name and ns
 * must live as long as the arena. */
static inline struct element *arena_element(struct stanza *s, struct element *parent,
					    const char *name, const char *ns)
{
	struct element *e = arena_take(s, sizeof *e);

	*e = (struct element){
		.name = name,
		.ns = ns,
		.text = "",
		.parent = parent,
		.owner = s,
	};
	if (!parent)
		return e;
	if (parent->last)
		parent->last->next = e;
	else
		parent->first = e;
	parent->last = e;
	return e;
}
#endif
