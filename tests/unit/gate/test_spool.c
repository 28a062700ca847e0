#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "gate/line/spool.h"

static char dir[] = "/tmp/spool-test-XXXXXX";
static struct spool *spool;

static void open_spool(uint64_t max)
{
	uint64_t cut;

	assert_int_equal(spool_open(dir, max, &spool, &cut), 0);
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return 1;
	open_spool(1U << 30);
	return 0;
}

static size_t count_files(bool remove_them)
{
	struct dirent *entry;
	DIR *d = opendir(dir);
	size_t count = 0;

	while ((entry = readdir(d))) {
		CLEANUP_FREE char *path = NULL;

		if (entry->d_name[0] == '.')
			continue;
		count++;
		if (remove_them && file_path(dir, entry->d_name, &path) == 0)
			unlink(path);
	}
	closedir(d);
	return count;
}

static int teardown(void **state)
{
	(void)state;
	spool_close(spool);
	count_files(true);
	rmdir(dir);
	return text_copy(dir, sizeof(dir), "/tmp/spool-test-XXXXXX");
}

static void add(size_t count)
{
	menshen_Record record = {.kind = "knock", .note = "a note that takes some room"};

	for (size_t i = 0; i < count; i++) {
		record.at_ms = (int64_t)spool_next_seq(spool);
		assert_int_equal(spool_add(spool, &record), 0);
	}
}

static void sync_all(void)
{
	int fd = -1;

	assert_int_equal(spool_write(spool, &fd), 0);
	assert_true(fd >= 0);
	spool_synced(spool);
}

/* The numbers of the records from `from` on, checked to be without a gap; returns the last. */
static uint64_t read_from(uint64_t from, size_t max)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	uint64_t through, expected = from;
	struct frame f;
	size_t used;

	assert_int_equal(spool_read(spool, from, max, &bytes, &through), 0);
	for (size_t at = 0; at < bytes.len; at += used) {
		menshen_Record record;

		assert_int_equal(frame_parse(bytes.data + at, bytes.len - at, &f, &used), 0);
		assert_int_equal(FRAME_DECODE(&f, &record), 0);
		assert_int_equal(record.seq, expected);
		assert_int_equal(record.at_ms, (int64_t)expected);
		expected++;
	}
	assert_int_equal(through, expected - 1);
	return through;
}

static void only_what_is_on_disk_is_handed_out(void **state)
{
	(void)state;
	add(3);
	assert_int_equal(read_from(1, 65536), 0);
	sync_all();
	add(2);
	assert_int_equal(read_from(1, 65536), 3);
	assert_int_equal(read_from(2, 65536), 3);
	sync_all();
	assert_int_equal(read_from(1, 65536), 5);
}

static void numbers_go_on_after_a_restart(void **state)
{
	uint8_t epoch[SPOOL_EPOCH_SIZE];

	(void)state;
	memcpy(epoch, spool_epoch(spool), sizeof(epoch));
	add(5);
	sync_all();
	spool_close(spool);
	open_spool(1U << 30);
	assert_memory_equal(spool_epoch(spool), epoch, sizeof(epoch));
	assert_int_equal(spool_next_seq(spool), 6);
	add(1);
	sync_all();
	assert_int_equal(read_from(1, 65536), 6);
}

static void reading_stops_at_the_size_asked_for(void **state)
{
	uint64_t through;

	(void)state;
	add(100);
	sync_all();
	through = read_from(1, 500);
	assert_true(through >= 1 && through < 20);
	assert_true(read_from(through + 1, 500) > through);
}

/* Piece by piece to the end, as the line does it. */
static uint64_t read_on(uint64_t from, size_t max)
{
	uint64_t through = from - 1, before;

	do {
		before = through;
		through = read_from(before + 1, max);
	} while (through > before);
	return through;
}

static void who_reads_on_gets_all_of_all_segments(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		add(9000);
		sync_all();
	}
	assert_true(count_files(false) >= 4);
	assert_int_equal(read_on(1, 10000), 54000);
	add(100);
	sync_all();
	assert_int_equal(read_on(54001, 10000), 54100);
	/* a line that breaks asks again for what came before */
	assert_int_equal(read_on(12345, 65536), 54100);
	assert_true(read_from(3, 500) < 20);
}

static void delete_done(void)
{
	char *path;

	while ((path = spool_take_done(spool))) {
		assert_int_equal(unlink(path), 0);
		free(path);
	}
	assert_false(spool_has_done(spool));
}

static void segments_go_when_the_server_has_them(void **state)
{
	size_t files;

	(void)state;
	for (int i = 0; i < 60; i++) {
		add(1000);
		sync_all();
	}
	files = count_files(false);
	assert_true(files >= 4); /* the epoch and segments of a MiB */
	assert_int_equal(spool_waiting(spool), 60000);
	assert_null(spool_take_done(spool));
	spool_acknowledge(spool, 30000);
	assert_true(spool_has_done(spool));
	delete_done();
	assert_int_equal(spool_waiting(spool), 30000);
	assert_true(count_files(false) < files);
	assert_true(read_from(30001, 65536) > 30001);
	/* Nothing above what was sent can be acknowledged. */
	spool_acknowledge(spool, UINT64_MAX);
	assert_int_equal(spool_acked_seq(spool), 60000);
	delete_done();
	assert_int_equal(count_files(false), 2); /* the epoch, and what is written to */
	spool_close(spool);
	open_spool(1U << 30);
	assert_int_equal(spool_next_seq(spool), 60001);
}

static void a_full_spool_refuses_and_goes_on_when_there_is_room(void **state)
{
	menshen_Record record = {.kind = "knock"};
	size_t added = 0;

	(void)state;
	spool_close(spool);
	open_spool(1000);
	while (spool_add(spool, &record) == 0)
		added++;
	assert_true(added > 5 && added < 100);
	assert_int_equal(spool_next_seq(spool), added + 1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(only_what_is_on_disk_is_handed_out),
		CASE(numbers_go_on_after_a_restart),
		CASE(reading_stops_at_the_size_asked_for),
		CASE(who_reads_on_gets_all_of_all_segments),
		CASE(segments_go_when_the_server_has_them),
		CASE(a_full_spool_refuses_and_goes_on_when_there_is_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
