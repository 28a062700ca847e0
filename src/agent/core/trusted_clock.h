/*
 * The time that an agent judges certificates and ages by: max(system, build, last server time), so
 * that a clock set back opens nothing. It never runs backwards, over restarts neither (the last
 * server time is kept in a file).
 */
#pragma once

#include "base/clock.h"

struct trusted_clock {
	char path[128]; /* of the kept floor */
	int64_t floor_ms;
	int64_t floor_mono_ms; /* when the floor was learnt, on the monotonic clock */
	int64_t saved_ms;
};

/* When this program was built. */
int64_t build_time_ms(void);
/* A file that is missing or unreadable leaves `built_ms` as the floor. */
void trusted_clock_init(struct trusted_clock *c, const char *path, int64_t built_ms);
int64_t trusted_clock_now_ms(const struct trusted_clock *c);
/* Raises the floor; on disk at most once an hour. -errno when the file could not be written. */
int trusted_clock_learn(struct trusted_clock *c, int64_t server_ms) MUST_CHECK;
