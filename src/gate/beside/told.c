#include "gate/beside/told.h"

#include <string.h>

void told_init(struct told *t, size_t key_len, size_t max, int64_t period_ms)
{
	*t = (struct told){.key_len = key_len, .max = max, .period_ms = period_ms};
	map_init(&t->keys, key_len);
}

static void forget(struct told *t)
{
	void *key;
	size_t at = 0;

	while ((key = map_next(&t->keys, &at)))
		free(key);
	map_clear(&t->keys);
	t->full = false;
}

void told_done(struct told *t)
{
	forget(t);
	map_done(&t->keys);
}

enum told_word told_ask(struct told *t, const void *key, int64_t now_ms)
{
	void *kept;

	if (now_ms - t->since_ms >= t->period_ms) {
		forget(t);
		t->since_ms = now_ms;
	}
	if (map_get(&t->keys, key) || t->full)
		return TOLD_ALREADY;
	if (t->keys.count >= t->max) {
		t->full = true;
		return TOLD_TOO_MANY;
	}
	kept = malloc(t->key_len);
	if (!kept)
		return TOLD_ALREADY;
	memcpy(kept, key, t->key_len);
	if (map_put(&t->keys, kept, kept, NULL)) {
		free(kept);
		return TOLD_ALREADY;
	}
	return TOLD_NEW;
}
