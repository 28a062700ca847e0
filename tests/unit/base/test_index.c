#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/index.h"

#define COUNT 5000U

/* The row of the number n is n + 1. */
static uint32_t tag_of(const struct index *x, uint32_t number)
{
	return index_tag(x, &number, sizeof(number));
}

static size_t times(const struct index *x, uint32_t number, uint32_t row)
{
	uint32_t tag = tag_of(x, number), found;
	size_t count = 0;

	for (size_t at = INDEX_START; (found = index_next(x, tag, &at));)
		count += found == row;
	return count;
}

static void fill(struct index *x)
{
	index_init(x);
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(index_add(x, tag_of(x, i), i + 1), 0);
	assert_int_equal(x->count, COUNT);
}

static void what_is_put_in_is_found_and_nothing_else(void **state)
{
	struct index x;

	(void)state;
	fill(&x);
	for (uint32_t i = 0; i < COUNT; i++) {
		assert_int_equal(times(&x, i, i + 1), 1);
		assert_int_equal(times(&x, i + COUNT, i + 1), 0);
	}
	index_done(&x);
}

static void an_empty_one_finds_nothing(void **state)
{
	struct index x;
	size_t at = 0;

	(void)state;
	index_init(&x);
	assert_int_equal(times(&x, 1, 2), 0);
	assert_int_equal(index_walk(&x, &at), 0);
	index_remove(&x, 7, 1);
	index_prefetch(&x, 7);
	index_done(&x);
}

static void what_is_taken_out_is_gone_and_the_others_stay(void **state)
{
	struct index x;

	(void)state;
	fill(&x);
	for (uint32_t i = 0; i < COUNT; i += 3)
		index_remove(&x, tag_of(&x, i), i + 1);
	index_remove(&x, tag_of(&x, 1), 9999); /* not in */
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(times(&x, i, i + 1), i % 3 != 0);
	assert_int_equal(x.count, COUNT - (COUNT + 2) / 3);
	index_done(&x);
}

static void a_key_may_be_in_twice_and_a_row_take_anothers_place(void **state)
{
	size_t at = INDEX_START;
	struct index x;

	(void)state;
	fill(&x);
	assert_int_equal(index_add(&x, tag_of(&x, 5), 6000), 0);
	assert_int_equal(times(&x, 5, 6), 1);
	assert_int_equal(times(&x, 5, 6000), 1);
	index_remove(&x, tag_of(&x, 5), 6);
	while (index_next(&x, tag_of(&x, 5), &at) != 6000)
		;
	index_set(&x, at, 7000);
	assert_int_equal(times(&x, 5, 6000), 0);
	assert_int_equal(times(&x, 5, 7000), 1);
	index_done(&x);
}

static void a_walk_meets_every_row_once(void **state)
{
	static uint8_t met[COUNT + 1];
	struct index x;
	size_t at = 0;
	uint32_t row;

	(void)state;
	fill(&x);
	while ((row = index_walk(&x, &at)))
		met[row]++;
	for (uint32_t i = 1; i <= COUNT; i++)
		assert_int_equal(met[i], 1);
	index_done(&x);
}

static void with_room_made_before_it_does_not_grow(void **state)
{
	struct index x;
	uint32_t size;

	(void)state;
	index_init(&x);
	for (uint32_t count = 1; count < 100; count++)
		assert_int_equal(index_reserve(&x, count), 0);
	assert_int_equal(index_reserve(&x, COUNT), 0);
	size = x.size;
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(index_add(&x, tag_of(&x, i), i + 1), 0);
	assert_int_equal(x.size, size);
	index_done(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_in_is_found_and_nothing_else),
		cmocka_unit_test(an_empty_one_finds_nothing),
		cmocka_unit_test(what_is_taken_out_is_gone_and_the_others_stay),
		cmocka_unit_test(a_key_may_be_in_twice_and_a_row_take_anothers_place),
		cmocka_unit_test(a_walk_meets_every_row_once),
		cmocka_unit_test(with_room_made_before_it_does_not_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
