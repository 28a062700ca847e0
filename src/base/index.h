/*
 * A hash index from keys to numbers of 32 bits, which say where the row with the key lies; the rows
 * hold the keys, the index only a tag of each. So a look-up walks candidates and compares:
 *
 *	uint32_t tag = index_tag(x, key, len), row;
 *	for (size_t at = INDEX_START; (row = index_next(x, tag, &at));)
 *		if (the row has the key)
 *			...
 *
 * A key may be in several times. An entry takes about 12 bytes. The tag is keyed (base/mix.h).
 */
#pragma once

#include "base/mix.h"

#define INDEX_START SIZE_MAX

struct index_slot {
	uint32_t tag;
	uint32_t row; /* 0: free */
};

struct index {
	struct index_slot *slots;
	uint32_t size, count;
	uint64_t seed;
};

/* No allocation until the first entry. */
void index_init(struct index *x);
void index_done(struct index *x);
/* Makes room for so many at once, so that the table does not grow step by step. */
int index_reserve(struct index *x, size_t count) MUST_CHECK;
/* `row` is not 0. */
int index_add(struct index *x, uint32_t tag, uint32_t row) MUST_CHECK;
/* Takes this entry out, if it is in. */
void index_remove(struct index *x, uint32_t tag, uint32_t row);
/* Walks all rows in no order from `size_t at = 0`; 0 at the end. No change meanwhile. */
uint32_t index_walk(const struct index *x, size_t *at);

static inline size_t index_bytes(const struct index *x)
{
	return x->size * sizeof(*x->slots);
}

static inline uint32_t index_tag(const struct index *x, const void *key, size_t len)
{
	return (uint32_t)(mix_key(x->seed, key, len) >> 32);
}

static inline size_t index_home(const struct index *x, uint32_t tag)
{
	return (size_t)(((uint64_t)tag * x->size) >> 32);
}

static inline uint32_t index_next(const struct index *x, uint32_t tag, size_t *at)
{
	size_t i;

	if (!x->slots)
		return 0;
	i = *at == INDEX_START ? index_home(x, tag) : *at + 1;
	for (;; i++) {
		if (i == x->size)
			i = 0;
		if (!x->slots[i].row || x->slots[i].tag == tag)
			break;
	}
	*at = i;
	return x->slots[i].row;
}

/* Puts another row in the place where index_next() stands; its key is the same. */
static inline void index_set(struct index *x, size_t at, uint32_t row)
{
	x->slots[at].row = row;
}

/* Asks the memory for where index_next() will look, so that many look-ups wait together. */
static inline void index_prefetch(const struct index *x, uint32_t tag)
{
	if (x->slots)
		__builtin_prefetch(&x->slots[index_home(x, tag)]);
}
