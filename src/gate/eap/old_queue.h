/*
 * What waits for the old server, in memory and, so that no restart loses it, in a file of its own:
 * an applog (gate/line/applog.h) whose entries begin with their kind.
 *
 *	head	u8 1, u8 version	always the first
 *	packet	u8 2, u64 number, the attributes of an Accounting-Request
 *	gone	u8 3, u64 number	answered, or without room
 *
 * 1. It is bounded by OLD_QUEUE_MAX packets and OLD_QUEUE_BYTES of them. Without room the oldest
 *    interim goes first, then the oldest of all; the first stays, for it may be under way.
 * 2. Memory is the truth: the file can be written anew from it at any time. It is, when it holds
 *    more than twice what waits and OLD_QUEUE_SLACK; with nothing waiting it is emptied.
 * 3. A crash may bring back what is gone, never take away what was synced.
 */
#pragma once

#include "gate/line/applog.h"
#include "radius/packet.h"

#define OLD_QUEUE_MAX 4096
#define OLD_QUEUE_BYTES (4U << 20)
#define OLD_QUEUE_SLACK (1U << 20)

struct old_queue;

/* One packet of a switch, without what the way to the old server needs. */
struct old_packet {
	struct old_packet *next;
	uint64_t number; /* grows along the queue */
	bool is_interim;
	size_t len;
	uint8_t attributes[]; /* well-formed */
};

/* In memory alone. */
int old_queue_new(struct old_queue **ret) MUST_CHECK;
/* From its file, made if need be. Logs what was cut, and what is of another version: that file is
 * put aside as PATH.aside. */
int old_queue_open(const char *path, struct old_queue **ret) MUST_CHECK;
void old_queue_free(struct old_queue *q);

/* The packet's copy is the last now; what the switch did not date gets `now_s`. -ENOMEM. */
int old_queue_add(struct old_queue *q, const struct radius_packet *from, uint32_t now_s) MUST_CHECK;
const struct old_packet *old_queue_first(const struct old_queue *q); /* NULL: none waits */
/* The first was answered. */
void old_queue_pop(struct old_queue *q);
/* The first can never be sent; it counts as lost. */
void old_queue_lose(struct old_queue *q);
size_t old_queue_count(const struct old_queue *q);
uint64_t old_queue_lost(const struct old_queue *q); /* since it was opened */

/*
 * Hands the kernel what was gathered; only while nobody syncs the file. `ret_fd` is to be synced
 * before a packet of now counts as kept; -1: there is nothing to sync. On failure all stays for the
 * next try.
 */
int old_queue_write(struct old_queue *q, int *ret_fd) MUST_CHECK;

/* An entry of the file. -EBADMSG: malformed, or of another version. */
int old_queue_restore(struct old_queue *q, const uint8_t *entry, size_t len) MUST_CHECK;
/* The entries that the file would have if it were written now. An error of `fn` ends it. */
int old_queue_dump(const struct old_queue *q, applog_entry_fn *fn, void *arg) MUST_CHECK;

static inline void old_queue_free_cleanup(struct old_queue **q)
{
	old_queue_free(*q);
}
#define CLEANUP_OLD_QUEUE CLEANUP(old_queue_free_cleanup)
