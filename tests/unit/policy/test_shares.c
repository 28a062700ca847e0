/* Which shares must not stay open (D23). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "policy/shares.h"

static int parse(const char *text, struct share_rules *ret, char *where)
{
	json_t *settings = json_loads(text, 0, NULL);
	int err = share_rules_parse(settings, ret, where);

	assert_non_null(settings);
	json_decref(settings);
	return err;
}

static bool closes(const char *text, const struct share *s)
{
	char where[SHARES_WHERE_SIZE];
	struct share_rules r;
	int64_t now_ms;

	assert_int_equal(parse(text, &r, where), 0);
	assert_int_equal(clock_parse("2026-11-23T00:00:00Z", &now_ms), 0);
	return share_must_close(&r, s, now_ms);
}

static void what_needs_no_password_is_closed_first(void **state)
{
	const struct share guest = {.kind = SHARE_SMB, .guest = true, .everyone = true};
	const struct share everyone = {.kind = SHARE_SMB, .everyone = true};
	const struct share few = {.kind = SHARE_NFS};

	(void)state;
	assert_true(closes("{}", &guest));
	assert_false(closes("{}", &everyone));
	assert_true(closes("{\"close\":\"everyone\"}", &everyone));
	assert_false(closes("{\"close\":\"everyone\"}", &few));
	assert_true(closes("{\"close\":\"all\"}", &few));
}

static void another_machines_share_that_is_mounted_here_is_never_closed(void **state)
{
	const struct share s = {.kind = SHARE_MOUNTED, .guest = true, .everyone = true};

	(void)state;
	assert_false(closes("{\"close\":\"all\"}", &s));
}

static void an_exception_holds_by_name_or_path_until_its_end(void **state)
{
	const struct share s = {
		.kind = SHARE_USER, .name = "docs", .path = "/srv/docs", .guest = true};

	(void)state;
	assert_false(closes(
		"{\"except\":[{\"share\":\"docs\",\"until\":\"2026-12-01T00:00:00Z\"}]}", &s));
	assert_false(closes(
		"{\"except\":[{\"share\":\"/srv/docs\",\"until\":\"2026-12-01T00:00:00Z\"}]}", &s));
	assert_true(closes("{\"except\":[{\"share\":\"doc\",\"until\":\"2026-12-01T00:00:00Z\"}]}",
			   &s));
	assert_true(closes("{\"except\":[{\"share\":\"docs\",\"until\":\"2026-11-01T00:00:00Z\"}]}",
			   &s));
}

static void a_wrong_word_is_named_and_changes_nothing(void **state)
{
	static const struct {
		const char *text, *where;
	} bad[] = {
		{"{\"close\":\"some\"}", "close"},
		{"{\"except\":{}}", "except"},
		{"{\"except\":[{\"until\":\"2026-11-01T00:00:00Z\"}]}", "except[0].share"},
		{"{\"except\":[{\"share\":\"docs\"}]}", "except[0].until"},
		{"{\"except\":[{\"share\":\"docs\",\"until\":\"later\"}]}", "except[0].until"},
	};
	struct share_rules r = {.except_count = 7};
	char where[SHARES_WHERE_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(parse(bad[i].text, &r, where), -EINVAL);
		assert_string_equal(where, bad[i].where);
		assert_int_equal(r.except_count, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_needs_no_password_is_closed_first),
		cmocka_unit_test(another_machines_share_that_is_mounted_here_is_never_closed),
		cmocka_unit_test(an_exception_holds_by_name_or_path_until_its_end),
		cmocka_unit_test(a_wrong_word_is_named_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
