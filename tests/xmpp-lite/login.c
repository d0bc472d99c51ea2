/* SPDX-License-Identifier: GPL-2.0-or-later */
/* login: the server's side of the shortest login there is. */
#include "tests/xmpp-lite/login.h"

#include <string.h>

#include "plugins/xmpp-lite/wire/jid.h"

char *login_swallow(struct xmpp_session *session)
{
	struct xmpp_event ev;
	GString *out = g_string_new(NULL);
	const guint8 *data;
	gsize n;

	while (xmpp_session_next_event(session, &ev))
		;
	while (xmpp_session_output(session, &data, &n)) {
		g_string_append_len(out, (const char *)data, (gssize)n);
		xmpp_session_sent(session, n);
	}
	return g_string_free(out, FALSE);
}

static char *answer(struct xmpp_session *session, const char *text)
{
	xmpp_session_data(session, (const guint8 *)text, strlen(text));
	return login_swallow(session);
}

/* The value of the first id= in what we sent. (transfer full) */
static char *id_in(const char *sent)
{
	const char *id = strstr(sent, " id='");

	g_assert_nonnull(id);
	return g_strndup(id + 5, strcspn(id + 5, "'"));
}

void login_play(struct xmpp_session *session, const char *wanted)
{
	static const char header[] =
		"<stream:stream id='1' version='1.0' xmlns='jabber:client' "
		"xmlns:stream='http://etherx.jabber.org/streams'><stream:features>";
	struct xmpp_tls tls = {0};
	g_autofree char *jid = jid_new(wanted);
	g_autofree char *bind = NULL, *id = NULL, *bound = NULL, *roster = NULL, *get = NULL,
			*get_id = NULL;

	g_free(login_swallow(session));
	xmpp_session_opened(session, &tls);
	g_free(answer(session, header));
	g_free(answer(
		session,
		"<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
		"</mechanisms></stream:features>"));
	g_free(answer(session, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"));
	g_free(answer(session, header));
	bind = answer(session,
		      "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>");
	id = id_in(bind);
	bound = g_strdup_printf("<iq type='result' id='%s'><bind "
				"xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>%s</jid>"
				"</bind></iq>",
				id, jid);
	get = answer(session, bound);
	get_id = id_in(get);
	roster = g_strdup_printf("<iq type='result' id='%s'><query xmlns='jabber:iq:roster'/></iq>",
				 get_id);
	g_free(answer(session, roster));
}
