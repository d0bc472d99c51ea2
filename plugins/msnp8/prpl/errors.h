/* SPDX-License-Identifier: GPL-2.0-or-later */
/* errors: what went wrong, as libpurple's reasons and in the user's words; the only file that owns
 * such sentences. */
#ifndef MSN_PRPL_ERRORS_H
#define MSN_PRPL_ERRORS_H
#include <connection.h>

#include "common/purple/reason.h"
#include "plugins/msnp8/session/event.h"

/* Why the session ended (ev is MSN_EVENT_ENDED, not MSN_END_CLOSED). why: how a connection went,
 * where that is the cause; nullable. ret_text: (transfer full). */
PurpleConnectionError error_of_end(const struct msn_event *ev, const struct reason *why,
				   char **ret_text);
/* Why a message was not delivered, as half a sentence that follows a colon. (transfer full) */
char *error_of_failure(const struct msn_event *ev);
/* MSN_EVENT_REFUSED as a sentence. (transfer full) */
char *error_of_refused(const struct msn_event *ev);
#endif
