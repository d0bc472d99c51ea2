/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lists: contacts, groups, privacy and phones: the commands that change them, and SYN. */
#include "tests/peers/msnp8/ns.h"

#include <string.h>

static gboolean is_revival(const struct conn *c)
{
	return options_is_revival(c->server->options);
}

guint lists_changed(struct conn *c)
{
	c->server->is_changed = TRUE;
	return ++c->user->version;
}

/* As lists_changed, for somebody who may not be here. */
static guint lists_changed_of(struct server *s, struct user *u)
{
	s->is_changed = TRUE;
	return ++u->version;
}

static guint list_scan(const char *word)
{
	static const char *const names[] = {"FL", "AL", "BL", "RL"};
	guint i;

	for (i = 0; i < G_N_ELEMENTS(names); i++)
		if (!strcmp(names[i], word))
			return 1 << i;
	return 0;
}

/* -1: no number. */
static int group_scan(const char *word)
{
	guint64 id;

	return g_ascii_string_to_unsigned(word, 10, 0, G_MAXINT, &id, NULL) ? (int)id : -1;
}

/* ---- SYN ---- */

static void syn_groups(struct conn *c)
{
	guint i;

	conn_say(c, "LSG 0 Other%%20Contacts 0");
	for (i = 0; i < c->user->groups->len; i++) {
		struct group *g = c->user->groups->pdata[i];
		g_autofree char *name = name_encode(c->server, g->name);

		conn_say(c, "LSG %d %s 0", g->id, name);
	}
}

/* The field after the bits: the original has it for FL alone, the revival always. */
static char *syn_groups_of(const struct conn *c, const struct contact *contact)
{
	GString *text = g_string_new(NULL);
	guint i;

	if (contact->lists & FL || is_revival(c)) {
		g_string_append(text, contact->groups->len ? " " : " 0");
		for (i = 0; i < contact->groups->len; i++)
			g_string_append_printf(text, "%s%d", i ? "," : "",
					       g_array_index(contact->groups, int, i));
	}
	return g_string_free(text, FALSE);
}

static void syn_contact(struct conn *c, const struct contact *contact)
{
	const struct user *u = users_find(c->server->users, contact->account);
	const char *nick = contact->nick ? contact->nick : u ? u->name : contact->account;
	g_autofree char *name = name_encode(c->server, nick);
	g_autofree char *groups = syn_groups_of(c, contact);
	int i;

	conn_say(c, "LST %s %s %u%s", contact->account, name, contact->lists, groups);
	if (!u || !(contact->lists & FL))
		return;
	for (i = 0; i < N_PHONES; i++)
		if (u->phones[i] && strcmp(phone_kinds[i], "MBE"))
			conn_say(c, "BPR %s %s", phone_kinds[i], u->phones[i]);
}

static void syn_lists(struct conn *c)
{
	struct user *u = c->user;
	guint i;

	conn_say(c, "GTC %s", u->is_asked ? "A" : "N");
	conn_say(c, "BLP %s", u->is_open ? "AL" : "BL");
	for (i = 0; i < N_PHONES; i++)
		if (u->phones[i])
			conn_say(c, "PRP %s %s", phone_kinds[i], u->phones[i]);
	syn_groups(c);
	for (i = 0; i < u->contacts->len; i++)
		syn_contact(c, u->contacts->pdata[i]);
}

/* The revival counts from what the client says and always sends everything. */
void lists_syn(struct conn *c, const struct request *r)
{
	struct ns *ns = c->state;
	guint64 known;

	if (!g_ascii_string_to_unsigned(r->words[2], 10, 0, G_MAXINT, &known, NULL)) {
		conn_refuse(c, r, 201);
		return;
	}
	ns->is_synced = TRUE;
	if (is_revival(c))
		c->user->version = known + 1;
	else if (known == c->user->version && known) {
		conn_say(c, "SYN %s %u", r->words[1], c->user->version);
		return;
	}
	conn_say(c, "SYN %s %u %u %u", r->words[1], c->user->version, c->user->contacts->len,
		 c->user->groups->len + 1);
	syn_lists(c);
}

/* ---- ADD and REM ---- */

static gboolean is_synced(const struct user *u)
{
	return u->ns && ((struct ns *)u->ns->state)->is_synced;
}

/* u has put other on FL, or taken him off: so other's RL has changed. */
static void reverse_changed(struct conn *c, struct user *other, gboolean is_added)
{
	struct user *u = c->user;
	struct contact *back = user_contact_need(other, u->account);
	g_autofree char *name = name_encode(c->server, u->name);
	guint version = lists_changed_of(c->server, other);

	if (is_added)
		back->lists |= RL;
	else
		back->lists &= ~(guint)RL;
	user_contact_tidy(other, back);
	if (!is_synced(other))
		return;
	if (is_added)
		conn_say(other->ns, "ADD 0 RL %u %s %s", version, u->account, name);
	else
		conn_say(other->ns, "REM 0 RL %u %s", version, u->account);
	if (is_revival(c))
		ns_notify_list(other->ns);
}

/* What the revival tells of somebody who was on another list before. */
static void add_known_phones(struct conn *c, const struct user *other, guint version)
{
	int i;

	for (i = 0; i < phone_find("MBE"); i++) {
		const char *value = other->phones[i];

		if (!value && !strcmp(phone_kinds[i], "MOB"))
			value = "N";
		conn_say(c, "BPR %u %s %s%s%s", version, other->account, phone_kinds[i],
			 value ? " " : "", value ? value : "");
	}
}

/* 0, or the error: may the contact come onto this list? */
static guint add_problem(struct conn *c, const struct request *r, guint list, int group)
{
	const char *account = r->words[3];
	const struct contact *contact = user_contact(c->user, account);
	guint lists = contact ? contact->lists : 0;

	if (!account_is_valid(account))
		return is_revival(c) ? 201 : 208;
	if (!users_find(c->server->users, account))
		return 205;
	if (group && !user_group(c->user, group))
		return 224;
	if (list == FL && lists & FL && group && contact_is_in(contact, group))
		return 215;
	if (!is_revival(c) && lists & list && (list != FL || !group))
		return 215;
	if (!is_revival(c) && ((list == AL && lists & BL) || (list == BL && lists & AL)))
		return 219;
	if (!(lists & list) &&
	    user_list_count(c->user, list) >= options_number(c->server->options, "contacts-max"))
		return 210;
	return 0;
}

static void add_to_forward(struct conn *c, const struct request *r, struct contact *contact,
			   struct user *other, int group)
{
	gboolean is_new = !(contact->lists & FL), was_known = contact->lists != 0;
	g_autofree char *name = name_encode(c->server, contact->nick);
	guint version = lists_changed(c);

	contact->lists |= FL;
	if (group)
		g_array_append_val(contact->groups, group);
	if (r->n > 5)
		conn_say(c, "ADD %s FL %u %s %s %d", r->words[1], version, contact->account, name,
			 group);
	else
		conn_say(c, "ADD %s FL %u %s %s", r->words[1], version, contact->account, name);
	if (!is_new)
		return;
	if (is_revival(c) && was_known)
		add_known_phones(c, other, version);
	if (!is_revival(c) || was_known)
		presence_list_one(c, r, other);
	reverse_changed(c, other, TRUE);
}

static void add_to_privacy(struct conn *c, const struct request *r, struct contact *contact,
			   struct user *other, guint list)
{
	gboolean was_allowed = user_allows(c->user, other->account);
	g_autofree char *name = name_encode(c->server, contact->nick);

	contact->lists |= list;
	conn_say(c, "ADD %s %s %u %s %s", r->words[1], r->words[2], lists_changed(c),
		 contact->account, name);
	if (!presence_shown(c->user))
		return;
	if (is_revival(c) || was_allowed != user_allows(c->user, other->account))
		presence_tell(c->server, c->user, other, is_revival(c));
}

void lists_add(struct conn *c, const struct request *r)
{
	guint list = list_scan(r->words[2]), problem;
	int group = list == FL && r->n > 5 ? group_scan(r->words[5]) : 0;
	g_autofree char *nick = name_decode(r->words[4]);
	struct contact *contact;
	struct user *other;

	if (list == RL && is_revival(c)) {
		conn_end(c);
		return;
	}
	problem = !list || list == RL || group < 0 ? 201
		  : !nick || strlen(r->words[4]) > FRIENDLY_NAME_MAX
			  ? 209
			  : add_problem(c, r, list, group);
	if (problem) {
		conn_refuse(c, r, problem);
		return;
	}
	other = users_find(c->server->users, r->words[3]);
	contact = user_contact_need(c->user, r->words[3]);
	user_set(&contact->nick, nick);
	if (list == FL)
		add_to_forward(c, r, contact, other, group);
	else
		add_to_privacy(c, r, contact, other, list);
}

/* Out of one group; FL itself goes with the last one. */
static void rem_from_forward(struct conn *c, const struct request *r, struct contact *contact)
{
	gboolean has_group = r->n > 4;
	int group = has_group ? group_scan(r->words[4]) : 0;
	struct user *other = users_find(c->server->users, contact->account);

	if (has_group && !contact_is_in(contact, group)) {
		conn_refuse(c, r, group && !user_group(c->user, group) ? 224 : 225);
		return;
	}
	if (has_group)
		contact_group_remove(contact, group);
	conn_say(c, "REM %s FL %u %s%s%s", r->words[1], lists_changed(c), contact->account,
		 has_group ? " " : "", has_group ? r->words[4] : "");
	if (has_group && contact->groups->len)
		return;
	contact->lists &= ~(guint)FL;
	user_contact_tidy(c->user, contact);
	if (other)
		reverse_changed(c, other, FALSE);
}

static void rem_from_privacy(struct conn *c, const struct request *r, struct contact *contact,
			     guint list)
{
	struct user *other = users_find(c->server->users, contact->account);
	gboolean was_allowed = user_allows(c->user, contact->account), is_allowed;

	contact->lists &= ~list;
	conn_say(c, "REM %s %s %u %s", r->words[1], r->words[2], lists_changed(c),
		 contact->account);
	is_allowed = user_allows(c->user, contact->account);
	user_contact_tidy(c->user, contact);
	if (other && was_allowed != is_allowed && presence_shown(c->user))
		presence_tell(c->server, c->user, other, is_revival(c));
}

void lists_rem(struct conn *c, const struct request *r)
{
	guint list = list_scan(r->words[2]);
	struct contact *contact = user_contact(c->user, r->words[3]);

	if (list == RL && is_revival(c))
		conn_end(c);
	else if (!list || list == RL)
		conn_refuse(c, r, 201);
	else if (!contact || !(contact->lists & list))
		conn_refuse(c, r, 216);
	else if (list == FL)
		rem_from_forward(c, r, contact);
	else
		rem_from_privacy(c, r, contact, list);
}

/* ---- groups ---- */

/* 0, or the error. (transfer full) */
static guint group_name_problem(struct conn *c, const char *encoded, char **ret_name)
{
	g_autofree char *name = name_decode(encoded);

	if (!name || !*name)
		return 201;
	if (strlen(encoded) > GROUP_NAME_MAX)
		return 229;
	if (user_group_named(c->user, name))
		return 228;
	*ret_name = g_steal_pointer(&name);
	return 0;
}

void lists_adg(struct conn *c, const struct request *r)
{
	g_autofree char *name = NULL, *encoded = NULL;
	guint problem = group_name_problem(c, r->words[2], &name), version;

	if (!problem &&
	    c->user->groups->len + 1 >= options_number(c->server->options, "groups-max"))
		problem = 223;
	if (problem) {
		conn_refuse(c, r, problem);
		return;
	}
	version = lists_changed(c);
	encoded = name_encode(c->server, name);
	conn_say(c, "ADG %s %u %s %d 0", r->words[1], version, encoded,
		 user_group_add(c->user, name)->id);
}

static struct group *group_of_request(struct conn *c, const struct request *r)
{
	int id = group_scan(r->words[2]);
	struct group *g = user_group(c->user, id);

	if (!g)
		conn_refuse(c, r, !id && !is_revival(c) ? 230 : 224);
	return g;
}

void lists_rmg(struct conn *c, const struct request *r)
{
	struct group *g = group_of_request(c, r);

	if (!g)
		return;
	conn_say(c, "RMG %s %u %d", r->words[1], lists_changed(c), g->id);
	user_group_remove(c->user, g);
}

void lists_reg(struct conn *c, const struct request *r)
{
	struct group *g = group_of_request(c, r);
	g_autofree char *name = NULL, *encoded = NULL;
	guint problem;

	if (!g)
		return;
	problem = group_name_problem(c, r->words[3], &name);
	if (problem) {
		conn_refuse(c, r, problem);
		return;
	}
	user_set(&g->name, name);
	encoded = name_encode(c->server, name);
	conn_say(c, "REG %s %u %d %s 0", r->words[1], lists_changed(c), g->id, encoded);
}

/* ---- names, privacy, phones ---- */

void lists_rea(struct conn *c, const struct request *r)
{
	gboolean is_own = !strcmp(r->words[2], c->user->account);
	g_autofree char *name = name_decode(r->words[3]), *encoded = NULL;
	struct contact *contact = user_contact(c->user, r->words[2]);
	gboolean is_new;

	if (!name || !*name || strlen(r->words[3]) > FRIENDLY_NAME_MAX) {
		conn_refuse(c, r, 209);
		return;
	}
	if (!is_own && !contact) {
		conn_refuse(c, r, 216);
		return;
	}
	encoded = name_encode(c->server, name);
	conn_say(c, "REA %s %u %s %s", r->words[1], lists_changed(c), r->words[2], encoded);
	/* The revival echoes a contact's new name and forgets it. */
	if (!is_own && !is_revival(c))
		user_set(&contact->nick, name);
	is_new = is_own && strcmp(c->user->name, name);
	if (!is_new)
		return;
	user_set(&c->user->name, name);
	presence_tell_all(c->server, c->user);
}

/* "A" or "AL" against the other word; FALSE: refused. */
static gboolean choice_change(struct conn *c, const struct request *r, const char *yes,
			      const char *no, gboolean *value)
{
	gboolean wanted = !strcmp(r->words[2], yes);

	if (!wanted && strcmp(r->words[2], no)) {
		conn_refuse(c, r, 201);
		return FALSE;
	}
	if (wanted == *value) {
		conn_refuse(c, r, 218);
		return FALSE;
	}
	*value = wanted;
	conn_say(c, "%s %s %u %s", r->words[0], r->words[1], lists_changed(c), r->words[2]);
	return TRUE;
}

void lists_gtc(struct conn *c, const struct request *r)
{
	choice_change(c, r, "A", "N", &c->user->is_asked);
}

/* The revival tells everybody again, the original whom it makes a difference to. */
void lists_blp(struct conn *c, const struct request *r)
{
	struct user *u = c->user;
	guint i;

	if (!choice_change(c, r, "AL", "BL", &u->is_open) || !presence_shown(u))
		return;
	for (i = 0; i < u->contacts->len; i++) {
		struct contact *contact = u->contacts->pdata[i];
		struct user *other = users_find(c->server->users, contact->account);

		if (other && contact->lists & RL &&
		    (is_revival(c) || !(contact->lists & (AL | BL))))
			presence_tell(c->server, u, other, is_revival(c));
	}
}

static void phone_tell_watchers(struct conn *c, int kind)
{
	struct user *u = c->user;
	const char *value = u->phones[kind];
	guint i;

	for (i = 0; i < u->contacts->len; i++) {
		struct contact *contact = u->contacts->pdata[i];
		struct user *other = users_find(c->server->users, contact->account);

		if (!other || !(contact->lists & RL) || !user_allows(u, contact->account))
			continue;
		if (is_synced(other))
			conn_say(other->ns, "BPR %u %s %s%s%s", lists_changed_of(c->server, other),
				 u->account, phone_kinds[kind], value ? " " : "",
				 value ? value : "");
		else
			lists_changed_of(c->server, other);
	}
}

/* The revival takes MOB only from who has set MBE, without a word, and says nothing to others when
 * a number is taken back. */
void lists_prp(struct conn *c, const struct request *r)
{
	int kind = phone_find(r->words[2]);
	const char *value = r->n > 3 ? r->words[3] : NULL;

	if (value && strlen(value) > PHONE_MAX) {
		conn_end(c);
		return;
	}
	if (kind < 0) {
		conn_refuse(c, r, 201);
		return;
	}
	if (is_revival(c) && !strcmp(phone_kinds[kind], "MOB") && !c->user->phones[kind + 1])
		return;
	user_set(&c->user->phones[kind], value);
	conn_say(c, "PRP %s %u %s%s%s", r->words[1], lists_changed(c), phone_kinds[kind],
		 value ? " " : "", value ? value : "");
	if (value || !is_revival(c))
		phone_tell_watchers(c, kind);
}
