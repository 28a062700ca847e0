/*
 * The gate's face to the switches: up to four UDP sockets. Takes packets in batches, finds the
 * switch, proves the packet, and answers in batches. Whoever is unknown, over its rate, malformed,
 * unsigned or wrongly signed gets no answer and costs no memory.
 */
#pragma once

#include "gate/gate.h"

struct front;

int front_new(struct gate *g, struct front **ret) MUST_CHECK;
void front_free(struct front *f);

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
/*
 * Signs and sends what is queued. Called at the end of every batch; whoever answers later calls it
 * before the snapshot, whose secrets sign, can change.
 */
void front_flush(struct front *f);
/*
 * While the front is quiet it reads no Access-Request by itself, until front_poll() asks it to (see
 * gate/eap/pace.h). Accounting is read as ever.
 */
void front_set_quiet(struct front *f, bool quiet);
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
/* What `r` is signed and hidden with: the switch's secret, or RadSec's. */
const struct radius_secret *front_secret(const struct front *f, const struct request *r,
					 const struct snap_switch *sw);
