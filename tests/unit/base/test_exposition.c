#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/exposition.h"

static void a_family_is_said_before_its_samples(void **state)
{
	CLEANUP_BUF struct buf b = BUF_INIT;

	(void)state;
	exposition_single(&b, "doors_open", "gauge", "Doors that stand open", 3);
	assert_string_equal(buf_str(&b), "# HELP doors_open Doors that stand open\n"
					 "# TYPE doors_open gauge\ndoors_open 3\n");
}

static void labels_are_escaped(void **state)
{
	CLEANUP_BUF struct buf b = BUF_INIT;
	const struct exposition_label labels[] = {{"name", "东\"\\\nx"}, {"n", ""}};

	(void)state;
	exposition_sample(&b, "a", labels, 2, -1);
	assert_string_equal(buf_str(&b), "a{name=\"东\\\"\\\\\\nx\",n=\"\"} -1\n");
}

static void counts_stay_whole_and_seconds_have_parts(void **state)
{
	CLEANUP_BUF struct buf b = BUF_INIT;

	(void)state;
	exposition_sample(&b, "a", NULL, 0, 12345678901234.0);
	exposition_sample(&b, "b", NULL, 0, 0.25);
	assert_string_equal(buf_str(&b), "a 12345678901234\nb 0.250000\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_family_is_said_before_its_samples),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(counts_stay_whole_and_seconds_have_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
