/* One SQLite connection with its prepared statements; belongs to one thread at a time. */
#pragma once

#include <sqlite3.h>

#include "store/store.h"

struct months; /* the open monthly files of one connection, see records.h */

struct store_db {
	struct store *store;
	sqlite3 *db;
	sqlite3_stmt *cache[STMT_COUNT]; /* idle prepared statements */
	struct months *months;
};

struct store_cursor {
	struct store_db *db;
	sqlite3_stmt *stmt;
	enum store_stmt which;
};

enum connection_mode { CONNECTION_READ, CONNECTION_WRITE };

/* Negative errno for an SQLite result code. */
int sqlite_error(int code);
/* Opens with the product's pragmas; a write connection creates the file. */
int connection_open_file(const char *path, enum connection_mode mode, sqlite3 **ret) MUST_CHECK;
int connection_new(struct store *s, const char *path, enum connection_mode mode,
		   struct store_db **ret) MUST_CHECK;
void connection_free(struct store_db *db);
/* Statements without result and parameters. */
int connection_run(sqlite3 *db, const char *sql) MUST_CHECK;
int connection_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret) MUST_CHECK;
/* All parameters in order; -EINVAL when their number differs. */
int statement_bind(sqlite3_stmt *stmt, const struct store_value *args, size_t count) MUST_CHECK;
/* Runs a statement that gives no rows, once. */
int statement_step(sqlite3_stmt *stmt, const struct store_value *args, size_t count) MUST_CHECK;
/* Takes the prepared statement out of the cache, or prepares it; give it back afterwards. */
int connection_take(struct store_db *db, enum store_stmt which, sqlite3_stmt **ret) MUST_CHECK;
void connection_give_back(struct store_db *db, enum store_stmt which, sqlite3_stmt *stmt);

static inline void finalize_cleanup(sqlite3_stmt **stmt)
{
	sqlite3_finalize(*stmt);
}
#define CLEANUP_STMT CLEANUP(finalize_cleanup)
