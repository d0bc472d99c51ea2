/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core: a libpurple for tests: in memory but for a scratch directory, without a screen, with DNS
 * answers and a clock that the test holds in its hands. */
#ifndef TESTS_PURPLE_CORE_H
#define TESTS_PURPLE_CORE_H
#include <account.h>
#include <glib.h>

/* Start it once per program; stop frees all of it, for leak checkers. */
void core_start(void);
void core_stop(void);
/* (transfer none), until core_stop; another one per name. Its proxy: none. */
PurpleAccount *core_account(const char *username);
/* Through a SOCKS5 proxy (or Tor) on loopback at that port; 0: none again. */
void core_account_proxy(PurpleAccount *account, PurpleProxyType type, guint16 port);

/* One turn of the loop. libpurple's timers of up to 100 ms run at once, longer ones when core_pass
 * lets time pass. */
void core_turn(void);
void core_pass(guint ms);
/* Timers and watches libpurple has asked for and not removed. */
guint core_count_handles(void);

/* Turn until cond holds; a test that hangs is ended with the place it hangs in. */
#define core_until(cond)                                                                           \
	G_STMT_START                                                                               \
	{                                                                                          \
		core_patience_start(G_STRLOC, #cond);                                              \
		while (!(cond))                                                                    \
			core_turn();                                                               \
		core_patience_end();                                                               \
	}                                                                                          \
	G_STMT_END
void core_patience_start(const char *place, const char *what);
void core_patience_end(void);
/* A few turns in which nothing is to happen. */
void core_idle(void);

/* ---- DNS ---- */
void core_dns_clear(void);
/* name has these addresses, separated by blanks; "": none; "?": no answer ever comes. */
void core_dns_host(const char *name, const char *addresses);
/* One more record of "_service._tcp.domain"; target "?": no answer ever comes. */
void core_dns_srv(const char *query, guint priority, guint weight, guint port, const char *target);
guint core_dns_count_asked(void);   /* questions since core_dns_clear */
guint core_dns_count_pending(void); /* of these, without answer and not cancelled */

/* ---- requests ---- */
enum core_answer {
	CORE_ANSWER_LEAVE, /* stays on the screen */
	CORE_ANSWER_ACCEPT,
	CORE_ANSWER_REJECT,
	CORE_ANSWER_AFTER_CLOSE, /* accepts, but only when told to, and although it was closed */
};
void core_answer(enum core_answer answer);
void core_answer_now(void);	 /* what is left on the screen, or was: accept */
guint core_count_requests(void); /* since core_answer was called */
guint core_count_open_requests(void);
const char *core_request_text(void); /* title, primary, secondary of the last one */
#endif
