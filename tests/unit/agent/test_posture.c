#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "agent/core/posture.h"

static const struct guard_reason missing = {.code = "missing"}, open_share = {.code = "open"};
static const struct finding good = {.state = FINDING_GOOD};
static const struct finding bad = {.state = FINDING_BAD, .reason = &missing};
static const struct finding bad_share = {.state = FINDING_BAD, .reason = &open_share};
static const struct finding unknown = {.state = FINDING_UNKNOWN};

static struct posture_report combine(const struct posture_input *inputs, size_t count)
{
	struct posture_report r;

	posture_combine(inputs, count, &r);
	return r;
}

static void the_policy_says_what_a_bad_finding_is_worth(void **state)
{
	static const struct {
		enum guard_mode mode;
		enum posture posture;
		const char *failing, *warnings;
	} rows[] = {
		{GUARD_OFF, POSTURE_GOOD, "", ""},
		{GUARD_OBSERVE, POSTURE_GOOD, "", "antivirus.missing"},
		{GUARD_WARN, POSTURE_GOOD, "", "antivirus.missing"},
		{GUARD_ENFORCE, POSTURE_BAD, "antivirus.missing", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct posture_input in = {"antivirus", rows[i].mode, &bad};
		struct posture_report r = combine(&in, 1);

		assert_int_equal(r.posture, rows[i].posture);
		assert_string_equal(r.failing, rows[i].failing);
		assert_string_equal(r.warnings, rows[i].warnings);
	}
}

static void unknown_is_neither_good_nor_bad(void **state)
{
	const struct posture_input one[] = {{"antivirus", GUARD_ENFORCE, &unknown}};
	const struct posture_input both[] = {{"antivirus", GUARD_ENFORCE, &unknown},
					     {"share", GUARD_ENFORCE, &bad_share}};
	const struct posture_input warned[] = {{"antivirus", GUARD_WARN, &unknown}};

	(void)state;
	assert_int_equal(combine(one, 1).posture, POSTURE_UNKNOWN);
	assert_string_equal(combine(one, 1).failing, "antivirus.unknown");
	assert_int_equal(combine(both, 2).posture, POSTURE_BAD);
	assert_int_equal(combine(warned, 1).posture, POSTURE_GOOD);
}

static void every_reason_stands_in_one_list(void **state)
{
	const struct posture_input inputs[] = {{"antivirus", GUARD_ENFORCE, &bad},
					       {"clock", GUARD_ENFORCE, &good},
					       {"share", GUARD_WARN, &bad_share}};
	struct posture_report r = combine(inputs, 3);
	char all[POSTURE_LIST_SIZE];

	(void)state;
	posture_all_reasons(&r, all);
	assert_string_equal(all, "antivirus.missing,share.open");
}

static void a_list_that_is_too_long_is_cut_between_reasons(void **state)
{
	struct posture_input inputs[40];
	struct posture_report r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++)
		inputs[i] = (struct posture_input){"antivirus", GUARD_ENFORCE, &bad};
	r = combine(inputs, ARRAY_SIZE(inputs));
	assert_true(strlen(r.failing) < POSTURE_LIST_SIZE);
	assert_string_equal(r.failing + strlen(r.failing) - 17, "antivirus.missing");
}

static void what_was_told_is_read_back_as_it_was(void **state)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	struct posture_report was = {POSTURE_BAD, "antivirus.missing", "share.open"}, is;

	(void)state;
	posture_encode(&was, &text);
	assert_int_equal(posture_decode(buf_str(&text), &is), 0);
	assert_true(posture_report_equal(&was, &is));
}

static void a_damaged_memory_of_the_last_posture_is_refused(void **state)
{
	static const char *const texts[] = {"", "good", "good\n\n", "fine\n\n\n", "silent\n\n\n"};
	struct posture_report r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(posture_decode(texts[i], &r), -EBADMSG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_policy_says_what_a_bad_finding_is_worth),
		cmocka_unit_test(unknown_is_neither_good_nor_bad),
		cmocka_unit_test(every_reason_stands_in_one_list),
		cmocka_unit_test(a_list_that_is_too_long_is_cut_between_reasons),
		cmocka_unit_test(what_was_told_is_read_back_as_it_was),
		cmocka_unit_test(a_damaged_memory_of_the_last_posture_is_refused),
	};

	return cmocka_run_group_tests_name("posture", tests, NULL, NULL);
}
