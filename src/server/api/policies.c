/* Policy: what was published and what it changed; a new one is proposed, and signed when a second
 * person confirms it (invariants 7 and 9). */
#include <stdio.h>

#include "policy/draft.h"
#include "server/api/nouns.h"
#include "server/engine/proposal.h"

#define READERS (ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL | ROLE_AUDITOR)
#define VERSION_ROOM 64 /* bytes for "epoch" and "number" */

static const struct value_rule list_query[] = {
	LIST_QUERY,
	{.name = NULL},
};

static const struct value_rule propose_fields[] = {
	{.name = "policy", .kind = VALUE_OBJECT, .required = true, .max = 64},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

/* ---- reading ---- */

static int list_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_POLICIES, .newest_first = true};

	return list_answer(c, &list);
}

/* A body as JSON; 0 leaves NULL: there is none. */
static int load_body(struct store_db *db, enum store_stmt stmt, const struct store_value *args,
		     size_t count, size_t column, json_t **ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(db, stmt, args, count, &c);

	if (!r)
		r = store_next(c);
	*ret = NULL;
	if (r <= 0)
		return r;
	*ret = json_loads(store_text(c, column), 0, NULL);
	return *ret ? 0 : -EUCLEAN;
}

static int add_changes(struct store_db *db, int64_t id, json_t *row)
{
	json_t *was, *changes;
	int r = load_body(db, STMT_POLICY_BEFORE, STORE_ARGS(v_int(id)), 0, &was);

	if (r)
		return r;
	changes = policy_body_changes(was, json_object_get(row, "body"));
	json_decref(was);
	return json_object_set_new(row, "changes", changes) ? -ENOMEM : 0;
}

static int get_run(struct call *c)
{
	int64_t id = call_path_id(c, 0);
	struct store_db *db;
	json_t *row = NULL;
	int r = call_reader(c, &db);

	if (!r)
		r = store_get_json(db, STMT_API_POLICY, STORE_ARGS(v_int(id)), &row);
	if (r <= 0)
		return r ? r : call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	r = add_changes(db, id, row);
	if (r) {
		json_decref(row);
		return r;
	}
	return call_answer(c, 200, row);
}

/* ---- proposing ---- */

static int check(struct deed *d, const json_t *body)
{
	char where[POLICY_WHERE_SIZE], field[REFUSED_FIELD_SIZE];
	size_t size = json_dumpb(body, NULL, 0, JSON_COMPACT | JSON_SORT_KEYS);

	if (policy_draft_check(body, where)) {
		snprintf(field, sizeof(field), "policy.%.56s", where);
		return refuse(&d->refused, REFUSAL_VALUE_WRONG, field);
	}
	if (size == 0 || size + VERSION_ROOM > POLICY_BODY_MAX)
		return refuse(&d->refused, REFUSAL_VALUE_WRONG, "policy");
	return 0;
}

/* What the second person is shown: the whole, and what it changes of the newest. */
static int make_detail(struct deed *d, json_t *body, json_t **ret)
{
	json_t *was, *changes;
	int r = load_body(store_writer(d->store), STMT_POLICY_LATEST, STORE_NO_ARGS, 2, &was);

	if (r)
		return r;
	changes = policy_body_changes(was, body);
	json_decref(was);
	if (changes && json_array_size(changes) == 0) {
		json_decref(changes);
		return refuse(&d->refused, REFUSAL_NOTHING_CHANGES, NULL);
	}
	*ret = json_pack("{s:o, s:O}", "changes", changes, "policy", body);
	return *ret ? 0 : -ENOMEM;
}

static int propose_act(struct deed *d)
{
	struct proposal_spec spec = {.kind = "policy.publish",
				     .reason = call_text(d->call, "reason")};
	json_t *body = json_object_get(d->call->body, "policy");
	int r = deed_role(d);

	if (!r)
		r = check(d, body);
	if (!r)
		r = store_get_int(store_writer(d->store), STMT_UNIT_ROOT, STORE_NO_ARGS, 0,
				  &spec.unit_id);
	if (!r)
		r = make_detail(d, body, &spec.detail);
	return r ? r : proposal_make(d->store, d->now_ms, &d->actor, &spec, &d->id, &d->refused);
}

static int propose_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, propose_act, TOPIC_PROPOSAL);

	return r ? r : answer_proposal(c, 202, d.id);
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/policies",
	 .operation = "policies_list",
	 .roles = READERS,
	 .scope = SCOPE_NONE,
	 .query = list_query,
	 .run = list_run},
	{.method = "POST",
	 .path = "/policies",
	 .operation = "policy_propose",
	 .roles = ROLE_SECURITY,
	 .scope = SCOPE_NONE,
	 .body = BODY_JSON,
	 .fields = propose_fields,
	 .run = propose_run},
	{.method = "GET",
	 .path = "/policies/{id}",
	 .operation = "policy_get",
	 .roles = READERS,
	 .scope = SCOPE_NONE,
	 .run = get_run},
};

const struct route_noun policy_routes = {routes, ARRAY_SIZE(routes)};
