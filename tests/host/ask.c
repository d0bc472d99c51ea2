/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests: shown as events, answered a moment later as a user would, by the caption of a button.
 */
#include <account.h>
#include <ft.h>
#include <request.h>
#include <string.h>

#include "tests/host/parts.h"

#define ANSWER_MS 1
#define AUTHORIZE (-1) /* not one of libpurple's request types, answered the same way here */

struct button {
	char *caption;
	GCallback callback;
	int value; /* what an action or choice callback is given */
};

struct ask {
	int type;
	char *actor; /* by name: the account may be gone when the answer is due */
	GArray *buttons;
	gpointer user;
	PurpleRequestFields *fields;
	char *path;	 /* what a file or folder request is answered with */
	char *value;	 /* what an input starts with */
	GArray *choices; /* values */
	int choice;
	char *mode; /* how it is going to be answered */
	guint timer;
};

static GPtrArray *open_asks;
static char *default_mode;

static void button_clear(gpointer data)
{
	g_free(((struct button *)data)->caption);
}

static struct ask *ask_new(int type, PurpleAccount *account, gpointer user)
{
	struct ask *k = g_new0(struct ask, 1);

	k->type = type;
	k->actor = g_strdup(actor_name(account));
	k->user = user;
	k->buttons = g_array_new(FALSE, TRUE, sizeof(struct button));
	g_array_set_clear_func(k->buttons, button_clear);
	g_ptr_array_add(open_asks, k);
	return k;
}

static void ask_free(struct ask *k)
{
	g_ptr_array_remove(open_asks, k);
	if (k->timer)
		g_source_remove(k->timer);
	if (k->fields)
		purple_request_fields_destroy(k->fields);
	if (k->choices)
		g_array_unref(k->choices);
	g_array_unref(k->buttons);
	g_free(k->actor);
	g_free(k->path);
	g_free(k->value);
	g_free(k->mode);
	g_free(k);
}

static void add_button(struct ask *k, const char *caption, GCallback callback, int value)
{
	struct button b = {NULL, callback, value};
	char **parts = g_strsplit(TEXT(caption), "_", -1);

	b.caption = g_strjoinv("", parts); /* without the mark of the accelerator key */
	g_strfreev(parts);
	g_array_append_val(k->buttons, b);
}

static void show(struct ask *k, const char *kind, const char *title, const char *primary,
		 const char *secondary)
{
	GString *captions = g_string_new(NULL);

	for (guint i = 0; i < k->buttons->len; i++)
		g_string_append_printf(captions, " [%s]",
				       g_array_index(k->buttons, struct button, i).caption);
	host_event(k->actor, "request %s \"%s\" \"%s\" \"%s\"%s", kind, TEXT(title), TEXT(primary),
		   TEXT(secondary), captions->str);
	g_string_free(captions, TRUE);
}

/* ---- choosing an answer ---- */

gboolean ask_is_mode(const char *mode)
{
	static const char *const words[] = {"accept", "reject", "ignore", "yes", "no", NULL};
	static const char *const prefixes[] = {"text:", "nth:", "button:", "fields:", NULL};

	if (g_strv_contains(words, mode))
		return TRUE;
	for (guint i = 0; prefixes[i]; i++)
		if (g_str_has_prefix(mode, prefixes[i]))
			return TRUE;
	return script_fail("no way to answer: '%s'", mode);
}

static gboolean has_word_of(const char *caption, const char *const *words)
{
	for (; *words; words++)
		if (strstr(caption, *words))
			return TRUE;
	return FALSE;
}

static const struct button *find_button(const struct ask *k, const char *const *words)
{
	for (guint i = 0; i < k->buttons->len; i++) {
		const struct button *b = &g_array_index(k->buttons, struct button, i);

		if (has_word_of(b->caption, words))
			return b;
	}
	return NULL;
}

static const struct button *nth_button(const struct ask *k, guint64 n)
{
	return n >= 1 && n <= k->buttons->len ? &g_array_index(k->buttons, struct button, n - 1)
					      : NULL;
}

/* Of the dialogs with a fixed pair of buttons the first one agrees, whatever it is called. */
static const struct button *choose_button(const struct ask *k, const char *mode)
{
	static const char *const yes[] = {"Accept", "OK", "Ok", "Yes", "Authorize", "Allow", NULL};
	static const char *const no[] = {"Reject", "Cancel", "No", "Deny", "Decline", NULL};
	const gboolean is_pair = k->type != PURPLE_REQUEST_ACTION;

	if (g_str_has_prefix(mode, "button:")) {
		const char *wanted[] = {mode + strlen("button:"), NULL};

		return find_button(k, wanted);
	}
	if (g_str_has_prefix(mode, "nth:") && k->type != PURPLE_REQUEST_CHOICE)
		return nth_button(k, g_ascii_strtoull(mode + strlen("nth:"), NULL, 10));
	if (!strcmp(mode, "reject") || !strcmp(mode, "no"))
		return is_pair ? nth_button(k, 2) : find_button(k, no);
	return is_pair ? nth_button(k, 1) : find_button(k, yes);
}

static void fill_field(PurpleRequestFields *fields, const char *id, const char *value)
{
	PurpleRequestField *field = purple_request_fields_get_field(fields, id);

	switch (field ? purple_request_field_get_type(field) : PURPLE_REQUEST_FIELD_NONE) {
	case PURPLE_REQUEST_FIELD_STRING:
		purple_request_field_string_set_value(field, value);
		break;
	case PURPLE_REQUEST_FIELD_INTEGER:
		purple_request_field_int_set_value(field, (int)g_ascii_strtoll(value, NULL, 10));
		break;
	case PURPLE_REQUEST_FIELD_BOOLEAN:
		purple_request_field_bool_set_value(field, !strcmp(value, "true"));
		break;
	case PURPLE_REQUEST_FIELD_CHOICE:
		purple_request_field_choice_set_value(field, (int)g_ascii_strtoll(value, NULL, 10));
		break;
	case PURPLE_REQUEST_FIELD_LIST:
		purple_request_field_list_clear_selected(field);
		purple_request_field_list_add_selected(field, value);
		break;
	default:
		script_fail("the form has no field %s that can be filled in", id);
	}
}

/* "user=x \"pass=two words\"" into the fields of these ids. */
static void fill_fields(PurpleRequestFields *fields, const char *settings)
{
	char *word;

	while ((word = script_word(&settings))) {
		char *value = strchr(word, '=');

		if (value) {
			*value = '\0';
			fill_field(fields, word, value + 1);
		}
		g_free(word);
	}
}

/* One text is for the first line that can be typed into. */
static void fill_first(PurpleRequestFields *fields, const char *text)
{
	for (GList *g = purple_request_fields_get_groups(fields); g; g = g->next)
		for (GList *f = purple_request_field_group_get_fields(g->data); f; f = f->next)
			if (purple_request_field_get_type(f->data) == PURPLE_REQUEST_FIELD_STRING) {
				purple_request_field_string_set_value(f->data, text);
				return;
			}
}

static void press_fields(struct ask *k, const struct button *b, const char *mode)
{
	if (g_str_has_prefix(mode, "fields:"))
		fill_fields(k->fields, mode + strlen("fields:"));
	else if (g_str_has_prefix(mode, "text:"))
		fill_first(k->fields, mode + strlen("text:"));
	if (b->callback)
		((PurpleRequestFieldsCb)b->callback)(k->user, k->fields);
}

static void press_choice(struct ask *k, const struct button *b, const char *mode)
{
	int value = k->choice;

	if (g_str_has_prefix(mode, "nth:")) {
		guint64 n = g_ascii_strtoull(mode + strlen("nth:"), NULL, 10);

		if (n < 1 || n > k->choices->len) {
			script_fail("there are %u choices", k->choices->len);
			return;
		}
		value = g_array_index(k->choices, int, n - 1);
	}
	if (b->callback)
		((PurpleRequestChoiceCb)b->callback)(k->user, value);
}

static void press(struct ask *k, const struct button *b, const char *mode)
{
	const char *text = g_str_has_prefix(mode, "text:") ? mode + strlen("text:") : k->value;

	switch (k->type) {
	case PURPLE_REQUEST_INPUT:
		if (b->callback)
			((PurpleRequestInputCb)b->callback)(k->user, text);
		break;
	case PURPLE_REQUEST_CHOICE:
		press_choice(k, b, mode);
		break;
	case PURPLE_REQUEST_FIELDS:
		press_fields(k, b, mode);
		break;
	case PURPLE_REQUEST_FILE:
	case PURPLE_REQUEST_FOLDER:
		if (b->callback)
			((PurpleRequestFileCb)b->callback)(k->user, k->path);
		break;
	case AUTHORIZE:
		((PurpleAccountRequestAuthorizationCb)b->callback)(k->user);
		break;
	default:
		if (b->callback)
			((PurpleRequestActionCb)b->callback)(k->user, b->value);
	}
}

static void give_answer(struct ask *k, const char *wanted)
{
	g_autofree char *mode = g_strdup(wanted);
	const struct button *b = choose_button(k, mode);

	if (!b) {
		script_fail("%s: this request has no button to answer '%s' with", k->actor, mode);
		return;
	}
	host_event(k->actor, "answered %s", b->caption);
	press(k, b, mode);
	/* What was pressed may have closed it, for instance by ending the connection. */
	if (!g_ptr_array_find(open_asks, k, NULL))
		return;
	if (k->type == AUTHORIZE)
		ask_free(k);
	else
		purple_request_close(k->type, k);
}

static gboolean answer_now(gpointer user)
{
	struct ask *k = user;

	k->timer = 0;
	give_answer(k, k->mode);
	return G_SOURCE_REMOVE;
}

/* A dialog about a file is answered by what the actor does with files, if that is settled. */
static const char *files_mode(const struct ask *k, const struct actor *a)
{
	if (!a || !a->files || !g_list_find(purple_xfers_get_all(), k->user))
		return NULL;
	return *a->files ? "accept" : "reject";
}

static void *wait_for_answer(struct ask *k)
{
	const struct actor *a = actor_find(k->actor);
	const char *mode = files_mode(k, a);

	if (!mode)
		mode = a && a->answer ? a->answer : default_mode;
	if (!mode || !strcmp(mode, "ignore"))
		return k;
	k->mode = g_strdup(mode);
	k->timer = g_timeout_add(ANSWER_MS, answer_now, k);
	return k;
}

/* ---- the operations ---- */

static void *ask_input(const char *title, const char *primary, const char *secondary,
		       const char *value, gboolean is_multiline, gboolean is_masked, gchar *hint,
		       const char *ok, GCallback ok_cb, const char *cancel, GCallback cancel_cb,
		       PurpleAccount *account, const char *who, PurpleConversation *conv,
		       void *user)
{
	struct ask *k = ask_new(PURPLE_REQUEST_INPUT, account, user);
	const gboolean is_bitlbee = host_ui() == HOST_BITLBEE;

	if (is_bitlbee && !account)
		script_fail("an input request without an account crashes bitlbee");
	/* bitlbee shows neither captions nor the value, and cannot cancel. */
	add_button(k, is_bitlbee ? "OK" : ok, ok_cb, 0);
	if (!is_bitlbee)
		add_button(k, cancel, cancel_cb, 0);
	k->value = g_strdup(is_bitlbee ? "" : TEXT(value));
	show(k, "input", title, primary, secondary);
	return wait_for_answer(k);
}

static void *ask_choice(const char *title, const char *primary, const char *secondary, int value,
			const char *ok, GCallback ok_cb, const char *cancel, GCallback cancel_cb,
			PurpleAccount *account, const char *who, PurpleConversation *conv,
			void *user, va_list choices)
{
	struct ask *k = ask_new(PURPLE_REQUEST_CHOICE, account, user);
	const char *text;

	k->choice = value;
	k->choices = g_array_new(FALSE, FALSE, sizeof(int));
	add_button(k, ok, ok_cb, 0);
	add_button(k, cancel, cancel_cb, 0);
	show(k, "choice", title, primary, secondary);
	while ((text = va_arg(choices, const char *))) {
		int n = va_arg(choices, int);

		g_array_append_val(k->choices, n);
		host_event(k->actor, "choice %s", text);
	}
	return wait_for_answer(k);
}

static void *ask_action(const char *title, const char *primary, const char *secondary, int value,
			PurpleAccount *account, const char *who, PurpleConversation *conv,
			void *user, size_t count, va_list actions)
{
	struct ask *k = ask_new(PURPLE_REQUEST_ACTION, account, user);

	for (size_t i = 0; i < count; i++) {
		const char *caption = va_arg(actions, const char *);

		add_button(k, caption, va_arg(actions, GCallback), (int)i);
	}
	show(k, "action", title, primary, secondary);
	return wait_for_answer(k);
}

/* bitlbee knows yes and no; a button is reachable when its caption holds one of two words each. */
static void *bitlbee_action(const char *title, const char *primary, const char *secondary,
			    int value, PurpleAccount *account, const char *who,
			    PurpleConversation *conv, void *user, size_t count, va_list actions)
{
	static const char *const yes[] = {"Accept", "OK", NULL};
	static const char *const no[] = {"Reject", "Cancel", NULL};
	struct ask *k = ask_new(PURPLE_REQUEST_ACTION, account, user);

	for (size_t i = 0; i < count; i++) {
		const char *caption = va_arg(actions, const char *);
		GCallback callback = va_arg(actions, GCallback);

		if (has_word_of(caption, yes) || has_word_of(caption, no))
			add_button(k, caption, callback, (int)i);
	}
	show(k, "action", title, primary, secondary);
	return wait_for_answer(k);
}

static void *ask_action_icon(const char *title, const char *primary, const char *secondary,
			     int value, PurpleAccount *account, const char *who,
			     PurpleConversation *conv, gconstpointer icon, gsize icon_size,
			     void *user, size_t count, va_list actions)
{
	return ask_action(title, primary, secondary, value, account, who, conv, user, count,
			  actions);
}

static void *ask_fields(const char *title, const char *primary, const char *secondary,
			PurpleRequestFields *fields, const char *ok, GCallback ok_cb,
			const char *cancel, GCallback cancel_cb, PurpleAccount *account,
			const char *who, PurpleConversation *conv, void *user)
{
	struct ask *k = ask_new(PURPLE_REQUEST_FIELDS, account, user);

	k->fields = fields;
	add_button(k, ok, ok_cb, 0);
	add_button(k, cancel, cancel_cb, 0);
	show(k, "fields", title, primary, secondary);
	for (GList *g = purple_request_fields_get_groups(fields); g; g = g->next)
		for (GList *f = purple_request_field_group_get_fields(g->data); f; f = f->next)
			host_event(k->actor, "field %s \"%s\"",
				   TEXT(purple_request_field_get_id(f->data)),
				   TEXT(purple_request_field_get_label(f->data)));
	return wait_for_answer(k);
}

static void *ask_path(int type, const char *kind, const char *title, const char *name,
		      GCallback ok_cb, GCallback cancel_cb, PurpleAccount *account, void *user)
{
	struct ask *k = ask_new(type, account, user);
	const struct actor *a = actor_find(k->actor);
	const char *dir = a && a->files && *a->files ? a->files : host_user_dir();

	k->path = type == PURPLE_REQUEST_FILE ? files_path(dir, name) : g_strdup(dir);
	add_button(k, "OK", ok_cb, 0);
	add_button(k, "Cancel", cancel_cb, 0);
	show(k, kind, title, name, NULL);
	return wait_for_answer(k);
}

static void *ask_file(const char *title, const char *name, gboolean is_save, GCallback ok_cb,
		      GCallback cancel_cb, PurpleAccount *account, const char *who,
		      PurpleConversation *conv, void *user)
{
	return ask_path(PURPLE_REQUEST_FILE, is_save ? "save" : "file", title, name, ok_cb,
			cancel_cb, account, user);
}

static void *ask_folder(const char *title, const char *dir, GCallback ok_cb, GCallback cancel_cb,
			PurpleAccount *account, const char *who, PurpleConversation *conv,
			void *user)
{
	return ask_path(PURPLE_REQUEST_FOLDER, "folder", title, dir, ok_cb, cancel_cb, account,
			user);
}

static void *ask_authorize(PurpleAccount *account, const char *who, const char *id,
			   const char *alias, const char *message, gboolean is_on_list,
			   PurpleAccountRequestAuthorizationCb yes,
			   PurpleAccountRequestAuthorizationCb no, void *user)
{
	struct ask *k = ask_new(AUTHORIZE, account, user);

	add_button(k, "Authorize", (GCallback)yes, 0);
	add_button(k, "Deny", (GCallback)no, 0);
	host_event(k->actor, "request authorize %s \"%s\" \"%s\"%s", who, TEXT(alias),
		   TEXT(message), is_on_list ? " on-list" : "");
	return wait_for_answer(k);
}

static void close_request(PurpleRequestType type, void *ui_handle)
{
	ask_free(ui_handle);
}

static void close_authorize(void *ui_handle)
{
	ask_free(ui_handle);
}

static PurpleRequestUiOps pidgin_ops = {
	.request_input = ask_input,
	.request_choice = ask_choice,
	.request_action = ask_action,
	.request_fields = ask_fields,
	.request_file = ask_file,
	.close_request = close_request,
	.request_folder = ask_folder,
	.request_action_with_icon = ask_action_icon,
};

static PurpleRequestUiOps bitlbee_ops = {
	.request_input = ask_input,
	.request_action = bitlbee_action,
	.close_request = close_request,
};

void ask_init(void)
{
	PurpleAccountUiOps *accounts = purple_accounts_get_ui_ops();

	open_asks = g_ptr_array_new();
	purple_request_set_ui_ops(host_ui() == HOST_PIDGIN ? &pidgin_ops : &bitlbee_ops);
	accounts->request_authorize = ask_authorize;
	accounts->close_account_request = close_authorize;
}

void ask_set_default(const char *mode)
{
	g_free(default_mode);
	default_mode = g_strdup(mode);
}

void ask_answer_open(const struct actor *a, const char *mode)
{
	g_autoptr(GPtrArray) asks = g_ptr_array_copy(open_asks, NULL, NULL);

	for (guint i = 0; i < asks->len; i++) {
		struct ask *k = g_ptr_array_index(asks, i);

		if (g_ptr_array_find(open_asks, k, NULL) && !k->timer &&
		    !strcmp(k->actor, a ? a->name : NOBODY))
			give_answer(k, mode);
	}
}

void ask_close_all(void)
{
	while (open_asks->len) {
		struct ask *k = g_ptr_array_index(open_asks, 0);

		if (k->type == AUTHORIZE)
			ask_free(k);
		else
			purple_request_close(k->type, k);
	}
	g_clear_pointer(&open_asks, g_ptr_array_unref);
	g_clear_pointer(&default_mode, g_free);
}
