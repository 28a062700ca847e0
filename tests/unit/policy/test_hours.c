#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "policy/hours.h"

/* 2026-11-23 is a Monday. */
static int64_t at(const char *time)
{
	int64_t ms = 0;

	assert_int_equal(clock_parse(time, &ms), 0);
	return ms;
}

static uint32_t window(unsigned days, unsigned from, unsigned until)
{
	const struct hours_window w = {days, from, until};
	uint32_t packed = 0;

	assert_int_equal(hours_pack(&w, &packed), 0);
	return packed;
}

#define WORKDAYS 0x1fU
#define SATURDAY 0x20U
#define SUNDAY 0x40U

static void without_windows_every_hour_is_one(void **state)
{
	(void)state;
	assert_true(hours_hold(NULL, 0, at("2026-11-22T03:00:00+08:00")));
	assert_int_equal(hours_until(NULL, 0, at("2026-11-22T03:00:00+08:00")), 0);
}

static void a_working_day_begins_and_ends_in_chinas_time(void **state)
{
	const uint32_t w = window(WORKDAYS, 8 * 60 + 30, 17 * 60 + 30);

	(void)state;
	assert_false(hours_hold(&w, 1, at("2026-11-23T08:29:59+08:00")));
	assert_true(hours_hold(&w, 1, at("2026-11-23T08:30:00+08:00")));
	assert_true(hours_hold(&w, 1, at("2026-11-27T17:29:59+08:00")));
	assert_false(hours_hold(&w, 1, at("2026-11-27T17:30:00+08:00")));
	assert_false(hours_hold(&w, 1, at("2026-11-28T12:00:00+08:00")));
	assert_int_equal(hours_until(&w, 1, at("2026-11-23T12:00:30+08:00")),
			 at("2026-11-23T17:30:00+08:00"));
	assert_int_equal(hours_until(&w, 1, at("2026-11-23T18:00:00+08:00")), 0);
}

static void a_night_goes_on_into_the_next_day_and_week(void **state)
{
	const uint32_t w = window(SUNDAY, 22 * 60, 6 * 60);

	(void)state;
	assert_false(hours_hold(&w, 1, at("2026-11-22T05:00:00+08:00")));
	assert_true(hours_hold(&w, 1, at("2026-11-22T23:00:00+08:00")));
	assert_true(hours_hold(&w, 1, at("2026-11-23T05:59:00+08:00")));
	assert_false(hours_hold(&w, 1, at("2026-11-23T06:00:00+08:00")));
	assert_int_equal(hours_until(&w, 1, at("2026-11-22T23:00:00+08:00")),
			 at("2026-11-23T06:00:00+08:00"));
}

static void windows_that_meet_are_one(void **state)
{
	const uint32_t w[] = {window(SATURDAY, 9 * 60, 12 * 60), window(SATURDAY, 12 * 60, 1440),
			      window(SUNDAY, 0, 60)};

	(void)state;
	assert_int_equal(hours_until(w, 3, at("2026-11-28T10:00:00+08:00")),
			 at("2026-11-29T01:00:00+08:00"));
}

static void around_the_clock_never_ends(void **state)
{
	const uint32_t w = window(HOURS_ALL_DAYS, 0, 1440);

	(void)state;
	assert_true(hours_hold(&w, 1, at("2026-11-28T10:00:00+08:00")));
	assert_int_equal(hours_until(&w, 1, at("2026-11-28T10:00:00+08:00")), 0);
}

static void what_is_no_window_is_refused_and_holds_never(void **state)
{
	static const struct hours_window wrong[] = {
		{0, 0, 60}, {0x80, 0, 60}, {1, 1440, 60}, {1, 0, 0}, {1, 0, 1441}};
	const uint32_t malformed[] = {0, UINT32_MAX};
	uint32_t packed;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(hours_pack(&wrong[i], &packed), -EINVAL);
	assert_false(hours_hold(malformed, 2, at("2026-11-23T12:00:00+08:00")));
}

static void a_window_comes_back_from_its_number(void **state)
{
	struct hours_window w;

	(void)state;
	assert_int_equal(hours_unpack(window(0x55, 1439, 1440), &w), 0);
	assert_int_equal(w.days, 0x55);
	assert_int_equal(w.from_minute, 1439);
	assert_int_equal(w.until_minute, 1440);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_windows_every_hour_is_one),
		cmocka_unit_test(a_working_day_begins_and_ends_in_chinas_time),
		cmocka_unit_test(a_night_goes_on_into_the_next_day_and_week),
		cmocka_unit_test(windows_that_meet_are_one),
		cmocka_unit_test(around_the_clock_never_ends),
		cmocka_unit_test(what_is_no_window_is_refused_and_holds_never),
		cmocka_unit_test(a_window_comes_back_from_its_number),
	};

	return cmocka_run_group_tests_name("policy/hours", tests, NULL, NULL);
}
