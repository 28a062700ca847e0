#include "gate/duplicate.h"

#include <string.h>

#include "base/file.h"

#define WAYS 4
#define INLINE_SIZE 256

struct entry {
	struct duplicate_key key;
	enum duplicate_state state;
	uint32_t generation;
	int64_t at_ms;
	size_t len;
	uint8_t *large; /* when the answer exceeds `small` */
	uint8_t small[INLINE_SIZE];
};

struct duplicates {
	size_t mask;
	uint64_t seed;
	struct entry *entries;
};

int duplicates_new(size_t sets, struct duplicates **ret)
{
	struct duplicates *d = calloc(1, sizeof(*d));

	if (!d || (sets & (sets - 1)) != 0 || sets == 0) {
		free(d);
		return d ? -EINVAL : -ENOMEM;
	}
	d->entries = calloc(sets * WAYS, sizeof(*d->entries));
	if (!d->entries) {
		free(d);
		return -ENOMEM;
	}
	d->mask = sets - 1;
	random_bytes(&d->seed, sizeof(d->seed));
	*ret = d;
	return 0;
}

void duplicates_free(struct duplicates *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < (d->mask + 1) * WAYS; i++)
		free(d->entries[i].large);
	free(d->entries);
	free(d);
}

/* The authenticator is random or a hash already; seed and id spread what is not. */
static size_t hash(const struct duplicates *d, const struct duplicate_key *key)
{
	uint64_t words[2], h;

	memcpy(words, key->authenticator, sizeof(words));
	h = (words[0] ^ d->seed) * UINT64_C(0x9e3779b97f4a7c15) ^ words[1] ^ key->id;
	return (size_t)((h ^ (h >> 29)) * UINT64_C(0xd6e8feb86659fd93) >> 24) & d->mask;
}

enum duplicate_state duplicates_look(struct duplicates *d, const struct duplicate_key *key,
				     int64_t now_ms, struct duplicate_ref *ret_ref,
				     const uint8_t **ret_answer, size_t *ret_len)
{
	struct entry *set = d->entries + hash(d, key) * WAYS, *oldest = set, *e;

	for (e = set; e < set + WAYS; e++) {
		if (e->state != DUPLICATE_NEW && now_ms - e->at_ms <= DUPLICATE_LIFE_MS &&
		    memcmp(&e->key, key, sizeof(*key)) == 0)
			break;
		if (e->state == DUPLICATE_NEW || e->at_ms < oldest->at_ms)
			oldest = e;
	}
	if (e == set + WAYS) {
		e = oldest;
		e->key = *key;
		e->at_ms = now_ms;
		e->generation++;
		e->state = DUPLICATE_PENDING;
		*ret_ref = (struct duplicate_ref){(uint32_t)(e - d->entries), e->generation};
		return DUPLICATE_NEW;
	}
	*ret_ref = (struct duplicate_ref){(uint32_t)(e - d->entries), e->generation};
	if (e->state == DUPLICATE_ANSWERED) {
		*ret_answer = e->len > INLINE_SIZE ? e->large : e->small;
		*ret_len = e->len;
	}
	return e->state;
}

static struct entry *find(struct duplicates *d, struct duplicate_ref ref)
{
	struct entry *e = &d->entries[ref.at];

	return e->generation == ref.generation && e->state == DUPLICATE_PENDING ? e : NULL;
}

void duplicates_answer(struct duplicates *d, struct duplicate_ref ref, const uint8_t *answer,
		       size_t len)
{
	struct entry *e = find(d, ref);
	uint8_t *to;

	if (!e)
		return;
	to = e->small;
	if (len > INLINE_SIZE) {
		to = realloc(e->large, len);
		if (!to) {
			e->state = DUPLICATE_NEW;
			return;
		}
		e->large = to;
	}
	memcpy(to, answer, len);
	e->len = len;
	e->state = DUPLICATE_ANSWERED;
}

void duplicates_forget(struct duplicates *d, struct duplicate_ref ref)
{
	struct entry *e = find(d, ref);

	if (e)
		e->state = DUPLICATE_NEW;
}
