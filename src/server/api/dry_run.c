/* Whom other rules would have kept out, by the knocks of the time before. */
#include "server/engine/dry_run.h"
#include "base/clock.h"
#include "policy/draft.h"
#include "server/api/nouns.h"
#include "server/engine/org.h"

#define DAYS_USUAL 30
#define ROWS_MOST 2000

static const struct value_rule fields[] = {
	{RULE_ID("unit_id"), .required = true},
	{.name = "days", .kind = VALUE_INT, .min = 1, .max = 366},
	{RULE_CHOICE("mode", mode_choices)},
	{.name = "policy", .kind = VALUE_OBJECT, .max = 100},
	{RULE_BOOL("without_exemptions")},
	{RULE_BOOL("without_bypasses")},
	{.name = NULL},
};

static void name_reason(json_t *row, const char *field)
{
	json_object_set_new(row, field,
			    reason_json(json_string_value(json_object_get(row, field))));
}

static int answer_report(struct call *c, json_t *report)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(report, "rows"), i, row)
	{
		name_reason(row, "reason");
		name_reason(row, "today_reason");
	}
	return call_answer(c, 200, report);
}

static int load_unit(struct call *c, struct store_db *db, struct unit *ret)
{
	int r = unit_load(db, call_int(c, "unit_id", 0), ret);

	if (r == 1)
		return call_over(c, ret->id, NULL);
	return r ? r : call_refuse(c, REFUSAL_NOT_FOUND, "unit_id");
}

static int run(struct call *c)
{
	const char *mode = call_text(c, "mode");
	char where[POLICY_WHERE_SIZE];
	json_t *scope, *report = NULL;
	struct store_db *db;
	struct unit unit;
	struct dry_run_spec spec = {
		.from_ms = c->now_ms - call_int(c, "days", DAYS_USUAL) * DAY_MS,
		.until_ms = c->now_ms,
		.now_ms = c->now_ms,
		.policy = json_object_get(c->body, "policy"),
		.no_exemptions = call_bool(c, "without_exemptions", false),
		.no_bypasses = call_bool(c, "without_bypasses", false),
		.most = ROWS_MOST,
	};
	int r = call_reader(c, &db);

	if (!r)
		r = load_unit(c, db, &unit);
	if (!r && spec.policy && policy_draft_check(spec.policy, where))
		r = call_refuse(c, REFUSAL_VALUE_WRONG, "policy");
	if (r)
		return r;
	scope = json_pack("[s]", unit.path);
	if (!scope)
		return -ENOMEM;
	spec.scope = scope;
	if (mode) {
		spec.modes[0] = (struct dry_run_mode){unit.path, (enum mode)unit_mode_rank(mode)};
		spec.mode_count = 1;
	}
	r = dry_run(db, &spec, &report);
	json_decref(scope);
	return r ? r : answer_report(c, report);
}

static const struct route routes[] = {
	{.method = "POST",
	 .path = "/admission/dry-run",
	 .operation = "admission_dry_run",
	 .roles = ROLE_SECURITY | ROLE_REGIONAL,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = fields,
	 .run = run},
};

const struct route_noun dry_run_routes = {routes, ARRAY_SIZE(routes)};
