#include "base/pool.h"

#include <string.h>

#include "base/pages.h"

#define CHUNK ((size_t)1 << POOL_CHUNK_BITS)
#define CHUNKS_MAX (1U << (32 - POOL_UNIT_BITS))

static size_t units_of(size_t size)
{
	return (size + POOL_UNIT - 1) / POOL_UNIT;
}

void pool_init(struct pool *p)
{
	*p = (struct pool){.used = CHUNK};
}

void pool_keep_from_children(struct pool *p)
{
	p->kept_from_children = true;
}

bool pool_shrink(struct pool *p)
{
	if (p->count > 0)
		pages_free(p->chunks[--p->count], CHUNK);
	if (p->count > 0)
		return true;
	free(p->chunks);
	pool_init(p);
	return false;
}

void pool_done(struct pool *p)
{
	while (pool_shrink(p))
		;
}

static int add_chunk(struct pool *p)
{
	uint8_t *chunk, **grown;

	if (p->count == CHUNKS_MAX)
		return -ENOMEM;
	if (p->count == p->room) {
		uint32_t room = p->room ? p->room * 2 : 8;

		grown = reallocarray(p->chunks, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		p->chunks = grown;
		p->room = room;
	}
	chunk = pages_new(CHUNK);
	if (!chunk)
		return -ENOMEM;
	if (p->kept_from_children)
		pages_keep_from_children(chunk, CHUNK);
	p->used = p->count == 0 ? POOL_UNIT : 0; /* no piece has the number 0 */
	p->chunks[p->count++] = chunk;
	return 0;
}

static uint32_t take_again(struct pool *p, size_t units)
{
	uint32_t piece = p->given_back[units];
	void *at;

	if (!piece)
		return 0;
	at = pool_at(p, piece);
	memcpy(&p->given_back[units], at, sizeof(piece));
	memset(at, 0, sizeof(piece));
	return piece;
}

int pool_take(struct pool *p, size_t size, uint32_t *ret)
{
	size_t units = units_of(size);
	uint32_t piece;
	int err;

	if (size == 0 || size > POOL_PIECE_MAX)
		return -EINVAL;
	piece = take_again(p, units);
	if (!piece && units * POOL_UNIT > CHUNK - p->used) {
		err = add_chunk(p);
		if (err)
			return err;
	}
	if (!piece) {
		piece = (uint32_t)((p->count - 1) << POOL_UNIT_BITS | p->used / POOL_UNIT);
		p->used += units * POOL_UNIT;
	}
	*ret = piece;
	return 0;
}

/* All of it is wiped, so that what is taken again is zero, and no secret stays. */
void pool_give(struct pool *p, uint32_t piece, size_t size)
{
	size_t units = units_of(size);
	void *at = pool_at(p, piece);

	explicit_bzero(at, units * POOL_UNIT);
	memcpy(at, &p->given_back[units], sizeof(piece));
	p->given_back[units] = piece;
}
