/*
 * The store's contract. A backend keeps the state, the audit log over it and the monthly segments
 * of mass records; nothing outside the backend's folder knows its SQL.
 *
 * Writing has one door and one writer (invariant 2):
 *
 *   store_begin()
 *     store_mark(); store_exec()...; store_log()      one act: its rows, then its entry
 *     store_mark(); store_exec()...; -> store_undo()  an act that failed leaves nothing
 *     store_records()                                 a source's batch of mass records
 *   store_commit()                                    one signed head for all of them
 *
 * Every row of state that a statement changes is noted by the backend itself and taken into the
 * next entry; a commit in which some row was changed and no entry took it fails with -EPROTO. So
 * state cannot change behind the log's back.
 *
 * Statements have names: the backend's sql/ folder holds them whole, with numbered parameters, and
 * STMT_... are made from their names. An unknown name does not compile; a wrong number of
 * parameters is -EINVAL.
 *
 * Errors: -EAGAIN the database stays locked; -ENOSPC disk full; -EIO; -EUCLEAN damaged;
 * -EEXIST a uniqueness rule refused the row; -EPROTO used wrongly. "Nothing found" is never an
 * error code of a failed read (invariant 5).
 */
#pragma once

#include "base/mac.h"
#include "base/uuid.h"
#include "journal/entry.h"
#include "journal/log.h"
#include "journal/source.h"
#include "store/statements.h"

struct store;
struct store_db;     /* something to read from: a reader, or the writer inside a transaction */
struct store_cursor; /* one running SELECT */

struct store_options {
	const char *dir;		/* holds menshen.db and records-YYYYMM.db */
	const struct sign_key *log_key; /* borrowed, private; NULL opens for reading only */
	enum hash_kind hash;		/* of a new log */
	uint64_t epoch;
};

#define STORE_ERROR_SIZE 256

/* Creates or migrates, drops record batches that no entry committed. `error` says what and where.
 */
int store_open(const struct store_options *options, struct store **ret,
	       char error[static STORE_ERROR_SIZE]) MUST_CHECK;
void store_close(struct store *s);

/* Copies the store of one folder into another, empty one, while a server writes to it: as of one
 * commit, with the monthly files at or after it. */
int store_backup(const char *from_dir, const char *to_dir) MUST_CHECK;

/* A reader belongs to one thread at a time; it sees the last commit at each statement. */
int store_reader_new(struct store *s, struct store_db **ret) MUST_CHECK;
void store_reader_free(struct store_db *db);
/* Several statements over one commit: from begin to end the reader sees nothing newer. */
int store_reader_begin(struct store_db *db) MUST_CHECK;
void store_reader_end(struct store_db *db);

/* Prepares every statement; -EINVAL with the name of the first that the schema refuses. */
int store_check_statements(struct store_db *db, const char **ret_name) MUST_CHECK;

/* ---- parameters and rows ---- */

enum store_type { STORE_NULL, STORE_INT, STORE_TEXT, STORE_BLOB };

struct store_value {
	enum store_type type;
	int64_t integer;
	const void *data; /* text or blob, borrowed for the call */
	size_t len;
};

static inline struct store_value v_null(void)
{
	return (struct store_value){.type = STORE_NULL};
}

static inline struct store_value v_int(int64_t v)
{
	return (struct store_value){.type = STORE_INT, .integer = v};
}

/* NULL where the number is 0: for optional references and times. */
static inline struct store_value v_int_or_null(int64_t v)
{
	return v ? v_int(v) : v_null();
}

struct store_value v_text(const char *s); /* NULL gives SQL's NULL */
struct store_value v_blob(const void *data, size_t len);
struct store_value v_mac(const struct mac *mac);
struct store_value v_uuid(const struct uuid *uuid);

/* Numbered parameters ?1, ?2, ... in order: STORE_ARGS(v_int(7), v_text("x")). */
#define STORE_ARGS(...)                                                                            \
	((const struct store_value[]){__VA_ARGS__}),                                               \
		sizeof((const struct store_value[]){__VA_ARGS__}) / sizeof(struct store_value)
#define STORE_NO_ARGS NULL, 0

int store_select(struct store_db *db, enum store_stmt stmt, const struct store_value *args,
		 size_t count, struct store_cursor **ret) MUST_CHECK;
/* 1: a row; 0: no more; negative: the read failed. */
int store_next(struct store_cursor *c) MUST_CHECK;
void store_cursor_free(struct store_cursor *c);
static inline void store_cursor_free_cleanup(struct store_cursor **c)
{
	store_cursor_free(*c);
}
#define CLEANUP_CURSOR CLEANUP(store_cursor_free_cleanup)

/* Columns of the present row, from 0. Text and blobs live until the next store_next(). */
size_t store_columns(const struct store_cursor *c);
/* The alias: "asset_no", or "lifeline:bool" where a type for JSON is meant (bool, json, mac, uuid,
 * hex). */
const char *store_column_name(const struct store_cursor *c, size_t col);
bool store_is_null(const struct store_cursor *c, size_t col);
int64_t store_int(const struct store_cursor *c, size_t col);	  /* NULL gives 0 */
const char *store_text(const struct store_cursor *c, size_t col); /* NULL gives "" */
const void *store_blob(const struct store_cursor *c, size_t col, size_t *ret_len);
int store_mac(const struct store_cursor *c, size_t col, struct mac *ret) MUST_CHECK;
int store_uuid(const struct store_cursor *c, size_t col, struct uuid *ret) MUST_CHECK;
/* The whole row as a JSON object, by the aliases. NULL: no memory. */
json_t *store_row_json(const struct store_cursor *c);

/* The first column of the first row; `fallback` when there is no row or it is NULL. */
int store_get_int(struct store_db *db, enum store_stmt stmt, const struct store_value *args,
		  size_t count, int64_t fallback, int64_t *ret) MUST_CHECK;
/* First row as JSON: 1 with `*ret` owned by the caller, 0 when there is none. */
int store_get_json(struct store_db *db, enum store_stmt stmt, const struct store_value *args,
		   size_t count, json_t **ret) MUST_CHECK;
/* All rows as a JSON array, at most `max` of them. */
int store_list_json(struct store_db *db, enum store_stmt stmt, const struct store_value *args,
		    size_t count, size_t max, json_t **ret) MUST_CHECK;

/* ---- writing: the one writer's thread only ---- */

int store_begin(struct store *s) MUST_CHECK;
/* The writer's own view, inside a transaction. */
struct store_db *store_writer(struct store *s);
/* `ret_changed` (may be NULL): rows changed. */
int store_exec(struct store *s, enum store_stmt stmt, const struct store_value *args, size_t count,
	       int64_t *ret_changed) MUST_CHECK;
/* As store_exec() for an INSERT; gives the new row's id. */
int store_insert(struct store *s, enum store_stmt stmt, const struct store_value *args,
		 size_t count, int64_t *ret_id) MUST_CHECK;
/* What the next entry's seq will be: the `rev` of the rows it explains. */
int64_t store_rev(const struct store *s);
int store_mark(struct store *s) MUST_CHECK;
int store_undo(struct store *s) MUST_CHECK; /* to the last mark; entries since are taken back too */
/* Appends the entry; its rows are those changed since the last one. seq and rows are filled here.
 */
int store_log(struct store *s, struct entry *act) MUST_CHECK;
/* Whether every row changed so far is taken by an entry. */
bool store_is_explained(const struct store *s);
/* On any failure all is rolled back. -EPROTO: rows were changed that no entry explains. `ret_head`
 * has size 0 when nothing but live_ rows changed, for then the log did not grow. */
int store_commit(struct store *s, int64_t at_ms, struct head *ret_head) MUST_CHECK;
void store_abort(struct store *s);

/* ---- mass records ---- */

#define STAY_ADDRESSES_MAX 16

struct store_stay_address {
	uint8_t key[16];	   /* IPv4 mapped into ::ffff:0:0/96 */
	const char *text, *source; /* "accounting", "dhcp"... */
	int64_t first_at, last_at;
};

/* A stay on the network that is over. Who, where and what was decided stand in the record that
 * tells its end. */
struct store_stay {
	const char *session; /* the Class that the gate issued */
	const char *why;     /* "stop", "lost"... */
	int64_t began_at, heard_at, ended_at;
	const struct store_stay_address *addresses;
	size_t address_count; /* more than STAY_ADDRESSES_MAX are not kept */
};

struct store_record {
	uint64_t seq; /* of its source */
	int64_t at_ms;
	const char *kind;
	int64_t unit_id, terminal_id, switch_id;       /* 0: none */
	const struct mac *mac;			       /* NULL: none */
	const char *account, *port, *verdict, *reason; /* NULL: none */
	const char *body;			       /* JSON */
	const struct store_stay *stay;		       /* that ends with it; NULL: none */
};

/*
 * Adds one source's records, in sequence order, inside the writer's transaction, and moves the
 * source's cursor to (epoch, seq of the last). The caller has dropped what the cursor already
 * passed. The commit makes them durable before the entry that carries their roots.
 */
int store_records(struct store *s, const char *source, const uint8_t epoch[static 16],
		  const struct store_record *records, size_t count) MUST_CHECK;
/* 0 and the cursor's sequence; 0 with *ret_known false for a source or epoch never seen. */
int store_source_cursor(struct store *s, const char *source, uint8_t ret_epoch[static 16],
			uint64_t *ret_seq, bool *ret_known) MUST_CHECK;

/*
 * A page of records, newest month first, newest first within it. A record lies in the month in
 * which it reached head office, so a desk that was long offline delivers old times into it. Zero
 * and NULL do not filter.
 */
struct store_record_filter {
	int64_t from_ms, until_ms;
	int64_t terminal_id;
	const struct mac *mac;
	const char *kind;    /* "knock", or a family with its dot: "session." */
	const json_t *units; /* an array of unit ids */
	/* The last row of the page before, as its "month", "at" and "id" say; 0 begins. */
	int before_month;
	int64_t before_at, before_id;
	size_t limit;
};
int store_record_page(struct store_db *db, const struct store_record_filter *filter,
		      json_t **ret_rows) MUST_CHECK;

/*
 * A page of stays on the network: who was where when. First those that go on, the latest to begin
 * first; then those that are over, newest month first, the latest to end first within it. Zero and
 * NULL do not filter.
 */
#define STORE_STAY_OPEN 999999 /* "month" of those that go on */

struct store_stay_filter {
	int64_t from_ms, until_ms; /* there at some time of this */
	const struct mac *mac;
	/* Any of: these accounts (texts), these terminals (ids), these terminals while no account
	 * was told (ids). All three or none. */
	const json_t *accounts, *terminals, *bare_terminals;
	const uint8_t *address_from, *address_to; /* 16 bytes each, as above, inclusive */
	int64_t switch_id;
	const char *port; /* with switch_id */
	const json_t *units;
	/* The last row of the page before, as its "month", "at" and "id" say; 0 begins. */
	int before_month;
	int64_t before_at, before_id;
	size_t limit;
};
int store_stay_page(struct store_db *db, const struct store_stay_filter *filter,
		    json_t **ret_rows) MUST_CHECK;

/*
 * Every record of `kinds` (a JSON array of names) in [from, until), oldest month first, and in it
 * in order of arrival. The row lives for the call of `fn`; what that returns ends the walk, if not
 * 0. Bounded memory, and no transaction: it goes on beside the writer.
 */
typedef int store_record_fn(void *arg, const struct store_record *r);
int store_record_walk(struct store_db *db, int64_t from_ms, int64_t until_ms, const char *kinds,
		      store_record_fn *fn, void *arg) MUST_CHECK;

/* ---- proof ---- */

/* The reader as a source for journal/verify.h and bundles; lives as long as the reader. */
struct log_source store_log_source(struct store_db *db);
