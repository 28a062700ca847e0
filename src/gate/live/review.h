/*
 * The live sessions, looked at again when facts or the clock changed: posture transitions, permits
 * that end, bypasses that end, agents that did not report (invariant 11). Who would now get another
 * verdict is disconnected and knocks again; mass effects meet the breaker first (invariant 12).
 */
#pragma once

#include "gate/gate.h"

struct review;

int review_new(struct gate *g, struct review **ret) MUST_CHECK;
void review_free(struct review *r);
/* Soon: many changes together are looked at once. */
void review_snapshot_changed(struct review *r);
/* The server can be heard since now; 0: it cannot. Without its word no agent is missed. */
void review_server_heard_since(struct review *r, int64_t since_ms);
