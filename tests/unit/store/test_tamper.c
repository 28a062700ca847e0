/* One bit changed in any stored value, an entry dropped, swapped or inserted, the schema touched:
 * the verification finds it, given a head that somebody keeps. Knows SQLite on purpose. */
#include "lab.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"

#define NAME_MAX_SIZE 64
#define VALUE_MAX 8192
#define FILE_MAX_SIZE (4U << 20)

static uint8_t saved[2][FILE_MAX_SIZE];
static size_t saved_len[2];
static struct head_file kept;

static void file_of(const struct lab *lab, int which, char dst[static 128])
{
	if (which == 0)
		snprintf(dst, 128, "%s/menshen.db", lab->dir);
	else
		snprintf(dst, 128, "%s/records-%d.db", lab->dir, clock_month(clock_wall_ms()));
}

static void save(const struct lab *lab, int which)
{
	char path[128];
	ssize_t n;
	int fd;

	file_of(lab, which, path);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	n = read(fd, saved[which], FILE_MAX_SIZE);
	assert_true(n > 0 && n < (ssize_t)FILE_MAX_SIZE);
	saved_len[which] = (size_t)n;
	close(fd);
}

static void restore(const struct lab *lab, int which)
{
	static const char *const beside[] = {"", "-wal", "-shm"};
	char path[128], other[140];
	int fd;

	file_of(lab, which, path);
	for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
		snprintf(other, sizeof(other), "%s%s", path, beside[i]);
		unlink(other);
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, saved[which], saved_len[which]), (ssize_t)saved_len[which]);
	close(fd);
}

static sqlite3 *open_raw(const struct lab *lab, int which)
{
	char path[128];
	sqlite3 *db;

	file_of(lab, which, path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_exec(db, "PRAGMA synchronous = OFF; PRAGMA ignore_check_constraints = ON", NULL,
		     NULL, NULL);
	return db;
}

static const uint8_t epoch[16] = {7};
static const struct mac printer = {{2, 0, 0, 0, 0, 1}};

static int add_records(struct store *s, uint64_t first, size_t count)
{
	struct store_record r[4];

	for (size_t i = 0; i < count; i++)
		r[i] = (struct store_record){.seq = first + i,
					     .at_ms = 1000 + (int64_t)(first + i),
					     .kind = "knock",
					     .unit_id = 3,
					     .terminal_id = 4,
					     .switch_id = 5,
					     .mac = &printer,
					     .account = "wang",
					     .port = "1",
					     .verdict = "admit",
					     .reason = "none",
					     .body = "{}"};
	return store_records(s, "gate:north", epoch, r, count);
}

static void commit(struct store *s, struct head *ret)
{
	assert_int_equal(store_commit(s, clock_wall_ms(), ret), 0);
}

static int make_unit_and_gate(struct store *s, struct sign_key *gate_key)
{
	CLEANUP_BUF struct buf pem = BUF_INIT;
	struct entry act = {.at_ms = 5, .act = "gate.add", .subject = "gate:north", .unit = 1};
	int64_t unit, gate;
	int err = sign_key_public_pem(gate_key, &pem);

	if (!err)
		err = store_insert(s, STMT_UNIT_INSERT,
				   STORE_ARGS(v_int(1), v_null(), v_text("head-office"),
					      v_text("0001"), v_text("总行"), v_text("/1/"),
					      v_int(store_rev(s))),
				   &unit);
	if (!err)
		err = store_insert(
			s, STMT_GATE_INSERT,
			STORE_ARGS(v_text("north"), v_int(unit), v_text(buf_str(&pem)), v_int(5)),
			&gate);
	return err ? err : store_log(s, &act);
}

static void add_cosign(struct store *s, const struct head *head, struct sign_key *gate_key)
{
	CLEANUP_BUF struct buf line = BUF_INIT;
	struct cosign cosign;
	struct head none;

	assert_int_equal(cosign_make(head, "north", 6, gate_key, &cosign), 0);
	assert_int_equal(cosign_encode(&cosign, &line), 0);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_exec(s, STMT_LOG_COSIGN_INSERT,
				    STORE_ARGS(v_int((int64_t)cosign.size), v_text("north"),
					       v_text(buf_str(&line))),
				    NULL),
			 0);
	commit(s, &none);
}

/* State, entries past one stored node, heads, a co-signature, two batches; then all in one file. */
static int setup(void **state)
{
	CLEANUP_SIGN_KEY struct sign_key *gate_key = NULL;
	static struct head head;
	struct lab *lab;
	sqlite3 *db;

	if (lab_setup(state))
		return -1;
	lab = *state;
	assert_int_equal(sign_key_make(SIGN_ED25519, &gate_key), 0);
	assert_int_equal(store_begin(lab->store), 0);
	assert_int_equal(make_unit_and_gate(lab->store, gate_key), 0);
	for (int i = 0; i < 257; i++)
		assert_int_equal(lab_put(lab->store, i % 2 ? "a" : "b", i % 3 ? "1" : "0"), 0);
	commit(lab->store, &head);
	add_cosign(lab->store, &head, gate_key);
	assert_int_equal(store_begin(lab->store), 0);
	assert_int_equal(add_records(lab->store, 1, 3), 0);
	commit(lab->store, &head);
	assert_int_equal(store_begin(lab->store), 0);
	assert_int_equal(add_records(lab->store, 4, 2), 0);
	commit(lab->store, &head);
	kept = (struct head_file){.heads = &head, .head_count = 1};
	lab_close(lab);
	for (int which = 0; which < 2; which++) {
		db = open_raw(lab, which);
		assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL),
				 SQLITE_OK);
		sqlite3_close(db);
		save(lab, which);
	}
	return 0;
}

static bool is_found(struct lab *lab)
{
	struct verify_report report = {0};

	return lab_try_verify(lab, &kept, &report) != 0 || report.fault != VERIFY_GOOD;
}

static void a_store_that_nobody_touched_is_good(void **state)
{
	struct lab *lab = *state;
	struct verify_report report;

	if (lab_verify(lab, &kept, &report))
		fail_msg("%s", report.sentence);
	assert_int_equal(report.entries, 260);
	assert_int_equal(report.records, 5);
	assert_int_equal(report.kept_heads, 1);
}

/* ---- every value ---- */

struct place {
	char table[NAME_MAX_SIZE], column[NAME_MAX_SIZE];
	int64_t offset; /* of the row, in the table's own order */
};

/* The value with one bit changed and its type kept; false where it is NULL or empty. */
static bool flip(sqlite3_stmt *from, sqlite3_stmt *to, int bit)
{
	static uint8_t copy[VALUE_MAX];
	int len, type = sqlite3_column_type(from, 0);

	if (type == SQLITE_INTEGER) {
		sqlite3_bind_int64(to, 1, sqlite3_column_int64(from, 0) ^ (INT64_C(1) << bit));
		return true;
	}
	len = sqlite3_column_bytes(from, 0);
	if (type == SQLITE_NULL || len == 0 || len > VALUE_MAX)
		return false;
	memcpy(copy, sqlite3_column_blob(from, 0), (size_t)len);
	copy[(bit * 37) % len] ^= (uint8_t)(1U << (bit % 8));
	if (type == SQLITE_TEXT)
		sqlite3_bind_text(to, 1, (char *)copy, len, SQLITE_TRANSIENT);
	else
		sqlite3_bind_blob(to, 1, copy, len, SQLITE_TRANSIENT);
	return true;
}

/* Whether a value was changed. A change that a uniqueness rule refuses is none. */
static bool change(sqlite3 *db, const struct place *p, int bit)
{
	sqlite3_stmt *from, *to;
	char key[300], sql[1000];
	bool changed = false;

	if (strcmp(p->table, "log_batch") == 0)
		snprintf(key, sizeof(key),
			 "first = (SELECT first FROM log_batch LIMIT 1 OFFSET %lld)",
			 (long long)p->offset);
	else
		snprintf(key, sizeof(key),
			 "rowid = (SELECT rowid FROM \"%s\" ORDER BY rowid LIMIT 1 OFFSET %lld)",
			 p->table, (long long)p->offset);
	snprintf(sql, sizeof(sql), "SELECT \"%s\" FROM \"%s\" WHERE %s", p->column, p->table, key);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &from, NULL), SQLITE_OK);
	snprintf(sql, sizeof(sql), "UPDATE \"%s\" SET \"%s\" = ?1 WHERE %s", p->table, p->column,
		 key);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &to, NULL), SQLITE_OK);
	if (sqlite3_step(from) == SQLITE_ROW && flip(from, to, bit)) {
		sqlite3_reset(from);
		changed = sqlite3_step(to) == SQLITE_DONE && sqlite3_changes(db) == 1;
	}
	sqlite3_finalize(from);
	sqlite3_finalize(to);
	return changed;
}

static int64_t ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

static bool is_long(void)
{
	return getenv("MENSHEN_LONG") != NULL;
}

/* Of a long table the first, the last and a few between; all of them in the long run. */
static bool is_tried(int64_t row, int64_t rows)
{
	return is_long() || row < 2 || row >= rows - 3;
}

static int sweep_column(struct lab *lab, int which, struct place *p, int64_t rows)
{
	static const int bits[] = {0, 5, 11, 30, 62};
	const size_t bits_tried = is_long() ? ARRAY_SIZE(bits) : 2;
	int tried = 0;

	for (p->offset = 0; p->offset < rows; p->offset++) {
		for (size_t i = 0; is_tried(p->offset, rows) && i < bits_tried; i++) {
			sqlite3 *db = open_raw(lab, which);
			bool changed = change(db, p, bits[i]);

			sqlite3_close(db);
			if (changed && !is_found(lab))
				fail_msg("%s.%s, row %lld, bit %d: a changed bit was not found",
					 p->table, p->column, (long long)p->offset, bits[i]);
			tried += changed;
			if (changed)
				restore(lab, which);
		}
	}
	return tried;
}

#define PLACES_MAX 400

/* A running SELECT would lock the file, so the columns are listed first. */
static size_t list_columns(sqlite3 *db, struct place *places)
{
	sqlite3_stmt *columns;
	size_t count = 0;

	assert_int_equal(sqlite3_prepare_v2(db,
					    "SELECT t.name, c.name FROM sqlite_schema t, "
					    "pragma_table_info(t.name) c WHERE t.type = 'table' "
					    "AND t.name NOT GLOB 'live_*'",
					    -1, &columns, NULL),
			 SQLITE_OK);
	while (sqlite3_step(columns) == SQLITE_ROW) {
		struct place *p = &places[count++];

		assert_true(count < PLACES_MAX);
		snprintf(p->table, sizeof(p->table), "%s", sqlite3_column_text(columns, 0));
		snprintf(p->column, sizeof(p->column), "%s", sqlite3_column_text(columns, 1));
	}
	sqlite3_finalize(columns);
	return count;
}

static int sweep(struct lab *lab, int which)
{
	static struct place places[PLACES_MAX];
	sqlite3 *db = open_raw(lab, which);
	size_t count = list_columns(db, places);
	int tried = 0;

	sqlite3_close(db);
	for (size_t i = 0; i < count; i++) {
		char sql[128];
		int64_t rows;

		snprintf(sql, sizeof(sql), "SELECT count(*) FROM \"%s\"", places[i].table);
		db = open_raw(lab, which);
		rows = ask(db, sql);
		sqlite3_close(db);
		tried += sweep_column(lab, which, &places[i], rows);
	}
	return tried;
}

static void a_bit_changed_in_any_value_is_found(void **state)
{
	int tried = sweep(*state, 0);

	assert_true(tried > 100);
}

static void a_bit_changed_in_any_mass_record_is_found(void **state)
{
	int tried = sweep(*state, 1);

	assert_true(tried > 50);
}

/* ---- rows and schema ---- */

static const struct {
	int which;
	const char *sql;
} touches[] = {
	{0, "DELETE FROM log_entry WHERE seq = 0"},
	{0, "DELETE FROM log_entry WHERE seq = 100"},
	{0, "DELETE FROM log_entry WHERE seq = 259"},
	{0, "DELETE FROM log_entry"},
	{0, "UPDATE log_entry SET seq = CASE seq WHEN 7 THEN -8 ELSE 7 END WHERE seq IN (7, 8);"
	    "UPDATE log_entry SET seq = 8 WHERE seq = -8"},
	{0, "INSERT INTO log_entry SELECT 260, bytes, leaf, at, act, account_id, unit_id, subject "
	    "FROM log_entry WHERE seq = 3"},
	{0, "INSERT INTO log_entry SELECT -1, bytes, leaf, at, act, account_id, unit_id, subject "
	    "FROM log_entry WHERE seq = 3"},
	{0, "DELETE FROM log_node"},
	{0, "INSERT INTO log_node SELECT 8, 1, digest FROM log_node"},
	{0, "INSERT INTO log_node SELECT 9, 0, digest FROM log_node"},
	{0, "DELETE FROM log_head WHERE size = 260"},
	{0, "DELETE FROM log_head"},
	{0, "INSERT INTO log_head SELECT 200, text FROM log_head WHERE size = 260"},
	{0, "INSERT INTO log_head SELECT 300, text FROM log_head WHERE size = 260"},
	{0, "DELETE FROM log_batch WHERE first = 4"},
	{0, "INSERT INTO log_batch VALUES (202001, 'gate:south/00', 1)"},
	{0, "INSERT INTO log_cosign (size, gate, text) VALUES (259, 'south', 'x')"},
	{0, "DELETE FROM setting"},
	{0, "INSERT INTO setting (name, value) VALUES ('extra', '1')"},
	{0, "CREATE TRIGGER quiet AFTER INSERT ON setting BEGIN DELETE FROM setting; END"},
	{0, "CREATE VIEW more AS SELECT * FROM setting"},
	{0, "CREATE TABLE extra (id INTEGER PRIMARY KEY)"},
	{0, "CREATE TABLE live_extra (id INTEGER PRIMARY KEY)"},
	{0, "CREATE TABLE log_extra (id INTEGER PRIMARY KEY)"},
	{0, "CREATE INDEX more ON setting (value)"},
	{0, "DROP INDEX permit_mac"},
	{0, "DROP TABLE setting"},
	{0, "ALTER TABLE setting ADD COLUMN more TEXT"},
	{0, "ALTER TABLE setting RENAME COLUMN value TO worth"},
	{0, "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, "
	    "'''observe''', '''enforce''') WHERE name = 'unit'"},
	{0, "PRAGMA user_version = 0"},
	{0, "PRAGMA user_version = 77"},
	{1, "DELETE FROM record WHERE id = 3"},
	{1, "DELETE FROM record WHERE id = 5"},
	{1, "DELETE FROM batch WHERE id = 2; DELETE FROM record WHERE batch_id = 2"},
	{1, "DELETE FROM record; DELETE FROM batch"},
	{1, "INSERT INTO record (batch_id, seq, at, kind, body) VALUES (99, 1, 1, 'knock', '{}')"},
	{1, "INSERT INTO record (batch_id, seq, at, kind, body) VALUES (2, 6, 1, 'knock', '{}')"},
	{1, "INSERT INTO batch (source, first, count, root) VALUES ('x', 1, 1, zeroblob(32))"},
	{1, "CREATE TRIGGER quiet AFTER INSERT ON record BEGIN DELETE FROM record; END"},
	{1, "CREATE TABLE extra (id INTEGER PRIMARY KEY)"},
	{1, "DROP INDEX record_mac"},
	{1, "PRAGMA user_version = 0"},
};

static void rows_added_dropped_or_swapped_and_another_schema_are_found(void **state)
{
	struct lab *lab = *state;

	for (size_t i = 0; i < ARRAY_SIZE(touches); i++) {
		sqlite3 *db = open_raw(lab, touches[i].which);
		char *error = NULL;

		sqlite3_exec(db, touches[i].sql, NULL, NULL, &error);
		if (error)
			fail_msg("%s: %s", touches[i].sql, error);
		sqlite3_close(db);
		if (!is_found(lab))
			fail_msg("not found: %s", touches[i].sql);
		restore(lab, touches[i].which);
	}
}

static void a_missing_file_of_records_is_found(void **state)
{
	struct lab *lab = *state;
	char path[128];

	file_of(lab, 1, path);
	unlink(path);
	assert_true(is_found(lab));
	restore(lab, 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_store_that_nobody_touched_is_good),
		CASE(a_bit_changed_in_any_value_is_found),
		CASE(a_bit_changed_in_any_mass_record_is_found),
		CASE(rows_added_dropped_or_swapped_and_another_schema_are_found),
		CASE(a_missing_file_of_records_is_found),
	};

	return cmocka_run_group_tests_name("store/tamper", tests, NULL, NULL);
}
