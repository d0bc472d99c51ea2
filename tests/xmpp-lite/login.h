/* SPDX-License-Identifier: GPL-2.0-or-later */
/* login: takes a new session through a login, for tests of what comes after it. */
#ifndef TESTS_XMPP_LITE_LOGIN_H
#define TESTS_XMPP_LITE_LOGIN_H
#include "plugins/xmpp-lite/session/session.h"

/* session is bound as jid (full) with an empty roster; no event or octet is left over. */
void login_play(struct xmpp_session *session, const char *jid);

/* All events and octets that wait, taken away; the octets are the result. (transfer full) */
char *login_swallow(struct xmpp_session *session);
#endif
