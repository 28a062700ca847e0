/* What any backend must do; nothing here knows SQL. */
#include "lab.h"

#include <string.h>

#include "base/clock.h"

static void every_statement_fits_the_schema(void **state)
{
	struct lab *lab = *state;
	const char *name = "";

	if (store_check_statements(store_writer(lab->store), &name))
		fail_msg("statement '%s' does not fit the schema", name);
}

static void a_committed_act_is_read_back_with_its_entry(void **state)
{
	struct lab *lab = *state;
	struct verify_report report;

	lab_commit_setting(lab, "bank", "某农村商业银行");
	assert_int_equal(lab_count(lab->store), 1);
	assert_int_equal(lab_verify(lab, NULL, &report), VERIFY_GOOD);
	assert_int_equal(report.entries, 1);
	assert_int_equal(report.rows, 1);
}

static void a_change_that_no_entry_explains_cannot_be_committed(void **state)
{
	struct lab *lab = *state;
	struct head head;

	assert_int_equal(store_begin(lab->store), 0);
	assert_int_equal(store_exec(lab->store, STMT_SETTING_SET,
				    STORE_ARGS(v_text("silent"), v_text("1")), NULL),
			 0);
	assert_false(store_is_explained(lab->store));
	assert_int_equal(store_commit(lab->store, clock_wall_ms(), &head), -EPROTO);
	assert_int_equal(lab_count(lab->store), 0);
}

static void a_failed_act_leaves_nothing_and_its_neighbours_stay(void **state)
{
	struct lab *lab = *state;
	struct verify_report report;
	struct head head;

	assert_int_equal(store_begin(lab->store), 0);
	assert_int_equal(store_mark(lab->store), 0);
	assert_int_equal(lab_put(lab->store, "first", "1"), 0);
	assert_int_equal(store_mark(lab->store), 0);
	assert_int_equal(lab_put(lab->store, "undone", "1"), 0);
	assert_int_equal(store_undo(lab->store), 0);
	assert_int_equal(store_mark(lab->store), 0);
	assert_int_equal(lab_put(lab->store, "third", "1"), 0);
	assert_int_equal(store_commit(lab->store, clock_wall_ms(), &head), 0);
	assert_int_equal(head.size, 2);
	assert_int_equal(lab_count(lab->store), 2);
	assert_int_equal(lab_verify(lab, NULL, &report), VERIFY_GOOD);
}

static void an_aborted_transaction_leaves_nothing(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(store_begin(lab->store), 0);
	assert_int_equal(lab_put(lab->store, "x", "1"), 0);
	store_abort(lab->store);
	assert_int_equal(lab_count(lab->store), 0);
	lab_commit_setting(lab, "y", "1");
	assert_int_equal(lab_count(lab->store), 1);
}

static void a_row_that_must_be_unique_is_refused_by_name(void **state)
{
	struct lab *lab = *state;

	lab_commit_setting(lab, "x", "1");
	assert_int_equal(store_begin(lab->store), 0);
	assert_int_equal(store_exec(lab->store, STMT_SETTING_ADD,
				    STORE_ARGS(v_text("x"), v_text("2")), NULL),
			 -EEXIST);
	store_abort(lab->store);
}

static void wrong_use_is_refused(void **state)
{
	struct lab *lab = *state;
	struct head head;

	assert_int_equal(store_commit(lab->store, 0, &head), -EPROTO);
	assert_int_equal(store_mark(lab->store), -EPROTO);
	assert_int_equal(store_exec(lab->store, STMT_SETTING_LIST, STORE_NO_ARGS, NULL), -EPROTO);
	assert_int_equal(store_begin(lab->store), 0);
	assert_int_equal(store_begin(lab->store), -EPROTO);
	assert_int_equal(store_exec(lab->store, STMT_SETTING_SET, STORE_ARGS(v_text("x")), NULL),
			 -EINVAL);
	store_abort(lab->store);
}

static void a_deleted_row_is_explained_by_its_entry(void **state)
{
	struct lab *lab = *state;
	struct entry act = {.at_ms = 1, .act = "setting.remove", .subject = "x"};
	struct verify_report report;
	struct head head;

	lab_commit_setting(lab, "x", "1");
	assert_int_equal(store_begin(lab->store), 0);
	assert_int_equal(store_exec(lab->store, STMT_SETTING_REMOVE, STORE_ARGS(v_text("x")), NULL),
			 0);
	assert_int_equal(store_log(lab->store, &act), 0);
	assert_int_equal(store_commit(lab->store, 1, &head), 0);
	assert_int_equal(lab_verify(lab, NULL, &report), VERIFY_GOOD);
	assert_int_equal(report.rows, 0);
}

static void the_log_goes_on_after_a_restart(void **state)
{
	struct lab *lab = *state;
	struct verify_report report;

	for (int i = 0; i < 300; i++) { /* past the first stored node of 256 */
		lab_commit_setting(lab, "counter", i % 2 ? "odd" : "even");
		if (i % 97 == 0) {
			lab_close(lab);
			lab_open(lab);
		}
	}
	assert_int_equal(lab_verify(lab, NULL, &report), VERIFY_GOOD);
	assert_int_equal(report.entries, 300);
}

static void a_reader_sees_one_commit_from_begin_to_end(void **state)
{
	struct lab *lab = *state;
	struct store_db *db;
	int64_t size;

	lab_commit_setting(lab, "a", "1");
	assert_int_equal(store_reader_new(lab->store, &db), 0);
	assert_int_equal(store_reader_begin(db), 0);
	assert_int_equal(store_get_int(db, STMT_LOG_SIZE, STORE_NO_ARGS, -1, &size), 0);
	assert_int_equal(size, 1);
	lab_commit_setting(lab, "b", "1");
	assert_int_equal(store_get_int(db, STMT_LOG_SIZE, STORE_NO_ARGS, -1, &size), 0);
	assert_int_equal(size, 1);
	store_reader_end(db);
	assert_int_equal(store_get_int(db, STMT_LOG_SIZE, STORE_NO_ARGS, -1, &size), 0);
	assert_int_equal(size, 2);
	store_reader_free(db);
}

static const uint8_t epoch[16] = {1, 2, 3};
static const struct mac printer = {{0, 0x16, 0x3e, 9, 9, 9}};

static int add_records(struct store *s, uint64_t first, size_t count)
{
	struct store_record records[64];

	for (size_t i = 0; i < count; i++)
		records[i] = (struct store_record){.seq = first + i,
						   .at_ms = clock_wall_ms() + (int64_t)(first + i),
						   .kind = i % 2 ? "knock" : "session.start",
						   .unit_id = 3,
						   .terminal_id = 5,
						   .mac = &printer,
						   .verdict = "admit",
						   .body = "{\"note\":\"x\"}"};
	return store_records(s, "gate:north", epoch, records, count);
}

static void commit_records(struct lab *lab, uint64_t first, size_t count)
{
	struct head head;

	assert_int_equal(store_begin(lab->store), 0);
	assert_int_equal(add_records(lab->store, first, count), 0);
	assert_int_equal(store_commit(lab->store, clock_wall_ms(), &head), 0);
}

static void records_are_proven_and_move_their_cursor(void **state)
{
	struct lab *lab = *state;
	struct verify_report report;
	uint8_t got[16];
	uint64_t seq = 0;
	bool known;

	assert_int_equal(store_source_cursor(lab->store, "gate:north", got, &seq, &known), 0);
	assert_false(known);
	commit_records(lab, 1, 40);
	commit_records(lab, 41, 24);
	assert_int_equal(store_source_cursor(lab->store, "gate:north", got, &seq, &known), 0);
	assert_true(known);
	assert_int_equal(seq, 64);
	assert_memory_equal(got, epoch, 16);
	assert_int_equal(lab_verify(lab, NULL, &report), VERIFY_GOOD);
	assert_int_equal(report.records, 64);
	assert_int_equal(report.batches, 2);
}

static void records_of_a_failed_act_are_gone_and_can_come_again(void **state)
{
	struct lab *lab = *state;
	struct verify_report report;
	struct head head;

	assert_int_equal(store_begin(lab->store), 0);
	assert_int_equal(store_mark(lab->store), 0);
	assert_int_equal(add_records(lab->store, 1, 10), 0);
	assert_int_equal(store_undo(lab->store), 0);
	assert_int_equal(store_mark(lab->store), 0);
	assert_int_equal(add_records(lab->store, 1, 5), 0);
	assert_int_equal(store_commit(lab->store, clock_wall_ms(), &head), 0);
	assert_int_equal(lab_verify(lab, NULL, &report), VERIFY_GOOD);
	assert_int_equal(report.records, 5);
}

static size_t page(struct store_db *db, struct store_record_filter *filter)
{
	json_t *rows, *last;
	size_t count;

	assert_int_equal(store_record_page(db, filter, &rows), 0);
	count = json_array_size(rows);
	if (count > 0) {
		last = json_array_get(rows, count - 1);
		filter->before_month = (int)json_integer_value(json_object_get(last, "month"));
		filter->before_at = json_integer_value(json_object_get(last, "at"));
		filter->before_id = json_integer_value(json_object_get(last, "id"));
	}
	json_decref(rows);
	return count;
}

static void pages_of_records_join_without_gap_or_overlap(void **state)
{
	struct lab *lab = *state;
	struct store_record_filter all = {.limit = 7}, knocks = {.kind = "knock", .limit = 100},
				   family = {.kind = "session.", .mac = &printer, .limit = 100},
				   nobody = {.terminal_id = 6, .limit = 100};
	struct store_db *db;
	size_t total = 0, got;

	commit_records(lab, 1, 40);
	assert_int_equal(store_reader_new(lab->store, &db), 0);
	while ((got = page(db, &all)) > 0)
		total += got;
	assert_int_equal(total, 40);
	assert_int_equal(page(db, &knocks), 20);
	assert_int_equal(page(db, &family), 20);
	assert_int_equal(page(db, &nobody), 0);
	store_reader_free(db);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_statement_fits_the_schema),
		CASE(a_committed_act_is_read_back_with_its_entry),
		CASE(a_change_that_no_entry_explains_cannot_be_committed),
		CASE(a_failed_act_leaves_nothing_and_its_neighbours_stay),
		CASE(an_aborted_transaction_leaves_nothing),
		CASE(a_row_that_must_be_unique_is_refused_by_name),
		CASE(wrong_use_is_refused),
		CASE(a_deleted_row_is_explained_by_its_entry),
		CASE(the_log_goes_on_after_a_restart),
		CASE(a_reader_sees_one_commit_from_begin_to_end),
		CASE(records_are_proven_and_move_their_cursor),
		CASE(records_of_a_failed_act_are_gone_and_can_come_again),
		CASE(pages_of_records_join_without_gap_or_overlap),
	};

	return cmocka_run_group_tests_name("store/conformance", tests, NULL, NULL);
}
