/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lists: who is on the forward, allow, block and reverse list, in which group, as the server last
 * said it. */
#include <string.h>

#include "plugins/msnp8/session/lists.h"

#define GROUP_ID_MAX 36
#define VERSION_MAX 20
#define CACHE_MARK "msnp8-1"
#define CACHE_MS 10000 /* how long changes are collected before the cache is worth storing again   \
			*/

static void group_free(gpointer data)
{
	struct group *g = data;

	g_hash_table_destroy(g->members);
	g_free(g->id);
	g_free(g->name);
	g_free(g);
}

static void contact_free(gpointer data)
{
	struct contact *contact = data;

	for (guint i = 0; contact->phones && i < MSN_PHONES; i++)
		g_free(contact->phones[i]);
	g_free(contact->phones);
	g_free(contact->groups);
	g_free(contact->account);
	g_free(contact->name);
	g_free(contact);
}

void msn_founder_free(gpointer data)
{
	struct founder *f = data;

	g_free(f->account);
	g_free(f->group);
	g_free(f->from);
	g_free(f);
}

/* ---- the version in a cache, NULL when it is none of ours ---- */

static char *cache_version(const char *cache)
{
	const char *end;

	if (!cache || !g_str_has_prefix(cache, CACHE_MARK " "))
		return NULL;
	cache += strlen(CACHE_MARK " ");
	end = strchr(cache, ';');
	if (!end || end == cache || end - cache > VERSION_MAX ||
	    strspn(cache, "0123456789") != (gsize)(end - cache))
		return NULL;
	return g_strndup(cache, (gsize)(end - cache));
}

struct lists *msn_lists_new(const char *cache)
{
	struct lists *l = g_new0(struct lists, 1);

	l->contacts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, contact_free);
	l->groups = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, group_free);
	l->version = cache_version(cache);
	if (l->version)
		l->cache = g_strdup(cache);
	else
		l->version = g_strdup("0");
	return l;
}

void msn_lists_free(struct lists *l)
{
	for (guint i = 0; i < MSN_PHONES; i++)
		g_free(l->phones[i]);
	g_queue_clear_full(&l->unasked, g_free);
	g_queue_clear_full(&l->founding, msn_founder_free);
	g_hash_table_destroy(l->groups);
	g_hash_table_destroy(l->contacts);
	g_strfreev(l->cached);
	g_free(l->cache);
	g_free(l->version);
	g_free(l);
}

/* ---- finding ---- */

struct contact *msn_lists_find(const struct msn_session *s, const char *account)
{
	return g_hash_table_lookup(s->lists->contacts, account);
}

struct contact *msn_lists_find_raw(const struct msn_session *s, const char *raw)
{
	g_autofree char *account = msn_account_new(raw);

	return account ? msn_lists_find(s, account) : NULL;
}

struct group *msn_lists_group(const struct msn_session *s, const char *name)
{
	GHashTableIter iter;
	gpointer value;

	if (!name)
		return g_hash_table_lookup(s->lists->groups, MSN_EVERYBODY);
	g_hash_table_iter_init(&iter, s->lists->groups);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		if (strcmp(((struct group *)value)->name, name) == 0)
			return value;
	}
	return NULL;
}

gboolean msn_lists_is_in(const struct contact *contact, const struct group *g)
{
	return g_hash_table_contains(g->members, contact);
}

static gboolean is_pending(const struct contact *contact)
{
	return (contact->lists & MSN_RL) && !(contact->lists & (MSN_AL | MSN_BL));
}

const char *msn_lists_name(const struct msn_session *s, const char *account)
{
	const struct contact *contact = msn_lists_find(s, account);

	return contact ? contact->name : NULL;
}

gboolean msn_contact_lists(const struct msn_session *s, const char *account, guint *ret_lists)
{
	g_autofree char *who = msn_account_new(account);
	const struct contact *contact = who ? msn_lists_find(s, who) : NULL;

	if (!contact)
		return FALSE;
	if (ret_lists)
		*ret_lists = contact->lists;
	return TRUE;
}

/* Not every server keeps blocked people from calling, so we do. */
gboolean msn_lists_may_call(const struct msn_session *s, const char *account)
{
	const struct contact *contact = msn_lists_find(s, account);

	if (contact && (contact->lists & MSN_BL))
		return FALSE;
	return !s->lists->is_closed || (contact && (contact->lists & MSN_AL));
}

/* ---- changing, and telling ---- */

static void changed(struct msn_session *s)
{
	if (s->lists->is_syncing || s->lists->is_changed)
		return;
	s->lists->is_changed = TRUE;
	s->cache_deadline = s->now + CACHE_MS;
}

void msn_lists_tell_cache(struct msn_session *s)
{
	if (!s->lists->is_changed)
		return;
	s->lists->is_changed = FALSE;
	s->cache_deadline = G_MAXINT64;
	msn_event_push(s, &(struct msn_event){.type = MSN_EVENT_CACHE});
}

static void set_version(struct msn_session *s, const char *version)
{
	guint64 number;

	if (!msn_number_read(version, G_MAXINT64, &number))
		return;
	g_free(s->lists->version);
	s->lists->version = g_strdup(version);
	changed(s);
}

static void tell_contact(struct msn_session *s, const struct contact *contact)
{
	const char *ids[256 + 1];

	for (guint i = 0; i < contact->n_groups; i++)
		ids[i] = contact->groups[i]->id;
	ids[contact->n_groups] = NULL;
	msn_event_push(s, &(struct msn_event){
				  .type = MSN_EVENT_CONTACT,
				  .account = msn_keep(s, contact->account),
				  .name = msn_keep(s, contact->name),
				  .lists = contact->lists,
				  .groups = msn_keep_vector(s, ids),
			  });
}

static void tell_pending(struct msn_session *s, const struct contact *contact)
{
	if (s->lists->is_syncing) {
		g_queue_push_tail(&s->lists->unasked, g_strdup(contact->account));
		return;
	}
	msn_event_push(s, &(struct msn_event){
				  .type = MSN_EVENT_PENDING,
				  .account = msn_keep(s, contact->account),
				  .name = msn_keep(s, contact->name),
			  });
}

static void tell_group(struct msn_session *s, const struct group *g)
{
	msn_event_push(s, &(struct msn_event){
				  .type = MSN_EVENT_GROUP,
				  .group = msn_keep(s, g->id),
				  .name = msn_keep(s, g->name),
			  });
}

static void leave_group(struct contact *contact, struct group *g)
{
	if (!g_hash_table_remove(g->members, contact))
		return;
	for (guint i = 0; i < contact->n_groups; i++) {
		if (contact->groups[i] == g) {
			contact->groups[i] = contact->groups[--contact->n_groups];
			break;
		}
	}
}

static void leave_all_groups(struct contact *contact)
{
	while (contact->n_groups)
		leave_group(contact, contact->groups[0]);
}

static void join_group(struct contact *contact, struct group *g)
{
	if (contact->n_groups == G_MAXUINT8 || !g_hash_table_add(g->members, contact))
		return;
	contact->groups = g_renew(struct group *, contact->groups, contact->n_groups + 1u);
	contact->groups[contact->n_groups++] = g;
}

/* Told, or told to be gone when it is on no list any more. */
static void contact_changed(struct msn_session *s, struct contact *contact)
{
	changed(s);
	if (contact->lists) {
		tell_contact(s, contact);
		return;
	}
	msn_event_push(s, &(struct msn_event){
				  .type = MSN_EVENT_CONTACT_GONE,
				  .account = msn_keep(s, contact->account),
			  });
	leave_all_groups(contact);
	if (s->lists->last == contact)
		s->lists->last = NULL;
	g_hash_table_remove(s->lists->contacts, contact->account);
}

/* The contact of that name, made when there is none; NULL when account is no account, or there are
 * too many. */
static struct contact *obtain(struct msn_session *s, const char *raw)
{
	g_autofree char *account = msn_account_new(raw);
	struct contact *contact = account ? msn_lists_find(s, account) : NULL;

	if (contact || !account || g_hash_table_size(s->lists->contacts) >= MSN_CONTACTS_MAX)
		return contact;
	contact = g_new0(struct contact, 1);
	contact->name = g_strdup(account);
	contact->account = g_steal_pointer(&account);
	g_hash_table_insert(s->lists->contacts, contact->account, contact);
	return contact;
}

static void set_name(struct contact *contact, const char *encoded)
{
	g_free(contact->name);
	contact->name = msn_name_decode(encoded);
}

void msn_lists_set_name(struct msn_session *s, const char *account, const char *name)
{
	struct contact *contact = msn_lists_find(s, account);

	if (!contact || strcmp(contact->name, name) == 0)
		return;
	g_free(contact->name);
	contact->name = g_strdup(name);
	changed(s);
}

static void group_put(struct msn_session *s, const char *id, const char *encoded)
{
	struct group *g = g_hash_table_lookup(s->lists->groups, id);
	gsize n = strlen(id);

	if (n == 0 || n > GROUP_ID_MAX || strchr(id, ',') || !g_str_is_ascii(id))
		return;
	if (!g) {
		if (g_hash_table_size(s->lists->groups) >= MSN_GROUPS_MAX)
			return;
		g = g_new0(struct group, 1);
		g->id = g_strdup(id);
		g->members = g_hash_table_new(NULL, NULL);
		g_hash_table_insert(s->lists->groups, g->id, g);
	}
	g_free(g->name);
	g->name = msn_name_decode(encoded);
	g->generation = s->lists->generation;
	tell_group(s, g);
	changed(s);
}

static int by_account(gconstpointer a, gconstpointer b)
{
	return strcmp((*(struct contact *const *)a)->account,
		      (*(struct contact *const *)b)->account);
}

GPtrArray *msn_lists_members(const struct group *g)
{
	GPtrArray *members = g_ptr_array_sized_new(g_hash_table_size(g->members));
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, g->members);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		g_ptr_array_add(members, key);
	g_ptr_array_sort(members, by_account);
	return members;
}

/* Its members are in it no more; the work is theirs, not the list's. */
static void group_drop(struct msn_session *s, struct group *g)
{
	g_autoptr(GPtrArray) left = msn_lists_members(g);

	for (guint i = 0; i < left->len; i++) {
		leave_group(left->pdata[i], g);
		tell_contact(s, left->pdata[i]);
	}
	msn_event_push(
		s, &(struct msn_event){.type = MSN_EVENT_GROUP_GONE, .group = msn_keep(s, g->id)});
	g_hash_table_remove(s->lists->groups, g->id);
	changed(s);
}

/* ---- what the server says ---- */

guint msn_lists_bit(const char *word)
{
	static const char *const words[] = {"FL", "AL", "BL", "RL"};

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		if (strcmp(word, words[i]) == 0)
			return 1u << i;
	}
	return 0;
}

const char *const msn_phone_words[MSN_PHONES] = {"PHH", "PHW", "PHM", "MOB"};

static int phone_of(const char *word)
{
	for (int i = 0; i < MSN_PHONES; i++) {
		if (strcmp(word, msn_phone_words[i]) == 0)
			return i;
	}
	return -1;
}

static gboolean is_phone_word(const char *word)
{
	return phone_of(word) >= 0 || strcmp(word, "MBE") == 0;
}

/* The parameters below are those after the TrID.
 * SYN version, or SYN version contacts groups */
static void on_syn(struct msn_session *s, const struct msn_command *c)
{
	struct lists *l = s->lists;
	const char *version = msn_command_param(c, 0);
	guint64 contacts, groups;

	if (!l->is_syncing || l->is_counting || l->cached)
		return;
	if (msn_number_read(msn_command_param(c, 1), G_MAXUINT, &contacts) &&
	    msn_number_read(msn_command_param(c, 2), G_MAXUINT, &groups)) {
		g_clear_pointer(&l->cache, g_free);
		l->contacts_due = (guint)contacts;
		l->groups_due = (guint)groups;
		l->is_counting = TRUE;
		l->generation++;
		set_version(s, version);
		return;
	}
	if (strcmp(version, l->version) != 0 && strcmp(l->version, "0") != 0) {
		/* What we hold is of another version than what the server calls unchanged. */
		g_clear_pointer(&l->cache, g_free);
		set_version(s, "0");
		msn_send(s, s->ns, "SYN", "0", NULL);
		return;
	}
	set_version(s, version);
	l->cached = g_strsplit(l->cache ? l->cache : CACHE_MARK, ";", -1);
	l->next_cached = 1;
	g_clear_pointer(&l->cache, g_free);
}

/* BLP AL, or BLP version AL as an answer */
static void on_blp(struct msn_session *s, const struct msn_command *c)
{
	const char *word = msn_command_param(c, c->has_trid ? 1 : 0);

	if (strcmp(word, "AL") != 0 && strcmp(word, "BL") != 0)
		return;
	s->lists->is_closed = word[0] == 'B';
	msn_event_push(s, &(struct msn_event){
				  .type = MSN_EVENT_PRIVACY,
				  .is_open = !s->lists->is_closed,
			  });
	if (c->has_trid)
		set_version(s, c->params[0]);
	changed(s);
}

static void tell_phone(struct msn_session *s, const char *account, int phone, const char *number)
{
	msn_event_push(s, &(struct msn_event){
				  .type = MSN_EVENT_PHONE,
				  .account = msn_keep(s, account),
				  .phone = (enum msn_phone)phone,
				  .text = msn_keep(s, number),
			  });
}

/* Number i, NULL when it is left out. (transfer full) */
static char *number_at(const struct msn_command *c, guint i)
{
	return i < c->n_params ? msn_name_decode(c->params[i]) : NULL;
}

/* PRP PHH [number], or PRP version PHH [number] as an answer */
static void on_prp(struct msn_session *s, const struct msn_command *c)
{
	guint at = c->has_trid ? 1 : 0;
	int phone = phone_of(msn_command_param(c, at));

	if (c->has_trid)
		set_version(s, msn_command_param(c, 0));
	if (phone < 0)
		return;
	g_free(s->lists->phones[phone]);
	s->lists->phones[phone] = number_at(c, at + 1);
	tell_phone(s, NULL, phone, s->lists->phones[phone]);
	changed(s);
}

/* BPR PHH [number] about the last LST, also after all were counted; or BPR version account PHH
 * [number] */
static void on_bpr(struct msn_session *s, const struct msn_command *c)
{
	gboolean is_short = is_phone_word(c->params[0]);
	guint at = is_short ? 0 : 2;
	int phone = phone_of(msn_command_param(c, at));
	struct contact *contact =
		is_short ? s->lists->last : msn_lists_find_raw(s, msn_command_param(c, 1));

	if (!is_short)
		set_version(s, c->params[0]);
	if (phone < 0 || !contact)
		return;
	if (!contact->phones)
		contact->phones = g_new0(char *, MSN_PHONES);
	g_free(contact->phones[phone]);
	contact->phones[phone] = number_at(c, at + 1);
	tell_phone(s, contact->account, phone, contact->phones[phone]);
	changed(s);
}

/* LSG id name 0 */
static void on_lsg(struct msn_session *s, const struct msn_command *c)
{
	if (!s->lists->is_syncing)
		return;
	if (s->lists->groups_due)
		s->lists->groups_due--;
	if (c->n_params > 1)
		group_put(s, c->params[0], c->params[1]);
}

/* Ids that are no group's are passed over: what they meant nobody knows. */
static void join_groups(struct msn_session *s, struct contact *contact, const char *ids)
{
	g_auto(GStrv) each = g_strsplit(ids, ",", MSN_GROUPS_MAX);

	for (guint i = 0; each[i]; i++) {
		struct group *g = g_hash_table_lookup(s->lists->groups, each[i]);

		if (g)
			join_group(contact, g);
	}
}

/* LST account name bits [groups]; a name that is empty is not there at all. */
static void on_lst(struct msn_session *s, const struct msn_command *c)
{
	struct lists *l = s->lists;
	struct contact *contact;
	guint at = c->n_params == 2 ? 1 : 2;
	guint64 lists;

	if (!l->is_syncing)
		return;
	if (l->contacts_due)
		l->contacts_due--;
	l->last = NULL;
	if (!msn_number_read(msn_command_param(c, at), 255, &lists))
		return;
	lists &= MSN_FL | MSN_AL | MSN_BL | MSN_RL;
	contact = lists ? obtain(s, c->params[0]) : NULL;
	if (!contact)
		return;
	set_name(contact, c->params[at - 1]);
	contact->lists = (guint8)lists;
	contact->generation = l->generation;
	leave_all_groups(contact);
	/* Groups are those of FL; some servers name them for everybody. */
	if (lists & MSN_FL)
		join_groups(s, contact, c->n_params > 3 ? c->params[3] : MSN_EVERYBODY);
	l->last = contact;
	tell_contact(s, contact);
	if (is_pending(contact))
		tell_pending(s, contact);
}

void msn_lists_put(struct msn_session *s, struct contact *contact, guint list, const char *ids)
{
	contact->lists |= (guint8)list;
	contact->generation = s->lists->generation;
	if (list == MSN_FL)
		join_groups(s, contact, ids);
	contact_changed(s, contact);
}

void msn_lists_take(struct msn_session *s, struct contact *contact, guint list, const char *id)
{
	struct group *g = id ? g_hash_table_lookup(s->lists->groups, id) : NULL;

	if (list == MSN_FL && g)
		leave_group(contact, g);
	else if (list == MSN_FL && !id)
		leave_all_groups(contact);
	if (list != MSN_FL || contact->n_groups == 0)
		contact->lists &= (guint8)~list;
	contact_changed(s, contact);
}

/* ADD list version account name [group] */
static void on_add(struct msn_session *s, const struct msn_command *c)
{
	guint list = msn_lists_bit(c->params[0]);
	struct contact *contact = list ? obtain(s, c->params[2]) : NULL;
	gboolean was_pending;

	set_version(s, c->params[1]);
	if (!contact)
		return;
	was_pending = is_pending(contact);
	/* On the other lists the name is only what we said ourselves. */
	if (c->n_params > 3 && (contact->lists == 0 || list == MSN_RL))
		set_name(contact, c->params[3]);
	msn_lists_put(s, contact, list, c->n_params > 4 ? c->params[4] : MSN_EVERYBODY);
	if (list == MSN_RL && !was_pending && is_pending(contact))
		tell_pending(s, contact);
}

/* REM list version account [group] */
static void on_rem(struct msn_session *s, const struct msn_command *c)
{
	guint list = msn_lists_bit(c->params[0]);
	struct contact *contact = msn_lists_find_raw(s, c->params[2]);

	set_version(s, c->params[1]);
	if (contact && list)
		msn_lists_take(s, contact, list, c->n_params > 3 ? c->params[3] : NULL);
}

/* ADG version name id 0 */
static void on_adg(struct msn_session *s, const struct msn_command *c)
{
	set_version(s, c->params[0]);
	group_put(s, c->params[2], c->params[1]);
}

/* REG version id name 0 */
static void on_reg(struct msn_session *s, const struct msn_command *c)
{
	set_version(s, c->params[0]);
	if (g_hash_table_contains(s->lists->groups, c->params[1]))
		group_put(s, c->params[1], c->params[2]);
}

/* RMG version id */
static void on_rmg(struct msn_session *s, const struct msn_command *c)
{
	struct group *g = g_hash_table_lookup(s->lists->groups, c->params[1]);

	set_version(s, c->params[0]);
	if (g && strcmp(g->id, MSN_EVERYBODY) != 0)
		group_drop(s, g);
}

/* REA version account name */
static void on_rea(struct msn_session *s, const struct msn_command *c)
{
	g_autofree char *account = msn_account_new(c->params[1]);
	struct contact *contact = account ? msn_lists_find(s, account) : NULL;

	set_version(s, c->params[0]);
	if (account && strcmp(account, s->account) == 0) {
		g_free(s->name);
		s->name = msn_name_decode(c->params[2]);
		msn_event_push(s, &(struct msn_event){
					  .type = MSN_EVENT_OWN_NAME,
					  .name = msn_keep(s, s->name),
				  });
	}
	if (contact) {
		set_name(contact, c->params[2]);
		contact_changed(s, contact);
	}
}

/* GTC: whether the official client asks about new people. Here the host's own settings decide. */
static void on_gtc(struct msn_session *s, const struct msn_command *c)
{
	if (c->has_trid)
		set_version(s, msn_command_param(c, 0));
}

static const struct {
	char verb[4];
	guint min; /* parameters */
	void (*handle)(struct msn_session *s, const struct msn_command *c);
} commands[] = {
	{"SYN", 1, on_syn}, {"GTC", 1, on_gtc}, {"BLP", 1, on_blp}, {"PRP", 1, on_prp},
	{"BPR", 1, on_bpr}, {"LSG", 1, on_lsg}, {"LST", 1, on_lst}, {"ADD", 3, on_add},
	{"REM", 3, on_rem}, {"ADG", 3, on_adg}, {"REG", 3, on_reg}, {"RMG", 2, on_rmg},
	{"REA", 3, on_rea},
};

static gboolean handle(struct msn_session *s, const struct msn_command *c)
{
	for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
		if (strcmp(c->verb, commands[i].verb) != 0)
			continue;
		if (c->n_params >= commands[i].min)
			commands[i].handle(s, c);
		return TRUE;
	}
	return FALSE;
}

/* ---- synchronising ---- */

void msn_lists_sync(struct msn_session *s)
{
	struct lists *l = s->lists;

	l->is_syncing = TRUE;
	l->is_counting = FALSE;
	l->last = NULL;
	g_clear_pointer(&l->cached, g_strfreev);
	msn_send(s, s->ns, "SYN", l->version, NULL);
}

/* After a second sign-in within one session: what the server did not name again. */
static void sweep(struct msn_session *s)
{
	GHashTableIter iter;
	gpointer value;
	g_autoptr(GPtrArray) contacts = g_ptr_array_new();
	g_autoptr(GPtrArray) groups = g_ptr_array_new();

	g_hash_table_iter_init(&iter, s->lists->contacts);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		if (((struct contact *)value)->generation != s->lists->generation)
			g_ptr_array_add(contacts, value);
	}
	g_hash_table_iter_init(&iter, s->lists->groups);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		if (((struct group *)value)->generation != s->lists->generation)
			g_ptr_array_add(groups, value);
	}
	for (guint i = 0; i < contacts->len; i++) {
		((struct contact *)contacts->pdata[i])->lists = 0;
		contact_changed(s, contacts->pdata[i]);
	}
	for (guint i = 0; i < groups->len; i++)
		group_drop(s, groups->pdata[i]);
}

static void complete(struct msn_session *s)
{
	struct lists *l = s->lists;
	gboolean is_news = l->is_counting;

	l->is_syncing = FALSE;
	l->is_counting = FALSE;
	g_clear_pointer(&l->cached, g_strfreev);
	if (is_news && s->was_ready)
		sweep(s);
	if (!s->was_ready)
		msn_event_push(s, &(struct msn_event){.type = MSN_EVENT_LISTS_COMPLETE});
	msn_ns_ready(s);
	if (is_news) {
		l->is_changed = TRUE;
		msn_lists_tell_cache(s);
	}
}

gboolean msn_lists_command(struct msn_session *s, const struct msn_command *c)
{
	struct lists *l = s->lists;

	if (!handle(s, c))
		return FALSE;
	if (l->is_syncing && l->is_counting && l->contacts_due == 0 && l->groups_due == 0)
		complete(s);
	return TRUE;
}

/* One line of the cache, as if the server had sent it. */
static void work_on_cache(struct msn_session *s)
{
	struct lists *l = s->lists;
	const char *line = l->cached[l->next_cached];

	if (!line) {
		complete(s);
		return;
	}
	l->next_cached++;
	if (msn_command_read(&s->scratch, MSN_FROM_SERVER, line, strlen(line)) == MSN_COMMAND_OK &&
	    strcmp(s->scratch.verb, "SYN") != 0)
		handle(s, &s->scratch);
}

gboolean msn_lists_work(struct msn_session *s)
{
	struct lists *l = s->lists;
	const struct contact *contact;
	g_autofree char *account = NULL;

	if (l->cached) {
		work_on_cache(s);
		return TRUE;
	}
	if (s->stage != STAGE_READY)
		return FALSE;
	account = g_queue_pop_head(&l->unasked);
	if (!account)
		return FALSE;
	contact = msn_lists_find(s, account);
	if (contact && is_pending(contact))
		tell_pending(s, contact);
	return TRUE;
}

/* Contacts that waited for a group when the server went away. */
void msn_lists_abandon(struct msn_session *s)
{
	g_queue_clear_full(&s->lists->founding, msn_founder_free);
	s->lists->is_syncing = FALSE;
	g_clear_pointer(&s->lists->cached, g_strfreev);
}

/* ---- the cache: lines as the server sends them, with ";" between ---- */

static void cache_phones(GString *out, const char *verb, char *const *phones)
{
	for (guint i = 0; phones && i < MSN_PHONES; i++) {
		g_autofree char *number = phones[i] ? msn_name_encode(phones[i]) : NULL;

		if (number && number[0])
			g_string_append_printf(out, ";%s %s %s", verb, msn_phone_words[i], number);
	}
}

static void cache_contact(GString *out, const struct contact *contact)
{
	g_autofree char *name = msn_name_encode(contact->name);

	g_string_append_printf(out, ";LST %s %s %u", contact->account,
			       name[0] ? name : contact->account, contact->lists);
	for (guint i = 0; i < contact->n_groups; i++)
		g_string_append_printf(out, "%c%s", i ? ',' : ' ', contact->groups[i]->id);
	cache_phones(out, "BPR", contact->phones);
}

char *msn_session_cache(const struct msn_session *s)
{
	const struct lists *l = s->lists;
	GHashTableIter iter;
	gpointer value;
	GString *out;

	if (!s->was_ready || l->is_syncing)
		return NULL;
	out = g_string_new(NULL);
	g_string_append_printf(out, CACHE_MARK " %s;BLP %s", l->version,
			       l->is_closed ? "BL" : "AL");
	cache_phones(out, "PRP", l->phones);
	g_hash_table_iter_init(&iter, l->groups);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct group *g = value;
		g_autofree char *name = msn_name_encode(g->name);

		g_string_append_printf(out, ";LSG %s %s 0", g->id, name[0] ? name : g->id);
	}
	g_hash_table_iter_init(&iter, l->contacts);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		cache_contact(out, value);
	return g_string_free(out, FALSE);
}
