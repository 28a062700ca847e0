#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "port/answered.h"

#define NOW_S INT64_C(1790000000)
#define WINDOW_S 300

static struct answered_list list;
static struct addr gate;

static int setup(void **state)
{
	(void)state;
	answered_init(&list, WINDOW_S);
	return addr_parse("10.0.0.1", 1812, &gate);
}

static int teardown(void **state)
{
	(void)state;
	answered_done(&list);
	return 0;
}

static void set_number(uint8_t authenticator[static RADIUS_AUTHENTICATOR_SIZE], uint32_t number)
{
	memset(authenticator, 0, RADIUS_AUTHENTICATOR_SIZE);
	memcpy(authenticator, &number, sizeof(number));
}

/* The request that is numbered so, sent and heard `after_s` after the beginning. */
static int add(uint32_t number, int64_t dated_s, int64_t after_s)
{
	struct answered a = {.from = gate, .at_s = NOW_S + dated_s, .code = 41}, *kept;

	set_number(a.authenticator, number);
	return answered_add(&list, &a, (NOW_S + after_s) * SECOND_MS, after_s * SECOND_MS, &kept);
}

static bool is_known(uint32_t number)
{
	uint8_t authenticator[RADIUS_AUTHENTICATOR_SIZE];
	const struct radius_packet p = {.authenticator = authenticator};

	set_number(authenticator, number);
	return answered_find(&list, &p, &gate);
}

static void many_requests_push_none_out_that_would_be_heard_again(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(add(i, 0, 0), 0);
	assert_true(is_known(0) && is_known(999));
	assert_false(is_known(1000));
}

static void it_is_forgotten_when_its_time_is_over(void **state)
{
	(void)state;
	assert_int_equal(add(1, 0, 0), 0);
	assert_int_equal(add(2, WINDOW_S, 0), 0); /* dated ahead */
	assert_int_equal(add(3, WINDOW_S, WINDOW_S), 0);
	assert_true(is_known(1) && is_known(2));
	assert_int_equal(add(4, 2 * WINDOW_S + 1, 2 * WINDOW_S + 1), 0);
	assert_false(is_known(1) || is_known(2));
	assert_true(is_known(3) && is_known(4));
}

static void a_clock_that_jumps_and_comes_back_forgets_nothing(void **state)
{
	struct answered a = {.from = gate, .at_s = NOW_S + 86400}, *kept;

	(void)state;
	assert_int_equal(add(1, 0, 0), 0);
	set_number(a.authenticator, 2);
	assert_int_equal(answered_add(&list, &a, (NOW_S + 86400) * SECOND_MS, SECOND_MS, &kept), 0);
	assert_true(is_known(1));
}

static void what_cannot_be_remembered_is_said(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < ANSWERED_MAX; i++)
		assert_int_equal(add(i, 0, 0), 0);
	assert_int_equal(add(ANSWERED_MAX, 0, 0), -ENOSPC);
	assert_true(is_known(0));
	assert_int_equal(add(ANSWERED_MAX, 601, 601), 0);
}

static void another_gates_request_is_another(void **state)
{
	uint8_t authenticator[RADIUS_AUTHENTICATOR_SIZE];
	const struct radius_packet p = {.authenticator = authenticator};
	struct addr other;

	(void)state;
	set_number(authenticator, 1);
	assert_int_equal(addr_parse("10.0.0.2", 1812, &other), 0);
	assert_int_equal(add(1, 0, 0), 0);
	assert_null(answered_find(&list, &p, &other));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(many_requests_push_none_out_that_would_be_heard_again),
		CASE(it_is_forgotten_when_its_time_is_over),
		CASE(a_clock_that_jumps_and_comes_back_forgets_nothing),
		CASE(what_cannot_be_remembered_is_said),
		CASE(another_gates_request_is_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
