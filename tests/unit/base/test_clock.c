#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define SAMPLE_MS INT64_C(1795403756123) /* 2026-11-23T03:15:56.123Z */

static void a_moment_is_written_in_utc_and_for_people_in_china(void **state)
{
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	clock_format_utc(text, SAMPLE_MS);
	assert_string_equal(text, "2026-11-23T03:15:56.123Z");
	clock_format_cst(text, SAMPLE_MS);
	assert_string_equal(text, "2026-11-23 11:15:56");
	clock_format_utc(text, 0);
	assert_string_equal(text, "1970-01-01T00:00:00.000Z");
	clock_format_utc(text, -1);
	assert_string_equal(text, "1969-12-31T23:59:59.999Z");
}

static void any_number_is_a_moment_that_can_be_written(void **state)
{
	static const int64_t extremes[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX,
					   INT64_C(-62167219200000)};
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(extremes); i++) {
		clock_format_utc(text, extremes[i]);
		assert_true(strnlen(text, sizeof(text)) < sizeof(text));
		clock_format_cst(text, extremes[i]);
		assert_true(strnlen(text, sizeof(text)) < sizeof(text));
	}
	clock_format_utc(text, INT64_C(-61346678400000));
	assert_string_equal(text, "0026-01-01T00:00:00.000Z");
}

static void rfc_3339_is_read_with_z_or_an_offset(void **state)
{
	static const struct {
		const char *text;
		int64_t at_ms;
	} good[] = {
		{"2026-11-23T03:15:56.123Z", SAMPLE_MS},
		{"2026-11-23T03:15:56Z", SAMPLE_MS - 123},
		{"2026-11-23T11:15:56.123+08:00", SAMPLE_MS},
		{"2026-11-22T22:45:56.123-04:30", SAMPLE_MS},
		{"2024-02-29T00:00:00Z", INT64_C(1709164800000)},
		{"1969-12-31T23:59:59.999Z", -1},
		{"9999-12-31T23:59:59.999Z", INT64_C(253402300799999)},
		{"0000-01-01T00:00:00.000Z", INT64_C(-62167219200000)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		int64_t at = 0;

		assert_int_equal(clock_parse(good[i].text, &at), 0);
		assert_int_equal(at, good[i].at_ms);
	}
}

static void a_moment_that_the_calendar_or_the_clock_lacks_is_refused(void **state)
{
	static const char *const bad[] = {
		"2026-02-29T00:00:00Z",	     "2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",	     "2026-01-00T00:00:00Z",
		"2026-01-01T24:00:00Z",	     "2026-01-01T00:60:00Z",
		"2026-01-01T00:00:61Z",	     "2026-01-01T00:99:00Z",
		"2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+00:60",
		"0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int64_t at = 42;

		assert_int_equal(clock_parse(bad[i], &at), -EINVAL);
		assert_int_equal(at, 42);
	}
}

static void loose_text_is_no_moment(void **state)
{
	static const char *const bad[] = {
		"",
		"2026-11-23",
		"2026-11-23 03:15:56Z",
		"2026-11-23T03:15:56",
		"2026-11-23T03:15:56z",
		"2026-11-23T03:15Z",
		"2026-11-23T03:15:56.1Z",
		"2026-11-23T03:15:56.1234Z",
		"2026-11-23T03:15:56.Z",
		"2026-11-23T03:15:56.123Z ",
		" 2026-11-23T03:15:56Z",
		"-026-11-23T03:15:56Z",
		"+026-11-23T03:15:56Z",
		"2026- 1-23T03:15:56Z",
		"2026-11-23T03:15:56+0800",
		"2026-11-23T03:15:56+08",
		"2026-11-23T03:15:56+08:00:00",
		"2026-11-23T03:15:56+-8:00",
		"2026-11-23T03:15:56.+23Z",
		"20261-11-23T03:15:56Z",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int64_t at = 42;

		assert_int_equal(clock_parse(bad[i], &at), -EINVAL);
		assert_int_equal(at, 42);
	}
}

static void every_day_of_a_century_survives_writing_and_reading(void **state)
{
	char text[CLOCK_TEXT_SIZE];
	int64_t start, at;

	(void)state;
	assert_int_equal(clock_parse("1999-12-31T23:59:59.007Z", &start), 0);
	for (int day = 0; day < 36525; day++) {
		clock_format_utc(text, start + day * DAY_MS);
		assert_int_equal(clock_parse(text, &at), 0);
		assert_int_equal(at, start + day * DAY_MS);
	}
}

static void a_month_begins_at_midnight_in_china(void **state)
{
	int64_t midnight;

	(void)state;
	assert_int_equal(clock_parse("2026-12-01T00:00:00+08:00", &midnight), 0);
	assert_int_equal(clock_month(midnight), 202612);
	assert_int_equal(clock_month(midnight - 1), 202611);
	assert_int_equal(clock_parse("2027-01-01T00:00:00+08:00", &midnight), 0);
	assert_int_equal(clock_month(midnight), 202701);
	assert_int_equal(clock_month(midnight - 1), 202612);
}

static void the_clocks_are_those_of_the_system(void **state)
{
	int64_t before = clock_mono_ms(), wall = clock_wall_ms();

	(void)state;
	assert_true(llabs(wall / 1000 - (int64_t)time(NULL)) <= 2);
	assert_true(clock_mono_ms() >= before);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_moment_is_written_in_utc_and_for_people_in_china),
		cmocka_unit_test(any_number_is_a_moment_that_can_be_written),
		cmocka_unit_test(rfc_3339_is_read_with_z_or_an_offset),
		cmocka_unit_test(a_moment_that_the_calendar_or_the_clock_lacks_is_refused),
		cmocka_unit_test(loose_text_is_no_moment),
		cmocka_unit_test(every_day_of_a_century_survives_writing_and_reading),
		cmocka_unit_test(a_month_begins_at_midnight_in_china),
		cmocka_unit_test(the_clocks_are_those_of_the_system),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
