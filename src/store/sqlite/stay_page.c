/*
 * A page of stays. Those that go on lie in the main file, those that are over in the monthly ones.
 * Either way the filter's narrowest part is walked in its index, one run for each value that is
 * asked for, and the rest of the filter passes or drops what the run gives. A time alone is walked
 * by the end: who was there until `until` ended at most a day after it, or is in the short index
 * of long stays.
 */
#include <stdio.h>

#include "base/clock.h"
#include "store/sqlite/migrate.h"
#include "store/sqlite/newest.h"
#include "store/sqlite/records.h"

#define STAYS_SINCE 3 /* version of a monthly file */
#define RARE 20000    /* addresses of a network that are looked through */

/* ?1 and ?2 are the run's own. */
#define FILTER(address)                                                                            \
	" AND (?8 IS NULL OR s.mac = ?8) AND (?9 IS NULL OR s.switch_id = ?9) "                    \
	"AND (?10 IS NULL OR s.port = ?10) "                                                       \
	"AND (?11 IS NULL OR s.unit_id IN (SELECT value FROM json_each(?11))) "                    \
	"AND (?12 IS NULL OR s.account IN (SELECT value FROM json_each(?12)) "                     \
	"OR s.terminal_id IN (SELECT value FROM json_each(?13)) "                                  \
	"OR (coalesce(s.account, '') = '' "                                                        \
	"AND s.terminal_id IN (SELECT value FROM json_each(?14)))) "                               \
	"AND (?15 IS NULL OR EXISTS (SELECT 1 FROM " address " AND a.key BETWEEN ?15 AND ?16))"

#define OVER(select, from, key)                                                                    \
	select " s.ended_at, s.id FROM " from " WHERE " key                                        \
	       " AND (s.ended_at, s.id) < (?3, ?4) AND s.ended_at >= ?5 AND s.ended_at < ?6 "      \
	       "AND s.began_at < ?7" FILTER(                                                       \
		       "stay_address a WHERE a.id BETWEEN s.id * 16 AND s.id * 16 + "              \
		       "15") " ORDER BY s.ended_at DESC, s.id DESC LIMIT ?17"

#define GOES_ON(select, from, key)                                                                 \
	select " 0, s.id FROM " from " WHERE " key " AND s.ended_at IS NULL AND s.id < ?4 "        \
	       "AND ?3 IS NOT NULL AND ?5 IS NOT NULL AND ?6 IS NOT NULL AND s.started_at < "      \
	       "?7" FILTER(                                                                        \
		       "live_address a WHERE a.session_id = s.id") " ORDER BY s.id DESC LIMIT ?17"

enum walk {
	WALK_ALL,
	WALK_LONG,
	WALK_UNIT,
	WALK_MAC,
	WALK_ACCOUNT,
	WALK_TERMINAL,
	WALK_PLACE,
	WALK_ADDRESS,
	WALK_COUNT
};

static const char *const over_walks[WALK_COUNT] = {
	[WALK_ALL] = OVER("SELECT", "stay s INDEXED BY stay_ended", "?1 IS NULL AND ?2 IS NULL"),
	[WALK_LONG] = OVER("SELECT", "stay s INDEXED BY stay_long",
			   "?1 IS NULL AND ?2 IS NULL AND "
			   "s.ended_at - s.began_at > 86400000"),
	[WALK_UNIT] =
		OVER("SELECT", "stay s INDEXED BY stay_unit", "s.unit_id = ?1 AND ?2 IS NULL"),
	[WALK_MAC] = OVER("SELECT", "stay s INDEXED BY stay_mac", "s.mac = ?1 AND ?2 IS NULL"),
	[WALK_ACCOUNT] =
		OVER("SELECT", "stay s INDEXED BY stay_account", "s.account = ?1 AND ?2 IS NULL"),
	[WALK_TERMINAL] = OVER("SELECT", "stay s INDEXED BY stay_terminal",
			       "s.terminal_id = ?1 AND ?2 IS NULL"),
	[WALK_PLACE] =
		OVER("SELECT", "stay s INDEXED BY stay_place", "s.switch_id = ?1 AND s.port = ?2"),
	[WALK_ADDRESS] = OVER("SELECT DISTINCT",
			      "stay_address b INDEXED BY stay_address_key CROSS JOIN stay s",
			      "b.key BETWEEN ?1 AND ?2 AND s.id = b.id / 16"),
};

static const char *const open_walks[WALK_COUNT] = {
	[WALK_ALL] = GOES_ON("SELECT", "live_session s", "?1 IS NULL AND ?2 IS NULL"),
	[WALK_UNIT] = GOES_ON("SELECT", "live_session s INDEXED BY live_session_open",
			      "s.unit_id = ?1 AND ?2 IS NULL"),
	[WALK_MAC] = GOES_ON("SELECT", "live_session s INDEXED BY live_session_mac",
			     "s.mac = ?1 AND ?2 IS NULL"),
	[WALK_ACCOUNT] = GOES_ON("SELECT", "live_session s INDEXED BY live_session_account",
				 "s.account = ?1 AND ?2 IS NULL"),
	[WALK_TERMINAL] = GOES_ON("SELECT", "live_session s INDEXED BY live_session_terminal",
				  "s.terminal_id = ?1 AND ?2 IS NULL"),
	[WALK_PLACE] = GOES_ON("SELECT", "live_session s INDEXED BY live_session_place",
			       "s.switch_id = ?1 AND s.port = ?2"),
	[WALK_ADDRESS] = GOES_ON("SELECT DISTINCT",
				 "live_address b INDEXED BY live_address_key CROSS JOIN "
				 "live_session s",
				 "b.key BETWEEN ?1 AND ?2 AND s.id = b.session_id"),
};

/* The next port of a switch, by one look into the index. */
static const char next_port_over[] =
	"SELECT min(port) FROM stay INDEXED BY stay_place WHERE switch_id = ?1 AND port > ?2";
static const char next_port_open[] = "SELECT min(port) FROM live_session INDEXED BY "
				     "live_session_place WHERE switch_id = ?1 AND port > ?2 "
				     "AND ended_at IS NULL";

static const char addresses_over[] =
	"SELECT count(*) FROM (SELECT 1 FROM stay_address INDEXED BY stay_address_key "
	"WHERE key BETWEEN ?1 AND ?2 LIMIT ?3)";

#define ROW_SHARED                                                                                 \
	"s.mac AS \"mac:mac\", coalesce(s.account, '') AS account, s.terminal_id, "                \
	"nullif(s.switch_id, 0) AS switch_id, coalesce(s.port, '') AS port, nullif(s.unit_id, 0) " \
	"AS unit_id"

static const char row_over[] =
	"SELECT s.id, ?2 AS month, s.ended_at AS at, s.session, s.began_at, s.heard_at, "
	"s.ended_at, s.why, " ROW_SHARED ", s.addresses AS \"addresses:json\", "
	"coalesce(r.verdict, '') AS verdict, coalesce(r.reason, '') AS reason, "
	"coalesce(json_extract(r.body, '$.method'), '') AS method, "
	"coalesce(json_extract(r.body, '$.vlan'), '') AS vlan, "
	"coalesce(json_extract(r.body, '$.octets_in'), 0) AS octets_in, "
	"coalesce(json_extract(r.body, '$.octets_out'), 0) AS octets_out, "
	"coalesce(json_extract(r.body, '$.note'), '') AS note, "
	"substr(b.source, 6, instr(b.source, '/') - 6) AS gate "
	"FROM stay s JOIN record r ON r.id = s.id JOIN batch b ON b.id = r.batch_id WHERE s.id = "
	"?1";

static const char row_open[] =
	"SELECT s.id, ?2 AS month, 0 AS at, s.session, s.started_at AS began_at, "
	"s.seen_at AS heard_at, NULL AS ended_at, '' AS why, " ROW_SHARED ", "
	"(SELECT json_group_array(json_object('address', a.address, 'source', a.source, "
	"'first_at', a.first_at, 'last_at', a.last_at)) FROM live_address a "
	"WHERE a.session_id = s.id) AS \"addresses:json\", s.verdict, s.reason, s.method, s.vlan, "
	"s.octets_in, s.octets_out, '' AS note, s.gate FROM live_session s WHERE s.id = ?1";

/* What is walked: a monthly file, or the main one with those that go on. */
struct shelf {
	sqlite3 *db;
	int month; /* STORE_STAY_OPEN */
	bool is_open;
	const char *const *walks;
	const char *next_port, *row;
};

struct page {
	const struct store_stay_filter *filter;
	char *units, *accounts, *terminals, *bare_terminals; /* JSON, NULL: all */
	bool few_units;					     /* fewer than half of the bank's */
	json_t *rows;
	struct newest newest;
	struct shelf shelf; /* at hand */
};

/* ---- walking ---- */

struct run {
	enum walk walk;
	struct store_value key, second;
	int64_t from, before; /* of the end */
};

static int walk_run(struct page *p, sqlite3_stmt *stmt, const struct run *run)
{
	const struct store_stay_filter *f = p->filter;
	const struct newest *n = &p->newest;
	/* One upper bound, for an index is entered at one. */
	bool resumes = f->before_month == p->shelf.month &&
		       (p->shelf.is_open || f->before_at < run->before);
	int64_t last = p->shelf.is_open || run->before == INT64_MAX ? INT64_MAX : -1;
	bool is_full = newest_is_full(n) && !p->shelf.is_open;
	int64_t from = MAX(run->from, is_full ? n->keys[n->count - 1].at : f->from_ms);
	bool names = f->accounts || f->terminals || f->bare_terminals;
	int code = SQLITE_DONE;
	int err = statement_bind(
		stmt, STORE_ARGS(run->key, run->second, v_int(resumes ? f->before_at : run->before),
				 v_int(resumes ? f->before_id : last), v_int(from),
				 v_int(run->before), v_int(f->until_ms ? f->until_ms : INT64_MAX),
				 v_mac(f->mac), v_int_or_null(f->switch_id), v_text(f->port),
				 v_text(p->units), names ? v_text(p->accounts) : v_null(),
				 v_text(p->terminals), v_text(p->bare_terminals),
				 f->address_from ? v_blob(f->address_from, 16) : v_null(),
				 f->address_to ? v_blob(f->address_to, 16) : v_null(),
				 v_int((int64_t)n->room)));

	while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		if (!newest_keep(&p->newest, (struct newest_key){sqlite3_column_int64(stmt, 0),
								 sqlite3_column_int64(stmt, 1)}))
			break;
	if (!err && code != SQLITE_ROW && code != SQLITE_DONE)
		err = sqlite_error(code);
	sqlite3_reset(stmt);
	return err;
}

static int walk_key(struct page *p, enum walk walk, struct store_value key,
		    struct store_value second)
{
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	const struct run run = {.walk = walk, .key = key, .second = second, .before = INT64_MAX};
	int err = connection_prepare(p->shelf.db, p->shelf.walks[walk], &stmt);

	return err ? err : walk_run(p, stmt, &run);
}

static struct store_value value_of(const json_t *v)
{
	return json_is_string(v) ? v_text(json_string_value(v)) : v_int(json_integer_value(v));
}

/* One run for each value of the list, which may be NULL. */
static int walk_list(struct page *p, const struct run *shape, const json_t *list)
{
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	struct run run = *shape;
	const json_t *v;
	size_t i;
	int err = connection_prepare(p->shelf.db, p->shelf.walks[run.walk], &stmt);

	json_array_foreach(list, i, v)
	{
		if (err)
			break;
		run.key = value_of(v);
		err = walk_run(p, stmt, &run);
	}
	return err;
}

static int walk_names(struct page *p)
{
	const struct store_stay_filter *f = p->filter;
	const struct run account = {.walk = WALK_ACCOUNT, .before = INT64_MAX},
			 terminal = {.walk = WALK_TERMINAL, .before = INT64_MAX};
	int err = walk_list(p, &account, f->accounts);

	if (!err)
		err = walk_list(p, &terminal, f->terminals);
	return err ? err : walk_list(p, &terminal, f->bare_terminals);
}

/* ?1 and ?2 into the first column: 1, 0 when there is none. */
static int find_port(sqlite3_stmt *stmt, int64_t switch_id, char port[static 256])
{
	int err = statement_bind(stmt, STORE_ARGS(v_int(switch_id), v_text(port)));
	int code = err ? SQLITE_DONE : sqlite3_step(stmt);
	const char *text = code == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;

	if (!err && code != SQLITE_ROW)
		err = sqlite_error(code);
	if (!err && text)
		err = snprintf(port, 256, "%s", text) < 256 ? 1 : -EUCLEAN;
	sqlite3_reset(stmt);
	return err;
}

static int walk_ports(struct page *p)
{
	CLEANUP_STMT sqlite3_stmt *ports = NULL;
	char port[256] = "";
	int r = connection_prepare(p->shelf.db, p->shelf.next_port, &ports);

	if (!r) /* "" is no port that comes after another */
		r = walk_key(p, WALK_PLACE, v_int(p->filter->switch_id), v_text(""));
	while (!r && (r = find_port(ports, p->filter->switch_id, port)) == 1)
		r = walk_key(p, WALK_PLACE, v_int(p->filter->switch_id), v_text(port));
	return r;
}

static int is_rare_network(struct page *p, bool *ret)
{
	const struct store_stay_filter *f = p->filter;
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	int code, err;

	*ret = true;
	if (p->shelf.is_open || memcmp(f->address_from, f->address_to, 16) == 0)
		return 0;
	err = connection_prepare(p->shelf.db, addresses_over, &stmt);
	if (!err)
		err = statement_bind(stmt, STORE_ARGS(v_blob(f->address_from, 16),
						      v_blob(f->address_to, 16), v_int(RARE)));
	if (err)
		return err;
	code = sqlite3_step(stmt);
	if (code != SQLITE_ROW)
		return sqlite_error(code);
	*ret = sqlite3_column_int64(stmt, 0) < RARE;
	return 0;
}

static int walk_times(struct page *p)
{
	static const struct run longs = {
		.walk = WALK_LONG, .key = {STORE_NULL, 0, NULL, 0}, .before = INT64_MAX};
	const struct store_stay_filter *f = p->filter;
	struct run run = {.walk = p->few_units ? WALK_UNIT : WALK_ALL, .before = INT64_MAX};
	int err;

	if (f->until_ms && !p->shelf.is_open)
		run.before = f->until_ms + DAY_MS;
	err = p->few_units ? walk_list(p, &run, f->units) : 0;
	if (!err && !p->few_units) {
		CLEANUP_STMT sqlite3_stmt *stmt = NULL;

		err = connection_prepare(p->shelf.db, p->shelf.walks[run.walk], &stmt);
		if (!err)
			err = walk_run(p, stmt, &run);
	}
	if (!err && run.before != INT64_MAX) {
		CLEANUP_STMT sqlite3_stmt *stmt = NULL;
		struct run late = longs;

		late.from = run.before;
		err = connection_prepare(p->shelf.db, p->shelf.walks[WALK_LONG], &stmt);
		if (!err)
			err = walk_run(p, stmt, &late);
	}
	return err;
}

static int walk(struct page *p)
{
	const struct store_stay_filter *f = p->filter;
	bool rare = false;
	int err;

	if (f->mac)
		return walk_key(p, WALK_MAC, v_mac(f->mac), v_null());
	if (f->accounts)
		return walk_names(p);
	if (f->switch_id && f->port)
		return walk_key(p, WALK_PLACE, v_int(f->switch_id), v_text(f->port));
	if (f->address_from) {
		err = is_rare_network(p, &rare);
		if (err || rare)
			return err ? err
				   : walk_key(p, WALK_ADDRESS, v_blob(f->address_from, 16),
					      v_blob(f->address_to, 16));
	}
	return f->switch_id ? walk_ports(p) : walk_times(p);
}

/* ---- rows ---- */

static int read_row(struct page *p, sqlite3_stmt *stmt, int64_t id)
{
	const struct store_cursor row = {.stmt = stmt};
	int err = statement_bind(stmt, STORE_ARGS(v_int(id), v_int(p->shelf.month)));
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
	int err = connection_prepare(p->shelf.db, p->shelf.row, &stmt);

	for (size_t i = 0; !err && i < p->newest.count; i++)
		err = read_row(p, stmt, p->newest.keys[i].id);
	return err;
}

/* Keys and rows of one commit. */
static int page_shelf(struct page *p)
{
	int err = connection_run(p->shelf.db, "SAVEPOINT page");

	p->newest.count = 0;
	p->newest.room = p->filter->limit - json_array_size(p->rows);
	if (err)
		return err;
	err = walk(p);
	if (!err)
		err = read_rows(p);
	sqlite3_exec(p->shelf.db, "RELEASE page", NULL, NULL, NULL);
	return err;
}

/* ---- shelves ---- */

static int page_open(struct page *p, struct store_db *db)
{
	p->shelf = (struct shelf){.db = db->db,
				  .month = STORE_STAY_OPEN,
				  .is_open = true,
				  .walks = open_walks,
				  .next_port = next_port_open,
				  .row = row_open};
	return page_shelf(p);
}

static int page_month(struct page *p, struct store_db *db, int number)
{
	struct month *month;
	int version = 0;
	int err = month_open(db->months, store_dir(db->store), number, CONNECTION_READ, &month);

	if (!err)
		err = migrate_version(month->db, &version);
	if (err || version < STAYS_SINCE)
		return err == -ENODATA ? 0 : err;
	p->shelf = (struct shelf){.db = month->db,
				  .month = number,
				  .walks = over_walks,
				  .next_port = next_port_over,
				  .row = row_over};
	return page_shelf(p);
}

static int page_months(struct page *p, struct store_db *db)
{
	const struct store_stay_filter *f = p->filter;
	CLEANUP_FREE int *numbers = NULL;
	size_t count = 0;
	int err = month_list(store_dir(db->store), &numbers, &count);

	for (size_t i = 0; !err && i < count && json_array_size(p->rows) < f->limit; i++) {
		if ((f->before_month && numbers[i] > f->before_month) ||
		    (f->from_ms && numbers[i] < clock_month(f->from_ms)))
			continue;
		err = page_month(p, db, numbers[i]);
	}
	return err;
}

static int dump(const json_t *list, char **ret)
{
	*ret = list ? json_dumps(list, JSON_COMPACT) : NULL;
	return list && !*ret ? -ENOMEM : 0;
}

static int page_init(struct page *p, struct store_db *db)
{
	const struct store_stay_filter *f = p->filter;
	int64_t all = 0;
	int err = dump(f->units, &p->units);

	if (!err)
		err = dump(f->accounts, &p->accounts);
	if (!err)
		err = dump(f->terminals, &p->terminals);
	if (!err)
		err = dump(f->bare_terminals, &p->bare_terminals);
	p->rows = json_array();
	p->newest.keys = calloc(f->limit + 1, sizeof(*p->newest.keys));
	if (!err && (!p->rows || !p->newest.keys))
		err = -ENOMEM;
	if (!err && f->units) {
		err = store_get_int(db, STMT_UNIT_COUNT, STORE_NO_ARGS, 0, &all);
		p->few_units = 2 * (int64_t)json_array_size(f->units) < all;
	}
	return err;
}

static void page_done(struct page *p)
{
	free(p->units);
	free(p->accounts);
	free(p->terminals);
	free(p->bare_terminals);
	free(p->newest.keys);
	json_decref(p->rows);
}

int store_stay_page(struct store_db *db, const struct store_stay_filter *f, json_t **ret_rows)
{
	struct page p = {.filter = f};
	int err = page_init(&p, db);

	if (!err && (!f->before_month || f->before_month == STORE_STAY_OPEN))
		err = page_open(&p, db);
	if (!err)
		err = page_months(&p, db);
	if (!err)
		*ret_rows = TAKE_PTR(p.rows);
	page_done(&p);
	return err;
}
