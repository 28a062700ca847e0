#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "listener/settings.h"

/* behind the settings that it loads */
#include "../load_settings.h"

static void the_default_file_says_what_the_code_takes_when_nothing_is_said(void **state)
{
	static struct settings given, taken;
	char error[CONFIG_ERROR_SIZE] = "";

	(void)state;
	assert_int_equal(settings_load(PROJECT_ROOT "/packaging/listener.conf", &given, error), 0);
	assert_string_equal(error, "");
	assert_int_equal(load("[listener]\ninterfaces = eth1\n", &taken, error), 0);
	assert_memory_equal(&given, &taken, sizeof(given));
}

/* What is wrong, and a word that the error says. */
static const struct {
	const char *text, *told;
} wrong[] = {
	{"", "interfaces"},
	{"[listener]\ninterfaces =\n", "interfaces"},
	{"[listener]\ninterfaces = a-name-that-is-too-long\n", "interfaces"},
	{"[listener]\ninterfaces = eth1\ncolour = red\n", "colour"},
	{"[listener]\ninterfaces = eth1\n[memory]\nmax-devices = 1\n", "max-devices"},
	{"[listener]\ninterfaces = eth1\n[reports]\nperiod-s = soon\n", "period-s"},
};

static void a_wrong_line_stops_the_start_and_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct settings s = {.ring_mib = 4711};
		char error[CONFIG_ERROR_SIZE];

		assert_int_not_equal(load(wrong[i].text, &s, error), 0);
		assert_non_null(strstr(error, wrong[i].told));
		assert_int_equal(s.ring_mib, 4711);
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
