/*
 * Records on their way to the server: knocks, accounting, what the gate did. Kept in segment files
 * until the server has acknowledged them, numbered without a gap within the spool's epoch.
 *
 *	spool/epoch                 16 random bytes, made with the spool
 *	spool/0000000000000001.log  an applog; the name is its first number, in hexadecimal
 *
 * Only records that are on disk are handed out: a number must never name two records. One thread.
 */
#pragma once

#include "gate/line/applog.h"
#include "wire/frame.h"

#define SPOOL_EPOCH_SIZE 16

struct spool;

/* `max_bytes`: beyond it new records are refused with -ENOSPC. `ret_cut`: torn bytes cut. */
int spool_open(const char *dir, uint64_t max_bytes, struct spool **ret,
	       uint64_t *ret_cut) MUST_CHECK;
void spool_close(struct spool *s);
const uint8_t *spool_epoch(const struct spool *s);

/* Gives `record` the next number and gathers it. */
int spool_add(struct spool *s, menshen_Record *record) MUST_CHECK;
size_t spool_gathered(const struct spool *s); /* bytes */
/* Hands what was gathered to the kernel; `ret_fd` is to be synced, then spool_synced() called. */
int spool_write(struct spool *s, int *ret_fd) MUST_CHECK;
void spool_synced(struct spool *s);

uint64_t spool_next_seq(const struct spool *s);	  /* of the next record */
uint64_t spool_synced_seq(const struct spool *s); /* the last that is on disk */
uint64_t spool_acked_seq(const struct spool *s);
/*
 * Appends FRAME_RECORD frames numbered from `from_seq` on, as many as fit under `max` bytes. Going
 * on behind the last call costs no more than what is appended.
 */
int spool_read(struct spool *s, uint64_t from_seq, size_t max, struct buf *to,
	       uint64_t *ret_through) MUST_CHECK;
/* The server has everything up to `through_seq`: whole segments below it are done with. */
void spool_acknowledge(struct spool *s, uint64_t through_seq);
bool spool_has_done(const struct spool *s);
/* Hands out the path of a segment that is done with, the oldest first; it is the caller's to free
 * and its file the caller's to delete, wherever that may wait for the disk. NULL: none is left. */
char *spool_take_done(struct spool *s);
size_t spool_waiting(const struct spool *s); /* records that nobody acknowledged */
