#define _GNU_SOURCE
#include "gate/front/duplicate.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"

#define WAYS 4
#define INLINE_SIZE 256

struct entry {
	struct duplicate_key key;
	enum duplicate_state state;
	uint32_t generation;
	size_t len;
	uint8_t *large; /* when the answer exceeds `small` */
	uint8_t small[INLINE_SIZE];
};

/* What is looked at first: the four of a set are one line of the processor's cache. */
struct tag {
	uint64_t print; /* of the key */
	int64_t at_ms;	/* NEVER: free */
};

#define NEVER INT64_MIN

struct duplicates {
	size_t mask;
	uint64_t seed;
	struct tag *tags;
	struct entry *entries;
	bool shared;
	pthread_mutex_t lock; /* once it is shared: of tags and entries */
};

static void lock(struct duplicates *d)
{
	if (d->shared)
		pthread_mutex_lock(&d->lock);
}

static void unlock(struct duplicates *d)
{
	if (d->shared)
		pthread_mutex_unlock(&d->lock);
}

void duplicates_share(struct duplicates *d)
{
	d->shared = true;
}

static size_t entries_size(const struct duplicates *d)
{
	return (d->mask + 1) * WAYS * sizeof(*d->entries);
}

/*
 * Any packet may fall anywhere in them, so they are spared most of their page faults and page table
 * misses, where the kernel can. They take memory as they come into use.
 */
static int map_entries(struct duplicates *d)
{
	void *at = mmap(NULL, entries_size(d), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);

	if (at == MAP_FAILED)
		return -ENOMEM;
	madvise(at, entries_size(d), MADV_HUGEPAGE);
	d->entries = at;
	return 0;
}

int duplicates_new(size_t sets, struct duplicates **ret)
{
	CLEANUP_DUPLICATES struct duplicates *d = NULL;

	if ((sets & (sets - 1)) != 0 || sets == 0)
		return -EINVAL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	pthread_mutex_init(&d->lock, NULL);
	d->mask = sets - 1;
	d->tags = aligned_alloc(64, sets * WAYS * sizeof(*d->tags));
	if (!d->tags || map_entries(d))
		return -ENOMEM;
	for (size_t i = 0; i < sets * WAYS; i++)
		d->tags[i] = (struct tag){0, NEVER};
	random_bytes(&d->seed, sizeof(d->seed));
	*ret = TAKE_PTR(d);
	return 0;
}

void duplicates_free(struct duplicates *d)
{
	if (!d)
		return;
	for (size_t i = 0; d->entries && i < (d->mask + 1) * WAYS; i++)
		free(d->entries[i].large);
	if (d->entries)
		munmap(d->entries, entries_size(d));
	free(d->tags);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

/* The authenticator is random or a hash already; seed, id and port spread what is not. */
static uint64_t print_of(const struct duplicates *d, const struct duplicate_key *key)
{
	uint64_t words[2], h;

	memcpy(words, key->authenticator, sizeof(words));
	h = (words[0] ^ d->seed) * UINT64_C(0x9e3779b97f4a7c15) ^ words[1] ^
	    ((uint64_t)key->port << 16 | key->id);
	return (h ^ (h >> 29)) * UINT64_C(0xd6e8feb86659fd93);
}

static size_t set_of(const struct duplicates *d, uint64_t print)
{
	return (size_t)(print >> 24 & d->mask) * WAYS;
}

static size_t oldest_way(const struct duplicates *d, size_t set)
{
	size_t oldest = 0;

	for (size_t way = 1; way < WAYS; way++)
		if (d->tags[set + way].at_ms < d->tags[set + oldest].at_ms)
			oldest = way;
	return oldest;
}

void duplicates_warm(const struct duplicates *d, const struct duplicate_key *key, unsigned step)
{
	size_t set = set_of(d, print_of(d, key));
	const struct entry *e;

	if (step == 0) {
		__builtin_prefetch(&d->tags[set], 1);
	} else if (step == 1) {
		e = &d->entries[set + oldest_way(d, set)];
		__builtin_prefetch(e, 1);
		__builtin_prefetch(e->small, 1);
		__builtin_prefetch(e->small + 64, 1);
	}
}

/* The entry of this key that is young enough; WAYS when there is none. */
static size_t find_way(const struct duplicates *d, size_t set, uint64_t print,
		       const struct duplicate_key *key, int64_t now_ms)
{
	size_t way;

	for (way = 0; way < WAYS; way++) {
		const struct tag *tag = &d->tags[set + way];

		if (tag->print == print && tag->at_ms != NEVER &&
		    now_ms - tag->at_ms <= DUPLICATE_LIFE_MS &&
		    memcmp(&d->entries[set + way].key, key, sizeof(*key)) == 0)
			break;
	}
	return way;
}

static enum duplicate_state look(struct duplicates *d, const struct duplicate_key *key,
				 int64_t now_ms, struct duplicate_ref *ret_ref,
				 const uint8_t **ret_answer, size_t *ret_len)
{
	uint64_t print = print_of(d, key);
	size_t set = set_of(d, print), way = find_way(d, set, print, key, now_ms);
	bool is_new = way == WAYS;
	struct entry *e;

	if (is_new)
		way = oldest_way(d, set);
	e = &d->entries[set + way];
	if (is_new) {
		d->tags[set + way] = (struct tag){print, now_ms};
		e->key = *key;
		e->generation++;
		e->state = DUPLICATE_PENDING;
	}
	*ret_ref = (struct duplicate_ref){(uint32_t)(set + way), e->generation};
	if (is_new)
		return DUPLICATE_NEW;
	if (e->state == DUPLICATE_ANSWERED) {
		*ret_answer = e->len > INLINE_SIZE ? e->large : e->small;
		*ret_len = e->len;
	}
	return e->state;
}

enum duplicate_state duplicates_look(struct duplicates *d, const struct duplicate_key *key,
				     int64_t now_ms, struct duplicate_ref *ret_ref,
				     const uint8_t **ret_answer, size_t *ret_len)
{
	enum duplicate_state state;

	lock(d);
	state = look(d, key, now_ms, ret_ref, ret_answer, ret_len);
	unlock(d);
	return state;
}

static struct entry *find(struct duplicates *d, struct duplicate_ref ref)
{
	struct entry *e = &d->entries[ref.at];

	return e->generation == ref.generation && e->state == DUPLICATE_PENDING ? e : NULL;
}

static void forget(struct duplicates *d, struct duplicate_ref ref)
{
	if (find(d, ref))
		d->tags[ref.at].at_ms = NEVER;
}

static void keep(struct duplicates *d, struct duplicate_ref ref, const uint8_t *answer, size_t len)
{
	struct entry *e = find(d, ref);
	uint8_t *to;

	if (!e)
		return;
	to = e->small;
	if (len > INLINE_SIZE) {
		to = realloc(e->large, len);
		if (!to) {
			forget(d, ref);
			return;
		}
		e->large = to;
	}
	memcpy(to, answer, len);
	e->len = len;
	e->state = DUPLICATE_ANSWERED;
}

void duplicates_answer(struct duplicates *d, struct duplicate_ref ref, const uint8_t *answer,
		       size_t len)
{
	lock(d);
	keep(d, ref, answer, len);
	unlock(d);
}

void duplicates_forget(struct duplicates *d, struct duplicate_ref ref)
{
	lock(d);
	forget(d, ref);
	unlock(d);
}
