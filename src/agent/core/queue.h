/*
 * The durable event queue of a desk: what an agent has to say survives kill -9, power loss and
 * months without a server. An event that queue_put() took is on the disk (invariant 1) and stays
 * until the server has acknowledged its (epoch, seq).
 *
 * - The epoch is random and new with each queue, the sequence counts up from 1 within it: a cloned
 *   image shows at the server as two ends of one epoch.
 * - The disk it may use is bounded. A full queue takes nothing (-ENOBUFS): producers keep their
 *   state and try again once room was made. Nothing is ever dropped.
 * - A torn tail is cut off: it was never taken. Damage anywhere else makes a new epoch into which
 *   every readable event is saved; the damaged files are kept beside (dir + ".damaged").
 *
 * One thread.
 */
#pragma once

#include "agent/core/segment.h"

struct queue;

/* The two calls that can fail on a full or dying disk; a NULL `io` is the system's own. */
struct queue_io {
	ssize_t (*write)(int fd, const void *data, size_t len);
	int (*sync)(int fd);
};

struct queue_options {
	const char *dir; /* made when missing, mode 0700 */
	uint64_t max_bytes;
	const struct queue_io *io;
};

enum queue_repair { QUEUE_WHOLE, QUEUE_TAIL_CUT, QUEUE_DAMAGED };

int queue_open(const struct queue_options *o, struct queue **ret) MUST_CHECK;
void queue_close(struct queue *q); /* NULL is fine; nothing waits in memory */
/* What opening had to mend. */
enum queue_repair queue_repair(const struct queue *q);
const uint8_t *queue_epoch(const struct queue *q); /* EPOCH_SIZE bytes */
uint64_t queue_next_seq(const struct queue *q);
uint64_t queue_waiting(const struct queue *q); /* events not acknowledged */
uint64_t queue_bytes(const struct queue *q);   /* on disk */
bool queue_is_full(const struct queue *q);     /* the last queue_put() found no room */

/*
 * 0: on disk for good. -ENOBUFS: full, pause. -EMSGSIZE: kind or body too long. Any other errno:
 * the disk failed; the event is not in the queue and the queue is as it was.
 */
int queue_put(struct queue *q, const char *kind, int64_t at_ms, const void *body,
	      size_t len) MUST_CHECK;
/* The event of this sequence; -ENOENT when it is acknowledged or not yet there. */
int queue_read(struct queue *q, uint64_t seq, struct queued_event *ret) MUST_CHECK;
/*
 * Everything up to here is committed at the server. -ERANGE when that lies beyond what was ever
 * put: this disk was rolled back, call queue_renew().
 */
int queue_acknowledge(struct queue *q, uint64_t through_seq) MUST_CHECK;
/* A new epoch with what waits, numbered anew from 1. */
int queue_renew(struct queue *q) MUST_CHECK;

static inline void queue_close_cleanup(struct queue **q)
{
	queue_close(*q);
}
#define CLEANUP_QUEUE CLEANUP(queue_close_cleanup)
