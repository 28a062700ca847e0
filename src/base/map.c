#define _GNU_SOURCE
#include "base/map.h"

#include <string.h>
#include <sys/mman.h>

#include "base/file.h"

#define HUGE_PAGE ((size_t)2 << 20)

/*
 * Linear probing; a removal shifts the run behind it back, so there are no tombstones. A key of at
 * most 8 bytes is its own print, so that a look-up does not touch what the key lives in.
 */
struct map_slot {
	const void *key;
	void *value;
	uint64_t print;
};

static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static bool is_short(const struct map *m)
{
	return m->key_len > 0 && m->key_len <= sizeof(uint64_t);
}

static uint64_t hash_key(const struct map *m, const void *key)
{
	size_t left = m->key_len ? m->key_len : strlen(key);
	uint64_t h = m->seed ^ (left * UINT64_C(0x9e3779b97f4a7c15));
	const uint8_t *p = key;
	uint64_t word;

	while (left > 0) {
		size_t n = MIN(left, sizeof(word));

		word = 0;
		memcpy(&word, p, n);
		h = mix(h ^ word, m->seed | UINT64_C(0x8000000000000001));
		p += n;
		left -= n;
	}
	return mix(h, UINT64_C(0xd6e8feb86659fd93));
}

static uint64_t print_of(const struct map *m, const void *key)
{
	uint64_t word = 0;

	if (!is_short(m))
		return hash_key(m, key);
	memcpy(&word, key, m->key_len);
	return word;
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

void map_init(struct map *m, size_t key_len)
{
	*m = (struct map){.key_len = key_len};
	random_bytes(&m->seed, sizeof(m->seed));
}

void map_done(struct map *m)
{
	free(m->slots);
	m->slots = NULL;
	m->mask = 0;
	m->count = 0;
}

void map_clear(struct map *m)
{
	if (m->slots)
		memset(m->slots, 0, (m->mask + 1) * sizeof(*m->slots));
	m->count = 0;
}

/* The slot that holds `key`, or the free one where it belongs. */
static struct map_slot *probe(const struct map *m, const void *key, uint64_t print)
{
	size_t i = home_of(m, print);

	while (m->slots[i].value &&
	       !(m->slots[i].print == print && (is_short(m) || same_key(m, m->slots[i].key, key))))
		i = (i + 1) & m->mask;
	return &m->slots[i];
}

/* A large table is spared most of its page table misses. */
static struct map_slot *new_slots(size_t count)
{
	struct map_slot *slots;
	size_t bytes = count * sizeof(*slots);

	if (bytes < HUGE_PAGE)
		return calloc(count, sizeof(*slots));
	bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	slots = aligned_alloc(HUGE_PAGE, bytes);
	if (!slots)
		return NULL;
	madvise(slots, bytes, MADV_HUGEPAGE); /* where the kernel can; nothing depends on it */
	memset(slots, 0, bytes);
	return slots;
}

static int grow(struct map *m)
{
	size_t old_size = m->slots ? m->mask + 1 : 0, size = old_size ? old_size * 2 : 16;
	struct map_slot *old = m->slots, *slots = new_slots(size);

	if (!slots)
		return -ENOMEM;
	m->slots = slots;
	m->mask = size - 1;
	for (size_t i = 0; i < old_size; i++)
		if (old[i].value)
			*probe(m, old[i].key, old[i].print) = old[i];
	free(old);
	return 0;
}

void *map_get(const struct map *m, const void *key)
{
	return m->slots ? probe(m, key, print_of(m, key))->value : NULL;
}

void map_prefetch(const struct map *m, const void *key)
{
	if (m->slots)
		__builtin_prefetch(&m->slots[home_of(m, print_of(m, key))]);
}

int map_put(struct map *m, const void *key, void *value, void **ret_old)
{
	uint64_t print = print_of(m, key);
	struct map_slot *slot;

	if (!value)
		return -EINVAL;
	if ((m->count + 1) * 4 > (m->slots ? m->mask + 1 : 0) * 3) {
		int err = grow(m);

		if (err)
			return err;
	}
	slot = probe(m, key, print);
	if (ret_old)
		*ret_old = slot->value;
	if (!slot->value)
		m->count++;
	*slot = (struct map_slot){key, value, print};
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
	hole = (size_t)(slot - m->slots);
	for (i = (hole + 1) & m->mask; m->slots[i].value; i = (i + 1) & m->mask) {
		size_t home = home_of(m, m->slots[i].print);

		if (((i - home) & m->mask) >= ((i - hole) & m->mask)) {
			m->slots[hole] = m->slots[i];
			hole = i;
		}
	}
	m->slots[hole] = (struct map_slot){0};
	m->count--;
	return value;
}

void *map_next(const struct map *m, size_t *at)
{
	while (m->slots && *at <= m->mask) {
		void *value = m->slots[(*at)++].value;

		if (value)
			return value;
	}
	return NULL;
}
