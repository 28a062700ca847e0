/*
 * A hash map from short byte keys to pointers. The map owns neither keys nor values: a key usually
 * lives inside its value and must not change while it is in. Hashing is keyed with random bytes, so
 * that a stranger who chooses keys (MAC addresses) cannot make them collide.
 */
#pragma once

#include "base/util.h"

struct map_slot;

struct map {
	struct map_slot *slots;
	size_t mask;
	size_t count;
	size_t key_len; /* bytes; 0: keys are C strings */
	uint64_t seed;
};

/* No allocation until the first put. */
void map_init(struct map *m, size_t key_len);
void map_done(struct map *m);
void map_clear(struct map *m);
void *map_get(const struct map *m, const void *key);
/* Asks the memory for where map_get() will look, so that many look-ups wait together. */
void map_prefetch(const struct map *m, const void *key);
/* Makes room for so many at once, so that the table does not grow step by step. */
int map_reserve(struct map *m, size_t count) MUST_CHECK;
/* Adds, or replaces the value under an equal key (then `ret_old` gets the old value, else NULL). */
int map_put(struct map *m, const void *key, void *value, void **ret_old) MUST_CHECK;
/* Takes the key out; returns its value or NULL. */
void *map_remove(struct map *m, const void *key);
/* Walks all values in no order: `size_t at = 0; while ((v = map_next(m, &at)))`. No put or remove
 * meanwhile. */
void *map_next(const struct map *m, size_t *at);
