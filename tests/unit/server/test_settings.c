#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "server/settings.h"

/* behind the settings that it loads */
#include "../load_settings.h"

static void the_default_file_says_what_the_code_takes_when_nothing_is_said(void **state)
{
	static struct settings given, taken;
	char error[CONFIG_ERROR_SIZE] = "";

	(void)state;
	assert_int_equal(settings_load(PROJECT_ROOT "/packaging/menshend.conf", &given, error), 0);
	assert_string_equal(error, "");
	/* The one difference: the code knows of no place where the console was installed. */
	assert_int_equal(load("[console]\ndir = /usr/share/menshen/console\n", &taken, error), 0);
	assert_memory_equal(&given, &taken, sizeof(given));
}

/* What is wrong, and a word that the error says. */
static const struct {
	const char *text, *told;
} wrong[] = {
	{"[log]\nhash = md5\n", "sm3 or sha256"},
	{"[log]\nepoch = 0\n", "epoch"},
	{"[gateway]\nlisten = head.office:8444\n", "listen"},
	{"[gateway]\ncolour = red\n", "colour"},
	{"[breaker]\npercent = 101\n", "percent"},
};

static void a_wrong_line_stops_the_start_and_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct settings s = {.loops = 4711};
		char error[CONFIG_ERROR_SIZE];

		assert_int_not_equal(load(wrong[i].text, &s, error), 0);
		assert_non_null(strstr(error, wrong[i].told));
		assert_int_equal(s.loops, 4711);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_file_says_what_the_code_takes_when_nothing_is_said),
		cmocka_unit_test(a_wrong_line_stops_the_start_and_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
