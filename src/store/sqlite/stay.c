#include "store/sqlite/stay.h"

#include <stdio.h>

int stay_writer_prepare(struct stay_writer *w, sqlite3 *db)
{
	int err = connection_prepare(
		db,
		"INSERT INTO stay (id, session, began_at, heard_at, ended_at, why, unit_id, "
		"terminal_id, mac, account, switch_id, port, addresses) VALUES "
		"(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, nullif(?10, ''), ?11, ?12, ?13)",
		&w->insert_stay);

	return err ? err
		   : connection_prepare(db,
					"INSERT INTO stay_address (id, key, ended_at) VALUES "
					"(?1, ?2, ?3)",
					&w->insert_address);
}

void stay_writer_done(struct stay_writer *w)
{
	sqlite3_finalize(w->insert_stay);
	sqlite3_finalize(w->insert_address);
}

static char *addresses_text(const struct store_stay *s)
{
	json_t *list = json_array();
	char *text = NULL;
	int err = list ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < s->address_count && i < STAY_ADDRESSES_MAX; i++) {
		const struct store_stay_address *a = &s->addresses[i];

		err = json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:I}", "address",
							    a->text, "source", a->source,
							    "first_at", (json_int_t)a->first_at,
							    "last_at", (json_int_t)a->last_at));
	}
	if (!err)
		text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text;
}

int stay_add(struct stay_writer *w, int64_t record_id, const struct store_record *r)
{
	const struct store_stay *s = r->stay;
	CLEANUP_FREE char *addresses = addresses_text(s);
	int err = addresses ? 0 : -ENOMEM;

	if (!err)
		err = statement_step(
			w->insert_stay,
			STORE_ARGS(v_int(record_id), v_text(s->session), v_int(s->began_at),
				   v_int(s->heard_at), v_int(s->ended_at), v_text(s->why),
				   v_int_or_null(r->unit_id), v_int_or_null(r->terminal_id),
				   v_mac(r->mac), v_text(r->account), v_int_or_null(r->switch_id),
				   v_text(r->port), v_text(addresses)));
	for (size_t i = 0; !err && i < s->address_count && i < STAY_ADDRESSES_MAX; i++)
		err = statement_step(
			w->insert_address,
			STORE_ARGS(v_int(record_id * STAY_ADDRESSES_MAX + (int64_t)i),
				   v_blob(s->addresses[i].key, sizeof(s->addresses[i].key)),
				   v_int(s->ended_at)));
	return err;
}

int stay_delete_from(sqlite3 *db, int64_t record_id)
{
	char sql[160];

	snprintf(sql, sizeof(sql),
		 "DELETE FROM stay WHERE id >= %lld; DELETE FROM stay_address WHERE id >= %lld",
		 (long long)record_id, (long long)record_id * STAY_ADDRESSES_MAX);
	return connection_run(db, sql);
}
