/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace: the wire as lines of the transcript grammar, so that a user's trace becomes a test.
 *
 *   C: octets we sent      S: octets the peer sent      = an event      ! a user's verb
 *   @ milliseconds         # prose
 *
 * C and S may carry a connection's number ("S3:"); 0 is left out. Octets are written as UTF-8 text
 * with \n \r \t \\ and \xHH for what is not printable (and for a blank at the very end, which
 * editors eat), so that one line is one piece of wire and reading it back gives the same octets.
 * Events, verbs and prose are text already: only what is not printable is escaped there.
 * A secret is blanked by the layer that knows it, before it comes here; its place says "any".
 * Lines collect until they are drained: nothing here does I/O. */
#ifndef COMMON_TRACE_H
#define COMMON_TRACE_H
#include <glib.h>

struct trace;

/* Octets of one line; what is cut ends in " # cut, N octets in all". */
#define TRACE_LINE_MAX 65536
/* Octets kept until drained; past that, lines are dropped and a "# N lines lost" follows. */
#define TRACE_KEEP_MAX (1 << 20)

struct trace *trace_new(void);	  /* (transfer full) */
void trace_free(struct trace *t); /* NULL is fine */

/* All functions below do nothing when t is NULL. */
void trace_sent(struct trace *t, guint id, const void *octets, gsize n);
void trace_received(struct trace *t, guint id, const void *octets, gsize n);
void trace_event(struct trace *t, const char *line);
void trace_verb(struct trace *t, const char *line);
/* Writes "@ +N" (milliseconds since the last one) when time has moved on; the first call only says
 * where time begins. */
void trace_clock(struct trace *t, gint64 now);
void trace_note(struct trace *t, const char *prose);

/* The oldest line, without line end, or NULL. (transfer full) */
char *trace_drain(struct trace *t);

/* The octets a C or S line stands for: what trace_sent was given. text is what follows "C: ". NULL
 * when an escape is malformed. (transfer full) */
GBytes *trace_unescape(const char *text);
#endif
