/* Counts, the reason table, and whether the server lives. */
#include "policy/reason.h"
#include "server/api/nouns.h"
#include "server/engine/org.h"

static const struct value_rule overview_query[] = {
	{RULE_ID("unit")},
	{.name = NULL},
};

/* [{"name": "pc", "n": 3}] as {"pc": 3} */
static int add_counts(struct store_db *db, json_t *into, const char *name, enum store_stmt stmt,
		      const char *scope, int64_t unit)
{
	json_t *rows, *row, *counts = json_object();
	size_t i;
	int r = store_list_json(db, stmt, STORE_ARGS(v_text(scope), v_int_or_null(unit)), 1000,
				&rows);

	if (r) {
		json_decref(counts);
		return r;
	}
	json_array_foreach(rows, i, row) json_object_set(
		counts, json_string_value(json_object_get(row, "name")), json_object_get(row, "n"));
	json_decref(rows);
	return json_object_set_new(into, name, counts) ? -ENOMEM : 0;
}

static bool is_connected(const struct api_options *o, const char *gate)
{
	struct api_gate view = {0};

	if (o->gate && gate)
		o->gate(o->gate_arg, gate, &view);
	return view.connected;
}

static int add_gates(struct call *c, struct store_db *db, json_t *into, const char *scope)
{
	const struct api_options *o = &c->api->options;
	json_t *rows, *row;
	int64_t up = 0, all = 0;
	size_t i;
	int r = store_list_json(db, STMT_API_GATES, STORE_ARGS(v_text(scope)), 1000, &rows);

	if (r)
		return r;
	json_array_foreach(rows, i, row)
	{
		const char *name = json_string_value(json_object_get(row, "name"));

		if (!json_is_null(json_object_get(row, "ended_at")))
			continue;
		all++;
		up += is_connected(o, name);
	}
	json_decref(rows);
	json_object_set_new(into, "gates", json_integer(all));
	json_object_set_new(into, "gates_connected", json_integer(up));
	return 0;
}

static void add_to(json_t *counts, const char *name, int64_t n)
{
	int64_t before = json_integer_value(json_object_get(counts, name));

	json_object_set_new(counts, name, json_integer(before + n));
}

/* By status and by posture (of those in use), out of one reading; scrapped ones do not count. */
static int add_terminals(struct store_db *db, json_t *into, const char *scope, int64_t unit)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	json_t *by_status = json_object(), *by_posture = json_object();
	int64_t all = 0;
	int r = store_select(db, STMT_API_OVERVIEW_TERMINALS,
			     STORE_ARGS(v_text(scope), v_int_or_null(unit)), &c);

	while (!r && (r = store_next(c)) == 1) {
		const char *status = store_text(c, 0);

		add_to(by_status, status, store_int(c, 2));
		if (!strcmp(status, "in-use"))
			add_to(by_posture, store_text(c, 1), store_int(c, 2));
		if (strcmp(status, "scrapped") != 0)
			all += store_int(c, 2);
		r = 0;
	}
	json_object_set_new(into, "terminals", json_integer(all));
	json_object_set_new(into, "by_status", by_status);
	json_object_set_new(into, "by_posture", by_posture);
	return r;
}

static int add_sessions(struct store_db *db, json_t *into, const char *scope, int64_t unit)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int64_t all = 0, isolated = 0;
	int r = store_select(db, STMT_API_OVERVIEW_SESSIONS,
			     STORE_ARGS(v_text(scope), v_int_or_null(unit)), &c);

	while (!r && (r = store_next(c)) == 1) {
		all += store_int(c, 1);
		if (!strcmp(store_text(c, 0), "isolate"))
			isolated += store_int(c, 1);
		r = 0;
	}
	json_object_set_new(into, "sessions_open", json_integer(all));
	json_object_set_new(into, "sessions_isolated", json_integer(isolated));
	return r;
}

static int overview_run(struct call *c)
{
	int64_t unit = call_query_int(c, "unit", 0);
	CLEANUP_FREE char *scope = NULL;
	struct store_db *db;
	json_t *row = NULL;
	int r = call_scope(c, &scope);

	if (!r)
		r = call_reader(c, &db);
	if (!r)
		r = store_get_json(db, STMT_API_OVERVIEW,
				   STORE_ARGS(v_text(scope), v_int_or_null(unit), v_int(c->now_ms)),
				   &row);
	if (r <= 0)
		return r ? r : -EUCLEAN;
	r = add_terminals(db, row, scope, unit);
	if (!r)
		r = add_sessions(db, row, scope, unit);
	if (!r)
		r = add_counts(db, row, "units_by_mode", STMT_API_OVERVIEW_MODE, scope, unit);
	if (!r)
		r = add_gates(c, db, row, scope);
	if (r) {
		json_decref(row);
		return r;
	}
	return call_answer(c, 200, row);
}

static int reasons_run(struct call *c)
{
	json_t *rows = json_array();

	for (enum reason reason = REASON_OK; reason < REASON_COUNT; reason++)
		json_array_append_new(rows, reason_json(reason_text(reason)->code));
	return call_answer(c, 200, json_pack("{s:o}", "rows", rows));
}

static int health_run(struct call *c)
{
	const char *version = c->api->options.version;
	struct store_db *db;
	int64_t root;
	int r = call_reader(c, &db);

	if (!r)
		r = store_get_int(db, STMT_UNIT_ROOT, STORE_NO_ARGS, 0, &root);
	return r ? r
		 : call_answer(c, 200,
			       json_pack("{s:s, s:s, s:I}", "status", "ok", "version",
					 version ? version : "", "server_at",
					 (json_int_t)c->now_ms));
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/overview",
	 .operation = "overview_get",
	 .roles = ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL | ROLE_AUDITOR | ROLE_APPROVER,
	 .scope = SCOPE_UNIT,
	 .query = overview_query,
	 .run = overview_run},
	{.method = "GET",
	 .path = "/reasons",
	 .operation = "reasons_list",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_NONE,
	 .unrecorded = true,
	 .run = reasons_run},
	{.method = "GET",
	 .path = "/health",
	 .operation = "health_get",
	 .roles = ROLE_OPEN,
	 .scope = SCOPE_NONE,
	 .run = health_run},
};

const struct route_noun overview_routes = {routes, ARRAY_SIZE(routes)};
