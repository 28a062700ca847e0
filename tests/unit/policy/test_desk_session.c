/* When a desk is locked, logged off and switched off (D11, D29). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "policy/desk_session.h"

#define WORK "\"hours\":[\"1-5 08:00-18:30\"]"
#define MONDAY_NOON "2026-11-23T04:00:00Z"    /* 12:00 in China */
#define MONDAY_EVENING "2026-11-23T12:00:00Z" /* 20:00 */
#define SUNDAY_NOON "2026-11-22T04:00:00Z"

static int parse(const char *text, struct desk_session_rules *ret, char *where)
{
	json_t *settings = json_loads(text, 0, NULL);
	int err = desk_session_rules_parse(settings, ret, where);

	assert_non_null(settings);
	json_decref(settings);
	return err;
}

static struct desk_session_rules rules(const char *text)
{
	char where[DESK_SESSION_WHERE_SIZE];
	struct desk_session_rules r;

	assert_int_equal(parse(text, &r, where), 0);
	return r;
}

static enum desk_session_act judge(const char *text, int64_t idle_ms, bool locked)
{
	const struct desk_session_rules r = rules(text);
	const struct desk_session_facts s = {"li", idle_ms, locked};

	return desk_session_judge(&r, &s);
}

static bool wants_off(const char *text, const char *at, int64_t idle_ms)
{
	const struct desk_session_rules r = rules(text);
	const struct desk_session_facts s = {"li", idle_ms, false};
	int64_t now_ms;

	assert_int_equal(clock_parse(at, &now_ms), 0);
	return desk_session_wants_off(&r, &s, 1, now_ms);
}

static void who_is_away_is_locked_once_then_logged_off(void **state)
{
	static const char text[] = "{\"lock_min\":10,\"logoff_min\":60}";

	(void)state;
	assert_int_equal(judge(text, 10 * MINUTE_MS - 1, false), DESK_SESSION_STAYS);
	assert_int_equal(judge(text, 10 * MINUTE_MS, false), DESK_SESSION_LOCK);
	assert_int_equal(judge(text, 10 * MINUTE_MS, true), DESK_SESSION_STAYS);
	assert_int_equal(judge(text, 60 * MINUTE_MS, true), DESK_SESSION_END);
	assert_int_equal(judge("{}", 60 * MINUTE_MS, false), DESK_SESSION_STAYS);
}

static void whose_idleness_nobody_knows_is_never_idle(void **state)
{
	(void)state;
	assert_int_equal(judge("{\"lock_min\":1,\"logoff_min\":1}", -1, false), DESK_SESSION_STAYS);
	assert_false(wants_off("{" WORK "}", MONDAY_EVENING, -1));
}

static void a_desk_is_switched_off_after_work_when_nobody_is_there(void **state)
{
	(void)state;
	assert_false(wants_off("{" WORK "}", MONDAY_NOON, DAY_MS));
	assert_true(wants_off("{" WORK "}", MONDAY_EVENING, 15 * MINUTE_MS));
	assert_true(wants_off("{" WORK "}", SUNDAY_NOON, 15 * MINUTE_MS));
	assert_false(wants_off("{" WORK "}", MONDAY_EVENING, 15 * MINUTE_MS - 1));
	assert_true(wants_off("{" WORK ",\"poweroff\":\"all\"}", MONDAY_EVENING, 0));
	assert_false(wants_off("{}", MONDAY_EVENING, DAY_MS));
}

static void a_leave_keeps_it_on_until_its_end(void **state)
{
	(void)state;
	assert_false(wants_off("{" WORK ",\"leave\":[{\"user\":\"li\","
			       "\"until\":\"2026-11-23T14:00:00Z\"}]}",
			       MONDAY_EVENING, DAY_MS));
	assert_true(wants_off("{" WORK ",\"leave\":[{\"user\":\"wang\","
			      "\"until\":\"2026-11-23T14:00:00Z\"}]}",
			      MONDAY_EVENING, DAY_MS));
	assert_false(wants_off("{" WORK ",\"leave\":[{\"until\":\"2026-11-23T14:00:00Z\"}]}",
			       MONDAY_EVENING, DAY_MS));
	assert_true(wants_off("{" WORK ",\"leave\":[{\"until\":\"2026-11-23T11:00:00Z\"}]}",
			      MONDAY_EVENING, DAY_MS));
}

static void a_wrong_word_is_named_and_changes_nothing(void **state)
{
	static const struct {
		const char *text, *where;
	} bad[] = {
		{"{\"lock_min\":0}", "lock_min"},
		{"{\"logoff_min\":1441}", "logoff_min"},
		{"{\"warn_min\":\"15\"}", "warn_min"},
		{"{\"hours\":[\"1-5 08:00-18:30\",\"8 08:00-09:00\"]}", "hours[1]"},
		{"{\"hours\":[\"5-1 08:00-18:30\"]}", "hours[0]"},
		{"{\"hours\":[\"1 08:00-18:30 \"]}", "hours[0]"},
		{"{\"hours\":[\"1 08:60-18:30\"]}", "hours[0]"},
		{"{\"hours\":\"1-5 08:00-18:30\"}", "hours"},
		{"{\"poweroff\":\"never\"}", "poweroff"},
		{"{\"leave\":[{\"user\":7,\"until\":\"2026-11-23T14:00:00Z\"}]}", "leave[0].user"},
		{"{\"leave\":[{\"user\":\"li\"}]}", "leave[0].until"},
	};
	struct desk_session_rules r = {.leave_count = 7};
	char where[DESK_SESSION_WHERE_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(parse(bad[i].text, &r, where), -EINVAL);
		assert_string_equal(where, bad[i].where);
		assert_int_equal(r.leave_count, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_away_is_locked_once_then_logged_off),
		cmocka_unit_test(whose_idleness_nobody_knows_is_never_idle),
		cmocka_unit_test(a_desk_is_switched_off_after_work_when_nobody_is_there),
		cmocka_unit_test(a_leave_keeps_it_on_until_its_end),
		cmocka_unit_test(a_wrong_word_is_named_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
