#include "server/gateway/limits.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/map.h"

#define KEY_SIZE 16
#define FORGET_EVERY 1024 /* opened connections between two clean-ups */

struct source {
	uint8_t key[KEY_SIZE];
	size_t open;
	int64_t minute_began_ms;
	size_t tries;
};

struct limits {
	struct limits_options o;
	pthread_mutex_t lock;
	struct map sources;
	size_t open, since_cleanup;
};

int limits_new(const struct limits_options *options, struct limits **ret)
{
	struct limits *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->o = *options;
	pthread_mutex_init(&l->lock, NULL);
	map_init(&l->sources, KEY_SIZE);
	*ret = l;
	return 0;
}

void limits_free(struct limits *l)
{
	struct source *s;
	size_t at = 0;

	if (!l)
		return;
	while ((s = map_next(&l->sources, &at)))
		free(s);
	map_done(&l->sources);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* A walk finds one that may go, then starts again: a map must not change under a walk. */
static void forget_idle(struct limits *l, int64_t now_ms)
{
	struct source *s;
	size_t at = 0;

	while ((s = map_next(&l->sources, &at)))
		if (s->open == 0 && now_ms - s->minute_began_ms > MINUTE_MS) {
			free(map_remove(&l->sources, s->key));
			at = 0;
		}
}

static int find(struct limits *l, const struct addr *from, int64_t now_ms, struct source **ret)
{
	uint8_t key[KEY_SIZE];
	struct source *s;
	int err;

	addr_host_key(from, key);
	s = map_get(&l->sources, key);
	if (!s) {
		if (++l->since_cleanup >= FORGET_EVERY) {
			l->since_cleanup = 0;
			forget_idle(l, now_ms);
		}
		s = calloc(1, sizeof(*s));
		if (!s)
			return -ENOMEM;
		addr_host_key(from, s->key);
		s->minute_began_ms = now_ms;
		err = map_put(&l->sources, s->key, s, NULL);
		if (err) {
			free(s);
			return err;
		}
	}
	*ret = s;
	return 0;
}

int limits_open(struct limits *l, const struct addr *from, int64_t now_ms)
{
	struct source *s;
	int err;

	pthread_mutex_lock(&l->lock);
	err = l->open >= l->o.connections_max ? -EUSERS : find(l, from, now_ms, &s);
	if (!err && s->open >= l->o.per_address_max)
		err = -EDQUOT;
	if (!err) {
		s->open++;
		l->open++;
	}
	pthread_mutex_unlock(&l->lock);
	return err;
}

void limits_close(struct limits *l, const struct addr *from)
{
	uint8_t key[KEY_SIZE];
	struct source *s;

	addr_host_key(from, key);
	pthread_mutex_lock(&l->lock);
	s = map_get(&l->sources, key);
	if (s && s->open > 0) {
		s->open--;
		l->open--;
	}
	pthread_mutex_unlock(&l->lock);
}

int limits_try_enrol(struct limits *l, const struct addr *from, int64_t now_ms)
{
	struct source *s;
	int err;

	pthread_mutex_lock(&l->lock);
	err = find(l, from, now_ms, &s);
	if (!err && now_ms - s->minute_began_ms > MINUTE_MS) {
		s->minute_began_ms = now_ms;
		s->tries = 0;
	}
	if (!err && s->tries++ >= l->o.enrol_per_minute)
		err = -EDQUOT;
	pthread_mutex_unlock(&l->lock);
	return err;
}

size_t limits_count(struct limits *l)
{
	size_t count;

	pthread_mutex_lock(&l->lock);
	count = l->open;
	pthread_mutex_unlock(&l->lock);
	return count;
}
