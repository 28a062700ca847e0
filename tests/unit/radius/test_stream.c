#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "radius/stream.h"

static void put_head(uint8_t *at, uint16_t len)
{
	at[0] = RADIUS_ACCESS_REQUEST;
	at[1] = 7;
	set_be16(at + 2, len);
}

static void a_whole_packet_is_as_long_as_its_header_says(void **state)
{
	uint8_t data[RADIUS_PACKET_MAX + 1] = {0};
	const uint16_t lengths[] = {RADIUS_HEADER_SIZE, 21, 300, RADIUS_PACKET_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		size_t len = 0;

		put_head(data, lengths[i]);
		assert_int_equal(radius_stream_next(data, lengths[i], &len), 0);
		assert_int_equal(len, lengths[i]);
		len = 0;
		assert_int_equal(radius_stream_next(data, lengths[i] + 1U, &len), 0);
		assert_int_equal(len, lengths[i]);
	}
}

static void a_part_of_a_packet_waits_for_the_rest(void **state)
{
	uint8_t data[100] = {0};
	size_t len = 99;

	(void)state;
	put_head(data, 100);
	for (size_t n = 0; n < 100; n++)
		assert_int_equal(radius_stream_next(data, n, &len), -EAGAIN);
	assert_int_equal(len, 99);
}

static void a_length_that_no_packet_has_is_refused_as_soon_as_it_is_read(void **state)
{
	const uint16_t lengths[] = {0, 4, RADIUS_HEADER_SIZE - 1, RADIUS_PACKET_MAX + 1, 0xffff};
	uint8_t data[4];
	size_t len = 99;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		put_head(data, lengths[i]);
		assert_int_equal(radius_stream_next(data, sizeof(data), &len), -EBADMSG);
	}
	assert_int_equal(len, 99);
}

static void packets_behind_one_another_are_found_one_by_one(void **state)
{
	uint8_t data[20 + 33 + 10] = {0};
	size_t at = 0, len = 0;

	(void)state;
	put_head(data, 20);
	put_head(data + 20, 33);
	put_head(data + 53, 40);
	assert_int_equal(radius_stream_next(data, sizeof(data), &len), 0);
	at += len;
	assert_int_equal(radius_stream_next(data + at, sizeof(data) - at, &len), 0);
	at += len;
	assert_int_equal(at, 53);
	assert_int_equal(radius_stream_next(data + at, sizeof(data) - at, &len), -EAGAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_packet_is_as_long_as_its_header_says),
		cmocka_unit_test(a_part_of_a_packet_waits_for_the_rest),
		cmocka_unit_test(a_length_that_no_packet_has_is_refused_as_soon_as_it_is_read),
		cmocka_unit_test(packets_behind_one_another_are_found_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
