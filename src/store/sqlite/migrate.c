#include "store/sqlite/migrate.h"

#include <stdio.h>

#include "store/sqlite/connection.h"

int migrate_version(sqlite3 *db, int *ret)
{
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	int code, err = connection_prepare(db, "PRAGMA user_version", &stmt);

	if (err)
		return err;
	code = sqlite3_step(stmt);
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? -EIO : sqlite_error(code);
	*ret = sqlite3_column_int(stmt, 0);
	return 0;
}

static int apply(sqlite3 *db, const char *sql, int version)
{
	char set_version[64];
	int err = connection_run(db, "BEGIN IMMEDIATE");

	if (err)
		return err;
	snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %d", version);
	err = connection_run(db, sql);
	if (!err)
		err = connection_run(db, set_version);
	if (!err)
		err = connection_run(db, "COMMIT");
	if (err && !sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return err;
}

int migrate_rewrite_version(sqlite3 *db)
{
	int version, err = migrate_version(db, &version);

	return err ? err : apply(db, "", version);
}

static int count_of(const char *const *migrations)
{
	int count = 0;

	while (migrations[count])
		count++;
	return count;
}

int migrate_up_to(sqlite3 *db, const char *const *migrations, int version)
{
	int at, err = migrate_version(db, &at);

	if (!err && (version < 0 || version > count_of(migrations) || at > version))
		return -ENOTSUP;
	for (; !err && at < version; at++)
		err = apply(db, migrations[at], at + 1);
	return err;
}

int migrate(sqlite3 *db, const char *const *migrations)
{
	return migrate_up_to(db, migrations, count_of(migrations));
}
