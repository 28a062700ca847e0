/* Permits: a MAC on its switch and port, for a time (clause D03). They are made by requests. */
#include "server/api/nouns.h"
#include "server/engine/emergency.h"
#include "server/engine/permit.h"

static const char *const state_choices[] = {"valid", "expired", "ended", NULL};

static const struct value_rule list_query[] = {
	LIST_QUERY,	{RULE_ID("unit")}, {RULE_MAC("mac")}, {RULE_CHOICE("state", state_choices)},
	{.name = NULL},
};

static const struct value_rule window_fields[] = {
	{.name = "days", .kind = VALUE_INT, .required = true, .min = 1, .max = HOURS_ALL_DAYS},
	{.name = "from_minute",
	 .kind = VALUE_INT,
	 .required = true,
	 .min = 0,
	 .max = HOURS_DAY_MINUTES - 1},
	{.name = "until_minute",
	 .kind = VALUE_INT,
	 .required = true,
	 .min = 1,
	 .max = HOURS_DAY_MINUTES},
	{.name = NULL},
};

static const struct value_rule hours_fields[] = {
	{.name = "hours",
	 .kind = VALUE_ARRAY,
	 .required = true,
	 .min = 0,
	 .max = HOURS_MOST,
	 .items = window_fields},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

static const struct value_rule emergency_fields[] = {
	{RULE_MAC("mac"), .required = true},
	{RULE_ID("switch_id"), .required = true},
	{RULE_TEXT("port", 63), .bytes = 63, .required = true},
	{.name = "days", .kind = VALUE_INT, .min = 1, .max = 1095},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

static int list_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_PERMITS,
					 .has_total = true,
					 .total = STMT_API_PERMITS_TOTAL,
					 .newest_first = true};

	return list_answer(c, &list);
}

static int deed_permit(struct deed *d)
{
	int64_t unit;
	int r = store_get_int(store_writer(d->store), STMT_API_PERMIT_UNIT,
			      STORE_ARGS(v_int(call_path_id(d->call, 0))), 0, &unit);

	if (!r && !unit)
		r = -ENOENT;
	return r ? r : deed_over(d, unit);
}

static int end_act(struct deed *d)
{
	int r = deed_permit(d);

	return r ? r
		 : permit_end(d->store, d->now_ms, &d->actor, call_path_id(d->call, 0),
			      call_text(d->call, "reason"));
}

static int hours_act(struct deed *d)
{
	int r = deed_permit(d);

	return r ? r
		 : permit_set_hours(d->store, d->now_ms, &d->actor, call_path_id(d->call, 0),
				    json_object_get(d->call->body, "hours"),
				    call_text(d->call, "reason"));
}

static int run_permit(struct call *c, int (*act)(struct deed *d))
{
	struct deed d = {0};
	int r = call_do(c, &d, act, TOPIC_PERMIT);

	return r ? r
		 : call_answer_row(c, 200, STMT_API_PERMIT, STORE_ARGS(v_int(call_path_id(c, 0))));
}

static int emergency_act(struct deed *d)
{
	const struct call *c = d->call;
	struct emergency_spec spec = {.switch_id = call_int(c, "switch_id", 0),
				      .port = call_text(c, "port"),
				      .why = call_text(c, "reason"),
				      .days = call_int(c, "days", 365)};
	int64_t unit;
	int r = emergency_unit(store_writer(d->store), spec.switch_id, &unit);

	if (!r)
		r = deed_over(d, unit);
	if (!r)
		r = call_mac(c, "mac", &spec.mac);
	return r ? r
		 : emergency_grant(d->store, d->now_ms, &d->actor, &d->account, &spec, &d->id,
				   &d->refused);
}

static int emergency_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, emergency_act, TOPIC_PERMIT | TOPIC_TERMINAL | TOPIC_REQUEST);

	return r ? r : call_answer_row(c, 201, STMT_API_PERMIT, STORE_ARGS(v_int(d.id)));
}

static int end_run(struct call *c)
{
	return run_permit(c, end_act);
}

static int hours_run(struct call *c)
{
	return run_permit(c, hours_act);
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/admission/permits",
	 .operation = "permits_list",
	 .roles =
		 ROLE_SECURITY | ROLE_REGIONAL | ROLE_AUDITOR | ROLE_APPROVER | ROLE_DEVICE_OFFICER,
	 .scope = SCOPE_UNIT,
	 .query = list_query,
	 .run = list_run},
	{.method = "POST",
	 .path = "/admission/permits/emergency",
	 .operation = "permit_emergency",
	 .roles = ROLE_REGIONAL,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = emergency_fields,
	 .run = emergency_run},
	{.method = "POST",
	 .path = "/admission/permits/{id}/end",
	 .operation = "permit_end",
	 .roles = ROLE_SECURITY | ROLE_REGIONAL,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = end_run},
	{.method = "POST",
	 .path = "/admission/permits/{id}/hours",
	 .operation = "permit_hours",
	 .roles = ROLE_SECURITY | ROLE_REGIONAL,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = hours_fields,
	 .run = hours_run},
};

const struct route_noun permit_routes = {routes, ARRAY_SIZE(routes)};
