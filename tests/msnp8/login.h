/* SPDX-License-Identifier: GPL-2.0-or-later */
/* login: takes a new session through a sign-in, for tests of what comes after it. */
#ifndef TESTS_MSNP8_LOGIN_H
#define TESTS_MSNP8_LOGIN_H
#include "plugins/msnp8/session/session.h"

/* session is signed in with the lists said by lists (lines with CRLF, nullable: no contacts); no
 * event or octet is left over. The last TrID is 6. */
void login_play(struct msn_session *session, const char *lists);
/* Up to and without the answer to SYN. */
void login_play_to_lists(struct msn_session *session);

/* All events that wait, taken away; FALSE when one of them was the end. */
gboolean login_swallow(struct msn_session *session);
#endif
