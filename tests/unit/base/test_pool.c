#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/pool.h"

static void pieces_are_zero_apart_and_stay_where_they_are(void **state)
{
	enum { COUNT = 60000 };
	static uint32_t pieces[COUNT];
	struct pool p;

	(void)state;
	pool_init(&p);
	for (uint32_t i = 0; i < COUNT; i++) {
		size_t size = 4 + i % 150;
		uint8_t *at;

		assert_int_equal(pool_take(&p, size, &pieces[i]), 0);
		assert_int_not_equal(pieces[i], 0);
		at = pool_at(&p, pieces[i]);
		for (size_t b = 0; b < size; b++)
			assert_int_equal(at[b], 0);
		memset(at, 0xff, size);
		memcpy(at, &i, sizeof(i));
	}
	for (uint32_t i = 0; i < COUNT; i++)
		assert_memory_equal(pool_at(&p, pieces[i]), &i, sizeof(i));
	pool_done(&p);
}

static void what_was_given_back_is_used_again_and_holds_nothing(void **state)
{
	static const uint8_t zero[40];
	uint32_t a, b, again;
	struct pool p;

	(void)state;
	pool_init(&p);
	assert_int_equal(pool_take(&p, 40, &a), 0);
	assert_int_equal(pool_take(&p, 16, &b), 0);
	memset(pool_at(&p, a), 0xee, 40);
	pool_give(&p, a, 40);
	assert_int_equal(pool_take(&p, 16, &again), 0);
	assert_int_not_equal(again, a); /* of another size */
	assert_int_equal(pool_take(&p, 33, &again), 0);
	assert_int_equal(again, a); /* of the same, rounded */
	assert_memory_equal(pool_at(&p, again), zero, sizeof(zero));
	pool_done(&p);
}

static void rows_that_come_and_go_take_no_more_room(void **state)
{
	uint32_t piece = 0;
	struct pool p;

	(void)state;
	pool_init(&p);
	for (size_t i = 0; i < 1000000; i++) {
		assert_int_equal(pool_take(&p, 100, &piece), 0);
		pool_give(&p, piece, 100);
	}
	assert_int_equal(p.count, 1);
	pool_done(&p);
}

static void an_impossible_size_is_refused(void **state)
{
	uint32_t piece;
	struct pool p;

	(void)state;
	pool_init(&p);
	assert_int_equal(pool_take(&p, 0, &piece), -EINVAL);
	assert_int_equal(pool_take(&p, POOL_PIECE_MAX + 1, &piece), -EINVAL);
	assert_int_equal(pool_take(&p, POOL_PIECE_MAX, &piece), 0);
	pool_done(&p);
}

static void a_pool_ends_step_by_step_and_can_be_used_again(void **state)
{
	uint32_t piece;
	size_t steps = 1;
	struct pool p;

	(void)state;
	pool_init(&p);
	for (size_t i = 0; i < 2000; i++)
		assert_int_equal(pool_take(&p, POOL_PIECE_MAX, &piece), 0);
	while (pool_shrink(&p))
		steps++;
	assert_int_equal(steps, 4);
	assert_int_equal(pool_take(&p, 8, &piece), 0);
	pool_done(&p);
}

static bool child_has(const struct pool *p, uint32_t piece)
{
	unsigned char resident;
	int status, pid = fork();

	if (pid == 0)
		_exit(mincore(pool_at(p, piece & ~511U), 1, &resident) == 0);
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status) != 0;
}

static void a_child_has_the_pieces_unless_they_are_kept_from_it(void **state)
{
	struct pool p, kept;
	uint32_t piece;

	(void)state;
	pool_init(&p);
	assert_int_equal(pool_take(&p, 40, &piece), 0);
	assert_true(child_has(&p, piece));
	pool_done(&p);
	pool_init(&kept);
	pool_keep_from_children(&kept);
	assert_int_equal(pool_take(&kept, 40, &piece), 0);
	memset(pool_at(&kept, piece), 0xff, 40);
	assert_false(child_has(&kept, piece));
	pool_done(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_has_the_pieces_unless_they_are_kept_from_it),
		cmocka_unit_test(pieces_are_zero_apart_and_stay_where_they_are),
		cmocka_unit_test(what_was_given_back_is_used_again_and_holds_nothing),
		cmocka_unit_test(rows_that_come_and_go_take_no_more_room),
		cmocka_unit_test(an_impossible_size_is_refused),
		cmocka_unit_test(a_pool_ends_step_by_step_and_can_be_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
