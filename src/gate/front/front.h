/*
 * The gate's face to the switches: up to four UDP addresses, by one lane or several (front/lane.h).
 * Takes packets in batches, finds the switch, proves the packet, and answers in batches. Whoever is
 * unknown, over its rate, malformed, unsigned or wrongly signed gets no answer and costs no memory.
 *
 * All here is called behind the gate's lock (gate/lock.h). An answer leaves with the lane that
 * works then, or with the loop's thread.
 */
#pragma once

#include "gate/front/lane.h"
#include "gate/front/request.h"
#include "gate/gate.h"

struct front;

int front_new(struct gate *g, struct front **ret) MUST_CHECK;
void front_free(struct front *f);
/* By the loop's thread, before it runs the loop: the lanes begin, and from now on there is a lock,
 * which the caller holds. */
int front_start(struct front *f) MUST_CHECK;
/* The lanes end, and the lock with them; one that never started is fine. */
void front_stop(struct front *f);

/*
 * Room for the answer to `r`; fill it, then front_send(). Valid until then. The switch's secret is
 * looked up anew, so the answer may come any time later.
 */
struct radius_out *front_begin(struct front *f, const struct request *r, uint8_t code);
/* Queues it; the flush signs it and keeps it for a duplicate. An answer that cannot be built, or
 * whose switch is gone, leaves the request unanswered. */
void front_send(struct front *f, const struct request *r);
/* The request gets no answer; when the switch asks again it is looked at afresh. */
void front_silence(struct front *f, const struct request *r);
/* Signs and sends what the loop's thread queued: whoever answers later calls it at last. */
void front_flush(struct front *f);
/*
 * While the front is quiet it reads no Access-Request by itself, until front_poll() asks it to (see
 * gate/eap/pace.h). Accounting is read as ever.
 */
void front_set_quiet(struct front *f, bool quiet);
/* For a callback of the loop that keeps nothing across it: the lock is let go meanwhile. */
void front_poll(struct front *f);

/* A connection that has proven to be of a switch (gate/front/radsec.h). */
struct front_stream {
	struct addr addr;
	uint64_t number; /* never 0 */
	int64_t switch_id;
};

/*
 * One whole packet of a connection, looked at as one from a socket would be; `data` may go after
 * the call. -EBADMSG: it is no packet of a switch. What gets no answer is 0 as well.
 */
int front_take(struct front *f, const struct front_stream *s, const uint8_t *data,
	       size_t len) MUST_CHECK;
/* After the last front_take() of a round: the questions and answers leave. */
void front_taken(struct front *f);
/* Somebody at this address knocked who is no switch of ours: once an hour it is said. */
void front_stranger(struct front *f, const struct addr *from);
size_t front_lanes(const struct front *f);
struct lane_figures front_lane_figures(const struct front *f, size_t lane);
/* What `r` is signed and hidden with: the switch's secret, or RadSec's. */
const struct radius_secret *front_secret(const struct front *f, const struct request *r,
					 const struct snap_switch *sw);
