/* Breakers of the server that have tripped, and their reset by two persons (invariants 9, 12). */
#include "server/api/nouns.h"
#include "server/engine/proposal.h"
#include "server/engine/tripped.h"

static int list_run(struct call *c)
{
	CLEANUP_FREE char *scope = NULL;
	int r = call_scope(c, &scope);

	return r ? r
		 : call_answer_rows(c, STMT_API_BREAKERS,
				    STORE_ARGS(v_text(scope), v_int(c->now_ms)), 1000);
}

static int reset_act(struct deed *d)
{
	int64_t unit_id = call_path_id(d->call, 0);
	int r = deed_over(d, unit_id);

	if (!r)
		r = tripped_check(d->store, unit_id);
	return r ? r
		 : proposal_make(d->store, d->now_ms, &d->actor,
				 &(struct proposal_spec){.kind = "breaker.reset",
							 .unit_id = unit_id,
							 .subject_id = unit_id,
							 .reason = call_text(d->call, "reason"),
							 .detail = json_object()},
				 &d->id, &d->refused);
}

static int reset_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, reset_act, TOPIC_PROPOSAL);

	return r ? r : answer_proposal(c, 202, d.id);
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/breakers",
	 .operation = "breakers_list",
	 .roles = ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL | ROLE_AUDITOR,
	 .scope = SCOPE_UNIT,
	 .run = list_run},
	{.method = "POST",
	 .path = "/breakers/{id}/reset",
	 .operation = "breaker_reset",
	 .roles = ROLE_SECURITY | ROLE_REGIONAL,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = reset_run},
};

const struct route_noun breaker_routes = {routes, ARRAY_SIZE(routes)};
