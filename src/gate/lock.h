/*
 * The gate's one lock. The packets of the switches come in by lanes (gate/front/lane.h), one thread
 * each; all that decides stands once, behind this lock.
 *
 *	of the lock     struct gate and all it points to: facts, sessions, ports, strangers,
 *breaker, hubs, relay, old server, RadSec, rates, counters, records, the loop's timers and watches
 *	of a lane       its sockets, what it received, its doors, its outbox (all behind the lane's
 *	                own lock, which only front_poll() ever contends for)
 *	of both         a lane's table of duplicates: it has a lock of its own inside
 *
 * 1. The loop's thread holds it whenever it calls back, and lets go while it waits. A lane takes it
 *    once for a batch, between proving and signing, and waits for nothing while it holds it.
 * 2. Order: a lane's lock, the gate's, a table's. Who holds the gate's never takes a lane's.
 * 3. Outside of it nobody keeps a pointer to what is behind it, a switch's secret included.
 *
 * While there is one lane, the loop's thread, there is nothing to lock and nothing is paid.
 */
#pragma once

#include <pthread.h>

#include "base/util.h"

struct gate_lock {
	bool shared; /* by several lanes; changes only while there is one thread */
	pthread_mutex_t mutex;
};

int gate_lock_share(struct gate_lock *l) MUST_CHECK;
/* Whoever held it lets go by this. */
void gate_lock_unshare(struct gate_lock *l);

static inline void gate_lock_take(struct gate_lock *l)
{
	if (l->shared)
		pthread_mutex_lock(&l->mutex);
}

static inline void gate_lock_let_go(struct gate_lock *l)
{
	if (l->shared)
		pthread_mutex_unlock(&l->mutex);
}
