/* Waiting after wrong tries: the bounds of tries.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/api/tries.h"

#define MINUTE (60 * INT64_C(1000))
#define START (1000 * INT64_C(86400) * 1000)

static struct try from(const char *place, bool known)
{
	struct try t = {.account = "wang", .known = known};

	snprintf(t.place, sizeof(t.place), "%s", place);
	return t;
}

static bool wrong(struct tries *t, const char *place, bool known, int64_t now_ms)
{
	struct try try = from(place, known);

	return tries_take(t, &try, now_ms);
}

static struct tries *make(void **state)
{
	struct tries *t;

	(void)state;
	assert_int_equal(tries_new(64, 64, &t), 0);
	return t;
}

static void five_are_free_and_then_the_wait_doubles(void **state)
{
	struct tries *t = make(state);
	int64_t now = START;

	for (int i = 0; i < 5; i++)
		assert_true(wrong(t, "192.0.2.1", false, now));
	for (int64_t wait = MINUTE; wait < 64 * MINUTE; wait *= 2) {
		assert_false(wrong(t, "192.0.2.1", false, now + wait - 1));
		now += wait;
		assert_true(wrong(t, "192.0.2.1", false, now));
	}
	assert_false(wrong(t, "192.0.2.1", false, now + 60 * MINUTE - 1));
	assert_true(wrong(t, "192.0.2.1", false, now + 60 * MINUTE));
	tries_free(t);
}

static void one_address_has_few_guesses_in_the_life_of_a_password(void **state)
{
	struct tries *t = make(state);
	unsigned heard = 0;

	for (int64_t minute = 0; minute < INT64_C(90) * 24 * 60; minute++)
		for (int i = 0; i < 6; i++)
			heard += wrong(t, "192.0.2.1", false, START + minute * MINUTE);
	assert_in_range(heard, 2000, 2200);
	tries_free(t);
}

static void all_addresses_of_the_world_have_few_more(void **state)
{
	struct tries *t = make(state);
	unsigned heard = 0, n = 0;
	char place[32];

	for (int64_t minute = 0; minute < INT64_C(90) * 24 * 60; minute++)
		for (int i = 0; i < 3; i++) {
			snprintf(place, sizeof(place), "2001:db8::%x", n++);
			heard += wrong(t, place, false, START + minute * MINUTE);
		}
	assert_in_range(heard, 4000, 4500);
	tries_free(t);
}

static void strangers_do_not_keep_a_known_browser_out(void **state)
{
	struct tries *t = make(state);
	char place[32];

	for (unsigned n = 0; n < 500; n++) {
		snprintf(place, sizeof(place), "192.0.2.%u", n);
		wrong(t, place, false, START + n * MINUTE);
		wrong(t, "192.0.2.1", false, START + n * MINUTE);
	}
	assert_false(wrong(t, "192.0.2.250", false, START + 499 * MINUTE));
	assert_true(wrong(t, "browser", true, START + 499 * MINUTE));
	tries_free(t);
}

static void a_known_browser_is_held_by_its_own_count(void **state)
{
	struct tries *t = make(state);

	for (int i = 0; i < 5; i++)
		assert_true(wrong(t, "stolen", true, START));
	assert_false(wrong(t, "stolen", true, START));
	tries_free(t);
}

static void many_at_once_are_no_more_than_many_in_a_row(void **state)
{
	struct tries *t = make(state);
	unsigned heard = 0;

	for (int i = 0; i < 100; i++)
		heard += wrong(t, "192.0.2.1", false, START);
	assert_int_equal(heard, 5);
	tries_free(t);
}

static void a_right_password_leaves_the_code_its_turn(void **state)
{
	struct tries *t = make(state);
	struct try try = from("192.0.2.1", false);

	for (int i = 0; i < 5; i++)
		wrong(t, "192.0.2.1", false, START);
	assert_true(tries_take(t, &try, START + MINUTE));
	assert_int_equal(tries_heard_at(t, &try, START + MINUTE), START + 3 * MINUTE);
	tries_give_back(t, &try);
	assert_true(tries_take(t, &try, START + MINUTE));
	tries_give_back(t, &try);
	tries_forget(t, &try);
	for (int i = 0; i < 5; i++)
		assert_true(wrong(t, "192.0.2.1", false, START + MINUTE));
	tries_free(t);
}

static void an_administrator_lifts_every_wait_of_one_account(void **state)
{
	struct tries *t = make(state);
	struct try other = {.account = "wan", .place = "192.0.2.1"};

	for (int i = 0; i < 5; i++) {
		wrong(t, "192.0.2.1", false, START);
		assert_true(tries_take(t, &other, START));
	}
	tries_forget_account(t, "wan");
	assert_false(wrong(t, "192.0.2.1", false, START));
	assert_true(tries_take(t, &other, START));
	tries_forget_account(t, "wang");
	assert_true(wrong(t, "192.0.2.1", false, START));
	tries_free(t);
}

static void a_day_of_quiet_forgets_and_a_clock_set_back_holds_nobody(void **state)
{
	struct tries *t = make(state);

	for (int i = 0; i < 5; i++)
		wrong(t, "192.0.2.1", false, START);
	for (int i = 0; i < 5; i++)
		assert_true(wrong(t, "192.0.2.1", false, START + TRIES_QUIET_MS));
	assert_false(wrong(t, "192.0.2.1", false, START));
	assert_true(wrong(t, "192.0.2.1", false, START + MINUTE));
	tries_free(t);
}

static void a_full_table_forgets_who_was_quiet_longest(void **state)
{
	struct tries *t;
	(void)state;

	assert_int_equal(tries_new(2, 4, &t), 0);
	for (int i = 0; i < 5; i++)
		wrong(t, "a", false, START + i);
	for (int i = 0; i < 5; i++)
		wrong(t, "b", false, START + 10 + i);
	assert_true(wrong(t, "c", false, START + 20));
	assert_false(wrong(t, "b", false, START + 21));
	assert_true(wrong(t, "a", false, START + 22));
	tries_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_are_free_and_then_the_wait_doubles),
		cmocka_unit_test(one_address_has_few_guesses_in_the_life_of_a_password),
		cmocka_unit_test(all_addresses_of_the_world_have_few_more),
		cmocka_unit_test(strangers_do_not_keep_a_known_browser_out),
		cmocka_unit_test(a_known_browser_is_held_by_its_own_count),
		cmocka_unit_test(many_at_once_are_no_more_than_many_in_a_row),
		cmocka_unit_test(a_right_password_leaves_the_code_its_turn),
		cmocka_unit_test(an_administrator_lifts_every_wait_of_one_account),
		cmocka_unit_test(a_day_of_quiet_forgets_and_a_clock_set_back_holds_nobody),
		cmocka_unit_test(a_full_table_forgets_who_was_quiet_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
