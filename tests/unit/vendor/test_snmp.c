/* With what a switch is asked over SNMP. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "vendor/snmp.h"

static void a_community_is_one_line(void **state)
{
	struct credential c;

	(void)state;
	assert_int_equal(credential_parse("2c\noutlet", &c), 0);
	assert_false(c.is_v3);
	assert_string_equal(c.community, "outlet");
}

static void a_user_has_up_to_two_passwords(void **state)
{
	struct credential c;

	(void)state;
	assert_int_equal(credential_parse("3\nmenshen\nSHA-256\n12345678\nAES\n87654321", &c), 0);
	assert_true(c.is_v3 && c.is_sha256);
	assert_string_equal(c.auth, "12345678");
	assert_string_equal(c.priv, "87654321");
	assert_int_equal(credential_parse("3\nmenshen\nSHA\n12345678", &c), 0);
	assert_false(c.is_sha256);
	assert_string_equal(c.priv, "");
	assert_int_equal(credential_parse("3\nmenshen", &c), 0);
	assert_string_equal(c.auth, "");
}

static void anything_else_is_refused_and_leaves_the_output(void **state)
{
	static const char *const wrong[] = {"",
					    "2c",
					    "2c\n",
					    "2c\na\nb",
					    "1\npublic",
					    "3",
					    "3\n",
					    "3\nu\nMD5\n12345678",
					    "3\nu\nSHA\n1234567",
					    "3\nu\nSHA\n12345678\nDES\n12345678",
					    "3\nu\nSHA\n12345678\nAES",
					    "3\nu\nSHA\n12345678\nAES\n12345678\nmore"};
	struct credential c = {.community = "kept"};
	char longer[SNMP_TEXT_MAX + 2];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(credential_parse(wrong[i], &c), -EINVAL);
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	memcpy(longer, "2c\n", 3);
	assert_int_equal(credential_parse(longer, &c), -EINVAL);
	assert_string_equal(c.community, "kept");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_community_is_one_line),
		cmocka_unit_test(a_user_has_up_to_two_passwords),
		cmocka_unit_test(anything_else_is_refused_and_leaves_the_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
