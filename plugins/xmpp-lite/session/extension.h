/* SPDX-License-Identifier: GPL-2.0-or-later */
/* extension: how a part of XMPP joins every session without being named anywhere: one file in
 * session/ext/ (or beside it), one XMPP_EXTENSION line at its end. */
#ifndef XMPP_SESSION_EXTENSION_H
#define XMPP_SESSION_EXTENSION_H
#include "plugins/xmpp-lite/session/event.h"
#include "plugins/xmpp-lite/wire/stanza.h"

struct xmpp_session;

/* A request (iq get or set) whose payload is {ns}name. The handler answers it, with
 * xmpp_iq_result() or xmpp_iq_error(), now or later, exactly once. */
struct xmpp_request_hook {
	const char *type; /* "get" or "set" */
	const char *name, *ns;
	void (*handle)(struct xmpp_session *s, gpointer state, const struct element *iq,
		       const struct element *payload);
};

/* A child {ns}name of an incoming message that is not an error. ev is the message event about to be
 * told: the handler may change it, or tell events of its own. name NULL: any. */
struct xmpp_message_hook {
	const char *name, *ns;
	void (*handle)(struct xmpp_session *s, gpointer state, struct xmpp_event *ev,
		       const struct element *message, const struct element *payload);
};

/* Each field may be missing. Arrays end with an empty entry. */
struct xmpp_extension {
	const char *name;
	const char *const *features; /* announced by service discovery (XEP-0030) */
	const struct xmpp_request_hook *requests;
	const struct xmpp_message_hook *messages;

	/* What it keeps of one session; state is what start returned. */
	gpointer (*start)(struct xmpp_session *s);
	void (*stop)(gpointer state);

	/* A resource has just been bound. */
	void (*bound)(struct xmpp_session *s, gpointer state);
	/* An incoming message has been told (ev) or had nothing to show (ev->text NULL). */
	void (*received)(struct xmpp_session *s, gpointer state, const struct xmpp_event *ev,
			 const struct element *message);
	/* A message or presence of ours is about to be written: add to it. */
	void (*sending)(struct xmpp_session *s, gpointer state, struct element *stanza);
	/* The best presence of a contact (bare, prepared) has changed. */
	void (*presence)(struct xmpp_session *s, gpointer state, const char *jid,
			 enum xmpp_show show);
	/* When it wants to be ticked, and its tick. */
	gint64 (*deadline)(const struct xmpp_session *s, gpointer state);
	void (*tick)(struct xmpp_session *s, gpointer state);
};

/* The linker collects the lines of all files into one table, so that a new file changes no other.
 */
#define XMPP_EXTENSION(extension)                                                                  \
	__attribute__((section("xmpp_extensions"),                                                 \
		       used)) static const struct xmpp_extension *const extension##_entry =        \
		&(extension)

guint xmpp_extension_count(void);
const struct xmpp_extension *xmpp_extension_at(guint i);
#endif
