#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* What four digits of a year can say. */
#define YEAR_0_MS INT64_C(-62167219200000)
#define YEAR_9999_END_MS INT64_C(253402300799999)

static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * SECOND_MS + ts.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_mono_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Seconds rounded towards the past, so that times before 1970 also format. */
static struct tm split(int64_t at_ms, int64_t offset_ms, int *ret_millis)
{
	struct tm tm = {0};
	int64_t millis;
	time_t seconds;

	if (__builtin_add_overflow(at_ms, offset_ms, &at_ms))
		at_ms = INT64_MAX; /* a stranger's time stamp */
	millis = at_ms % SECOND_MS;
	seconds = (time_t)(at_ms / SECOND_MS);
	if (millis < 0) {
		millis += SECOND_MS;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	*ret_millis = (int)millis;
	return tm;
}

void clock_format_utc(char *dst, int64_t at_ms)
{
	int millis;
	struct tm tm = split(at_ms, 0, &millis);
	/* strftime() would write the year 26 as two digits. */
	int n = snprintf(dst, CLOCK_TEXT_SIZE, "%04d", tm.tm_year + 1900);

	n += (int)strftime(dst + n, CLOCK_TEXT_SIZE - (size_t)n, "-%m-%dT%H:%M:%S", &tm);
	snprintf(dst + n, CLOCK_TEXT_SIZE - (size_t)n, ".%03dZ", millis % 1000);
}

void clock_format_cst(char *dst, int64_t at_ms)
{
	int millis;
	struct tm tm = split(at_ms, CST_OFFSET_MS, &millis);

	int n = snprintf(dst, CLOCK_TEXT_SIZE, "%04d", tm.tm_year + 1900);

	strftime(dst + n, CLOCK_TEXT_SIZE - (size_t)n, "-%m-%d %H:%M:%S", &tm);
}

/* Exactly `count` digits, then `after` (0: anything); moves on. -1 when it is not so. */
static int take_digits(const char **s, int count, char after)
{
	int v = 0;

	for (; count > 0; count--, (*s)++) {
		if (**s < '0' || **s > '9')
			return -1;
		v = v * 10 + (**s - '0');
	}
	if (after && *(*s)++ != after)
		return -1;
	return v;
}

/* What stands behind the seconds: .123 or nothing, then Z or +08:00. */
static int parse_rest(const char *s, int64_t *ret_millis, int64_t *ret_offset_ms)
{
	int millis = 0, hours = 0, minutes = 0;
	char zone;

	if (*s == '.') {
		s++;
		millis = take_digits(&s, 3, 0);
	}
	zone = *s;
	if (zone == '+' || zone == '-') {
		s++;
		hours = take_digits(&s, 2, ':');
		minutes = hours < 0 ? -1 : take_digits(&s, 2, 0);
	} else if (zone == 'Z') {
		s++;
	} else {
		return -EINVAL;
	}
	if (millis < 0 || hours < 0 || minutes < 0 || hours > 23 || minutes > 59 || *s)
		return -EINVAL;
	*ret_millis = millis;
	*ret_offset_ms = (zone == '-' ? -1 : 1) * (hours * HOUR_MS + minutes * MINUTE_MS);
	return 0;
}

int clock_parse(const char *s, int64_t *ret_ms)
{
	static const int digits[] = {4, 2, 2, 2, 2, 2};
	static const char after[] = "--T::";
	int64_t at, millis, offset_ms;
	struct tm tm, again;
	int part[6], err;

	for (size_t i = 0; i < ARRAY_SIZE(part); i++) {
		part[i] = take_digits(&s, digits[i], after[i]);
		if (part[i] < 0)
			return -EINVAL;
	}
	err = parse_rest(s, &millis, &offset_ms);
	if (err)
		return err;
	tm = (struct tm){.tm_year = part[0] - 1900,
			 .tm_mon = part[1] - 1,
			 .tm_mday = part[2],
			 .tm_hour = part[3],
			 .tm_min = part[4],
			 .tm_sec = part[5]};
	again = tm;
	at = (int64_t)timegm(&again) * SECOND_MS + millis - offset_ms;
	/* timegm() carries over what the calendar or the clock lacks: then a part has moved. */
	if (again.tm_mon != tm.tm_mon || again.tm_mday != tm.tm_mday ||
	    again.tm_hour != tm.tm_hour || again.tm_min != tm.tm_min || again.tm_sec != tm.tm_sec ||
	    at < YEAR_0_MS || at > YEAR_9999_END_MS)
		return -EINVAL;
	*ret_ms = at;
	return 0;
}

int clock_month(int64_t at_ms)
{
	int millis;
	struct tm tm = split(at_ms, CST_OFFSET_MS, &millis);

	return (tm.tm_year + 1900) * 100 + tm.tm_mon + 1;
}
