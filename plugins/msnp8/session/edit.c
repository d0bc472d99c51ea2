/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edit: what the user changes in his lists: asked of the server, believed when it says so. */
#include <string.h>

#include "plugins/msnp8/session/lists.h"

/* As he is to be named in a command. (transfer full) */
static char *name_for(const struct msn_session *s, const char *account)
{
	const char *name = msn_lists_name(s, account);
	g_autofree char *encoded = msn_name_encode_cut(name ? name : account, MSN_NAME_MAX);

	return encoded[0] ? g_steal_pointer(&encoded) : g_strdup(account);
}

#define CODE_ALREADY_THERE 215
#define CODE_NOT_THERE 216
#define CODE_NOT_IN_GROUP 225

/* The answer to an ADD to AL or BL: already there is as good. detail: the list. */
static void list_added(struct msn_session *s, const struct request *r, int code)
{
	struct contact *contact = msn_lists_find(s, r->account);

	if (code == CODE_ALREADY_THERE && contact)
		msn_lists_put(s, contact, msn_lists_bit(r->detail), NULL);
	else if (code != 0)
		msn_refused(s, r, code);
}

/* The answer to a REM: not there is as good. detail: the list, or the id of a group of FL. */
static void removed(struct msn_session *s, const struct request *r, int code)
{
	struct contact *contact = msn_lists_find(s, r->account);
	guint list = r->detail ? msn_lists_bit(r->detail) : 0;

	if ((code == CODE_NOT_THERE || code == CODE_NOT_IN_GROUP) && contact)
		msn_lists_take(s, contact, list ? list : MSN_FL, list ? NULL : r->detail);
	else if (code != 0)
		msn_refused(s, r, code);
}

static void list_add(struct msn_session *s, const char *account, const char *list)
{
	g_autofree char *name = name_for(s, account);

	msn_request_put(s, msn_send(s, s->ns, "ADD", list, account, name, NULL),
			&(struct request){
				.what = MSN_REFUSED_ADD,
				.account = account,
				.detail = list,
				.handler = list_added,
			});
}

static void list_remove(struct msn_session *s, const char *account, const char *list)
{
	msn_request_put(s, msn_send(s, s->ns, "REM", list, account, NULL),
			&(struct request){
				.what = MSN_REFUSED_REMOVE,
				.account = account,
				.detail = list,
				.handler = removed,
			});
}

/* id NULL: out of all groups, and so off the list. */
static void group_leave(struct msn_session *s, const char *account, const char *id,
			const char *group)
{
	msn_request_put(s, msn_send(s, s->ns, "REM", "FL", account, id, NULL),
			&(struct request){
				.what = MSN_REFUSED_REMOVE,
				.account = account,
				.name = group,
				.detail = id,
				.handler = removed,
			});
}

/* The answer to an ADD to FL: leave the old group now, and let people we have see us. */
static void added(struct msn_session *s, const struct request *r, int code)
{
	struct contact *contact = msn_lists_find(s, r->account);
	const struct group *g = msn_lists_group(s, r->name);

	if (code != 0 && !(code == CODE_ALREADY_THERE && contact)) {
		msn_refused(s, r, code);
		return;
	}
	if (code == CODE_ALREADY_THERE)
		msn_lists_put(s, contact, MSN_FL, g ? g->id : MSN_EVERYBODY);
	if (r->detail)
		group_leave(s, r->account, r->detail, NULL);
	else if (contact && !(contact->lists & (MSN_AL | MSN_BL)))
		list_add(s, r->account, "AL");
}

static void group_enter(struct msn_session *s, const char *account, const struct group *g,
			const char *from)
{
	g_autofree char *name = name_for(s, account);

	msn_request_put(
		s, msn_send(s, s->ns, "ADD", "FL", account, name, g ? g->id : MSN_EVERYBODY, NULL),
		&(struct request){
			.what = MSN_REFUSED_ADD,
			.account = account,
			.name = g ? g->name : NULL,
			.detail = from,
			.handler = added,
		});
}

/* The answer to ADG: those who waited for the group go in, or cannot. */
static void founded(struct msn_session *s, const struct request *r, int code)
{
	const struct group *g = code == 0 ? msn_lists_group(s, r->name) : NULL;
	GList *next;

	if (!g)
		msn_refused(s, r, code);
	for (GList *l = s->lists->founding.head; l; l = next) {
		struct founder *f = l->data;

		next = l->next;
		if (strcmp(f->group, r->name) != 0)
			continue;
		g_queue_delete_link(&s->lists->founding, l);
		if (g)
			group_enter(s, f->account, g, f->from);
		else
			msn_refused(s,
				    &(struct request){.what = MSN_REFUSED_ADD,
						      .account = f->account,
						      .name = f->group},
				    code);
		msn_founder_free(f);
	}
}

/* Is the group on its way already? */
static gboolean is_founding(const struct msn_session *s, const char *name)
{
	for (const GList *l = s->lists->founding.head; l; l = l->next) {
		if (strcmp(((const struct founder *)l->data)->group, name) == 0)
			return TRUE;
	}
	return FALSE;
}

/* name as the server takes it; NULL when it is none. (transfer full) */
static char *group_name_encode(const char *name)
{
	g_autofree char *encoded = msn_name_encode(name);
	gsize n = strlen(encoded);

	return n > 0 && n <= MSN_GROUP_NAME_MAX ? g_steal_pointer(&encoded) : NULL;
}

static gboolean enter(struct msn_session *s, const char *account, const char *name,
		      const char *from)
{
	const struct group *g = msn_lists_group(s, name);
	g_autofree char *encoded = NULL;
	struct founder *f;

	if (g || !name) {
		group_enter(s, account, g, from);
		return TRUE;
	}
	encoded = group_name_encode(name);
	if (!encoded || (g_hash_table_size(s->lists->groups) >= MSN_GROUPS_MAX))
		return FALSE;
	if (!is_founding(s, name))
		msn_request_put(s, msn_send(s, s->ns, "ADG", encoded, "0", NULL),
				&(struct request){.what = MSN_REFUSED_GROUP,
						  .name = name,
						  .handler = founded});
	f = g_new0(struct founder, 1);
	f->account = g_strdup(account);
	f->group = g_strdup(name);
	f->from = g_strdup(from);
	g_queue_push_tail(&s->lists->founding, f);
	return TRUE;
}

static gboolean can(const struct msn_session *s, guint requests)
{
	return s->stage == STAGE_READY && msn_request_has_room(s, requests);
}

gboolean msn_contact_add(struct msn_session *s, const char *account, const char *group)
{
	g_autofree char *who = msn_account_new(account);

	return who && can(s, 3) && enter(s, who, group, NULL);
}

gboolean msn_contact_remove(struct msn_session *s, const char *account, const char *group)
{
	const struct contact *contact = msn_lists_find_raw(s, account);
	const struct group *g = group ? msn_lists_group(s, group) : NULL;

	if (!contact || !(contact->lists & MSN_FL) || (group && !g) || !can(s, 1))
		return FALSE;
	group_leave(s, contact->account, g ? g->id : NULL, group);
	return TRUE;
}

gboolean msn_contact_move(struct msn_session *s, const char *account, const char *from,
			  const char *to)
{
	const struct contact *contact = msn_lists_find_raw(s, account);
	const struct group *old = msn_lists_group(s, from), *new = msn_lists_group(s, to);

	if (!contact || !old || !msn_lists_is_in(contact, old) || !can(s, 3))
		return FALSE;
	if (old == new)
		return TRUE;
	if (new &&msn_lists_is_in(contact, new)) {
		group_leave(s, contact->account, old->id, from);
		return TRUE;
	}
	return enter(s, contact->account, to, old->id);
}

/* On one of AL and BL, off the other first: not every server lets one be on both. */
static gboolean set_side(struct msn_session *s, const char *account, const char *on,
			 const char *off)
{
	g_autofree char *who = msn_account_new(account);
	const struct contact *contact = who ? msn_lists_find(s, who) : NULL;
	guint lists = contact ? contact->lists : 0;

	if (!who || !can(s, 2))
		return FALSE;
	if (lists & msn_lists_bit(off))
		list_remove(s, who, off);
	if (!(lists & msn_lists_bit(on)))
		list_add(s, who, on);
	return TRUE;
}

gboolean msn_contact_allow(struct msn_session *s, const char *account)
{
	return set_side(s, account, "AL", "BL");
}

gboolean msn_contact_block(struct msn_session *s, const char *account)
{
	return set_side(s, account, "BL", "AL");
}

gboolean msn_contact_forget(struct msn_session *s, const char *account, enum msn_list list)
{
	const struct contact *contact = msn_lists_find_raw(s, account);

	if (!contact || (list != MSN_AL && list != MSN_BL) || !(contact->lists & list) ||
	    !can(s, 1))
		return FALSE;
	list_remove(s, contact->account, list == MSN_AL ? "AL" : "BL");
	return TRUE;
}

gboolean msn_group_rename(struct msn_session *s, const char *from, const char *to)
{
	const struct group *g = msn_lists_group(s, from);
	g_autofree char *encoded = group_name_encode(to);

	if (!g || strcmp(g->id, MSN_EVERYBODY) == 0 || !encoded || msn_lists_group(s, to) ||
	    !can(s, 1))
		return FALSE;
	msn_request_put(s, msn_send(s, s->ns, "REG", g->id, encoded, "0", NULL),
			&(struct request){.what = MSN_REFUSED_GROUP, .name = from});
	return TRUE;
}

/* Whoever is in no other group goes to the one everybody is in first: some servers take people off
 * the list with their last group. */
gboolean msn_group_remove(struct msn_session *s, const char *group)
{
	const struct group *g = msn_lists_group(s, group);
	g_autoptr(GPtrArray) members = NULL;

	if (!g || strcmp(g->id, MSN_EVERYBODY) == 0 || !can(s, g_hash_table_size(g->members) + 1))
		return FALSE;
	members = msn_lists_members(g);
	for (guint i = 0; i < members->len; i++) {
		const struct contact *contact = members->pdata[i];

		if (contact->n_groups == 1)
			group_enter(s, contact->account, NULL, NULL);
	}
	msn_request_put(s, msn_send(s, s->ns, "RMG", g->id, NULL),
			&(struct request){.what = MSN_REFUSED_GROUP, .name = group});
	return TRUE;
}

gboolean msn_privacy_set(struct msn_session *s, gboolean is_open)
{
	if (!can(s, 1))
		return FALSE;
	if (!s->lists->is_closed != !!is_open)
		msn_request_put(s, msn_send(s, s->ns, "BLP", is_open ? "AL" : "BL", NULL),
				&(struct request){.what = MSN_REFUSED_PRIVACY});
	return TRUE;
}

gboolean msn_phone_set(struct msn_session *s, enum msn_phone phone, const char *number)
{
	g_autofree char *encoded = number && number[0] ? msn_name_encode(number) : NULL;

	if (!can(s, 1) || (encoded && strlen(encoded) > MSN_PHONE_MAX))
		return FALSE;
	msn_request_put(s, msn_send(s, s->ns, "PRP", msn_phone_words[phone], encoded, NULL),
			&(struct request){.what = MSN_REFUSED_PHONE});
	return TRUE;
}
