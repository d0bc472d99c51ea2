/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gateway: conversations through HTTP: a request carries commands there, its answer what has come.
 */
#ifndef TESTS_PEERS_MSNP8_GATEWAY_H
#define TESTS_PEERS_MSNP8_GATEWAY_H
#include "tests/peers/msnp8/http.h"

#define GATEWAYS_MAX 1024
#define GATEWAY_OUTPUT_MAX (1 << 20)

void gateway_free(gpointer data);
void gateway_request(struct server *s, const struct http_request *r);
void gateway_link_gone(struct server *s, const struct http *http);
/* Ends sessions that nobody asks for any more; or all. */
void gateways_sweep(struct server *s, gboolean is_all);
#endif
