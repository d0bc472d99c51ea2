/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control: a port that takes a line of orders and answers it, for tests. */
#ifndef TESTS_PEERS_MSNP8_CONTROL_H
#define TESTS_PEERS_MSNP8_CONTROL_H
#include "tests/peers/msnp8/link.h"
#include "tests/peers/msnp8/server.h"

/* Answers with lines, the last of which is "ok" or "error …", and ends the connection. */
void control_new(struct server *s, struct link *l);
#endif
