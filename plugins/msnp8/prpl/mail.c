/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mail: notices of new mail, the way into the mailbox, and what the server wants everybody to know.
 */
#include "plugins/msnp8/prpl/mail.h"

#include <debug.h>
#include <errno.h>
#include <eventloop.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <gnutls/gnutls.h>
#include <notify.h>
#include <string.h>
#include <unistd.h>
#include <util.h>

#include "plugins/msnp8/prpl/pump.h"
#include "plugins/msnp8/prpl/say.h"

#define PAGE_SECONDS 60 /* how long a browser has to load the page */

/* ---- notices ---- */

static void unread(struct client *c, guint count)
{
	const char *to = purple_account_get_username(c->account);
	g_autofree char *primary = NULL;

	if (!purple_account_get_check_mail(c->account) || count == 0)
		return;
	if (purple_notify_get_ui_ops()->notify_emails) {
		purple_notify_emails(c->gc, count, FALSE, NULL, NULL, &to, NULL, NULL, NULL);
		return;
	}
	primary = g_strdup_printf(ngettext("%u unread message is in your mailbox",
					   "%u unread messages are in your mailbox", count),
				  count);
	purple_notify_info(c->gc, NOTICE_TITLE, primary, NULL);
}

static void arrived(struct client *c, const struct msn_event *ev)
{
	g_autofree char *from = NULL;

	if (!purple_account_get_check_mail(c->account))
		return;
	if (ev->name && ev->account && strcmp(ev->name, ev->account) != 0)
		from = g_strdup_printf("%s <%s>", ev->name, ev->account);
	else
		from = g_strdup(ev->account ? ev->account : ev->name);
	purple_notify_email(c->gc, ev->text ? ev->text : "", from ? from : "",
			    purple_account_get_username(c->account), NULL, NULL, NULL);
}

static void going_down(struct client *c, guint minutes)
{
	g_autofree char *primary = g_strdup_printf(
		ngettext("The server goes down for maintenance in %u minute",
			 "The server goes down for maintenance in %u minutes", minutes),
		minutes);

	purple_notify_warning(c->gc, NOTICE_TITLE, primary,
			      _("You will be signed out then. Finish your conversations."));
}

/* ---- the mailbox ---- */

static void page_remove(struct client *c)
{
	if (c->inbox_timer)
		purple_timeout_remove(c->inbox_timer);
	c->inbox_timer = 0;
	if (c->inbox_page && g_unlink(c->inbox_page) != 0)
		purple_debug_warning(MSNP8, "cannot remove %s: %s\n", c->inbox_page,
				     g_strerror(errno));
	g_clear_pointer(&c->inbox_page, g_free);
}

static gboolean page_is_old(gpointer user)
{
	struct client *c = user;

	c->inbox_timer = 0;
	page_remove(c);
	return FALSE;
}

/* (transfer full); NULL: it could not be written. */
static char *page_write(const char *page)
{
	g_autofree char *dir = g_build_filename(purple_user_dir(), MSNP8, NULL);
	g_autofree char *path = g_build_filename(dir, "inbox-XXXXXX.html", NULL);
	gsize n = strlen(page);
	int fd;

	if (g_mkdir_with_parents(dir, 0700) != 0)
		return NULL;
	fd = g_mkstemp_full(path, O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return NULL;
	while (n > 0) {
		gssize written = write(fd, page, n);

		if (written <= 0)
			break;
		page += written;
		n -= (gsize)written;
	}
	if (close(fd) == 0 && n == 0)
		return g_steal_pointer(&path);
	g_unlink(path);
	return NULL;
}

/* The page holds what the password has been made into for the moment: nobody else may read it, and
 * it goes when the browser has had it. A host far from the browser can only say where to go. */
static void inbox(struct client *c, const char *url)
{
	char *page = say_is_bare() ? NULL : msn_session_inbox_page(c->session);
	g_autofree char *uri = NULL;

	page_remove(c);
	if (page) {
		c->inbox_page = page_write(page);
		gnutls_memset(page, 0, strlen(page));
		g_free(page);
	}
	if (!c->inbox_page) {
		purple_notify_info(c->gc, NOTICE_TITLE, _("Your mailbox is on the web"), url);
		return;
	}
	c->inbox_timer = purple_timeout_add_seconds(PAGE_SECONDS, page_is_old, c);
	uri = g_filename_to_uri(c->inbox_page, NULL, NULL);
	purple_notify_uri(c->gc, uri);
}

void mail_open_inbox(struct client *c)
{
	if (!msn_inbox_ask(c->session))
		purple_notify_error(c->gc, NOTICE_TITLE, _("The mailbox cannot be opened"),
				    _("Try it again later."));
	pump_turn(c);
}

/* ---- */

static gboolean event(struct client *c, const struct msn_event *ev)
{
	switch (ev->type) {
	case MSN_EVENT_MAIL:
		unread(c, ev->count);
		return TRUE;
	case MSN_EVENT_NEW_MAIL:
		arrived(c, ev);
		return TRUE;
	case MSN_EVENT_INBOX:
		inbox(c, ev->url);
		return TRUE;
	case MSN_EVENT_SHUTDOWN:
		going_down(c, ev->count);
		return TRUE;
	default:
		return FALSE;
	}
}

static void leave(struct client *c)
{
	page_remove(c);
}

static const struct part mail = {.event = event, .leave = leave};
MSN_PART(mail);
