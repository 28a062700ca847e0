/* Exemptions, and the one register of everything that weakens protection now. */
#include "server/api/nouns.h"
#include "server/engine/exemption.h"
#include "server/engine/proposal.h"

#define ACTORS (ROLE_SECURITY | ROLE_REGIONAL)
#define REGISTER_MOST 5000

static const struct value_rule propose_fields[] = {
	{RULE_ID("terminal_id"), .required = true},
	{.name = "what",
	 .kind = VALUE_TEXT,
	 .min = 2,
	 .max = 48,
	 .alphabet = ALPHABET_SMALL ALPHABET_DIGITS ".-",
	 .first = ALPHABET_SMALL,
	 .required = true},
	{RULE_TIME("until_at"), .required = true},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

static int register_run(struct call *c)
{
	CLEANUP_FREE char *scope = NULL;
	int r = call_scope(c, &scope);

	return r ? r
		 : call_answer_rows(c, STMT_API_REGISTER,
				    STORE_ARGS(v_int(c->now_ms), v_text(scope)), REGISTER_MOST);
}

static int propose_act(struct deed *d)
{
	const struct call *c = d->call;
	int64_t until = call_int(c, "until_at", 0);
	struct terminal t;
	int r = terminal_load(store_writer(d->store), call_int(c, "terminal_id", 0), &t);

	if (r <= 0)
		return r ? r : -ENOENT;
	r = deed_over(d, t.unit_id);
	if (!r && until <= d->now_ms)
		r = refuse(&d->refused, REFUSAL_TIME_PAST, "until_at");
	if (!r && until > d->now_ms + EXEMPTION_MOST_MS)
		r = refuse(&d->refused, REFUSAL_TIME_FAR, "until_at");
	if (r)
		return r;
	return proposal_make(
		d->store, d->now_ms, &d->actor,
		&(struct proposal_spec){
			.kind = "exemption.grant",
			.unit_id = t.unit_id,
			.subject_id = t.id,
			.reason = call_text(c, "reason"),
			.detail = json_pack("{s:s, s:s, s:I}", "asset_no", t.asset_no, "what",
					    call_text(c, "what"), "until_at", (json_int_t)until)},
		&d->id, &d->refused);
}

static int propose_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, propose_act, TOPIC_PROPOSAL);

	return r ? r : answer_proposal(c, 202, d.id);
}

static int end_act(struct deed *d)
{
	int64_t id = call_path_id(d->call, 0), unit = 0;
	int r = store_get_int(store_writer(d->store), STMT_EXEMPTION_UNIT, STORE_ARGS(v_int(id)), 0,
			      &unit);

	if (!r && !unit)
		r = -ENOENT;
	if (!r)
		r = deed_over(d, unit);
	return r ? r
		 : exemption_end(d->store, d->now_ms, &d->actor, id, call_text(d->call, "reason"));
}

static int end_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, end_act, TOPIC_TERMINAL);

	return r ? r : call_answer(c, 200, json_object());
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/exemptions",
	 .operation = "exemptions_register",
	 .roles = ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL | ROLE_AUDITOR,
	 .scope = SCOPE_UNIT,
	 .run = register_run},
	{.method = "POST",
	 .path = "/exemptions",
	 .operation = "exemption_propose",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = propose_fields,
	 .run = propose_run},
	{.method = "POST",
	 .path = "/exemptions/{id}/end",
	 .operation = "exemption_end",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = end_run},
};

const struct route_noun exemption_routes = {routes, ARRAY_SIZE(routes)};
