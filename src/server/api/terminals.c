/* Terminals: lists, detail, why is it out, isolate and release. */
#include <stdio.h>

#include "base/text.h"
#include "server/api/nouns.h"
#include "server/api/timeline.h"
#include "server/engine/enrol.h"
#include "server/engine/org.h"
#include "server/engine/proposal.h"

#define ACTORS (ROLE_SECURITY | ROLE_REGIONAL)
#define ENROL_CODE_LIFE_MS (7 * 24 * 3600 * INT64_C(1000))
#define ISOLATE_MOST_MS (366 * 24 * 3600 * INT64_C(1000))

static const struct value_rule list_query[] = {
	LIST_QUERY,
	{RULE_ID("unit")},
	{RULE_NAME("q")},
	{RULE_CHOICE("kind", terminal_kind_choices)},
	{RULE_CHOICE("status", terminal_status_choices)},
	{RULE_CHOICE("posture", posture_choices)},
	{RULE_BOOL("isolated")},
	{RULE_BOOL("online")},
	{RULE_ID("owner")},
	{.name = NULL},
};

static const struct value_rule page_query[] = {
	LIST_QUERY,
	{.name = NULL},
};

static const struct value_rule inventory_query[] = {
	LIST_QUERY,
	{.name = "section", .kind = VALUE_TEXT, .min = 1, .max = 48},
	{.name = NULL},
};

static const struct value_rule change_fields[] = {
	{RULE_TEXT("name", 63), .bytes = 63},
	{RULE_TEXT("place", 96), .bytes = 96},
	{RULE_ID("owner_id")},
	{.name = NULL},
};

static const struct value_rule isolate_fields[] = {
	{RULE_REASON("reason"), .required = true},
	{RULE_TIME("until_at")},
	{.name = NULL},
};

static const struct value_rule lifeline_fields[] = {
	{RULE_BOOL("lifeline"), .required = true},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

static const struct value_rule account_fields[] = {
	{RULE_ID("account_id"), .required = true},
	{.name = NULL},
};

/* ---- reading ---- */

static int list_run(struct call *c)
{
	static const char *const dear[] = {"q", "online", NULL};
	static const struct list list = {.page = STMT_API_TERMINALS,
					 .has_total = true,
					 .total = STMT_API_TERMINALS_TOTAL,
					 .dear = dear};

	return list_answer(c, &list);
}

/* Within scope, or the caller's own. */
static int check_visible(struct call *c)
{
	struct store_db *db;
	struct terminal t;
	int r = call_reader(c, &db);

	if (!r)
		r = terminal_load(db, call_path_id(c, 0), &t);
	if (r <= 0)
		return r ? r : call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	if (t.owner_id && t.owner_id == c->account.person_id)
		return 0;
	return call_over(c, t.unit_id, NULL);
}

static int add_part(struct store_db *db, json_t *row, const char *name, enum store_stmt stmt,
		    int64_t id)
{
	json_t *part;
	int r = store_list_json(db, stmt, STORE_ARGS(v_int(id)), 1000, &part);

	if (!r && json_object_set_new(row, name, part))
		r = -ENOMEM;
	return r;
}

/* [{"mac": "..."}] as ["..."] */
static int flatten_macs(json_t *row)
{
	json_t *flat = json_array(), *one;
	size_t i;

	json_array_foreach(json_object_get(row, "macs"), i, one)
		json_array_append(flat, json_object_get(one, "mac"));
	return json_object_set_new(row, "macs", flat) ? -ENOMEM : 0;
}

int answer_terminal(struct call *c, int64_t id)
{
	struct store_db *db;
	json_t *row = NULL;
	int r = call_reader(c, &db);

	if (!r)
		r = store_get_json(db, STMT_API_TERMINAL, STORE_ARGS(v_int(id)), &row);
	if (r <= 0)
		return r ? r : call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	r = add_part(db, row, "macs", STMT_API_TERMINAL_MACS, id);
	if (!r)
		r = flatten_macs(row);
	if (!r)
		r = add_part(db, row, "accounts", STMT_API_TERMINAL_ACCOUNTS, id);
	if (!r)
		r = add_part(db, row, "permits", STMT_API_TERMINAL_PERMITS, id);
	if (!r)
		r = add_part(db, row, "places", STMT_API_TERMINAL_PLACES, id);
	if (r) {
		json_decref(row);
		return r;
	}
	return call_answer(c, 200, row);
}

static int get_run(struct call *c)
{
	int r = check_visible(c);

	return r ? r : answer_terminal(c, call_path_id(c, 0));
}

json_t *reason_json(const char *code)
{
	const struct reason_text *text;
	enum reason reason = reason_from_code(code ? code : "");

	if (reason == REASON_NONE || reason == REASON_COUNT)
		return json_null();
	text = reason_text(reason);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "code", text->code, "clause",
			 text->clause, "zh", text->zh, "en", text->en, "zh_todo", text->zh_todo,
			 "en_todo", text->en_todo);
}

static json_t *findings_json(const char *failing)
{
	json_t *list = json_array();

	while (*failing) {
		size_t len = strcspn(failing, ",");

		if (len)
			json_array_append_new(list, json_stringn(failing, len));
		failing += len + (failing[len] == ',');
	}
	return list;
}

static const char *knock_text(const json_t *knock, const char *name)
{
	return json_string_value(json_object_get(knock, name));
}

static int why_run(struct call *c)
{
	int64_t id = call_path_id(c, 0), online;
	json_t *knock = NULL;
	struct store_db *db;
	struct terminal t;
	bool knocked;
	int r = check_visible(c);

	if (!r)
		r = call_reader(c, &db);
	if (!r)
		r = terminal_load(db, id, &t);
	if (r == 1)
		r = store_get_int(db, STMT_TERMINAL_SESSION_OPEN, STORE_ARGS(v_int(id)), 0,
				  &online);
	if (!r)
		r = store_get_json(db, STMT_API_TERMINAL_KNOCK, STORE_ARGS(v_int(id)), &knock);
	if (r < 0)
		return r;
	knocked = r == 1;
	return call_answer(
		c, 200,
		json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:b}", "online", online > 0, "verdict",
			  knocked ? json_string(knock_text(knock, "verdict")) : json_null(),
			  "reason", reason_json(knock_text(knock, "reason")), "would_be",
			  reason_json(knock_text(knock, "would_be_reason")), "knock",
			  knocked ? knock : json_null(), "findings",
			  findings_json(t.posture_failing), "isolated_by_person",
			  t.isolated_at_ms != 0));
}

static int timeline_run(struct call *c)
{
	struct store_db *db;
	struct terminal t;
	int r = check_visible(c);

	if (!r)
		r = call_reader(c, &db);
	if (!r)
		r = terminal_load(db, call_path_id(c, 0), &t);
	return r < 0 ? r : !r ? call_refuse(c, REFUSAL_NOT_FOUND, NULL) : timeline_answer(c, &t);
}

static int inventory_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_TERMINAL_INVENTORY,
					 .has_total = true,
					 .total = STMT_API_TERMINAL_INVENTORY_TOTAL,
					 .key = "key",
					 .hide_key = true};
	int r = check_visible(c);

	return r ? r : list_answer(c, &list);
}

/* ---- acts ---- */

static int deed_terminal(struct deed *d, struct terminal *ret)
{
	int r = terminal_load(store_writer(d->store), call_path_id(d->call, 0), ret);

	if (r <= 0)
		return r ? r : -ENOENT;
	return deed_over(d, ret->unit_id);
}

static int run_terminal(struct call *c, int (*act)(struct deed *d))
{
	struct deed d = {0};
	int r = call_do(c, &d, act, TOPIC_TERMINAL | TOPIC_PROPOSAL);

	if (r)
		return r;
	return d.proposed ? answer_proposal(c, 202, d.id) : answer_terminal(c, call_path_id(c, 0));
}

/* A new owner is somebody of the caller's own units; whoever owns it already may stay. */
static int check_owner(struct deed *d, const struct terminal *t)
{
	int64_t owner_id = call_int(d->call, "owner_id", t->owner_id);
	struct person owner;
	int r;

	if (!owner_id)
		return 0;
	r = person_load(store_writer(d->store), owner_id, &owner);
	if (r <= 0)
		return r ? r : refuse(&d->refused, REFUSAL_NOT_FOUND, "owner_id");
	if (owner.ended)
		return refuse(&d->refused, REFUSAL_ENDED, "owner_id");
	return owner_id == t->owner_id ? 0 : deed_over(d, owner.unit_id);
}

static int change_act(struct deed *d)
{
	const struct call *c = d->call;
	const char *name = call_text(c, "name"), *place = call_text(c, "place");
	struct terminal_place changed;
	struct terminal t;
	json_t *row = NULL;
	int r = deed_terminal(d, &t);

	if (!r)
		r = check_owner(d, &t);
	if (!r)
		r = store_get_json(store_writer(d->store), STMT_API_TERMINAL,
				   STORE_ARGS(v_int(t.id)), &row);
	if (r != 1)
		return r ? r : -ENOENT;
	changed = (struct terminal_place){
		.unit_id = t.unit_id,
		.owner_id = call_int(c, "owner_id", t.owner_id),
		.name = name ? name : t.name,
		.place = place ? place : json_string_value(json_object_get(row, "place"))};
	r = terminal_change(d->store, d->now_ms, &d->actor, t.id, &changed);
	json_decref(row);
	return r;
}

static int change_run(struct call *c)
{
	return run_terminal(c, change_act);
}

static int isolate_act(struct deed *d)
{
	int64_t until = call_int(d->call, "until_at", 0);
	struct terminal t;
	int r = deed_terminal(d, &t);

	if (!r && until && until <= d->now_ms)
		r = refuse(&d->refused, REFUSAL_TIME_PAST, "until_at");
	if (!r && until > d->now_ms + ISOLATE_MOST_MS)
		r = refuse(&d->refused, REFUSAL_TIME_FAR, "until_at");
	return r ? r
		 : terminal_isolate(d->store, d->now_ms, &d->actor, t.id, until,
				    call_text(d->call, "reason"));
}

static int isolate_run(struct call *c)
{
	return run_terminal(c, isolate_act);
}

static int release_act(struct deed *d)
{
	struct terminal t;
	int r = deed_terminal(d, &t);

	return r ? r
		 : terminal_release(d->store, d->now_ms, &d->actor, t.id,
				    call_text(d->call, "reason"));
}

static int release_run(struct call *c)
{
	return run_terminal(c, release_act);
}

/* Exempting weakens (invariant 9); taking the exemption back does not. */
static int lifeline_act(struct deed *d)
{
	const char *reason = call_text(d->call, "reason");
	bool lifeline = call_bool(d->call, "lifeline", false);
	struct terminal t;
	int r = deed_terminal(d, &t);

	if (!r && t.lifeline == lifeline)
		r = -EALREADY;
	if (r)
		return r;
	d->proposed = lifeline;
	if (!lifeline)
		return terminal_set_lifeline(d->store, d->now_ms, &d->actor, t.id, false, reason);
	return proposal_make(
		d->store, d->now_ms, &d->actor,
		&(struct proposal_spec){.kind = "terminal.lifeline",
					.unit_id = t.unit_id,
					.subject_id = t.id,
					.reason = reason,
					.detail = json_pack("{s:s}", "asset_no", t.asset_no)},
		&d->id, &d->refused);
}

static int lifeline_run(struct call *c)
{
	return run_terminal(c, lifeline_act);
}

static int code_act(struct deed *d)
{
	struct terminal t;
	int r = deed_terminal(d, &t);

	d->code_expires_at = d->now_ms + ENROL_CODE_LIFE_MS;
	return r ? r
		 : enrol_code_issue(d->store, d->now_ms, &d->actor, t.id, d->code_expires_at,
				    d->code);
}

static int code_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, code_act, TOPIC_TERMINAL);

	return r ? r : call_answer(c, 200, deed_code_json(&d));
}

static int account_add_act(struct deed *d)
{
	int64_t account_id = call_int(d->call, "account_id", 0);
	struct account account;
	struct terminal t;
	int r = deed_terminal(d, &t);

	if (r)
		return r;
	r = account_load(store_writer(d->store), account_id, &account);
	if (r <= 0)
		return r ? r : refuse(&d->refused, REFUSAL_NOT_FOUND, "account_id");
	r = deed_over(d, account.unit_id);
	return r ? r : terminal_allow_account(d->store, d->now_ms, &d->actor, t.id, account_id);
}

static int account_add_run(struct call *c)
{
	return run_terminal(c, account_add_act);
}

static int account_end_act(struct deed *d)
{
	struct terminal t;
	int r = deed_terminal(d, &t);

	return r ? r
		 : terminal_end_account(d->store, d->now_ms, &d->actor, t.id,
					call_path_id(d->call, 1));
}

static int account_end_run(struct call *c)
{
	return run_terminal(c, account_end_act);
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/terminals",
	 .operation = "terminals_list",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_UNIT,
	 .query = list_query,
	 .run = list_run},
	{.method = "GET",
	 .path = "/terminals/{id}",
	 .operation = "terminal_get",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_UNIT,
	 .run = get_run},
	{.method = "PATCH",
	 .path = "/terminals/{id}",
	 .operation = "terminal_change",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = change_fields,
	 .fields_least = 1,
	 .run = change_run},
	{.method = "GET",
	 .path = "/terminals/{id}/why",
	 .operation = "terminal_why",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_UNIT,
	 .run = why_run},
	{.method = "GET",
	 .path = "/terminals/{id}/timeline",
	 .operation = "terminal_timeline",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_UNIT,
	 .query = page_query,
	 .run = timeline_run},
	{.method = "GET",
	 .path = "/terminals/{id}/inventory",
	 .operation = "terminal_inventory",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_UNIT,
	 .query = inventory_query,
	 .run = inventory_run},
	{.method = "POST",
	 .path = "/terminals/{id}/isolate",
	 .operation = "terminal_isolate",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = isolate_fields,
	 .run = isolate_run},
	{.method = "POST",
	 .path = "/terminals/{id}/release",
	 .operation = "terminal_release",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = release_run},
	{.method = "POST",
	 .path = "/terminals/{id}/lifeline",
	 .operation = "terminal_lifeline",
	 .roles = ROLE_SECURITY,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = lifeline_fields,
	 .run = lifeline_run},
	{.method = "POST",
	 .path = "/terminals/{id}/enrol-code",
	 .operation = "terminal_enrol_code",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = code_run},
	{.method = "POST",
	 .path = "/terminals/{id}/accounts",
	 .operation = "terminal_account_add",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = account_fields,
	 .run = account_add_run},
	{.method = "POST",
	 .path = "/terminals/{id}/accounts/{account}/end",
	 .operation = "terminal_account_end",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .run = account_end_run},
};

const struct route_noun terminal_routes = {routes, ARRAY_SIZE(routes)};
