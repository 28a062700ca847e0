/* The store as a source of proof: what journal/verify.h and bundles read. */
#define _GNU_SOURCE
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/sqlite/form.h"
#include "store/sqlite/lock.h"
#include "store/sqlite/row.h"
#include "store/sqlite/writer.h"

/* One row or nothing: -ENOENT when there is none. The caller frees the cursor in both cases. */
static int first_row(struct store_db *db, enum store_stmt stmt, const struct store_value *args,
		     size_t count, struct store_cursor **ret)
{
	int got = store_select(db, stmt, args, count, ret);

	if (!got)
		got = store_next(*ret);
	return got == 0 ? -ENOENT : got < 0 ? got : 0;
}

static int read_digest(const struct store_cursor *c, size_t col, struct merkle_digest *ret)
{
	size_t len;
	const void *data = store_blob(c, col, &len);

	if (len != HASH_SIZE)
		return -EUCLEAN;
	memcpy(ret->b, data, HASH_SIZE);
	return 0;
}

static int source_size(void *arg, uint64_t *ret)
{
	int64_t size;
	int err = store_get_int(arg, STMT_LOG_SIZE, STORE_NO_ARGS, 0, &size);

	if (!err)
		*ret = (uint64_t)size;
	return err;
}

static int source_entry(void *arg, uint64_t seq, struct buf *ret, struct merkle_digest *ret_leaf)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	const void *bytes;
	size_t len;
	int err = first_row(arg, STMT_LOG_ENTRY_BYTES, STORE_ARGS(v_int((int64_t)seq)), &c);

	if (err)
		return err;
	bytes = store_blob(c, 0, &len);
	buf_append(ret, bytes, len);
	err = read_digest(c, 1, ret_leaf);
	return err ? err : ret->error;
}

static int source_node(void *arg, unsigned level, uint64_t index, struct merkle_digest *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int err;

	if (level == 0)
		err = first_row(arg, STMT_LOG_LEAF, STORE_ARGS(v_int((int64_t)index)), &c);
	else
		err = first_row(arg, STMT_LOG_NODE, STORE_ARGS(v_int(level), v_int((int64_t)index)),
				&c);
	return err ? err : read_digest(c, 0, ret);
}

/* No other line that means the same head passes. */
static int parse_head(const char *text, struct head *ret)
{
	CLEANUP_BUF struct buf again = BUF_INIT;
	struct head head;
	int err = head_parse(text, strlen(text), &head);

	if (!err)
		err = head_encode(&head, &again);
	if (!err && strcmp(buf_str(&again), text) != 0)
		err = -EUCLEAN;
	if (!err)
		*ret = head;
	return err;
}

static int read_head(struct store_db *db, enum store_stmt stmt, const struct store_value *args,
		     size_t count, struct head *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int err = first_row(db, stmt, args, count, &c);

	return err ? err : parse_head(store_text(c, 0), ret);
}

static int source_head(void *arg, uint64_t size, struct head *ret)
{
	return read_head(arg, STMT_LOG_HEAD_FROM, STORE_ARGS(v_int((int64_t)size)), ret);
}

static int source_last_head(void *arg, struct head *ret)
{
	return read_head(arg, STMT_LOG_HEAD_LAST, STORE_NO_ARGS, ret);
}

/* Names live with the store, which a reader outlives never. */
static int source_table(void *arg, size_t n, const char **ret)
{
	struct store_db *db = arg;

	if (n >= db->store->table_count)
		return -ENOENT;
	*ret = db->store->tables[n].name;
	return 0;
}

static int source_hasher(struct store_db *db, struct hasher **ret)
{
	struct head head;
	int err = source_last_head(db, &head);

	return err ? err : hasher_new(head.hash, ret);
}

static int source_rows(void *arg, const char *table, log_row_fn *fn, void *fn_arg)
{
	struct store_db *db = arg;
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	CLEANUP_HASHER struct hasher *hasher = NULL;
	CLEANUP_FREE char *sql = NULL;
	CLEANUP_BUF struct buf content = BUF_INIT;
	int code = SQLITE_DONE, err = source_hasher(db, &hasher);

	if (err)
		return err == -ENOENT ? 0 : err; /* a log without head explains nothing yet */
	if (asprintf(&sql, "SELECT rowid, * FROM \"%s\" ORDER BY rowid", table) < 0) {
		sql = NULL;
		return -ENOMEM;
	}
	err = connection_prepare(db->db, sql, &stmt);
	while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		uint8_t digest[HASH_SIZE];
		char id[24];

		snprintf(id, sizeof(id), "%lld", (long long)sqlite3_column_int64(stmt, 0));
		buf_clear(&content);
		row_content(stmt, 1, &content);
		err = content.error ? content.error
				    : entry_row_digest(hasher, table, id, content.data, content.len,
						       digest);
		if (!err)
			err = fn(fn_arg, id, digest);
	}
	return err ? err : code == SQLITE_DONE ? 0 : sqlite_error(code);
}

/* ---- mass records ---- */

#define NEWER_WAIT_MS 2000
#define NEWER_POLL_US 20000

static bool is_listed(sqlite3 *db, const struct batch *batch)
{
	bool listed = false;

	return !batch_is_committed(db, batch, &listed) && listed;
}

/* A month is read later than the entries: a batch that the entries read do not know may be of a
 * commit since then, or of one under way. What came later is the next verification's. */
static bool is_newer(struct store_db *db, const struct batch *batch)
{
	int64_t until = clock_mono_ms() + NEWER_WAIT_MS;
	bool listed = false, written = false;
	sqlite3 *now = NULL;

	if (is_listed(db->db, batch) ||
	    connection_open_file(db->store->main_path, CONNECTION_READ, &now))
		return false;
	while (!(listed = is_listed(now, batch)) && clock_mono_ms() < until &&
	       !lock_is_taken(db->store->dir, &written) && written)
		usleep(NEWER_POLL_US);
	sqlite3_close(now);
	return listed;
}

static int read_batch(struct month *m, sqlite3_stmt *stmt, struct batch *ret)
{
	struct batch batch = {.month = m->number,
			      .first = (uint64_t)sqlite3_column_int64(stmt, 2),
			      .count = (uint64_t)sqlite3_column_int64(stmt, 3)};
	const char *source = (const char *)sqlite3_column_text(stmt, 1);

	if (!source)
		return -ENOMEM;
	if (text_copy(batch.source, sizeof(batch.source), source) || batch.count < 1 ||
	    batch.count > INT32_MAX)
		return -EUCLEAN;
	if (sqlite3_column_bytes(stmt, 4) == HASH_SIZE)
		memcpy(&batch.root, sqlite3_column_blob(stmt, 4), HASH_SIZE);
	*ret = batch;
	return 0;
}

/* Records are numbered as their batches are, without a gap (form.c). */
static int month_batches(struct store_db *db, struct month *m, log_batch_fn *fn, void *fn_arg)
{
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	int code = SQLITE_DONE;
	int err = connection_prepare(
		m->db, "SELECT id, source, first, count, root FROM batch ORDER BY id", &stmt);

	m->walk = (struct record_range){.first = 1};
	while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct batch batch;

		err = read_batch(m, stmt, &batch);
		if (err)
			break;
		m->walk.batch_id = sqlite3_column_int64(stmt, 0);
		m->walk.last = m->walk.first + (int64_t)batch.count - 1;
		if (!is_newer(db, &batch))
			err = fn(fn_arg, &batch);
		m->walk.first = m->walk.last + 1;
	}
	return err ? err : code == SQLITE_DONE ? 0 : sqlite_error(code);
}

static int source_batches(void *arg, log_batch_fn *fn, void *fn_arg)
{
	struct store_db *db = arg;
	CLEANUP_FREE int *numbers = NULL;
	size_t count = 0;
	int err = month_list(db->store->dir, &numbers, &count);

	for (size_t i = count; !err && i > 0; i--) {
		struct month *month;

		err = month_open(db->months, db->store->dir, numbers[i - 1], CONNECTION_READ,
				 &month);
		if (!err)
			err = month_batches(db, month, fn, fn_arg);
		else if (err == -ENODATA)
			err = 0;
	}
	return err;
}

static int source_records(void *arg, const struct batch *batch, log_record_fn *fn, void *fn_arg)
{
	struct store_db *db = arg;
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	CLEANUP_BUF struct buf content = BUF_INIT;
	struct month *month;
	int code = SQLITE_DONE;
	int err = month_open(db->months, db->store->dir, batch->month, CONNECTION_READ, &month);

	if (!err)
		err = connection_prepare(month->db,
					 "SELECT " RECORD_COLUMNS " FROM record WHERE id BETWEEN "
					 "?1 AND ?2 AND batch_id = ?3 ORDER BY id",
					 &stmt);
	if (!err)
		err = statement_bind(stmt,
				     STORE_ARGS(v_int(month->walk.first), v_int(month->walk.last),
						v_int(month->walk.batch_id)));
	while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		buf_clear(&content);
		row_content(stmt, 0, &content);
		err = content.error ? content.error : fn(fn_arg, content.data, content.len);
	}
	return err ? err : code == SQLITE_DONE ? 0 : sqlite_error(code);
}

struct log_source store_log_source(struct store_db *db)
{
	return (struct log_source){
		.arg = db,
		.size = source_size,
		.entry = source_entry,
		.node = source_node,
		.head = source_head,
		.last_head = source_last_head,
		.table = source_table,
		.rows = source_rows,
		.batches = source_batches,
		.records = source_records,
		.form = source_form,
	};
}

int store_source_cursor(struct store *s, const char *source, uint8_t ret_epoch[static 16],
			uint64_t *ret_seq, bool *ret_known)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	const void *epoch;
	size_t len;
	int err = first_row(s->writer, STMT_LOG_CURSOR, STORE_ARGS(v_text(source)), &c);

	*ret_known = false;
	if (err)
		return err == -ENOENT ? 0 : err;
	epoch = store_blob(c, 0, &len);
	if (len != 16)
		return -EUCLEAN;
	memcpy(ret_epoch, epoch, 16);
	*ret_seq = (uint64_t)store_int(c, 1);
	*ret_known = true;
	return 0;
}
