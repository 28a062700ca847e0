/* Opening and closing: the main file, its migrations, the log's edge, and what a crash left behind.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "store/sqlite/embedded.h"
#include "store/sqlite/lock.h"
#include "store/sqlite/migrate.h"
#include "store/sqlite/writer.h"

const char *store_dir(const struct store *s)
{
	return s->dir;
}

static int fail(char *error, int err, const char *what, const char *where)
{
	snprintf(error, STORE_ERROR_SIZE, "%s: %s: %s", where, what, strerror(-err));
	return err;
}

static struct store *make(const char *dir)
{
	struct store *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->lock_fd = -1;
	s->dir = strdup(dir);
	if (asprintf(&s->main_path, "%s/menshen.db", dir) < 0)
		s->main_path = NULL;
	if (!s->dir || !s->main_path) {
		store_close(s);
		return NULL;
	}
	return s;
}

/* Each month that a crash may have left ahead of the main file; older ones are settled. */
static int settle_months(struct store *s)
{
	CLEANUP_FREE int *numbers = NULL;
	size_t count = 0;
	int err = month_list(s->dir, &numbers, &count);

	for (size_t i = 0; !err && i < MIN(count, (size_t)2); i++) {
		struct month *month;

		err = month_open(s->writer->months, s->dir, numbers[i], CONNECTION_WRITE, &month);
		if (!err)
			err = month_drop_uncommitted(month, s->writer->db);
	}
	return err;
}

static int open_log(struct store *s, const struct store_options *o)
{
	struct log_source source = store_log_source(s->writer);
	struct log_options options = {.key = o->log_key, .hash = o->hash, .epoch = o->epoch};

	return log_open(&source, &options, &s->log);
}

static int open_for_writing(struct store *s, const struct store_options *o, char *error)
{
	int err = file_make_dirs(s->dir, 0700);

	if (err)
		return fail(error, err, "the folder cannot be made", s->dir);
	err = lock_take(s->dir, &s->lock_fd);
	if (err)
		return fail(error, err,
			    err == -EBUSY ? "another process has the store open for writing; stop "
					    "it first"
					  : "the lock cannot be taken",
			    s->dir);
	err = connection_new(s, s->main_path, CONNECTION_WRITE, &s->writer);
	if (err)
		return fail(error, err, "the database cannot be opened", s->main_path);
	err = migrate(s->writer->db, sqlite_main_migrations);
	if (err)
		return fail(error, err,
			    err == -ENOTSUP ? "the database is of a newer version of the product"
					    : "the schema cannot be brought up to date",
			    s->main_path);
	err = writer_attach(s);
	if (!err)
		err = open_log(s, o);
	if (err)
		return fail(error, err, "the audit log cannot be opened; run menshen verify",
			    s->main_path);
	err = settle_months(s);
	return err ? fail(error, err, "the monthly records cannot be opened", s->dir) : 0;
}

static int open_for_reading(struct store *s, char *error)
{
	CLEANUP_FREE char *name = NULL;
	struct store_db *db;
	int err = connection_new(s, s->main_path, CONNECTION_READ, &db);

	if (err)
		return fail(error, err, "the database cannot be read", s->main_path);
	for (size_t n = 0; !(err = state_table_name(db->db, n, &name)); n++) {
		struct state_table *tables = reallocarray(s->tables, n + 1, sizeof(*s->tables));

		if (!tables) {
			err = -ENOMEM;
			break;
		}
		s->tables = tables;
		s->tables[s->table_count++] = (struct state_table){.name = TAKE_PTR(name)};
	}
	connection_free(db);
	return err == -ENOENT ? 0 : fail(error, err, "the database cannot be read", s->main_path);
}

int store_open(const struct store_options *options, struct store **ret,
	       char error[static STORE_ERROR_SIZE])
{
	struct store *s = make(options->dir);
	int err;

	if (!s)
		return fail(error, -ENOMEM, "the store cannot be opened", options->dir);
	err = options->log_key ? open_for_writing(s, options, error) : open_for_reading(s, error);
	if (err) {
		store_close(s);
		return err;
	}
	*ret = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->log)
		store_abort(s);
	writer_detach(s);
	connection_free(s->writer);
	log_free(s->log);
	close_cleanup(&s->lock_fd);
	free(s->main_path);
	free(s->dir);
	free(s);
}

int store_reader_new(struct store *s, struct store_db **ret)
{
	return connection_new(s, s->main_path, CONNECTION_READ, ret);
}

void store_reader_free(struct store_db *db)
{
	connection_free(db);
}

int store_reader_begin(struct store_db *db)
{
	return connection_run(db->db, "BEGIN");
}

void store_reader_end(struct store_db *db)
{
	sqlite3_exec(db->db, "COMMIT", NULL, NULL, NULL);
}
