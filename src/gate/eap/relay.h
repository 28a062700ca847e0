/*
 * EAP, relayed to the engine's workers on loopback (RFC 3579 as a proxy, with the verdict applied
 * to the result).
 *
 *	switch ── State "gate, worker, generation | engine's State" ── relay ── State ── worker
 *
 * 1. A conversation stays with its worker; the switch's State says which. When that worker died,
 *    the conversation is dropped in silence: its supplicant starts anew, on a live worker.
 * 2. A retransmission never travels under a new id: the exchange is found by its packet, or, when
 *    the switch chose a new id, by State and EAP bytes; the engine sees identical bytes.
 * 3. Only the engine's Accept with an inner identity can admit; its Reject stays a reject.
 * 4. The legacy worker (TLS 1.0) hears of terminals registered as XPE, and of nobody else.
 * 5. What the engine is told is built here; no attribute of the switch passes through unseen.
 */
#pragma once

#include "gate/front/request.h"

struct gate;
struct relay;

int relay_new(struct gate *g, struct relay **ret) MUST_CHECK;
void relay_free(struct relay *r);
void relay_take(struct relay *r, const struct request *q, const struct eap_packet *eap);
/* The same packet again, its answer still awaited. */
void relay_repeat(struct relay *r, const struct request *q);
/*
 * The end of every batch of the front: what was asked since the last one is sent now, or, where
 * questions come in numbers (gate/eap/pace.h), with the others of this tick. `any_direct`: a
 * request of the batch was answered by the gate itself.
 */
void relay_batch_ends(struct relay *r, bool any_direct);
/* A worker (re)started on this port, as its n-th generation: old conversations are dropped. */
int relay_worker_up(struct relay *r, unsigned worker, uint16_t port, const char *secret) MUST_CHECK;
/* No new conversation goes there, and what waits for it is dropped in silence. */
void relay_worker_down(struct relay *r, unsigned worker);
/* The worker has not answered anything since this moment while something waited; 0: it is fine. */
int64_t relay_waiting_since_ms(const struct relay *r, unsigned worker);
/* Questions that no worker has answered yet. */
size_t relay_waiting(const struct relay *r);
