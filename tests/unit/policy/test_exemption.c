#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/exemption.h"

static void an_exemption_is_found_by_its_whole_name(void **state)
{
	const char *of = "antivirus:100,supplicant:200";

	(void)state;
	assert_int_equal(exemption_until(of, EXEMPT_SUPPLICANT), 200);
	assert_int_equal(exemption_until(of, EXEMPT_ACCOUNT_LIVE), 0);
	assert_int_equal(exemption_until(of, "anti"), 0);
	assert_int_equal(exemption_until("", EXEMPT_SUPPLICANT), 0);
}

static void every_failing_check_must_be_exempt(void **state)
{
	(void)state;
	assert_int_equal(exemption_of_posture("antivirus:100", "antivirus.old"), 100);
	assert_int_equal(exemption_of_posture("antivirus.old:100", "antivirus.old"), 100);
	assert_int_equal(exemption_of_posture("antivirus.old:100", "antivirus.missing"), 0);
	assert_int_equal(exemption_of_posture("antivirus:100", "antivirus.old,disk.full"), 0);
	assert_int_equal(exemption_of_posture("antivirus:100,disk:50", "antivirus.old,disk.full"),
			 50);
	assert_int_equal(exemption_of_posture("antivirus:100", ""), 0);
}

static void the_later_of_two_counts(void **state)
{
	(void)state;
	assert_int_equal(exemption_of_posture("antivirus:100,antivirus.old:300", "antivirus.old"),
			 300);
}

static void what_is_malformed_exempts_from_nothing(void **state)
{
	(void)state;
	assert_int_equal(exemption_until(",,supplicant,:5,supplicant:x", EXEMPT_SUPPLICANT), 0);
	assert_int_equal(exemption_of_posture("antivirus:9", ",antivirus"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exemption_is_found_by_its_whole_name),
		cmocka_unit_test(every_failing_check_must_be_exempt),
		cmocka_unit_test(the_later_of_two_counts),
		cmocka_unit_test(what_is_malformed_exempts_from_nothing),
	};

	return cmocka_run_group_tests_name("policy/exemption", tests, NULL, NULL);
}
