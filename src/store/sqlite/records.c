#define _GNU_SOURCE
#include "store/sqlite/records.h"

#include <dirent.h>
#include <stdio.h>

#include "base/text.h"
#include "store/sqlite/embedded.h"
#include "store/sqlite/migrate.h"
#include "store/sqlite/row.h"

#define MONTHS_OPEN_MAX 24

struct months {
	struct month open[MONTHS_OPEN_MAX]; /* the youngest use at the end */
	size_t count;
};

int months_new(struct months **ret)
{
	struct months *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	*ret = m;
	return 0;
}

static void month_close(struct month *m)
{
	sqlite3_finalize(m->insert_batch);
	sqlite3_finalize(m->insert_record);
	sqlite3_finalize(m->set_root);
	stay_writer_done(&m->stays);
	sqlite3_close(m->db);
}

void months_free(struct months *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->count; i++)
		month_close(&m->open[i]);
	free(m);
}

static int prepare_writing(struct month *m)
{
	int err = migrate(m->db, sqlite_records_migrations);

	if (!err) /* a record's batch is the row before it */
		err = connection_run(m->db, "PRAGMA foreign_keys = OFF");
	if (!err)
		err = connection_prepare(
			m->db,
			"INSERT INTO batch (source, first, count, root) VALUES (?1, ?2, ?3, x'')",
			&m->insert_batch);
	if (!err)
		err = connection_prepare(m->db,
					 "INSERT INTO record (batch_id, " RECORD_COLUMNS ") VALUES "
					 "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
					 &m->insert_record);
	if (!err)
		err = connection_prepare(m->db, "UPDATE batch SET root = ?2 WHERE id = ?1",
					 &m->set_root);
	if (!err)
		err = stay_writer_prepare(&m->stays, m->db);
	return err;
}

/* A file that its writer has created a moment ago, or crashed over, has no tables yet. */
static int check_begun(sqlite3 *db)
{
	int version, err = migrate_version(db, &version);

	return err ? err : version > 0 ? 0 : -ENODATA;
}

int month_open(struct months *m, const char *dir, int number, enum connection_mode mode,
	       struct month **ret)
{
	CLEANUP_FREE char *path = NULL;
	struct month month = {.number = number};
	int err;

	for (size_t i = 0; i < m->count; i++)
		if (m->open[i].number == number) {
			*ret = &m->open[i];
			return 0;
		}
	if (asprintf(&path, "%s/records-%06d.db", dir, number) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	err = connection_open_file(path, mode, &month.db);
	if (!err)
		err = mode == CONNECTION_WRITE ? prepare_writing(&month) : check_begun(month.db);
	if (err) {
		month_close(&month);
		return err;
	}
	if (m->count == MONTHS_OPEN_MAX) {
		month_close(&m->open[0]);
		memmove(m->open, m->open + 1, (--m->count) * sizeof(m->open[0]));
	}
	m->open[m->count] = month;
	*ret = &m->open[m->count++];
	return 0;
}

static int newest_first(const void *a, const void *b)
{
	return *(const int *)b - *(const int *)a;
}

int month_list(const char *dir, int **ret, size_t *ret_count)
{
	CLEANUP_FREE int *months = NULL;
	DIR *d = opendir(dir);
	size_t count = 0;
	int number, used;

	if (!d)
		return -errno;
	for (struct dirent *e; (e = readdir(d));) {
		int *more;

		used = 0;
		if (sscanf(e->d_name, "records-%6d.db%n", &number, &used) != 1 || used != 17 ||
		    e->d_name[17])
			continue;
		more = reallocarray(months, count + 1, sizeof(*months));
		if (!more) {
			closedir(d);
			return -ENOMEM;
		}
		months = more;
		months[count++] = number;
	}
	closedir(d);
	if (count > 0)
		qsort(months, count, sizeof(*months), newest_first);
	*ret = TAKE_PTR(months);
	*ret_count = count;
	return 0;
}

int month_begin(struct month *m)
{
	int err;

	if (m->in_transaction)
		return 0;
	err = connection_run(m->db, "BEGIN IMMEDIATE");
	m->in_transaction = !err;
	m->undo_batch = m->undo_record = 0;
	return err;
}

void months_mark(struct months *m)
{
	for (size_t i = 0; i < m->count; i++)
		m->open[i].undo_batch = m->open[i].undo_record = 0;
}

static int delete_from(struct month *m, const char *table, int64_t id)
{
	char sql[64];

	if (!id)
		return 0;
	snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE id >= %lld", table, (long long)id);
	return connection_run(m->db, sql);
}

static int month_undo(struct month *m)
{
	int err = sqlite3_get_autocommit(m->db) ? -EIO : 0;

	if (!err && m->undo_record)
		err = stay_delete_from(m->db, m->undo_record);
	if (!err)
		err = delete_from(m, "record", m->undo_record);
	if (!err)
		err = delete_from(m, "batch", m->undo_batch);
	return err;
}

int months_undo(struct months *m)
{
	int err = 0;

	for (size_t i = 0; !err && i < m->count; i++)
		if (m->open[i].in_transaction)
			err = month_undo(&m->open[i]);
	if (!err)
		months_mark(m);
	return err;
}

int months_commit(struct months *m)
{
	for (size_t i = 0; i < m->count; i++) {
		int err;

		if (!m->open[i].in_transaction)
			continue;
		m->open[i].unsettled = true;
		err = connection_run(m->open[i].db, "COMMIT");
		if (err)
			return err;
		m->open[i].in_transaction = false;
	}
	return 0;
}

void months_committed(struct months *m)
{
	for (size_t i = 0; i < m->count; i++)
		m->open[i].unsettled = false;
}

int months_settle(struct months *m, sqlite3 *main)
{
	int err = 0;

	for (size_t i = 0; !err && i < m->count; i++) {
		if (!m->open[i].unsettled)
			continue;
		err = month_drop_uncommitted(&m->open[i], main);
		m->open[i].unsettled = err != 0;
	}
	return err;
}

void months_abort(struct months *m)
{
	for (size_t i = 0; i < m->count; i++) {
		if (m->open[i].in_transaction)
			sqlite3_exec(m->open[i].db, "ROLLBACK", NULL, NULL, NULL);
		m->open[i].in_transaction = false;
	}
}

/* The record's bytes in its batch are those that row_content() reads back from its columns. */
static uint8_t *put_value(uint8_t *at, const struct store_value *v)
{
	switch (v->type) {
	case STORE_NULL:
		*at = 'n';
		return at + 1;
	case STORE_INT:
		*at = 'i';
		set_be64(at + 1, (uint64_t)v->integer);
		return at + 9;
	case STORE_TEXT:
	case STORE_BLOB:
		*at = v->type == STORE_TEXT ? 't' : 'b';
		set_be32(at + 1, (uint32_t)v->len);
		memcpy(at + 5, v->data, v->len);
		return at + 5 + v->len;
	}
	return at;
}

static void record_content(const struct store_value *values, size_t count, struct buf *ret)
{
	size_t room = 0;
	uint8_t *start, *end;

	for (size_t i = 0; i < count; i++)
		room += 9 + values[i].len;
	start = end = buf_reserve(ret, room);
	if (!start)
		return;
	for (size_t i = 0; i < count; i++)
		end = put_value(end, &values[i]);
	ret->len += (size_t)(end - start);
}

static int add_record(struct month *m, int64_t batch_id, const struct store_record *r,
		      struct batch_builder *builder, struct buf *content)
{
	const struct store_value values[] = {
		v_int(batch_id), v_int((int64_t)r->seq),    v_int(r->at_ms),
		v_text(r->kind), v_int_or_null(r->unit_id), v_int_or_null(r->terminal_id),
		v_mac(r->mac),	 v_text(r->account),	    v_int_or_null(r->switch_id),
		v_text(r->port), v_text(r->verdict),	    v_text(r->reason),
		v_text(r->body),
	};
	int64_t id;
	int err;

	buf_clear(content);
	record_content(values + 1, ARRAY_SIZE(values) - 1, content);
	err = content->error;
	if (!err)
		err = batch_builder_add(builder, content->data, content->len);
	if (!err)
		err = statement_step(m->insert_record, values, ARRAY_SIZE(values));
	if (err)
		return err;
	id = sqlite3_last_insert_rowid(m->db);
	if (!m->undo_record)
		m->undo_record = id;
	return r->stay ? stay_add(&m->stays, id, r) : 0;
}

int month_add(struct month *m, struct hasher *hasher, const char *source,
	      const struct store_record *records, size_t count, struct batch *ret)
{
	CLEANUP_BUF struct buf content = BUF_INIT;
	struct batch_builder builder;
	struct batch batch = {.first = records[0].seq, .count = count, .month = m->number};
	int64_t id;
	int err = text_copy(batch.source, sizeof(batch.source), source);

	if (!err && sqlite3_get_autocommit(m->db))
		err = -EIO; /* SQLite gave the transaction up after an earlier failure */
	if (err)
		return err;
	batch_builder_init(&builder, hasher);
	err = statement_step(
		m->insert_batch,
		STORE_ARGS(v_text(source), v_int((int64_t)batch.first), v_int((int64_t)count)));
	if (err)
		return err;
	id = sqlite3_last_insert_rowid(m->db);
	if (!m->undo_batch)
		m->undo_batch = id;
	for (size_t i = 0; !err && i < count; i++)
		err = add_record(m, id, &records[i], &builder, &content);
	if (!err)
		err = batch_builder_root(&builder, &batch.root, &batch.count);
	if (!err)
		err = statement_step(m->set_root,
				     STORE_ARGS(v_int(id), v_blob(&batch.root, HASH_SIZE)));
	if (!err)
		*ret = batch;
	return err;
}

int batch_is_committed(sqlite3 *main, const struct batch *batch, bool *ret)
{
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	int code = SQLITE_DONE;
	int err = connection_prepare(
		main, "SELECT 1 FROM log_batch WHERE month = ?1 AND source = ?2 AND first = ?3",
		&stmt);

	if (!err)
		err = statement_bind(stmt, STORE_ARGS(v_int(batch->month), v_text(batch->source),
						      v_int((int64_t)batch->first)));
	if (!err)
		code = sqlite3_step(stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		err = sqlite_error(code);
	if (!err)
		*ret = code == SQLITE_ROW;
	return err;
}

static int newest_batch(struct month *m, struct batch *ret, int64_t *ret_id, bool *ret_found)
{
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	int code, err = connection_prepare(
			  m->db, "SELECT id, source, first FROM batch ORDER BY id DESC LIMIT 1",
			  &stmt);
	const char *source;

	if (err)
		return err;
	code = sqlite3_step(stmt);
	*ret_found = code == SQLITE_ROW;
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? 0 : sqlite_error(code);
	source = (const char *)sqlite3_column_text(stmt, 1);
	if (!source)
		return -ENOMEM;
	*ret_id = sqlite3_column_int64(stmt, 0);
	*ret = (struct batch){.month = m->number, .first = (uint64_t)sqlite3_column_int64(stmt, 2)};
	return text_copy(ret->source, sizeof(ret->source), source) ? -EUCLEAN : 0;
}

/* Its records are the newest: ids run with the batches'. */
static int delete_newest(struct month *m, int64_t id)
{
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	char sql[120];
	int64_t first = 0;
	int err = connection_prepare(m->db,
				     "SELECT max(id) + 1 - (SELECT count FROM batch WHERE id = ?1) "
				     "FROM record",
				     &stmt);

	if (!err)
		err = statement_bind(stmt, STORE_ARGS(v_int(id)));
	if (!err)
		err = sqlite3_step(stmt) == SQLITE_ROW ? 0 : -EIO;
	if (err)
		return err;
	first = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	snprintf(sql, sizeof(sql),
		 "DELETE FROM record WHERE id >= %lld; DELETE FROM batch WHERE id = %lld",
		 (long long)first, (long long)id);
	err = stay_delete_from(m->db, first);
	return err ? err : connection_run(m->db, sql);
}

static int drop_newest(struct month *m, sqlite3 *main)
{
	struct batch batch;
	int64_t id;
	int err;

	do {
		bool found = false, committed = false;

		err = newest_batch(m, &batch, &id, &found);
		if (err || !found)
			return err;
		err = batch_is_committed(main, &batch, &committed);
		if (!err && committed)
			return 0;
		if (!err)
			err = delete_newest(m, id);
	} while (!err);
	return err;
}

int month_drop_uncommitted(struct month *m, sqlite3 *main)
{
	int err = connection_run(m->db, "BEGIN IMMEDIATE");

	if (err)
		return err;
	err = drop_newest(m, main);
	if (!err)
		err = connection_run(m->db, "COMMIT");
	if (err && !sqlite3_get_autocommit(m->db))
		sqlite3_exec(m->db, "ROLLBACK", NULL, NULL, NULL);
	return err;
}
