/* CSV as office programs write it, and as nobody should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/engine/import.h"

static struct csv_row row;

static void rows_and_fields_are_taken_apart(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "a,b\r\n\r\n \"x, y\" ,\"he said \"\"no\"\"\"\n last";
	struct csv_reader r;

	(void)state;
	csv_reader_init(&r, text, sizeof(text) - 1);
	assert_int_equal(csv_next(&r, &row), 1);
	assert_int_equal(r.line, 1);
	assert_int_equal(row.count, 2);
	assert_string_equal(row.fields[0], "a");
	assert_string_equal(row.fields[1], "b");
	/* a quote after a space is a character in the wrong place */
	assert_int_equal(csv_next(&r, &row), -EBADMSG);
	assert_int_equal(r.line, 3);
	assert_int_equal(csv_next(&r, &row), 1);
	assert_int_equal(r.line, 4);
	assert_string_equal(row.fields[0], "last");
	assert_int_equal(csv_next(&r, &row), 0);
}

static void quotes_hold_commas_quotes_and_lines(void **state)
{
	static const char text[] = "\"a,1\",\"b \"\"q\"\"\",\"two\r\nlines\",\nnext,,";
	struct csv_reader r;

	(void)state;
	csv_reader_init(&r, text, sizeof(text) - 1);
	assert_int_equal(csv_next(&r, &row), 1);
	assert_int_equal(row.count, 4);
	assert_string_equal(row.fields[0], "a,1");
	assert_string_equal(row.fields[1], "b \"q\"");
	assert_string_equal(row.fields[2], "two\nlines");
	assert_string_equal(row.fields[3], "");
	assert_int_equal(csv_next(&r, &row), 1);
	assert_int_equal(r.line, 3);
	assert_int_equal(row.count, 3);
	assert_string_equal(row.fields[0], "next");
}

static void a_malformed_row_is_told_and_the_next_is_read(void **state)
{
	static const char *const bad[] = {"\"open,b\nnext", "a\"b,c\nnext", "\"a\"b\nnext",
					  "a\001,b\nnext"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct csv_reader r;

		csv_reader_init(&r, bad[i], strlen(bad[i]));
		assert_int_equal(csv_next(&r, &row), -EBADMSG);
		assert_int_equal(r.line, 1);
		if (i == 0)
			continue;
		assert_int_equal(csv_next(&r, &row), 1);
		assert_string_equal(row.fields[0], "next");
	}
}

static void a_row_has_bounds(void **state)
{
	char text[CSV_ROW_MAX + 16];
	struct csv_reader r;

	(void)state;
	memset(text, ',', CSV_FIELDS_MAX);
	csv_reader_init(&r, text, CSV_FIELDS_MAX - 1);
	assert_int_equal(csv_next(&r, &row), 1);
	assert_int_equal(row.count, CSV_FIELDS_MAX);
	csv_reader_init(&r, text, CSV_FIELDS_MAX);
	assert_int_equal(csv_next(&r, &row), -E2BIG);
	memset(text, 'x', sizeof(text));
	csv_reader_init(&r, text, CSV_ROW_MAX);
	assert_int_equal(csv_next(&r, &row), 1);
	assert_int_equal(strlen(row.fields[0]), CSV_ROW_MAX);
	csv_reader_init(&r, text, CSV_ROW_MAX + 1);
	assert_int_equal(csv_next(&r, &row), -E2BIG);
}

static void a_file_of_an_old_office_program_is_understood(void **state)
{
	static const uint8_t gb[] = {0xd6, 0xa7, 0xd0, 0xd0}; /* 支行 in GB 18030 */
	struct buf text = BUF_INIT;

	(void)state;
	assert_int_equal(import_decode(gb, sizeof(gb), &text), 0);
	assert_string_equal(buf_str(&text), "支行");
	buf_clear(&text);
	assert_int_equal(import_decode("支行\r\n", 8, &text), 0);
	assert_string_equal(buf_str(&text), "支行\r\n");
	buf_clear(&text);
	assert_int_equal(import_decode("\x80\xff\xff", 3, &text), -EILSEQ);
	buf_done(&text);
}

static void a_template_names_its_columns(void **state)
{
	struct buf text = BUF_INIT;
	struct csv_reader r;

	(void)state;
	assert_int_equal(import_template(import_kind_find("people"), &text), 0);
	csv_reader_init(&r, buf_str(&text), text.len);
	assert_int_equal(csv_next(&r, &row), 1);
	assert_string_equal(row.fields[0], "工号");
	assert_int_equal(csv_next(&r, &row), 1);
	assert_int_equal(csv_next(&r, &row), 0);
	buf_done(&text);
	assert_null(import_kind_find("nothing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_and_fields_are_taken_apart),
		cmocka_unit_test(quotes_hold_commas_quotes_and_lines),
		cmocka_unit_test(a_malformed_row_is_told_and_the_next_is_read),
		cmocka_unit_test(a_row_has_bounds),
		cmocka_unit_test(a_file_of_an_old_office_program_is_understood),
		cmocka_unit_test(a_template_names_its_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
