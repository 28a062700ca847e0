#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

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

/* Seconds rounded towards the past, so that times before 1970 also format. */
static struct tm split(int64_t at_ms, int *ret_millis)
{
	int64_t millis = at_ms % SECOND_MS;
	time_t seconds = (time_t)(at_ms / SECOND_MS);
	struct tm tm = {0};

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
	struct tm tm = split(at_ms, &millis);
	size_t n = strftime(dst, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);

	snprintf(dst + n, CLOCK_TEXT_SIZE - n, ".%03dZ", millis % 1000);
}

void clock_format_cst(char *dst, int64_t at_ms)
{
	int millis;
	struct tm tm = split(at_ms + CST_OFFSET_MS, &millis);

	strftime(dst, CLOCK_TEXT_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
}

int clock_parse(const char *s, int64_t *ret_ms)
{
	struct tm tm = {0}, again;
	int millis = 0, hours = 0, minutes = 0, used = 0, more = 0;
	char zone = 0;
	time_t seconds;

	if (sscanf(s, "%4d-%2d-%2dT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &used) != 6 ||
	    used != 19)
		return -EINVAL;
	s += used;
	if (*s == '.') {
		if (sscanf(s, ".%3d%n", &millis, &more) != 1 || more != 4)
			return -EINVAL;
		s += more;
	}
	zone = *s;
	if (zone == '+' || zone == '-') {
		if (sscanf(s + 1, "%2d:%2d%n", &hours, &minutes, &more) != 2 || more != 5 || s[6] ||
		    hours > 23 || minutes > 59)
			return -EINVAL;
	} else if (zone != 'Z' || s[1]) {
		return -EINVAL;
	}
	tm.tm_year -= 1900;
	tm.tm_mon--;
	again = tm;
	seconds = timegm(&again);
	if (again.tm_mday != tm.tm_mday || again.tm_mon != tm.tm_mon || again.tm_hour != tm.tm_hour)
		return -EINVAL; /* a day that the calendar lacks */
	*ret_ms = (int64_t)seconds * SECOND_MS + millis;
	*ret_ms -= (zone == '-' ? -1 : 1) * (hours * HOUR_MS + minutes * MINUTE_MS);
	return 0;
}

int clock_month(int64_t at_ms)
{
	int millis;
	struct tm tm = split(at_ms + CST_OFFSET_MS, &millis);

	return (tm.tm_year + 1900) * 100 + tm.tm_mon + 1;
}
