#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

static void an_empty_buffer_is_an_empty_text(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	assert_string_equal(buf_str(&b), "");
	buf_consume(&b, 10);
	buf_clear(&b);
	assert_int_equal(b.error, 0);
	buf_append(&b, NULL, 0);
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(b.len, 0);
	buf_done(&b);
	buf_done(&b);
	assert_null(b.data);
}

static void what_is_appended_stands_in_order_and_ends_with_nul(void **state)
{
	CLEANUP_BUF struct buf b = BUF_INIT;

	(void)state;
	buf_puts(&b, "gate");
	buf_append(&b, " 12", 3);
	buf_printf(&b, " %s-%d", "east", 7);
	assert_string_equal(buf_str(&b), "gate 12 east-7");
	assert_int_equal(b.len, strlen("gate 12 east-7"));
	assert_int_equal(b.error, 0);
}

static void numbers_are_written_with_the_high_byte_first(void **state)
{
	static const uint8_t expected[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
					   0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0xff};
	CLEANUP_BUF struct buf b = BUF_INIT;

	(void)state;
	buf_put_be16(&b, 0x0102);
	buf_put_be32(&b, 0x03040506);
	buf_put_be64(&b, UINT64_C(0x0708090a0b0c0d0e));
	buf_put_u8(&b, 0xff);
	assert_int_equal(b.len, sizeof(expected));
	assert_memory_equal(b.data, expected, sizeof(expected));
}

static void growing_keeps_every_byte(void **state)
{
	CLEANUP_BUF struct buf b = BUF_INIT;

	(void)state;
	for (uint32_t i = 0; i < 20000; i++)
		buf_put_be32(&b, i);
	assert_int_equal(b.error, 0);
	assert_int_equal(b.len, 80000);
	for (uint32_t i = 0; i < 20000; i++)
		assert_int_equal(get_be32(b.data + 4 * (size_t)i), i);
	assert_int_equal(b.data[b.len], 0);
}

static void the_limit_itself_is_allowed_and_one_more_is_not(void **state)
{
	CLEANUP_BUF struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_puts(&b, "0123456789");
	assert_int_equal(b.error, 0);
	buf_put_u8(&b, 'x');
	assert_int_equal(b.error, -EMSGSIZE);
	assert_string_equal(buf_str(&b), "0123456789");
	buf_clear(&b);
	buf_append(&b, "0123456789A", 11);
	assert_int_equal(b.error, -EMSGSIZE);
	assert_int_equal(b.len, 0);
}

static void a_size_that_would_overflow_is_refused(void **state)
{
	CLEANUP_BUF struct buf b = BUF_INIT;

	(void)state;
	buf_puts(&b, "abc");
	assert_null(buf_reserve(&b, SIZE_MAX));
	assert_int_equal(b.error, -EMSGSIZE);
	buf_clear(&b);
	assert_null(buf_reserve(&b, SIZE_MAX - 2));
}

static void an_error_sticks_until_the_buffer_is_cleared(void **state)
{
	CLEANUP_BUF struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_puts(&b, "12345");
	buf_puts(&b, "1");
	buf_printf(&b, "%d", 1);
	buf_put_u8(&b, 1);
	assert_int_equal(b.error, -EMSGSIZE);
	assert_int_equal(b.len, 0);
	buf_clear(&b);
	buf_printf(&b, "%d", 1234);
	assert_int_equal(b.error, 0);
	assert_string_equal(buf_str(&b), "1234");
	buf_printf(&b, "%d", 5);
	assert_int_equal(b.error, -EMSGSIZE);
	assert_string_equal(buf_str(&b), "1234");
}

static void reserved_room_counts_only_once_it_is_taken(void **state)
{
	CLEANUP_BUF struct buf b = BUF_INIT;
	uint8_t *room = buf_reserve(&b, 100);

	(void)state;
	assert_non_null(room);
	assert_int_equal(b.len, 0);
	memset(room, 'r', 100);
	b.len += 100;
	buf_put_u8(&b, 's');
	assert_int_equal(b.len, 101);
	assert_int_equal(b.data[99], 'r');
	assert_int_equal(b.data[100], 's');
}

static void consuming_drops_from_the_front(void **state)
{
	CLEANUP_BUF struct buf b = BUF_INIT;

	(void)state;
	buf_puts(&b, "abcdef");
	buf_consume(&b, 0);
	assert_string_equal(buf_str(&b), "abcdef");
	buf_consume(&b, 4);
	assert_string_equal(buf_str(&b), "ef");
	buf_puts(&b, "gh");
	assert_string_equal(buf_str(&b), "efgh");
	buf_consume(&b, 99);
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(b.len, 0);
}

static void a_reader_gives_what_was_written(void **state)
{
	static const uint8_t bytes[] = {0xff, 0x01, 0x02, 0xfe, 0xfd, 0xfc, 0xfb, 0x80, 0,
					0,    0,    0,	  0,	0,    1,    'a',  'b'};
	struct reader r = {bytes, sizeof(bytes)};
	const uint8_t *rest;
	uint64_t v64;
	uint32_t v32;
	uint16_t v16;
	uint8_t v8;

	(void)state;
	assert_int_equal(reader_u8(&r, &v8), 0);
	assert_int_equal(v8, 0xff);
	assert_int_equal(reader_be16(&r, &v16), 0);
	assert_int_equal(v16, 0x0102);
	assert_int_equal(reader_be32(&r, &v32), 0);
	assert_true(v32 == UINT32_C(0xfefdfcfb));
	assert_int_equal(reader_be64(&r, &v64), 0);
	assert_true(v64 == UINT64_C(0x8000000000000001));
	assert_int_equal(reader_bytes(&r, 2, &rest), 0);
	assert_memory_equal(rest, "ab", 2);
	assert_int_equal(r.left, 0);
	assert_int_equal(reader_bytes(&r, 0, &rest), 0);
}

static void a_read_past_the_end_moves_nothing(void **state)
{
	static const uint8_t bytes[7] = {1, 2, 3, 4, 5, 6, 7};
	struct reader r = {bytes, sizeof(bytes)};
	const uint8_t *rest = NULL;
	uint64_t v64 = 9;
	uint32_t v32 = 9;
	uint16_t v16 = 9;
	uint8_t v8 = 9;

	(void)state;
	assert_int_equal(reader_be64(&r, &v64), -EBADMSG);
	assert_int_equal(reader_bytes(&r, SIZE_MAX, &rest), -EBADMSG);
	assert_int_equal(r.left, 7);
	assert_int_equal(reader_bytes(&r, 4, &rest), 0);
	assert_int_equal(reader_be32(&r, &v32), -EBADMSG);
	assert_int_equal(reader_bytes(&r, 2, &rest), 0);
	assert_int_equal(reader_be16(&r, &v16), -EBADMSG);
	assert_int_equal(reader_bytes(&r, 1, &rest), 0);
	assert_int_equal(reader_u8(&r, &v8), -EBADMSG);
	assert_true(v64 == 9 && v32 == 9 && v16 == 9 && v8 == 9);
	assert_ptr_equal(rest, bytes + 6);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_is_an_empty_text),
		cmocka_unit_test(what_is_appended_stands_in_order_and_ends_with_nul),
		cmocka_unit_test(numbers_are_written_with_the_high_byte_first),
		cmocka_unit_test(growing_keeps_every_byte),
		cmocka_unit_test(the_limit_itself_is_allowed_and_one_more_is_not),
		cmocka_unit_test(a_size_that_would_overflow_is_refused),
		cmocka_unit_test(an_error_sticks_until_the_buffer_is_cleared),
		cmocka_unit_test(reserved_room_counts_only_once_it_is_taken),
		cmocka_unit_test(consuming_drops_from_the_front),
		cmocka_unit_test(a_reader_gives_what_was_written),
		cmocka_unit_test(a_read_past_the_end_moves_nothing),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
