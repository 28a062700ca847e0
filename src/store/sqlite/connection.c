#include "store/sqlite/connection.h"

#include <sys/stat.h>

#include "store/sqlite/embedded.h"
#include "store/sqlite/records.h"

#define BUSY_TIMEOUT_MS 5000

int sqlite_error(int code)
{
	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return -EEXIST;
	default:
		break;
	}
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EAGAIN;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EUCLEAN;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
		return -EINVAL;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_CANTOPEN:
		return -ENOENT;
	case SQLITE_TOOBIG:
		return -EMSGSIZE;
	default:
		return -EIO;
	}
}

int connection_run(sqlite3 *db, const char *sql)
{
	int code = sqlite3_exec(db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : sqlite_error(sqlite3_extended_errcode(db));
}

int connection_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret)
{
	int code = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL);

	return code == SQLITE_OK ? 0 : sqlite_error(sqlite3_extended_errcode(db));
}

/* FULL: an acknowledged commit survives a power cut (invariant 1); it costs 8% over NORMAL. */
static int set_pragmas(sqlite3 *db, enum connection_mode mode)
{
	int err = connection_run(db, "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
				     "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;");

	/* What a long reader made the WAL grow to is given back when it is next begun anew. */
	if (!err && mode == CONNECTION_WRITE)
		err = connection_run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
					 "PRAGMA wal_autocheckpoint = 4000;"
					 "PRAGMA journal_size_limit = 67108864;");
	return err;
}

static int open_with(const char *path, int flags, enum connection_mode mode, sqlite3 **ret)
{
	sqlite3 *db = NULL;
	int err = sqlite_error(sqlite3_open_v2(path, &db, flags, NULL));

	if (!err) {
		sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
		err = set_pragmas(db, mode);
	}
	if (!err && mode == CONNECTION_READ)
		err = connection_run(db, "SELECT 1 FROM sqlite_schema LIMIT 1");
	if (err) {
		sqlite3_close(db);
		return err;
	}
	*ret = db;
	return 0;
}

/* Where nothing can be written, not even SQLite's shared memory, nobody else writes either: the
 * file is read as it lies. Not beside a WAL, for that holds commits. */
static int open_unchanging(const char *path, int flags, sqlite3 **ret)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	struct stat wal;

	buf_printf(&text, "%s-wal", path);
	if (text.error)
		return text.error;
	if (stat(buf_str(&text), &wal) == 0 && wal.st_size > 0)
		return -EROFS;
	buf_clear(&text);
	buf_puts(&text, "file:");
	for (const char *c = path; *c; c++)
		buf_printf(&text, strchr("%?#", *c) ? "%%%02x" : "%c", (unsigned char)*c);
	buf_puts(&text, "?immutable=1");
	return text.error
		       ? text.error
		       : open_with(buf_str(&text), flags | SQLITE_OPEN_URI, CONNECTION_READ, ret);
}

int connection_open_file(const char *path, enum connection_mode mode, sqlite3 **ret)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE |
		    (mode == CONNECTION_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
					      : SQLITE_OPEN_READONLY);
	int err = open_with(path, flags, mode, ret);

	if (mode == CONNECTION_READ && (err == -ENOENT || err == -EROFS) && access(path, R_OK) == 0)
		err = open_unchanging(path, flags, ret);
	return err;
}

int connection_new(struct store *s, const char *path, enum connection_mode mode,
		   struct store_db **ret)
{
	struct store_db *db = calloc(1, sizeof(*db));
	int err;

	if (!db)
		return -ENOMEM;
	db->store = s;
	err = months_new(&db->months);
	if (!err)
		err = connection_open_file(path, mode, &db->db);
	if (err) {
		connection_free(db);
		return err;
	}
	*ret = db;
	return 0;
}

void connection_free(struct store_db *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < STMT_COUNT; i++)
		sqlite3_finalize(db->cache[i]);
	months_free(db->months);
	sqlite3_close(db->db);
	free(db);
}

int connection_take(struct store_db *db, enum store_stmt which, sqlite3_stmt **ret)
{
	if ((unsigned)which >= STMT_COUNT)
		return -EINVAL;
	if (db->cache[which]) {
		*ret = TAKE_PTR(db->cache[which]);
		return 0;
	}
	return connection_prepare(db->db, sqlite_statements[which].sql, ret);
}

void connection_give_back(struct store_db *db, enum store_stmt which, sqlite3_stmt *stmt)
{
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	if (db->cache[which])
		sqlite3_finalize(stmt); /* it ran twice at once */
	else
		db->cache[which] = stmt;
}

int store_check_statements(struct store_db *db, const char **ret_name)
{
	for (size_t i = 0; i < STMT_COUNT; i++) {
		sqlite3_stmt *stmt = NULL;
		int err = connection_prepare(db->db, sqlite_statements[i].sql, &stmt);

		sqlite3_finalize(stmt);
		if (err) {
			*ret_name = sqlite_statements[i].name;
			return -EINVAL;
		}
	}
	return 0;
}

static int bind_one(sqlite3_stmt *stmt, int at, const struct store_value *v)
{
	static const char empty[1];

	switch (v->type) {
	case STORE_NULL:
		return sqlite3_bind_null(stmt, at);
	case STORE_INT:
		return sqlite3_bind_int64(stmt, at, v->integer);
	case STORE_TEXT:
		return sqlite3_bind_text64(stmt, at, v->data, v->len, SQLITE_STATIC, SQLITE_UTF8);
	case STORE_BLOB:
		return sqlite3_bind_blob64(stmt, at, v->len ? v->data : empty, v->len,
					   SQLITE_STATIC);
	}
	return SQLITE_MISMATCH;
}

int statement_bind(sqlite3_stmt *stmt, const struct store_value *args, size_t count)
{
	if ((size_t)sqlite3_bind_parameter_count(stmt) != count)
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		int code = bind_one(stmt, (int)i + 1, &args[i]);

		if (code != SQLITE_OK)
			return sqlite_error(code);
	}
	return 0;
}

int statement_step(sqlite3_stmt *stmt, const struct store_value *args, size_t count)
{
	int err = statement_bind(stmt, args, count);

	if (!err) {
		int code = sqlite3_step(stmt);

		err = code == SQLITE_DONE ? 0 : sqlite_error(code);
	}
	sqlite3_reset(stmt);
	return err;
}

struct store_value v_text(const char *s)
{
	return s ? (struct store_value){.type = STORE_TEXT, .data = s, .len = strlen(s)} : v_null();
}

struct store_value v_blob(const void *data, size_t len)
{
	return (struct store_value){.type = STORE_BLOB, .data = data, .len = len};
}

struct store_value v_mac(const struct mac *mac)
{
	return mac ? v_blob(mac->b, sizeof(mac->b)) : v_null();
}

struct store_value v_uuid(const struct uuid *uuid)
{
	return uuid ? v_blob(uuid->b, sizeof(uuid->b)) : v_null();
}
