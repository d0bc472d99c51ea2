/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The session, played from transcripts: see tests/transcripts/xmpp-lite. A token here is
 * predictable: octets that count up. */
#include <string.h>

#include "plugins/xmpp-lite/session/session.h"
#include "plugins/xmpp-lite/wire/jid.h"
#include "tests/lib/transcript.h"
#include "tests/xmpp-lite/login.h"

struct subject {
	struct xmpp_session *session;
	guint8 next_octet;
	gint64 now;
};

static void counting_up(guint8 *ret_octets, gsize n, gpointer user)
{
	struct subject *subject = user;

	while (n--)
		*ret_octets++ = subject->next_octet++;
}

static gpointer start(void)
{
	return g_new0(struct subject, 1);
}

static void stop(gpointer self)
{
	struct subject *subject = self;

	xmpp_session_free(subject->session);
	g_free(subject);
	jid_cache_clear();
}

static void sign_on(struct subject *subject, char **words)
{
	struct xmpp_config config = {
		.jid = words[1],
		.password = words[2],
		.software = "XMPP Lite",
		.random = counting_up,
		.random_user = subject,
	};

	for (guint i = 3; words[i]; i++) {
		config.no_plain |= strcmp(words[i], "no-plain") == 0;
		config.require_binding |= strcmp(words[i], "require-binding") == 0;
		config.trace |= strcmp(words[i], "trace") == 0;
	}
	subject->session = xmpp_session_new(&config);
	g_assert_nonnull(subject->session);
	xmpp_session_tick(subject->session, subject->now);
}

/* "secured tls1.3 exporter" and the like: the binding data is the type's name. */
static void secured(struct subject *subject, char **words)
{
	struct xmpp_tls tls = {0};

	for (guint i = 1; words[i]; i++) {
		if (strcmp(words[i], "tls1.3") == 0)
			tls.is_tls13 = TRUE;
		else if (strcmp(words[i], "exporter") == 0)
			tls.exporter = g_bytes_new_static("tls-exporter", strlen("tls-exporter"));
		else if (strcmp(words[i], "unique") == 0)
			tls.unique = g_bytes_new_static("tls-unique", strlen("tls-unique"));
		else if (strcmp(words[i], "end-point") == 0)
			tls.end_point = g_bytes_new_static("tls-server-end-point",
							   strlen("tls-server-end-point"));
	}
	xmpp_session_opened(subject->session, &tls);
	g_clear_pointer(&tls.exporter, g_bytes_unref);
	g_clear_pointer(&tls.unique, g_bytes_unref);
	g_clear_pointer(&tls.end_point, g_bytes_unref);
}

static void signed_on(struct subject *subject, char **words)
{
	char *more[] = {words[0], words[1], (char *)"secret", words[2], NULL};

	sign_on(subject, more);
	login_play(subject->session, words[1]);
	subject->next_octet = 0;
}

static enum xmpp_show show_of(const char *name)
{
	for (enum xmpp_show show = XMPP_SHOW_OFFLINE; show <= XMPP_SHOW_CHAT; show++) {
		if (strcmp(xmpp_show_name(show), name) == 0)
			return show;
	}
	g_assert_not_reached();
}

static enum xmpp_typing typing_of(const char *name)
{
	for (enum xmpp_typing typing = XMPP_TYPING_ACTIVE; typing <= XMPP_TYPING_GONE; typing++) {
		if (strcmp(xmpp_typing_name(typing), name) == 0)
			return typing;
	}
	g_assert_not_reached();
}

static const char *dash(const char *word)
{
	return strcmp(word, "-") == 0 ? NULL : word;
}

/* What the verb answers; "! not …" wants FALSE. */
static gboolean user_verb(struct xmpp_session *s, char **words)
{
	const char *verb = words[0];

	if (strcmp(verb, "presence") == 0)
		return xmpp_presence_set(
			s, show_of(words[1]), words[2] ? dash(words[2]) : NULL,
			words[2] && words[3] ? (int)g_ascii_strtoll(words[3], NULL, 10) : 0);
	if (strcmp(verb, "send") == 0)
		return xmpp_message_send(s, words[1], words[2]);
	if (strcmp(verb, "typing") == 0)
		return xmpp_typing_send(s, words[1], typing_of(words[2]));
	if (strcmp(verb, "add") == 0)
		return xmpp_contact_add(s, words[1], dash(words[2]), dash(words[3]));
	if (strcmp(verb, "rename") == 0)
		return xmpp_contact_rename(s, words[1], dash(words[2]));
	if (strcmp(verb, "move") == 0)
		return xmpp_contact_move(s, words[1], dash(words[2]), dash(words[3]));
	if (strcmp(verb, "remove") == 0)
		return xmpp_contact_remove(s, words[1], dash(words[2]));
	if (strcmp(verb, "allow") == 0)
		return xmpp_contact_allow(s, words[1], TRUE);
	if (strcmp(verb, "refuse") == 0)
		return xmpp_contact_allow(s, words[1], FALSE);
	if (strcmp(verb, "ask") == 0)
		return xmpp_contact_ask(s, words[1]);
	g_error("no such verb: %s", verb);
}

static void verb(gpointer self, const char *line)
{
	struct subject *subject = self;
	g_auto(GStrv) words = NULL;

	g_assert_true(g_shell_parse_argv(line, NULL, &words, NULL));
	if (strcmp(words[0], "sign-on") == 0)
		sign_on(subject, words);
	else if (strcmp(words[0], "signed-on") == 0)
		signed_on(subject, words);
	else if (strcmp(words[0], "opened") == 0)
		xmpp_session_opened(subject->session, NULL);
	else if (strcmp(words[0], "secured") == 0)
		secured(subject, words);
	else if (strcmp(words[0], "closed") == 0)
		xmpp_session_closed(subject->session);
	else if (strcmp(words[0], "end") == 0)
		xmpp_session_end(subject->session);
	else if (strcmp(words[0], "not") == 0)
		g_assert_false(user_verb(subject->session, words + 1));
	else
		g_assert_true(user_verb(subject->session, words));
}

static void received(gpointer self, guint id, const guint8 *data, gsize n)
{
	xmpp_session_data(((struct subject *)self)->session, data, n);
}

static void closed(gpointer self)
{
	xmpp_session_closed(((struct subject *)self)->session);
}

static void tick(gpointer self, gint64 now)
{
	struct subject *subject = self;

	subject->now = now;
	if (subject->session)
		xmpp_session_tick(subject->session, now);
}

static char *event(gpointer self)
{
	struct subject *subject = self;
	struct xmpp_event ev;

	if (!subject->session || !xmpp_session_next_event(subject->session, &ev))
		return NULL;
	return xmpp_event_print(&ev);
}

static void output(gpointer self, guint id, GString *out)
{
	struct subject *subject = self;
	const guint8 *data;
	gsize n;

	while (subject->session && id == 0 && xmpp_session_output(subject->session, &data, &n)) {
		g_string_append_len(out, (const char *)data, (gssize)n);
		xmpp_session_sent(subject->session, n);
	}
}

static gboolean is_setback(const char *line)
{
	return strcmp(line, "want-connection again") == 0;
}

static gboolean is_end(const char *line)
{
	return g_str_has_prefix(line, "ended");
}

static const struct transcript_subject xmpp_subject = {
	.start = start,
	.stop = stop,
	.verb = verb,
	.received = received,
	.closed = closed,
	.tick = tick,
	.event = event,
	.output = output,
	.is_setback = is_setback,
	.is_end = is_end,
};

static void no_address(void)
{
	const char *const bad[] = {
		"", "@", "alice", "alice@", "@example.org", "a b@example.org", "example.org/x"};

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		struct xmpp_config config = {.jid = bad[i], .password = "x", .random = counting_up};

		g_assert_null(xmpp_session_new(&config));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/xmpp-lite/session/what-is-no-address-cannot-sign-on", no_address);
	transcript_add_tests("xmpp-lite", "tests/transcripts/xmpp-lite", &xmpp_subject);
	return g_test_run();
}
