/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replay-main: runs a fuzz target over saved inputs, so that each of them is an ordinary test. */
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CUT_MAX 4096 /* an input up to this long is also given cut after every octet */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The sanitizers' last word; missing in builds without them. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static char current[4096]; /* the input that runs, for the report of a crash */
static size_t current_length;

static void say_input(void)
{
	char line[sizeof current + 64];
	int n = snprintf(line, sizeof line, "# fuzz input %s, first %zu octets\n", current,
			 current_length);

	if (write(STDERR_FILENO, line, n) < 0)
		return;
}

static void on_abort(int number)
{
	signal(number, SIG_DFL);
	say_input();
	raise(number);
}

/* A copy of its own size, so that reading one octet too far is seen. */
static void run_once(const char *data, gsize n)
{
	uint8_t *copy = malloc(n > 0 ? n : 1);

	if (n > 0)
		memcpy(copy, data, n);
	current_length = n;
	LLVMFuzzerTestOneInput(n > 0 ? copy : copy + 1, n);
	free(copy);
}

static gboolean run_file(const char *path)
{
	g_autofree char *data = NULL;
	gsize n;

	if (!g_file_get_contents(path, &data, &n, NULL))
		return FALSE;
	g_strlcpy(current, path, sizeof current);
	run_once(data, n);
	for (gsize cut = 0; n <= CUT_MAX && cut < n; cut++)
		run_once(data, cut);
	return TRUE;
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The paths of the files in a directory, always in the same order. (transfer full) */
static GPtrArray *files_of(const char *directory)
{
	GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
	GDir *dir = g_dir_open(directory, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		g_ptr_array_add(files, g_build_filename(directory, name, NULL));
	g_clear_pointer(&dir, g_dir_close);
	g_ptr_array_sort(files, by_name);
	return files;
}

/* How many inputs ran; 0 is a failure, because an empty corpus tests nothing. */
static guint run_directory(const char *directory)
{
	g_autoptr(GPtrArray) files = files_of(directory);
	guint count = 0;

	for (guint i = 0; i < files->len; i++) {
		if (!run_file(g_ptr_array_index(files, i)))
			return 0;
		count++;
	}
	return count;
}

/* The last two parts of a path, "<area>/<name>". (transfer full) */
static char *corpus_name(const char *directory)
{
	g_autofree char *path = g_canonicalize_filename(directory, NULL);
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *above = g_path_get_dirname(path);
	g_autofree char *area = g_path_get_basename(above);

	return g_strconcat(area, "/", name, NULL);
}

int main(int argc, char **argv)
{
	gboolean has_failed = argc < 2;

	signal(SIGABRT, on_abort);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(say_input);
	printf("1..%d\n", MAX(argc - 1, 1));
	if (argc < 2)
		printf("not ok 1 - fuzz corpus: no directory given\n");
	for (int i = 1; i < argc; i++) {
		g_autofree char *name = corpus_name(argv[i]);
		guint count = run_directory(argv[i]);

		if (count > 0)
			printf("ok %d - fuzz corpus %s: %u inputs\n", i, name, count);
		else
			printf("not ok %d - fuzz corpus %s: nothing to read\n", i, name);
		fflush(stdout);
		has_failed |= count == 0;
	}
	return has_failed ? 1 : 0;
}
