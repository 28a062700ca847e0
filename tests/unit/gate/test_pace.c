#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate/eap/pace.h"

static void ask(struct pace *p, unsigned questions)
{
	while (questions-- > 0)
		pace_question(p);
}

static void few_questions_are_taken_at_once(void **state)
{
	struct pace p = {.window_began_ms = 1000};

	(void)state;
	ask(&p, PACE_BUSY - 1);
	pace_step(&p, 1000 + PACE_WINDOW_MS);
	assert_false(pace_gathers_engine(&p));
	assert_false(pace_gathers_switches(&p));
}

static void many_questions_are_gathered_until_they_are_few_again(void **state)
{
	struct pace p = {.window_began_ms = 1000};

	(void)state;
	ask(&p, PACE_BUSY);
	pace_step(&p, 1000 + PACE_WINDOW_MS - 1);
	assert_false(pace_gathers_engine(&p));
	pace_step(&p, 1000 + PACE_WINDOW_MS);
	assert_true(pace_gathers_engine(&p));
	assert_true(pace_gathers_switches(&p));
	pace_step(&p, 1000 + 2 * PACE_WINDOW_MS);
	assert_false(pace_gathers_engine(&p));
	assert_false(pace_gathers_switches(&p));
}

static void what_the_gate_answers_itself_never_waits_for_long(void **state)
{
	struct pace p = {.window_began_ms = 1000};

	(void)state;
	ask(&p, PACE_BUSY);
	pace_step(&p, 1000 + PACE_WINDOW_MS);
	assert_true(pace_gathers_switches(&p));
	pace_direct(&p);
	assert_false(pace_gathers_switches(&p));
	assert_true(pace_gathers_engine(&p));
	/* Nor in the next window, for one printer seldom comes alone. */
	ask(&p, PACE_BUSY);
	pace_step(&p, 1000 + 2 * PACE_WINDOW_MS);
	assert_true(pace_gathers_engine(&p));
	assert_false(pace_gathers_switches(&p));
	ask(&p, PACE_BUSY);
	pace_step(&p, 1000 + 3 * PACE_WINDOW_MS);
	assert_true(pace_gathers_switches(&p));
}

static void questions_spread_over_a_long_silence_are_not_many(void **state)
{
	struct pace p = {.window_began_ms = 1000};

	(void)state;
	ask(&p, PACE_BUSY);
	pace_step(&p, 1000 + 2 * PACE_WINDOW_MS);
	assert_false(pace_gathers_engine(&p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_questions_are_taken_at_once),
		cmocka_unit_test(many_questions_are_gathered_until_they_are_few_again),
		cmocka_unit_test(what_the_gate_answers_itself_never_waits_for_long),
		cmocka_unit_test(questions_spread_over_a_long_silence_are_not_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
