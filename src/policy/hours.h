/*
 * The hours of the week in which a permit holds: at most four windows, each some weekdays and a
 * time of the day in China Standard Time. A window whose end is not after its beginning ends on the
 * day after. No window at all: always. Pure.
 */
#pragma once

#include "base/util.h"

#define HOURS_MOST 4
#define HOURS_DAY_MINUTES 1440
#define HOURS_ALL_DAYS 0x7fU

struct hours_window {
	unsigned days;			    /* bit 0 Monday .. bit 6 Sunday: on which it begins */
	unsigned from_minute, until_minute; /* 0..1439, 1..1440 */
};

/* One number a window, as the wire has it. -EINVAL: no day, or a minute out of its range. */
int hours_pack(const struct hours_window *w, uint32_t *ret) MUST_CHECK;
int hours_unpack(uint32_t packed, struct hours_window *ret) MUST_CHECK;
/* What is malformed holds never. */
bool hours_hold(const uint32_t *packed, size_t count, int64_t at_ms);
/* When they stop holding that hold at `at_ms`; 0: they do not hold, or never stop. */
int64_t hours_until(const uint32_t *packed, size_t count, int64_t at_ms);
