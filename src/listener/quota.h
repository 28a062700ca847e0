/* So many a minute, whoever floods. Times are those of the wall clock; one set back begins anew. */
#pragma once

#include "base/clock.h"

struct quota {
	unsigned per_minute, taken;
	int64_t minute_ms; /* when the running minute began */
};

/* False: the minute's are used up. */
static inline bool quota_take(struct quota *q, int64_t now_ms)
{
	if (now_ms - q->minute_ms >= MINUTE_MS || now_ms < q->minute_ms) {
		q->minute_ms = now_ms;
		q->taken = 0;
	}
	if (q->taken >= q->per_minute)
		return false;
	q->taken++;
	return true;
}
