/* What the SQLite backend does with a damaged, full or tampered file. Knows SQLite on purpose. */
#include "lab.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/clock.h"

static void tamper(struct lab *lab, const char *file, const char *sql)
{
	char path[128];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/%s", lab->dir, file);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void fill(struct lab *lab)
{
	for (int i = 0; i < 10; i++) {
		char name[16];

		snprintf(name, sizeof(name), "s%d", i);
		lab_commit_setting(lab, name, "1");
	}
}

#define TAMPERED(name, sql, expected)                                                              \
	static void name(void **state)                                                             \
	{                                                                                          \
		struct lab *lab = *state;                                                          \
		struct verify_report report;                                                       \
                                                                                                   \
		fill(lab);                                                                         \
		lab_close(lab);                                                                    \
		tamper(lab, "menshen.db", sql);                                                    \
		assert_int_equal(lab_verify(lab, NULL, &report), expected);                        \
		assert_true(strlen(report.sentence) > 0);                                          \
	}

TAMPERED(a_changed_row_is_found, "UPDATE setting SET value = '2' WHERE name = 's3'",
	 VERIFY_ROW_CHANGED)
TAMPERED(an_added_row_is_found, "INSERT INTO setting (name, value) VALUES ('evil', '1')",
	 VERIFY_ROW_UNEXPLAINED)
TAMPERED(a_removed_row_is_found, "DELETE FROM setting WHERE name = 's3'", VERIFY_ROW_MISSING)
TAMPERED(a_changed_entry_is_found,
	 "UPDATE log_entry SET bytes = replace(bytes, 'wang', 'weng') WHERE seq = 4",
	 VERIFY_ENTRY_CHANGED)
TAMPERED(a_dropped_last_entry_is_found, "DELETE FROM log_entry WHERE seq = 9", VERIFY_TRUNCATED)
TAMPERED(a_changed_head_is_found,
	 "UPDATE log_head SET text = replace(text, '\"epoch\":1', '\"epoch\":2') WHERE size = 10",
	 VERIFY_HEAD_SIGNATURE)

static void the_row_that_was_changed_is_named(void **state)
{
	struct lab *lab = *state;
	struct verify_report report;

	fill(lab);
	lab_close(lab);
	tamper(lab, "menshen.db", "UPDATE setting SET value = '2' WHERE name = 's3'");
	lab_verify(lab, NULL, &report);
	assert_non_null(strstr(report.sentence, "setting"));
}

/* A crash between the monthly file and the main file: the records were never acknowledged. */
static void records_without_their_entry_are_dropped_at_the_next_start(void **state)
{
	struct lab *lab = *state;
	const uint8_t epoch[16] = {0};
	struct store_record r = {.seq = 1, .at_ms = 5, .kind = "knock", .body = "{}"};
	struct verify_report report;
	char file[32];
	struct head head;

	assert_int_equal(store_begin(lab->store), 0);
	assert_int_equal(store_records(lab->store, "gate:a", epoch, &r, 1), 0);
	assert_int_equal(store_commit(lab->store, clock_wall_ms(), &head), 0);
	lab_close(lab);
	snprintf(file, sizeof(file), "records-%d.db", clock_month(clock_wall_ms()));
	tamper(lab, file,
	       "INSERT INTO batch (source, first, count, root) VALUES ('gate:a/x', 9, 1, x'00');"
	       "INSERT INTO record (batch_id, seq, at, kind, body) VALUES (2, 9, 9, 'knock', "
	       "'{}')");
	assert_int_equal(lab_verify(lab, NULL, &report), VERIFY_BATCH_UNEXPLAINED);
	lab_open(lab);
	assert_int_equal(lab_verify(lab, NULL, &report), VERIFY_GOOD);
	assert_int_equal(report.records, 1);
}

static void a_file_of_another_kind_is_refused_with_its_name(void **state)
{
	struct lab *lab = *state;
	struct store_options options = {
		.dir = lab->dir, .log_key = lab->key, .hash = HASH_SM3, .epoch = 1};
	char path[128], error[STORE_ERROR_SIZE] = "";
	struct store *s = NULL;
	int fd;

	lab_close(lab);
	snprintf(path, sizeof(path), "%s/menshen.db", lab->dir);
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, "this is not a database at all, sorry", 36), 36);
	close(fd);
	assert_int_not_equal(store_open(&options, &s, error), 0);
	assert_non_null(strstr(error, "menshen.db"));
}

static void limit_file_size(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	setrlimit(RLIMIT_FSIZE, &limit);
}

static rlim_t size_of_wal(struct lab *lab)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/menshen.db-wal", lab->dir);
	assert_int_equal(stat(path, &st), 0);
	return (rlim_t)st.st_size;
}

/* The disk is full at every size that a few commits pass through: a commit either holds or fails.
 */
static void a_full_disk_fails_the_commit_and_loses_nothing(void **state)
{
	struct lab *lab = *state;
	struct verify_report report;
	int committed = 0, refused = 0;
	rlim_t start;

	signal(SIGXFSZ, SIG_IGN);
	fill(lab);
	start = size_of_wal(lab);
	for (rlim_t size = start; size < start + 400000; size += 2048) {
		char name[24];
		struct head head;
		int err;

		snprintf(name, sizeof(name), "full%d", (int)((size - start) / 2048));
		limit_file_size(size);
		err = store_begin(lab->store);
		if (!err)
			err = lab_put(lab->store, name, "1");
		err = err ? (store_abort(lab->store), err)
			  : store_commit(lab->store, clock_wall_ms(), &head);
		limit_file_size(RLIM_INFINITY);
		committed += !err;
		refused += err != 0;
	}
	assert_true(refused > 0);
	assert_true(committed > 0);
	lab_commit_setting(lab, "after", "1");
	assert_int_equal(lab_count(lab->store), 10 + committed + 1);
	assert_int_equal(lab_verify(lab, NULL, &report), VERIFY_GOOD);
	lab_close(lab);
	lab_open(lab);
	assert_int_equal(lab_count(lab->store), 10 + committed + 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_changed_row_is_found),
		CASE(an_added_row_is_found),
		CASE(a_removed_row_is_found),
		CASE(a_changed_entry_is_found),
		CASE(a_dropped_last_entry_is_found),
		CASE(a_changed_head_is_found),
		CASE(the_row_that_was_changed_is_named),
		CASE(records_without_their_entry_are_dropped_at_the_next_start),
		CASE(a_file_of_another_kind_is_refused_with_its_name),
		CASE(a_full_disk_fails_the_commit_and_loses_nothing),
	};

	return cmocka_run_group_tests_name("store/damage", tests, NULL, NULL);
}
