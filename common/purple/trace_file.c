/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_file: traces to disk and to the debug log. */
#include "common/purple/trace_file.h"

#include <debug.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <util.h>

struct trace_file {
	const char *category;
	FILE *file; /* NULL: only the debug log */
	gsize written;
};

static FILE *open_private(const char *category, const char *account)
{
	g_autofree char *safe = g_strcanon(
		g_strdup(account),
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.@-_", '_');
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *when = g_date_time_format(now, "%Y%m%dT%H%M%SZ");
	g_autofree char *dir = g_build_filename(purple_user_dir(), category, NULL);
	FILE *file = NULL;

	if (g_mkdir_with_parents(dir, 0700) != 0)
		return NULL;
	/* A second sign-on within the second gets a name of its own; nothing is ever overwritten.
	 */
	for (guint n = 0; n < 100 && !file; n++) {
		g_autofree char *name = g_strdup_printf("trace-%.100s-%s-%u.txt", safe, when, n);
		g_autofree char *path = g_build_filename(dir, name, NULL);
		int fd = g_open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

		if (fd < 0 && errno != EEXIST)
			return NULL;
		if (fd >= 0 && !(file = fdopen(fd, "w")))
			close(fd);
		else if (fd >= 0)
			purple_debug_info(category, "tracing into %s\n", path);
	}
	return file;
}

struct trace_file *trace_file_new(const char *category, const char *account)
{
	struct trace_file *f = g_new0(struct trace_file, 1);

	f->category = category;
	f->file = open_private(category, account);
	if (!f->file)
		purple_debug_error(category, "cannot write a trace file: %s\n", g_strerror(errno));
	return f;
}

void trace_file_free(struct trace_file *f)
{
	if (!f)
		return;
	if (f->file)
		fclose(f->file);
	g_free(f);
}

static void file_write(struct trace_file *f, const char *line)
{
	if (!f->file)
		return;
	f->written += strlen(line) + 1;
	if (f->written > TRACE_FILE_MAX || fprintf(f->file, "%s\n", line) < 0) {
		fprintf(f->file, "# the trace ends here\n");
		fclose(f->file);
		f->file = NULL;
	}
}

void trace_file_drain(struct trace_file *f, struct trace *t)
{
	char *line;

	if (!f)
		return;
	while ((line = trace_drain(t))) {
		purple_debug_misc(f->category, "%s\n", line);
		file_write(f, line);
		g_free(line);
	}
	if (f->file)
		fflush(f->file);
}
