/*
 * Memory for millions of small pieces: a number of 32 bits each instead of a pointer and a header,
 * and the end of all of them at once. A piece does not move. One that is given back is used again
 * for the next of its size, so that a pool whose pieces come and go does not grow.
 */
#pragma once

#include "base/util.h"

#define POOL_UNIT ((size_t)8) /* every piece begins at a multiple */
#define POOL_PIECE_MAX ((size_t)4096)
#define POOL_CHUNK_BITS 21 /* of bytes */
#define POOL_UNIT_BITS (POOL_CHUNK_BITS - 3)

struct pool {
	uint8_t **chunks;
	uint32_t count, room; /* of `chunks` */
	bool kept_from_children;
	size_t used;					     /* bytes of the newest */
	uint32_t given_back[POOL_PIECE_MAX / POOL_UNIT + 1]; /* the last one of each size */
};

void pool_init(struct pool *p);
/* An empty one, from now on: no child that is forked has its pieces (base/pages.h). */
void pool_keep_from_children(struct pool *p);
void pool_done(struct pool *p);
/* One step of pool_done(), far below a millisecond; false when nothing is left. */
bool pool_shrink(struct pool *p);
/* A zeroed piece of 1 to POOL_PIECE_MAX bytes. Its number is never 0. */
int pool_take(struct pool *p, size_t size, uint32_t *ret) MUST_CHECK;
/* `size` as it was taken. */
void pool_give(struct pool *p, uint32_t piece, size_t size);

/* What the kernel gave for it. */
static inline size_t pool_bytes(const struct pool *p)
{
	return (size_t)p->count << POOL_CHUNK_BITS;
}

static inline void *pool_at(const struct pool *p, uint32_t piece)
{
	return p->chunks[piece >> POOL_UNIT_BITS] +
	       (piece & ((1U << POOL_UNIT_BITS) - 1)) * POOL_UNIT;
}
