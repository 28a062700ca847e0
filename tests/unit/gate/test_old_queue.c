/* What waits for the old server, over a crash: a second queue opens the file of the first. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "gate/eap/old_queue.h"
#include "radius/build.h"

#define NOW_S 1795400000
#define FILE_MAX (OLD_QUEUE_SLACK + 2 * OLD_QUEUE_BYTES)

static char dir[] = "/tmp/old-queue-XXXXXX", path[64], aside[80];
static struct old_queue *queue;

static void start(void)
{
	assert_int_equal(old_queue_open(path, &queue), 0);
}

/* As kill -9: nothing is written at the end. */
static void killed_and_started(void)
{
	old_queue_free(queue);
	start();
}

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/old-accounting", dir);
	snprintf(aside, sizeof(aside), "%s.aside", path);
	start();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	old_queue_free(queue);
	(void)unlink(path);
	(void)unlink(aside);
	assert_int_equal(rmdir(dir), 0);
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	return 0;
}

static void add_padded(uint32_t status, const char *session, size_t padding)
{
	static const uint8_t zeros[RADIUS_VALUE_MAX];
	struct radius_out out;
	struct radius_packet p;

	radius_begin_bare_request(&out, RADIUS_ACCOUNTING_REQUEST, 1);
	radius_put_u32(&out, RADIUS_ACCT_STATUS_TYPE, status);
	radius_put_text(&out, RADIUS_ACCT_SESSION_ID, session);
	for (size_t i = 0; i < padding; i++)
		radius_put(&out, RADIUS_CLASS, zeros, sizeof(zeros));
	p = radius_out_packet(&out);
	p.len = out.len;
	assert_int_equal(old_queue_add(queue, &p, NOW_S), 0);
}

static void add(uint32_t status, const char *session)
{
	add_padded(status, session, 0);
}

static void add_number(unsigned number, size_t padding)
{
	char session[16];

	snprintf(session, sizeof(session), "%u", number);
	add_padded(RADIUS_ACCT_START, session, padding);
}

static void written(void)
{
	int fd;

	assert_int_equal(old_queue_write(queue, &fd), 0);
}

/* The sessions that wait, joined by spaces. */
static void waits(const char *expected)
{
	char all[256] = "";

	for (const struct old_packet *p = old_queue_first(queue); p; p = p->next)
		for (size_t at = 0; at < p->len; at += p->attributes[at + 1])
			if (p->attributes[at] == RADIUS_ACCT_SESSION_ID)
				snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%.*s",
					 all[0] ? " " : "", p->attributes[at + 1] - 2,
					 (const char *)p->attributes + at + 2);
	assert_string_equal(all, expected);
}

static size_t file_size(void)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (size_t)st.st_size;
}

/* ---- cases ---- */

static void what_was_written_waits_again_after_a_kill(void **state)
{
	(void)state;
	add(RADIUS_ACCT_START, "a");
	add(RADIUS_ACCT_INTERIM, "b");
	written();
	add(RADIUS_ACCT_STOP, "c"); /* nobody was told that it is kept */
	killed_and_started();
	waits("a b");
	assert_false(old_queue_first(queue)->is_interim);
	assert_true(old_queue_first(queue)->next->is_interim);
	add(RADIUS_ACCT_STOP, "c");
	written();
	killed_and_started();
	waits("a b c");
}

static void what_was_answered_is_gone_after_a_kill(void **state)
{
	(void)state;
	add(RADIUS_ACCT_START, "a");
	add(RADIUS_ACCT_START, "b");
	written();
	old_queue_pop(queue);
	written();
	killed_and_started();
	waits("b");
}

static void an_answer_that_was_not_written_brings_its_packet_back(void **state)
{
	(void)state;
	add(RADIUS_ACCT_START, "a");
	add(RADIUS_ACCT_START, "b");
	written();
	old_queue_pop(queue);
	killed_and_started();
	waits("a b");
}

static void only_packets_want_a_sync(void **state)
{
	int fd;

	(void)state;
	add(RADIUS_ACCT_START, "a");
	add(RADIUS_ACCT_START, "b");
	assert_int_equal(old_queue_write(queue, &fd), 0);
	assert_true(fd >= 0);
	old_queue_pop(queue);
	assert_int_equal(old_queue_write(queue, &fd), 0);
	assert_int_equal(fd, -1);
}

static void answered_before_the_sync_it_costs_the_disk_nothing(void **state)
{
	int fd;

	(void)state;
	add(RADIUS_ACCT_START, "a");
	old_queue_pop(queue);
	assert_int_equal(old_queue_write(queue, &fd), 0);
	assert_int_equal(fd, -1);
	assert_int_equal(file_size(), 0);
}

static void with_nothing_waiting_the_file_is_empty_and_goes_on(void **state)
{
	(void)state;
	add(RADIUS_ACCT_START, "a");
	written();
	old_queue_pop(queue);
	written();
	assert_int_equal(file_size(), 0);
	add(RADIUS_ACCT_START, "b");
	written();
	killed_and_started();
	waits("b");
}

static void a_tail_torn_anywhere_costs_what_it_held(void **state)
{
	size_t whole, size;

	(void)state;
	add(RADIUS_ACCT_START, "a");
	add(RADIUS_ACCT_START, "b");
	written();
	whole = file_size();
	add(RADIUS_ACCT_START, "c");
	written();
	for (size = file_size() - 1; size > whole; size--) {
		assert_int_equal(truncate(path, (off_t)size), 0);
		killed_and_started();
		waits("a b");
		assert_int_equal(file_size(), whole);
		add(RADIUS_ACCT_START, "c");
		written();
		killed_and_started();
		waits("a b c");
	}
}

static void rewrite_byte(off_t at, uint8_t byte)
{
	CLEANUP_FD int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

static void a_rotten_head_costs_all_and_it_goes_on(void **state)
{
	(void)state;
	add(RADIUS_ACCT_START, "a");
	written();
	rewrite_byte(8, 7);
	killed_and_started();
	waits("");
	add(RADIUS_ACCT_START, "b");
	written();
	killed_and_started();
	waits("b");
}

/* A file of entries that are whole by their sums. */
static void write_file(const uint8_t *entry, size_t len, bool append)
{
	struct applog log = {.fd = -1};

	log.fd = open(path, O_WRONLY | O_CLOEXEC | (append ? O_APPEND : O_TRUNC));
	assert_true(log.fd >= 0);
	buf_init(&log.pending, 4096);
	assert_int_equal(applog_append(&log, entry, len), 0);
	assert_int_equal(applog_write(&log), 0);
	applog_close(&log);
}

static void another_versions_file_is_put_aside_and_it_goes_on(void **state)
{
	static const uint8_t head[] = {1, 99};
	CLEANUP_BUF struct buf kept = BUF_INIT;

	(void)state;
	write_file(head, sizeof(head), false);
	killed_and_started();
	waits("");
	assert_int_equal(file_size(), 0);
	assert_int_equal(file_read(aside, 4096, &kept), 0);
	assert_int_equal(kept.data[kept.len - 1], 99);
	add(RADIUS_ACCT_START, "a");
	written();
	killed_and_started();
	waits("a");
}

static void what_came_before_an_unknown_entry_goes_on(void **state)
{
	static const uint8_t unknown[] = {9, 0, 0, 0, 0, 0, 0, 0, 1};

	(void)state;
	add(RADIUS_ACCT_START, "a");
	written();
	write_file(unknown, sizeof(unknown), true);
	killed_and_started();
	waits("a");
	assert_int_equal(access(aside, F_OK), 0);
	killed_and_started(); /* nothing was written since, and it is not lost */
	waits("a");
}

static void it_is_full_by_number_and_says_what_it_lost(void **state)
{
	(void)state;
	for (unsigned i = 0; i < OLD_QUEUE_MAX; i++)
		add_number(i, 0);
	assert_int_equal(old_queue_lost(queue), 0);
	add(RADIUS_ACCT_STOP, "last");
	assert_int_equal(old_queue_count(queue), OLD_QUEUE_MAX);
	assert_int_equal(old_queue_lost(queue), 1);
	written();
	killed_and_started();
	assert_int_equal(old_queue_count(queue), OLD_QUEUE_MAX);
	assert_int_equal(old_queue_first(queue)->next->number, 3); /* the second gave way */
}

static void it_is_full_by_bytes_and_its_file_is_bounded(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3 * OLD_QUEUE_MAX; i++) {
		add_number(i, 15);
		if (i % 64 == 0)
			written();
		assert_true(file_size() < FILE_MAX);
	}
	written();
	assert_in_range(old_queue_count(queue), OLD_QUEUE_BYTES / 4096 - 1, OLD_QUEUE_BYTES / 3800);
	assert_int_equal(old_queue_lost(queue), 3 * OLD_QUEUE_MAX - old_queue_count(queue));
	killed_and_started();
	assert_in_range(old_queue_count(queue), OLD_QUEUE_BYTES / 4096 - 1, OLD_QUEUE_BYTES / 3800);
}

static void many_answers_do_not_make_the_file_grow(void **state)
{
	(void)state;
	add_number(0, 15);
	for (unsigned i = 1; i < 3 * OLD_QUEUE_MAX; i++) {
		add_number(i, 2);
		old_queue_pop(queue);
		written();
		assert_true(file_size() < OLD_QUEUE_SLACK + 65536);
	}
	killed_and_started();
	assert_int_equal(old_queue_count(queue), 1);
}

/* The disk is not there while more comes than is gathered for it. */
static void what_could_not_be_gathered_is_written_anew(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 400; i++)
		add_number(i, 15);
	written();
	killed_and_started();
	assert_int_equal(old_queue_count(queue), 400);
	add(RADIUS_ACCT_STOP, "more");
	written();
	killed_and_started();
	assert_int_equal(old_queue_count(queue), 401);
}

static void let_files_grow_to(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void refused(void)
{
	int fd;

	let_files_grow_to(100);
	assert_int_equal(old_queue_write(queue, &fd), -EFBIG);
	assert_int_equal(fd, -1);
	let_files_grow_to(RLIM_INFINITY);
}

static void what_the_disk_refuses_waits_for_the_next_try(void **state)
{
	(void)state;
	add(RADIUS_ACCT_START, "a");
	written();
	add_padded(RADIUS_ACCT_START, "b", 4);
	refused();
	add(RADIUS_ACCT_START, "c");
	written();
	killed_and_started();
	waits("a b c");
}

static void a_disk_that_refuses_to_write_anew_loses_nothing(void **state)
{
	(void)state;
	add(RADIUS_ACCT_START, "a");
	written();
	for (unsigned i = 0; i < 400; i++)
		add_number(i, 15);
	refused();
	killed_and_started();
	waits("a");
	for (unsigned i = 0; i < 400; i++)
		add_number(i, 15);
	refused();
	old_queue_pop(queue);
	written();
	killed_and_started();
	assert_int_equal(old_queue_count(queue), 400);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(what_was_written_waits_again_after_a_kill),
		CASE(what_was_answered_is_gone_after_a_kill),
		CASE(an_answer_that_was_not_written_brings_its_packet_back),
		CASE(only_packets_want_a_sync),
		CASE(answered_before_the_sync_it_costs_the_disk_nothing),
		CASE(with_nothing_waiting_the_file_is_empty_and_goes_on),
		CASE(a_tail_torn_anywhere_costs_what_it_held),
		CASE(a_rotten_head_costs_all_and_it_goes_on),
		CASE(another_versions_file_is_put_aside_and_it_goes_on),
		CASE(what_came_before_an_unknown_entry_goes_on),
		CASE(it_is_full_by_number_and_says_what_it_lost),
		CASE(it_is_full_by_bytes_and_its_file_is_bounded),
		CASE(many_answers_do_not_make_the_file_grow),
		CASE(what_could_not_be_gathered_is_written_anew),
		CASE(what_the_disk_refuses_waits_for_the_next_try),
		CASE(a_disk_that_refuses_to_write_anew_loses_nothing),
	};

	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
