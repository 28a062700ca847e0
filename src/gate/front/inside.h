/*
 * The front and its lanes from inside: for front.c and lane.c. What belongs to the gate's lock and
 * what to a lane is told in gate/lock.h.
 */
#pragma once

#include <sys/socket.h>

#include "gate/beside/told.h"
#include "gate/front/doors.h"
#include "gate/front/front.h"
#include "gate/front/lane.h"
#include "gate/front/outbox.h"
#include "gate/front/proof.h"
#include "gate/front/rates.h"

#define BATCH PROOF_BATCH_MAX
#define IN_SIZE (RADIUS_PACKET_MAX + 64) /* not all packets in the same sets of the cache */

struct front {
	struct gate *gate;
	struct lane *lanes[LANES_MAX]; /* the first is the loop's thread */
	size_t lane_count;
	struct lane *at_work; /* of the thread that holds the lock: it takes the answers */
	struct rates rates;
	struct told strangers;			 /* hosts */
	bool quiet;				 /* Access-Requests wait for front_poll() */
	bool streams_ask_engine, streams_direct; /* what front_take() took in this round */
};

struct lane_socket {
	struct lane *lane;
	struct loop_watch *watch;
	uint8_t kind; /* enum socket_kind */
	int fd;
};

struct lane {
	struct front *front;
	uint8_t number;
	struct loop *loop; /* its own, the first's the gate's */
	pthread_t thread;
	bool runs;
	struct duplicates *duplicates;
	pthread_mutex_t busy; /* of all that follows */
	struct lane_socket sockets[LISTEN_COUNT];
	struct doors doors;
	struct outbox *outbox;
	/* Of the thread that runs the loop. */
	bool rested;
	unsigned without_rest; /* so many rounds more */
	/* The batch that is worked on. */
	struct request requests[BATCH];
	struct claim claims[BATCH];
	size_t claim_count, malformed, missed; /* no door for the last */
	uint8_t in[BATCH][IN_SIZE];
	struct sockaddr_in6 from[BATCH]; /* large enough for either family */
	struct iovec vectors[BATCH];
	struct mmsghdr messages[BATCH];
	struct lane_figures figures; /* of the gate's lock */
};

/* Behind the lock: claims that are proven or not, of the lane at work. Answers what may be. */
void front_judge(struct front *f, const struct claim *claims, size_t count, bool acct);
/* Behind the lock: no switch of ours sent this. */
void front_tell_stranger(struct front *f, const struct addr *from, const uint8_t host[static 16]);
/* As snapshot_warm(), of all that a knock looks up; behind the lock, or while there is one lane. */
void front_warm(const struct front *f, const struct request *r, unsigned step);
