/* What the SQLite backend does with a damaged, full or tampered file. Knows SQLite on purpose. */
#include "lab.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

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

static void remove_named(struct lab *lab, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", lab->dir, name);
	unlink(path);
}

static void open_for_all(struct lab *lab)
{
	static const char *const names[] = {"menshen.db", "writer.lock"};
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", lab->dir, names[i]);
		assert_int_equal(chmod(path, 0444), 0);
	}
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

static void a_second_writer_is_refused_and_told_why(void **state)
{
	struct lab *lab = *state;
	struct store_options options = {
		.dir = lab->dir, .log_key = lab->key, .hash = HASH_SM3, .epoch = 1};
	char error[STORE_ERROR_SIZE] = "";
	struct store *s = NULL;

	assert_int_equal(store_open(&options, &s, error), -EBUSY);
	assert_non_null(strstr(error, "another process"));
	lab_commit_setting(lab, "x", "1");
	lab_close(lab);
	lab_open(lab);
	assert_int_equal(lab_count(lab->store), 1);
}

/* Somebody's shell holds the file; after its wait the commit says so, and goes through later. */
static void a_database_that_stays_locked_is_told_apart(void **state)
{
	struct lab *lab = *state;
	char path[128];
	sqlite3 *other;

	snprintf(path, sizeof(path), "%s/menshen.db", lab->dir);
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_begin(lab->store), -EAGAIN);
	sqlite3_close(other);
	lab_commit_setting(lab, "x", "1");
	assert_int_equal(lab_count(lab->store), 1);
}

/* Commits of several megabytes; the WAL's size after them. */
static off_t commit_much(struct lab *lab, int commits)
{
	char name[16], value[4096];
	struct head head;

	memset(value, 'x', sizeof(value));
	value[sizeof(value) - 1] = '\0';
	for (int i = 0; i < commits; i++) {
		assert_int_equal(store_begin(lab->store), 0);
		for (int k = 0; k < 1000; k++) {
			snprintf(name, sizeof(name), "big%d", k);
			value[0] = (char)('a' + i);
			assert_int_equal(lab_put(lab->store, name, value), 0);
		}
		assert_int_equal(store_commit(lab->store, clock_wall_ms(), &head), 0);
	}
	return (off_t)size_of_wal(lab);
}

/* A reader that stays in one commit keeps the WAL from being begun anew; when it ends, so does the
 * growth. */
static void the_wal_stops_growing_when_a_long_reader_ends(void **state)
{
	struct lab *lab = *state;
	struct verify_report report;
	struct store_db *db;
	int64_t size;
	off_t grown;

	lab_commit_setting(lab, "big", "x");
	assert_int_equal(store_reader_new(lab->store, &db), 0);
	assert_int_equal(store_reader_begin(db), 0);
	assert_int_equal(store_get_int(db, STMT_LOG_SIZE, STORE_NO_ARGS, -1, &size), 0);
	grown = commit_much(lab, 12);
	assert_true(grown > 4100 * 4096); /* past the automatic checkpoint */
	assert_int_equal(store_get_int(db, STMT_LOG_SIZE, STORE_NO_ARGS, -1, &size), 0);
	assert_int_equal(size, 1);
	store_reader_end(db);
	store_reader_free(db);
	assert_true(commit_much(lab, 12) < grown + grown / 2);
	assert_int_equal(lab_verify(lab, NULL, &report), VERIFY_GOOD);
}

/* What an auditor carries away: the database files alone, after a clean stop. */
static void a_copy_without_its_side_files_is_verified(void **state)
{
	struct lab *lab = *state;
	struct verify_report report;

	fill(lab);
	lab_close(lab);
	remove_named(lab, "menshen.db-wal");
	remove_named(lab, "menshen.db-shm");
	remove_named(lab, "writer.lock");
	assert_int_equal(lab_verify(lab, NULL, &report), VERIFY_GOOD);
	assert_int_equal(report.entries, 10);
}

/* As on a medium that cannot be written: the reader may not make files, so it is nobody. */
static void a_store_in_a_folder_that_cannot_be_written_is_verified(void **state)
{
	struct lab *lab = *state;
	struct verify_report report;
	pid_t child;
	int status;

	fill(lab);
	lab_close(lab);
	assert_int_equal(chmod(lab->dir, 0555), 0);
	open_for_all(lab);
	child = fork();
	if (child == 0) {
		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(2);
		_exit(lab_try_verify(lab, NULL, &report) ? 3 : report.fault != VERIFY_GOOD);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(lab->dir, 0700), 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void the_log_is_verified_while_the_server_commits(void **state)
{
	static const uint8_t epoch[16] = {1};
	struct lab *lab = *state;
	struct verify_report report;
	pid_t child;
	int status;

	fill(lab);
	child = fork();
	if (child == 0) {
		int err = 0;

		for (int i = 0; !err && i < 5; i++)
			err = lab_try_verify(lab, NULL, &report) || report.fault != VERIFY_GOOD;
		if (err)
			fprintf(stderr, "%s\n", report.sentence);
		_exit(err);
	}
	for (uint64_t seq = 1; waitpid(child, &status, WNOHANG) == 0; seq++) {
		struct store_record r = {
			.seq = seq, .at_ms = (int64_t)seq, .kind = "knock", .body = "{}"};
		struct head head;

		assert_int_equal(store_begin(lab->store), 0);
		assert_int_equal(store_records(lab->store, "gate:a", epoch, &r, 1), 0);
		assert_int_equal(store_commit(lab->store, clock_wall_ms(), &head), 0);
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
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
		CASE(a_second_writer_is_refused_and_told_why),
		CASE(a_database_that_stays_locked_is_told_apart),
		CASE(the_wal_stops_growing_when_a_long_reader_ends),
		CASE(a_copy_without_its_side_files_is_verified),
		CASE(a_store_in_a_folder_that_cannot_be_written_is_verified),
		CASE(the_log_is_verified_while_the_server_commits),
	};

	return cmocka_run_group_tests_name("store/damage", tests, NULL, NULL);
}
