#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "gate/facts/bypass.h"

static char dir[] = "/tmp/bypass-test-XXXXXX";
static char path[64];
static struct bypasses list;

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/bypass.json", dir);
	return bypasses_load(&list, path);
}

static int teardown(void **state)
{
	char aside[72];

	(void)state;
	bypasses_done(&list);
	snprintf(aside, sizeof(aside), "%s~", path);
	unlink(path);
	unlink(aside);
	rmdir(dir);
	return text_copy(dir, sizeof(dir), "/tmp/bypass-test-XXXXXX");
}

static const struct bypass sample = {.unit_id = 7,
				     .from_ms = 100,
				     .until_ms = 200,
				     .uid = 1000,
				     .unit_code = "outlet-7",
				     .reason = "8:25，无网络"};

static void a_bypass_survives_a_restart(void **state)
{
	struct bypasses again;

	(void)state;
	assert_int_equal(list.count, 0);
	assert_int_equal(bypasses_add(&list, &sample), 0);
	assert_int_equal(bypasses_load(&again, path), 0);
	assert_int_equal(again.count, 1);
	assert_memory_equal(&again.list[0], &sample, sizeof(sample));
	bypasses_done(&again);
}

static void the_newer_one_of_a_unit_counts(void **state)
{
	struct bypass longer = sample;

	(void)state;
	longer.until_ms = 900;
	assert_int_equal(bypasses_add(&list, &sample), 0);
	assert_int_equal(bypasses_add(&list, &longer), 0);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.list[0].until_ms, 900);
}

static void it_ends_by_itself_and_is_handed_over_once(void **state)
{
	struct bypass ended;

	(void)state;
	assert_int_equal(bypasses_add(&list, &sample), 0);
	assert_false(bypasses_take_ended(&list, 199, &ended));
	assert_true(bypasses_take_ended(&list, 200, &ended));
	assert_int_equal(ended.unit_id, 7);
	assert_false(bypasses_take_ended(&list, 200, &ended));
}

static void a_person_ends_it(void **state)
{
	(void)state;
	assert_int_equal(bypasses_end(&list, 7), -ENOENT);
	assert_int_equal(bypasses_add(&list, &sample), 0);
	assert_int_equal(bypasses_end(&list, 7), 0);
	assert_int_equal(list.count, 0);
}

static void one_that_the_disk_does_not_let_end_goes_on(void **state)
{
	char *good = list.path;
	int err;

	(void)state;
	assert_int_equal(bypasses_add(&list, &sample), 0);
	list.path = (char[]){"/nonexistent/bypass.json"};
	err = bypasses_end(&list, 7);
	list.path = good;
	assert_int_not_equal(err, 0);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.list[0].unit_id, 7);
}

static void the_list_is_bounded(void **state)
{
	struct bypass b = sample;

	(void)state;
	for (b.unit_id = 1; b.unit_id <= BYPASS_MAX; b.unit_id++)
		assert_int_equal(bypasses_add(&list, &b), 0);
	assert_int_equal(bypasses_add(&list, &b), -ENOSPC);
}

static void a_damaged_file_opens_nothing_and_is_put_aside(void **state)
{
	static const char *const bad[] = {"", "{}", "[1]", "[{\"unit\":1}]", "[{\"unit\":\"x\"}]"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(file_replace(path, bad[i], strlen(bad[i]), 0600), 0);
		bypasses_done(&list);
		assert_int_equal(bypasses_load(&list, path), -EBADMSG);
		assert_int_equal(list.count, 0);
		assert_int_not_equal(access(path, F_OK), 0);
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_bypass_survives_a_restart),
		CASE(the_newer_one_of_a_unit_counts),
		CASE(it_ends_by_itself_and_is_handed_over_once),
		CASE(a_person_ends_it),
		CASE(one_that_the_disk_does_not_let_end_goes_on),
		CASE(the_list_is_bounded),
		CASE(a_damaged_file_opens_nothing_and_is_put_aside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
