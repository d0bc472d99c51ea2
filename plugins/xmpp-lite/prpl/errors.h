/* SPDX-License-Identifier: GPL-2.0-or-later */
/* errors: what went wrong, as libpurple's reasons and in the user's words; the only file that owns
 * such sentences. */
#ifndef XMPP_PRPL_ERRORS_H
#define XMPP_PRPL_ERRORS_H
#include <connection.h>

#include "common/purple/reason.h"
#include "plugins/xmpp-lite/session/event.h"

/* Why the session ended (ev is XMPP_EVENT_ENDED, not XMPP_END_CLOSED), for the account of domain;
 * why: how the connection went, for XMPP_END_LOST. ret_text: (transfer full). */
PurpleConnectionError error_of_end(const struct xmpp_event *ev, const struct reason *why,
				   const char *domain, char **ret_text);
/* A stanza error's condition as half a sentence that follows a colon. error: the server's words,
 * nullable. (transfer full) */
char *error_of_condition(const char *condition, const char *error);
#endif
