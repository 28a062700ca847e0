/*
 * Invariant 1 under every fault that a disk or the memory can have: the n-th write, sync,
 * truncation or allocation fails, or the power goes at it, for all n over one script of acts,
 * undone acts, mass records and a restart. What was acknowledged is there, what was refused is not,
 * the log is good, and the next commit works.
 *
 * The short run takes every few n; MENSHEN_LONG=1 takes all. So that parts run beside each other
 * and end in time: test_store_faults [disk|power|memory|own-memory [SLICE SLICES]], slices from 0.
 */
#define _GNU_SOURCE
#include "lab.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "faulty_vfs.h"
#include "scarce/own_memory.h"

#define SETTINGS_MAX 64

/* What the store has promised so far. */
struct promise {
	char names[SETTINGS_MAX][24];
	size_t settings;
	uint64_t records;
	size_t pending_settings; /* of the commit under way */
	uint64_t pending_records;
};

static struct promise promise;
static long slice, slices = 1; /* of the allocations, which are many */

static long stride(long brief)
{
	return getenv("MENSHEN_LONG") ? 1 : brief;
}

/* ---- the failing allocator of SQLite ---- */

static sqlite3_mem_methods real_memory;
static long until_refusal = -1;
static bool refused;

static bool refuse(void)
{
	if (until_refusal < 0 || until_refusal-- > 0)
		return false;
	refused = true;
	return true;
}

static void *scarce_malloc(int size)
{
	return refuse() ? NULL : real_memory.xMalloc(size);
}

static void *scarce_realloc(void *p, int size)
{
	return refuse() ? NULL : real_memory.xRealloc(p, size);
}

static void install_scarce_memory(void)
{
	sqlite3_mem_methods scarce;

	assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory), SQLITE_OK);
	scarce = real_memory;
	scarce.xMalloc = scarce_malloc;
	scarce.xRealloc = scarce_realloc;
	assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &scarce), SQLITE_OK);
	/* Every allocation goes to the allocator. */
	assert_int_equal(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0), SQLITE_OK);
}

/* ---- the script ---- */

static const uint8_t epoch[16] = {9};

static int put(struct store *s)
{
	char *name = promise.names[promise.settings + promise.pending_settings];
	int err;

	snprintf(name, sizeof(promise.names[0]), "s%zu-%zu", promise.settings,
		 promise.pending_settings);
	err = lab_put(s, name, "a value that is longer than nothing");
	if (!err)
		promise.pending_settings++;
	return err;
}

static int add_records(struct store *s)
{
	uint64_t first = promise.records + promise.pending_records + 1;
	struct store_record r[5];
	int err;

	for (size_t i = 0; i < ARRAY_SIZE(r); i++)
		r[i] = (struct store_record){.seq = first + i,
					     .at_ms = (int64_t)(first + i),
					     .kind = "knock",
					     .account = "wang",
					     .body = "{\"port\":\"ge-0/0/1\"}"};
	err = store_records(s, "gate:north", epoch, r, ARRAY_SIZE(r));
	if (!err)
		promise.pending_records += ARRAY_SIZE(r);
	return err;
}

static int one_act(struct store *s)
{
	return put(s);
}

static int acts_around_an_undone_one(struct store *s)
{
	int err = store_mark(s);

	if (!err)
		err = put(s);
	if (!err)
		err = store_mark(s);
	if (!err)
		err = lab_put(s, "undone", "x");
	if (!err)
		err = store_undo(s);
	if (!err)
		err = store_mark(s);
	return err ? err : put(s);
}

static int an_act_fails_and_its_neighbours_go_on(struct store *s)
{
	int err = store_mark(s);

	if (!err && lab_put(s, "undone", "x"))
		err = store_undo(s);
	else if (!err)
		err = store_undo(s);
	if (!err)
		err = store_mark(s);
	return err ? err : put(s);
}

static int acts_and_records(struct store *s)
{
	int err = store_mark(s);

	if (!err)
		err = add_records(s);
	if (!err)
		err = store_mark(s);
	return err ? err : put(s);
}

static int records_undone_and_sent_again(struct store *s)
{
	uint64_t before = promise.pending_records;
	int err = store_mark(s);

	if (!err)
		err = add_records(s);
	if (!err)
		err = store_undo(s);
	promise.pending_records = before;
	if (!err)
		err = store_mark(s);
	return err ? err : add_records(s);
}

static void forget_pending(void)
{
	promise.pending_settings = 0;
	promise.pending_records = 0;
}

static int commit(struct store *s, int (*acts)(struct store *s))
{
	struct head head;
	int err;

	forget_pending();
	err = store_begin(s);
	if (err)
		return err;
	err = acts(s);
	if (err) {
		store_abort(s);
		forget_pending();
		return err;
	}
	err = store_commit(s, clock_wall_ms(), &head);
	if (!err) {
		promise.settings += promise.pending_settings;
		promise.records += promise.pending_records;
		forget_pending();
	}
	return err;
}

/* NULL is a restart. */
static int (*const script[])(struct store *s) = {
	one_act, acts_around_an_undone_one, acts_and_records, records_undone_and_sent_again,
	NULL,	 acts_and_records,	    one_act,	      an_act_fails_and_its_neighbours_go_on,
};

static int reopen(struct lab *lab)
{
	struct store_options options = {
		.dir = lab->dir, .log_key = lab->key, .hash = HASH_SM3, .epoch = 1};
	char error[STORE_ERROR_SIZE] = "";

	lab_close(lab);
	return store_open(&options, &lab->store, error);
}

/* Runs on after a failure, as a server does; an open that failed is tried once more. */
static void play(struct lab *lab)
{
	for (size_t i = 0; i < ARRAY_SIZE(script); i++) {
		if (!lab->store && reopen(lab))
			lab->store = NULL;
		if (!script[i] && reopen(lab))
			lab->store = NULL;
		else if (script[i] && lab->store)
			(void)commit(lab->store, script[i]);
		if (disk_is_dead())
			return;
	}
}

/* ---- what must hold ---- */

static bool has_setting(struct store_db *db, const char *name)
{
	json_t *row;
	int got = store_get_json(db, STMT_SETTING_GET, STORE_ARGS(v_text(name)), &row);

	assert_true(got >= 0);
	if (got)
		json_decref(row);
	return got == 1;
}

/* `open_end`: the commit under way when the power went may be there, whole, or not. */
static void check(struct lab *lab, long n, bool open_end)
{
	struct verify_report report;
	struct store_db *db;
	size_t more_settings = open_end ? promise.pending_settings : 0;
	uint64_t more_records = open_end ? promise.pending_records : 0;
	int count = lab_count(lab->store);

	if (lab_verify(lab, NULL, &report) != VERIFY_GOOD)
		fail_msg("fault at %ld: %s", n, report.sentence);
	if (count != (int)promise.settings && count != (int)(promise.settings + more_settings))
		fail_msg("fault at %ld: %d settings, promised were %zu", n, count,
			 promise.settings);
	if (report.records != promise.records && report.records != promise.records + more_records)
		fail_msg("fault at %ld: %d records, promised were %d", n, (int)report.records,
			 (int)promise.records);
	assert_int_equal(store_reader_new(lab->store, &db), 0);
	for (size_t i = 0; i < promise.settings; i++)
		if (!has_setting(db, promise.names[i]))
			fail_msg("fault at %ld: '%s' was acknowledged and is lost", n,
				 promise.names[i]);
	store_reader_free(db);
	promise.settings = (size_t)count;
	promise.records = report.records;
}

/* ---- rounds ---- */

static void clear(struct lab *lab)
{
	lab_close(lab);
	lab_empty(lab);
	promise = (struct promise){0};
	lab_open(lab);
	assert_int_equal(commit(lab->store, acts_and_records), 0);
}

static void works_again(struct lab *lab, long n)
{
	if (!lab->store)
		lab_open(lab);
	for (int i = 0; i < 2; i++)
		if (commit(lab->store, acts_and_records))
			fail_msg("fault at %ld: the next commit fails", n);
	check(lab, n, false);
	lab_close(lab);
	lab_open(lab);
	check(lab, n, false);
}

static void every_fault_of(struct lab *lab, enum disk_fault fault, long brief)
{
	bool struck = true;

	for (long n = 0; struck; n += stride(brief)) {
		clear(lab);
		disk_fail(n, fault);
		play(lab);
		struck = disk_failed();
		disk_fail(-1, fault);
		works_again(lab, n);
	}
}

static void a_write_that_fails_loses_nothing_acknowledged(void **state)
{
	every_fault_of(*state, DISK_IO_ERROR, 23);
}

static void a_full_disk_loses_nothing_acknowledged(void **state)
{
	every_fault_of(*state, DISK_FULL, 41);
}

static void a_write_cut_short_loses_nothing_acknowledged(void **state)
{
	every_fault_of(*state, DISK_SHORT_WRITE, 37);
}

static void after_a_power_cut_everything_acknowledged_is_there(void **state)
{
	struct lab *lab = *state;
	bool struck = true;

	for (long n = 0; struck; n += stride(11)) {
		clear(lab);
		disk_fail(n, DISK_POWER_CUT);
		play(lab);
		struck = disk_failed();
		lab_close(lab);
		disk_after_power_cut((unsigned)n % 4);
		lab_drop_shared_memory(lab);
		lab_open(lab);
		check(lab, n, true);
		works_again(lab, n);
	}
}

/* The refused commit stays refused, though its pages lie whole in the file: a crash right after the
 * failed sync, and after one more commit, brings none of it back. */
static void a_commit_whose_sync_failed_does_not_come_back(void **state)
{
	struct lab *lab = *state;
	bool struck = true;

	for (long n = 0; struck; n += stride(1)) {
		clear(lab);
		disk_fail(n, DISK_IO_ERROR);
		(void)commit(lab->store, acts_and_records);
		struck = disk_failed();
		disk_fail(0, DISK_POWER_CUT);
		(void)commit(lab->store, one_act);
		lab_close(lab);
		forget_pending();
		disk_after_power_cut(DISK_KEEP_ALL);
		lab_drop_shared_memory(lab);
		lab_open(lab);
		check(lab, n, false);
	}
}

static void a_store_is_made_whole_or_not_at_all(void **state)
{
	struct lab *lab = *state;
	bool struck = true;

	for (long n = 0; struck; n += stride(67)) {
		lab_close(lab);
		lab_empty(lab);
		promise = (struct promise){0};
		disk_fail(n, n % 2 ? DISK_POWER_CUT : DISK_IO_ERROR);
		(void)!reopen(lab);
		struck = disk_failed();
		lab_close(lab);
		disk_after_power_cut(0);
		disk_fail(-1, DISK_IO_ERROR);
		lab_drop_shared_memory(lab);
		lab_open(lab);
		works_again(lab, n);
	}
}

static void an_allocation_that_fails_loses_nothing_acknowledged(void **state)
{
	struct lab *lab = *state;

	refused = true;
	for (long n = slice * stride(701); refused; n += slices * stride(701)) {
		clear(lab);
		refused = false;
		until_refusal = n;
		play(lab);
		until_refusal = -1;
		works_again(lab, n);
	}
}

/* Our own structures and buffers, beside those of SQLite. */
static void an_own_allocation_that_fails_loses_nothing_acknowledged(void **state)
{
	struct lab *lab = *state;
	bool struck = true;
	long n;

	for (n = 0; struck; n += stride(37)) {
		clear(lab);
		own_memory_refuse(n);
		play(lab);
		struck = own_memory_refused();
		own_memory_refuse(-1);
		works_again(lab, n);
	}
	assert_true(n > 100); /* it did strike */
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest disk[] = {
		CASE(a_write_that_fails_loses_nothing_acknowledged),
		CASE(a_full_disk_loses_nothing_acknowledged),
		CASE(a_write_cut_short_loses_nothing_acknowledged),
	};
	const struct CMUnitTest power[] = {
		CASE(after_a_power_cut_everything_acknowledged_is_there),
		CASE(a_commit_whose_sync_failed_does_not_come_back),
		CASE(a_store_is_made_whole_or_not_at_all),
	};
	const struct CMUnitTest memory[] = {
		CASE(an_allocation_that_fails_loses_nothing_acknowledged),
	};
	const struct CMUnitTest own_memory[] = {
		CASE(an_own_allocation_that_fails_loses_nothing_acknowledged),
	};
	const char *part = argc > 1 ? argv[1] : "";
	int failed = 0;

	if (argc > 3) {
		slice = strtol(argv[2], NULL, 10);
		slices = strtol(argv[3], NULL, 10);
	}
	install_scarce_memory();
	disk_install();
	if (!*part || !strcmp(part, "disk"))
		failed += cmocka_run_group_tests_name("store/faults-disk", disk, NULL, NULL);
	if (!*part || !strcmp(part, "power"))
		failed += cmocka_run_group_tests_name("store/faults-power", power, NULL, NULL);
	if (!*part || !strcmp(part, "memory"))
		failed += cmocka_run_group_tests_name("store/faults-memory", memory, NULL, NULL);
	if (!*part || !strcmp(part, "own-memory"))
		failed += cmocka_run_group_tests_name("store/faults-own-memory", own_memory, NULL,
						      NULL);
	return failed;
}
