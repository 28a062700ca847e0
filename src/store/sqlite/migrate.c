#include "store/sqlite/migrate.h"

#include <stdio.h>

#include "store/sqlite/connection.h"

static int read_version(sqlite3 *db, int *ret)
{
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	int err = connection_prepare(db, "PRAGMA user_version", &stmt);

	if (err)
		return err;
	if (sqlite3_step(stmt) != SQLITE_ROW)
		return -EIO;
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
	if (err && connection_run(db, "ROLLBACK"))
		return -EIO;
	return err;
}

int migrate(sqlite3 *db, const char *const *migrations)
{
	int version, count = 0, err = read_version(db, &version);

	while (migrations[count])
		count++;
	if (!err && version > count)
		return -ENOTSUP;
	for (; !err && version < count; version++)
		err = apply(db, migrations[version], version + 1);
	return err;
}
