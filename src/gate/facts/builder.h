/*
 * A thread that puts rows into a snapshot which nobody looks at yet. It takes only the time that no
 * knock needs (base/background.h), and it is the one that waits while the kernel finds memory.
 *
 *	          builder_give              all rows, or a wrong one
 *	 (idle) ───────────────> (busy) ────────────────────────────> done, in the loop
 *
 * While it is busy the snapshot and the bytes are its own. Loop and builder share no lock.
 */
#pragma once

#include "base/loop.h"
#include "gate/facts/snapshot.h"

struct builder;

struct built {
	size_t used; /* bytes of the rows that were taken */
	uint64_t rows;
	int error; /* of the row behind them; 0: the bytes ended, or what follows is no row */
};

/* In the loop's thread. */
typedef void builder_done_fn(void *arg, const struct built *built);

int builder_new(struct loop *l, builder_done_fn *done, void *arg, struct builder **ret) MUST_CHECK;
/* Waits for the rows under way. */
void builder_free(struct builder *b);
bool builder_is_busy(const struct builder *b);
/* Only when idle: whole frames, of which the rows at the beginning are taken. */
void builder_give(struct builder *b, struct snapshot *to, const uint8_t *frames, size_t len);
/* What is under way ends soon, with fewer rows; done is called all the same. */
void builder_hurry(struct builder *b);
