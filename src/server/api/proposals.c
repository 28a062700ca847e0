/* Acts that wait for a second person (invariant 9). */
#include "crypto/secret.h"
#include "server/api/nouns.h"
#include "server/engine/org.h"
#include "server/engine/proposal.h"

#define PARTIES (ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL | ROLE_AUDITOR)

static const char *const decision_choices[] = {"confirmed", "refused", NULL};

static const struct value_rule list_query[] = {
	LIST_QUERY,
	{RULE_BOOL("open")},
	{.name = NULL},
};

static const struct value_rule decide_fields[] = {
	{RULE_CHOICE("decision", decision_choices), .required = true},
	{.name = NULL},
};

static int64_t id_in(const char *subject)
{
	const char *colon = subject ? strchr(subject, ':') : NULL;

	return colon ? strtoll(colon + 1, NULL, 10) : 0;
}

/* Adds may_decide, by the facts of the row itself. */
void proposal_finish(struct call *c, json_t *row)
{
	struct proposal p = {
		.proposed_by = json_integer_value(json_object_get(row, "proposed_by")),
		.subject_id = id_in(json_string_value(json_object_get(row, "subject"))),
		.expires_at_ms = json_integer_value(json_object_get(row, "expires_at")),
		.given_by = json_integer_value(json_object_get(row, "given_by"))};
	const char *act = json_string_value(json_object_get(row, "act")),
		   *path = json_string_value(json_object_get(row, "path")),
		   *decision = json_string_value(json_object_get(row, "decision"));
	bool may = false;

	if (act && path && strlen(act) < sizeof(p.kind)) {
		memcpy(p.kind, act, strlen(act) + 1);
		p.decision[0] = decision ? 'x' : '\0';
		may = proposal_may_confirm(&p, &c->account, path, c->now_ms);
	}
	json_object_set_new(row, "may_decide", json_boolean(may));
	json_object_del(row, "path");
	json_object_del(row, "given_by");
}

static int list_run(struct call *c)
{
	static const struct list list = {
		.page = STMT_API_PROPOSALS, .newest_first = true, .finish = proposal_finish};

	return list_answer(c, &list);
}

int answer_proposal(struct call *c, unsigned status, int64_t id)
{
	struct store_db *db;
	json_t *row;
	int r = call_reader(c, &db);

	if (!r)
		r = store_get_json(db, STMT_API_PROPOSAL, STORE_ARGS(v_int(id), v_int(c->now_ms)),
				   &row);
	if (r < 0)
		return r;
	if (!r)
		return call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	proposal_finish(c, row);
	return call_answer(c, status, row);
}

static int get_run(struct call *c)
{
	CLEANUP_PROPOSAL struct proposal p = {0};
	struct store_db *db;
	int r = call_reader(c, &db);

	if (!r)
		r = proposal_load(db, call_path_id(c, 0), &p);
	if (r <= 0)
		return r ? r : call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	r = call_over(c, p.unit_id, NULL);
	return r ? r : answer_proposal(c, 200, p.id);
}

/* The one who proposed may take it back; who may not confirm is proposal_is_own()'s, and the roles
 * are the kind's. */
static int check_decider(struct deed *d, const struct proposal *p, bool confirm)
{
	struct unit unit;
	unsigned role;
	int r = unit_load(store_writer(d->store), p->unit_id, &unit);

	if (r <= 0)
		return r ? r : -ENOENT;
	if (confirm && proposal_is_own(p, &d->account))
		return refuse(&d->refused, REFUSAL_OWN_ACT, NULL);
	role = account_role_over(&d->account, proposal_roles(p->kind), unit.path);
	if (!role && p->proposed_by != d->account.id)
		return refuse(&d->refused, REFUSAL_STEP_OF_OTHERS, NULL);
	if (role)
		d->actor.role = role_name(role);
	return 0;
}

static int decide_act(struct deed *d)
{
	CLEANUP_PROPOSAL struct proposal p = {0};
	struct account_entry_code code;
	bool confirm = !strcmp(call_text(d->call, "decision"), "confirmed");
	int r = proposal_load(store_writer(d->store), call_path_id(d->call, 0), &p);

	if (r <= 0)
		return r ? r : -ENOENT;
	r = check_decider(d, &p, confirm);
	if (!r)
		r = proposal_decide(d->store, d->now_ms, &d->actor, p.id, confirm,
				    &d->call->api->options.means, &code, &d->refused);
	if (r)
		return r;
	memcpy(d->code, code.text, sizeof(code.text));
	d->code_expires_at = code.expires_at_ms;
	secret_wipe(&code, sizeof(code));
	return 0;
}

static int decide_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, decide_act,
			TOPIC_PROPOSAL | TOPIC_ACCOUNT | TOPIC_UNIT | TOPIC_TERMINAL | TOPIC_DENY |
				TOPIC_BYPASS | TOPIC_SWITCH | TOPIC_POLICY | TOPIC_GATE |
				TOPIC_CERTIFICATE);

	if (!r)
		r = answer_proposal(c, 200, call_path_id(c, 0));
	if (!r && d.code[0])
		r = json_object_set_new(c->answer, "entry_code", deed_code_json(&d)) ? -ENOMEM : 0;
	secret_wipe(d.code, sizeof(d.code));
	return r;
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/proposals",
	 .operation = "proposals_list",
	 .roles = PARTIES,
	 .scope = SCOPE_UNIT,
	 .query = list_query,
	 .run = list_run},
	{.method = "GET",
	 .path = "/proposals/{id}",
	 .operation = "proposal_get",
	 .roles = PARTIES,
	 .scope = SCOPE_UNIT,
	 .run = get_run},
	{.method = "POST",
	 .path = "/proposals/{id}/decide",
	 .operation = "proposal_decide",
	 .roles = PARTIES,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = decide_fields,
	 .run = decide_run},
};

const struct route_noun proposal_routes = {routes, ARRAY_SIZE(routes)};
