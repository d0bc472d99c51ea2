/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control: what tests may ask of the running service; tests/peers/msnp8-server lists the orders. */
#include "tests/peers/msnp8/control.h"

#include "tests/peers/msnp8/gateway.h"
#include "tests/peers/msnp8/ns.h"
#include "tests/peers/msnp8/sb.h"

#include <string.h>

#define ORDER_MAX 65536
#define CONTACTS_AT_ONCE_MAX 20000

struct control {
	struct server *server;
	GString *in;
};

/* An order is carried out; text: what it says to that. NULL: well done, else what is wrong. */
struct order {
	const char *verb;
	guint min; /* words after the verb */
	const char *(*run)(struct server *s, char **words, guint n, GString *text);
};

static const char nobody[] = "no such account", away[] = "not signed in";

static struct conn *signed_in(struct server *s, const char *account)
{
	struct user *u = users_find(s->users, account);

	return u ? u->ns : NULL;
}

/* ---- people and their lists ---- */

static const char *order_adduser(struct server *s, char **words, guint n, GString *text)
{
	g_autofree char *name = n > 2 ? name_decode(words[2]) : NULL;

	if (!account_is_valid(words[0]) || (n > 2 && !name))
		return "not a valid account or name";
	users_add(s->users, words[0], words[1], name);
	s->is_changed = TRUE;
	return NULL;
}

static const char *order_name(struct server *s, char **words, guint n, GString *text)
{
	struct user *u = users_find(s->users, words[0]);
	g_autofree char *name = name_decode(words[1]);

	if (!u || !name)
		return nobody;
	user_set(&u->name, name);
	presence_tell_all(s, u);
	return NULL;
}

static void contact_put(struct user *u, const char *account, guint lists, const char *nick)
{
	struct contact *c = user_contact_need(u, account);

	c->lists = lists & 15;
	user_set(&c->nick, nick);
	user_contact_tidy(u, c);
	u->version++;
}

static const char *order_contact(struct server *s, char **words, guint n, GString *text)
{
	struct user *u = users_find(s->users, words[0]);
	g_autofree char *nick = n > 3 ? name_decode(words[3]) : NULL;

	if (!u || !account_is_valid(words[1]))
		return nobody;
	contact_put(u, words[1], g_ascii_strtoull(words[2], NULL, 10), nick);
	s->is_changed = TRUE;
	return NULL;
}

static const char *order_contacts(struct server *s, char **words, guint n, GString *text)
{
	struct user *u = users_find(s->users, words[0]);
	guint64 wanted, i;

	if (!u || !g_ascii_string_to_unsigned(words[1], 10, 0, CONTACTS_AT_ONCE_MAX, &wanted, NULL))
		return nobody;
	for (i = 1; i <= wanted; i++) {
		g_autofree char *account = g_strdup_printf("contact-%u@example.test", (guint)i);
		g_autofree char *nick = g_strdup_printf("Contact %u", (guint)i);

		contact_put(u, account, FL | AL | RL, nick);
	}
	return NULL;
}

static const char *order_group(struct server *s, char **words, guint n, GString *text)
{
	struct user *u = users_find(s->users, words[0]);
	g_autofree char *name = name_decode(words[1]);

	if (!u || !name)
		return nobody;
	g_string_append_printf(text, "%d\n", user_group_add(u, name)->id);
	return NULL;
}

static const char *order_phone(struct server *s, char **words, guint n, GString *text)
{
	struct user *u = users_find(s->users, words[0]);
	int kind = phone_find(words[1]);

	if (!u || kind < 0)
		return nobody;
	user_set(&u->phones[kind], n > 2 ? words[2] : NULL);
	return NULL;
}

static const char *order_show(struct server *s, char **words, guint n, GString *text)
{
	struct user *u = users_find(s->users, words[0]);
	guint i;

	if (!u)
		return nobody;
	g_string_append_printf(text, "name %s\nstate %s\nversion %u\nblp %s\ngtc %s\n", u->name,
			       u->ns ? ((struct ns *)u->ns->state)->state : "FLN", u->version,
			       u->is_open ? "AL" : "BL", u->is_asked ? "A" : "N");
	for (i = 0; i < N_PHONES; i++)
		if (u->phones[i])
			g_string_append_printf(text, "phone %s %s\n", phone_kinds[i], u->phones[i]);
	for (i = 0; i < u->groups->len; i++) {
		struct group *g = u->groups->pdata[i];

		g_string_append_printf(text, "group %d %s\n", g->id, g->name);
	}
	for (i = 0; i < u->contacts->len; i++) {
		struct contact *c = u->contacts->pdata[i];
		guint j;

		g_string_append_printf(text, "contact %s %u", c->account, c->lists);
		for (j = 0; j < c->groups->len; j++)
			g_string_append_printf(text, "%c%d", j ? ',' : ' ',
					       g_array_index(c->groups, int, j));
		g_string_append_c(text, '\n');
	}
	return NULL;
}

static void who_one(gpointer data, gpointer user)
{
	struct user *u = data;

	if (u->ns)
		g_string_append_printf(user, "%s %s\n", u->account,
				       ((struct ns *)u->ns->state)->state);
}

static const char *order_who(struct server *s, char **words, guint n, GString *text)
{
	users_each(s->users, who_one, text);
	g_string_append_printf(text, "rooms %u\n", g_hash_table_size(s->rooms));
	return NULL;
}

/* ---- what the server does by itself ---- */

/* All words from the first on, with blanks between. (transfer full) */
static char *rest(char **words)
{
	return g_strjoinv(" ", words);
}

static const char *order_mail(struct server *s, char **words, guint n, GString *text)
{
	struct user *u = users_find(s->users, words[0]);
	g_autofree char *subject = rest(words + 2);

	if (!u)
		return nobody;
	u->unread++;
	if (u->ns)
		ns_mail_new(u->ns, words[1], subject);
	return NULL;
}

static const char *order_mail_read(struct server *s, char **words, guint n, GString *text)
{
	struct user *u = users_find(s->users, words[0]);
	guint count = g_ascii_strtoull(words[1], NULL, 10);

	if (!u)
		return nobody;
	u->unread -= MIN(u->unread, count);
	if (u->ns)
		ns_mail_moved(u->ns, "ACTIVE", n > 2 ? words[2] : "trAsH", count);
	return NULL;
}

static const char *order_unread(struct server *s, char **words, guint n, GString *text)
{
	struct user *u = users_find(s->users, words[0]);

	if (!u)
		return nobody;
	u->unread = g_ascii_strtoull(words[1], NULL, 10);
	u->unread_elsewhere = n > 2 ? g_ascii_strtoull(words[2], NULL, 10) : 0;
	if (u->ns)
		ns_mail_initial(u->ns);
	return NULL;
}

/* Everybody signed in, as they are now: what is done to them may change the list. */
static GPtrArray *all_signed_in(struct server *s)
{
	GPtrArray *found = g_ptr_array_new();
	guint i;

	for (i = 0; i < s->conns->len; i++) {
		struct conn *c = s->conns->pdata[i];

		if (c->role == &ns_role && c->user && !c->is_over)
			g_ptr_array_add(found, c);
	}
	return found;
}

static const char *order_system(struct server *s, char **words, guint n, GString *text)
{
	g_autoptr(GPtrArray) everybody = all_signed_in(s);
	guint minutes = g_ascii_strtoull(words[0], NULL, 10), i;

	for (i = 0; i < everybody->len; i++)
		ns_system(everybody->pdata[i], minutes);
	return NULL;
}

static const char *order_shutdown(struct server *s, char **words, guint n, GString *text)
{
	g_autoptr(GPtrArray) everybody = all_signed_in(s);
	guint i;

	for (i = 0; i < everybody->len; i++) {
		conn_say(everybody->pdata[i], "OUT SSD");
		conn_end(everybody->pdata[i]);
	}
	return NULL;
}

static const char *order_out(struct server *s, char **words, guint n, GString *text)
{
	struct conn *c = signed_in(s, words[0]);

	if (!c)
		return away;
	if (n > 1)
		conn_say(c, "OUT %s", words[1]);
	else
		conn_say(c, "OUT");
	conn_end(c);
	return NULL;
}

static const char *order_kick(struct server *s, char **words, guint n, GString *text)
{
	char *other[] = {words[0], (char *)"OTH", NULL};

	return order_out(s, other, 2, text);
}

static const char *order_drop(struct server *s, char **words, guint n, GString *text)
{
	struct conn *c = signed_in(s, words[0]);

	if (!c)
		return away;
	conn_end(c);
	return NULL;
}

static const char *order_challenge(struct server *s, char **words, guint n, GString *text)
{
	struct conn *c = signed_in(s, words[0]);

	if (!c)
		return away;
	ns_challenge(c);
	return NULL;
}

static const char *order_refer(struct server *s, char **words, guint n, GString *text)
{
	struct conn *c = signed_in(s, words[0]);

	if (!c)
		return away;
	ns_refer(c, "0");
	conn_end(c);
	return NULL;
}

static const char *order_notify(struct server *s, char **words, guint n, GString *text)
{
	struct conn *c = signed_in(s, words[0]);

	if (!c)
		return away;
	ns_notify_list(c);
	return NULL;
}

static struct conn *switchboard_of(struct server *s, const char *account)
{
	guint i;

	for (i = 0; i < s->conns->len; i++) {
		struct conn *c = s->conns->pdata[i];

		if (c->role == &sb_role && c->user && !strcmp(c->user->account, account))
			return c;
	}
	return NULL;
}

static const char *say_to(struct conn *c, char **words)
{
	g_autofree char *escaped = rest(words);
	g_autofree char *octets = g_strcompress(escaped);

	if (!c)
		return away;
	conn_say_raw(c, octets, strlen(octets));
	return NULL;
}

static const char *order_send(struct server *s, char **words, guint n, GString *text)
{
	return say_to(signed_in(s, words[0]), words + 1);
}

static const char *order_send_sb(struct server *s, char **words, guint n, GString *text)
{
	return say_to(switchboard_of(s, words[0]), words + 1);
}

static const char *order_idle(struct server *s, char **words, guint n, GString *text)
{
	struct conn *c = n ? switchboard_of(s, words[0]) : NULL;

	if (n && !c)
		return "in no switchboard";
	if (c)
		room_end(((struct sb *)c->state)->room, TRUE);
	else
		rooms_sweep(s, TRUE);
	return NULL;
}

static const char *order_drop_sb(struct server *s, char **words, guint n, GString *text)
{
	struct conn *c = switchboard_of(s, words[0]);

	if (!c)
		return "in no switchboard";
	room_end(((struct sb *)c->state)->room, FALSE);
	return NULL;
}

static const char *order_expire(struct server *s, char **words, guint n, GString *text)
{
	if (!strcmp(words[0], "tickets"))
		g_hash_table_remove_all(s->tickets);
	else if (!strcmp(words[0], "keys"))
		g_hash_table_remove_all(s->keys);
	else if (!strcmp(words[0], "gateway"))
		gateways_sweep(s, TRUE);
	else
		return "what expires?";
	return NULL;
}

static const char *order_set(struct server *s, char **words, guint n, GString *text)
{
	g_autofree char *setting = rest(words);

	return options_set(s->options, setting) ? NULL : "no such key or value";
}

static const char *order_settings(struct server *s, char **words, guint n, GString *text)
{
	g_autofree char *all = options_describe(s->options);

	g_string_append(text, all);
	return NULL;
}

static const struct order orders[] = {
	{"adduser", 2, order_adduser},
	{"name", 2, order_name},
	{"contact", 3, order_contact},
	{"contacts", 2, order_contacts},
	{"group", 2, order_group},
	{"phone", 2, order_phone},
	{"show", 1, order_show},
	{"who", 0, order_who},
	{"mail", 3, order_mail},
	{"mail-read", 2, order_mail_read},
	{"unread", 2, order_unread},
	{"system", 1, order_system},
	{"shutdown", 0, order_shutdown},
	{"kick", 1, order_kick},
	{"out", 1, order_out},
	{"drop", 1, order_drop},
	{"challenge", 1, order_challenge},
	{"refer", 1, order_refer},
	{"notify", 1, order_notify},
	{"send", 2, order_send},
	{"send-sb", 2, order_send_sb},
	{"idle-switchboards", 0, order_idle},
	{"drop-switchboard", 1, order_drop_sb},
	{"expire", 1, order_expire},
	{"set", 1, order_set},
	{"settings", 0, order_settings},
};

/* ---- the connection ---- */

static const char *control_run(struct server *s, char **words, GString *text)
{
	guint n = g_strv_length(words), i;

	for (i = 0; i < G_N_ELEMENTS(orders); i++) {
		if (!n || strcmp(orders[i].verb, words[0]))
			continue;
		if (n - 1 < orders[i].min)
			return "too few words";
		return orders[i].run(s, words + 1, n - 1, text);
	}
	return "no such order";
}

static void control_data(struct link *l, const guint8 *data, gsize n, gpointer user)
{
	struct control *control = user;
	g_autoptr(GString) text = g_string_new(NULL);
	g_auto(GStrv) words = NULL;
	const char *problem;
	char *end;

	g_string_append_len(control->in, (const char *)data, n);
	if (control->in->len > ORDER_MAX) {
		link_drop(l);
		return;
	}
	end = memchr(control->in->str, '\n', control->in->len);
	if (!end)
		return;
	*end = '\0';
	words = g_strsplit(control->in->str, " ", -1);
	if (words[0]) /* what follows may be a password */
		server_log(control->server, "control", ">>>", words[0], strlen(words[0]));
	problem = control_run(control->server, words, text);
	if (problem)
		g_string_append_printf(text, "error %s\n", problem);
	else
		g_string_append(text, "ok\n");
	link_write(l, text->str, text->len);
	link_end(l);
}

static void control_gone(struct link *l, gpointer user)
{
	struct control *control = user;

	g_string_free(control->in, TRUE);
	g_free(control);
}

void control_new(struct server *s, struct link *l)
{
	static const struct link_handlers handlers = {control_data, NULL, control_gone};
	struct control *control = g_new0(struct control, 1);

	control->server = s;
	control->in = g_string_new(NULL);
	link_set_handlers(l, &handlers, control);
}
