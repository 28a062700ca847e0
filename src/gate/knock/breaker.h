/*
 * The breaker before every mass effect (invariant 12). Counts, per org unit, the terminals that
 * automation kept out or put out within ten minutes; when one more would make it more than 5% of
 * the unit's terminals, and at least 10, the effect stops: the unit keeps its last good state
 * until the wave is over. A window that has passed without another try closes the breaker again.
 * A wave that is known beforehand is stopped before its first.
 */
#pragma once

#include "base/mac.h"

#define BREAKER_WINDOW_MS (10 * 60 * INT64_C(1000))
#define BREAKER_LEAST 10
#define BREAKER_PERCENT 5

struct breaker;

enum breaker_answer {
	BREAKER_GO,	 /* do it */
	BREAKER_TRIPS,	 /* do not, and this is the one that tripped it: alarm */
	BREAKER_STOPPED, /* do not; it tripped before */
};

int breaker_new(struct breaker **ret) MUST_CHECK;
void breaker_free(struct breaker *b);
/*
 * May automation put this terminal out? `wave`: how many, this one included, wait to be put out
 * now; `terminals`: how many the unit has. The same MAC counts once per window. Without memory the
 * answer is BREAKER_STOPPED: nobody is put out.
 */
enum breaker_answer breaker_ask(struct breaker *b, int64_t unit_id, const struct mac *mac,
				size_t wave, size_t terminals, int64_t now_ms);
bool breaker_is_tripped(const struct breaker *b, int64_t unit_id, int64_t now_ms);
/* A person says that the effect is wanted: the unit's window starts anew. */
void breaker_reset(struct breaker *b, int64_t unit_id);
