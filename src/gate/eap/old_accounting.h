/*
 * What a switch says of sessions that the old server let in, forwarded to it: in the order in which
 * it came, each packet under the old server's secret until it is answered.
 *
 *	switch ── Accounting-Request ── gate (records it, answers) ── queue ── old server
 *
 * 1. The switch is answered by the gate, whose own record it is; the old server delays nobody.
 * 2. The queue (old_queue.h) is bounded; what has no room is counted and told. It lies on disk
 *    before the switch is answered, in the ledger's sync: a gate that is killed forwards it later.
 * 3. A repetition is the identical bytes after 2, 4, 8 and then every 16 s. Who hears it twice, as
 *    after a crash, knows it by its Acct-Session-Id. What the switch did not date is dated when it
 *    came.
 */
#pragma once

#include "gate/front/request.h"
#include "radius/secret.h"

struct gate;
struct old_accounting;

/* `secret` outlives it. The ledger goes first: it writes the queue a last time. */
int old_accounting_new(struct gate *g, const struct radius_secret *secret,
		       struct old_accounting **ret) MUST_CHECK;
void old_accounting_free(struct old_accounting *a);
/* -ENOMEM: it does not wait, so the switch must not be answered. */
int old_accounting_take(struct old_accounting *a, const struct request *r) MUST_CHECK;
/* Where no old server is set up any more: how many bytes of its queue are left, told in the log. */
uint64_t old_accounting_left(const struct gate *g);
size_t old_accounting_waiting(const struct old_accounting *a);
