#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "vendor/configuration.h"

static void a_line_without_its_value_is_left_out(void **state)
{
	static const char text[] = "server {gate} key {secret}\n"
				   "server {gate2} key {secret}\n"
				   "{?gate2} second\n"
				   "{?gate} first\n"
				   "set {{x} {name}";
	const struct configuration c = {.gate = "10.1.0.5", .secret = "s", .name = "a{b"};
	CLEANUP_BUF struct buf to = BUF_INIT;
	unsigned line = 0;

	(void)state;
	assert_int_equal(configuration_check(text, strlen(text), &line), 0);
	configuration_write(text, &c, &to);
	assert_string_equal(buf_str(&to), "server 10.1.0.5 key s\n first\nset {x} a{b\n");
}

static void a_word_that_is_none_is_found_by_its_line(void **state)
{
	static const char *const bad[] = {"a\nb {colour}\n", "a\n{gate\n", "a\n{}\n", "a\n{?}",
					  "a\n{?x}\n"};
	unsigned line;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		line = 0;
		assert_int_equal(configuration_check(bad[i], strlen(bad[i]), &line), -EINVAL);
		assert_int_equal(line, 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_without_its_value_is_left_out),
		cmocka_unit_test(a_word_that_is_none_is_found_by_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
