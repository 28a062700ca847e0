/*
 * A lane: one thread with sockets of its own, by which a share of the switches' packets comes in.
 *
 *	receive ── read ── prove ──[ decide ]── sign ── send
 *
 * Only what stands in brackets is behind the gate's lock (gate/lock.h), for one batch at a time;
 * the rest, which costs most, goes on beside the other lanes. The kernel gives a peer's port always
 * to the same lane (SO_REUSEPORT), so a repeated packet meets the lane that has its answer, also
 * when somebody answered it later: the loop's thread, from the engine or the disk.
 *
 * The first lane is the loop's own thread. It alone is there when the settings say so, and is what
 * the gate was before it had lanes.
 */
#pragma once

#include "base/util.h"

struct front;
struct lane;

struct lane_figures {
	uint64_t packets;
	uint64_t locked_us; /* it held the gate's lock so long; 0 while there is one lane */
};

/* Opens its sockets. */
int lane_new(struct front *f, uint8_t number, struct lane **ret) MUST_CHECK;
void lane_free(struct lane *l);
/* All but the first have a thread of their own. */
int lane_start(struct lane *l) MUST_CHECK;
void lane_stop(struct lane *l);
/* Behind the gate's lock: Access-Requests wait for lane_poll(), or no more. */
void lane_set_quiet(struct lane *l, bool quiet);
/* Without the gate's lock: reads the Access-Requests in the thread that calls. */
void lane_poll(struct lane *l);
