#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "policy/freshness.h"

#define NOW (1000 * DAY_MS)

static char failing[64];
static enum posture posture;

static struct freshness_rules rules_of(const char *text)
{
	json_t *body = json_loads(text, 0, NULL);
	struct freshness_rules rules;

	assert_non_null(body);
	freshness_rules_read(body, &rules);
	json_decref(body);
	return rules;
}

/* A desk whose own checks say so, and which lacks a policy since so many hours. */
static void judge(const char *policy, const char *own, enum posture its, int64_t hours)
{
	const struct freshness_rules rules = rules_of(policy);

	snprintf(failing, sizeof(failing), "%s", own);
	posture = its;
	freshness_judge(&rules, hours ? NOW - hours * HOUR_MS : 0, NOW, &posture, failing,
			sizeof(failing));
}

#define ENFORCED "{\"guards\": {\"policy\": {\"mode\": \"enforce\", \"behind_hours\": 48}}}"

static void a_desk_is_behind_only_after_its_hours(void **state)
{
	(void)state;
	judge(ENFORCED, "", POSTURE_GOOD, 47);
	assert_int_equal(posture, POSTURE_GOOD);
	assert_string_equal(failing, "");
	judge(ENFORCED, "", POSTURE_GOOD, 48);
	assert_int_equal(posture, POSTURE_BAD);
	assert_string_equal(failing, "policy.too-old");
	judge(ENFORCED, "", POSTURE_GOOD, 0); /* it has the newest, however old that is */
	assert_int_equal(posture, POSTURE_GOOD);
}

static void it_is_told_apart_from_what_else_fails(void **state)
{
	(void)state;
	judge(ENFORCED, "usb.warned", POSTURE_GOOD, 48);
	assert_string_equal(failing, "policy.too-old,usb.warned");
	assert_true(freshness_fails_alone(failing));
	judge(ENFORCED, "antivirus.off", POSTURE_BAD, 48);
	assert_string_equal(failing, "antivirus.off,policy.too-old");
	assert_false(freshness_fails_alone(failing));
	assert_false(freshness_fails_alone("policy.too-older"));
}

static void it_is_looked_at_where_the_policy_says_so(void **state)
{
	(void)state;
	judge("{\"guards\": {}}", "", POSTURE_GOOD, 9000);
	assert_string_equal(failing, "");
	judge("{\"guards\": {\"policy\": {\"mode\": \"warn\"}}}", "", POSTURE_GOOD, 24);
	assert_string_equal(failing, "policy.too-old");
	assert_int_equal(posture, POSTURE_GOOD);
}

static void a_long_list_is_cut_at_a_code(void **state)
{
	(void)state;
	judge(ENFORCED, "aaaaaaaaaaaaaaaaaaaaaaaaaaa,bbbbbbbbbbbbbbbbbbbbbbbbbbb,cccc", POSTURE_BAD,
	      48);
	assert_string_equal(failing, "aaaaaaaaaaaaaaaaaaaaaaaaaaa,policy.too-old");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_desk_is_behind_only_after_its_hours),
		cmocka_unit_test(it_is_told_apart_from_what_else_fails),
		cmocka_unit_test(it_is_looked_at_where_the_policy_says_so),
		cmocka_unit_test(a_long_list_is_cut_at_a_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
