#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/config.h"
#include "base/file.h"

struct settings {
	char name[8];
	uint64_t count;
	bool on;
	struct addr listen;
	char note[120];
};

static const struct config_key keys[] = {
	{"main", "name", CONFIG_TEXT, CONFIG_FIELD(struct settings, name), 0, 0, NULL},
	{"main", "count", CONFIG_U64, CONFIG_FIELD(struct settings, count), 5, 500, "7"},
	{"main", "on", CONFIG_BOOL, CONFIG_FIELD(struct settings, on), 0, 0, "yes"},
	{"net", "listen", CONFIG_ADDRESS, CONFIG_FIELD(struct settings, listen), 1812, 0,
	 "127.0.0.1"},
	{"net", "note", CONFIG_TEXT, CONFIG_FIELD(struct settings, note), 0, 0, ""},
};

static char folder[] = "/tmp/menshen-config-XXXXXX";
static char path[64];
static char error[CONFIG_ERROR_SIZE];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/gate.conf", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static int load_bytes(const void *bytes, size_t len, struct settings *ret)
{
	memset(ret, 0, sizeof(*ret));
	memset(error, 'x', sizeof(error));
	assert_int_equal(file_replace(path, bytes, len, 0600), 0);
	return config_load(path, keys, ARRAY_SIZE(keys), ret, error);
}

static int load(const char *text, struct settings *ret)
{
	return load_bytes(text, strlen(text), ret);
}

/* The file is refused with this sentence behind its name. */
static void assert_refused(const char *text, const char *sentence)
{
	struct settings s;

	assert_int_equal(load(text, &s), -EINVAL);
	assert_memory_equal(error, path, strlen(path));
	assert_string_equal(error + strlen(path), sentence);
}

static void every_type_is_read_from_its_section(void **state)
{
	char listen[ADDR_TEXT_SIZE];
	struct settings s;

	(void)state;
	assert_int_equal(load("; the gate\n[main]\nname = east\ncount=500\non = no\n\n"
			      "# network\n[net]\nlisten = [::1]:99\nnote = a b  c\n",
			      &s),
			 0);
	assert_string_equal(error, "");
	assert_string_equal(s.name, "east");
	assert_int_equal(s.count, 500);
	assert_false(s.on);
	addr_format(listen, &s.listen);
	assert_string_equal(listen, "[::1]:99");
	assert_string_equal(s.note, "a b  c");
}

static void what_is_not_said_has_its_default(void **state)
{
	char listen[ADDR_TEXT_SIZE];
	struct settings s;

	(void)state;
	assert_int_equal(load("[main]\nname = w", &s), 0);
	assert_string_equal(s.name, "w");
	assert_int_equal(s.count, 7);
	assert_true(s.on);
	addr_format(listen, &s.listen);
	assert_string_equal(listen, "127.0.0.1:1812");
	assert_string_equal(s.note, "");
}

static void a_setting_without_default_is_asked_for(void **state)
{
	(void)state;
	assert_refused("[main]\ncount = 8\n",
		       ": 'name' in [main] is missing: it wants text of at most 7 bytes");
	assert_refused("", ": 'name' in [main] is missing: it wants text of at most 7 bytes");
}

static void an_unknown_setting_is_named_with_its_line(void **state)
{
	(void)state;
	assert_refused("[main]\nname = a\nnmae = b\n", ":3: no setting is called 'nmae' in [main]");
	assert_refused("[net]\nname = a\n", ":2: no setting is called 'name' in [net]");
	assert_refused("name = a\n", ":1: no setting is called 'name' in []");
	assert_refused("[Main]\nname = a\n", ":2: no setting is called 'name' in [Main]");
}

static void a_number_out_of_range_is_told_the_range(void **state)
{
	(void)state;
	assert_refused("[main]\nname = a\ncount = 501\n",
		       ":3: 'count' wants a number from 5 to 500, not '501'");
	assert_refused("[main]\ncount = 4\n", ":2: 'count' wants a number from 5 to 500, not '4'");
	assert_refused("[main]\ncount = 12s\n",
		       ":2: 'count' wants a number from 5 to 500, not '12s'");
	assert_refused("[main]\ncount = -7\n",
		       ":2: 'count' wants a number from 5 to 500, not '-7'");
	assert_refused("[main]\ncount =\n", ":2: 'count' wants a number from 5 to 500, not ''");
	assert_refused("[main]\ncount = 99999999999999999999999\n",
		       ":2: 'count' wants a number from 5 to 500, not '99999999999999999999999'");
}

static void a_switch_is_yes_or_no(void **state)
{
	(void)state;
	assert_refused("[main]\non = true\n", ":2: 'on' wants yes or no, not 'true'");
	assert_refused("[main]\non = YES\n", ":2: 'on' wants yes or no, not 'YES'");
}

static void a_name_of_a_host_is_no_address(void **state)
{
	(void)state;
	assert_refused("[net]\nlisten = gate.bank:1812\n",
		       ":2: 'listen' wants a numeric address such as 10.1.0.2:1812 or "
		       "[::1]:1812, not 'gate.bank:1812'");
	assert_refused("[net]\nlisten = 10.0.0.1:0\n",
		       ":2: 'listen' wants a numeric address such as 10.1.0.2:1812 or "
		       "[::1]:1812, not '10.0.0.1:0'");
}

static void text_that_does_not_fit_is_refused_whole(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(load("[main]\nname = 1234567\n", &s), 0);
	assert_string_equal(s.name, "1234567");
	assert_refused("[main]\nname = 12345678\n",
		       ":2: 'name' wants text of at most 7 bytes, not '12345678'");
}

static void a_setting_said_twice_is_refused(void **state)
{
	(void)state;
	assert_refused("[main]\nname = a\nname = a\n",
		       ":3: 'name' stands twice (an indented line continues the one above)");
	assert_refused("[main]\nname = a\n  count = 9\n",
		       ":3: 'name' stands twice (an indented line continues the one above)");
}

static void a_line_of_no_shape_is_told_the_shapes(void **state)
{
	(void)state;
	assert_refused("[main]\nname = a\nwhat is this\n",
		       ":3: a line is [section], name = value or ; comment");
	assert_refused("[main\nname = a\n", ":1: a line is [section], name = value or ; comment");
}

static void only_the_first_bad_line_is_told(void **state)
{
	(void)state;
	assert_refused("[main]\ncount = 1\nnmae = b\nbad\n",
		       ":2: 'count' wants a number from 5 to 500, not '1'");
	assert_refused("bad\n[main]\ncount = 1\n",
		       ":1: a line is [section], name = value or ; comment");
}

static void a_line_too_long_is_named_and_its_rest_is_no_line(void **state)
{
	char text[1024];
	struct settings s;

	(void)state;
	snprintf(text, sizeof(text), "[main]\nname = a\n;%0196d\n", 0);
	assert_int_equal(load(text, &s), 0);
	snprintf(text, sizeof(text), "[main]\nname = a\n;%0198dcount = 9\n[net]\n", 0);
	assert_refused(text, ":3: a line is text of at most 198 bytes, without a zero byte");
}

static void a_zero_byte_hides_nothing(void **state)
{
	static const char text[] = "[main]\nname = a\0b\n";
	struct settings s;

	(void)state;
	assert_int_equal(load_bytes(text, sizeof(text) - 1, &s), -EINVAL);
	assert_non_null(strstr(error, ":2: a line is text of at most 198 bytes"));
}

static void a_file_that_cannot_be_read_says_why(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(config_load("/nowhere/gate.conf", keys, ARRAY_SIZE(keys), &s, error),
			 -ENOENT);
	assert_string_equal(error, "/nowhere/gate.conf: cannot be read: No such file or directory");
	assert_int_equal(config_load(folder, keys, ARRAY_SIZE(keys), &s, error), -EISDIR);
	assert_int_equal(config_load("/dev/zero", keys, ARRAY_SIZE(keys), &s, error), -EFBIG);
	assert_string_equal(error, "/dev/zero: cannot be read: File too large");
}

static void a_long_value_never_overflows_the_sentence(void **state)
{
	char text[256];
	struct settings s;

	(void)state;
	snprintf(text, sizeof(text), "[main]\non = %0150d\n", 1);
	assert_int_equal(load(text, &s), -EINVAL);
	assert_true(strlen(error) < 200 + strlen(path));
}

static void a_default_that_the_program_got_wrong_is_told(void **state)
{
	static const struct config_key wrong[] = {
		{"main", "count", CONFIG_U64, CONFIG_FIELD(struct settings, count), 5, 500, "1"},
	};
	struct settings s;

	(void)state;
	assert_int_equal(file_replace(path, "", 0, 0600), 0);
	assert_int_equal(config_load(path, wrong, 1, &s, error), -EINVAL);
	assert_non_null(strstr(error, "its default '1' is not a number from 5 to 500"));
}

static int parse_even(const char *text, void *field)
{
	size_t len = strlen(text);

	if (len % 2)
		return -EINVAL;
	*(uint64_t *)field = len;
	return 0;
}

static void a_program_may_bring_a_parser_of_its_own(void **state)
{
	static const struct config_key own[] = {
		{"main", "count", CONFIG_PARSED, CONFIG_FIELD(struct settings, count),
		 .parse = parse_even, .wanted = "an even number of letters", .fallback = "abcd"},
	};
	struct settings s;

	(void)state;
	assert_int_equal(file_replace(path, "[main]\ncount = ab\n", 18, 0600), 0);
	assert_int_equal(config_load(path, own, 1, &s, error), 0);
	assert_int_equal(s.count, 2);
	assert_int_equal(file_replace(path, "", 0, 0600), 0);
	assert_int_equal(config_load(path, own, 1, &s, error), 0);
	assert_int_equal(s.count, 4);
	assert_int_equal(file_replace(path, "[main]\ncount = abc\n", 19, 0600), 0);
	assert_int_equal(config_load(path, own, 1, &s, error), -EINVAL);
	assert_string_equal(error + strlen(path),
			    ":2: 'count' wants an even number of letters, not 'abc'");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_read_from_its_section),
		cmocka_unit_test(what_is_not_said_has_its_default),
		cmocka_unit_test(a_setting_without_default_is_asked_for),
		cmocka_unit_test(an_unknown_setting_is_named_with_its_line),
		cmocka_unit_test(a_number_out_of_range_is_told_the_range),
		cmocka_unit_test(a_switch_is_yes_or_no),
		cmocka_unit_test(a_name_of_a_host_is_no_address),
		cmocka_unit_test(text_that_does_not_fit_is_refused_whole),
		cmocka_unit_test(a_setting_said_twice_is_refused),
		cmocka_unit_test(a_line_of_no_shape_is_told_the_shapes),
		cmocka_unit_test(only_the_first_bad_line_is_told),
		cmocka_unit_test(a_line_too_long_is_named_and_its_rest_is_no_line),
		cmocka_unit_test(a_zero_byte_hides_nothing),
		cmocka_unit_test(a_file_that_cannot_be_read_says_why),
		cmocka_unit_test(a_long_value_never_overflows_the_sentence),
		cmocka_unit_test(a_program_may_bring_a_parser_of_its_own),
		cmocka_unit_test(a_default_that_the_program_got_wrong_is_told),
	};

	return cmocka_run_group_tests_name("config", tests, make_folder, remove_folder);
}
