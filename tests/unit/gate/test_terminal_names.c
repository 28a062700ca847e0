#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "gate/facts/terminal_names.h"

static struct pool pool;

static int setup(void **state)
{
	(void)state;
	pool_init(&pool);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pool_done(&pool);
	return 0;
}

static uint32_t terminal(int64_t id, const char *name, const char *asset_no)
{
	menshen_SnapTerminal m = {.id = id};
	uint32_t piece;
	size_t size;

	snprintf(m.name, sizeof(m.name), "%s", name);
	snprintf(m.asset_no, sizeof(m.asset_no), "%s", asset_no);
	assert_int_equal(snap_terminal_size(&m, &size), 0);
	assert_int_equal(pool_take(&pool, size, &piece), 0);
	snap_terminal_pack(&m, pool_at(&pool, piece));
	return piece;
}

static void a_host_name_is_found_in_any_case_and_with_its_domain(void **state)
{
	const uint32_t one = terminal(1, "PC0001", "A-1"), dotted = terminal(2, "pc2.lan", "A-2");
	struct terminal_names n;

	(void)state;
	terminal_names_init(&n, &pool, false);
	assert_int_equal(terminal_names_add(&n, one), 0);
	assert_int_equal(terminal_names_add(&n, dotted), 0);
	assert_ptr_equal(terminal_names_get(&n, "pc0001"), pool_at(&pool, one));
	assert_ptr_equal(terminal_names_get(&n, "PC0001.Bank.Example"), pool_at(&pool, one));
	assert_ptr_equal(terminal_names_get(&n, "pc2.lan"), pool_at(&pool, dotted));
	assert_null(terminal_names_get(&n, "pc2"));
	assert_null(terminal_names_get(&n, "A-1"));
	assert_null(terminal_names_get(&n, ""));
	terminal_names_done(&n);
}

static void an_asset_number_is_taken_whole(void **state)
{
	const uint32_t one = terminal(1, "PC0001", "A.1"), none = terminal(2, "x", "");
	struct terminal_names n;

	(void)state;
	terminal_names_init(&n, &pool, true);
	assert_int_equal(terminal_names_add(&n, one), 0);
	assert_int_equal(terminal_names_add(&n, none), 0);
	assert_ptr_equal(terminal_names_get(&n, "a.1"), pool_at(&pool, one));
	assert_null(terminal_names_get(&n, "a.1.bank"));
	assert_null(terminal_names_get(&n, ""));
	terminal_names_done(&n);
}

static void who_shares_a_name_is_nobody_until_the_other_goes(void **state)
{
	const uint32_t t[] = {terminal(1, "twin", ""), terminal(2, "TWIN", ""),
			      terminal(3, "Twin", "")};

	(void)state;
	for (size_t first = 0; first < ARRAY_SIZE(t); first++)
		for (size_t second = 0; second < ARRAY_SIZE(t); second++) {
			struct terminal_names n;

			if (first == second)
				continue;
			terminal_names_init(&n, &pool, false);
			for (size_t i = 0; i < ARRAY_SIZE(t); i++)
				assert_int_equal(terminal_names_add(&n, t[i]), 0);
			assert_null(terminal_names_get(&n, "twin"));
			terminal_names_remove(&n, t[first]);
			assert_null(terminal_names_get(&n, "twin"));
			terminal_names_remove(&n, t[second]);
			assert_ptr_equal(terminal_names_get(&n, "twin"),
					 pool_at(&pool, t[3 - first - second]));
			terminal_names_remove(&n, t[second]);
			terminal_names_remove(&n, t[3 - first - second]);
			assert_null(terminal_names_get(&n, "twin"));
			terminal_names_done(&n);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_name_is_found_in_any_case_and_with_its_domain),
		cmocka_unit_test(an_asset_number_is_taken_whole),
		cmocka_unit_test(who_shares_a_name_is_nobody_until_the_other_goes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
