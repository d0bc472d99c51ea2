/* SPDX-License-Identifier: GPL-2.0-or-later */
/* msnp8-server DIR [KEY=VALUE…]: an MSNP8 service on free ports of 127.0.0.1, told on its standard
 * output, until SIGTERM. DIR holds its certificate (server.crt, server.key), users and log.
 * NS=PORT SB=PORT HTTPS=PORT GATEWAY=PORT CONTROL=PORT ask for ports, other keys are options. */
#include "tests/peers/msnp8/server.h"

#include "tests/peers/msnp8/control.h"
#include "tests/peers/msnp8/gateway.h"
#include "tests/peers/msnp8/http.h"
#include "tests/peers/msnp8/link.h"
#include "tests/peers/msnp8/ns.h"
#include "tests/peers/msnp8/passport.h"
#include "tests/peers/msnp8/sb.h"

#include <glib-unix.h>
#include <gnutls/gnutls.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define LOG_MAX (64 << 20)
#define LOG_TEXT_MAX 2048
#define SWEEP_MS 1000
#define SAVE_MS 200

static const char *const port_names[N_PORTS] = {"NS", "SB", "HTTPS", "GATEWAY", "CONTROL"};

/* ---- what the parts share ---- */

gint64 server_seconds(void)
{
	return g_get_monotonic_time() / G_USEC_PER_SEC;
}

void server_log(struct server *s, const char *who, const char *mark, const char *text, gsize n)
{
	g_autofree char *copy = g_strndup(text, MIN(n, LOG_TEXT_MAX));
	g_autofree char *escaped = g_strescape(copy, "\"");

	if (!s->log || s->logged > LOG_MAX)
		return;
	s->logged += fprintf(s->log, "%7.3f %-8s %s %s\n",
			     (g_get_monotonic_time() - s->started) / (double)G_USEC_PER_SEC, who,
			     mark, escaped);
}

static char *random_of(const char *alphabet, guint n)
{
	GString *text = g_string_new(NULL);
	gsize size = strlen(alphabet);

	while (n--)
		g_string_append_c(text, alphabet[g_random_int_range(0, size)]);
	return g_string_free(text, FALSE);
}

char *random_hex(guint n)
{
	return random_of("0123456789abcdef", n);
}

char *random_digits(guint n)
{
	return random_of("123456789", n);
}

char *random_base64(guint n)
{
	return random_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", n);
}

char *name_encode(const struct server *s, const char *name)
{
	GString *text;

	if (options_is(s->options, "names", "encoded"))
		return g_uri_escape_string(name, NULL, FALSE);
	text = g_string_new(NULL);
	for (; *name; name++)
		if (strchr("% \r\n", *name))
			g_string_append_printf(text, "%%%02X", *name);
		else
			g_string_append_c(text, *name);
	return g_string_free(text, FALSE);
}

char *name_decode(const char *encoded)
{
	g_autofree char *name = g_uri_unescape_string(encoded, NULL);
	const char *at;

	if (!name || !g_utf8_validate(name, -1, NULL))
		return NULL;
	for (at = name; *at; at++)
		if (g_ascii_iscntrl(*at))
			return NULL;
	return g_steal_pointer(&name);
}

gboolean account_is_valid(const char *account)
{
	const char *at = strchr(account, '@');

	return at && at != account && at[1] && !strchr(at + 1, '@') &&
	       strlen(account) <= ACCOUNT_MAX && !strpbrk(account, " \t[]\"\\");
}

/* ---- conversations over TCP ---- */

static void tcp_write(gpointer user, const void *data, gsize n)
{
	link_write(user, data, n);
}

static void tcp_end(gpointer user)
{
	link_end(user);
}

static void tcp_data(struct link *l, const guint8 *data, gsize n, gpointer user)
{
	conn_feed(user, data, n);
}

static void tcp_gone(struct link *l, gpointer user)
{
	conn_gone(user);
}

static void tcp_new(struct server *s, struct link *l, const struct role *role)
{
	static const struct link_handlers handlers = {tcp_data, NULL, tcp_gone};
	struct carrier carrier = {tcp_write, tcp_end, l, link_peer_port(l)};

	link_set_handlers(l, &handlers, conn_new(s, role, &carrier));
}

/* ---- ports ---- */

struct door {
	struct server *server;
	enum port port;
	int fd;
	gnutls_certificate_credentials_t credentials; /* nullable */
	guint source;
};

static gboolean door_cb(int fd, GIOCondition condition, gpointer data)
{
	struct door *door = data;
	struct server *s = door->server;
	struct link *l = link_accept(fd, s->options, door->credentials);

	if (!l)
		return G_SOURCE_CONTINUE;
	if (door->port == PORT_CONTROL)
		control_new(s, l);
	else if (door->port == PORT_NS || door->port == PORT_SB)
		tcp_new(s, l, door->port == PORT_NS ? &ns_role : &sb_role);
	else
		http_new(s, l, door->port == PORT_HTTPS);
	return G_SOURCE_CONTINUE;
}

static gboolean doors_open(struct server *s, struct door *doors,
			   gnutls_certificate_credentials_t credentials)
{
	guint i;

	for (i = 0; i < N_PORTS; i++) {
		struct door *door = &doors[i];

		door->server = s;
		door->port = i;
		door->credentials = i == PORT_HTTPS ? credentials : NULL;
		door->fd = link_listen(&s->ports[i]);
		if (door->fd < 0) {
			fprintf(stderr, "msnp8-server: port %u (%s) cannot be had\n", s->ports[i],
				port_names[i]);
			return FALSE;
		}
		door->source = g_unix_fd_add(door->fd, G_IO_IN, door_cb, door);
	}
	return TRUE;
}

static void doors_close(struct door *doors)
{
	guint i;

	for (i = 0; i < N_PORTS; i++) {
		if (doors[i].source)
			g_source_remove(doors[i].source);
		if (doors[i].source)
			close(doors[i].fd);
	}
}

static gnutls_certificate_credentials_t credentials_new(const char *dir)
{
	g_autofree char *crt = g_build_filename(dir, "server.crt", NULL);
	g_autofree char *key = g_build_filename(dir, "server.key", NULL);
	gnutls_certificate_credentials_t credentials;
	int rc;

	if (gnutls_certificate_allocate_credentials(&credentials) < 0)
		return NULL;
	rc = gnutls_certificate_set_x509_key_file(credentials, crt, key, GNUTLS_X509_FMT_PEM);
	if (rc >= 0)
		return credentials;
	fprintf(stderr, "msnp8-server: %s: %s\n", crt, gnutls_strerror(rc));
	gnutls_certificate_free_credentials(credentials);
	return NULL;
}

/* ---- life ---- */

static struct server *server_new(struct options *options)
{
	struct server *s = g_new0(struct server, 1);

	s->options = options;
	s->users = users_new();
	s->conns = g_ptr_array_new();
	s->gateways = g_ptr_array_new_with_free_func(gateway_free);
	s->tickets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	s->keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, key_free);
	s->rooms = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, room_free);
	s->referred = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	s->started = g_get_monotonic_time();
	return s;
}

static void server_free(struct server *s)
{
	links_end_all();
	g_ptr_array_unref(s->gateways);
	g_hash_table_unref(s->rooms);
	g_hash_table_unref(s->keys);
	g_hash_table_unref(s->tickets);
	g_hash_table_unref(s->referred);
	g_ptr_array_unref(s->conns);
	users_free(s->users);
	options_free(s->options);
	if (s->log)
		fclose(s->log);
	g_free(s);
}

static gboolean key_is_old(gpointer text, gpointer value, gpointer user)
{
	struct server *s = user;

	return server_seconds() - ((struct key *)value)->made >
	       options_number(s->options, "key-life");
}

static gboolean ticket_is_old(gpointer text, gpointer value, gpointer user)
{
	struct server *s = user;

	return server_seconds() - ((struct ticket *)value)->made >
	       options_number(s->options, "ticket-life");
}

/* Who never says who it is, and who does not answer the challenge. */
static gboolean conn_is_overdue(const struct conn *c)
{
	const struct ns *ns = c->role == &ns_role ? c->state : NULL;
	struct options *o = c->server->options;

	if (!c->user)
		return conn_age(c) > options_number(o, "greet-life");
	return ns && *ns->challenge &&
	       server_seconds() - ns->challenged > options_number(o, "challenge-life");
}

static gboolean sweep_cb(gpointer data)
{
	struct server *s = data;
	guint i;

	g_hash_table_foreach_remove(s->keys, key_is_old, s);
	g_hash_table_foreach_remove(s->tickets, ticket_is_old, s);
	rooms_sweep(s, FALSE);
	gateways_sweep(s, FALSE);
	for (i = 0; i < s->conns->len; i++) /* ending one leaves the array as it is */
		if (conn_is_overdue(s->conns->pdata[i]))
			conn_end(s->conns->pdata[i]);
	return G_SOURCE_CONTINUE;
}

struct saver {
	struct server *server;
	char *path;
};

static gboolean save_cb(gpointer data)
{
	struct saver *saver = data;

	if (saver->server->is_changed)
		saver->server->is_changed = !users_save(saver->server->users, saver->path);
	return G_SOURCE_CONTINUE;
}

static gboolean quit_cb(gpointer data)
{
	g_main_loop_quit(data);
	return G_SOURCE_CONTINUE;
}

static void server_announce(const struct server *s)
{
	guint i;

	for (i = 0; i < N_PORTS; i++)
		printf("%s=%u\n", port_names[i], s->ports[i]);
	printf("NEXUS=https://localhost:%u/rdr/pprdr.asp\n", s->ports[PORT_HTTPS]);
	printf("NEXUS_PLAIN=http://localhost:%u/rdr/pprdr.asp\n", s->ports[PORT_GATEWAY]);
	printf("MSNP8_PID=%d\n", (int)getpid());
	fflush(stdout);
}

static void server_run(struct server *s, struct saver *saver)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	guint sources[] = {
		g_unix_signal_add(SIGTERM, quit_cb, loop),
		g_unix_signal_add(SIGINT, quit_cb, loop),
		g_timeout_add(SWEEP_MS, sweep_cb, s),
		g_timeout_add(SAVE_MS, save_cb, saver),
	};
	guint i;

	server_announce(s);
	g_main_loop_run(loop);
	for (i = 0; i < G_N_ELEMENTS(sources); i++)
		g_source_remove(sources[i]);
	users_save(s->users, saver->path);
}

/* "NS=1863" or an option. */
static gboolean setting_apply(struct server *s, const char *setting)
{
	guint64 port;
	guint i;

	for (i = 0; i < N_PORTS; i++) {
		gsize n = strlen(port_names[i]);

		if (strncmp(setting, port_names[i], n) || setting[n] != '=')
			continue;
		if (!g_ascii_string_to_unsigned(setting + n + 1, 10, 0, G_MAXUINT16, &port, NULL))
			return FALSE;
		s->ports[i] = port;
		return TRUE;
	}
	return options_set(s->options, setting);
}

/* 0, or what main returns. */
static int server_main(struct server *s, const char *dir)
{
	g_autofree char *users = g_build_filename(dir, "users", NULL);
	g_autofree char *log = g_build_filename(dir, "log", NULL);
	struct saver saver = {s, users};
	struct door doors[N_PORTS] = {{NULL}};
	gnutls_certificate_credentials_t credentials = credentials_new(dir);
	int rc = 1;

	if (!credentials)
		return 1;
	s->log = fopen(log, "a");
	if (s->log)
		setvbuf(s->log, NULL, _IOLBF, 0);
	if (!users_load(s->users, users))
		fprintf(stderr, "msnp8-server: %s cannot be read\n", users);
	else if (doors_open(s, doors, credentials)) {
		server_run(s, &saver);
		rc = 0;
	}
	doors_close(doors);
	links_end_all();
	gnutls_certificate_free_credentials(credentials);
	return rc;
}

int main(int argc, char **argv)
{
	struct server *s = server_new(options_new());
	int i, rc = 2;

	signal(SIGPIPE, SIG_IGN);
	for (i = 2; i < argc; i++)
		if (!setting_apply(s, argv[i]))
			break;
	if (argc < 2)
		fprintf(stderr, "msnp8-server DIR [KEY=VALUE…]\n");
	else if (i < argc)
		fprintf(stderr, "msnp8-server: what is '%s'?\n", argv[i]);
	else
		rc = server_main(s, argv[1]);
	server_free(s);
	return rc;
}
