/* SQLite's online backup: each file as of one moment, while the server writes. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/records.h"

#define MAIN_NAME "menshen.db"

/* All pages in one step: one read transaction, which in WAL mode holds up nobody. */
static int copy_pages(sqlite3 *from, sqlite3 *to)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int code;

	if (!b)
		return sqlite_error(sqlite3_extended_errcode(to));
	code = sqlite3_backup_step(b, -1);
	if (code != SQLITE_DONE && code != SQLITE_OK) {
		sqlite3_backup_finish(b);
		return sqlite_error(code);
	}
	code = sqlite3_backup_finish(b);
	return code == SQLITE_OK ? 0 : sqlite_error(code);
}

static int sync_file(const char *path)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* The copy is one plain file: its journal is no WAL until a server opens it. */
static int copy_file(const char *from_dir, const char *to_dir, const char *name)
{
	CLEANUP_FREE char *from = NULL, *to = NULL;
	sqlite3 *src = NULL, *dst = NULL;
	int err = file_path(from_dir, name, &from);

	if (!err)
		err = file_path(to_dir, name, &to);
	if (!err)
		err = connection_open_file(from, CONNECTION_READ, &src);
	if (!err && sqlite3_open_v2(to, &dst, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL))
		err = dst ? sqlite_error(sqlite3_extended_errcode(dst)) : -ENOMEM;
	if (!err)
		err = copy_pages(src, dst);
	if (!err)
		err = connection_run(dst, "PRAGMA journal_mode = DELETE");
	sqlite3_close(src);
	sqlite3_close(dst);
	if (!err && chmod(to, 0600) < 0)
		err = -errno;
	return err ? err : sync_file(to);
}

static int copy_months(const char *from_dir, const char *to_dir)
{
	CLEANUP_FREE int *months = NULL;
	char name[32];
	size_t count = 0;
	int err = month_list(from_dir, &months, &count);

	for (size_t i = 0; !err && i < count; i++) {
		snprintf(name, sizeof(name), "records-%06d.db", months[i]);
		err = copy_file(from_dir, to_dir, name);
	}
	return err;
}

/* The main file first: a monthly file may then hold batches that no entry of it commits, which the
 * next open drops; the other way round an entry would name batches that are missing. */
int store_backup(const char *from_dir, const char *to_dir)
{
	int err = copy_file(from_dir, to_dir, MAIN_NAME);

	if (!err)
		err = copy_months(from_dir, to_dir);
	return err ? err : file_sync_dir(to_dir);
}
