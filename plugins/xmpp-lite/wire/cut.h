/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cut: where whole tags end in a stream's octets, and every limit that shows before they are
 * parsed. It stands before the XML library: that one gets whole tags only, so that how the network
 * cut the octets changes neither the result nor the cost. What it lets pass need not be well
 * formed. */
#ifndef XMPP_WIRE_CUT_H
#define XMPP_WIRE_CUT_H
#include "plugins/xmpp-lite/wire/xml.h"

enum cut_place {
	CUT_TEXT,
	CUT_OPENED,  /* just behind "<" */
	CUT_TAG,     /* inside a tag, outside of quotes */
	CUT_VALUE,   /* inside quotes */
	CUT_DECLARE, /* inside the XML declaration */
	CUT_SECTION, /* inside "<![CDATA[" */
	CUT_CDATA,
};

/* All zero at the start of a stream. */
struct cut {
	enum cut_place place;
	guint8 quote;	      /* what ends CUT_VALUE */
	guint8 last;	      /* the octet before */
	gboolean is_closing;  /* the tag begins with "</" */
	guint matched;	      /* octets of a fixed word seen, or of "]]>" */
	guint attributes;     /* of the tag so far */
	guint depth;	      /* open elements, the stream header included */
	gboolean is_declared; /* it began with an XML declaration */
	gboolean is_over;     /* the stream header was closed */
	guint64 offset;	      /* octets seen */
	guint64 tag, stanza;  /* offset of the last "<", and of the one that began the stanza */
};

/* How many of n octets (n > 0) may go into the next cut_run(); 0 when a limit is reached. */
gsize cut_room(const struct cut *c, gsize n);

/* Look at data (n octets, at most cut_room()). ret_whole: octets up to the end of the last whole
 * tag; ret_seen: octets looked at, n unless there is an error, the stream is over or
 * between_stanzas asks to stop behind the first stanza that ends. Both are always written. */
enum xml_error cut_run(struct cut *c, const guint8 *data, gsize n, gboolean between_stanzas,
		       gsize *ret_whole, gsize *ret_seen);

/* Text inside a stanza, or anything outside of one. */
static inline gboolean cut_is_text(const struct cut *c)
{
	return c->place == CUT_TEXT || c->place == CUT_CDATA;
}

/* Nothing but white space may come before the next stanza. */
static inline gboolean cut_is_between(const struct cut *c)
{
	return c->place == CUT_TEXT && c->depth == 1;
}
#endif
