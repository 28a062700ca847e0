/*
 * RadSec: the switches' other way to the gate, RADIUS over TLS (RFC 6614, TLS 1.3), one port for
 * authentication and accounting. A connection belongs to one switch, by two locks: it comes from
 * the registered address, and its certificate chains to `radsec_ca` and bears the switch's
 * registered name as common name. A certificate of a terminal or a gate opens nothing.
 *
 *	HANDSHAKE ──> OPEN ──> dead (freed by the next tick)
 *	    └───────────────────^
 *
 * 1. Its packets pass all of the front's checks; the secret inside is "radsec" (RFC 6614 section
 *    2.3).
 * 2. A connection holds one packet of input and RADSEC_OUT_MAX bytes of answers at most; who does
 *    not take them, sends half a packet, or says nothing for `radsec_idle_seconds` is cut.
 * 3. A packet that is malformed ends its connection; one that is refused by the front does not.
 * 4. A switch that the snapshot no longer has under this name and address is cut within a second.
 *
 * CoA and Disconnect to a switch that is connected go over its connection, the newest (RFC 6614
 * section 2.5), and its answers come over it (gate/live/coa.h).
 */
#pragma once

#include "gate/gate.h"

#define RADSEC_PORT 2083
#define RADSEC_OUT_MAX (64U << 10)
#define RADSEC_PER_SWITCH 16 /* connections */

struct radsec;

/* `*ret` stays NULL when the settings name no address. */
int radsec_new(struct gate *g, struct radsec **ret) MUST_CHECK;
void radsec_free(struct radsec *s);
/* Queues an answer for the connection of this number; one that is gone meanwhile gets nothing. */
void radsec_send(struct radsec *s, uint64_t stream, const void *data, size_t len);
/* The newest connection of the switch, 0: it has none; NULL is fine. */
uint64_t radsec_of_switch(const struct radsec *s, int64_t switch_id);
/* Sends what is queued; NULL is fine. */
void radsec_flush(struct radsec *s);
const struct radius_secret *radsec_secret(const struct radsec *s);
/* Connections that stand, the ones in their handshake included; 0 for NULL. */
size_t radsec_count(const struct radsec *s);
