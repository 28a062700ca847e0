/* What a unit chooses, and when that is for two persons (invariant 9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "office.h"
#include "server/engine/org.h"
#include "server/engine/unit_choice.h"

struct ask {
	const struct unit_choice *choice;
	int64_t unit_id, value;
	bool weakens;
	struct refused why;
};

static int look(struct store *s, int64_t now_ms, void *arg)
{
	struct ask *a = arg;

	return unit_choice_weakens(s, now_ms, a->choice, a->unit_id, a->value, &a->weakens,
				   &a->why);
}

static int choose(struct store *s, int64_t now_ms, void *arg)
{
	struct ask *a = arg;

	return unit_choose(s, now_ms, &actor_system, a->choice, a->unit_id, a->value, "test",
			   &a->why);
}

static int add_branch(struct store *s, int64_t now_ms, void *arg)
{
	struct ask *a = arg;
	const struct unit_spec spec = {
		.parent_id = a->unit_id, .kind = "branch", .code = "B01", .name = "分行"};

	return unit_create(s, now_ms, &actor_system, &spec, &a->unit_id, &a->why);
}

static bool weakens(struct office *o, const struct unit_choice *choice, int64_t unit, int64_t value)
{
	struct ask a = {.choice = choice, .unit_id = unit, .value = value};

	assert_int_equal(office_act(o, look, &a, 0), 0);
	return a.weakens;
}

static int set(struct office *o, const struct unit_choice *choice, int64_t unit, int64_t value)
{
	struct ask a = {.choice = choice, .unit_id = unit, .value = value};

	return office_act(o, choose, &a, 0);
}

static void more_than_what_holds_there_weakens(void **state)
{
	static const struct unit_choice *const choices[] = {&unit_grace, &unit_last_known};
	struct office o;
	struct ask below;

	(void)state;
	office_open(&o);
	below = (struct ask){.unit_id = o.unit_id};
	assert_int_equal(office_act(&o, add_branch, &below, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		const struct unit_choice *choice = choices[i];

		/* Nobody has said anything: a gate's file may say nothing. */
		assert_true(weakens(&o, choice, o.unit_id, 1));
		assert_false(weakens(&o, choice, o.unit_id, 0));
		assert_int_equal(set(&o, choice, o.unit_id, 7), 0);
		assert_false(weakens(&o, choice, o.unit_id, 6));
		assert_true(weakens(&o, choice, o.unit_id, 8));
		/* A gate's file may say the most. */
		assert_true(weakens(&o, choice, o.unit_id, UNIT_AS_ABOVE));

		/* Below: as above is 7. */
		assert_false(weakens(&o, choice, below.unit_id, 7));
		assert_true(weakens(&o, choice, below.unit_id, 8));
		assert_int_equal(set(&o, choice, below.unit_id, 3), 0);
		assert_true(weakens(&o, choice, below.unit_id, UNIT_AS_ABOVE));
		assert_int_equal(set(&o, choice, below.unit_id, choice->most), 0);
		assert_false(weakens(&o, choice, below.unit_id, UNIT_AS_ABOVE));
	}
	office_verify(&o);
	office_close(&o);
}

static void what_changes_nothing_or_is_too_much_is_refused(void **state)
{
	struct office o;

	(void)state;
	office_open(&o);
	assert_int_equal(set(&o, &unit_last_known, o.unit_id, UNIT_AS_ABOVE), -EALREADY);
	assert_int_equal(set(&o, &unit_last_known, o.unit_id, UNIT_LAST_KNOWN_DAYS_MOST + 1),
			 -EINVAL);
	assert_int_equal(set(&o, &unit_last_known, o.unit_id, -2), -EINVAL);
	assert_int_equal(set(&o, &unit_last_known, 99, 1), -ENOENT);
	assert_int_equal(office_acts(&o, "unit.last-known"), 0);
	assert_int_equal(set(&o, &unit_last_known, o.unit_id, 3), 0);
	assert_int_equal(set(&o, &unit_last_known, o.unit_id, 3), -EALREADY);
	assert_int_equal(office_acts(&o, "unit.last-known"), 1);
	office_close(&o);
}

static void a_detail_says_the_number_or_that_the_unit_above_counts(void **state)
{
	static const int64_t values[] = {0, 30, UNIT_AS_ABOVE};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		json_t *detail = unit_choice_detail(values[i]);

		assert_non_null(detail);
		assert_int_equal(unit_choice_detailed(detail), values[i]);
		json_decref(detail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_than_what_holds_there_weakens),
		cmocka_unit_test(what_changes_nothing_or_is_too_much_is_refused),
		cmocka_unit_test(a_detail_says_the_number_or_that_the_unit_above_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
