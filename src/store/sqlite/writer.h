/* What the backend keeps for its one writer. */
#pragma once

#include "journal/log.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/records.h"

/* A row of state that was changed and waits for the entry that explains it. */
struct note {
	size_t table; /* into store.tables */
	int64_t rowid;
};

/* An entry that waits for the commit. */
struct pending {
	struct buf bytes;
	int64_t at_ms, account, unit;
	char *act, *subject;
};

struct state_table {
	char *name;
	sqlite3_stmt *read_row; /* SELECT * ... WHERE rowid = ?1 */
};

struct mark {
	size_t notes, entries, batches;
};

struct store {
	char *dir, *main_path;
	int lock_fd;		 /* of lock.h; -1 when opened for reading only */
	struct store_db *writer; /* NULL when opened for reading only */
	struct log *log;
	struct state_table *tables;
	size_t table_count;

	bool in_transaction;
	int64_t begun_at_ms;
	int fault;	/* the hook ran out of memory, or an act was not undone: the commit fails */
	bool unsettled; /* a commit failed half-way: nothing is begun until that is settled */
	bool doubtful;	/* its pages may be whole on disk all the same */
	struct note *notes;
	size_t note_count, note_size;
	struct pending *entries;
	size_t entry_count, entry_size;
	struct batch *batches;
	size_t batch_count, batch_size;
	struct mark mark;
};

/* Fills s->tables and hooks the connection; after migrations. */
int writer_attach(struct store *s) MUST_CHECK;
void writer_detach(struct store *s);
/* State tables of a database, in order of name; -ENOENT after the last. */
int state_table_name(sqlite3 *db, size_t n, char **ret) MUST_CHECK;
