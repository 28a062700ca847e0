#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "policy/system.h"

#define WINDOWS "1,3,6,15,31,33,43,44,46,47,119,121,249,252/MSFT 5.0"

static const struct {
	const char *fingerprint;
	enum system system;
} cases[] = {
	{WINDOWS, SYSTEM_COMPUTER},
	{"1,3,6,15,26,28,51,58,59,43/android-dhcp-13", SYSTEM_MOBILE},
	{"1,3,6,12,15,28,42/udhcp 1.35.0", SYSTEM_EMBEDDED},
	{"6,3,1,15,66,67,13,44,12,81/Hewlett-Packard JetDirect", SYSTEM_PRINTER},
	{"1,28,2,3,15,6,119,12,44,47,26,121,42", SYSTEM_COMPUTER},
	{"1,121,3,6,15,119,252", SYSTEM_MOBILE},
	{"1,121,3,6,15,119,252,95,44,46", SYSTEM_COMPUTER},
	{"1,28,2,3,15,6,119/a class of its own", SYSTEM_UNKNOWN},
	{"", SYSTEM_UNKNOWN},
};

static void a_fingerprint_tells_the_kind_of_system(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(system_from_fingerprint(cases[i].fingerprint), cases[i].system);
}

static void a_computer_with_the_mac_of_a_device_does_not_fit(void **state)
{
	(void)state;
	assert_false(system_fits(SYSTEM_COMPUTER, TERMINAL_PRINTER));
	assert_false(system_fits(SYSTEM_COMPUTER, TERMINAL_CAMERA));
	assert_false(system_fits(SYSTEM_MOBILE, TERMINAL_PHONE));
	assert_false(system_fits(SYSTEM_EMBEDDED, TERMINAL_PC));
	assert_true(system_fits(SYSTEM_COMPUTER, TERMINAL_PC));
	assert_true(system_fits(SYSTEM_EMBEDDED, TERMINAL_PRINTER));
}

static void what_is_not_known_blames_nobody(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < TERMINAL_KIND_COUNT; kind++)
		assert_true(system_fits(SYSTEM_UNKNOWN, (enum terminal_kind)kind));
	/* A cash machine may be anything. */
	for (unsigned s = 0; s < SYSTEM_COUNT; s++)
		assert_true(system_fits((enum system)s, TERMINAL_ATM));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fingerprint_tells_the_kind_of_system),
		cmocka_unit_test(a_computer_with_the_mac_of_a_device_does_not_fit),
		cmocka_unit_test(what_is_not_known_blames_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
