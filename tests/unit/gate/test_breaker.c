#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gate/knock/breaker.h"

#define MINUTE (60 * INT64_C(1000))

static struct breaker *breaker;

static int setup(void **state)
{
	(void)state;
	return breaker_new(&breaker);
}

static int teardown(void **state)
{
	(void)state;
	breaker_free(breaker);
	return 0;
}

static enum breaker_answer ask(int64_t unit, unsigned number, size_t terminals, int64_t now_ms)
{
	struct mac mac = {{0, 1, 2, 3, (uint8_t)(number >> 8), (uint8_t)number}};

	return breaker_ask(breaker, unit, &mac, 1, terminals, now_ms);
}

static void a_small_unit_loses_nine_and_keeps_the_tenth(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 9; i++)
		assert_int_equal(ask(1, i, 20, MINUTE), BREAKER_GO);
	assert_int_equal(ask(1, 9, 20, MINUTE), BREAKER_TRIPS);
	assert_int_equal(ask(1, 10, 20, MINUTE), BREAKER_STOPPED);
	assert_true(breaker_is_tripped(breaker, 1, MINUTE));
}

static void a_large_unit_bears_five_percent(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(ask(1, i, 1000, MINUTE), BREAKER_GO);
	assert_int_equal(ask(1, 50, 1000, MINUTE), BREAKER_TRIPS);
}

static void a_wave_known_beforehand_is_stopped_before_its_first(void **state)
{
	struct mac mac = {{0}};

	(void)state;
	assert_int_equal(breaker_ask(breaker, 1, &mac, 10, 20, MINUTE), BREAKER_TRIPS);
	assert_int_equal(breaker_ask(breaker, 2, &mac, 9, 20, MINUTE), BREAKER_GO);
}

static void the_same_terminal_counts_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(ask(1, 7, 20, MINUTE + i), BREAKER_GO);
}

static void units_do_not_share_a_breaker(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 9; i++)
		assert_int_equal(ask(1, i, 20, MINUTE), BREAKER_GO);
	assert_int_equal(ask(2, 9, 20, MINUTE), BREAKER_GO);
}

static void effects_older_than_ten_minutes_are_forgotten(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 9; i++)
		assert_int_equal(ask(1, i, 20, MINUTE), BREAKER_GO);
	assert_int_equal(ask(1, 9, 20, MINUTE + BREAKER_WINDOW_MS), BREAKER_GO);
}

static void it_stays_open_while_the_wave_goes_on_and_closes_after_a_quiet_window(void **state)
{
	int64_t now_ms = MINUTE;

	(void)state;
	for (unsigned i = 0; i < 9; i++)
		assert_int_equal(ask(1, i, 20, now_ms), BREAKER_GO);
	assert_int_equal(ask(1, 9, 20, now_ms), BREAKER_TRIPS);
	for (unsigned i = 0; i < 30; i++)
		assert_int_equal(ask(1, 9, 20, now_ms += MINUTE), BREAKER_STOPPED);
	assert_int_equal(ask(1, 9, 20, now_ms + BREAKER_WINDOW_MS), BREAKER_GO);
}

static void a_person_resets_it(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++)
		(void)!ask(1, i, 20, MINUTE);
	breaker_reset(breaker, 1);
	assert_false(breaker_is_tripped(breaker, 1, MINUTE));
	assert_int_equal(ask(1, 11, 20, MINUTE), BREAKER_GO);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_small_unit_loses_nine_and_keeps_the_tenth),
		CASE(a_large_unit_bears_five_percent),
		CASE(a_wave_known_beforehand_is_stopped_before_its_first),
		CASE(the_same_terminal_counts_once),
		CASE(units_do_not_share_a_breaker),
		CASE(effects_older_than_ten_minutes_are_forgotten),
		CASE(it_stays_open_while_the_wave_goes_on_and_closes_after_a_quiet_window),
		CASE(a_person_resets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
