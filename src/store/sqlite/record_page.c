/*
 * A page of records: the newest rows that a filter lets pass. Their keys are walked in the index
 * that fits the filter, one run of it for each unit or kind that is asked for; the rows themselves
 * are read afterwards, by id. So a page of one branch, or of one rare kind, does not read the
 * month.
 */
#include <stdio.h>

#include "base/clock.h"
#include "store/sqlite/newest.h"
#include "store/sqlite/records.h"

#define KIND_SIZE 80
#define KINDS_MAX 1000
#define RARE 20000 /* records that cost nothing to look through */

#define WALK(key)                                                                                  \
	"SELECT r.at, r.id FROM record r WHERE " key                                               \
	" AND (r.at, r.id) < (?2, ?3) AND r.at >= ?4 AND r.at < ?5 "                               \
	"AND (?6 IS NULL OR r.kind = ?6 OR (substr(?6, -1) = '.' AND "                             \
	"substr(r.kind, 1, length(?6)) = ?6)) "                                                    \
	"AND (?7 IS NULL OR r.unit_id IN (SELECT value FROM json_each(?7))) "                      \
	"ORDER BY r.at DESC, r.id DESC LIMIT ?8"

static const char walk_time[] = WALK("?1 IS NULL");
static const char walk_terminal[] = WALK("r.terminal_id = ?1");
static const char walk_mac[] = WALK("r.mac = ?1");
static const char walk_unit[] = WALK("r.unit_id = ?1");
static const char walk_kind[] = WALK("r.kind = ?1");

/* The kinds that there are of a family, each found by one look into the index. */
static const char kinds_of_family[] =
	"WITH RECURSIVE k(kind) AS (SELECT min(kind) FROM record WHERE kind >= ?1 AND kind < ?2 "
	"UNION ALL SELECT (SELECT min(kind) FROM record WHERE kind > k.kind AND kind < ?2) FROM k "
	"WHERE k.kind IS NOT NULL) SELECT kind FROM k WHERE kind IS NOT NULL LIMIT ?3";

static const char family_size[] = "SELECT count(*) FROM (SELECT 1 FROM record WHERE kind >= ?1 AND "
				  "kind < ?2 LIMIT ?3)";

static const char row_by_id[] =
	"SELECT r.id, ?2 AS month, r.seq, r.at, r.kind, r.unit_id, r.terminal_id, "
	"r.mac AS \"mac:mac\", r.account, r.switch_id, r.port, r.verdict, r.reason, "
	"r.body AS \"body:json\", b.source FROM record r JOIN batch b ON b.id = r.batch_id "
	"WHERE r.id = ?1";

struct page {
	const struct store_record_filter *filter;
	const char *units; /* JSON, NULL: all */
	bool few_units;	   /* fewer than half of the bank's */
	json_t *rows;
	/* Of the month at hand. */
	struct month *month;
	struct newest newest;
};

/* ---- walking ---- */

/* One run of the index; what is older than the page's last row is not looked at. */
static int walk_run(struct page *p, sqlite3_stmt *stmt, struct store_value key, const char *kind,
		    const char *units)
{
	const struct store_record_filter *f = p->filter;
	bool resumes = f->before_month == p->month->number;
	const struct newest *n = &p->newest;
	int64_t from = newest_is_full(n) ? n->keys[n->count - 1].at : f->from_ms;
	int code = SQLITE_DONE;
	int err = statement_bind(stmt,
				 STORE_ARGS(key, v_int(resumes ? f->before_at : INT64_MAX),
					    v_int(resumes ? f->before_id : INT64_MAX), v_int(from),
					    v_int(f->until_ms ? f->until_ms : INT64_MAX),
					    kind && kind[0] ? v_text(kind) : v_null(),
					    v_text(units), v_int((int64_t)n->room)));

	while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		if (!newest_keep(&p->newest, (struct newest_key){sqlite3_column_int64(stmt, 0),
								 sqlite3_column_int64(stmt, 1)}))
			break;
	if (!err && code != SQLITE_ROW && code != SQLITE_DONE)
		err = sqlite_error(code);
	sqlite3_reset(stmt);
	return err;
}

static int walk_units(struct page *p)
{
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	int err = connection_prepare(p->month->db, walk_unit, &stmt);
	const json_t *id;
	size_t i;

	json_array_foreach(p->filter->units, i, id)
	{
		if (err)
			break;
		err = walk_run(p, stmt, v_int(json_integer_value(id)), p->filter->kind, NULL);
	}
	return err;
}

/* Where the names of a family end ("session." before "session/"), or those of one kind. */
static int family_end(char *ret, size_t size, const char *kind)
{
	size_t len = strlen(kind);

	if (len + 2 > size)
		return -EMSGSIZE;
	memcpy(ret, kind, len + 1);
	if (ret[len - 1] == '.')
		ret[len - 1] = '.' + 1;
	else
		memcpy(ret + len, "\1", 2);
	return 0;
}

/* A statement about the family's range of kinds. */
static int open_family(struct page *p, const char *sql, char until[static KIND_SIZE], int64_t limit,
		       sqlite3_stmt **ret)
{
	int err = family_end(until, KIND_SIZE, p->filter->kind);

	if (!err)
		err = connection_prepare(p->month->db, sql, ret);
	return err ? err
		   : statement_bind(*ret, STORE_ARGS(v_text(p->filter->kind), v_text(until),
						     v_int(limit)));
}

static int walk_kinds(struct page *p)
{
	CLEANUP_STMT sqlite3_stmt *kinds = NULL, *stmt = NULL;
	char until[KIND_SIZE];
	int code = SQLITE_DONE;
	int err = open_family(p, kinds_of_family, until, KINDS_MAX, &kinds);

	if (!err)
		err = connection_prepare(p->month->db, walk_kind, &stmt);
	while (!err && (code = sqlite3_step(kinds)) == SQLITE_ROW) {
		const char *kind = (const char *)sqlite3_column_text(kinds, 0);

		err = kind ? walk_run(p, stmt, v_text(kind), NULL, p->units) : -ENOMEM;
	}
	return err ? err : code == SQLITE_DONE ? 0 : sqlite_error(code);
}

static int is_rare_kind(struct page *p, bool *ret)
{
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	char until[KIND_SIZE];
	int code, err = open_family(p, family_size, until, RARE, &stmt);

	if (err)
		return err;
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		*ret = sqlite3_column_int64(stmt, 0) < RARE;
	return code == SQLITE_ROW ? 0 : sqlite_error(code);
}

static int walk_one(struct page *p, const char *sql, struct store_value key)
{
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	int err = connection_prepare(p->month->db, sql, &stmt);

	return err ? err : walk_run(p, stmt, key, p->filter->kind, p->units);
}

static int walk(struct page *p)
{
	const struct store_record_filter *f = p->filter;

	if (f->terminal_id)
		return walk_one(p, walk_terminal, v_int(f->terminal_id));
	if (f->mac)
		return walk_one(p, walk_mac, v_mac(f->mac));
	if (f->kind && f->kind[0]) {
		bool rare = true;
		int err = p->few_units ? is_rare_kind(p, &rare) : 0;

		if (err || rare)
			return err ? err : walk_kinds(p);
	}
	if (p->few_units)
		return walk_units(p);
	return walk_one(p, walk_time, v_null());
}

/* ---- rows ---- */

static int read_row(struct page *p, sqlite3_stmt *stmt, int64_t id)
{
	const struct store_cursor row = {.stmt = stmt};
	int err = statement_bind(stmt, STORE_ARGS(v_int(id), v_int(p->month->number)));
	int code = err ? SQLITE_DONE : sqlite3_step(stmt);

	if (code == SQLITE_ROW)
		err = json_array_append_new(p->rows, store_row_json(&row)) ? -ENOMEM : 0;
	else if (!err)
		err = code == SQLITE_DONE ? -EUCLEAN : sqlite_error(code);
	sqlite3_reset(stmt);
	return err;
}

static int read_rows(struct page *p)
{
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	int err = connection_prepare(p->month->db, row_by_id, &stmt);

	for (size_t i = 0; !err && i < p->newest.count; i++)
		err = read_row(p, stmt, p->newest.keys[i].id);
	return err;
}

/* Keys and rows of one commit. */
static int page_month(struct page *p)
{
	int err = connection_run(p->month->db, "BEGIN");

	p->newest.count = 0;
	p->newest.room = p->filter->limit - json_array_size(p->rows);
	if (err)
		return err;
	err = walk(p);
	if (!err)
		err = read_rows(p);
	sqlite3_exec(p->month->db, "COMMIT", NULL, NULL, NULL);
	return err;
}

/* ---- months ---- */

static int page_months(struct page *p, struct store_db *db)
{
	const struct store_record_filter *f = p->filter;
	CLEANUP_FREE int *numbers = NULL;
	size_t count = 0;
	int err = month_list(store_dir(db->store), &numbers, &count);

	for (size_t i = 0; !err && i < count && json_array_size(p->rows) < f->limit; i++) {
		if ((f->before_month && numbers[i] > f->before_month) ||
		    (f->from_ms && numbers[i] < clock_month(f->from_ms)))
			continue;
		err = month_open(db->months, store_dir(db->store), numbers[i], CONNECTION_READ,
				 &p->month);
		if (!err)
			err = page_month(p);
		else if (err == -ENODATA)
			err = 0;
	}
	return err;
}

int store_record_page(struct store_db *db, const struct store_record_filter *f, json_t **ret_rows)
{
	CLEANUP_FREE char *units = f->units ? json_dumps(f->units, JSON_COMPACT) : NULL;
	CLEANUP_FREE struct newest_key *keys = calloc(f->limit + 1, sizeof(*keys));
	struct page p = {.filter = f, .units = units, .rows = json_array(), .newest.keys = keys};
	int64_t all;
	int err = p.rows && keys && (!f->units || units) ? 0 : -ENOMEM;

	if (!err && f->units) {
		err = store_get_int(db, STMT_UNIT_COUNT, STORE_NO_ARGS, 0, &all);
		p.few_units = !err && 2 * (int64_t)json_array_size(f->units) < all;
	}
	if (!err)
		err = page_months(&p, db);
	if (err) {
		json_decref(p.rows);
		return err;
	}
	*ret_rows = p.rows;
	return 0;
}
