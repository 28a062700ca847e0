/*
 * What the listener beside this gate has heard: findings and devices, one JSON object a packet over
 * run_dir/heard.sock (SOCK_SEQPACKET). Each MAC is joined with its session and its terminal here,
 * so that a finding names switch and port; a device that has neither is itself a finding. Records
 * are answered {"through": N} once they are durable (invariant 1); a repetition is harmless.
 *
 * A listener is told the address plan (gate/beside/plan_walk.h) when it comes and when it changes.
 *
 * A device that has a session without an address gives it the one that was heard, and is compared
 * with what its terminal was like at first (gate/beside/learnt.h, state_dir/learnt).
 *
 * Root, the gate's own user and `user` of [listener] may connect; what they send is bounded in size
 * and number, and a message that is none ends the connection. One thread.
 */
#pragma once

#include "gate/gate.h"

struct heard;

int heard_new(struct gate *g, struct heard **ret) MUST_CHECK;
/* What this MAC's terminal was like: it is learnt anew. -ENOENT: nothing was learnt. */
int heard_forget(struct heard *h, const struct mac *mac) MUST_CHECK;
void heard_snapshot_changed(struct heard *h); /* NULL is fine */
/* After the ledger is gone: it may still answer. */
void heard_free(struct heard *h);
