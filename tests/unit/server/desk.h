/* An enrolled desk for tests, and what it says to the gateway. Every failure inside is a failed
 * assertion. */
#pragma once

#include "office.h"
#include "peer.h"

struct desk {
	struct terminal terminal;
	struct buf key, cert;
	struct tls_ctx *ctx;
	struct peer peer;
	uint8_t epoch[16];
};

void desk_open(struct desk *d, struct office *o);
void desk_close(struct desk *d);
void desk_hello(struct desk *d, uint64_t next_seq);
void desk_connect(struct desk *d, struct office *o);
uint64_t desk_greet(struct desk *d, struct office *o, uint64_t next_seq);
void send_event(struct desk *d, uint64_t seq, const char *kind, const char *body);
void expect_ack(struct desk *d, uint64_t through);
void expect_refusal(struct peer *p, const char *reason);
