/* Admission as it is and was: last knocks, sessions, kept records. */
#include <inttypes.h>

#include "base/text.h"
#include "server/api/nouns.h"

#define READERS (ROLE_SECURITY | ROLE_REGIONAL | ROLE_AUDITOR)
#define RECORD_UNITS_MAX 20000

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

/* "202611.1795436156123.42": month, time and id of the last row of the page before. */
static int parse_record_key(struct call *c, struct store_record_filter *f)
{
	const char *after = call_query_text(c, "after");
	int64_t parts[3] = {0};
	char number[24];

	for (size_t i = 0; after && i < ARRAY_SIZE(parts); i++) {
		size_t len = strcspn(after, ".");

		if (text_copy_n(number, sizeof(number), after, len) ||
		    text_to_i64(number, 0, i ? INT64_MAX : INT32_MAX, &parts[i]) ||
		    (after[len] == '\0') != (i + 1 == ARRAY_SIZE(parts)))
			return call_refuse(c, REFUSAL_VALUE_WRONG, "after");
		after += len + 1;
	}
	f->before_month = (int)parts[0];
	f->before_at = parts[1];
	f->before_id = parts[2];
	return 0;
}

/* The ids of the units that may be seen and were asked for. */
static int record_units(struct call *c, struct store_db *db, json_t **ret)
{
	CLEANUP_FREE char *scope = NULL;
	json_t *rows, *ids, *row;
	int64_t unit = call_query_int(c, "unit", 0);
	size_t i;
	int r;

	r = call_scope(c, &scope);
	if (!r)
		r = store_list_json(db, STMT_API_UNIT_IDS,
				    STORE_ARGS(v_text(scope), v_int_or_null(unit)),
				    RECORD_UNITS_MAX, &rows);
	if (r)
		return r;
	ids = json_array();
	json_array_foreach(rows, i, row) json_array_append(ids, json_object_get(row, "id"));
	json_decref(rows);
	*ret = ids;
	return ids ? 0 : -ENOMEM;
}

static int answer_records(struct call *c, json_t *rows)
{
	size_t limit = list_limit(c);
	json_t *next = json_null();

	if (json_array_size(rows) > limit) {
		const json_t *last = json_array_get(rows, limit - 1);

		json_array_remove(rows, limit);
		next = json_sprintf("%" PRId64 ".%" PRId64 ".%" PRId64,
				    (int64_t)json_integer_value(json_object_get(last, "month")),
				    (int64_t)json_integer_value(json_object_get(last, "at")),
				    (int64_t)json_integer_value(json_object_get(last, "id")));
	}
	return call_answer(c, 200,
			   json_pack("{s:o, s:o, s:n}", "rows", rows, "next", next, "total"));
}

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
	struct store_db *db;
	struct mac mac;
	int r = parse_record_key(c, &filter);

	if (!r && mac_text) {
		r = mac_parse(mac_text, &mac);
		filter.mac = &mac;
	}
	if (!r)
		r = call_reader(c, &db);
	if (!r)
		r = record_units(c, db, &units);
	filter.units = units;
	if (!r)
		r = store_record_page(db, &filter, &rows);
	json_decref(units);
	return r ? r : answer_records(c, rows);
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
};

const struct route_noun knock_routes = {routes, ARRAY_SIZE(routes)};
