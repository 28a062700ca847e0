/*
 * Of whom something was said lately, so that each is said once a period: a bounded set of keys that
 * is emptied when the period is over. Who invents keys fills it for that long, and costs no more
 * than that.
 */
#pragma once

#include "base/map.h"

struct told {
	struct map keys;
	size_t key_len, max;
	int64_t period_ms, since_ms;
	bool full;
};

enum told_word {
	TOLD_ALREADY,
	TOLD_NEW,
	TOLD_TOO_MANY, /* once a period, when there is no room for one more */
};

void told_init(struct told *t, size_t key_len, size_t max, int64_t period_ms);
void told_done(struct told *t);
/* TOLD_ALREADY also when memory is short. */
enum told_word told_ask(struct told *t, const void *key, int64_t now_ms);
