/* The deny list: it holds in every mode and during a bypass. */
#include "server/api/nouns.h"
#include "server/engine/permit.h"
#include "server/engine/proposal.h"

static const struct value_rule list_query[] = {
	LIST_QUERY,
	{RULE_MAC("mac")},
	{RULE_BOOL("ended")},
	{.name = NULL},
};

static const struct value_rule create_fields[] = {
	{RULE_MAC("mac"), .required = true},
	{RULE_REASON("reason"), .required = true},
	{RULE_TIME("until_at")},
	{.name = NULL},
};

static int list_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_DENIES,
					 .has_total = true,
					 .total = STMT_API_DENIES_TOTAL,
					 .newest_first = true};

	return list_answer(c, &list);
}

static int create_act(struct deed *d)
{
	int64_t until = call_int(d->call, "until_at", 0);
	struct mac mac;
	int r = deed_role(d);

	if (!r && until && until <= d->now_ms)
		r = refuse(&d->refused, REFUSAL_TIME_PAST, "until_at");
	if (!r)
		r = call_mac(d->call, "mac", &mac);
	return r ? r
		 : deny_add(d->store, d->now_ms, &d->actor, &mac, until,
			    call_text(d->call, "reason"), &d->id);
}

static int create_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, create_act, TOPIC_DENY);

	return r ? r : call_answer_row(c, 201, STMT_API_DENY, STORE_ARGS(v_int(d.id)));
}

/* To let somebody in again weakens (invariant 9). */
static int end_act(struct deed *d)
{
	int64_t id = call_path_id(d->call, 0), ended, root;
	struct store_db *db = store_writer(d->store);
	int r = deed_role(d);

	if (!r)
		r = store_get_int(db, STMT_API_DENY_ENDED, STORE_ARGS(v_int(id)), -1, &ended);
	if (!r)
		r = store_get_int(db, STMT_UNIT_ROOT, STORE_NO_ARGS, 0, &root);
	if (r)
		return r;
	if (ended)
		return ended < 0 ? -ENOENT : refuse(&d->refused, REFUSAL_ENDED, NULL);
	return proposal_make(d->store, d->now_ms, &d->actor,
			     &(struct proposal_spec){.kind = "deny.end",
						     .unit_id = root,
						     .subject_id = id,
						     .reason = call_text(d->call, "reason"),
						     .detail = json_object()},
			     &d->id, &d->refused);
}

static int end_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, end_act, TOPIC_PROPOSAL);

	return r ? r : answer_proposal(c, 202, d.id);
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/admission/denies",
	 .operation = "denies_list",
	 .roles = ROLE_SECURITY | ROLE_REGIONAL | ROLE_AUDITOR,
	 .scope = SCOPE_NONE,
	 .query = list_query,
	 .run = list_run},
	{.method = "POST",
	 .path = "/admission/denies",
	 .operation = "deny_create",
	 .roles = ROLE_SECURITY,
	 .scope = SCOPE_NONE,
	 .body = BODY_JSON,
	 .fields = create_fields,
	 .run = create_run},
	{.method = "POST",
	 .path = "/admission/denies/{id}/end",
	 .operation = "deny_end",
	 .roles = ROLE_SECURITY,
	 .scope = SCOPE_NONE,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = end_run},
};

const struct route_noun deny_routes = {routes, ARRAY_SIZE(routes)};
