/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store: a JSON document on disk, replaced as a whole: {"version": 1, "group": {"key": "text"}}. */
#include "common/store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <gnutls/gnutls.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSION_NAME "version"
#define ASIDE_MAX 8 /* broken files kept before the last of them is replaced */

struct store {
	char *path;
	int version, loaded_version;
	GHashTable *groups; /* name to a table of key to text */
	guint count;
	gboolean is_changed, is_unusable;
};

/* ---- texts ---- */

static void text_free(gpointer text)
{
	gnutls_memset(text, 0, strlen(text));
	g_free(text);
}

static void store_clear(struct store *s)
{
	g_hash_table_remove_all(s->groups);
	s->count = 0;
}

static GHashTable *group_of(const struct store *s, const char *group)
{
	return g_hash_table_lookup(s->groups, group);
}

const char *store_get(const struct store *s, const char *group, const char *key)
{
	GHashTable *texts = group_of(s, group);

	return texts ? g_hash_table_lookup(texts, key) : NULL;
}

static gboolean is_name(const char *name)
{
	gsize n = strlen(name);

	return n > 0 && n <= STORE_NAME_MAX && g_utf8_validate(name, n, NULL);
}

static gboolean store_remove(struct store *s, const char *group, const char *key)
{
	GHashTable *texts = group_of(s, group);

	if (!texts || !g_hash_table_remove(texts, key))
		return FALSE;
	s->count--;
	if (g_hash_table_size(texts) == 0)
		g_hash_table_remove(s->groups, group);
	return TRUE;
}

static void store_put(struct store *s, const char *group, const char *key, const char *text)
{
	GHashTable *texts = group_of(s, group);

	if (!texts) {
		texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, text_free);
		g_hash_table_insert(s->groups, g_strdup(group), texts);
	}
	if (g_hash_table_replace(texts, g_strdup(key), g_strdup(text)))
		s->count++;
}

/* The version has a place of its own beside the groups. */
static gboolean may_hold(const struct store *s, const char *group, const char *key,
			 const char *text)
{
	return is_name(group) && is_name(key) && strcmp(group, VERSION_NAME) != 0 &&
	       strlen(text) <= STORE_FILE_MAX / 2 && g_utf8_validate(text, -1, NULL) &&
	       (s->count < STORE_COUNT_MAX || store_get(s, group, key));
}

gboolean store_set(struct store *s, const char *group, const char *key, const char *text)
{
	if (!text) {
		s->is_changed |= store_remove(s, group, key);
		return TRUE;
	}
	if (!may_hold(s, group, key, text))
		return FALSE;
	if (g_strcmp0(store_get(s, group, key), text) == 0)
		return TRUE;
	store_put(s, group, key, text);
	s->is_changed = TRUE;
	return TRUE;
}

void store_forget_group(struct store *s, const char *group)
{
	GHashTable *texts = group_of(s, group);

	if (!texts)
		return;
	s->count -= g_hash_table_size(texts);
	g_hash_table_remove(s->groups, group);
	s->is_changed = TRUE;
}

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The keys of a table, sorted, so that the same document is always the same octets. */
static GPtrArray *sorted_keys(GHashTable *table)
{
	GPtrArray *keys = g_ptr_array_new();
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, table);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		g_ptr_array_add(keys, key);
	g_ptr_array_sort(keys, by_text);
	return keys;
}

char **store_keys(const struct store *s, const char *group)
{
	GHashTable *texts = group_of(s, group);
	g_autoptr(GPtrArray) keys = texts ? sorted_keys(texts) : g_ptr_array_new();

	g_ptr_array_add(keys, NULL);
	return g_strdupv((char **)keys->pdata);
}

int store_version(const struct store *s)
{
	return s->loaded_version;
}

gboolean store_is_changed(const struct store *s)
{
	return s->is_changed;
}

/* ---- reading ---- */

static gboolean read_all(int fd, GString *out)
{
	char piece[16 * 1024];
	gssize n;

	while ((n = read(fd, piece, sizeof piece)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || out->len + n > STORE_FILE_MAX)
			break;
		g_string_append_len(out, piece, n);
	}
	gnutls_memset(piece, 0, sizeof piece);
	return n == 0;
}

/* One text of the document; FALSE: not of the kind that is written here. */
static gboolean load_text(struct store *s, const char *group, const char *key, JsonNode *node)
{
	const char *text;

	if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING)
		return FALSE;
	text = json_node_get_string(node);
	if (!may_hold(s, group, key, text))
		return FALSE;
	store_put(s, group, key, text);
	return TRUE;
}

static gboolean load_group(struct store *s, const char *group, JsonNode *node)
{
	JsonObjectIter iter;
	const char *key;
	JsonNode *text;

	if (!JSON_NODE_HOLDS_OBJECT(node))
		return FALSE;
	json_object_iter_init(&iter, json_node_get_object(node));
	while (json_object_iter_next(&iter, &key, &text))
		if (!load_text(s, group, key, text))
			return FALSE;
	return TRUE;
}

static gboolean load_groups(struct store *s, JsonObject *document)
{
	JsonObjectIter iter;
	const char *name;
	JsonNode *node;

	json_object_iter_init(&iter, document);
	while (json_object_iter_next(&iter, &name, &node))
		if (strcmp(name, VERSION_NAME) != 0 && !load_group(s, name, node))
			return FALSE;
	return TRUE;
}

/* 0 when there is none. */
static gint64 version_of(JsonObject *document)
{
	JsonNode *node = json_object_get_member(document, VERSION_NAME);

	if (!node || !JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64)
		return 0;
	return json_node_get_int(node);
}

static enum store_result load_document(struct store *s, JsonNode *root)
{
	JsonObject *document;
	gint64 version;

	if (!root || !JSON_NODE_HOLDS_OBJECT(root))
		return STORE_BROKEN;
	document = json_node_get_object(root);
	version = version_of(document);
	if (version <= 0)
		return STORE_BROKEN;
	if (version > s->version)
		return STORE_TOO_NEW;
	if (!load_groups(s, document))
		return STORE_BROKEN;
	s->loaded_version = version;
	return STORE_LOADED;
}

/* json-glib reads arrays in arrays by calling itself, without a limit; we need two levels. */
static gboolean is_shallow(const GString *text)
{
	gboolean is_quoted = FALSE;
	guint depth = 0;

	for (gsize i = 0; i < text->len; i++) {
		char c = text->str[i];

		if (is_quoted && c == '\\')
			i++;
		else if (c == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && (c == '{' || c == '['))
			depth++;
		else if (!is_quoted && (c == '}' || c == ']'))
			depth -= MIN(depth, 1);
		if (depth > 2)
			return FALSE;
	}
	return TRUE;
}

static enum store_result load_text_of_file(struct store *s, const GString *text)
{
	g_autoptr(JsonParser) parser = json_parser_new_immutable();

	if (memchr(text->str, '\0', text->len) || !g_utf8_validate(text->str, text->len, NULL) ||
	    !is_shallow(text) || !json_parser_load_from_data(parser, text->str, text->len, NULL))
		return STORE_BROKEN;
	return load_document(s, json_parser_get_root(parser));
}

/* A folder, a device or a pipe is nobody's document, and reading it might never end. */
static gboolean is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static enum store_result load(struct store *s)
{
	int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum store_result result = STORE_BROKEN;
	GString *text;

	if (fd < 0)
		return errno == ENOENT ? STORE_NEW : STORE_UNUSABLE;
	text = g_string_sized_new(16 * 1024);
	if (is_file(fd) && read_all(fd, text))
		result = load_text_of_file(s, text);
	close(fd);
	gnutls_memset(text->str, 0, text->len);
	g_string_free(text, TRUE);
	return result;
}

/* ---- setting aside ---- */

static char *aside_name(const struct store *s, const char *what, guint i)
{
	return i == 1 ? g_strconcat(s->path, ".", what, NULL)
		      : g_strdup_printf("%s.%s-%u", s->path, what, i);
}

/* The new name; NULL: the file could not be moved. */
static char *set_aside(const struct store *s, const char *what)
{
	char *name = aside_name(s, what, 1);

	for (guint i = 2; i <= ASIDE_MAX && g_file_test(name, G_FILE_TEST_EXISTS); i++) {
		g_free(name);
		name = aside_name(s, what, i);
	}
	if (g_rename(s->path, name) == 0)
		return name;
	g_free(name);
	return NULL;
}

static enum store_result begin_anew(struct store *s, enum store_result result, char **ret_aside)
{
	char *aside = set_aside(s, result == STORE_TOO_NEW ? "newer" : "broken");

	store_clear(s);
	if (!aside)
		return STORE_UNUSABLE;
	if (ret_aside)
		*ret_aside = aside;
	else
		g_free(aside);
	return result;
}

struct store *store_open(const char *path, int version, enum store_result *ret_result,
			 char **ret_aside)
{
	struct store *s = g_new0(struct store, 1);
	enum store_result result;

	s->path = g_strdup(path);
	s->version = s->loaded_version = version;
	s->groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					  (GDestroyNotify)g_hash_table_unref);
	result = load(s);
	if (result == STORE_BROKEN || result == STORE_TOO_NEW)
		result = begin_anew(s, result, ret_aside);
	s->is_unusable = result == STORE_UNUSABLE;
	if (ret_result)
		*ret_result = result;
	return s;
}

void store_free(struct store *s)
{
	if (!s)
		return;
	g_hash_table_unref(s->groups);
	g_free(s->path);
	g_free(s);
}

/* ---- writing ---- */

static void build_group(JsonBuilder *builder, GHashTable *texts)
{
	g_autoptr(GPtrArray) keys = sorted_keys(texts);

	json_builder_begin_object(builder);
	for (guint i = 0; i < keys->len; i++) {
		const char *key = g_ptr_array_index(keys, i);

		json_builder_set_member_name(builder, key);
		json_builder_add_string_value(builder, g_hash_table_lookup(texts, key));
	}
	json_builder_end_object(builder);
}

static JsonNode *build_document(const struct store *s)
{
	g_autoptr(JsonBuilder) builder = json_builder_new_immutable();
	g_autoptr(GPtrArray) names = sorted_keys(s->groups);

	json_builder_begin_object(builder);
	json_builder_set_member_name(builder, VERSION_NAME);
	json_builder_add_int_value(builder, s->version);
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);

		json_builder_set_member_name(builder, name);
		build_group(builder, group_of(s, name));
	}
	json_builder_end_object(builder);
	return json_builder_get_root(builder);
}

/* The document as text, with a line end. Secret: wipe it. (transfer full) */
static char *print_document(const struct store *s, gsize *ret_n)
{
	g_autoptr(JsonGenerator) generator = json_generator_new();
	JsonNode *root = build_document(s);
	char *text;

	json_generator_set_pretty(generator, TRUE);
	json_generator_set_root(generator, root);
	text = json_generator_to_data(generator, ret_n);
	json_node_unref(root);
	return text;
}

static gboolean fail(GError **error, const char *path)
{
	int number = errno;

	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(number), "%s: %s", path,
		    g_strerror(number));
	return FALSE;
}

static gboolean write_all(int fd, const char *text, gsize n)
{
	while (n > 0) {
		gssize written = write(fd, text, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return FALSE;
		text += written;
		n -= written;
	}
	return TRUE;
}

/* A name in a folder is only as durable as the folder. */
static gboolean sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	gboolean is_fine = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return is_fine;
}

/* Writes text under a name of its own beside path. NULL: errno says why. (transfer full) */
static char *write_beside(const char *path, const char *text, gsize n)
{
	g_autofree char *name = g_strconcat(path, ".XXXXXX", NULL);
	int fd = g_mkstemp_full(name, O_RDWR | O_CLOEXEC, 0600), number;
	gboolean is_fine;

	if (fd < 0)
		return NULL;
	is_fine = write_all(fd, text, n) && fsync(fd) == 0;
	number = errno;
	if (close(fd) != 0 && is_fine) {
		is_fine = FALSE;
		number = errno;
	}
	if (is_fine)
		return g_steal_pointer(&name);
	g_unlink(name);
	errno = number;
	return NULL;
}

static gboolean replace_file(const char *path, const char *text, gsize n, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *beside = NULL;

	if (g_mkdir_with_parents(folder, 0700) != 0)
		return fail(error, folder);
	beside = write_beside(path, text, n);
	if (!beside)
		return fail(error, path);
	if (g_rename(beside, path) != 0) {
		fail(error, path);
		g_unlink(beside);
		return FALSE;
	}
	return sync_folder(folder) || fail(error, folder);
}

static gboolean refuse(GError **error, const char *path, const char *why)
{
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", path, why);
	return FALSE;
}

gboolean store_save(struct store *s, GError **error)
{
	gsize n;
	char *text;
	gboolean is_saved;

	if (!s->is_changed)
		return TRUE;
	if (s->is_unusable)
		return refuse(error, s->path, "not read before, so not replaced");
	text = print_document(s, &n);
	is_saved = n > STORE_FILE_MAX ? refuse(error, s->path, "too large")
				      : replace_file(s->path, text, n, error);
	gnutls_memset(text, 0, n);
	g_free(text);
	if (is_saved)
		s->is_changed = FALSE;
	return is_saved;
}
