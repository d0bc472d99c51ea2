/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: non-blocking sockets in GLib's loop; an end is told to the owner from an idle source. */
#include "tests/peers/msnp8/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE 16384
#define LINGER_MS 2000 /* a client that does not read its end to the end */
#define DRIBBLE_MS 1   /* between two pieces, so that they travel apart */

struct link {
	int fd;
	gnutls_session_t tls; /* nullable */
	gboolean is_handshaking, is_ending, is_shut, is_dead;
	struct options *options;
	struct link_handlers handlers;
	gpointer user;
	GByteArray *out;
	gsize written;
	guint in_id, out_id, wait_id, linger_id, gone_id;
	guint16 peer_port;
};

static GSList *all;
static guint n_all;

static void link_flush(struct link *l);

/* ---- life ---- */

static void source_clear(guint *id)
{
	if (*id)
		g_source_remove(*id);
	*id = 0;
}

static void link_free(struct link *l)
{
	all = g_slist_remove(all, l);
	n_all--;
	if (l->handlers.gone)
		l->handlers.gone(l, l->user);
	source_clear(&l->gone_id);
	if (l->tls)
		gnutls_deinit(l->tls);
	g_byte_array_unref(l->out);
	g_free(l);
}

static gboolean link_gone_cb(gpointer data)
{
	struct link *l = data;

	l->gone_id = 0;
	link_free(l);
	return G_SOURCE_REMOVE;
}

void link_drop(struct link *l)
{
	if (l->is_dead)
		return;
	l->is_dead = TRUE;
	source_clear(&l->in_id);
	source_clear(&l->out_id);
	source_clear(&l->wait_id);
	source_clear(&l->linger_id);
	close(l->fd);
	l->gone_id = g_idle_add(link_gone_cb, l);
}

void links_end_all(void)
{
	while (all) {
		struct link *l = all->data;

		link_drop(l);
		link_free(l);
	}
}

/* ---- writing ---- */

static gboolean link_writable_cb(int fd, GIOCondition condition, gpointer data)
{
	struct link *l = data;

	l->out_id = 0;
	link_flush(l);
	return G_SOURCE_REMOVE;
}

static gboolean link_waited_cb(gpointer data)
{
	struct link *l = data;

	l->wait_id = 0;
	link_flush(l);
	return G_SOURCE_REMOVE;
}

static gboolean link_lingered_cb(gpointer data)
{
	struct link *l = data;

	l->linger_id = 0;
	link_drop(l);
	return G_SOURCE_REMOVE;
}

/* Closing while the client's octets lie unread would reset the connection and could take our last
 * words with it; so the writing side ends first, and reading goes on to the client's end. */
static void link_shut(struct link *l)
{
	if (l->is_shut)
		return;
	l->is_shut = TRUE;
	if (l->tls)
		gnutls_bye(l->tls, GNUTLS_SHUT_WR);
	shutdown(l->fd, SHUT_WR);
	l->linger_id = g_timeout_add(LINGER_MS, link_lingered_cb, l);
}

static gssize link_send(struct link *l, const guint8 *data, gsize n)
{
	gssize sent;

	if (l->tls) {
		sent = gnutls_record_send(l->tls, data, MIN(n, READ_SIZE));
		return sent == GNUTLS_E_AGAIN || sent == GNUTLS_E_INTERRUPTED ? 0 : sent;
	}
	sent = send(l->fd, data, n, MSG_NOSIGNAL);
	return sent < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : sent;
}

static void link_drained(struct link *l)
{
	g_byte_array_set_size(l->out, 0);
	l->written = 0;
	if (l->is_ending)
		link_shut(l);
	else if (l->handlers.drained)
		l->handlers.drained(l, l->user);
}

static void link_flush(struct link *l)
{
	gsize piece = options_number(l->options, "dribble");

	if (l->is_dead || l->is_shut || l->is_handshaking || l->out_id || l->wait_id)
		return;
	while (l->written < l->out->len) {
		gsize n = l->out->len - l->written;
		gssize sent = link_send(l, l->out->data + l->written, piece ? MIN(piece, n) : n);

		if (sent < 0) {
			link_drop(l);
			return;
		}
		l->written += sent;
		if (!sent) {
			l->out_id = g_unix_fd_add(l->fd, G_IO_OUT, link_writable_cb, l);
			return;
		}
		if (piece && l->written < l->out->len) {
			l->wait_id = g_timeout_add(DRIBBLE_MS, link_waited_cb, l);
			return;
		}
	}
	link_drained(l);
}

void link_write(struct link *l, const void *data, gsize n)
{
	guint delay = options_number(l->options, "delay");

	if (l->is_dead || l->is_ending)
		return;
	if (l->out->len + n > LINK_OUTPUT_MAX) {
		link_drop(l);
		return;
	}
	g_byte_array_append(l->out, data, n);
	if (delay && !l->wait_id && !l->out_id)
		l->wait_id = g_timeout_add(delay, link_waited_cb, l);
	link_flush(l);
}

void link_end(struct link *l)
{
	if (l->is_dead || l->is_ending)
		return;
	l->is_ending = TRUE;
	link_flush(l);
}

/* ---- reading ---- */

static gboolean link_handshake(struct link *l)
{
	int rc = gnutls_handshake(l->tls);

	if (rc == GNUTLS_E_SUCCESS) {
		l->is_handshaking = FALSE;
		link_flush(l);
		return !l->is_dead;
	}
	if (gnutls_error_is_fatal(rc))
		link_drop(l);
	return FALSE;
}

/* Octets read, 0: none yet, -1: the end. */
static gssize link_receive(struct link *l, guint8 *data, gsize n)
{
	gssize got;

	if (l->tls) {
		got = gnutls_record_recv(l->tls, data, n);
		if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
			return 0;
		return got > 0 ? got : -1;
	}
	got = recv(l->fd, data, n, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return got > 0 ? got : -1;
}

static gboolean link_readable_cb(int fd, GIOCondition condition, gpointer data)
{
	struct link *l = data;
	guint8 octets[READ_SIZE];
	gssize got;

	if (l->is_handshaking && !link_handshake(l))
		return !l->is_dead;
	do {
		got = link_receive(l, octets, sizeof(octets));
		if (got < 0)
			link_drop(l);
		else if (got > 0 && !l->is_ending && l->handlers.data)
			l->handlers.data(l, octets, got, l->user);
	} while (!l->is_dead && l->tls && gnutls_record_check_pending(l->tls));
	return !l->is_dead;
}

/* ---- where they come from ---- */

int link_listen(guint16 *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(*port)};
	socklen_t n = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address, n) < 0 || listen(fd, SOMAXCONN) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &n) < 0) {
		close(fd);
		return -1;
	}
	*port = ntohs(address.sin_port);
	return fd;
}

static gnutls_session_t link_tls_new(int fd, gnutls_certificate_credentials_t credentials)
{
	gnutls_session_t tls;

	if (gnutls_init(&tls, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
		return NULL;
	gnutls_set_default_priority(tls);
	gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_transport_set_int(tls, fd);
	return tls;
}

struct link *link_accept(int listener, struct options *options,
			 gnutls_certificate_credentials_t credentials)
{
	struct sockaddr_in from = {0};
	socklen_t n = sizeof(from);
	struct link *l;
	int on = 1;
	int fd = accept(listener, (struct sockaddr *)&from, &n);

	if (fd < 0)
		return NULL;
	if (n_all >= LINKS_MAX) {
		close(fd);
		return NULL;
	}
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	l = g_new0(struct link, 1);
	l->fd = fd;
	l->options = options;
	l->peer_port = ntohs(from.sin_port);
	l->out = g_byte_array_new();
	l->tls = credentials ? link_tls_new(fd, credentials) : NULL;
	l->is_handshaking = l->tls != NULL;
	l->in_id = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, link_readable_cb, l);
	all = g_slist_prepend(all, l);
	n_all++;
	return l;
}

void link_set_handlers(struct link *l, const struct link_handlers *handlers, gpointer user)
{
	l->handlers = *handlers;
	l->user = user;
}

guint16 link_peer_port(const struct link *l)
{
	return l->peer_port;
}
