#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/core/queue.h"
#include "base/file.h"
#include "place.h"

static const char *queue_dir(const struct place *p)
{
	return place_path(p, "queue");
}

static struct queue *open_with(const struct place *p, uint64_t max_bytes, const struct queue_io *io)
{
	const struct queue_options o = {queue_dir(p), max_bytes, io};
	struct queue *q = NULL;

	assert_int_equal(queue_open(&o, &q), 0);
	return q;
}

static struct queue *open_queue(const struct place *p)
{
	return open_with(p, 1 << 20, NULL);
}

static int put_number(struct queue *q, unsigned n)
{
	char body[64];
	int len = snprintf(body, sizeof(body), "{\"n\":%u}", n);

	return queue_put(q, "posture", 1000 + n, body, (size_t)len);
}

static void assert_number(struct queue *q, uint64_t seq, unsigned n)
{
	struct queued_event e;
	char body[64];

	assert_int_equal(queue_read(q, seq, &e), 0);
	snprintf(body, sizeof(body), "{\"n\":%u}", n);
	assert_int_equal(e.seq, seq);
	assert_int_equal(e.at_ms, 1000 + n);
	assert_string_equal(e.kind, "posture");
	assert_int_equal(e.len, strlen(body));
	assert_memory_equal(e.body, body, e.len);
}

static void segment_file(const struct place *p, uint64_t first_seq, char dst[256])
{
	snprintf(dst, 256, "%s/%016llx.events", queue_dir(p), (unsigned long long)first_seq);
}

static void events_come_back_in_order_after_a_restart(void **state)
{
	struct place *p = *state;
	struct queue *q = open_queue(p);
	uint8_t epoch[EPOCH_SIZE];

	memcpy(epoch, queue_epoch(q), EPOCH_SIZE);
	assert_int_equal(queue_next_seq(q), 1);
	for (unsigned n = 1; n <= 20; n++)
		assert_int_equal(put_number(q, n), 0);
	queue_close(q);
	q = open_queue(p);
	assert_int_equal(queue_repair(q), QUEUE_WHOLE);
	assert_memory_equal(queue_epoch(q), epoch, EPOCH_SIZE);
	assert_int_equal(queue_next_seq(q), 21);
	assert_int_equal(queue_waiting(q), 20);
	for (unsigned n = 1; n <= 20; n++)
		assert_number(q, n, n);
	queue_close(q);
}

static void what_is_acknowledged_is_gone_and_the_count_goes_on(void **state)
{
	struct place *p = *state;
	struct queue *q = open_with(p, 64 << 10, NULL);
	struct queued_event e;

	for (unsigned n = 1; n <= 600; n++)
		assert_int_equal(put_number(q, n), 0);
	assert_int_equal(queue_acknowledge(q, 599), 0);
	assert_int_equal(queue_waiting(q), 1);
	assert_int_equal(queue_read(q, 599, &e), -ENOENT);
	assert_number(q, 600, 600);
	assert_int_equal(queue_read(q, 601, &e), -ENOENT);
	assert_int_equal(queue_acknowledge(q, 600), 0);
	assert_true(queue_bytes(q) < 16 << 10);
	queue_close(q);
	q = open_with(p, 64 << 10, NULL);
	assert_int_equal(queue_next_seq(q), 601);
	assert_int_equal(put_number(q, 601), 0);
	assert_number(q, 601, 601);
	queue_close(q);
}

static void two_queues_never_share_an_epoch(void **state)
{
	struct place *p = *state;
	const struct queue_options o = {place_path(p, "other"), 1 << 20, NULL};
	struct queue *a = open_queue(p), *b = NULL;

	assert_int_equal(queue_open(&o, &b), 0);
	assert_memory_not_equal(queue_epoch(a), queue_epoch(b), EPOCH_SIZE);
	queue_close(a);
	queue_close(b);
}

/* Invariant 1: power may go at any byte; what queue_put() took is there, what it did not is not. */
static void a_file_cut_at_any_byte_keeps_every_whole_event(void **state)
{
	struct place *p = *state;
	struct queue *q = open_queue(p);
	CLEANUP_BUF struct buf file = BUF_INIT;
	size_t ends[6];
	char path[256];

	segment_file(p, 1, path);
	for (unsigned n = 0; n <= 5; n++) {
		struct stat st;

		if (n > 0)
			assert_int_equal(put_number(q, n), 0);
		assert_int_equal(stat(path, &st), 0);
		ends[n] = (size_t)st.st_size;
	}
	queue_close(q);
	assert_int_equal(file_read(path, 1 << 20, &file), 0);
	for (size_t cut = 0; cut <= file.len; cut++) {
		unsigned whole = 0;

		assert_int_equal(file_replace(path, file.data, cut, 0600), 0);
		q = open_queue(p);
		while (whole < 5 && ends[whole + 1] <= cut)
			whole++;
		assert_int_equal(queue_next_seq(q), whole + 1);
		for (unsigned n = 1; n <= whole; n++)
			assert_number(q, n, n);
		assert_int_equal(queue_repair(q), cut == ends[whole] && cut >= ends[0]
							  ? QUEUE_WHOLE
							  : QUEUE_TAIL_CUT);
		assert_int_equal(put_number(q, 99), 0);
		queue_close(q);
		q = open_queue(p);
		assert_number(q, whole + 1, 99);
		queue_close(q);
		place_remove_tree(queue_dir(p));
		assert_int_equal(mkdir(queue_dir(p), 0700), 0);
	}
}

static void a_tail_of_zeros_is_cut_off(void **state)
{
	struct place *p = *state;
	struct queue *q = open_queue(p);
	char path[256];

	put_number(q, 1);
	queue_close(q);
	segment_file(p, 1, path);
	assert_int_equal(truncate(path, 4096), 0);
	q = open_queue(p);
	assert_int_equal(queue_repair(q), QUEUE_TAIL_CUT);
	assert_number(q, 1, 1);
	assert_int_equal(queue_next_seq(q), 2);
	queue_close(q);
}

static void a_damaged_event_costs_only_itself_and_a_new_epoch(void **state)
{
	struct place *p = *state;
	struct queue *q = open_queue(p);
	uint8_t epoch[EPOCH_SIZE];
	char path[256], kept[256];
	uint64_t before;
	int fd;

	memcpy(epoch, queue_epoch(q), EPOCH_SIZE);
	put_number(q, 1);
	before = queue_bytes(q);
	put_number(q, 2);
	put_number(q, 3);
	queue_close(q);
	segment_file(p, 1, path);
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "X", 1, (off_t)before + 30), 1);
	close(fd);
	q = open_queue(p);
	assert_int_equal(queue_repair(q), QUEUE_DAMAGED);
	assert_memory_not_equal(queue_epoch(q), epoch, EPOCH_SIZE);
	assert_int_equal(queue_waiting(q), 2);
	assert_number(q, 1, 1);
	assert_number(q, 2, 3);
	queue_close(q);
	snprintf(kept, sizeof(kept), "%s.damaged", queue_dir(p));
	assert_int_equal(access(kept, F_OK), 0);
	q = open_queue(p);
	assert_int_equal(queue_repair(q), QUEUE_WHOLE);
	queue_close(q);
}

static void an_event_that_stands_twice_is_told_once(void **state)
{
	struct place *p = *state;
	struct queue *q = open_queue(p);
	CLEANUP_BUF struct buf file = BUF_INIT, twice = BUF_INIT;
	uint64_t before;
	char path[256];

	put_number(q, 1);
	before = queue_bytes(q);
	put_number(q, 2);
	queue_close(q);
	segment_file(p, 1, path);
	assert_int_equal(file_read(path, 1 << 20, &file), 0);
	buf_append(&twice, file.data, file.len);
	buf_append(&twice, file.data + before, file.len - before);
	assert_int_equal(file_replace(path, twice.data, twice.len, 0600), 0);
	q = open_queue(p);
	assert_int_equal(queue_repair(q), QUEUE_DAMAGED);
	assert_int_equal(queue_waiting(q), 2);
	assert_number(q, 2, 2);
	queue_close(q);
}

static void a_missing_segment_in_the_middle_is_noticed(void **state)
{
	struct place *p = *state;
	struct queue *q = open_with(p, 64 << 10, NULL);
	struct dirent **entries;
	char path[512];
	int count;

	for (unsigned n = 1; n <= 800; n++)
		assert_int_equal(put_number(q, n), 0);
	queue_close(q);
	count = scandir(queue_dir(p), &entries, NULL, alphasort);
	assert_true(count >= 5); /* with . and .. */
	snprintf(path, sizeof(path), "%s/%s", queue_dir(p), entries[3]->d_name);
	unlink(path);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	q = open_with(p, 64 << 10, NULL);
	assert_int_equal(queue_repair(q), QUEUE_DAMAGED);
	assert_true(queue_waiting(q) > 100 && queue_waiting(q) < 800);
	assert_number(q, 1, 1);
	assert_number(q, queue_next_seq(q) - 1, 800);
	queue_close(q);
}

static void a_full_queue_takes_nothing_until_room_was_made(void **state)
{
	struct place *p = *state;
	struct queue *q = open_with(p, 32 << 10, NULL);
	unsigned n = 0;
	int err;

	while ((err = put_number(q, n + 1)) == 0)
		n++;
	assert_int_equal(err, -ENOBUFS);
	assert_true(queue_is_full(q));
	assert_true(n > 100);
	assert_true(queue_bytes(q) <= 32 << 10);
	assert_int_equal(queue_waiting(q), n);
	for (unsigned i = 1; i <= n; i++)
		assert_number(q, i, i);
	assert_int_equal(queue_acknowledge(q, n / 2), 0);
	assert_false(queue_is_full(q));
	assert_int_equal(put_number(q, n + 1), 0);
	assert_number(q, n + 1, n + 1);
	queue_close(q);
}

static void a_full_queue_with_everything_acknowledged_is_empty_again(void **state)
{
	struct place *p = *state;
	struct queue *q = open_with(p, 32 << 10, NULL);
	unsigned n = 0;

	for (int round = 0; round < 5; round++) {
		while (put_number(q, n + 1) == 0)
			n++;
		assert_int_equal(queue_acknowledge(q, n), 0);
	}
	assert_true(n > 1000);
	assert_int_equal(queue_waiting(q), 0);
	queue_close(q);
}

/* A disk that fails at the Nth call, half way through a write if there is a half. */
static struct {
	unsigned calls, fail_at;
	bool for_good;
} disk;

static bool fails_now(void)
{
	disk.calls++;
	return disk.calls == disk.fail_at || (disk.for_good && disk.calls > disk.fail_at);
}

static ssize_t failing_write(int fd, const void *data, size_t len)
{
	if (!fails_now())
		return write(fd, data, len);
	if (len > 1 && write(fd, data, len / 2) < 0)
		return -1;
	errno = ENOSPC;
	return -1;
}

static int failing_sync(int fd)
{
	if (!fails_now())
		return fdatasync(fd);
	errno = EIO;
	return -1;
}

static const struct queue_io failing_io = {failing_write, failing_sync};

static void assert_holds_what_was_taken(struct place *p, const unsigned *taken, unsigned count)
{
	struct queue *q = open_with(p, 32 << 10, NULL);

	assert_true(queue_repair(q) != QUEUE_DAMAGED);
	assert_int_equal(queue_waiting(q), count);
	for (unsigned i = 0; i < count; i++)
		assert_number(q, i + 1, taken[i]);
	queue_close(q);
}

static void whichever_write_fails_the_queue_holds_exactly_what_it_took(void **state)
{
	struct place *p = *state;
	unsigned taken[200], count;

	for (int for_good = 0; for_good <= 1; for_good++) {
		for (disk.fail_at = 1; disk.fail_at < 130; disk.fail_at++) {
			const struct queue_options o = {queue_dir(p), 32 << 10, &failing_io};
			struct queue *q = NULL;

			disk.calls = 0;
			disk.for_good = for_good;
			count = 0;
			if (queue_open(&o, &q) == 0)
				for (unsigned n = 1; n <= 200; n++)
					if (put_number(q, n) == 0)
						taken[count++] = n;
			queue_close(q);
			assert_holds_what_was_taken(p, taken, count);
			place_remove_tree(queue_dir(p));
		}
	}
}

static void an_acknowledgement_of_the_future_tells_a_rolled_back_disk(void **state)
{
	struct place *p = *state;
	struct queue *q = open_queue(p);
	uint8_t epoch[EPOCH_SIZE];

	memcpy(epoch, queue_epoch(q), EPOCH_SIZE);
	for (unsigned n = 1; n <= 3; n++)
		put_number(q, n);
	assert_int_equal(queue_acknowledge(q, 1), 0);
	assert_int_equal(queue_acknowledge(q, 4), -ERANGE);
	assert_int_equal(queue_waiting(q), 2);
	assert_int_equal(queue_renew(q), 0);
	assert_memory_not_equal(queue_epoch(q), epoch, EPOCH_SIZE);
	assert_int_equal(queue_waiting(q), 2);
	assert_number(q, 1, 2);
	assert_number(q, 2, 3);
	assert_int_equal(put_number(q, 4), 0);
	queue_close(q);
	q = open_queue(p);
	assert_number(q, 3, 4);
	queue_close(q);
}

static void an_exchange_that_was_interrupted_is_finished(void **state)
{
	struct place *p = *state;
	struct queue *q = open_queue(p);
	char fresh[128], old[128];

	put_number(q, 7);
	queue_close(q);
	snprintf(fresh, sizeof(fresh), "%s.new", queue_dir(p));
	snprintf(old, sizeof(old), "%s.old", queue_dir(p));
	assert_int_equal(rename(queue_dir(p), fresh), 0); /* the new one is complete, */
	assert_int_equal(mkdir(old, 0700), 0);		  /* the old one moved away */
	q = open_queue(p);
	assert_number(q, 1, 7);
	assert_int_not_equal(access(fresh, F_OK), 0);
	assert_int_not_equal(access(old, F_OK), 0);
	queue_close(q);
}

static void an_event_over_its_bounds_is_refused(void **state)
{
	struct place *p = *state;
	struct queue *q = open_queue(p);
	static char body[EVENT_BODY_MAX + 1];
	char kind[EVENT_KIND_SIZE + 1];
	struct queued_event e;

	memset(body, ' ', sizeof(body));
	memset(kind, 'k', sizeof(kind) - 1);
	kind[EVENT_KIND_SIZE] = 0;
	assert_int_equal(queue_put(q, "inventory", 1, body, sizeof(body)), -EMSGSIZE);
	assert_int_equal(queue_put(q, kind, 1, "{}", 2), -EMSGSIZE);
	kind[EVENT_KIND_SIZE - 1] = 0;
	assert_int_equal(queue_put(q, kind, 1, body, EVENT_BODY_MAX), 0);
	assert_int_equal(queue_read(q, 1, &e), 0);
	assert_string_equal(e.kind, kind);
	assert_int_equal(e.len, EVENT_BODY_MAX);
	queue_close(q);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PLACE_CASE(events_come_back_in_order_after_a_restart),
		PLACE_CASE(what_is_acknowledged_is_gone_and_the_count_goes_on),
		PLACE_CASE(two_queues_never_share_an_epoch),
		PLACE_CASE(a_file_cut_at_any_byte_keeps_every_whole_event),
		PLACE_CASE(a_tail_of_zeros_is_cut_off),
		PLACE_CASE(a_damaged_event_costs_only_itself_and_a_new_epoch),
		PLACE_CASE(an_event_that_stands_twice_is_told_once),
		PLACE_CASE(a_missing_segment_in_the_middle_is_noticed),
		PLACE_CASE(a_full_queue_takes_nothing_until_room_was_made),
		PLACE_CASE(a_full_queue_with_everything_acknowledged_is_empty_again),
		PLACE_CASE(whichever_write_fails_the_queue_holds_exactly_what_it_took),
		PLACE_CASE(an_acknowledgement_of_the_future_tells_a_rolled_back_disk),
		PLACE_CASE(an_exchange_that_was_interrupted_is_finished),
		PLACE_CASE(an_event_over_its_bounds_is_refused),
	};

	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
