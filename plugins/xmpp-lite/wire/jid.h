/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jid: XMPP addresses made comparable (RFC 7622; stringprep profiles of RFC 6122, which today's
 * servers apply). A prepared JID is a string "local@domain/resource", "domain" and so on; two of
 * them are the same address when they are the same octets. */
#ifndef XMPP_WIRE_JID_H
#define XMPP_WIRE_JID_H
#include <glib.h>

#define JID_PART_MAX 1023                  /* octets of each part after preparation */
#define JID_MAX (3 * JID_PART_MAX + 2 + 1) /* "@", "/", NUL */

/* raw as a prepared JID in ret. FALSE and ret untouched when it is none: an empty part, a forbidden
 * character, a part too long, not UTF-8. Local part by nodeprep, resource by resourceprep
 * (unassigned code points refused), domain as lower-case U-labels by IDNA2008 (one trailing dot
 * goes; IPv4 and [IPv6] literals stay as they are, in lower case). ASCII takes a short way; other
 * results are remembered in a bounded table. Preparing a prepared JID changes nothing. */
gboolean jid_prepare(const char *raw, char ret[JID_MAX]);
/* The same, as a new string; NULL when it is none. (transfer full) (nullable) */
char *jid_new(const char *raw);
/* From parts: local and resource nullable. NULL when it is none. (transfer full) (nullable) */
char *jid_build(const char *local, const char *domain, const char *resource);

/* ---- of a prepared JID ---- */
gsize jid_bare_length(const char *jid);    /* octets before "/" */
char *jid_bare(const char *jid);           /* (transfer full) */
const char *jid_resource(const char *jid); /* after the first "/"; NULL when it has none.
					    * (transfer none) */
char *jid_local(const char *jid);          /* NULL when it has none. (transfer full) */
char *jid_domain(const char *jid);         /* (transfer full) */
gboolean jid_same_bare(const char *a, const char *b); /* equal up to "/" */

/* A domain as A-labels, for DNS, SNI and certificates (RFC 7622 section 3.2); an IP literal loses
 * its brackets. NULL when it cannot be one. (transfer full) (nullable) */
char *jid_domain_ascii(const char *domain);
/* An opaque password or user name as SASL wants it (SASLprep, RFC 4013); NULL when the profile
 * refuses it. Wipe it after use. (transfer full) (nullable) */
char *jid_saslprep(const char *text);

/* Forget what was remembered; for plugin unload. */
void jid_cache_clear(void);
#endif
