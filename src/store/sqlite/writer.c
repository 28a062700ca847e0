/*
 * The one door for writing. SQLite's update hook notes each changed row of state; store_log() turns
 * the notes into the rows of an entry; store_commit() appends the entries to the tree, makes the
 * months durable, signs the head and commits.
 */
#define _GNU_SOURCE
#include "store/sqlite/writer.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/sqlite/migrate.h"
#include "store/sqlite/row.h"

#define SYSTEM_ACTOR                                                                               \
	{                                                                                          \
		0, "system", "system", ""                                                          \
	}

int state_table_name(sqlite3 *db, size_t n, char **ret)
{
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	int code, err = connection_prepare(
			  db,
			  "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB "
			  "'log_*' "
			  "AND name NOT GLOB 'live_*' AND name NOT GLOB 'schema_*' "
			  "AND name NOT GLOB 'sqlite_*' ORDER BY name LIMIT 1 OFFSET ?1",
			  &stmt);

	if (!err)
		err = statement_bind(stmt, STORE_ARGS(v_int((int64_t)n)));
	if (err)
		return err;
	code = sqlite3_step(stmt);
	if (code == SQLITE_DONE)
		return -ENOENT;
	if (code != SQLITE_ROW)
		return sqlite_error(code);
	*ret = strdup((const char *)sqlite3_column_text(stmt, 0));
	return *ret ? 0 : -ENOMEM;
}

/* Room for one more element of an array that doubles. */
static int make_room(void **array, size_t count, size_t *size, size_t element)
{
	size_t more = *size ? *size * 2 : 16;
	void *grown;

	if (count < *size)
		return 0;
	grown = reallocarray(*array, more, element);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*size = more;
	return 0;
}

static void note_change(void *arg, int op, const char *database, const char *table,
			sqlite3_int64 rowid)
{
	struct store *s = arg;
	void *notes = s->notes;
	size_t t = 0;

	(void)op;
	(void)database;
	while (t < s->table_count && strcmp(s->tables[t].name, table) != 0)
		t++;
	if (t == s->table_count || s->fault)
		return;
	s->fault = make_room(&notes, s->note_count, &s->note_size, sizeof(*s->notes));
	s->notes = notes;
	if (!s->fault)
		s->notes[s->note_count++] = (struct note){t, rowid};
}

static int add_table(struct store *s, char *name)
{
	CLEANUP_FREE char *sql = NULL;
	struct state_table *tables =
		reallocarray(s->tables, s->table_count + 1, sizeof(*s->tables));

	if (!tables) {
		free(name);
		return -ENOMEM;
	}
	s->tables = tables;
	s->tables[s->table_count++] = (struct state_table){.name = name};
	if (asprintf(&sql, "SELECT * FROM \"%s\" WHERE rowid = ?1", name) < 0) {
		sql = NULL;
		return -ENOMEM;
	}
	return connection_prepare(s->writer->db, sql, &s->tables[s->table_count - 1].read_row);
}

int writer_attach(struct store *s)
{
	char *name;
	int err;

	while (!(err = state_table_name(s->writer->db, s->table_count, &name))) {
		err = add_table(s, name);
		if (err)
			return err;
	}
	if (err != -ENOENT)
		return err;
	sqlite3_update_hook(s->writer->db, note_change, s);
	return 0;
}

static void pending_done(struct pending *p)
{
	buf_done(&p->bytes);
	free(p->act);
	free(p->subject);
}

static void drop_entries(struct store *s, size_t from)
{
	while (s->entry_count > from)
		pending_done(&s->entries[--s->entry_count]);
}

void writer_detach(struct store *s)
{
	drop_entries(s, 0);
	free(s->entries);
	free(s->notes);
	free(s->batches);
	for (size_t i = 0; i < s->table_count; i++) {
		sqlite3_finalize(s->tables[i].read_row);
		free(s->tables[i].name);
	}
	free(s->tables);
}

struct store_db *store_writer(struct store *s)
{
	return s->writer;
}

int64_t store_rev(const struct store *s)
{
	return (int64_t)(log_next_seq(s->log) + s->entry_count);
}

bool store_is_explained(const struct store *s)
{
	return s->note_count == 0 && !s->fault;
}

static void forget(struct store *s)
{
	drop_entries(s, 0);
	s->note_count = s->batch_count = 0;
	s->fault = 0;
	s->mark = (struct mark){0};
	s->in_transaction = false;
}

/*
 * A commit that failed may have left its records in the months, and its pages whole in the log of
 * SQLite (the write went well, the sync did not): a crash would bring them back. A commit of
 * nothing writes over those pages; only then may the records go, too.
 */
static int settle(struct store *s)
{
	int err;

	if (!s->unsettled)
		return 0;
	err = s->doubtful ? migrate_rewrite_version(s->writer->db) : 0;
	s->doubtful = err != 0;
	if (!err)
		err = months_settle(s->writer->months, s->writer->db);
	s->unsettled = err != 0;
	return err;
}

int store_begin(struct store *s)
{
	int err;

	if (!s->writer || s->in_transaction)
		return -EPROTO;
	err = settle(s);
	if (!err)
		err = connection_run(s->writer->db, "BEGIN IMMEDIATE");
	if (err)
		return err;
	forget(s);
	s->in_transaction = true;
	s->begun_at_ms = clock_wall_ms();
	err = connection_run(s->writer->db, "SAVEPOINT act");
	if (err)
		store_abort(s);
	return err;
}

int store_mark(struct store *s)
{
	int err;

	if (!s->in_transaction || s->note_count > 0)
		return -EPROTO;
	err = connection_run(s->writer->db, "RELEASE act; SAVEPOINT act");
	if (err) {
		s->fault = err;
		return err;
	}
	months_mark(s->writer->months);
	s->mark = (struct mark){s->note_count, s->entry_count, s->batch_count};
	return 0;
}

int store_undo(struct store *s)
{
	int err;

	if (!s->in_transaction)
		return -EPROTO;
	err = connection_run(s->writer->db, "ROLLBACK TO act");
	if (!err)
		err = months_undo(s->writer->months);
	if (err) {
		s->fault = err;
		return err;
	}
	drop_entries(s, s->mark.entries);
	s->note_count = s->mark.notes;
	s->batch_count = s->mark.batches;
	s->fault = 0;
	return 0;
}

int store_exec(struct store *s, enum store_stmt stmt, const struct store_value *args, size_t count,
	       int64_t *ret_changed)
{
	sqlite3_stmt *prepared;
	int err, code;

	if (!s->in_transaction)
		return -EPROTO;
	if (sqlite3_get_autocommit(s->writer->db))
		return s->fault =
			       -EIO; /* SQLite gave the transaction up after an earlier failure */
	err = connection_take(s->writer, stmt, &prepared);
	if (err)
		return err;
	err = statement_bind(prepared, args, count);
	if (!err) {
		do
			code = sqlite3_step(prepared);
		while (code == SQLITE_ROW);
		err = code == SQLITE_DONE ? 0 : sqlite_error(code);
	}
	connection_give_back(s->writer, stmt, prepared);
	if (!err && ret_changed)
		*ret_changed = sqlite3_changes64(s->writer->db);
	return err ? err : s->fault;
}

int store_insert(struct store *s, enum store_stmt stmt, const struct store_value *args,
		 size_t count, int64_t *ret_id)
{
	int err = store_exec(s, stmt, args, count, NULL);

	if (!err)
		*ret_id = sqlite3_last_insert_rowid(s->writer->db);
	return err;
}

/* ---- entries ---- */

static int compare_notes(const void *a, const void *b)
{
	const struct note *x = a, *y = b;

	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return x->rowid < y->rowid ? -1 : x->rowid > y->rowid;
}

static size_t sort_notes(struct store *s)
{
	size_t kept = 0;

	if (s->note_count == 0)
		return 0;
	qsort(s->notes, s->note_count, sizeof(*s->notes), compare_notes);
	for (size_t i = 1; i < s->note_count; i++)
		if (compare_notes(&s->notes[kept], &s->notes[i]) != 0)
			s->notes[++kept] = s->notes[i];
	return kept + 1;
}

#define ROW_ID_SIZE 24

static int describe_row(struct store *s, const struct note *note, char id[static ROW_ID_SIZE],
			struct buf *content, struct entry_row *ret)
{
	const struct state_table *table = &s->tables[note->table];
	int code, err = statement_bind(table->read_row, STORE_ARGS(v_int(note->rowid)));

	if (err)
		return err;
	snprintf(id, ROW_ID_SIZE, "%lld", (long long)note->rowid);
	*ret = (struct entry_row){.table = table->name, .id = id};
	code = sqlite3_step(table->read_row);
	if (code == SQLITE_ROW) {
		buf_clear(content);
		row_content(table->read_row, 0, content);
		err = content->error ? content->error
				     : entry_row_digest(log_hasher(s->log), table->name, id,
							content->data, content->len, ret->digest);
	} else {
		ret->deleted = true;
		err = code == SQLITE_DONE ? 0 : sqlite_error(code);
	}
	sqlite3_reset(table->read_row);
	return err;
}

static int queue_entry(struct store *s, struct entry *act)
{
	struct pending p = {.bytes = {.limit = ENTRY_SIZE_MAX},
			    .at_ms = act->at_ms,
			    .account = act->actor.account,
			    .unit = act->unit,
			    .act = strdup(act->act),
			    .subject = strdup(act->subject ? act->subject : "")};
	void *entries = s->entries;
	int err = make_room(&entries, s->entry_count, &s->entry_size, sizeof(*s->entries));

	s->entries = entries;
	if (!err && (!p.act || !p.subject))
		err = -ENOMEM;
	if (!err) {
		act->seq = (uint64_t)store_rev(s);
		err = entry_encode(act, &p.bytes);
	}
	if (err)
		pending_done(&p);
	else
		s->entries[s->entry_count++] = p;
	return err;
}

static int log_rows(struct store *s, struct entry *act, const struct note *notes, size_t count)
{
	CLEANUP_FREE struct entry_row *rows = calloc(count + 1, sizeof(*rows));
	CLEANUP_FREE char *ids = calloc(count + 1, ROW_ID_SIZE);
	CLEANUP_BUF struct buf content = BUF_INIT;
	int err = rows && ids ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < count; i++)
		err = describe_row(s, &notes[i], ids + i * ROW_ID_SIZE, &content, &rows[i]);
	if (err)
		return err;
	act->rows = rows;
	act->row_count = count;
	err = queue_entry(s, act);
	act->rows = NULL;
	act->row_count = 0;
	return err;
}

/* An act that changed more rows than an entry may name is told in several, each whole in itself. */
int store_log(struct store *s, struct entry *act)
{
	size_t count, part, at = 0;
	int err;

	if (!s->in_transaction)
		return -EPROTO;
	if (s->fault)
		return s->fault;
	count = sort_notes(s);
	do {
		part = MIN(count - at, (size_t)ENTRY_ROWS_MAX);
		err = log_rows(s, act, s->notes + at, part);
		at += part;
	} while (!err && at < count);
	if (!err)
		s->note_count = 0;
	return err;
}

static int insert_entry(struct store *s, const struct pending *p, const struct log_added *added)
{
	int err = store_exec(
		s, STMT_LOG_INSERT_ENTRY,
		STORE_ARGS(v_int((int64_t)added->seq), v_blob(p->bytes.data, p->bytes.len),
			   v_blob(&added->leaf, HASH_SIZE), v_int(p->at_ms), v_text(p->act),
			   v_int(p->account), v_int(p->unit), v_text(p->subject)),
		NULL);

	for (size_t i = 0; !err && i < added->node_count; i++)
		err = store_exec(s, STMT_LOG_INSERT_NODE,
				 STORE_ARGS(v_int(added->nodes[i].level),
					    v_int((int64_t)added->nodes[i].index),
					    v_blob(&added->nodes[i].node, HASH_SIZE)),
				 NULL);
	return err;
}

static int insert_head(struct store *s, const struct head *head)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	int err = head_encode(head, &text);

	if (err)
		return err;
	return store_exec(s, STMT_LOG_INSERT_HEAD,
			  STORE_ARGS(v_int((int64_t)head->size), v_text(buf_str(&text))), NULL);
}

/* ---- mass records ---- */

static int record_batch(struct store *s, const char *source, const uint8_t epoch[static 16],
			const struct batch *batch)
{
	uint64_t last = batch->first + batch->count - 1;
	int err = store_exec(s, STMT_LOG_INSERT_BATCH,
			     STORE_ARGS(v_int(batch->month), v_text(batch->source),
					v_int((int64_t)batch->first)),
			     NULL);

	if (!err)
		err = store_exec(
			s, STMT_LOG_SET_CURSOR,
			STORE_ARGS(v_text(source), v_blob(epoch, 16), v_int((int64_t)last)), NULL);
	return err;
}

int store_records(struct store *s, const char *source, const uint8_t epoch[static 16],
		  const struct store_record *records, size_t count)
{
	void *batches = s->batches;
	char name[BATCH_SOURCE_SIZE], hex[33];
	struct month *month;
	struct batch batch;
	int err;

	if (!s->in_transaction || count == 0)
		return -EPROTO;
	hex_encode(hex, epoch, 16);
	if (snprintf(name, sizeof(name), "%s/%s", source, hex) >= (int)sizeof(name))
		return -ENAMETOOLONG;
	err = make_room(&batches, s->batch_count, &s->batch_size, sizeof(*s->batches));
	s->batches = batches;
	if (!err)
		err = month_open(s->writer->months, s->dir, clock_month(s->begun_at_ms),
				 CONNECTION_WRITE, &month);
	if (!err)
		err = month_begin(month);
	if (!err)
		err = month_add(month, log_hasher(s->log), name, records, count, &batch);
	if (!err)
		err = record_batch(s, source, epoch, &batch);
	if (!err)
		s->batches[s->batch_count++] = batch;
	return err;
}

/* ---- commit ---- */

static int log_batches(struct store *s)
{
	int err = 0;

	for (size_t at = 0; !err && at < s->batch_count; at += BATCHES_PER_ENTRY_MAX) {
		size_t part = MIN(s->batch_count - at, (size_t)BATCHES_PER_ENTRY_MAX);
		struct entry act = {.at_ms = s->begun_at_ms,
				    .act = BATCH_ACT_COMMIT,
				    .actor = SYSTEM_ACTOR,
				    .subject = ""};
		json_t *detail = NULL;

		err = batch_detail(s->batches + at, part, &detail);
		act.detail = detail;
		if (!err)
			err = queue_entry(s, &act);
		json_decref(detail);
	}
	return err;
}

static int append_entries(struct store *s)
{
	int err = 0;

	for (size_t i = 0; !err && i < s->entry_count; i++) {
		struct log_added added;

		err = log_append(s->log, s->entries[i].bytes.data, s->entries[i].bytes.len, &added);
		if (!err)
			err = insert_entry(s, &s->entries[i], &added);
	}
	return err;
}

/* A page was refused, so that what was written is no whole commit. */
static bool lacks_a_page(int code)
{
	return code == SQLITE_FULL || code == SQLITE_IOERR_WRITE || code == SQLITE_NOMEM;
}

static int finish(struct store *s, int64_t at_ms, struct head *head)
{
	int err = log_batches(s);

	if (!err)
		err = append_entries(s);
	if (!err && s->entry_count > 0) {
		err = log_head(s->log, at_ms, head);
		if (!err)
			err = insert_head(s, head);
	}
	if (err)
		return err;
	s->unsettled = true;
	err = months_commit(s->writer->months);
	if (err)
		return err;
	err = connection_run(s->writer->db, "COMMIT");
	s->doubtful = err && !lacks_a_page(sqlite3_extended_errcode(s->writer->db));
	return err;
}

int store_commit(struct store *s, int64_t at_ms, struct head *ret_head)
{
	struct head head = {0};
	int err;

	if (!s->in_transaction)
		return -EPROTO;
	err = s->note_count > 0 ? -EPROTO : s->fault;
	if (!err)
		err = finish(s, at_ms, &head);
	if (err) {
		store_abort(s);
		return err;
	}
	log_committed(s->log);
	months_committed(s->writer->months);
	s->unsettled = false;
	forget(s);
	*ret_head = head;
	return 0;
}

void store_abort(struct store *s)
{
	if (!s->in_transaction)
		return;
	sqlite3_exec(s->writer->db, "ROLLBACK", NULL, NULL, NULL);
	months_abort(s->writer->months);
	log_roll_back(s->log);
	forget(s);
	if (settle(s))
		return; /* the next store_begin() tries again, and fails while this does */
}
