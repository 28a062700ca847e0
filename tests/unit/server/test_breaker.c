#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/jobs/breaker.h"

static const struct breaker_options usual = {.percent = 5, .least = 10, .window_ms = 600000};

static struct breaker *make(void)
{
	struct breaker *b = NULL;

	assert_int_equal(breaker_new(&usual, &b), 0);
	return b;
}

/* One round over `count` terminals of the unit at `path`; returns how many pass. */
static unsigned run_round(struct breaker *b, const char *path, unsigned count, uint64_t population,
			  int64_t now_ms)
{
	struct breaker_unit *u;
	unsigned passed = 0;
	size_t at = 0;

	breaker_begin(b, now_ms);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(breaker_hit(b, path), 0);
	while ((u = breaker_next_unit(b, &at)))
		breaker_judge(b, u, population);
	for (unsigned i = 0; i < count; i++)
		if (!breaker_holds(b, path)) {
			assert_int_equal(breaker_passed(b, path, now_ms), 0);
			passed++;
		}
	return passed;
}

static void a_few_pass_however_small_the_unit(void **state)
{
	struct breaker *b = make();

	(void)state;
	assert_int_equal(run_round(b, "/1/4/", 9, 9, 1000), 9);
	breaker_free(b);
}

static void more_than_five_percent_and_ten_are_held_all_of_them(void **state)
{
	struct breaker *b = make();

	(void)state;
	assert_int_equal(run_round(b, "/1/4/", 10, 199, 1000), 0);
	breaker_free(b);
	b = make();
	/* exactly five percent is not more */
	assert_int_equal(run_round(b, "/1/4/", 10, 200, 1000), 10);
	breaker_free(b);
}

static void slow_drops_add_up_within_the_window(void **state)
{
	struct breaker *b = make();

	(void)state;
	assert_int_equal(run_round(b, "/1/4/", 6, 100, 1000), 6);
	assert_int_equal(run_round(b, "/1/4/", 6, 100, 300000), 0);
	breaker_free(b);
}

static void what_is_out_of_the_window_is_forgotten(void **state)
{
	struct breaker *b = make();

	(void)state;
	assert_int_equal(run_round(b, "/1/4/", 6, 100, 1000), 6);
	assert_int_equal(run_round(b, "/1/4/", 6, 100, 601001), 6);
	breaker_free(b);
}

static void a_branch_is_watched_as_a_whole(void **state)
{
	struct breaker *b = make();
	struct breaker_unit *u;
	char path[32];
	size_t at = 0, units = 0;

	(void)state;
	breaker_begin(b, 1000);
	for (int outlet = 0; outlet < 4; outlet++)
		for (int i = 0; i < 3; i++) {
			snprintf(path, sizeof(path), "/1/4/%d/", 10 + outlet);
			assert_int_equal(breaker_hit(b, path), 0);
		}
	while ((u = breaker_next_unit(b, &at))) {
		units++;
		breaker_judge(b, u, strlen(u->path) > 5 ? 3 : 100);
		if (!strcmp(u->path, "/1/4/"))
			assert_true(u->tripped && u->hits == 12);
	}
	assert_int_equal(units, 6);
	assert_true(breaker_holds(b, "/1/4/10/"));
	breaker_free(b);
}

static void another_branch_is_not_held(void **state)
{
	struct breaker *b = make();
	struct breaker_unit *u;
	size_t at = 0;

	(void)state;
	breaker_begin(b, 1000);
	for (int i = 0; i < 20; i++)
		assert_int_equal(breaker_hit(b, "/1/4/"), 0);
	assert_int_equal(breaker_hit(b, "/1/5/"), 0);
	while ((u = breaker_next_unit(b, &at)))
		breaker_judge(b, u, strcmp(u->path, "/1/") == 0 ? 5000 : 100);
	assert_true(breaker_holds(b, "/1/4/"));
	assert_false(breaker_holds(b, "/1/5/"));
	breaker_free(b);
}

static void a_unit_that_stays_tripped_is_told_once(void **state)
{
	struct breaker *b = make();
	struct breaker_unit *u;
	size_t at = 0;

	(void)state;
	run_round(b, "/1/4/", 20, 20, 1000);
	breaker_begin(b, 2000);
	assert_int_equal(breaker_hit(b, "/1/4/"), 0);
	while ((u = breaker_next_unit(b, &at)))
		assert_true(u->was_tripped);
	breaker_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_few_pass_however_small_the_unit),
		cmocka_unit_test(more_than_five_percent_and_ten_are_held_all_of_them),
		cmocka_unit_test(slow_drops_add_up_within_the_window),
		cmocka_unit_test(what_is_out_of_the_window_is_forgotten),
		cmocka_unit_test(a_branch_is_watched_as_a_whole),
		cmocka_unit_test(another_branch_is_not_held),
		cmocka_unit_test(a_unit_that_stays_tripped_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
