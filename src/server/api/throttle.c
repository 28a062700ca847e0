#include "server/api/throttle.h"

#include <pthread.h>
#include <string.h>

#include "base/map.h"
#include "base/text.h"

struct slot {
	char key[THROTTLE_KEY_SIZE];
	int64_t began_ms, last_ms;
	unsigned count;
};

struct throttle {
	pthread_mutex_t lock;
	unsigned most;
	int64_t window_ms;
	struct map by_key;
	size_t count, size;
	struct slot slots[];
};

int throttle_new(size_t keys, unsigned most, int64_t window_ms, struct throttle **ret)
{
	struct throttle *t = calloc(1, sizeof(*t) + keys * sizeof(struct slot));

	if (!t)
		return -ENOMEM;
	pthread_mutex_init(&t->lock, NULL);
	t->most = most;
	t->window_ms = window_ms;
	t->size = keys;
	map_init(&t->by_key, 0);
	*ret = t;
	return 0;
}

void throttle_free(struct throttle *t)
{
	if (!t)
		return;
	map_done(&t->by_key);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static struct slot *quietest(struct throttle *t)
{
	struct slot *found = &t->slots[0];

	for (size_t i = 1; i < t->count; i++)
		if (t->slots[i].last_ms < found->last_ms)
			found = &t->slots[i];
	map_remove(&t->by_key, found->key);
	return found;
}

/* The key's slot with its window up to date; `make`: a fresh one when there is none. */
static struct slot *slot_of(struct throttle *t, const char *key, int64_t now_ms, bool make)
{
	struct slot *slot = map_get(&t->by_key, key);
	void *old;

	if (!slot && make) {
		slot = t->count < t->size ? &t->slots[t->count++] : quietest(t);
		*slot = (struct slot){.began_ms = now_ms};
		if (text_copy(slot->key, sizeof(slot->key), key) ||
		    map_put(&t->by_key, slot->key, slot, &old))
			return NULL;
	}
	if (slot && (now_ms - slot->began_ms >= t->window_ms || now_ms < slot->began_ms)) {
		slot->began_ms = now_ms;
		slot->count = 0;
	}
	return slot;
}

bool throttle_allows(struct throttle *t, const char *key, int64_t now_ms)
{
	struct slot *slot;
	bool allowed;

	pthread_mutex_lock(&t->lock);
	slot = slot_of(t, key, now_ms, false);
	allowed = !slot || slot->count < t->most;
	pthread_mutex_unlock(&t->lock);
	return allowed;
}

void throttle_count(struct throttle *t, const char *key, int64_t now_ms)
{
	struct slot *slot;

	pthread_mutex_lock(&t->lock);
	slot = slot_of(t, key, now_ms, true);
	if (slot) {
		slot->count++;
		slot->last_ms = now_ms;
	}
	pthread_mutex_unlock(&t->lock);
}

#define IDLE_SWEEP_AT 4096
#define IDLE_KEEP_MS (24 * 3600 * INT64_C(1000)) /* longer than any session lives */

struct idle_login {
	int64_t id, used_ms;
};

struct idle {
	pthread_mutex_t lock;
	int64_t life_ms;
	struct map by_id;
};

int idle_new(int64_t life_ms, struct idle **ret)
{
	struct idle *i = calloc(1, sizeof(*i));

	if (!i)
		return -ENOMEM;
	pthread_mutex_init(&i->lock, NULL);
	i->life_ms = life_ms;
	map_init(&i->by_id, sizeof(int64_t));
	*ret = i;
	return 0;
}

void idle_free(struct idle *i)
{
	struct idle_login *login;
	size_t at = 0;

	if (!i)
		return;
	while ((login = map_next(&i->by_id, &at)))
		free(login);
	map_done(&i->by_id);
	pthread_mutex_destroy(&i->lock);
	free(i);
}

/* Forgets sessions whose whole life is over, once there are many. */
static void idle_sweep(struct idle *i, int64_t now_ms)
{
	struct idle_login *login;
	size_t at = 0, found = 0;
	int64_t gone[256];

	if (i->by_id.count < IDLE_SWEEP_AT)
		return;
	while (found < ARRAY_SIZE(gone) && (login = map_next(&i->by_id, &at)))
		if (now_ms - login->used_ms > IDLE_KEEP_MS)
			gone[found++] = login->id;
	while (found) {
		login = map_remove(&i->by_id, &gone[--found]);
		free(login);
	}
}

/* NULL: no memory; the session then counts as used, its own life still ends it. */
static struct idle_login *idle_add(struct idle *i, int64_t login_id, int64_t now_ms)
{
	struct idle_login *login;
	void *old;

	idle_sweep(i, now_ms);
	login = malloc(sizeof(*login));
	if (!login)
		return NULL;
	*login = (struct idle_login){login_id, now_ms};
	if (map_put(&i->by_id, &login->id, login, &old)) {
		free(login);
		return NULL;
	}
	return login;
}

bool idle_touch(struct idle *i, int64_t login_id, int64_t now_ms, bool use)
{
	struct idle_login *login;
	bool alive = true;

	pthread_mutex_lock(&i->lock);
	login = map_get(&i->by_id, &login_id);
	if (!login) {
		login = idle_add(i, login_id, now_ms);
	} else {
		alive = now_ms - login->used_ms <= i->life_ms;
	}
	if (login && alive && use)
		login->used_ms = now_ms;
	pthread_mutex_unlock(&i->lock);
	return alive;
}
