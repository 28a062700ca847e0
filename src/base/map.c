#define _GNU_SOURCE
#include "base/map.h"

#include <string.h>

#include "base/file.h"
#include "base/mix.h"
#include "base/pages.h"

#define MIN_SIZE ((size_t)16)

/*
 * Linear probing; a removal shifts the run behind it back, so there are no tombstones. A key of at
 * most 8 bytes is its own print, so that a look-up does not touch what the key lives in; its map's
 * slots have no `key`.
 */
struct map_slot {
	void *value; /* NULL: free */
	uint64_t print;
	const void *key[];
};

static bool is_short(const struct map *m)
{
	return m->key_len > 0 && m->key_len <= sizeof(uint64_t);
}

static uint64_t hash_key(const struct map *m, const void *key)
{
	return mix_key(m->seed, key, m->key_len ? m->key_len : strlen(key));
}

static uint64_t print_of(const struct map *m, const void *key)
{
	uint64_t word = 0;

	if (!is_short(m))
		return hash_key(m, key);
	memcpy(&word, key, m->key_len);
	return word;
}

static size_t slot_size(const struct map *m)
{
	return sizeof(struct map_slot) + (is_short(m) ? 0 : sizeof(const void *));
}

static struct map_slot *slot_at(const struct map *m, size_t i)
{
	return (struct map_slot *)(void *)((uint8_t *)m->slots + i * slot_size(m));
}

static void copy_slot(const struct map *m, struct map_slot *to, const struct map_slot *from)
{
	memcpy(to, from, slot_size(m));
}

/* Where a print belongs. */
static size_t home_of(const struct map *m, uint64_t print)
{
	if (is_short(m))
		print = mix(mix(m->seed ^ print, m->seed | UINT64_C(0x8000000000000001)),
			    UINT64_C(0xd6e8feb86659fd93));
	return (size_t)print & m->mask;
}

static bool same_key(const struct map *m, const void *a, const void *b)
{
	return m->key_len ? memcmp(a, b, m->key_len) == 0 : strcmp(a, b) == 0;
}

static size_t size_of(const struct map *m)
{
	return m->slots ? m->mask + 1 : 0;
}

void map_init(struct map *m, size_t key_len)
{
	*m = (struct map){.key_len = key_len};
	random_bytes(&m->seed, sizeof(m->seed));
}

void map_done(struct map *m)
{
	pages_free(m->slots, size_of(m) * slot_size(m));
	m->slots = NULL;
	m->mask = 0;
	m->count = 0;
}

void map_clear(struct map *m)
{
	if (m->slots)
		memset(m->slots, 0, (m->mask + 1) * slot_size(m));
	m->count = 0;
}

/* Of a short key the print says it all. */
static bool holds(const struct map *m, const struct map_slot *slot, const void *key, uint64_t print)
{
	return slot->print == print && (is_short(m) || same_key(m, slot->key[0], key));
}

/* The slot that holds `key`, or the free one where it belongs. */
static struct map_slot *probe(const struct map *m, const void *key, uint64_t print)
{
	size_t i = home_of(m, print);

	while (slot_at(m, i)->value && !holds(m, slot_at(m, i), key, print))
		i = (i + 1) & m->mask;
	return slot_at(m, i);
}

/* The free slot where a print belongs that is not in yet. */
static struct map_slot *free_slot(const struct map *m, uint64_t print)
{
	size_t i = home_of(m, print);

	while (slot_at(m, i)->value)
		i = (i + 1) & m->mask;
	return slot_at(m, i);
}

static int resize(struct map *m, size_t size)
{
	struct map old = *m;

	m->slots = pages_new(size * slot_size(m));
	if (!m->slots) {
		m->slots = old.slots;
		return -ENOMEM;
	}
	m->mask = size - 1;
	for (size_t i = 0; old.slots && i <= old.mask; i++)
		if (slot_at(&old, i)->value)
			copy_slot(m, free_slot(m, slot_at(&old, i)->print), slot_at(&old, i));
	pages_free(old.slots, size_of(&old) * slot_size(m));
	return 0;
}

int map_reserve(struct map *m, size_t count)
{
	size_t size = MAX(size_of(m), MIN_SIZE);

	while (count > size / 4 * 3)
		size *= 2;
	return size == size_of(m) ? 0 : resize(m, size);
}

void *map_get(const struct map *m, const void *key)
{
	return m->slots ? probe(m, key, print_of(m, key))->value : NULL;
}

void map_prefetch(const struct map *m, const void *key)
{
	if (m->slots)
		__builtin_prefetch(slot_at(m, home_of(m, print_of(m, key))));
}

int map_put(struct map *m, const void *key, void *value, void **ret_old)
{
	uint64_t print = print_of(m, key);
	struct map_slot *slot;
	int err;

	if (!value)
		return -EINVAL;
	err = map_reserve(m, m->count + 1);
	if (err)
		return err;
	slot = probe(m, key, print);
	if (ret_old)
		*ret_old = slot->value;
	if (!slot->value)
		m->count++;
	slot->value = value;
	slot->print = print;
	if (!is_short(m))
		slot->key[0] = key;
	return 0;
}

void *map_remove(struct map *m, const void *key)
{
	struct map_slot *slot;
	void *value;
	size_t hole, i;

	if (!m->slots)
		return NULL;
	slot = probe(m, key, print_of(m, key));
	value = slot->value;
	if (!value)
		return NULL;
	hole = (size_t)((uint8_t *)slot - (uint8_t *)m->slots) / slot_size(m);
	for (i = (hole + 1) & m->mask; slot_at(m, i)->value; i = (i + 1) & m->mask) {
		size_t home = home_of(m, slot_at(m, i)->print);

		if (((i - home) & m->mask) >= ((i - hole) & m->mask)) {
			copy_slot(m, slot_at(m, hole), slot_at(m, i));
			hole = i;
		}
	}
	memset(slot_at(m, hole), 0, slot_size(m));
	m->count--;
	return value;
}

void *map_next(const struct map *m, size_t *at)
{
	while (m->slots && *at <= m->mask) {
		void *value = slot_at(m, (*at)++)->value;

		if (value)
			return value;
	}
	return NULL;
}
