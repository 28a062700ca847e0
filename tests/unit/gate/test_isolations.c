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

	assert_int_equal(isolations_add(&list, &n, 50), 0);
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
	assert_int_equal(isolations_end(&list, &two, 7, 100), 0);
	assert_int_equal(isolations_end(&list, &two, 7, 100), -ENOENT);
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
	err = isolations_end(&list, &one, 7, 100);
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
		assert_int_equal(isolations_add(&list, &n, 50), 0);
	}
	n.mac.b[4] = 1;
	assert_int_equal(isolations_add(&list, &n, 50), -ENOSPC);
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

/* What another gate says: isolated or released, until 900. */
static struct isolation_here word(bool released, int64_t changed_ms)
{
	struct isolation_here n = {
		.mac = one, .until_ms = 900, .changed_ms = changed_ms, .released = released};

	assert_int_equal(text_copy(n.gate, sizeof(n.gate), "gate-b"), 0);
	return n;
}

static int merge(bool released, int64_t changed_ms)
{
	const struct isolation_here said = word(released, changed_ms);

	return isolations_merge(&list, &said, 100);
}

static void the_later_word_of_two_gates_counts(void **state)
{
	(void)state;
	assert_int_equal(merge(false, 50), 1);
	assert_non_null(isolations_get(&list, &one, 100));
	assert_int_equal(merge(false, 50), 0);
	assert_int_equal(merge(true, 60), 1);
	assert_null(isolations_get(&list, &one, 100));
	assert_int_equal(merge(false, 50), 0); /* heard late: it stays released */
	assert_null(isolations_get(&list, &one, 100));
	add(&one, 900); /* after all that is known, whatever this gate's clock says */
	assert_non_null(isolations_get(&list, &one, 100));
	assert_int_equal(merge(true, 60), 0);
	assert_int_equal(list.count, 1);
}

static void of_two_words_at_once_the_one_that_isolates_counts(void **state)
{
	(void)state;
	assert_int_equal(merge(true, 60), 1);
	assert_int_equal(merge(false, 60), 1);
	assert_int_equal(merge(true, 60), 0);
	assert_non_null(isolations_get(&list, &one, 100));
}

static void each_word_moves_the_epoch_and_a_repetition_does_not(void **state)
{
	uint64_t epoch = list.epoch;

	(void)state;
	assert_true(epoch > 0);
	assert_int_equal(merge(false, 50), 1);
	assert_true(list.epoch > epoch);
	epoch = list.epoch;
	assert_int_equal(merge(false, 50), 0);
	assert_int_equal(list.epoch, epoch);
	assert_int_equal(isolations_end(&list, &one, 7, 100), 0);
	assert_true(list.epoch > epoch);
}

static void a_word_that_no_gate_says_is_refused(void **state)
{
	struct isolation_here said = word(false, 50);

	(void)state;
	said.until_ms = 100; /* over */
	assert_int_equal(isolations_merge(&list, &said, 100), -EBADMSG);
	said.until_ms = INT64_MAX;
	assert_int_equal(isolations_merge(&list, &said, 100), -EBADMSG);
	said.until_ms = 900;
	said.changed_ms = 901;
	assert_int_equal(isolations_merge(&list, &said, 100), -EBADMSG);
	assert_int_equal(list.count, 0);
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
		CASE(the_later_word_of_two_gates_counts),
		CASE(of_two_words_at_once_the_one_that_isolates_counts),
		CASE(each_word_moves_the_epoch_and_a_repetition_does_not),
		CASE(a_word_that_no_gate_says_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
