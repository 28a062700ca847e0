/* Admission as it is and was: last knocks, sessions, kept records. */
#include "server/api/month_list.h"
#include "server/api/nouns.h"
#include "server/engine/lost_session.h"

#define READERS (ROLE_SECURITY | ROLE_REGIONAL | ROLE_AUDITOR)

static const struct value_rule knocks_query[] = {
	LIST_QUERY,
	{RULE_ID("unit")},
	{RULE_MAC("mac")},
	{RULE_CHOICE("verdict", verdict_choices)},
	{.name = "reason", .kind = VALUE_TEXT, .min = 1, .max = 32},
	{RULE_BOOL("unknown")},
	{RULE_BOOL("would_differ")},
	{.name = NULL},
};

static const struct value_rule sessions_query[] = {
	LIST_QUERY,
	{RULE_ID("unit")},
	{RULE_MAC("mac")},
	{RULE_ID("terminal")},
	{RULE_ACCOUNT("account")},
	{RULE_BOOL("open")},
	{.name = NULL},
};

static const struct value_rule records_query[] = {
	LIST_QUERY,
	{RULE_ID("unit")},
	{RULE_MAC("mac")},
	{RULE_ID("terminal")},
	{.name = "kind", .kind = VALUE_TEXT, .min = 1, .max = 32},
	{RULE_TIME("from_at")},
	{RULE_TIME("until_at")},
	{.name = NULL},
};

static int knocks_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_KNOCKS,
					 .has_total = true,
					 .total = STMT_API_KNOCKS_TOTAL,
					 .key = "last_at",
					 .mac_key = "mac",
					 .newest_first = true};

	return list_answer(c, &list);
}

static int sessions_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_SESSIONS,
					 .has_total = true,
					 .total = STMT_API_SESSIONS_TOTAL,
					 .newest_first = true};

	return list_answer(c, &list);
}

/* ---- records ---- */

static int records_run(struct call *c)
{
	const char *mac_text = call_query_text(c, "mac");
	struct store_record_filter filter = {
		.from_ms = call_query_int(c, "from_at", 0),
		.until_ms = call_query_int(c, "until_at", 0),
		.terminal_id = call_query_int(c, "terminal", 0),
		.kind = call_query_text(c, "kind"),
		.limit = list_limit(c) + 1,
	};
	json_t *units = NULL, *rows = NULL;
	struct month_key key;
	struct store_db *db;
	struct mac mac;
	int r = month_key_parse(c, &key);

	filter.before_month = key.month;
	filter.before_at = key.at;
	filter.before_id = key.id;
	if (!r && mac_text) {
		r = mac_parse(mac_text, &mac);
		filter.mac = &mac;
	}
	if (!r)
		r = call_reader(c, &db);
	if (!r)
		r = month_list_units(c, db, &units);
	filter.units = units;
	if (!r)
		r = store_record_page(db, &filter, &rows);
	json_decref(units);
	return r ? r : month_list_answer(c, rows, NULL);
}

/* ---- the end of one that its gate lost ---- */

static int end_act(struct deed *d)
{
	int64_t id = call_path_id(d->call, 0), unit = 0;
	int r = lost_session_unit(store_writer(d->store), id, &unit);

	if (!r)
		r = deed_over(d, unit);
	if (!r)
		r = lost_session_end(d->store, d->now_ms, &d->actor, id,
				     call_text(d->call, "reason"));
	return r == -EBUSY ? refuse(&d->refused, REFUSAL_STATE, NULL) : r;
}

static int end_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, end_act, TOPIC_SESSION);

	return r ? r
		 : call_answer_row(c, 200, STMT_API_SESSION, STORE_ARGS(v_int(call_path_id(c, 0))));
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/admission/knocks",
	 .operation = "knocks_list",
	 .roles = READERS,
	 .scope = SCOPE_UNIT,
	 .query = knocks_query,
	 .run = knocks_run},
	{.method = "GET",
	 .path = "/admission/records",
	 .operation = "records_list",
	 .roles = READERS,
	 .scope = SCOPE_UNIT,
	 .query = records_query,
	 .run = records_run},
	{.method = "GET",
	 .path = "/admission/sessions",
	 .operation = "sessions_list",
	 .roles = READERS,
	 .scope = SCOPE_UNIT,
	 .query = sessions_query,
	 .run = sessions_run},
	{.method = "POST",
	 .path = "/admission/sessions/{id}/end",
	 .operation = "session_lost_end",
	 .roles = ROLE_SECURITY | ROLE_REGIONAL,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = end_run},
};

const struct route_noun knock_routes = {routes, ARRAY_SIZE(routes)};
