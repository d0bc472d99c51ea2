/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The session, played from transcripts: see tests/transcripts/msnp8. */
#include <string.h>

#include "plugins/msnp8/session/session.h"
#include "tests/lib/transcript.h"
#include "tests/msnp8/login.h"

struct subject {
	struct msn_session *session;
	gint64 now;
	guint heard; /* the connection that brought the last octets */
};

static void counting_up(guint8 *ret_octets, gsize n, gpointer user)
{
	static guint8 next;

	while (n--)
		*ret_octets++ = next++;
}

static gpointer start(void)
{
	return g_new0(struct subject, 1);
}

static void stop(gpointer self)
{
	struct subject *subject = self;

	msn_session_free(subject->session);
	g_free(subject);
}

static guint number(const char *word)
{
	return (guint)g_ascii_strtoull(word, NULL, 10);
}

static const char *dash(const char *word)
{
	return word && strcmp(word, "-") == 0 ? NULL : word;
}

/* "account password [login-url=…] [allow-http] [gateway] [trace] [cache=…]" */
static void sign_on(struct subject *subject, char **words)
{
	struct msn_config config = {
		.account = words[1],
		.password = words[2],
		.host = "messenger.example.com",
		.port = 1863,
		.nexus_url = "https://nexus.example.com/rdr/pprdr.asp",
		.random = counting_up,
	};

	for (guint i = 3; words[i]; i++) {
		if (g_str_has_prefix(words[i], "login-url="))
			config.login_url = words[i] + strlen("login-url=");
		else if (g_str_has_prefix(words[i], "nexus="))
			config.nexus_url = words[i] + strlen("nexus=");
		else if (g_str_has_prefix(words[i], "cache="))
			config.cache = words[i] + strlen("cache=");
		config.allow_http |= strcmp(words[i], "allow-http") == 0;
		config.is_gateway |= strcmp(words[i], "gateway") == 0;
		config.trace |= strcmp(words[i], "trace") == 0;
	}
	subject->session = msn_session_new(&config);
	g_assert_nonnull(subject->session);
	msn_session_tick(subject->session, subject->now);
}

/* As sign-on, and taken through the login; lists in one word, ";" for line ends. */
static void signed_on(struct subject *subject, char **words)
{
	char *more[] = {words[0], (char *)"ann@example.com", (char *)"secret", NULL};
	g_auto(GStrv) lines = words[1] ? g_strsplit(words[1], ";", -1) : NULL;
	g_autofree char *lists = lines ? g_strjoinv("\r\n", lines) : NULL;

	sign_on(subject, more);
	login_play(subject->session, lists);
}

/* "answered id status [urls=…] [info=…] [www=…] [location=…] [why=…]" */
static void answered(struct subject *subject, char **words)
{
	struct msn_https_answer answer = {.status = (int)number(words[2])};

	for (guint i = 3; words[i]; i++) {
		const char *value = strchr(words[i], '=') + 1;

		if (g_str_has_prefix(words[i], "urls="))
			answer.passport_urls = value;
		else if (g_str_has_prefix(words[i], "info="))
			answer.authentication_info = value;
		else if (g_str_has_prefix(words[i], "www="))
			answer.www_authenticate = value;
		else if (g_str_has_prefix(words[i], "location="))
			answer.location = value;
		else if (g_str_has_prefix(words[i], "why="))
			answer.why = value;
		else
			g_error("no such field of an answer: %s", words[i]);
	}
	msn_session_answered(subject->session, number(words[1]), &answer);
}

static enum msn_state state_of(const char *code)
{
	for (enum msn_state state = MSN_OFFLINE; state <= MSN_HIDDEN; state++) {
		if (strcmp(msn_state_code(state), code) == 0)
			return state;
	}
	g_assert_not_reached();
}

/* "bold italic font=Arial colour=ff0000" */
static struct msn_style style_of(char **words)
{
	struct msn_style style = {0};

	for (guint i = 0; words[i]; i++) {
		style.is_bold |= strcmp(words[i], "bold") == 0;
		style.is_italic |= strcmp(words[i], "italic") == 0;
		style.is_right_to_left |= strcmp(words[i], "right-to-left") == 0;
		if (g_str_has_prefix(words[i], "font="))
			style.font = words[i] + strlen("font=");
		if (g_str_has_prefix(words[i], "colour=")) {
			style.has_colour = TRUE;
			style.rgb =
				(guint32)g_ascii_strtoull(words[i] + strlen("colour="), NULL, 16);
		}
	}
	return style;
}

/* A text of so many characters of two octets each. */
static gboolean send_long(struct msn_session *s, const char *account, guint n)
{
	GString *text = g_string_new(NULL);
	gboolean is_sent;

	for (guint i = 0; i < n; i++)
		g_string_append(text, "é");
	is_sent = msn_im_send(s, account, text->str, NULL) != 0;
	g_string_free(text, TRUE);
	return is_sent;
}

static gboolean list_verb(struct msn_session *s, char **words)
{
	const char *verb = words[0];

	if (strcmp(verb, "add") == 0)
		return msn_contact_add(s, words[1], dash(words[2]));
	if (strcmp(verb, "remove") == 0)
		return msn_contact_remove(s, words[1], dash(words[2]));
	if (strcmp(verb, "move") == 0)
		return msn_contact_move(s, words[1], words[2], words[3]);
	if (strcmp(verb, "allow") == 0)
		return msn_contact_allow(s, words[1]);
	if (strcmp(verb, "block") == 0)
		return msn_contact_block(s, words[1]);
	if (strcmp(verb, "forget") == 0)
		return msn_contact_forget(s, words[1], words[2][0] == 'A' ? MSN_AL : MSN_BL);
	if (strcmp(verb, "rename-group") == 0)
		return msn_group_rename(s, words[1], words[2]);
	if (strcmp(verb, "remove-group") == 0)
		return msn_group_remove(s, words[1]);
	if (strcmp(verb, "privacy") == 0)
		return msn_privacy_set(s, strcmp(words[1], "open") == 0);
	if (strcmp(verb, "phone") == 0)
		return msn_phone_set(s, (enum msn_phone)number(words[1]), dash(words[2]));
	g_error("no such verb: %s", verb);
}

/* What the verb answers; "! not …" wants FALSE. */
static gboolean user_verb(struct msn_session *s, char **words)
{
	const char *verb = words[0];
	struct msn_style style;

	if (strcmp(verb, "state") == 0)
		return msn_state_set(s, state_of(words[1]));
	if (strcmp(verb, "name") == 0)
		return msn_name_set(s, words[1]);
	if (strcmp(verb, "inbox") == 0)
		return msn_inbox_ask(s);
	if (strcmp(verb, "send") == 0) {
		style = style_of(words + 3);
		return msn_im_send(s, words[1], words[2], words[3] ? &style : NULL) != 0;
	}
	if (strcmp(verb, "send-long") == 0)
		return send_long(s, words[1], number(words[2]));
	if (strcmp(verb, "typing") == 0)
		return msn_typing_send(s, words[1]);
	if (strcmp(verb, "nudge") == 0)
		return msn_nudge_send(s, words[1]);
	if (strcmp(verb, "close") == 0)
		return msn_im_close(s, words[1]);
	if (strcmp(verb, "chat-start") == 0)
		return msn_chat_start(s, words[1]) != 0;
	if (strcmp(verb, "chat-invite") == 0)
		return msn_chat_invite(s, number(words[1]), words[2]);
	if (strcmp(verb, "chat-send") == 0)
		return msn_chat_send(s, number(words[1]), words[2], NULL);
	if (strcmp(verb, "chat-leave") == 0)
		return msn_chat_leave(s, number(words[1]));
	return list_verb(s, words);
}

/* "chat-of account number", "login-url -", "cache -", "inbox-page part": what can be asked. */
static gboolean check(struct msn_session *s, char **words)
{
	g_autofree char *text = NULL;

	if (strcmp(words[0], "chat-of") == 0) {
		g_assert_cmpuint(msn_chat_of(s, words[1]), ==, number(words[2]));
	} else if (strcmp(words[0], "login-url") == 0) {
		g_assert_cmpstr(msn_session_login_url(s), ==, dash(words[1]));
	} else if (strcmp(words[0], "cache") == 0) {
		text = msn_session_cache(s);
		g_assert_cmpstr(text, ==, dash(words[1]));
	} else if (strcmp(words[0], "inbox-page") == 0) {
		text = msn_session_inbox_page(s);
		g_assert_nonnull(text);
		g_assert_nonnull(strstr(text, words[1]));
	} else {
		return FALSE;
	}
	return TRUE;
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
		msn_session_opened(subject->session, number(words[1]));
	else if (strcmp(words[0], "answered") == 0)
		answered(subject, words);
	else if (strcmp(words[0], "closed") == 0)
		msn_session_closed(subject->session, number(words[1]));
	else if (strcmp(words[0], "end") == 0)
		msn_session_end(subject->session);
	else if (check(subject->session, words))
		return;
	else if (strcmp(words[0], "not") == 0)
		g_assert_false(user_verb(subject->session, words + 1));
	else
		g_assert_true(user_verb(subject->session, words));
}

static void received(gpointer self, guint id, const guint8 *data, gsize n)
{
	struct subject *subject = self;

	subject->heard = id;
	msn_session_data(subject->session, id, data, n);
}

/* All connections break together, that which spoke last first. */
static void closed(gpointer self)
{
	struct subject *subject = self;

	msn_session_closed(subject->session, subject->heard);
	for (guint id = 0; id < 16; id++)
		msn_session_closed(subject->session, id);
}

static void tick(gpointer self, gint64 now)
{
	struct subject *subject = self;

	subject->now = now;
	if (subject->session)
		msn_session_tick(subject->session, now);
}

static char *event(gpointer self)
{
	struct subject *subject = self;
	struct msn_event ev;

	if (!subject->session || !msn_session_next_event(subject->session, &ev))
		return NULL;
	return msn_event_print(&ev);
}

static void output(gpointer self, guint id, GString *out)
{
	struct subject *subject = self;
	const guint8 *data;
	gsize n;

	while (subject->session && msn_session_output(subject->session, id, &data, &n)) {
		g_string_append_len(out, (const char *)data, (gssize)n);
		msn_session_sent(subject->session, id, n);
	}
}

static gboolean is_setback(const char *line)
{
	return FALSE;
}

static gboolean is_end(const char *line)
{
	return g_str_has_prefix(line, "ended");
}

static const struct transcript_subject msn_subject = {
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

static void no_account(void)
{
	const char *const bad[] = {"", "@", "ann", "ann@", "@example.com", "a b@example.com"};

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		struct msn_config config = {
			.account = bad[i], .password = "x", .random = counting_up};

		g_assert_null(msn_session_new(&config));
	}
}

static void in_lower_case(void)
{
	struct msn_config config = {
		.account = " Ann@Example.COM", .host = "x", .random = counting_up};
	struct msn_session *s = msn_session_new(&config);
	const guint8 *data;
	gsize n;

	login_swallow(s);
	msn_session_opened(s, 0);
	login_swallow(s);
	msn_session_data(s, 0, (const guint8 *)"VER 1 MSNP8\r\n", 13);
	while (msn_session_next_event(s, &(struct msn_event){0}))
		;
	g_assert_true(msn_session_output(s, 0, &data, &n));
	g_assert_nonnull(g_strstr_len((const char *)data, (gssize)n, " ann@example.com\r\n"));
	msn_session_free(s);
}

/* What a user hands over with a bug report. */
static void no_secrets(void)
{
	struct msn_config config = {
		.account = "ann@example.com",
		.password = "swordfish",
		.host = "messenger.example.com",
		.nexus_url = "https://nexus.example.com/",
		.trace = TRUE,
		.random = counting_up,
	};
	static const char profile[] =
		"MSG Hotmail Hotmail 75\r\nContent-Type: text/x-msmsgsprofile\r\n"
		"sid: 507\r\nMSPAuth: tunafishtunafish\r\n\r\n";
	static const char call[] = "RNG s9 192.0.2.9:1864 CKI catfish bob@example.com Bob\r\n";
	const char *const secrets[] = {"swordfish", "ticket", "tunafish", "catfish"};
	struct msn_session *s = msn_session_new(&config);
	guint calls = 0;
	char *line;

	login_play(s, NULL);
	msn_session_data(s, 0, (const guint8 *)profile, strlen(profile));
	msn_session_data(s, 0, (const guint8 *)call, strlen(call));
	login_swallow(s);
	msn_session_opened(s, 1);
	while ((line = trace_drain(msn_session_trace(s)))) {
		for (guint i = 0; i < G_N_ELEMENTS(secrets); i++)
			g_assert_null(strstr(line, secrets[i]));
		calls += strstr(line, "ANS 1 ann@example.com any s9") != NULL;
		calls += strstr(line, "MSPAuth: xxxxxxxxxxxxxxxx\\r") != NULL;
		g_free(line);
	}
	g_assert_cmpuint(calls, ==, 2);
	msn_session_free(s);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/msnp8/session/what-is-no-account-cannot-sign-on", no_account);
	g_test_add_func("/msnp8/session/accounts-are-sent-in-lower-case", in_lower_case);
	g_test_add_func("/msnp8/session/a-trace-holds-no-secrets", no_secrets);
	transcript_add_tests("msnp8", "tests/transcripts/msnp8", &msn_subject);
	return g_test_run();
}
