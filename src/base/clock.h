/*
 * Time. Wall time is milliseconds since 1970 UTC in an int64_t named `..._ms` or `..._at`;
 * durations that must not jump use the monotonic clock. Only this file asks the system for the
 * time, so that code which takes `now` as a parameter can be tested at any date.
 */
#pragma once

#include "base/util.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define CST_OFFSET_MS (8 * HOUR_MS) /* China Standard Time, no daylight saving */

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void); /* how long a slice of work took */
/* 2026-11-23T03:15:56.123Z (RFC 3339); `dst` holds CLOCK_TEXT_SIZE bytes. */
#define CLOCK_TEXT_SIZE 32
void clock_format_utc(char *dst, int64_t at_ms);
/* 2026-11-23 11:15:56, China Standard Time, for people. */
void clock_format_cst(char *dst, int64_t at_ms);
/* RFC 3339 with Z or an offset, seconds or milliseconds. */
int clock_parse(const char *s, int64_t *ret_ms) MUST_CHECK;
/* 202611: the month in China Standard Time that a mass record belongs to. */
int clock_month(int64_t at_ms);
