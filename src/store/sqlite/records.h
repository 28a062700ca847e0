/*
 * The monthly files of mass records, beside the main database. A connection opens those it needs.
 * Writing them precedes the main commit: what a crash leaves in them without an entry was never
 * acknowledged, is dropped at the next start and sent again by its source.
 */
#pragma once

#include "store/sqlite/stay.h"

/* In the order in which the batch's root covers them. */
#define RECORD_COLUMNS                                                                             \
	"seq, at, kind, unit_id, terminal_id, mac, account, switch_id, port, verdict, reason, "    \
	"body"

struct record_range {
	int64_t batch_id, first, last; /* ids, inclusive */
};

struct month {
	int number; /* 202611 */
	sqlite3 *db;
	sqlite3_stmt *insert_batch, *insert_record, *set_root;
	struct stay_writer stays;
	bool in_transaction;
	/* The first of each kind that was added since the mark, 0: none. */
	int64_t undo_batch, undo_record;
	bool unsettled;		  /* may hold batches of a commit that failed */
	struct record_range walk; /* of the batch that a walk is at */
};

int months_new(struct months **ret) MUST_CHECK;
void months_free(struct months *m);
/* Only in CONNECTION_READ: -ENOENT there is no such file, -ENODATA nothing was ever put in it. */
int month_open(struct months *m, const char *dir, int number, enum connection_mode mode,
	       struct month **ret) MUST_CHECK;
/* The months that have a file, newest first; the caller frees the array. */
int month_list(const char *dir, int **ret, size_t *ret_count) MUST_CHECK;

int month_begin(struct month *m) MUST_CHECK;
/* For every month in a transaction: what was added since the mark is deleted again. A savepoint
 * would copy each page of the month's indexes before its first change, undone or not. */
void months_mark(struct months *m);
int months_undo(struct months *m) MUST_CHECK;
int months_commit(struct months *m) MUST_CHECK;
void months_abort(struct months *m);
/* The main commit holds, too. */
void months_committed(struct months *m);
/* Takes back what months_commit() made durable before the main commit failed. */
int months_settle(struct months *m, sqlite3 *main) MUST_CHECK;

/* The batch with its records; `ret` becomes what the log's entry says of it. */
int month_add(struct month *m, struct hasher *hasher, const char *source,
	      const struct store_record *records, size_t count, struct batch *ret) MUST_CHECK;
/* Whether the main database lists it as committed. */
int batch_is_committed(sqlite3 *main, const struct batch *batch, bool *ret) MUST_CHECK;
/* Deletes the newest batches, down to the first that the main database lists as committed. */
int month_drop_uncommitted(struct month *m, sqlite3 *main) MUST_CHECK;
/* Where the files are. */
const char *store_dir(const struct store *s);
