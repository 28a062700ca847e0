#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

static void text_is_copied_whole_or_not_at_all(void **state)
{
	char dst[5] = "old";

	(void)state;
	assert_int_equal(text_copy(dst, sizeof(dst), "12345"), -ENAMETOOLONG);
	assert_string_equal(dst, "old");
	assert_int_equal(text_copy(dst, sizeof(dst), "1234"), 0);
	assert_string_equal(dst, "1234");
	assert_int_equal(text_copy_n(dst, sizeof(dst), "abcdefgh", 3), 0);
	assert_string_equal(dst, "abc");
	assert_int_equal(text_copy_n(dst, 0, "", 0), -ENAMETOOLONG);
	assert_int_equal(text_copy_n(dst, 1, "", 0), 0);
	assert_string_equal(dst, "");
}

static void a_number_is_the_whole_text_within_its_range(void **state)
{
	uint64_t v = 42;

	(void)state;
	assert_int_equal(text_to_u64("0", 0, 10, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(text_to_u64("0010", 0, 10, &v), 0);
	assert_int_equal(v, 10);
	assert_int_equal(text_to_u64("18446744073709551615", 0, UINT64_MAX, &v), 0);
	assert_true(v == UINT64_MAX);
}

static void a_number_outside_its_range_is_told_from_no_number(void **state)
{
	static const char *const far[] = {"4", "11", "18446744073709551616",
					  "99999999999999999999999999"};
	static const char *const none[] = {
		"",  " 5",  "5 ", "+5", "-5", "-", "0x5", "5.", "5a", "99999999999999999999999999x",
		"٥", "1e1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(far); i++) {
		uint64_t v = 42;

		assert_int_equal(text_to_u64(far[i], 5, 10, &v), -ERANGE);
		assert_int_equal(v, 42);
	}
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		uint64_t v = 42;

		assert_int_equal(text_to_u64(none[i], 5, 10, &v), -EINVAL);
		assert_int_equal(v, 42);
	}
}

static void both_ends_of_the_signed_range_are_numbers(void **state)
{
	int64_t v = 0;

	(void)state;
	assert_int_equal(text_to_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &v), 0);
	assert_true(v == INT64_MIN);
	assert_int_equal(text_to_i64("9223372036854775807", INT64_MIN, INT64_MAX, &v), 0);
	assert_true(v == INT64_MAX);
	assert_int_equal(text_to_i64("-0", -1, 1, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(text_to_i64("-9223372036854775809", INT64_MIN, INT64_MAX, &v), -ERANGE);
	assert_int_equal(text_to_i64("9223372036854775808", INT64_MIN, INT64_MAX, &v), -ERANGE);
	assert_int_equal(text_to_i64("-3", -2, 2, &v), -ERANGE);
	assert_int_equal(text_to_i64("--2", -2, 2, &v), -EINVAL);
	assert_int_equal(text_to_i64("-", -2, 2, &v), -EINVAL);
	assert_int_equal(v, 0);
}

static void nothing_equals_nothing_only(void **state)
{
	(void)state;
	assert_true(text_equal(NULL, NULL));
	assert_false(text_equal(NULL, ""));
	assert_false(text_equal("", NULL));
	assert_true(text_equal("gate", "gate"));
	assert_false(text_equal("gate", "gat"));
}

static void a_prefix_may_be_empty_or_whole_but_not_longer(void **state)
{
	(void)state;
	assert_true(text_starts("host/pc1", "host/"));
	assert_true(text_starts("host", "host"));
	assert_true(text_starts("", ""));
	assert_false(text_starts("hos", "host"));
	assert_false(text_starts("Host/", "host/"));
}

static void only_ascii_letters_become_lower_case(void **state)
{
	char text[] = "AZ@[`az09\xc3\x84桌面";

	(void)state;
	text_lower(text);
	assert_string_equal(text, "az@[`az09\xc3\x84桌面");
}

static void white_space_goes_from_both_ends(void **state)
{
	char both[] = " \t\r\n a b \v\f ", none[] = "a", only[] = " \t ", empty[] = "";

	(void)state;
	assert_string_equal(text_trim(both), "a b");
	assert_string_equal(text_trim(none), "a");
	assert_string_equal(text_trim(only), "");
	assert_string_equal(text_trim(empty), "");
}

static void clean_text_is_well_formed_and_without_control(void **state)
{
	static const char *const clean[] = {
		"",
		"plain, tab\t and line\n",
		"桌面安全管理系统",
		"\xc2\xa0",	    /* U+00A0 */
		"\xef\xbf\xbd",	    /* U+FFFD */
		"\xf4\x8f\xbf\xbf", /* U+10FFFF */
		"\xed\x9f\xbf",	    /* U+D7FF */
		"\xf0\x90\x80\x80", /* U+10000 */
	};
	static const char *const unclean[] = {
		"\x01",
		"a\r",
		"\x1b[31m",
		"\x7f",
		"\xc2\x85", /* U+0085 */
		"\xc2\x9b", /* U+009B, a terminal's control sequence */
		"\x80",
		"\xc0\x80",	    /* overlong NUL */
		"\xc1\xbf",	    /* overlong */
		"\xe0\x80\xaf",	    /* overlong */
		"\xe0\x9f\xbf",	    /* overlong */
		"\xed\xa0\x80",	    /* U+D800 */
		"\xed\xbf\xbf",	    /* U+DFFF */
		"\xf0\x8f\xbf\xbf", /* overlong */
		"\xf4\x90\x80\x80", /* over U+10FFFF */
		"\xf5\x80\x80\x80",
		"\xff",
		"\xe6\xa1",
		"\xe6\xa1 ",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(clean); i++)
		assert_true(text_is_clean(clean[i], strlen(clean[i])));
	for (size_t i = 0; i < ARRAY_SIZE(unclean); i++)
		assert_false(text_is_clean(unclean[i], strlen(unclean[i])));
	assert_false(text_is_clean("a\0b", 3));
}

static void a_sequence_cut_by_the_length_is_unclean(void **state)
{
	(void)state;
	assert_false(text_is_clean("桌", 2));
	assert_false(text_is_clean("桌", 1));
	assert_true(text_is_clean("桌", 3));
	assert_false(text_is_clean("\xc2\xa0", 1));
}

static void hexadecimal_goes_out_and_comes_back(void **state)
{
	static const uint8_t bytes[] = {0x00, 0x0f, 0xf0, 0xff, 0x5a};
	uint8_t back[sizeof(bytes)];
	char text[2 * sizeof(bytes) + 1];

	(void)state;
	hex_encode(text, bytes, sizeof(bytes));
	assert_string_equal(text, "000ff0ff5a");
	assert_int_equal(hex_decode(back, sizeof(back), text), 0);
	assert_memory_equal(back, bytes, sizeof(bytes));
	assert_int_equal(hex_decode(back, sizeof(back), "000FF0fF5A"), 0);
	assert_memory_equal(back, bytes, sizeof(bytes));
	hex_encode(text, bytes, 0);
	assert_string_equal(text, "");
}

static void other_than_hexadecimal_leaves_the_bytes_alone(void **state)
{
	static const char *const bad[] = {"",	  "123",  "12345", "12g4",
					  "1 34", "0x12", "12-4",  "123@"};
	uint8_t bytes[2] = {7, 8};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(hex_decode(bytes, sizeof(bytes), bad[i]), -EINVAL);
		assert_int_equal(bytes[0], 7);
		assert_int_equal(bytes[1], 8);
	}
}

static void text_that_does_not_fit_is_cut_behind_a_whole_character(void **state)
{
	static const struct {
		size_t size;
		const char *fits;
	} rows[] = {{1, ""},
		    {2, "a"},
		    {3, "a"},
		    {4, "a"},
		    {5, "a\xe9\x97\xa8"},
		    {99, "a\xe9\x97\xa8z"}};
	char dst[99];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		text_fit(dst, rows[i].size, "a\xe9\x97\xa8z");
		assert_string_equal(dst, rows[i].fits);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_copied_whole_or_not_at_all),
		cmocka_unit_test(a_number_is_the_whole_text_within_its_range),
		cmocka_unit_test(a_number_outside_its_range_is_told_from_no_number),
		cmocka_unit_test(both_ends_of_the_signed_range_are_numbers),
		cmocka_unit_test(nothing_equals_nothing_only),
		cmocka_unit_test(a_prefix_may_be_empty_or_whole_but_not_longer),
		cmocka_unit_test(only_ascii_letters_become_lower_case),
		cmocka_unit_test(white_space_goes_from_both_ends),
		cmocka_unit_test(clean_text_is_well_formed_and_without_control),
		cmocka_unit_test(a_sequence_cut_by_the_length_is_unclean),
		cmocka_unit_test(hexadecimal_goes_out_and_comes_back),
		cmocka_unit_test(other_than_hexadecimal_leaves_the_bytes_alone),
		cmocka_unit_test(text_that_does_not_fit_is_cut_behind_a_whole_character),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
