/* The emergency bypass (invariants 9 and 13). */
#include "server/api/nouns.h"
#include "server/engine/bypass.h"
#include "server/engine/proposal.h"

#define ACTORS (ROLE_SECURITY | ROLE_REGIONAL)

static const struct value_rule list_query[] = {
	LIST_QUERY,
	{RULE_ID("unit")},
	{.name = NULL},
};

static const struct value_rule propose_fields[] = {
	{RULE_ID("unit_id"), .required = true},
	{.name = "minutes", .kind = VALUE_INT, .required = true, .min = 5, .max = 480},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

static int list_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_BYPASSES, .newest_first = true};

	return list_answer(c, &list);
}

static int propose_act(struct deed *d)
{
	const struct call *c = d->call;
	int64_t unit_id = call_int(c, "unit_id", 0);
	int r = deed_over(d, unit_id);

	if (r)
		return r;
	return proposal_make(
		d->store, d->now_ms, &d->actor,
		&(struct proposal_spec){.kind = "bypass.begin",
					.unit_id = unit_id,
					.subject_id = unit_id,
					.reason = call_text(c, "reason"),
					.detail = json_pack("{s:I}", "minutes",
							    (json_int_t)call_int(c, "minutes", 0))},
		&d->id, &d->refused);
}

static int propose_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, propose_act, TOPIC_PROPOSAL);

	return r ? r : answer_proposal(c, 202, d.id);
}

struct bypass_facts {
	int64_t unit_id, proposed_by, confirmed_by;
	bool ended;
};

static int load_bypass(struct deed *d, struct bypass_facts *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(store_writer(d->store), STMT_API_BYPASS_FACTS,
			     STORE_ARGS(v_int(call_path_id(d->call, 0))), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r ? r : -ENOENT;
	*ret = (struct bypass_facts){.unit_id = store_int(c, 0),
				     .proposed_by = store_int(c, 2),
				     .confirmed_by = store_int(c, 3),
				     .ended = store_int(c, 5) != 0};
	return deed_over(d, ret->unit_id);
}

static int confirm_act(struct deed *d)
{
	struct bypass_facts b;
	int r = load_bypass(d, &b);

	if (!r && b.confirmed_by)
		r = refuse(&d->refused, REFUSAL_STEP_DECIDED, NULL);
	if (!r && b.proposed_by == d->account.id)
		r = refuse(&d->refused, REFUSAL_OWN_ACT, NULL);
	return r ? r
		 : bypass_confirm(d->store, d->now_ms, &d->actor, call_path_id(d->call, 0),
				  d->account.id);
}

static int end_act(struct deed *d)
{
	struct bypass_facts b;
	int r = load_bypass(d, &b);

	if (!r && b.ended)
		r = refuse(&d->refused, REFUSAL_ENDED, NULL);
	return r ? r
		 : bypass_end(d->store, d->now_ms, &d->actor, call_path_id(d->call, 0),
			      call_text(d->call, "reason"));
}

static int run_bypass(struct call *c, int (*act)(struct deed *d))
{
	struct deed d = {0};
	int r = call_do(c, &d, act, TOPIC_BYPASS);

	return r ? r
		 : call_answer_row(c, 200, STMT_API_BYPASS, STORE_ARGS(v_int(call_path_id(c, 0))));
}

static int confirm_run(struct call *c)
{
	return run_bypass(c, confirm_act);
}

static int end_run(struct call *c)
{
	return run_bypass(c, end_act);
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/bypasses",
	 .operation = "bypasses_list",
	 .roles = ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL | ROLE_AUDITOR,
	 .scope = SCOPE_UNIT,
	 .query = list_query,
	 .run = list_run},
	{.method = "POST",
	 .path = "/bypasses",
	 .operation = "bypass_propose",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = propose_fields,
	 .run = propose_run},
	{.method = "POST",
	 .path = "/bypasses/{id}/confirm",
	 .operation = "bypass_confirm",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = confirm_run},
	{.method = "POST",
	 .path = "/bypasses/{id}/end",
	 .operation = "bypass_end",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = end_run},
};

const struct route_noun bypass_routes = {routes, ARRAY_SIZE(routes)};
