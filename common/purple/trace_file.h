/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace_file: where a trace goes: libpurple's debug log and a file of its own in the user's
 * directory. */
#ifndef COMMON_PURPLE_TRACE_FILE_H
#define COMMON_PURPLE_TRACE_FILE_H
#include "common/trace.h"

#define TRACE_FILE_MAX (64 << 20) /* octets; then the file says so and takes no more */

struct trace_file;

/* A new file <user dir>/<category>/trace-<account>-<time>.txt that only its owner can read.
 * category: the plugin's name, static. Trouble with the file is said in the debug log; lines then
 * go there alone. (transfer full) */
struct trace_file *trace_file_new(const char *category, const char *account);
void trace_file_free(struct trace_file *f); /* NULL is fine */

/* Write all lines that t has collected; both may be NULL. */
void trace_file_drain(struct trace_file *f, struct trace *t);
#endif
