/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store: a small versioned JSON document that outlives a run: texts by group and key.
 * It is replaced as a whole or not at all, readable by its owner only, and what cannot be read is
 * set aside and reported, never fatal. The only file of common/ that touches the disk. */
#ifndef COMMON_STORE_H
#define COMMON_STORE_H
#include <glib.h>

#define STORE_FILE_MAX (16 << 20) /* octets of a document */
#define STORE_NAME_MAX 1024	  /* octets of a group or a key */
#define STORE_COUNT_MAX 65536	  /* texts of a document */

enum store_result {
	STORE_LOADED,
	STORE_NEW,	/* there was no file */
	STORE_BROKEN,	/* it was no document of ours; set aside, begun anew */
	STORE_TOO_NEW,	/* a later version wrote it; set aside, begun anew */
	STORE_UNUSABLE, /* neither read nor set aside: begun anew, store_save() will refuse */
};

struct store;

/* The document at path, of a version up to version (> 0). ret_result (nullable) says how it went,
 * ret_aside (nullable; written for BROKEN and TOO_NEW, (transfer full)) under which name the old
 * file now stands. Always gives a store that can be used. (transfer full) */
struct store *store_open(const char *path, int version, enum store_result *ret_result,
			 char **ret_aside);
/* NULL is fine; what was not saved is lost, texts are wiped. */
void store_free(struct store *s);

/* The version that wrote what was loaded, for its reader to convert; version itself when begun
 * anew. */
int store_version(const struct store *s);

/* NULL: there is none. (transfer none), until the next store_set() of the same key. */
const char *store_get(const struct store *s, const char *group, const char *key);
/* text: valid UTF-8, NULL to forget. FALSE and unchanged: past a limit, or not UTF-8. */
gboolean store_set(struct store *s, const char *group, const char *key, const char *text);
/* The keys of a group, sorted. (transfer full): g_strfreev() */
char **store_keys(const struct store *s, const char *group);
void store_forget_group(struct store *s, const char *group);

gboolean store_is_changed(const struct store *s); /* since it was opened or saved */
/* Replaces the file (mode 0600) when something has changed; a folder that is missing is made (mode
 * 0700). FALSE: the file is whole, the old one or the new. */
gboolean store_save(struct store *s, GError **error);
#endif
