/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xml: a stream's octets cut into its header, its stanzas and its end; hides the XML library.
 * Only the XML that RFC 6120 section 11 allows passes: UTF-8, no DTD, no processing instruction, no
 * comment, no entity but the five, no text between stanzas. What is fed is parsed at once and
 * queued; nobody is called back. */
#ifndef XMPP_WIRE_XML_H
#define XMPP_WIRE_XML_H
#include "plugins/xmpp-lite/wire/stanza.h"

#define XML_STANZA_MAX (16 << 20) /* octets of one stanza as it comes in */
#define XML_ARENA_MAX (96 << 20)  /* memory of one stanza; "<a/>" takes twenty times its four octets */
#define XML_TAG_MAX (256 << 10)   /* octets of one tag with its attributes */
#define XML_DEPTH_MAX 100         /* elements inside one another, the stream header not counted */
#define XML_ATTRIBUTES_MAX 100    /* of one element, namespace declarations included */
#define XML_NAMES_MAX (1 << 20)   /* octets of distinct names before the parser is renewed */

enum xml_item {
	XML_MORE,   /* nothing whole is waiting */
	XML_HEADER, /* the stream header; its stanza has a root without children */
	XML_STANZA,
	XML_END, /* the closing stream tag; what follows is ignored */
	XML_BAD, /* the stream is broken, what follows is ignored; see xml_reader_error() */
};

/* The stream error that answers broken input (RFC 6120 section 4.9.3). */
enum xml_error {
	XML_ERROR_NONE,
	XML_ERROR_NOT_WELL_FORMED,
	XML_ERROR_RESTRICTED, /* restricted-xml: DTD, PI, comment, entity */
	XML_ERROR_ENCODING,   /* unsupported-encoding */
	XML_ERROR_NAMESPACE,  /* invalid-namespace: the root is not
			       * {http://etherx.jabber.org/streams}stream, or a prefix is unbound */
	XML_ERROR_TOO_BIG,    /* policy-violation: a limit above */
	XML_ERROR_BAD_FORMAT, /* bad-format: text between stanzas */
};

struct xml_reader;

/* For one stream; a restarted stream wants a new one. (transfer full) */
struct xml_reader *xml_reader_new(void);
void xml_reader_free(struct xml_reader *r); /* NULL is fine */

/* Take the next n octets of the stream, cut anywhere. */
void xml_reader_feed(struct xml_reader *r, const guint8 *data, gsize n);

/* The next thing that is whole, in order; XML_END and XML_BAD come once, then XML_MORE for ever.
 * ret_stanza is written for XML_HEADER and XML_STANZA only. (transfer full) */
enum xml_item xml_reader_next(struct xml_reader *r, struct stanza **ret_stanza);

/* What is wrong, XML_ERROR_NONE until something is: known once fed, even before XML_BAD is taken.
 * ret_why (nullable) gets a sentence for the trace, static; it is not written when nothing is. */
enum xml_error xml_reader_error(const struct xml_reader *r, const char **ret_why);
/* The content namespace the header declared as default (RFC 6120 section 4.8.2): NULL before the
 * header or when it declared none. (transfer none) */
const char *xml_reader_content_namespace(const struct xml_reader *r);

#endif
