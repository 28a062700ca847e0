/* The register of network gear that the bank approved (clause D24). Requests fill it. */
#include "server/engine/gear.h"

#include "server/api/nouns.h"

static const struct value_rule list_query[] = {
	LIST_QUERY, {RULE_ID("unit")}, {RULE_MAC("mac")}, {RULE_BOOL("ended")}, {.name = NULL},
};

static int list_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_GEAR,
					 .has_total = true,
					 .total = STMT_API_GEAR_TOTAL,
					 .newest_first = true};

	return list_answer(c, &list);
}

static int end_act(struct deed *d)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int64_t id = call_path_id(d->call, 0);
	int r = store_select(store_writer(d->store), STMT_GEAR_BY_ID, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = deed_over(d, store_int(c, 2));
	return r ? r : gear_end(d->store, d->now_ms, &d->actor, id, call_text(d->call, "reason"));
}

static int end_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, end_act, TOPIC_ADDRESS);

	return r ? r
		 : call_answer_row(c, 200, STMT_API_GEAR_ONE,
				   STORE_ARGS(v_int(call_path_id(c, 0))));
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/admission/gear",
	 .operation = "gear_list",
	 .roles = READERS_ALL,
	 .scope = SCOPE_UNIT,
	 .query = list_query,
	 .run = list_run},
	{.method = "POST",
	 .path = "/admission/gear/{id}/end",
	 .operation = "gear_end",
	 .roles = ROLE_SECURITY | ROLE_REGIONAL,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = end_run},
};

const struct route_noun gear_routes = {routes, ARRAY_SIZE(routes)};
