#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "gate/facts/steady.h"

#define NOON INT64_C(1795400000000)

static void time_follows_a_clock_that_walks(void **state)
{
	struct steady s;

	(void)state;
	steady_init(&s, NOON, 1000, 0);
	assert_int_equal(steady_now(&s, NOON + 5000, 6000), NOON + 5000);
	/* Drift of seconds is corrected, not called a jump. */
	assert_int_equal(steady_now(&s, NOON + 40000, 10000), NOON + 40000);
	assert_false(s.degraded);
}

static void a_jump_degrades_and_expires_nothing(void **state)
{
	struct steady s;

	(void)state;
	steady_init(&s, NOON, 1000, 0);
	assert_int_equal(steady_now(&s, NOON + 40 * DAY_MS, 2000), NOON + 1000);
	assert_true(s.degraded);
	assert_int_equal(steady_now(&s, NOON + 40 * DAY_MS, 3000), NOON + 2000);
	/* Coming back is believed only when somebody who knows says so. */
	assert_int_equal(steady_now(&s, NOON + 30000, 4000), NOON + 3000);
	assert_true(s.degraded);
}

static void the_servers_time_forgives_a_jump(void **state)
{
	struct steady s;

	(void)state;
	steady_init(&s, NOON, 1000, 0);
	assert_int_equal(steady_now(&s, NOON - DAY_MS, 2000), NOON + 1000);
	steady_confirm(&s, NOON + 1500, NOON + 1400, 2500);
	assert_false(s.degraded);
	assert_int_equal(steady_now(&s, NOON + 2400, 3500), NOON + 2400);
}

static void the_servers_time_counts_against_a_wrong_clock(void **state)
{
	struct steady s;

	(void)state;
	steady_init(&s, NOON, 1000, 0);
	steady_confirm(&s, NOON + DAY_MS, NOON, 2000);
	assert_true(s.degraded);
	assert_int_equal(steady_now(&s, NOON + 1000, 3000), NOON + DAY_MS + 1000);
}

static void a_clock_behind_what_is_on_disk_is_not_believed(void **state)
{
	struct steady s;

	(void)state;
	steady_init(&s, NOON - 365 * DAY_MS, 1000, NOON);
	assert_true(s.degraded);
	assert_int_equal(steady_now(&s, NOON - 365 * DAY_MS + 9000, 10000), NOON + 9000);
	steady_init(&s, NOON - 1000, 1000, NOON);
	assert_false(s.degraded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_follows_a_clock_that_walks),
		cmocka_unit_test(a_jump_degrades_and_expires_nothing),
		cmocka_unit_test(the_servers_time_forgives_a_jump),
		cmocka_unit_test(the_servers_time_counts_against_a_wrong_clock),
		cmocka_unit_test(a_clock_behind_what_is_on_disk_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
