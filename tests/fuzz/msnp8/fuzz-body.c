/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-body: what is told of a message is text, and its text survives being sent on. */
#include "plugins/msnp8/wire/body.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n);

static void check_text(const char *text)
{
	g_assert_true(!text || g_utf8_validate(text, -1, NULL));
}

static void check_line(const char *line)
{
	check_text(line);
	g_assert_true(!line || !strpbrk(line, "\r\n"));
}

/* Through as many messages as it takes. */
static void check_sent_on(const char *text, const struct msn_style *style)
{
	g_autoptr(GString) all = g_string_new(NULL);
	const char *at = text;

	while (*at) {
		g_autoptr(GString) out = g_string_new(NULL);
		struct msn_body *b;

		at += msn_body_write_text(out, at, style);
		g_assert_cmpuint(out->len, <=, MSN_MESSAGE_MAX);
		b = msn_body_read(out->str, out->len);
		g_assert_true(b && b->type == MSN_BODY_TEXT);
		g_assert_true(b->style.is_bold == style->is_bold);
		g_assert_true(b->style.is_right_to_left == style->is_right_to_left);
		g_assert_true(!style->has_colour || b->style.rgb == style->rgb);
		g_string_append(all, b->text);
		msn_body_free(b);
	}
	g_assert_true(strcmp(all->str, text) == 0);
}

static void check_words(const char *text)
{
	g_autofree char *line = msn_words_read(text);
	g_autofree char *value = msn_words_write(line);
	g_autofree char *back = msn_words_read(value);

	check_line(line);
	g_assert_true(strcmp(back, line) == 0);
	for (const char *c = value; *c; c++)
		g_assert_true(*c >= ' ' && *c <= '~');
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n)
{
	struct msn_body *b = msn_body_read(data, n);
	g_autofree char *text = g_strndup((const char *)data, n);

	check_words(text);
	if (!b)
		return 0;
	g_assert_nonnull(b->content_type);
	check_line(b->content_type);
	check_text(b->text);
	check_line(b->font);
	check_line(b->account);
	check_line(b->name);
	check_line(b->subject);
	check_line(b->folder);
	check_line(b->from_folder);
	check_line(b->mspauth);
	g_assert_true(b->content >= data && b->content + b->content_n == data + n);
	g_assert_true(b->style.rgb <= 0xffffff);
	if (b->type == MSN_BODY_TEXT)
		check_sent_on(b->text, &b->style);
	msn_body_free(b);
	return 0;
}
