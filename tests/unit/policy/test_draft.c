/* What head office refuses before anybody signs it: the guards' own words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/draft.h"

static int check_guard(const char *guard, const char *settings, char *where)
{
	json_t *one = json_loads(settings, 0, NULL);
	json_t *body = json_pack("{s:{s:o}}", "guards", guard, one);
	int r;

	assert_non_null(body);
	json_object_set_new(one, "mode", json_string("warn"));
	r = policy_draft_check(body, where);
	json_decref(body);
	return r;
}

static void words_that_desks_obey_are_good(void **state)
{
	static const struct {
		const char *guard, *settings;
	} good[] = {
		{"antivirus", "{\"definitions_max_days\":7,\"products\":[\"clamav\"]}"},
		{"accounts",
		 "{\"max_days\":90,\"admins\":[\"root\"],\"accounts\":[],\"words\":[\"bank\"]}"},
		{"baseline",
		 "{\"score_min\":80,\"mend\":true,\"except\":[{\"check\":\"sysctl.aslr\","
		 "\"until\":\"2027-01-01T00:00:00Z\"}]}"},
		{"egress",
		 "{\"bank\":[\"10.0.0.0/8\",\"2001:db8::/32\"],\"allow\":[\"wire\",\"wifi\"],"
		 "\"away\":\"cut\"}"},
		{"storage",
		 "{\"default\":\"read\",\"entries\":[{\"name\":\"a\",\"access\":\"write\"}]}"},
		{"address", "{\"bank\":[\"10.0.0.0/8\"],\"leases\":true,\"generation\":2}"},
		{"shares", "{\"close\":\"all\"}"},
		{"files", "{\"places\":[\"/media/x\"],\"reads\":true}"},
		{"software",
		 "{\"default\":\"run\",\"denied\":[\"package:game\",\"path:/opt/game/\"]}"},
		{"session", "{\"lock_min\":10,\"hours\":[\"1-5 08:00-18:30\"]}"},
		{"egress", "{}"},
		{"storage", "{}"},
		{"younger", "{\"bank\":7}"},
	};
	char where[POLICY_WHERE_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(check_guard(good[i].guard, good[i].settings, where), 0);
}

static void a_wrong_word_of_a_guard_is_named_by_its_place(void **state)
{
	static const struct {
		const char *guard, *settings, *where;
	} bad[] = {
		{"antivirus", "{\"definitions_max_days\":0}",
		 "guards.antivirus.definitions_max_days"},
		{"antivirus", "{\"products\":\"clamav\"}", "guards.antivirus.products"},
		{"files", "{\"places\":[\"/media\",7]}", "guards.files.places"},
		{"files", "{\"reads\":1}", "guards.files.reads"},
		{"software", "{\"denied\":[\"package:game\",\"game\"]}",
		 "guards.software.denied[1]"},
		{"accounts", "{\"max_days\":\"90\"}", "guards.accounts.max_days"},
		{"accounts", "{\"max_days\":3650}", "guards.accounts.max_days"},
		{"accounts", "{\"admins\":[\"root\",\"\"]}", "guards.accounts.admins"},
		{"baseline", "{\"score_min\":101}", "guards.baseline.score_min"},
		{"baseline", "{\"mend\":1}", "guards.baseline.mend"},
		{"baseline", "{\"except\":[{\"check\":\"a\"}]}", "guards.baseline.except"},
		{"baseline", "{\"except\":[{\"check\":\"a\",\"until\":\"soon\"}]}",
		 "guards.baseline.except"},
		{"egress", "{\"bank\":[\"10.0.0.0/8\",\"10.0.0.0/33\"]}", "guards.egress.bank[1]"},
		{"egress", "{\"allow\":[\"wire\",\"train\"]}", "guards.egress.allow[1]"},
		{"address", "{\"leases\":\"yes\"}", "guards.address.leases"},
		{"shares", "{\"except\":[{\"share\":\"a\"}]}", "guards.shares.except[0].until"},
		{"session", "{\"hours\":[\"always\"]}", "guards.session.hours[0]"},
		{"egress", "{\"away\":\"stay\"}", "guards.egress.away"},
		{"storage", "{\"default\":\"all\"}", "guards.storage.default"},
		{"storage",
		 "{\"entries\":[{\"name\":\"a\",\"access\":\"none\",\"until\":\"soon\"}]}",
		 "guards.storage.entries[0].until"},
	};
	char where[POLICY_WHERE_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(check_guard(bad[i].guard, bad[i].settings, where), -EINVAL);
		assert_string_equal(where, bad[i].where);
	}
}

static void what_is_no_policy_is_still_none(void **state)
{
	json_t *body = json_pack("{s:i}", "heartbeat_s", 0);
	char where[POLICY_WHERE_SIZE];

	(void)state;
	assert_int_equal(policy_draft_check(body, where), -EINVAL);
	assert_string_equal(where, "heartbeat_s");
	json_decref(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_that_desks_obey_are_good),
		cmocka_unit_test(a_wrong_word_of_a_guard_is_named_by_its_place),
		cmocka_unit_test(what_is_no_policy_is_still_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
