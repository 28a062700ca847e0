#include "server/api/tries.h"

#include <pthread.h>
#include <stdio.h>

#include "base/map.h"
#include "base/text.h"

#define KEY_SIZE (TRIES_ACCOUNT_SIZE + TRIES_PLACE_SIZE)

struct slot {
	char key[KEY_SIZE]; /* "account" or "account place" */
	unsigned wrong;
	int64_t last_ms;
};

struct table {
	struct map by_key;
	struct slot *slots;
	size_t count, size;
};

struct tries {
	pthread_mutex_t lock;
	struct table places, accounts;
};

static int table_init(struct table *t, size_t size)
{
	map_init(&t->by_key, 0);
	t->slots = calloc(size, sizeof(*t->slots));
	t->size = size;
	return t->slots ? 0 : -ENOMEM;
}

static void table_done(struct table *t)
{
	map_done(&t->by_key);
	free(t->slots);
}

int tries_new(size_t places, size_t accounts, struct tries **ret)
{
	struct tries *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	pthread_mutex_init(&t->lock, NULL);
	if (table_init(&t->places, places) || table_init(&t->accounts, accounts)) {
		tries_free(t);
		return -ENOMEM;
	}
	*ret = t;
	return 0;
}

void tries_free(struct tries *t)
{
	if (!t)
		return;
	table_done(&t->places);
	table_done(&t->accounts);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static struct slot *free_slot(struct table *t)
{
	struct slot *quietest = t->slots;

	if (t->count < t->size)
		return &t->slots[t->count++];
	for (size_t i = 1; i < t->count; i++)
		if (t->slots[i].last_ms < quietest->last_ms)
			quietest = &t->slots[i];
	map_remove(&t->by_key, quietest->key);
	return quietest;
}

/* NULL: none, and `make` was false or there is no memory. */
static struct slot *slot_of(struct table *t, const char *key, int64_t now_ms, bool make)
{
	struct slot *slot = map_get(&t->by_key, key);
	void *old;

	if (!slot && make) {
		slot = free_slot(t);
		*slot = (struct slot){0};
		if (text_copy(slot->key, sizeof(slot->key), key) ||
		    map_put(&t->by_key, slot->key, slot, &old)) {
			slot->key[0] = '\0';
			return NULL;
		}
	}
	if (slot && now_ms - slot->last_ms >= TRIES_QUIET_MS)
		slot->wrong = 0;
	if (slot && slot->last_ms > now_ms) /* the clock was set back */
		slot->last_ms = now_ms;
	return slot;
}

static int64_t doubled(unsigned times, int64_t most_ms)
{
	return times < 10 ? MIN(TRIES_WAIT_MS << times, most_ms) : most_ms;
}

static int64_t place_heard_at(const struct slot *s)
{
	return !s || s->wrong < TRIES_FREE
		       ? 0
		       : s->last_ms + doubled(s->wrong - TRIES_FREE, TRIES_WAIT_MOST_MS);
}

static int64_t all_heard_at(const struct slot *s)
{
	return !s || s->wrong < TRIES_ALL_FREE
		       ? 0
		       : s->last_ms + doubled((s->wrong - TRIES_ALL_FREE) / TRIES_ALL_FREE,
					      TRIES_ALL_WAIT_MOST_MS);
}

static void place_key(char dst[static KEY_SIZE], const struct try *what)
{
	snprintf(dst, KEY_SIZE, "%s %s", what->account, what->place);
}

static int64_t heard_at(const struct slot *place, const struct slot *all, bool known)
{
	return known ? place_heard_at(place) : MAX(place_heard_at(place), all_heard_at(all));
}

static int64_t count(struct slot *s, int64_t now_ms)
{
	int64_t before_ms = s ? s->last_ms : 0;

	if (s) {
		s->wrong++;
		s->last_ms = now_ms;
	}
	return before_ms;
}

bool tries_take(struct tries *t, struct try *what, int64_t now_ms)
{
	struct slot *place, *all;
	char key[KEY_SIZE];
	bool heard;

	place_key(key, what);
	pthread_mutex_lock(&t->lock);
	place = slot_of(&t->places, key, now_ms, true);
	all = slot_of(&t->accounts, what->account, now_ms, !what->known);
	heard = heard_at(place, all, what->known) <= now_ms;
	if (heard) {
		what->at_ms = now_ms;
		what->place_before_ms = count(place, now_ms);
		what->all_before_ms = what->known ? 0 : count(all, now_ms);
	}
	pthread_mutex_unlock(&t->lock);
	return heard;
}

static void uncount(struct slot *s, int64_t at_ms, int64_t before_ms)
{
	if (!s || !s->wrong)
		return;
	s->wrong--;
	if (s->last_ms == at_ms)
		s->last_ms = before_ms;
}

void tries_give_back(struct tries *t, const struct try *what)
{
	char key[KEY_SIZE];

	place_key(key, what);
	pthread_mutex_lock(&t->lock);
	uncount(map_get(&t->places.by_key, key), what->at_ms, what->place_before_ms);
	if (!what->known)
		uncount(map_get(&t->accounts.by_key, what->account), what->at_ms,
			what->all_before_ms);
	pthread_mutex_unlock(&t->lock);
}

void tries_forget(struct tries *t, const struct try *what)
{
	struct slot *place;
	char key[KEY_SIZE];

	place_key(key, what);
	pthread_mutex_lock(&t->lock);
	place = map_get(&t->places.by_key, key);
	if (place)
		place->wrong = 0;
	pthread_mutex_unlock(&t->lock);
}

void tries_forget_account(struct tries *t, const char *account)
{
	size_t len = strlen(account);
	struct slot *all;

	pthread_mutex_lock(&t->lock);
	all = map_get(&t->accounts.by_key, account);
	if (all)
		all->wrong = 0;
	for (size_t i = 0; i < t->places.count; i++)
		if (text_starts(t->places.slots[i].key, account) &&
		    t->places.slots[i].key[len] == ' ')
			t->places.slots[i].wrong = 0;
	pthread_mutex_unlock(&t->lock);
}

int64_t tries_heard_at(struct tries *t, const struct try *what, int64_t now_ms)
{
	char key[KEY_SIZE];
	int64_t at;

	place_key(key, what);
	pthread_mutex_lock(&t->lock);
	at = heard_at(slot_of(&t->places, key, now_ms, false),
		      slot_of(&t->accounts, what->account, now_ms, false), what->known);
	pthread_mutex_unlock(&t->lock);
	return at;
}
