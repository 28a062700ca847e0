#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate/line/arrival.h"
#include "gate/live/review.h"

#define MANY 3000

static struct gate gate;
static struct line *line;
static struct arrival *arrival;
static struct addr server;
static size_t taken;
static bool accounts;

static void ignore_entry(void *arg, const uint8_t *entry, size_t len)
{
	(void)arg;
	(void)entry;
	(void)len;
}

static void on_taken(void *arg, bool accounts_touched)
{
	(void)arg;
	taken++;
	accounts = accounts_touched;
}

static void on_down(void *arg, const char *why)
{
	(void)arg;
	(void)why;
}

static int setup(void **state)
{
	struct line_options o = {
		.servers = &server, .server_count = 1, .server_name = "", .on_down = on_down};

	(void)state;
	gate = (struct gate){0};
	taken = 0;
	if (loop_new(&gate.loop) || snapshot_new(NULL, &gate.snapshot) ||
	    sessions_new(ignore_entry, NULL, &gate.sessions) || review_new(&gate, &gate.review))
		return -1;
	snapshot_set_rev(gate.snapshot, 1);
	o.loop = gate.loop;
	return line_new(&o, &line) || arrival_new(&gate, line, on_taken, NULL, &arrival);
}

static int teardown(void **state)
{
	(void)state;
	arrival_free(arrival);
	line_free(line);
	review_free(gate.review);
	sessions_free(gate.sessions);
	snapshot_free(gate.snapshot);
	loop_free(gate.loop);
	return 0;
}

static int give(enum frame_type type, const void *message, size_t size)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	struct frame f;
	size_t used;

	assert_int_equal(frame_encode(&bytes, type, message, size), 0);
	assert_int_equal(frame_parse(bytes.data, bytes.len, &f, &used), 0);
	return arrival_take(arrival, &f);
}

#define GIVE(type, ...) give((type), &__VA_ARGS__, sizeof(__VA_ARGS__))

static int begin(int64_t from_rev)
{
	return GIVE(FRAME_SNAPSHOT_BEGIN, (menshen_SnapshotBegin){.from_rev = from_rev});
}

static int end(int64_t rev, uint64_t rows)
{
	return GIVE(FRAME_SNAPSHOT_END, (menshen_SnapshotEnd){.rev = rev, .rows = rows});
}

static int unit(int64_t id)
{
	return GIVE(FRAME_SNAP_UNIT, (menshen_SnapUnit){.id = id});
}

static void give_units(int64_t first, int64_t count)
{
	for (int64_t id = first; id < first + count; id++)
		assert_int_equal(unit(id), 0);
}

static void run_until_taken(size_t count)
{
	for (int rounds = 0; taken < count && rounds < 10000; rounds++)
		assert_int_equal(loop_step(gate.loop, 100), 0);
	assert_int_equal(taken, count);
}

static void a_whole_one_counts_from_its_end_on(void **state)
{
	const struct snapshot *before = gate.snapshot;

	(void)state;
	assert_int_equal(begin(0), 0);
	give_units(1, MANY);
	for (int i = 0; i < 20; i++)
		assert_int_equal(loop_step(gate.loop, 2), 0);
	assert_ptr_equal(gate.snapshot, before);
	assert_int_equal(taken, 0);
	assert_int_equal(end(7, MANY), 0);
	run_until_taken(1);
	assert_true(accounts);
	assert_int_equal(snapshot_rev(gate.snapshot), 7);
	assert_int_equal(snapshot_rows(gate.snapshot), MANY);
	assert_int_equal(gate.source, SNAPSHOT_CURRENT);
}

static void changes_are_applied_in_place_and_at_once(void **state)
{
	const struct snapshot *before = gate.snapshot;

	(void)state;
	assert_int_equal(begin(1), 0);
	give_units(1, 3);
	assert_int_equal(snapshot_rows(gate.snapshot), 0); /* not before the End */
	assert_int_equal(end(2, 3), 0);
	assert_ptr_equal(gate.snapshot, before);
	assert_int_equal(snapshot_rows(gate.snapshot), 3);
	assert_int_equal(snapshot_rev(gate.snapshot), 2);
	assert_int_equal(taken, 1);
	assert_false(accounts);
}

/* One unit, changed into this. */
static bool touches_accounts(int64_t rev, const menshen_SnapUnit *u)
{
	assert_int_equal(begin(rev), 0);
	assert_int_equal(give(FRAME_SNAP_UNIT, u, sizeof(*u)), 0);
	assert_int_equal(end(rev + 1, 1), 0);
	return accounts;
}

static void a_unit_touches_the_accounts_only_by_how_long_their_proofs_count(void **state)
{
	menshen_SnapUnit u = {.id = 1};

	(void)state;
	assert_false(touches_accounts(1, &u));
	u.mode = 2;
	u.says_posture_grace = true;
	assert_false(touches_accounts(2, &u));
	u.says_last_known = true;
	assert_true(touches_accounts(3, &u));
	assert_false(touches_accounts(4, &u));
	u.last_known_days = 3;
	assert_true(touches_accounts(5, &u));
	u.parent_id = 9;
	assert_true(touches_accounts(6, &u));
}

static void what_comes_behind_a_whole_one_waits_for_it(void **state)
{
	(void)state;
	assert_int_equal(begin(0), 0);
	give_units(1, MANY);
	assert_int_equal(end(7, MANY), 0);
	assert_int_equal(begin(7), 0);
	give_units(MANY + 1, 2);
	assert_int_equal(end(8, 2), 0);
	assert_int_equal(begin(0), 0);
	give_units(1, 5);
	assert_int_equal(end(9, 5), 0);
	run_until_taken(3);
	assert_int_equal(snapshot_rev(gate.snapshot), 9);
	assert_int_equal(snapshot_rows(gate.snapshot), 5);
}

static void one_that_breaks_off_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(begin(0), 0);
	give_units(1, MANY);
	assert_int_equal(loop_step(gate.loop, 2), 0);
	arrival_reset(arrival);
	assert_int_equal(unit(1), -EBADMSG);
	for (int i = 0; i < 20; i++)
		assert_int_equal(loop_step(gate.loop, 2), 0);
	assert_int_equal(snapshot_rows(gate.snapshot), 0);
	assert_int_equal(snapshot_rev(gate.snapshot), 1);
	assert_int_equal(begin(0), 0); /* and the next one is taken */
	give_units(1, 2);
	assert_int_equal(end(3, 2), 0);
	run_until_taken(1);
	assert_int_equal(snapshot_rows(gate.snapshot), 2);
}

static void one_with_a_row_less_than_stated_is_refused(void **state)
{
	(void)state;
	assert_int_equal(begin(0), 0);
	give_units(1, 2);
	assert_int_equal(end(7, 3), 0); /* queued behind them */
	for (int i = 0; i < 20; i++)
		assert_int_equal(loop_step(gate.loop, 2), 0);
	assert_int_equal(taken, 0);
	assert_int_equal(snapshot_rev(gate.snapshot), 1);
	arrival_reset(arrival);
	assert_int_equal(begin(1), 0);
	give_units(1, 2);
	assert_int_equal(end(7, 3), -EBADMSG);
	assert_int_equal(snapshot_rows(gate.snapshot), 0);
}

static void changes_of_what_is_not_there_are_refused(void **state)
{
	(void)state;
	assert_int_equal(begin(5), -EBADMSG);
	assert_int_equal(unit(1), -EBADMSG);
	assert_int_equal(end(2, 0), -EBADMSG);
	assert_int_equal(taken, 0);
}

/* All is asked for at the next greeting: the revision is none. */
static void changes_that_cannot_be_taken_leave_no_revision(void **state)
{
	(void)state;
	assert_int_equal(begin(1), 0);
	assert_int_equal(GIVE(FRAME_SNAP_UNIT, (menshen_SnapUnit){.id = 1, .mode = 9}), 0);
	assert_int_equal(end(2, 1), -EBADMSG);
	assert_int_equal(snapshot_rev(gate.snapshot), 0);
	assert_int_equal(taken, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_whole_one_counts_from_its_end_on),
		TEST(changes_are_applied_in_place_and_at_once),
		TEST(a_unit_touches_the_accounts_only_by_how_long_their_proofs_count),
		TEST(what_comes_behind_a_whole_one_waits_for_it),
		TEST(one_that_breaks_off_changes_nothing),
		TEST(one_with_a_row_less_than_stated_is_refused),
		TEST(changes_of_what_is_not_there_are_refused),
		TEST(changes_that_cannot_be_taken_leave_no_revision),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
