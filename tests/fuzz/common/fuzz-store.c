/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-store: whatever stands in a file, a store comes of it that can be saved and read again. */
#include "common/store.h"

#include <glib/gstdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n);

static char *folder, *path;

static void leave(void)
{
	g_remove(path);
	g_rmdir(folder);
}

/* In memory where the system allows it. */
static void enter(void)
{
	if (folder)
		return;
	folder = g_strdup(g_file_test("/dev/shm", G_FILE_TEST_IS_DIR) ? "/dev/shm/fuzz-XXXXXX"
								      : "/tmp/fuzz-XXXXXX");
	g_assert_nonnull(g_mkdtemp(folder));
	path = g_build_filename(folder, "store.json", NULL);
	atexit(leave);
}

static void check_saved(void)
{
	enum store_result result;
	struct store *s = store_open(path, 2, &result, NULL);

	g_assert_cmpint(result, ==, STORE_LOADED);
	g_assert_cmpstr(store_get(s, "group", "key"), ==, "text");
	g_assert_cmpint(store_version(s), ==, 2);
	store_free(s);
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n)
{
	enum store_result result;
	g_autofree char *aside = NULL;
	struct store *s;

	enter();
	g_assert_true(g_file_set_contents(path, (const char *)data, n, NULL));
	s = store_open(path, 2, &result, &aside);
	g_assert_true(result == STORE_LOADED || result == STORE_BROKEN || result == STORE_TOO_NEW);
	g_assert_true((result == STORE_LOADED) == (aside == NULL));
	store_set(s, "group", "key", NULL);
	if (store_set(s, "group", "key", "text")) {
		g_assert_true(store_save(s, NULL));
		check_saved();
	}
	store_free(s);
	if (aside)
		g_remove(aside);
	return 0;
}
