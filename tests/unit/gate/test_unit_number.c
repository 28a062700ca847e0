#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "gate/facts/unit_number.h"

/* Head office (1), a branch under it (2), an outlet under that (3). */
enum { HEAD_OFFICE = 1, BRANCH, OUTLET };
static const char *const codes[] = {[HEAD_OFFICE] = "HQ", [BRANCH] = "B01", [OUTLET] = "B01-1"};
static const struct unit_numbers file = {.count = 1, .list = {{.unit = "B01", .number = 5}}};

static void set_unit(struct snapshot *s, menshen_SnapUnit m)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	struct frame f;
	size_t used;

	m.parent_id = m.id - 1;
	assert_int_equal(text_copy(m.code, sizeof(m.code), codes[m.id]), 0);
	assert_int_equal(FRAME_ENCODE(&bytes, FRAME_SNAP_UNIT, &m), 0);
	assert_int_equal(frame_parse(bytes.data, bytes.len, &f, &used), 0);
	assert_int_equal(snapshot_apply(s, &f), 0);
}

static void make_tree(struct snapshot **ret)
{
	assert_int_equal(snapshot_new(NULL, ret), 0);
	for (int64_t id = HEAD_OFFICE; id <= OUTLET; id++)
		set_unit(*ret, (menshen_SnapUnit){.id = id});
}

static void where_head_office_says_nothing_the_gates_own_file_counts(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = NULL;

	(void)state;
	make_tree(&s);
	assert_int_equal(unit_last_known(&file, s, HEAD_OFFICE), 0);
	assert_int_equal(unit_last_known(&file, s, OUTLET), 5);
	assert_int_equal(unit_posture_grace(&file, s, OUTLET), 5);
	assert_int_equal(unit_last_known(&file, s, 99), 0);
}

static void what_head_office_says_above_counts_before_the_file(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = NULL;

	(void)state;
	make_tree(&s);
	set_unit(s, (menshen_SnapUnit){
			    .id = HEAD_OFFICE, .says_last_known = true, .last_known_days = 7});
	assert_int_equal(unit_last_known(&file, s, OUTLET), 7);
	assert_int_equal(unit_posture_grace(&file, s, OUTLET), 5);
}

static void the_nearest_unit_decides_and_silence_is_a_word_too(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = NULL;

	(void)state;
	make_tree(&s);
	set_unit(s, (menshen_SnapUnit){
			    .id = HEAD_OFFICE, .says_last_known = true, .last_known_days = 7});
	set_unit(s, (menshen_SnapUnit){.id = BRANCH, .says_last_known = true});
	assert_int_equal(unit_last_known(&file, s, HEAD_OFFICE), 7);
	assert_int_equal(unit_last_known(&file, s, BRANCH), 0);
	assert_int_equal(unit_last_known(&file, s, OUTLET), 0);
}

static void more_days_than_may_be_are_cut(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = NULL;

	(void)state;
	make_tree(&s);
	set_unit(s,
		 (menshen_SnapUnit){.id = BRANCH, .says_last_known = true, .last_known_days = 400});
	assert_int_equal(unit_last_known(&file, s, OUTLET), LAST_KNOWN_DAYS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_head_office_says_nothing_the_gates_own_file_counts),
		cmocka_unit_test(what_head_office_says_above_counts_before_the_file),
		cmocka_unit_test(the_nearest_unit_decides_and_silence_is_a_word_too),
		cmocka_unit_test(more_days_than_may_be_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
