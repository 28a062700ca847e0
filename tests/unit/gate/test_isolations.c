#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "gate/facts/isolations.h"

static char dir[] = "/tmp/isolations-test-XXXXXX";
static char path[64];
static struct isolations list;
static const struct mac one = {{2, 0, 0, 0, 0, 1}}, two = {{2, 0, 0, 0, 0, 2}};

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/isolations.json", dir);
	return isolations_load(&list, path);
}

static int teardown(void **state)
{
	char aside[72];

	(void)state;
	isolations_done(&list);
	snprintf(aside, sizeof(aside), "%s~", path);
	unlink(path);
	unlink(aside);
	rmdir(dir);
	return text_copy(dir, sizeof(dir), "/tmp/isolations-test-XXXXXX");
}

static void add(const struct mac *mac, int64_t until_ms)
{
	const struct isolation_here n = {
		.mac = *mac, .until_ms = until_ms, .uid = 7, .reason = "伪造网卡地址"};

	assert_int_equal(isolations_add(&list, &n), 0);
}

static void an_isolation_survives_a_restart(void **state)
{
	struct isolations again;
	const struct isolation_here *n;

	(void)state;
	add(&one, 200);
	assert_int_equal(isolations_load(&again, path), 0);
	n = isolations_get(&again, &one, 100);
	assert_non_null(n);
	assert_int_equal(n->uid, 7);
	assert_string_equal(n->reason, "伪造网卡地址");
	assert_null(isolations_get(&again, &two, 100));
	isolations_done(&again);
}

static void it_ends_by_itself_or_by_a_word(void **state)
{
	struct isolation_here ended;

	(void)state;
	add(&one, 200);
	add(&two, 300);
	assert_null(isolations_get(&list, &one, 200));
	assert_true(isolations_take_ended(&list, 200, &ended));
	assert_true(mac_equal(&ended.mac, &one));
	assert_false(isolations_take_ended(&list, 200, &ended));
	assert_int_equal(isolations_end(&list, &two), 0);
	assert_int_equal(isolations_end(&list, &two), -ENOENT);
	assert_null(isolations_get(&list, &two, 100));
}

/* Else it would be over without a record: who asked is told that it failed. */
static void what_the_disk_does_not_take_stays_as_it_was(void **state)
{
	char *good = list.path;
	int err;

	(void)state;
	add(&one, 200);
	add(&two, 300);
	list.path = (char[]){"/nonexistent/isolations.json"};
	err = isolations_end(&list, &one);
	list.path = good;
	assert_int_not_equal(err, 0);
	assert_non_null(isolations_get(&list, &one, 100));
	assert_non_null(isolations_get(&list, &two, 100));
	assert_int_equal(list.count, 2);
}

static void the_newer_word_about_a_mac_counts(void **state)
{
	(void)state;
	add(&one, 200);
	add(&one, 900);
	assert_int_equal(list.count, 1);
	assert_non_null(isolations_get(&list, &one, 500));
}

static void there_are_so_many_and_no_more(void **state)
{
	struct isolation_here n = {.until_ms = 200};

	(void)state;
	for (size_t i = 0; i < ISOLATIONS_MAX; i++) {
		n.mac.b[5] = (uint8_t)i;
		assert_int_equal(isolations_add(&list, &n), 0);
	}
	n.mac.b[4] = 1;
	assert_int_equal(isolations_add(&list, &n), -ENOSPC);
}

static void a_damaged_file_is_kept_aside(void **state)
{
	struct isolations again;

	(void)state;
	assert_int_equal(file_replace(path, "[{\"mac\":\"x\"}]", 13, 0600), 0);
	assert_int_equal(isolations_load(&again, path), -EBADMSG);
	assert_int_equal(again.count, 0);
	assert_int_equal(access(path, F_OK), -1);
	isolations_done(&again);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(an_isolation_survives_a_restart),
		CASE(it_ends_by_itself_or_by_a_word),
		CASE(what_the_disk_does_not_take_stays_as_it_was),
		CASE(the_newer_word_about_a_mac_counts),
		CASE(there_are_so_many_and_no_more),
		CASE(a_damaged_file_is_kept_aside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
