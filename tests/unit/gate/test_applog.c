#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "gate/line/applog.h"

static char path[] = "/tmp/applog-test-XXXXXX";

static int setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 || close(fd);
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return text_copy(path, sizeof(path), "/tmp/applog-test-XXXXXX");
}

static char seen[64];

static int note(void *arg, const uint8_t *entry, size_t len)
{
	(void)arg;
	assert_int_equal(text_copy_n(seen + strlen(seen), sizeof(seen) - strlen(seen),
				     (const char *)entry, len),
			 0);
	return 0;
}

static void open_log(struct applog *log, uint64_t *ret_cut)
{
	seen[0] = 0;
	assert_int_equal(applog_open(path, note, NULL, log, ret_cut), 0);
}

static void write_three(void)
{
	struct applog log;
	uint64_t cut;

	open_log(&log, &cut);
	assert_int_equal(applog_append(&log, "one", 3), 0);
	assert_int_equal(applog_append(&log, "", 0), 0);
	assert_int_equal(applog_append(&log, "two", 3), 0);
	assert_int_equal(applog_write(&log), 0);
	assert_int_equal(applog_append(&log, "three", 5), 0);
	assert_int_equal(applog_write(&log), 0);
	applog_close(&log);
}

static void what_was_written_is_read_again(void **state)
{
	struct applog log;
	uint64_t cut;

	(void)state;
	write_three();
	open_log(&log, &cut);
	assert_string_equal(seen, "onetwothree");
	assert_int_equal(cut, 0);
	applog_close(&log);
}

static void a_tail_torn_anywhere_is_cut_and_the_rest_kept(void **state)
{
	struct applog log;
	uint64_t cut, size;

	(void)state;
	write_three();
	open_log(&log, &cut);
	size = log.size;
	applog_close(&log);
	for (uint64_t len = size - 1; len > size - 13; len--) {
		assert_int_equal(truncate(path, (off_t)len), 0);
		open_log(&log, &cut);
		assert_string_equal(seen, "onetwo");
		assert_int_equal(cut, len - log.size);
		assert_int_equal(applog_append(&log, "three", 5), 0);
		assert_int_equal(applog_write(&log), 0);
		applog_close(&log);
		open_log(&log, &cut);
		assert_string_equal(seen, "onetwothree");
		applog_close(&log);
	}
}

static void a_rotten_entry_ends_the_reading(void **state)
{
	struct applog log;
	uint64_t cut;
	int fd;

	(void)state;
	write_three();
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "X", 1, 8), 1);
	close(fd);
	open_log(&log, &cut);
	assert_string_equal(seen, "");
	assert_int_equal(log.size, 0);
	applog_close(&log);
}

static void what_the_disk_refuses_waits_for_the_next_try(void **state)
{
	struct applog log;
	uint64_t cut;
	int good;

	(void)state;
	open_log(&log, &cut);
	assert_int_equal(applog_append(&log, "one", 3), 0);
	good = log.fd;
	log.fd = open("/dev/full", O_WRONLY);
	assert_int_equal(applog_write(&log), -ENOSPC);
	close(log.fd);
	log.fd = good;
	assert_int_equal(applog_write(&log), 0);
	applog_close(&log);
	open_log(&log, &cut);
	assert_string_equal(seen, "one");
	applog_close(&log);
}

static void an_entry_too_large_is_refused_and_harms_nothing(void **state)
{
	static uint8_t large[APPLOG_ENTRY_MAX + 1];
	struct applog log;
	uint64_t cut;

	(void)state;
	open_log(&log, &cut);
	assert_int_equal(applog_append(&log, large, sizeof(large)), -EMSGSIZE);
	assert_int_equal(applog_append(&log, "one", 3), 0);
	assert_int_equal(applog_write(&log), 0);
	applog_close(&log);
	open_log(&log, &cut);
	assert_string_equal(seen, "one");
	applog_close(&log);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(what_was_written_is_read_again),
		CASE(a_tail_torn_anywhere_is_cut_and_the_rest_kept),
		CASE(a_rotten_entry_ends_the_reading),
		CASE(what_the_disk_refuses_waits_for_the_next_try),
		CASE(an_entry_too_large_is_refused_and_harms_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
