/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-store: what was saved comes back, and nothing on the disk can stop a plugin. */
#include "common/store.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	char *folder, *path;
};

static void place_set_up(struct place *p, gconstpointer unused)
{
	p->folder = g_dir_make_tmp("test-store-XXXXXX", NULL);
	g_assert_nonnull(p->folder);
	p->path = g_build_filename(p->folder, "deep", "account.json", NULL);
}

static void remove_all(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *inner = g_build_filename(path, name, NULL);

		remove_all(inner);
	}
	g_clear_pointer(&dir, g_dir_close);
	g_remove(path);
}

static void place_tear_down(struct place *p, gconstpointer unused)
{
	remove_all(p->folder);
	g_free(p->folder);
	g_free(p->path);
}

static guint count_files(const struct place *p)
{
	g_autofree char *folder = g_path_get_dirname(p->path);
	GDir *dir = g_dir_open(folder, 0, NULL);
	guint count = 0;

	while (dir && g_dir_read_name(dir))
		count++;
	g_clear_pointer(&dir, g_dir_close);
	return count;
}

static struct store *open_as(const struct place *p, int version, enum store_result expected)
{
	enum store_result result = 99;
	struct store *s = store_open(p->path, version, &result, NULL);

	g_assert_nonnull(s);
	g_assert_cmpint(result, ==, expected);
	return s;
}

static void put_file(const struct place *p, const char *text, gssize n)
{
	g_autofree char *folder = g_path_get_dirname(p->path);

	g_mkdir_with_parents(folder, 0700);
	g_assert_true(g_file_set_contents(p->path, text, n, NULL));
}

static void test_comes_back(struct place *p, gconstpointer unused)
{
	struct store *s = open_as(p, 3, STORE_NEW);
	g_auto(GStrv) keys = NULL;
	GStatBuf st;

	g_assert_cmpint(store_version(s), ==, 3);
	g_assert_null(store_get(s, "lists", "cache"));
	g_assert_true(store_set(s, "lists", "cache", "one \"two\" \\ \n \xe2\x98\x83"));
	g_assert_true(store_set(s, "lists", "a", ""));
	g_assert_true(store_set(s, "login", "url", "https://example.com/"));
	g_assert_true(store_is_changed(s));
	g_assert_true(store_save(s, NULL));
	g_assert_false(store_is_changed(s));
	store_free(s);
	g_assert_cmpint(g_stat(p->path, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 0777, ==, 0600);
	g_assert_cmpuint(count_files(p), ==, 1);
	s = open_as(p, 4, STORE_LOADED);
	g_assert_cmpint(store_version(s), ==, 3);
	g_assert_cmpstr(store_get(s, "lists", "cache"), ==, "one \"two\" \\ \n \xe2\x98\x83");
	g_assert_cmpstr(store_get(s, "lists", "a"), ==, "");
	keys = store_keys(s, "lists");
	g_assert_cmpuint(g_strv_length(keys), ==, 2);
	g_assert_cmpstr(keys[0], ==, "a");
	g_assert_cmpstr(keys[1], ==, "cache");
	g_assert_false(store_is_changed(s));
	store_free(s);
	store_free(NULL);
}

static void test_changes(struct place *p, gconstpointer unused)
{
	struct store *s = open_as(p, 1, STORE_NEW);
	g_auto(GStrv) none = store_keys(s, "nothing");

	g_assert_cmpuint(g_strv_length(none), ==, 0);
	g_assert_true(store_set(s, "g", "k", NULL));
	g_assert_false(store_is_changed(s));
	g_assert_true(store_save(s, NULL));
	g_assert_cmpuint(count_files(p), ==, 0);
	g_assert_true(store_set(s, "g", "k", "v"));
	g_assert_true(store_save(s, NULL));
	g_assert_true(store_set(s, "g", "k", "v"));
	g_assert_false(store_is_changed(s));
	g_assert_true(store_set(s, "g", "k", "w"));
	g_assert_cmpstr(store_get(s, "g", "k"), ==, "w");
	g_assert_true(store_set(s, "g", "k", NULL));
	g_assert_null(store_get(s, "g", "k"));
	g_assert_true(store_set(s, "g", "k", "v"));
	store_forget_group(s, "g");
	g_assert_null(store_get(s, "g", "k"));
	g_assert_true(store_is_changed(s));
	store_free(s);
}

static void test_refuses(struct place *p, gconstpointer unused)
{
	struct store *s = open_as(p, 1, STORE_NEW);
	g_autofree char *name = g_strnfill(STORE_NAME_MAX + 1, 'n');

	g_assert_false(store_set(s, "", "k", "v"));
	g_assert_false(store_set(s, "g", "", "v"));
	g_assert_false(store_set(s, "version", "k", "v"));
	g_assert_false(store_set(s, name, "k", "v"));
	g_assert_false(store_set(s, "g", name, "v"));
	g_assert_false(store_set(s, "g", "k", "\xff"));
	g_assert_false(store_is_changed(s));
	for (guint i = 0; i < STORE_COUNT_MAX; i++) {
		g_autofree char *key = g_strdup_printf("%u", i);

		g_assert_true(store_set(s, "g", key, "v"));
	}
	g_assert_false(store_set(s, "g", "one more", "v"));
	g_assert_true(store_set(s, "g", "0", "w"));
	g_assert_true(store_set(s, "g", "0", NULL));
	g_assert_true(store_set(s, "g", "one more", "v"));
	store_free(s);
}

static const struct broken {
	const char *name, *text;
	gssize n;
	enum store_result expected;
	const char *aside;
} broken[] = {
	{"empty-file", "", 0, STORE_BROKEN, "broken"},
	{"half-a-document", "{\"version\": 1, \"g\": {\"k", -1, STORE_BROKEN, "broken"},
	{"no-document", "<html>", -1, STORE_BROKEN, "broken"},
	{"no-version", "{\"g\": {}}", -1, STORE_BROKEN, "broken"},
	{"version-zero", "{\"version\": 0}", -1, STORE_BROKEN, "broken"},
	{"version-as-text", "{\"version\": \"1\"}", -1, STORE_BROKEN, "broken"},
	{"a-list", "[1]", -1, STORE_BROKEN, "broken"},
	{"group-of-another-kind", "{\"version\": 1, \"g\": 7}", -1, STORE_BROKEN, "broken"},
	{"text-of-another-kind", "{\"version\": 1, \"g\": {\"k\": 7}}", -1, STORE_BROKEN, "broken"},
	{"text-null", "{\"version\": 1, \"g\": {\"k\": null}}", -1, STORE_BROKEN, "broken"},
	{"octets", "{\"version\": 1, \"g\": {\"k\": \"\xff\"}}", -1, STORE_BROKEN, "broken"},
	{"nul-inside", "{\"version\": 1}\0{", 16, STORE_BROKEN, "broken"},
	{"deeper-than-ours", "{\"version\": 1, \"new\": [[1]]}", -1, STORE_BROKEN, "broken"},
	{"newer-version", "{\"version\": 2, \"new\": [1]}", -1, STORE_TOO_NEW, "newer"},
};

static void test_broken(struct place *p, gconstpointer data)
{
	const struct broken *b = data;
	enum store_result result;
	g_autofree char *aside = NULL, *expected = NULL, *text = NULL;
	struct store *s;
	gsize n;

	put_file(p, b->text, b->n);
	s = store_open(p->path, 1, &result, &aside);
	g_assert_cmpint(result, ==, b->expected);
	expected = g_strconcat(p->path, ".", b->aside, NULL);
	g_assert_cmpstr(aside, ==, expected);
	g_assert_true(g_file_get_contents(aside, &text, &n, NULL));
	g_assert_cmpmem(text, n, b->text, b->n < 0 ? strlen(b->text) : (gsize)b->n);
	g_assert_false(g_file_test(p->path, G_FILE_TEST_EXISTS));
	g_assert_true(store_set(s, "g", "k", "v"));
	g_assert_true(store_save(s, NULL));
	store_free(s);
	s = open_as(p, 1, STORE_LOADED);
	g_assert_cmpstr(store_get(s, "g", "k"), ==, "v");
	store_free(s);
}

/* A document as deep as this would exhaust the stack of a parser that calls itself. */
static void test_deep(struct place *p, gconstpointer unused)
{
	g_autofree char *deep = g_strnfill(4 << 20, '[');

	put_file(p, deep, -1);
	store_free(open_as(p, 1, STORE_BROKEN));
}

static void test_too_large(struct place *p, gconstpointer unused)
{
	g_autofree char *large = g_strnfill(STORE_FILE_MAX + 1, ' ');
	g_autofree char *half = g_strnfill(STORE_FILE_MAX / 2, 'x');
	g_autoptr(GError) error = NULL;
	struct store *s;

	put_file(p, large, -1);
	s = open_as(p, 1, STORE_BROKEN);
	g_assert_true(store_set(s, "g", "a", half));
	g_assert_true(store_set(s, "g", "b", half));
	g_assert_false(store_save(s, &error));
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED);
	g_assert_true(store_is_changed(s));
	g_assert_true(store_set(s, "g", "b", NULL));
	g_assert_true(store_save(s, NULL));
	store_free(s);
}

static void test_names_run_out(struct place *p, gconstpointer unused)
{
	for (guint i = 0; i < 20; i++) {
		put_file(p, "{", -1);
		store_free(open_as(p, 1, STORE_BROKEN));
	}
	g_assert_cmpuint(count_files(p), <, 12);
}

/* What is in the way is no file at all. */
static void test_no_file(struct place *p, gconstpointer unused)
{
	struct store *s;

	g_assert_cmpint(g_mkdir_with_parents(p->path, 0700), ==, 0);
	s = open_as(p, 1, STORE_BROKEN);
	g_assert_true(store_set(s, "g", "k", "v"));
	g_assert_true(store_save(s, NULL));
	store_free(s);
	g_remove(p->path);
	g_assert_cmpint(mkfifo(p->path, 0600), ==, 0);
	store_free(open_as(p, 1, STORE_BROKEN));
}

/* Neither read nor moved: its folder is no folder. */
static void test_unusable(struct place *p, gconstpointer unused)
{
	g_autofree char *folder = g_path_get_dirname(p->path);
	g_autoptr(GError) error = NULL;
	struct store *s;

	g_assert_true(g_file_set_contents(folder, "in the way", -1, NULL));
	s = open_as(p, 1, STORE_UNUSABLE);
	g_assert_true(store_set(s, "g", "k", "v"));
	g_assert_cmpstr(store_get(s, "g", "k"), ==, "v");
	g_assert_false(store_save(s, &error));
	g_assert_nonnull(error);
	store_free(s);
}

/* When the new document cannot be written, the old one stands and nothing is left behind. */
static void test_failure_keeps_the_old(struct place *p, gconstpointer unused)
{
	struct store *s = open_as(p, 1, STORE_NEW);
	g_autofree char *aside = g_strconcat(p->path, ".away", NULL);
	g_autoptr(GError) error = NULL;

	g_assert_true(store_set(s, "g", "k", "old"));
	g_assert_true(store_save(s, NULL));
	g_assert_cmpint(g_rename(p->path, aside), ==, 0);
	g_assert_cmpint(g_mkdir(p->path, 0700), ==, 0);
	g_assert_true(store_set(s, "g", "k", "new"));
	g_assert_false(store_save(s, &error));
	g_assert_nonnull(error);
	g_assert_true(store_is_changed(s));
	g_assert_cmpuint(count_files(p), ==, 2);
	g_remove(p->path);
	g_assert_cmpint(g_rename(aside, p->path), ==, 0);
	g_assert_true(store_save(s, NULL));
	store_free(s);
	s = open_as(p, 1, STORE_LOADED);
	g_assert_cmpstr(store_get(s, "g", "k"), ==, "new");
	store_free(s);
}

static void add(const char *path, gconstpointer data,
		void (*test)(struct place *p, gconstpointer data))
{
	g_test_add(path, struct place, data, place_set_up, test, place_tear_down);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add("/store/what-was-saved-comes-back-readable-by-its-owner-only", NULL, test_comes_back);
	add("/store/only-changes-are-saved", NULL, test_changes);
	add("/store/limits-hold", NULL, test_refuses);
	for (guint i = 0; i < G_N_ELEMENTS(broken); i++) {
		g_autofree char *path =
			g_strconcat("/store/set-aside-and-begun-anew/", broken[i].name, NULL);

		add(path, &broken[i], test_broken);
	}
	add("/store/a-deep-document-is-broken", NULL, test_deep);
	add("/store/a-large-document-is-broken", NULL, test_too_large);
	add("/store/broken-files-do-not-pile-up", NULL, test_names_run_out);
	add("/store/what-is-no-file-is-set-aside", NULL, test_no_file);
	add("/store/without-a-folder-it-works-in-memory", NULL, test_unusable);
	add("/store/a-failed-save-leaves-the-old-document", NULL, test_failure_keeps_the_old);
	return g_test_run();
}
