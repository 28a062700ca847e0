#include "store/sqlite/form.h"

#include <stdio.h>

#include "store/sqlite/embedded.h"
#include "store/sqlite/migrate.h"
#include "store/sqlite/records.h"

/* Each gives a sentence for the first bad place, or no row. Entries and heads are proven before. */
static const char *const main_checks[] = {
	"SELECT printf('entry %d: its columns for searching are not what its bytes say', seq) FROM "
	"(SELECT *, CAST(bytes AS TEXT) AS text FROM log_entry) WHERE at IS NOT text ->> '$.at' "
	"OR act IS NOT text ->> '$.act' OR account_id IS NOT text ->> '$.actor.account' "
	"OR unit_id IS NOT text ->> '$.unit' OR subject IS NOT text ->> '$.subject' "
	"ORDER BY seq LIMIT 1",

	"SELECT printf('entry %d: stands before the first', seq) FROM log_entry WHERE seq < 0",

	"SELECT printf('tree node %d of level %d: its entries do not exist', position, level) "
	"FROM log_node WHERE level NOT IN (8, 16, 24, 32, 40, 48, 56) OR position < 0 "
	"OR position + 1 > (SELECT max(seq) + 1 FROM log_entry) >> level LIMIT 1",

	"SELECT printf('head of %d entries: stands under the number %d', text ->> '$.size', size) "
	"FROM log_head WHERE size IS NOT text ->> '$.size' ORDER BY size LIMIT 1",

	"WITH told AS (SELECT b.value ->> '$.month' AS month, b.value ->> '$.source' AS source, "
	"b.value ->> '$.first' AS first FROM log_entry e, "
	"json_each(CAST(e.bytes AS TEXT), '$.detail.batches') b WHERE e.act = 'records.commit') "
	"SELECT printf('records of %s in %d from number %d: the list of committed batches does not "
	"agree with the entries', source, month, first) FROM ("
	"SELECT * FROM (SELECT * FROM told EXCEPT SELECT month, source, first FROM log_batch) "
	"UNION ALL "
	"SELECT * FROM (SELECT month, source, first FROM log_batch EXCEPT SELECT * FROM told)) "
	"LIMIT 1",

	"SELECT printf('co-signature %d: co-signatures are missing or renumbered', max(id)) "
	"FROM log_cosign HAVING max(id) <> count(*) OR min(id) <> 1",

	NULL,
};

/* Ids run from 1 without a gap, for only the newest batch is ever taken back. */
static const char *const month_checks[] = {
	"SELECT printf('record %d: records are missing, added or renumbered', max(id)) FROM record "
	"HAVING max(id) IS NOT nullif(count(*), 0) OR (SELECT sum(count) FROM batch) IS NOT "
	"max(id)",

	"SELECT printf('batch %d: batches are missing, added or renumbered', max(id)) FROM batch "
	"HAVING max(id) IS NOT nullif(count(*), 0)",

	NULL,
};

/* The first column of the first row; no row leaves the sentence empty. */
static int ask(sqlite3 *db, const char *sql, char *ret, size_t size)
{
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	int code, err = connection_prepare(db, sql, &stmt);
	const unsigned char *text;

	ret[0] = '\0';
	if (err)
		return err;
	code = sqlite3_step(stmt);
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? 0 : sqlite_error(code);
	text = sqlite3_column_text(stmt, 0);
	if (!text)
		return -ENOMEM;
	snprintf(ret, size, "%s", text);
	return 0;
}

static int run_checks(sqlite3 *db, const char *const *checks, char *sentence, size_t size)
{
	int err = 0;

	for (size_t i = 0; !err && checks[i]; i++) {
		err = ask(db, checks[i], sentence, size);
		if (!err && sentence[0])
			err = -EUCLEAN;
	}
	return err;
}

/* Tables against indexes, and the pages themselves. */
static int check_pages(sqlite3 *db, const char *file, char *sentence, size_t size)
{
	char found[160];
	int err = ask(db, "PRAGMA integrity_check(1)", found, sizeof(found));

	if (err || strcmp(found, "ok") == 0)
		return err;
	snprintf(sentence, size, "%s: %s", file, found);
	return -EUCLEAN;
}

/* ---- the schema ---- */

#define SCHEMA                                                                                     \
	"SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT GLOB 'sqlite_stat*' "  \
	"ORDER BY type, name"

static int step_row(sqlite3_stmt *stmt, bool *ret_more)
{
	int code = sqlite3_step(stmt);

	*ret_more = code == SQLITE_ROW;
	return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : sqlite_error(code);
}

static bool same_row(sqlite3_stmt *a, sqlite3_stmt *b)
{
	for (int col = 0; col < sqlite3_column_count(a); col++) {
		const unsigned char *x = sqlite3_column_text(a, col);
		const unsigned char *y = sqlite3_column_text(b, col);

		if (!x != !y || (x && strcmp((const char *)x, (const char *)y) != 0))
			return false;
	}
	return true;
}

static int compare_schema(sqlite3 *db, sqlite3 *model, const char *file, char *sentence,
			  size_t size)
{
	CLEANUP_STMT sqlite3_stmt *is = NULL, *should = NULL;
	bool more_is = true, more_should = true;
	int err = connection_prepare(db, SCHEMA, &is);

	if (!err)
		err = connection_prepare(model, SCHEMA, &should);
	while (!err && more_is && more_should) {
		err = step_row(is, &more_is);
		if (!err)
			err = step_row(should, &more_should);
		if (err || (!more_is && !more_should))
			return err;
		if (more_is == more_should && same_row(is, should))
			continue;
		snprintf(sentence, size, "%s: the schema is not the product's at %s", file,
			 sqlite3_column_text(more_is ? is : should, 1));
		return -EUCLEAN;
	}
	return err;
}

/* An older file is held against the schema of its own version. */
static int check_schema(sqlite3 *db, const char *const *migrations, const char *file,
			char *sentence, size_t size)
{
	sqlite3 *model = NULL;
	int version = 0, err = migrate_version(db, &version);

	if (!err)
		err = sqlite_error(sqlite3_open_v2(
			":memory:", &model, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
	if (!err)
		err = migrate_up_to(model, migrations, version);
	if (err == -ENOTSUP) {
		snprintf(sentence, size, "%s: its schema has a number that is not the product's",
			 file);
		err = -EUCLEAN;
	}
	if (!err)
		err = compare_schema(db, model, file, sentence, size);
	sqlite3_close(model);
	return err;
}

/* ---- co-signatures ---- */

static bool is_written_so(const struct cosign *c, const char *text)
{
	CLEANUP_BUF struct buf again = BUF_INIT;

	return !cosign_encode(c, &again) && strcmp(buf_str(&again), text) == 0;
}

static int check_cosign(const struct store_cursor *row)
{
	struct sign_keyring keys = {0};
	struct cosign cosign;
	struct head head;
	const char *text = store_text(row, 2), *head_text = store_text(row, 3);
	const char *pem = store_text(row, 4);
	int err = cosign_parse(text, strlen(text), &cosign);

	if (!err && (cosign.size != (uint64_t)store_int(row, 0) ||
		     strcmp(cosign.gate, store_text(row, 1)) != 0 || !is_written_so(&cosign, text)))
		err = -EBADMSG;
	if (!err)
		err = head_parse(head_text, strlen(head_text), &head);
	if (!err)
		err = sign_keyring_add_pem(&keys, pem, strlen(pem));
	if (!err)
		err = cosign_verify(&cosign, &head, &keys);
	sign_keyring_done(&keys);
	return err;
}

static int check_cosigns(struct store_db *db, char *sentence, size_t size)
{
	CLEANUP_CURSOR struct store_cursor *row = NULL;
	int err, got = store_select(db, STMT_LOG_COSIGNED_HEADS, STORE_NO_ARGS, &row);

	while (got >= 0 && (got = store_next(row)) == 1) {
		err = check_cosign(row);
		if (err == -ENOMEM)
			return err;
		if (!err)
			continue;
		snprintf(sentence, size,
			 "co-signature of %s under the head of %lld entries: was changed",
			 store_text(row, 1), (long long)store_int(row, 0));
		return -EUCLEAN;
	}
	return got;
}

/* ---- all of it ---- */

static int check_file(sqlite3 *db, const char *const *migrations, const char *const *checks,
		      const char *file, char *sentence, size_t size)
{
	int err = check_schema(db, migrations, file, sentence, size);

	if (!err)
		err = run_checks(db, checks, sentence, size);
	return err ? err : check_pages(db, file, sentence, size);
}

static int check_month(struct store_db *db, int number, char *sentence, size_t size)
{
	struct month *month;
	char file[32];
	int err = month_open(db->months, store_dir(db->store), number, CONNECTION_READ, &month);

	snprintf(file, sizeof(file), "records-%06d.db", number);
	return err ? err
		   : check_file(month->db, sqlite_records_migrations, month_checks, file, sentence,
				size);
}

int source_form(void *arg, char *ret_sentence, size_t size)
{
	struct store_db *db = arg;
	CLEANUP_FREE int *numbers = NULL;
	size_t count = 0;
	int err = check_file(db->db, sqlite_main_migrations, main_checks, "menshen.db",
			     ret_sentence, size);

	if (!err)
		err = check_cosigns(db, ret_sentence, size);
	if (!err)
		err = month_list(store_dir(db->store), &numbers, &count);
	for (size_t i = count; !err && i > 0; i--)
		err = check_month(db, numbers[i - 1], ret_sentence, size);
	return err;
}
