#include "policy/hours.h"

#include "base/clock.h"

#define WEEK_MINUTES (7 * HOURS_DAY_MINUTES)
#define FIRST_DAY 3 /* 1970-01-01 was a Thursday */
#define MINUTE_BITS 11
#define MINUTE_MASK ((1U << MINUTE_BITS) - 1)

static bool is_sane(const struct hours_window *w)
{
	return w->days && !(w->days & ~HOURS_ALL_DAYS) && w->from_minute < HOURS_DAY_MINUTES &&
	       w->until_minute > 0 && w->until_minute <= HOURS_DAY_MINUTES;
}

int hours_pack(const struct hours_window *w, uint32_t *ret)
{
	if (!is_sane(w))
		return -EINVAL;
	*ret = w->days << 2 * MINUTE_BITS | w->from_minute << MINUTE_BITS | w->until_minute;
	return 0;
}

int hours_unpack(uint32_t packed, struct hours_window *ret)
{
	const struct hours_window w = {.days = packed >> 2 * MINUTE_BITS,
				       .from_minute = packed >> MINUTE_BITS & MINUTE_MASK,
				       .until_minute = packed & MINUTE_MASK};

	if (!is_sane(&w))
		return -EINVAL;
	*ret = w;
	return 0;
}

static int64_t minutes_of(int64_t at_ms)
{
	return (at_ms + CST_OFFSET_MS) / MINUTE_MS;
}

static unsigned week_minute(int64_t minutes)
{
	return (unsigned)((minutes + FIRST_DAY * HOURS_DAY_MINUTES) % WEEK_MINUTES);
}

/* How many minutes the window goes on after minute `at` of the week; 0: it does not hold then. */
static unsigned left_of(const struct hours_window *w, unsigned at)
{
	unsigned length = w->until_minute > w->from_minute
				  ? w->until_minute - w->from_minute
				  : w->until_minute + HOURS_DAY_MINUTES - w->from_minute;
	unsigned most = 0;

	for (unsigned day = 0; day < 7; day++) {
		unsigned since = (at + WEEK_MINUTES - (day * HOURS_DAY_MINUTES + w->from_minute)) %
				 WEEK_MINUTES;

		if (w->days & 1U << day && since < length)
			most = MAX(most, length - since);
	}
	return most;
}

static unsigned left_of_all(const uint32_t *packed, size_t count, unsigned at)
{
	struct hours_window w;
	unsigned most = 0;

	for (size_t i = 0; i < count; i++)
		if (hours_unpack(packed[i], &w) == 0)
			most = MAX(most, left_of(&w, at));
	return most;
}

bool hours_hold(const uint32_t *packed, size_t count, int64_t at_ms)
{
	return count == 0 || left_of_all(packed, count, week_minute(minutes_of(at_ms))) > 0;
}

int64_t hours_until(const uint32_t *packed, size_t count, int64_t at_ms)
{
	int64_t begin = minutes_of(at_ms), end = begin;
	unsigned left;

	while ((left = left_of_all(packed, count, week_minute(end)))) {
		end += left;
		if (end - begin >= WEEK_MINUTES)
			return 0;
	}
	return end == begin ? 0 : end * MINUTE_MS - CST_OFFSET_MS;
}
