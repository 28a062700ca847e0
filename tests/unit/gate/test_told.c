#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate/beside/told.h"

#define PERIOD_MS 3600000
#define START_MS INT64_C(1790000000000)

static struct told told;

static int setup(void **state)
{
	(void)state;
	told_init(&told, sizeof(uint32_t), 100, PERIOD_MS);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	told_done(&told);
	return 0;
}

static enum told_word ask(uint32_t key, int64_t after_ms)
{
	return told_ask(&told, &key, START_MS + after_ms);
}

static void each_is_said_once_a_period(void **state)
{
	(void)state;
	assert_int_equal(ask(1, 0), TOLD_NEW);
	assert_int_equal(ask(1, 1), TOLD_ALREADY);
	assert_int_equal(ask(2, 2), TOLD_NEW);
	assert_int_equal(ask(1, PERIOD_MS - 1), TOLD_ALREADY);
	assert_int_equal(ask(1, PERIOD_MS), TOLD_NEW);
}

static void a_crowd_is_said_once_and_blinds_nobody_for_longer(void **state)
{
	(void)state;
	for (uint32_t key = 0; key < 100; key++)
		assert_int_equal(ask(key, 0), TOLD_NEW);
	assert_int_equal(ask(100, 0), TOLD_TOO_MANY);
	for (uint32_t key = 101; key < 10000; key++)
		assert_int_equal(ask(key, 0), TOLD_ALREADY);
	assert_int_equal(told.keys.count, 100);
	assert_int_equal(ask(7, 1), TOLD_ALREADY);
	assert_int_equal(ask(20000, PERIOD_MS), TOLD_NEW);
	assert_int_equal(told.keys.count, 1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(each_is_said_once_a_period),
		CASE(a_crowd_is_said_once_and_blinds_nobody_for_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
