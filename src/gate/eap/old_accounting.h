/*
 * What a switch says of sessions that the old server let in, forwarded to it: in the order in which
 * it came, each packet under the old server's secret until it is answered.
 *
 *	switch ── Accounting-Request ── gate (records it, answers) ── queue ── old server
 *
 * 1. The switch is answered by the gate, whose own record it is; the old server delays nobody.
 * 2. The queue lies in memory and is bounded: without room the oldest interim goes first, then the
 *    oldest of all, which is told. A restart of the gate empties it; the records stay.
 * 3. A repetition is the identical bytes after 2, 4, 8 and then every 16 s. Who hears it twice
 *knows it by its Acct-Session-Id. What the switch did not date is dated when it came.
 */
#pragma once

#include "gate/front/request.h"
#include "radius/secret.h"

#define OLD_ACCOUNTING_MAX 4096

struct gate;
struct old_accounting;

/* `secret` outlives it. */
int old_accounting_new(struct gate *g, const struct radius_secret *secret,
		       struct old_accounting **ret) MUST_CHECK;
void old_accounting_free(struct old_accounting *a);
void old_accounting_take(struct old_accounting *a, const struct request *r);
