/*
 * The listener a monitoring system reads: GET /metrics over HTTP/1.1 (RFC 9112) on an address that
 * [metrics] names, and nothing else. In the gate's own loop: a handful of visitors, a short head,
 * five seconds, one answer, the end. There is no secret in it and no log-in before it: listen on
 * loopback or on a management network.
 */
#pragma once

#include "gate/gate.h"

#define SCRAPE_HEAD_MAX 2048

struct scrape;

/* `*ret` stays NULL when the settings name no address. */
int scrape_new(struct gate *g, struct scrape **ret) MUST_CHECK;
void scrape_free(struct scrape *s); /* NULL is fine */

/* The status that this head deserves: 200, 400, 404, 405, 431; 0: it goes on. */
int scrape_judge(const uint8_t *head, size_t len);
