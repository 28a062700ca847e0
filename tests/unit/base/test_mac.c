#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/mac.h"

static const struct mac sample = {{0x00, 0x1a, 0x2b, 0x3c, 0x4d, 0x5e}};

static void every_notation_of_people_and_switches_is_read(void **state)
{
	static const char *const notations[] = {
		"00:1a:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e",
		"001a-2b3c-4d5e",    "001A2B3C4D5E",	  "001a2b:3c4d5e",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(notations); i++) {
		struct mac mac = {0};

		assert_int_equal(mac_parse(notations[i], &mac), 0);
		assert_true(mac_equal(&mac, &sample));
	}
}

static void anything_but_twelve_digits_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"00:1a:2b:3c:4d",
		"00:1a:2b:3c:4d:5e:",
		":00:1a:2b:3c:4d:5e",
		"00:1a:2b:3c:4d:5e:6f",
		"00::1a:2b:3c:4d:5e",
		"0:01a:2b:3c:4d:5e",
		"00:1a:2b:3c:4d:5g",
		" 00:1a:2b:3c:4d:5e",
		"00:1a:2b:3c:4d:5e ",
		"00 1a 2b 3c 4d 5e",
		"001a2b3c4d5e6",
		"0x1a2b3c4d5e",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct mac mac = sample;

		assert_int_equal(mac_parse(bad[i], &mac), -EINVAL);
		assert_true(mac_equal(&mac, &sample));
	}
}

static void the_length_given_is_where_reading_ends(void **state)
{
	static const char bytes[] = {'0', '0', '1', 'a', '2', 'b', '3', 'c', '4', 'd', '5', 'e'};
	struct mac mac;

	(void)state;
	assert_int_equal(mac_parse_n(bytes, sizeof(bytes), &mac), 0);
	assert_true(mac_equal(&mac, &sample));
	assert_int_equal(mac_parse_n(bytes, sizeof(bytes) - 1, &mac), -EINVAL);
	assert_int_equal(mac_parse_n("001a2b3c4d5e\0", 13, &mac), -EINVAL);
}

static void a_mac_is_written_in_lower_case_with_colons(void **state)
{
	static const struct mac high = {{0xff, 0xfe, 0xa0, 0x0b, 0xc0, 0xde}};
	char text[MAC_TEXT_SIZE];

	(void)state;
	mac_format(text, &sample);
	assert_string_equal(text, "00:1a:2b:3c:4d:5e");
	mac_format(text, &high);
	assert_string_equal(text, "ff:fe:a0:0b:c0:de");
}

static void the_two_bits_of_the_first_byte_are_told_apart(void **state)
{
	static const struct mac local = {{0x02}}, multicast = {{0x01}}, both = {{0x03}};

	(void)state;
	assert_true(mac_is_local(&local));
	assert_false(mac_is_multicast(&local));
	assert_true(mac_is_multicast(&multicast));
	assert_false(mac_is_local(&multicast));
	assert_true(mac_is_local(&both) && mac_is_multicast(&both));
	assert_false(mac_is_local(&sample) || mac_is_multicast(&sample));
}

static void a_difference_in_the_last_byte_makes_another_mac(void **state)
{
	struct mac other = sample;

	(void)state;
	assert_true(mac_equal(&other, &sample));
	other.b[5] ^= 1;
	assert_false(mac_equal(&other, &sample));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_notation_of_people_and_switches_is_read),
		cmocka_unit_test(anything_but_twelve_digits_is_refused),
		cmocka_unit_test(the_length_given_is_where_reading_ends),
		cmocka_unit_test(a_mac_is_written_in_lower_case_with_colons),
		cmocka_unit_test(the_two_bits_of_the_first_byte_are_told_apart),
		cmocka_unit_test(a_difference_in_the_last_byte_makes_another_mac),
	};

	return cmocka_run_group_tests_name("mac", tests, NULL, NULL);
}
