#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "radius/attribute.h"

static void every_row_is_found_by_its_number(void **state)
{
	unsigned found = 0;

	(void)state;
	for (unsigned number = 0; number < 256; number++) {
		const struct radius_attribute_info *info = radius_attribute_info((uint8_t)number);

		if (!info)
			continue;
		assert_int_equal(info->number, number);
		found++;
	}
	assert_true(found > 40);
	assert_string_equal(radius_attribute_info(RADIUS_EAP_KEY_NAME)->name, "EAP-Key-Name");
	assert_null(radius_attribute_info(250));
}

static void values_are_written_by_their_type(void **state)
{
	static const struct {
		uint8_t number;
		const char *value;
		size_t len;
		const char *wanted;
	} cases[] = {
		{RADIUS_USER_NAME, "bob\n\x7f", 5, "User-Name = bob??"},
		{RADIUS_NAS_PORT, "\0\0\1\0", 4, "NAS-Port = 256"},
		{RADIUS_NAS_PORT, "\0\1", 2, "NAS-Port = 0x0001"},
		{RADIUS_NAS_IP_ADDRESS, "\x0a\1\2\3", 4, "NAS-IP-Address = 10.1.2.3"},
		{RADIUS_TUNNEL_TYPE, "\1\0\0\x0d", 4, "Tunnel-Type = 13"},
		{RADIUS_TUNNEL_PRIVATE_GROUP_ID,
		 "\1"
		 "20",
		 3, "Tunnel-Private-Group-Id = 20"},
		{RADIUS_CLASS, "\xff\1", 2, "Class = 0xff01"},
		{250, "\1", 1, "Attr-250 = 0x01"},
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		radius_attribute_print(text, sizeof(text), cases[i].number,
				       (const uint8_t *)cases[i].value, cases[i].len);
		assert_string_equal(text, cases[i].wanted);
	}
}

static void a_password_never_reaches_a_log(void **state)
{
	char text[64];

	(void)state;
	radius_attribute_print(text, sizeof(text), RADIUS_USER_PASSWORD, (const uint8_t *)"hunter2",
			       7);
	assert_string_equal(text, "User-Password = <secret>");
}

static void a_short_line_is_cut_not_overrun(void **state)
{
	uint8_t value[253];
	char text[16];

	(void)state;
	memset(value, 'x', sizeof(value));
	assert_int_equal(radius_attribute_print(text, sizeof(text), RADIUS_USER_NAME, value, 253),
			 15);
	assert_string_equal(text, "User-Name = xxx");
}

static void a_cause_of_a_refused_change_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(radius_error_cause_name(503), "Session Context Not Found");
	assert_string_equal(radius_error_cause_name(RADIUS_ERROR_UNSUPPORTED_SERVICE),
			    "Unsupported Service");
	assert_null(radius_error_cause_name(0));
	assert_null(radius_error_cause_name(509));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_found_by_its_number),
		cmocka_unit_test(values_are_written_by_their_type),
		cmocka_unit_test(a_password_never_reaches_a_log),
		cmocka_unit_test(a_short_line_is_cut_not_overrun),
		cmocka_unit_test(a_cause_of_a_refused_change_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
