#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "policy/port_mode.h"

static void assert_mode(const char *text, const char *port, enum mode mode)
{
	enum mode found = MODE_ENFORCE + 1;

	assert_true(port_mode_find(text, port, NULL, NULL, &found));
	assert_int_equal(found, mode);
}

static void a_port_is_found_by_its_whole_name(void **state)
{
	enum mode m = MODE_WARN;

	(void)state;
	assert_mode("eGE1/0/1\nwGE1/0/11\noGE1/0/2", "GE1/0/1", MODE_ENFORCE);
	assert_mode("eGE1/0/1\nwGE1/0/11\noGE1/0/2", "GE1/0/11", MODE_WARN);
	assert_mode("eGE1/0/1\nwGE1/0/11\noGE1/0/2", "GE1/0/2", MODE_OBSERVE);
	assert_false(port_mode_find("eGE1/0/1", "GE1/0/", NULL, NULL, &m));
	assert_false(port_mode_find("eGE1/0/1", "E1/0/1", NULL, NULL, &m));
	assert_false(port_mode_find("", "GE1/0/1", NULL, NULL, &m));
	assert_int_equal(m, MODE_WARN);
}

static void what_is_malformed_is_no_mode(void **state)
{
	enum mode m;

	(void)state;
	assert_false(port_mode_find("xGE1/0/1", "GE1/0/1", NULL, NULL, &m));
	assert_false(port_mode_find("\n\n", "p", NULL, NULL, &m));
	assert_false(port_mode_find("e", "p", NULL, NULL, &m));
}

static void a_request_without_a_port_has_no_mode_of_its_own(void **state)
{
	enum mode m;

	(void)state;
	assert_false(port_mode_find("eGE1/0/1\n", "", NULL, NULL, &m));
}

static bool is_last_digit(const void *arg, const char *written, const char *port)
{
	return written[strlen(written) - 1] == port[strlen(port) - 1] && *(const int *)arg == 7;
}

static void a_line_may_call_its_port_by_another_word(void **state)
{
	const int seven = 7, eight = 8;
	enum mode m;

	(void)state;
	assert_true(port_mode_find("ofirst2\nefirst1", "GE1/0/1", is_last_digit, &seven, &m));
	assert_int_equal(m, MODE_ENFORCE);
	assert_false(port_mode_find("ofirst2\nefirst1", "GE1/0/1", is_last_digit, &eight, &m));
	assert_false(port_mode_find("e\no\n", "GE1/0/1", is_last_digit, &seven, &m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_is_found_by_its_whole_name),
		cmocka_unit_test(what_is_malformed_is_no_mode),
		cmocka_unit_test(a_line_may_call_its_port_by_another_word),
		cmocka_unit_test(a_request_without_a_port_has_no_mode_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
