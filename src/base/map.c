#include "base/map.h"

#include <string.h>

#include "base/file.h"

/* Linear probing; a removal shifts the run behind it back, so there are no tombstones. */
struct map_slot {
	const void *key;
	void *value;
	uint64_t hash;
};

static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
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
static struct map_slot *probe(const struct map *m, const void *key, uint64_t hash)
{
	size_t i = hash & m->mask;

	while (m->slots[i].value &&
	       !(m->slots[i].hash == hash && same_key(m, m->slots[i].key, key)))
		i = (i + 1) & m->mask;
	return &m->slots[i];
}

static int grow(struct map *m)
{
	size_t old_size = m->slots ? m->mask + 1 : 0, size = old_size ? old_size * 2 : 16;
	struct map_slot *old = m->slots, *slots = calloc(size, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	m->slots = slots;
	m->mask = size - 1;
	for (size_t i = 0; i < old_size; i++)
		if (old[i].value)
			*probe(m, old[i].key, old[i].hash) = old[i];
	free(old);
	return 0;
}

void *map_get(const struct map *m, const void *key)
{
	return m->slots ? probe(m, key, hash_key(m, key))->value : NULL;
}

int map_put(struct map *m, const void *key, void *value, void **ret_old)
{
	uint64_t hash = hash_key(m, key);
	struct map_slot *slot;

	if (!value)
		return -EINVAL;
	if ((m->count + 1) * 4 > (m->slots ? m->mask + 1 : 0) * 3) {
		int err = grow(m);

		if (err)
			return err;
	}
	slot = probe(m, key, hash);
	if (ret_old)
		*ret_old = slot->value;
	if (!slot->value)
		m->count++;
	*slot = (struct map_slot){key, value, hash};
	return 0;
}

void *map_remove(struct map *m, const void *key)
{
	struct map_slot *slot;
	void *value;
	size_t hole, i;

	if (!m->slots)
		return NULL;
	slot = probe(m, key, hash_key(m, key));
	value = slot->value;
	if (!value)
		return NULL;
	hole = (size_t)(slot - m->slots);
	for (i = (hole + 1) & m->mask; m->slots[i].value; i = (i + 1) & m->mask) {
		size_t home = m->slots[i].hash & m->mask;

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
