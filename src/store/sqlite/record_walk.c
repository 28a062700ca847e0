/* Every record of some kinds, month by month, in the order in which they arrived. */
#include "base/clock.h"
#include "store/sqlite/records.h"

/* In the order of the table itself: no index is as fast for most of a month. */
static const char walk[] =
	"SELECT seq, at, kind, unit_id, terminal_id, mac, account, switch_id, port, verdict, "
	"reason, body FROM record WHERE +at >= ?1 AND +at < ?2 AND +kind IN "
	"(SELECT value FROM json_each(?3)) ORDER BY id";

static int give_row(struct store_cursor *c, store_record_fn *fn, void *arg)
{
	struct store_record r = {.seq = (uint64_t)store_int(c, 0),
				 .at_ms = store_int(c, 1),
				 .kind = store_text(c, 2),
				 .unit_id = store_int(c, 3),
				 .terminal_id = store_int(c, 4),
				 .account = store_text(c, 6),
				 .switch_id = store_int(c, 7),
				 .port = store_text(c, 8),
				 .verdict = store_text(c, 9),
				 .reason = store_text(c, 10),
				 .body = store_text(c, 11)};
	struct mac mac;

	if (!store_is_null(c, 5)) {
		int err = store_mac(c, 5, &mac);

		if (err)
			return err;
		r.mac = &mac;
	}
	return fn(arg, &r);
}

static int walk_month(struct month *m, const struct store_value *args, size_t count,
		      store_record_fn *fn, void *arg)
{
	CLEANUP_STMT sqlite3_stmt *stmt = NULL;
	int code, err = connection_prepare(m->db, walk, &stmt);

	if (!err)
		err = statement_bind(stmt, args, count);
	while (!err) {
		struct store_cursor row = {.stmt = stmt};

		code = sqlite3_step(stmt);
		if (code != SQLITE_ROW)
			return code == SQLITE_DONE ? 0 : sqlite_error(code);
		err = give_row(&row, fn, arg);
	}
	return err;
}

int store_record_walk(struct store_db *db, int64_t from_ms, int64_t until_ms, const char *kinds,
		      store_record_fn *fn, void *arg)
{
	CLEANUP_FREE int *numbers = NULL;
	struct month *month;
	size_t count = 0;
	int err = month_list(store_dir(db->store), &numbers, &count);

	/* They are listed newest first. What arrived late lies in a later month. */
	while (!err && count-- > 0) {
		if (numbers[count] < clock_month(from_ms))
			continue;
		err = month_open(db->months, store_dir(db->store), numbers[count], CONNECTION_READ,
				 &month);
		if (!err)
			err = walk_month(month,
					 STORE_ARGS(v_int(from_ms), v_int(until_ms), v_text(kinds)),
					 fn, arg);
		else if (err == -ENODATA)
			err = 0;
	}
	return err;
}
