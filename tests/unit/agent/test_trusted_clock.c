#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "agent/core/trusted_clock.h"
#include "place.h"

#define FUTURE_MS (clock_wall_ms() + 400 * DAY_MS)

static void the_latest_of_system_build_and_server_is_trusted(void **state)
{
	const struct place *p = *state;
	int64_t wall = clock_wall_ms(), future = FUTURE_MS;
	struct trusted_clock c;

	trusted_clock_init(&c, place_path(p, "clock"), wall - DAY_MS);
	assert_true(trusted_clock_now_ms(&c) >= wall);
	assert_true(trusted_clock_now_ms(&c) < wall + MINUTE_MS);
	trusted_clock_init(&c, place_path(p, "clock"), wall + DAY_MS); /* the clock was set back */
	assert_true(trusted_clock_now_ms(&c) >= wall + DAY_MS);
	assert_int_equal(trusted_clock_learn(&c, future), 0);
	assert_true(trusted_clock_now_ms(&c) >= future);
	assert_int_equal(trusted_clock_learn(&c, wall), 0);
	assert_true(trusted_clock_now_ms(&c) >= future);
}

static void the_servers_time_outlives_a_restart(void **state)
{
	const struct place *p = *state;
	int64_t future = FUTURE_MS;
	struct trusted_clock c;

	trusted_clock_init(&c, place_path(p, "clock"), 0);
	assert_int_equal(trusted_clock_learn(&c, future), 0);
	trusted_clock_init(&c, place_path(p, "clock"), 0);
	assert_true(trusted_clock_now_ms(&c) >= future);
}

static void a_damaged_file_leaves_the_time_of_the_build(void **state)
{
	static const char *const texts[] = {"", "soon", "-5", "99999999999999999999999", "1 2"};
	const struct place *p = *state;
	int64_t built = FUTURE_MS;
	struct trusted_clock c;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		place_write(p, "clock", texts[i]);
		trusted_clock_init(&c, place_path(p, "clock"), built);
		assert_true(trusted_clock_now_ms(&c) >= built);
		assert_true(trusted_clock_now_ms(&c) < built + MINUTE_MS);
	}
}

static void the_file_is_written_once_an_hour_at_most(void **state)
{
	const struct place *p = *state;
	int64_t future = FUTURE_MS;
	struct trusted_clock c;

	trusted_clock_init(&c, place_path(p, "clock"), 0);
	assert_int_equal(trusted_clock_learn(&c, future), 0);
	assert_int_equal(unlink(place_path(p, "clock")), 0);
	assert_int_equal(trusted_clock_learn(&c, future + 30 * MINUTE_MS), 0);
	assert_int_not_equal(access(place_path(p, "clock"), F_OK), 0);
	assert_int_equal(trusted_clock_learn(&c, future + 61 * MINUTE_MS), 0);
	assert_int_equal(access(place_path(p, "clock"), F_OK), 0);
}

static void this_program_was_built_in_the_past(void **state)
{
	(void)state;
	assert_true(build_time_ms() > INT64_C(1577836800) * SECOND_MS);
	assert_true(build_time_ms() <= clock_wall_ms());
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PLACE_CASE(the_latest_of_system_build_and_server_is_trusted),
		PLACE_CASE(the_servers_time_outlives_a_restart),
		PLACE_CASE(a_damaged_file_leaves_the_time_of_the_build),
		PLACE_CASE(the_file_is_written_once_an_hour_at_most),
		PLACE_CASE(this_program_was_built_in_the_past),
	};

	return cmocka_run_group_tests_name("trusted_clock", tests, NULL, NULL);
}
