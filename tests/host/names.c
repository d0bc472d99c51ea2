/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made-up DNS: once a script has named anything, nothing else resolves. */
#include <arpa/inet.h>
#include <dnsquery.h>
#include <dnssrv.h>
#include <netdb.h>
#include <string.h>

#include "tests/host/parts.h"

static GHashTable
	*addresses; /* name to GPtrArray of text; one "never" leaves a query without answer */
static GHashTable *services; /* _service._tcp.domain to GArray of PurpleSrvResponse */

/* A query libpurple waits for. Answers come in a later turn of the loop, as real ones do. */
struct query {
	gpointer data;
	guint timer;
	GCallback resolved;
	GCallback failed;
};

static GHashTable *queries; /* PurpleDnsQueryData or PurpleSrvTxtQueryData to struct query */

static void query_free(gpointer data)
{
	struct query *q = data;

	if (q->timer)
		g_source_remove(q->timer);
	g_free(q);
}

static void query_add(gpointer data, GSourceFunc answer, GCallback resolved, GCallback failed)
{
	struct query *q = g_new0(struct query, 1);

	q->data = data;
	q->resolved = resolved;
	q->failed = failed;
	if (answer)
		q->timer = g_timeout_add(0, answer, q);
	g_hash_table_insert(queries, data, q);
}

static char *plain_name(const char *name)
{
	char *lower = g_ascii_strdown(name, -1);

	if (g_str_has_suffix(lower, "."))
		lower[strlen(lower) - 1] = '\0';
	return lower;
}

static gpointer look_up(GHashTable *table, const char *name)
{
	g_autofree char *key = plain_name(name);

	return g_hash_table_lookup(table, key);
}

/* ---- addresses ---- */

static GSList *add_address(GSList *list, const char *text, unsigned short port)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
				 .ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	char service[8];

	g_snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(text, service, &hints, &found))
		return list;
	list = g_slist_append(list, GSIZE_TO_POINTER(found->ai_addrlen));
	list = g_slist_append(list, g_memdup(found->ai_addr, found->ai_addrlen));
	freeaddrinfo(found);
	return list;
}

static gboolean answer_host(gpointer user)
{
	struct query *q = user;
	PurpleDnsQueryData *data = q->data;
	const GPtrArray *texts = look_up(addresses, purple_dnsquery_get_host(data));
	GSList *list = NULL;

	q->timer = 0;
	for (guint i = 0; texts && i < texts->len; i++)
		list = add_address(list, g_ptr_array_index(texts, i),
				   purple_dnsquery_get_port(data));
	/* Both end the query, which frees q. */
	if (list)
		((PurpleDnsQueryResolvedCallback)q->resolved)(data, list);
	else
		((PurpleDnsQueryFailedCallback)q->failed)(data, "No such name");
	return G_SOURCE_REMOVE;
}

static gboolean resolve_host(PurpleDnsQueryData *data, PurpleDnsQueryResolvedCallback resolved,
			     PurpleDnsQueryFailedCallback failed)
{
	const GPtrArray *texts = look_up(addresses, purple_dnsquery_get_host(data));
	gboolean is_never = texts && texts->len && !strcmp(g_ptr_array_index(texts, 0), "never");

	query_add(data, is_never ? NULL : answer_host, G_CALLBACK(resolved), G_CALLBACK(failed));
	return TRUE;
}

static void forget_host(PurpleDnsQueryData *data)
{
	g_hash_table_remove(queries, data);
}

/* ---- services ---- */

static gboolean answer_service(gpointer user)
{
	struct query *q = user;
	PurpleSrvTxtQueryData *data = q->data;
	const GArray *records = NULL;
	GList *list = NULL;

	q->timer = 0;
	if (purple_srv_txt_query_get_type(data) == PurpleDnsTypeSrv)
		records = look_up(services, purple_srv_txt_query_get_query(data));
	for (guint i = 0; records && i < records->len; i++)
		list = g_list_append(list, g_memdup(&g_array_index(records, PurpleSrvResponse, i),
						    sizeof(PurpleSrvResponse)));
	if (list)
		((PurpleSrvTxtQueryResolvedCallback)q->resolved)(data, list);
	else
		((PurpleSrvTxtQueryFailedCallback)q->failed)(data, "No such service");
	return G_SOURCE_REMOVE;
}

static gboolean resolve_service(PurpleSrvTxtQueryData *data,
				PurpleSrvTxtQueryResolvedCallback resolved,
				PurpleSrvTxtQueryFailedCallback failed)
{
	query_add(data, answer_service, G_CALLBACK(resolved), G_CALLBACK(failed));
	return TRUE;
}

static void forget_service(PurpleSrvTxtQueryData *data)
{
	g_hash_table_remove(queries, data);
}

static PurpleDnsQueryUiOps host_ops = {.resolve_host = resolve_host, .destroy = forget_host};
static PurpleSrvTxtQueryUiOps service_ops = {.resolve = resolve_service, .destroy = forget_service};

static void start(void)
{
	if (addresses)
		return;
	addresses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					  (GDestroyNotify)g_ptr_array_unref);
	services = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					 (GDestroyNotify)g_array_unref);
	queries = g_hash_table_new_full(NULL, NULL, NULL, query_free);
	purple_dnsquery_set_ui_ops(&host_ops);
	purple_srv_txt_query_set_ui_ops(&service_ops);
}

gboolean names_add_host(const char *args)
{
	g_autofree char *name = script_word(&args);
	GPtrArray *texts;
	char *text;

	if (!name)
		return script_fail(
			"resolve NAME [ADDRESS…|never]; no address: there is no such name");
	start();
	texts = g_ptr_array_new_with_free_func(g_free);
	while ((text = script_word(&args)))
		g_ptr_array_add(texts, text);
	g_hash_table_replace(addresses, plain_name(name), texts);
	return TRUE;
}

static char *service_name(const char *service, const char *domain)
{
	g_autofree char *name = NULL;

	if (*service == '_')
		name = g_strdup_printf("%s.%s", service, domain);
	else
		name = g_strdup_printf("_%s._tcp.%s", service, domain);
	return plain_name(name);
}

gboolean names_add_service(const char *args)
{
	PurpleSrvResponse record = {{0}};
	char *words[6];
	GArray *records;
	char *key;

	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		words[i] = script_word(&args);
	if (!words[5]) {
		for (guint i = 0; i < G_N_ELEMENTS(words); i++)
			g_free(words[i]);
		return script_fail("srv SERVICE DOMAIN PRIORITY WEIGHT PORT TARGET");
	}
	start();
	key = service_name(words[0], words[1]);
	record.pref = (int)g_ascii_strtoll(words[2], NULL, 10);
	record.weight = (int)g_ascii_strtoll(words[3], NULL, 10);
	record.port = (int)g_ascii_strtoll(words[4], NULL, 10);
	g_strlcpy(record.hostname, words[5], sizeof(record.hostname));
	if (!(records = g_hash_table_lookup(services, key))) {
		records = g_array_new(FALSE, FALSE, sizeof(PurpleSrvResponse));
		g_hash_table_insert(services, g_strdup(key), records);
	}
	g_array_append_val(records, record);
	g_free(key);
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		g_free(words[i]);
	return TRUE;
}

void names_free(void)
{
	if (!addresses)
		return;
	purple_dnsquery_set_ui_ops(NULL);
	purple_srv_txt_query_set_ui_ops(NULL);
	g_clear_pointer(&queries, g_hash_table_destroy);
	g_clear_pointer(&addresses, g_hash_table_destroy);
	g_clear_pointer(&services, g_hash_table_destroy);
}
