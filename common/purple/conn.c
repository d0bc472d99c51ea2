/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conn: libpurple's proxies below, GnuTLS in between, one frame at a time towards the owner.
 *
 *   CONNECTING -> READY                            plain
 *   CONNECTING -> HANDSHAKE -> VERIFYING -> READY  TLS at once
 *   READY -> HANDSHAKE -> VERIFYING -> READY       conn_start_tls
 *   any -> CLOSED                                  closed() is delivered, or the owner freed it
 *   READY -> LINGERING -> CLOSED                   conn_finish: nobody's any more
 *
 * Whoever calls the owner holds a reference and looks at the state again afterwards. */
#include "common/purple/conn.h"

#include <errno.h>
#include <eventloop.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <proxy.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/bytes.h"

#define CONN_PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%PROFILE_MEDIUM"
#define CONN_READS_MAX 8     /* deliveries before other connections get their turn */
#define CONN_RECORDS_MAX 64  /* records in a row that carry no data (alerts, tickets, requests) */
#define CONN_WRITE_MAX 16384 /* octets of one TLS record */

enum conn_state {
	CONN_CONNECTING,
	CONN_HANDSHAKE,
	CONN_VERIFYING,
	CONN_READY,
	CONN_LINGERING,
	CONN_CLOSED
};

struct conn {
	guint refs; /* the owner's, and one for each of our frames that calls out */
	enum conn_state state;
	const struct conn_handlers *handlers;
	gpointer user;
	char *host;
	guint16 port;
	char *account_key; /* whose TLS sessions may be resumed here */
	gboolean is_by_proxy;

	PurpleProxyConnectData *connecting;
	int fd;
	guint read_watch, write_watch;
	guint wake;	/* a turn of ours that the loop owes us */
	guint deadline; /* of the handshake, or of lingering */

	gboolean is_paused;
	gboolean is_reading;	   /* a frame of conn_read is on the stack */
	gboolean is_read_to_write; /* GnuTLS has to write before it can read on */
	struct bytes *queue;
	gboolean is_full; /* octets were refused */
	int write_error;  /* what the system said; the reading side may still hold data */
	gboolean is_doomed;
	struct reason doom; /* delivered in the next turn */

	/* TLS, wanted or standing */
	gnutls_session_t session;
	gboolean is_repeating;	  /* the queue's head is in GnuTLS's hands already */
	gboolean is_tls;	  /* the peer has been verified */
	gboolean is_session_kept; /* its ticket lies in the table */
	int io_error;		  /* errno behind GnuTLS's "error in the pull function" */
	struct cert_check *check;
	struct cert_identity identity;
	char *alpn, *priority, *description;
};

static void conn_watch(struct conn *c);
static void conn_turn(struct conn *c);

/* ---- lifetime ---- */

static void conn_forget_tls(struct conn *c)
{
	g_free((char *)c->identity.name);
	g_free((char *)c->identity.srv);
	g_free((char *)c->identity.other_oid);
	g_free((char *)c->identity.other_value);
	memset(&c->identity, 0, sizeof(c->identity));
	g_clear_pointer(&c->alpn, g_free);
	g_clear_pointer(&c->priority, g_free);
}

static void conn_keep_tls(struct conn *c, const struct conn_tls *tls)
{
	conn_forget_tls(c);
	c->identity.name = g_strdup(tls->identity.name);
	c->identity.srv = g_strdup(tls->identity.srv);
	c->identity.other_oid = g_strdup(tls->identity.other_oid);
	c->identity.other_value = g_strdup(tls->identity.other_value);
	c->alpn = g_strdup(tls->alpn);
	c->priority = g_strdup(tls->priority);
}

static struct conn *conn_ref(struct conn *c)
{
	c->refs++;
	return c;
}

static void conn_unref(struct conn *c)
{
	if (--c->refs > 0)
		return;
	conn_forget_tls(c);
	bytes_free(c->queue);
	g_free(c->description);
	g_free(c->account_key);
	g_free(c->host);
	g_free(c);
}

static void conn_drop_watches(struct conn *c)
{
	if (c->read_watch != 0)
		purple_input_remove(c->read_watch);
	if (c->write_watch != 0)
		purple_input_remove(c->write_watch);
	if (c->wake != 0)
		purple_timeout_remove(c->wake);
	if (c->deadline != 0)
		purple_timeout_remove(c->deadline);
	c->read_watch = c->write_watch = c->wake = c->deadline = 0;
}

/* Everything that could call us back, or that the system lent us, goes. */
static void conn_release(struct conn *c)
{
	PurpleProxyConnectData *connecting = g_steal_pointer(&c->connecting);

	c->state = CONN_CLOSED;
	conn_drop_watches(c);
	cert_check_cancel(g_steal_pointer(&c->check));
	if (connecting)
		purple_proxy_connect_cancel(connecting);
	g_clear_pointer(&c->session, gnutls_deinit);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->is_tls = FALSE;
}

/* ---- the end ---- */

static void conn_keep_session(struct conn *c);

static void conn_close(struct conn *c, const struct reason *why)
{
	struct reason copy = *why;

	if (c->state == CONN_CLOSED)
		return;
	conn_keep_session(c);
	conn_release(c);
	conn_ref(c);
	c->handlers->closed(c, &copy, c->user);
	conn_unref(c);
}

static void conn_fail(struct conn *c, enum reason_kind kind, const char *detail)
{
	struct reason why;

	reason_set(&why, kind, c->host, c->port, detail);
	conn_close(c, &why);
}

/* ---- turns of the loop ---- */

static gboolean conn_woken(gpointer data)
{
	struct conn *c = data;

	c->wake = 0;
	conn_turn(c);
	return G_SOURCE_REMOVE;
}

static void conn_wake(struct conn *c)
{
	if (c->wake == 0)
		c->wake = purple_timeout_add(0, conn_woken, c);
}

/* Trouble inside a call of the owner's: told in the next turn. */
static void conn_doom(struct conn *c, enum reason_kind kind, const char *detail)
{
	reason_set(&c->doom, kind, c->host, c->port, detail);
	c->is_doomed = TRUE;
	conn_wake(c);
}

/* ---- TLS sessions kept for resumption ---- */

/* Key to gnutls_datum_t; the_session_order has the keys, oldest first. */
static GHashTable *the_sessions;
static GQueue the_session_order = G_QUEUE_INIT;

static void conn_session_wipe(gpointer data)
{
	gnutls_datum_t *kept = data;

	gnutls_memset(kept->data, 0, kept->size);
	gnutls_free(kept->data);
	g_free(kept);
}

/* One account must not be recognisable as another by its tickets, and a ticket is for one server.
 */
static char *conn_session_key(const struct conn *c)
{
	return g_strdup_printf("%s\n%s\n%s\n%u", c->account_key, c->identity.name, c->host,
			       c->port);
}

static void conn_session_forget(const char *key)
{
	GList *link = g_queue_find_custom(&the_session_order, key, (GCompareFunc)strcmp);

	if (!link)
		return;
	g_hash_table_remove(the_sessions, key);
	g_free(link->data);
	g_queue_delete_link(&the_session_order, link);
}

/* (transfer full) of what fresh points at. */
static void conn_session_put(const char *key, const gnutls_datum_t *fresh)
{
	gnutls_datum_t *kept = g_new(gnutls_datum_t, 1);

	*kept = *fresh;
	if (!the_sessions)
		the_sessions =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, conn_session_wipe);
	conn_session_forget(key);
	if (the_session_order.length >= CONN_SESSIONS_MAX)
		conn_session_forget(g_queue_peek_head(&the_session_order));
	g_hash_table_insert(the_sessions, g_strdup(key), kept);
	g_queue_push_tail(&the_session_order, g_strdup(key));
}

/* Only what was verified is worth taking up again. On TLS 1.3, asking before a ticket has come
 * would wait for it. */
static void conn_keep_session(struct conn *c)
{
	gnutls_datum_t kept;
	char *key;

	if (!c->is_tls || c->is_session_kept || !c->session)
		return;
	if (conn_is_tls13(c) &&
	    !(gnutls_session_get_flags(c->session) & GNUTLS_SFLAGS_SESSION_TICKET))
		return;
	if (gnutls_session_get_data2(c->session, &kept) < 0)
		return;
	c->is_session_kept = TRUE;
	key = conn_session_key(c);
	conn_session_put(key, &kept);
	g_free(key);
}

/* A ticket is used once (RFC 8446 appendix C.4): who watches must not link two connections. */
static void conn_resume_session(struct conn *c)
{
	char *key = conn_session_key(c);
	gnutls_datum_t *kept = the_sessions ? g_hash_table_lookup(the_sessions, key) : NULL;

	if (kept) {
		gnutls_session_set_data(c->session, kept->data, kept->size);
		conn_session_forget(key);
	}
	g_free(key);
}

/* ---- TLS below: GnuTLS to the socket ---- */

static ssize_t conn_tls_pull(gnutls_transport_ptr_t data, void *to, size_t n)
{
	struct conn *c = data;
	ssize_t rc = recv(c->fd, to, n, 0);

	if (rc < 0) {
		c->io_error = errno;
		gnutls_transport_set_errno(c->session, errno);
	}
	return rc;
}

static ssize_t conn_tls_push(gnutls_transport_ptr_t data, const giovec_t *pieces, int n)
{
	struct conn *c = data;
	struct msghdr message = {.msg_iov = (struct iovec *)pieces, .msg_iovlen = n};
	ssize_t rc = sendmsg(c->fd, &message, MSG_NOSIGNAL);

	if (rc < 0) {
		c->io_error = errno;
		gnutls_transport_set_errno(c->session, errno);
	}
	return rc;
}

/* GnuTLS's word for rc, or the system's where it only relays that. */
static const char *conn_tls_word(const struct conn *c, int rc)
{
	if (rc == GNUTLS_E_PULL_ERROR || rc == GNUTLS_E_PUSH_ERROR)
		return g_strerror(c->io_error);
	if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED) {
		const char *name = gnutls_alert_get_name(gnutls_alert_get(c->session));

		return name ? name : gnutls_strerror(rc);
	}
	return gnutls_strerror(rc);
}

/* FALSE: our own doing (a priority string GnuTLS does not understand).
 * A client's "mandatory" ALPN is: if the server selects one, ours. Without, another one would pass
 * for none; and none is fine, as not every server knows ALPN (Prosody 0.12 does not). */
static gboolean conn_tls_new(struct conn *c)
{
	gnutls_datum_t alpn = {(unsigned char *)c->alpn, c->alpn ? strlen(c->alpn) : 0};
	const char *name = c->identity.name;

	if (gnutls_init(&c->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
		return FALSE;
	if (gnutls_priority_set_direct(c->session, c->priority ? c->priority : CONN_PRIORITY,
				       NULL) < 0 ||
	    gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE, cert_credentials()) < 0 ||
	    (c->alpn &&
	     gnutls_alpn_set_protocols(c->session, &alpn, 1, GNUTLS_ALPN_MANDATORY) < 0) ||
	    (!cert_is_literal(name) &&
	     gnutls_server_name_set(c->session, GNUTLS_NAME_DNS, name, strlen(name)) < 0))
		return FALSE;
	gnutls_transport_set_ptr(c->session, c);
	gnutls_transport_set_pull_function(c->session, conn_tls_pull);
	gnutls_transport_set_vec_push_function(c->session, conn_tls_push);
	conn_resume_session(c);
	return TRUE;
}

/* ---- TLS above: handshake and verdict ---- */

static void conn_become_ready(struct conn *c)
{
	c->state = CONN_READY;
	conn_ref(c);
	c->handlers->ready(c, c->user);
	/* GnuTLS may hold records already that will never make the socket readable. */
	if (c->state == CONN_READY && c->session && gnutls_record_check_pending(c->session) > 0)
		conn_wake(c);
	conn_watch(c);
	conn_unref(c);
}

static void conn_judged(const struct reason *why, gpointer user)
{
	struct conn *c = user;
	char *description;

	c->check = NULL;
	if (why) {
		conn_close(c, why);
		return;
	}
	c->is_tls = TRUE;
	description = gnutls_session_get_desc(c->session);
	c->description = g_strdup(description);
	gnutls_free(description);
	conn_become_ready(c);
}

static void conn_verify(struct conn *c)
{
	struct cert_check *check;

	purple_timeout_remove(c->deadline);
	c->deadline = 0;
	c->state = CONN_VERIFYING;
	conn_watch(c);
	/* The question runs the user interface's code, which may log the account out. */
	conn_ref(c);
	check = cert_check_start(c->session, &c->identity, c->port, conn_judged, c);
	if (c->state == CONN_VERIFYING)
		c->check = check;
	else
		cert_check_cancel(check);
	conn_unref(c);
}

static void conn_handshake_failed(struct conn *c, int rc)
{
	gboolean is_alert = rc == GNUTLS_E_FATAL_ALERT_RECEIVED;
	int alert = is_alert ? (int)gnutls_alert_get(c->session) : -1;
	enum reason_kind kind = REASON_TLS;

	if (rc == GNUTLS_E_UNSUPPORTED_VERSION_PACKET || alert == GNUTLS_A_PROTOCOL_VERSION)
		kind = REASON_TLS_VERSION;
	else if (rc == GNUTLS_E_NO_APPLICATION_PROTOCOL ||
		 alert == GNUTLS_A_NO_APPLICATION_PROTOCOL)
		kind = REASON_ALPN;
	conn_fail(c, kind, conn_tls_word(c, rc));
}

static void conn_handshake(struct conn *c)
{
	guint tries;
	int rc;

	for (tries = 0; tries < CONN_RECORDS_MAX; tries++) {
		rc = gnutls_handshake(c->session);
		if (rc == 0) {
			conn_verify(c);
			return;
		}
		if (gnutls_error_is_fatal(rc)) {
			gnutls_alert_send_appropriate(c->session, rc);
			conn_handshake_failed(c, rc);
			return;
		}
		if (rc == GNUTLS_E_AGAIN)
			break;
	}
	conn_watch(c);
}

static gboolean conn_handshake_late(gpointer data)
{
	struct conn *c = data;

	c->deadline = 0;
	conn_fail(c, REASON_TIMEOUT, NULL);
	return G_SOURCE_REMOVE;
}

/* The first step waits for the next turn. */
static void conn_begin_tls(struct conn *c)
{
	c->state = CONN_HANDSHAKE;
	if (!conn_tls_new(c)) {
		conn_doom(c, REASON_TLS, NULL);
		return;
	}
	c->deadline = purple_timeout_add(CONN_HANDSHAKE_MS, conn_handshake_late, c);
	conn_wake(c);
	conn_watch(c);
}

/* ---- writing ---- */

enum conn_io { CONN_IO_DONE, CONN_IO_AGAIN, CONN_IO_ENDED };

/* One write. A TLS record that did not fit is kept by GnuTLS, which then wants to be asked for
 * "the same again" (NULL, 0) and answers with the number of its octets. */
static enum conn_io conn_write_once(struct conn *c, const guint8 *data, gsize n, gsize *ret_n)
{
	gssize rc;

	if (!c->session) {
		rc = send(c->fd, data, n, MSG_NOSIGNAL);
		if (rc < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
			return CONN_IO_AGAIN;
		c->io_error = errno;
	} else {
		rc = c->is_repeating ? gnutls_record_send(c->session, NULL, 0)
				     : gnutls_record_send(c->session, data, MIN(n, CONN_WRITE_MAX));
		c->is_repeating = rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED;
		if (c->is_repeating)
			return CONN_IO_AGAIN;
		if (rc < 0 && rc != GNUTLS_E_PUSH_ERROR)
			c->io_error = EPIPE;
	}
	if (rc < 0) {
		c->write_error = c->io_error;
		return CONN_IO_ENDED;
	}
	*ret_n = MIN((gsize)rc, n);
	return CONN_IO_DONE;
}

/* As much of the queue as goes without waiting. */
static enum conn_io conn_flush(struct conn *c)
{
	enum conn_io io = CONN_IO_DONE;
	const guint8 *data;
	gsize n, sent;

	while (io == CONN_IO_DONE && bytes_length(c->queue) > 0) {
		data = bytes_peek(c->queue, &n);
		io = conn_write_once(c, data, n, &sent);
		if (io == CONN_IO_DONE)
			bytes_consume(c->queue, sent);
	}
	return io;
}

/* The first octets straight from the caller, if nobody is before them. */
static gsize conn_send_directly(struct conn *c, const guint8 *data, gsize n)
{
	gsize sent, done = 0;

	while (done < n && bytes_length(c->queue) == 0) {
		if (conn_write_once(c, data + done, n - done, &sent) != CONN_IO_DONE)
			break;
		done += sent;
	}
	return done;
}

gsize conn_send(struct conn *c, const guint8 *data, gsize n)
{
	gsize done, room;

	if (c->state != CONN_READY || c->write_error != 0 || n == 0)
		return 0;
	done = conn_send_directly(c, data, n);
	if (c->write_error != 0) {
		conn_wake(c);
		return done;
	}
	room = CONN_QUEUE_MAX - bytes_length(c->queue);
	if (n - done > room)
		c->is_full = TRUE;
	room = MIN(room, n - done);
	if (room > 0 && bytes_append(c->queue, data + done, room))
		done += room;
	conn_watch(c);
	return done;
}

static void conn_write(struct conn *c)
{
	if (c->state != CONN_READY || c->write_error != 0)
		return;
	if (conn_flush(c) == CONN_IO_ENDED)
		conn_wake(c);
	if (c->is_full && c->write_error == 0 && bytes_length(c->queue) <= CONN_QUEUE_LOW) {
		c->is_full = FALSE;
		c->handlers->writable(c, c->user);
	}
}

/* ---- reading ---- */

/* One read; CONN_IO_ENDED with the reason in c->doom. */
static enum conn_io conn_read_plain(struct conn *c, guint8 *to, gsize n, gsize *ret_n)
{
	gssize rc = recv(c->fd, to, n, 0);

	if (rc > 0) {
		*ret_n = rc;
		return CONN_IO_DONE;
	}
	if (rc < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return CONN_IO_AGAIN;
	if (rc == 0)
		reason_set(&c->doom, REASON_CLOSED, c->host, c->port, NULL);
	else
		reason_set(&c->doom, REASON_LOST, c->host, c->port, g_strerror(errno));
	return CONN_IO_ENDED;
}

/* TCP's end without TLS's own may be anybody's doing: that is a loss, not an end. Warnings and
 * requests to negotiate anew may be ignored (RFC 5246 section 7.4.1.1), a stream of them may not.
 */
static enum conn_io conn_read_tls(struct conn *c, guint8 *to, gsize n, gsize *ret_n)
{
	guint empty;
	gssize rc;

	for (empty = 0; empty < CONN_RECORDS_MAX; empty++) {
		rc = gnutls_record_recv(c->session, to, n);
		if (rc > 0) {
			*ret_n = rc;
			return CONN_IO_DONE;
		}
		if (rc == GNUTLS_E_AGAIN) {
			c->is_read_to_write = gnutls_record_get_direction(c->session) == 1;
			return CONN_IO_AGAIN;
		}
		if (rc == 0) {
			reason_set(&c->doom, REASON_CLOSED, c->host, c->port, NULL);
			return CONN_IO_ENDED;
		}
		if (gnutls_error_is_fatal(rc))
			break;
	}
	reason_set(&c->doom, REASON_LOST, c->host, c->port,
		   conn_tls_word(c, rc < 0 ? rc : GNUTLS_E_TOO_MANY_EMPTY_PACKETS));
	return CONN_IO_ENDED;
}

/* Reads until half of the buffer is used, so that a busy stream costs one delivery for many
 * records, and no room is too small for the next record. */
static enum conn_io conn_fill(struct conn *c, guint8 *to, gsize *ret_n)
{
	enum conn_io io = CONN_IO_DONE;
	gsize n = 0, got;

	while (io == CONN_IO_DONE && n <= CONN_READ_SIZE / 2) {
		io = c->session ? conn_read_tls(c, to + n, CONN_READ_SIZE - n, &got)
				: conn_read_plain(c, to + n, CONN_READ_SIZE - n, &got);
		if (io == CONN_IO_DONE)
			n += got;
	}
	*ret_n = n;
	return io;
}

static gboolean conn_may_read(const struct conn *c)
{
	return c->state == CONN_READY && !c->is_paused;
}

/* A handler that runs a nested main loop does not get later data before earlier: while a frame of
 * this is on the stack, nobody else reads. */
static void conn_read(struct conn *c)
{
	guint8 data[CONN_READ_SIZE];
	enum conn_io io = CONN_IO_DONE;
	guint reads;
	gsize n;

	if (c->is_reading)
		return;
	c->is_reading = TRUE;
	for (reads = 0; reads < CONN_READS_MAX && io == CONN_IO_DONE && conn_may_read(c); reads++) {
		gnutls_session_t session = c->session;

		io = conn_fill(c, data, &n);
		if (n > 0)
			c->handlers->data(c, data, n, c->user);
		/* What ended was the plain stream; the handshake will find out. */
		if (session != c->session)
			break;
	}
	c->is_reading = FALSE;
	if (io == CONN_IO_ENDED && c->state == CONN_READY)
		c->is_doomed = TRUE;
	if (conn_may_read(c) && c->session) {
		if (gnutls_record_check_pending(c->session) > 0)
			conn_wake(c);
		conn_keep_session(c);
	}
}

/* ---- the loop ---- */

/* What can be done now, in an order that loses nothing: a write that failed is told only after the
 * last words the peer may have left. */
static void conn_turn(struct conn *c)
{
	conn_ref(c);
	if (c->state == CONN_HANDSHAKE && !c->is_doomed)
		conn_handshake(c);
	else if (conn_may_read(c) && !c->is_doomed)
		conn_read(c);
	if (c->state == CONN_READY && c->write_error != 0 && !c->is_doomed && !c->is_reading)
		conn_doom(c, REASON_LOST, g_strerror(c->write_error));
	if (c->state != CONN_CLOSED && c->is_doomed && !c->is_reading)
		conn_close(c, &c->doom);
	conn_watch(c);
	conn_unref(c);
}

static void conn_set_watch(struct conn *c, guint *watch, gboolean is_wanted,
			   PurpleInputCondition condition, PurpleInputFunction readiness)
{
	if (is_wanted && *watch == 0) {
		*watch = purple_input_add(c->fd, condition, readiness, c);
	} else if (!is_wanted && *watch != 0) {
		purple_input_remove(*watch);
		*watch = 0;
	}
}

static void conn_readable(gpointer data, gint fd, PurpleInputCondition condition)
{
	struct conn *c = data;

	/* Inside a handler's nested loop: the outer frame goes on, and watches again. */
	if (c->is_reading)
		conn_set_watch(c, &c->read_watch, FALSE, PURPLE_INPUT_READ, conn_readable);
	else
		conn_turn(c);
}

static void conn_writable(gpointer data, gint fd, PurpleInputCondition condition)
{
	struct conn *c = conn_ref(data);

	if (c->state == CONN_HANDSHAKE || c->is_read_to_write) {
		c->is_read_to_write = FALSE;
		conn_turn(c);
	}
	conn_write(c);
	conn_watch(c);
	conn_unref(c);
}

/* Watch the socket for what the state wants, and for nothing else: a readable socket that nobody
 * reads would keep the loop spinning. */
static void conn_watch(struct conn *c)
{
	gboolean wants_read = FALSE, wants_write = FALSE;

	if (c->state == CONN_LINGERING)
		return;
	if (c->state == CONN_HANDSHAKE && c->session) {
		wants_write = gnutls_record_get_direction(c->session) == 1;
		wants_read = !wants_write;
	} else if (c->state == CONN_READY) {
		wants_read = !c->is_paused && !c->is_doomed;
		wants_write = c->write_error == 0 &&
			      (bytes_length(c->queue) > 0 || (c->is_read_to_write && wants_read));
	}
	conn_set_watch(c, &c->read_watch, wants_read, PURPLE_INPUT_READ, conn_readable);
	conn_set_watch(c, &c->write_watch, wants_write, PURPLE_INPUT_WRITE, conn_writable);
}

/* ---- the owner's verbs ---- */

/* Without a proxy libpurple passes on the system's words; only those tell what happened. */
static enum reason_kind conn_connect_kind(const struct conn *c, const char *message)
{
	static const int errors[] = {ECONNREFUSED, ETIMEDOUT,	  ENETUNREACH, EHOSTUNREACH,
				     ENETDOWN,	   EHOSTDOWN,	  EACCES,      EPERM,
				     ECONNRESET,   EADDRNOTAVAIL, EAFNOSUPPORT};
	guint i;

	if (c->is_by_proxy)
		return REASON_PROXY;
	for (i = 0; message && i < G_N_ELEMENTS(errors); i++)
		if (strcmp(message, g_strerror(errors[i])) == 0)
			return reason_of_errno(errors[i]);
	return cert_is_literal(c->host) ? REASON_UNREACHABLE : REASON_DNS;
}

static void conn_connect_failed(struct conn *c, const char *message)
{
	enum reason_kind kind = conn_connect_kind(c, message);
	/* The sentence for these says it already. */
	gboolean is_plain = kind == REASON_REFUSED || kind == REASON_TIMEOUT;

	conn_fail(c, kind, is_plain ? NULL : message);
}

static void conn_connected(gpointer data, gint source, const gchar *error_message)
{
	struct conn *c = data;
	int on = 1;

	c->connecting = NULL;
	if (source < 0) {
		conn_connect_failed(c, error_message);
		return;
	}
	c->fd = source;
	fcntl(c->fd, F_SETFL, fcntl(c->fd, F_GETFL) | O_NONBLOCK);
	/* Fails on what is not TCP, and does not matter there. */
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (c->identity.name)
		conn_begin_tls(c);
	else
		conn_become_ready(c);
}

struct conn *conn_open(PurpleAccount *account, const char *host, guint16 port,
		       const struct conn_tls *tls, const struct conn_handlers *handlers,
		       gpointer user)
{
	struct conn *c = g_new0(struct conn, 1);
	PurpleProxyInfo *proxy = purple_proxy_get_setup(account);

	c->refs = 1;
	c->handlers = handlers;
	c->user = user;
	c->host = g_strdup(host);
	c->port = port;
	c->fd = -1;
	c->is_by_proxy = proxy && purple_proxy_info_get_type(proxy) != PURPLE_PROXY_NONE;
	c->account_key = g_strconcat(purple_account_get_protocol_id(account), "\n",
				     purple_account_get_username(account), NULL);
	c->queue = bytes_new(CONN_QUEUE_MAX);
	if (tls)
		conn_keep_tls(c, tls);
	/* libpurple takes both for a mistake of the program's, but they may be the network's. */
	if (host[0] != '\0' && port != 0)
		c->connecting = purple_proxy_connect(c, account, host, port, conn_connected, c);
	if (!c->connecting)
		conn_doom(c, c->is_by_proxy ? REASON_PROXY : REASON_UNREACHABLE, NULL);
	return c;
}

void conn_set_handlers(struct conn *c, const struct conn_handlers *handlers, gpointer user)
{
	c->handlers = handlers;
	c->user = user;
}

void conn_start_tls(struct conn *c, const struct conn_tls *tls)
{
	if (c->state != CONN_READY) /* it has just ended, closed() says so */
		return;
	g_return_if_fail(!c->session && bytes_length(c->queue) == 0);
	conn_keep_tls(c, tls);
	conn_begin_tls(c);
}

gboolean conn_is_verifying(const struct conn *c)
{
	return c->state == CONN_VERIFYING;
}

void conn_pause(struct conn *c, gboolean is_paused)
{
	if (c->is_paused == !!is_paused)
		return;
	c->is_paused = !!is_paused;
	if (!c->is_paused && c->state == CONN_READY)
		conn_wake(c);
	conn_watch(c);
}

/* Half a record or an unsent queue before it would make the goodbye nonsense. */
static void conn_say_goodbye(struct conn *c)
{
	if (c->state != CONN_READY || c->write_error != 0 || conn_flush(c) != CONN_IO_DONE)
		return;
	if (c->session)
		gnutls_bye(c->session, GNUTLS_SHUT_WR);
}

void conn_free(struct conn *c)
{
	if (!c)
		return;
	conn_say_goodbye(c);
	conn_keep_session(c);
	conn_release(c);
	conn_unref(c);
}

/* ---- lingering ---- */

/* Octets of the peer's that nobody has read would make the system reset the connection, and then
 * the peer may never read our last ones. So they are read, and dropped, until it closes. */
static GSList *the_lingering;

static void conn_linger_end(struct conn *c)
{
	the_lingering = g_slist_remove(the_lingering, c);
	conn_release(c);
	conn_unref(c);
}

static gboolean conn_linger_late(gpointer data)
{
	struct conn *c = data;

	c->deadline = 0;
	conn_linger_end(c);
	return G_SOURCE_REMOVE;
}

static void conn_linger_read(gpointer data, gint fd, PurpleInputCondition condition)
{
	struct conn *c = data;
	guint8 dropped[CONN_READ_SIZE];
	gssize rc = recv(c->fd, dropped, sizeof dropped, 0);

	if (rc == 0 || (rc < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
		conn_linger_end(c);
}

static void conn_linger_write(gpointer data, gint fd, PurpleInputCondition condition)
{
	struct conn *c = data;

	if (conn_flush(c) == CONN_IO_AGAIN)
		return;
	if (c->session && c->write_error == 0)
		gnutls_bye(c->session, GNUTLS_SHUT_WR);
	shutdown(c->fd, SHUT_WR);
	if (c->write_watch != 0)
		purple_input_remove(c->write_watch);
	c->write_watch = 0;
}

void conn_finish(struct conn *c)
{
	if (!c || c->state != CONN_READY || c->write_error != 0) {
		conn_free(c);
		return;
	}
	conn_keep_session(c);
	conn_drop_watches(c);
	c->state = CONN_LINGERING;
	the_lingering = g_slist_prepend(the_lingering, c);
	c->deadline = purple_timeout_add(CONN_LINGER_MS, conn_linger_late, c);
	c->read_watch = purple_input_add(c->fd, PURPLE_INPUT_READ, conn_linger_read, c);
	c->write_watch = purple_input_add(c->fd, PURPLE_INPUT_WRITE, conn_linger_write, c);
	conn_linger_write(c, c->fd, PURPLE_INPUT_WRITE);
}

void conn_forget_sessions(void)
{
	while (the_lingering)
		conn_linger_end(the_lingering->data);
	g_clear_pointer(&the_sessions, g_hash_table_destroy);
	g_queue_clear_full(&the_session_order, g_free);
	cert_forget();
}

/* ---- of a TLS connection that is ready ---- */

gboolean conn_is_tls(const struct conn *c)
{
	return c->is_tls;
}

gboolean conn_is_tls13(const struct conn *c)
{
	return c->is_tls && gnutls_protocol_get_version(c->session) == GNUTLS_TLS1_3;
}

gboolean conn_is_resumed(const struct conn *c)
{
	return c->is_tls && gnutls_session_is_resumed(c->session);
}

const char *conn_tls_description(const struct conn *c)
{
	return c->description ? c->description : "";
}

/* RFC 5929 section 4.1 defines nothing for EdDSA, which does not sign a hash; GnuTLS would give a
 * binding there that no server shares. */
static gboolean conn_signature_has_hash(const struct conn *c)
{
	const gnutls_datum_t *peers;
	int pk = GNUTLS_PK_UNKNOWN;
	gnutls_x509_crt_t crt;
	guint n = 0;

	peers = gnutls_certificate_get_peers(c->session, &n);
	if (!peers || n == 0 || gnutls_x509_crt_init(&crt) < 0)
		return FALSE;
	if (gnutls_x509_crt_import(crt, &peers[0], GNUTLS_X509_FMT_DER) == 0)
		pk = gnutls_sign_get_pk_algorithm(gnutls_x509_crt_get_signature_algorithm(crt));
	gnutls_x509_crt_deinit(crt);
	return pk != GNUTLS_PK_UNKNOWN && pk != GNUTLS_PK_EDDSA_ED25519 &&
	       pk != GNUTLS_PK_EDDSA_ED448;
}

/* RFC 9266 section 2 and RFC 7627: without extended master secret, two sessions can share theirs.
 */
static gboolean conn_can_bind(const struct conn *c, gnutls_channel_binding_t kind)
{
	gboolean is_tls13 = conn_is_tls13(c);
	gboolean has_ems = gnutls_session_ext_master_secret_status(c->session) != 0;

	switch (kind) {
	case GNUTLS_CB_TLS_EXPORTER:
		return is_tls13 || has_ems;
	case GNUTLS_CB_TLS_UNIQUE:
		return !is_tls13 && has_ems;
	default:
		return conn_signature_has_hash(c);
	}
}

GBytes *conn_channel_binding(const struct conn *c, const char *type)
{
	static const struct {
		const char *name;
		gnutls_channel_binding_t kind;
	} types[] = {
		{"tls-exporter", GNUTLS_CB_TLS_EXPORTER},
		{"tls-unique", GNUTLS_CB_TLS_UNIQUE},
		{"tls-server-end-point", GNUTLS_CB_TLS_SERVER_END_POINT},
	};
	gnutls_datum_t binding;
	GBytes *copy = NULL;
	guint i;

	for (i = 0; c->is_tls && i < G_N_ELEMENTS(types); i++) {
		if (strcmp(type, types[i].name) != 0 || !conn_can_bind(c, types[i].kind) ||
		    gnutls_session_channel_binding(c->session, types[i].kind, &binding) < 0)
			continue;
		copy = g_bytes_new(binding.data, binding.size);
		gnutls_free(binding.data);
	}
	return copy;
}
