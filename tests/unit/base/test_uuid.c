#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/uuid.h"

static const char sample_text[] = "00112233-4455-6677-8899-aabbccddeeff";
static const struct uuid sample = {{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99,
				    0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}};

static void text_and_bytes_are_the_same_uuid(void **state)
{
	char text[UUID_TEXT_SIZE];
	struct uuid uuid;

	(void)state;
	assert_int_equal(uuid_parse(sample_text, &uuid), 0);
	assert_true(uuid_equal(&uuid, &sample));
	assert_int_equal(uuid_parse("00112233-4455-6677-8899-AABBCCDDEEFF", &uuid), 0);
	assert_true(uuid_equal(&uuid, &sample));
	uuid_format(text, &sample);
	assert_string_equal(text, sample_text);
}

static void a_malformed_uuid_is_refused_and_changes_nothing(void **state)
{
	static const char *const bad[] = {
		"",
		"00112233-4455-6677-8899-aabbccddeef",
		"00112233-4455-6677-8899-aabbccddeeff0",
		"001122334455-6677-8899-aabbccddeeff0",
		"ff112233-4455-6677-8899-aabbccddeefg",
		"0011223344-55-6677-8899-aabbccddeeff",
		"{0112233-4455-6677-8899-aabbccddeef}",
		"00112233-4455-6677-8899-aabbccddee-f",
		"00112233+4455+6677+8899+aabbccddeeff",
		"00112233-4455-6677-8899-aabbccdd\xe9\xe9\xff\xff",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct uuid uuid = sample;

		assert_int_equal(uuid_parse(bad[i], &uuid), -EINVAL);
		assert_true(uuid_equal(&uuid, &sample));
	}
}

static void a_made_uuid_carries_version_four_and_its_variant(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		struct uuid uuid;

		uuid_make(&uuid);
		assert_int_equal(uuid.b[6] >> 4, 4);
		assert_int_equal(uuid.b[8] >> 6, 2);
	}
}

static void no_two_made_uuids_are_equal(void **state)
{
	struct uuid made[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		uuid_make(&made[i]);
		for (size_t k = 0; k < i; k++)
			assert_false(uuid_equal(&made[i], &made[k]));
	}
}

static void only_sixteen_zero_bytes_are_the_zero_uuid(void **state)
{
	struct uuid uuid = {0};

	(void)state;
	assert_true(uuid_is_zero(&uuid));
	uuid.b[15] = 1;
	assert_false(uuid_is_zero(&uuid));
	assert_false(uuid_is_zero(&sample));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_bytes_are_the_same_uuid),
		cmocka_unit_test(a_malformed_uuid_is_refused_and_changes_nothing),
		cmocka_unit_test(a_made_uuid_carries_version_four_and_its_variant),
		cmocka_unit_test(no_two_made_uuids_are_equal),
		cmocka_unit_test(only_sixteen_zero_bytes_are_the_zero_uuid),
	};

	return cmocka_run_group_tests_name("uuid", tests, NULL, NULL);
}
