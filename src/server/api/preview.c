/* The picture of how many a unit would keep out if it enforced, before the switch is thrown: by the
 * last knock of each MAC. */
#include "base/clock.h"
#include "server/api/nouns.h"

#define DAYS_USUAL 30
#define PREVIEW_ROWS 500

static const struct value_rule query[] = {
	{.name = "days", .kind = VALUE_INT, .min = 1, .max = 365},
	{.name = NULL},
};

/* Rows of reason codes get the reason's words. */
static void name_reasons(json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) json_object_set_new(
		row, "reason", reason_json(json_string_value(json_object_get(row, "reason"))));
}

static int read_preview(struct call *c, int64_t unit, int64_t days, json_t **ret)
{
	const struct store_value args[] = {v_int(unit), v_int(c->now_ms - days * DAY_MS)};
	json_t *reasons = NULL, *rows = NULL;
	struct store_db *db;
	int64_t seen, kept_out;
	int r = call_reader(c, &db);

	if (!r)
		r = store_get_int(db, STMT_API_PREVIEW_SEEN, args, ARRAY_SIZE(args), 0, &seen);
	if (!r)
		r = store_get_int(db, STMT_API_PREVIEW_KEPT_OUT, args, ARRAY_SIZE(args), 0,
				  &kept_out);
	if (!r)
		r = store_list_json(db, STMT_API_PREVIEW_REASONS, args, ARRAY_SIZE(args),
				    PREVIEW_ROWS, &reasons);
	if (!r)
		r = store_list_json(db, STMT_API_PREVIEW_ROWS, args, ARRAY_SIZE(args), PREVIEW_ROWS,
				    &rows);
	if (r) {
		json_decref(reasons);
		return r;
	}
	name_reasons(reasons);
	name_reasons(rows);
	*ret = json_pack("{s:I, s:I, s:I, s:o, s:o}", "days", (json_int_t)days, "seen",
			 (json_int_t)seen, "kept_out", (json_int_t)kept_out, "reasons", reasons,
			 "rows", rows);
	return 0;
}

static int preview_run(struct call *c)
{
	int64_t unit = call_path_id(c, 0);
	json_t *answer = NULL;
	int r = call_over(c, unit, NULL);

	if (!r)
		r = read_preview(c, unit, call_query_int(c, "days", DAYS_USUAL), &answer);
	return r ? r : call_answer(c, 200, answer);
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/units/{id}/enforce-preview",
	 .operation = "unit_enforce_preview",
	 .roles = ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL | ROLE_AUDITOR,
	 .scope = SCOPE_UNIT,
	 .query = query,
	 .run = preview_run},
};

const struct route_noun preview_routes = {routes, ARRAY_SIZE(routes)};
