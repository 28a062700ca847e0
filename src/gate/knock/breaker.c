#include "gate/knock/breaker.h"

#include "base/map.h"

#define EFFECTS_MAX 4096 /* of a unit within one window; more are stopped */

struct effect {
	struct mac mac;
	int64_t at_ms;
};

struct unit {
	int64_t id;
	bool tripped;
	int64_t tried_at_ms;
	struct effect *effects;
	size_t count, size;
};

struct breaker {
	struct map units;
};

int breaker_new(struct breaker **ret)
{
	struct breaker *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	map_init(&b->units, sizeof(int64_t));
	*ret = b;
	return 0;
}

void breaker_free(struct breaker *b)
{
	struct unit *u;
	size_t at = 0;

	if (!b)
		return;
	while ((u = map_next(&b->units, &at))) {
		free(u->effects);
		free(u);
	}
	map_done(&b->units);
	free(b);
}

static struct unit *get_unit(struct breaker *b, int64_t id)
{
	struct unit *u = map_get(&b->units, &id);

	if (u)
		return u;
	u = calloc(1, sizeof(*u));
	if (!u)
		return NULL;
	u->id = id;
	if (map_put(&b->units, &u->id, u, NULL)) {
		free(u);
		return NULL;
	}
	return u;
}

static void forget_old(struct unit *u, int64_t now_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < u->count; i++)
		if (now_ms - u->effects[i].at_ms < BREAKER_WINDOW_MS)
			u->effects[kept++] = u->effects[i];
	u->count = kept;
	if (now_ms - u->tried_at_ms >= BREAKER_WINDOW_MS)
		u->tripped = false;
}

static bool counted(struct unit *u, const struct mac *mac)
{
	for (size_t i = 0; i < u->count; i++)
		if (mac_equal(&u->effects[i].mac, mac))
			return true;
	return false;
}

static bool count_effect(struct unit *u, const struct mac *mac, int64_t now_ms)
{
	if (u->count == u->size) {
		size_t size = u->size ? u->size * 2 : 16;
		struct effect *grown;

		if (size > EFFECTS_MAX)
			return false;
		grown = reallocarray(u->effects, size, sizeof(*grown));
		if (!grown)
			return false;
		u->effects = grown;
		u->size = size;
	}
	u->effects[u->count++] = (struct effect){*mac, now_ms};
	return true;
}

enum breaker_answer breaker_ask(struct breaker *b, int64_t unit_id, const struct mac *mac,
				size_t wave, size_t terminals, int64_t now_ms)
{
	struct unit *u = get_unit(b, unit_id);
	size_t effects;

	if (!u)
		return BREAKER_STOPPED;
	forget_old(u, now_ms);
	u->tried_at_ms = now_ms;
	if (u->tripped)
		return BREAKER_STOPPED;
	if (counted(u, mac))
		return BREAKER_GO;
	effects = u->count + wave;
	if (effects >= BREAKER_LEAST && effects * 100 > terminals * BREAKER_PERCENT) {
		u->tripped = true;
		return BREAKER_TRIPS;
	}
	return count_effect(u, mac, now_ms) ? BREAKER_GO : BREAKER_STOPPED;
}

bool breaker_is_tripped(const struct breaker *b, int64_t unit_id, int64_t now_ms)
{
	const struct unit *u = map_get(&b->units, &unit_id);

	return u && u->tripped && now_ms - u->tried_at_ms < BREAKER_WINDOW_MS;
}

void breaker_reset(struct breaker *b, int64_t unit_id)
{
	struct unit *u = map_get(&b->units, &unit_id);

	if (u) {
		u->tripped = false;
		u->count = 0;
	}
}
