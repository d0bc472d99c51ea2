/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transcript: plays a recorded or written-down session against a core: whole, byte by byte, at
 * random cuts, and broken off after every byte. The lines are those of common/trace.h; "any" in a
 * line we check stands for anything. */
#ifndef TESTS_LIB_TRANSCRIPT_H
#define TESTS_LIB_TRANSCRIPT_H
#include <glib.h>

/* How a core is driven; self is what start returned. */
struct transcript_subject {
	gpointer (*start)(void);
	void (*stop)(gpointer self);
	void (*verb)(gpointer self, const char *line); /* "! …" */
	void (*received)(gpointer self, guint id, const guint8 *data, gsize n);
	void (*closed)(gpointer self);
	void (*tick)(gpointer self, gint64 now);
	char *(*event)(gpointer self); /* the next one as a line, or NULL. (transfer full) */
	void (*output)(gpointer self, guint id,
		       GString *out); /* moves what is ready to leave to the end of out */
	gboolean (*is_setback)(
		const char *event); /* the connection did not do, the core wants another */
	gboolean (*is_end)(const char *event); /* the core has come to its end */
};

/* Adds "/<area>/transcripts/<name>/whole" and so on for each *.txt below dir. */
void transcript_add_tests(const char *area, const char *dir,
			  const struct transcript_subject *subject);
#endif
