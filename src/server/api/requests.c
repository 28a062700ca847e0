/* Requests: what can be applied for, filing, deciding (clauses D03, D05). */
#include "server/api/nouns.h"
#include "server/engine/enrol.h"
#include "server/engine/request.h"

#define CODE_LIFE_MS (7 * 24 * 3600 * INT64_C(1000))
#define FILERS                                                                                     \
	(ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL | ROLE_APPROVER | ROLE_DEVICE_OFFICER |       \
	 ROLE_STAFF)

static const char *const view_choices[] = {"own", "due", "all", NULL};
static const char *const decision_choices[] = {"approved", "refused", NULL};

static const struct value_rule list_query[] = {
	LIST_QUERY,
	{RULE_ID("unit")},
	{RULE_NAME("q")},
	{.name = "kind", .kind = VALUE_TEXT, .min = 1, .max = 48},
	{RULE_CHOICE("status", request_status_choices)},
	{RULE_CHOICE("view", view_choices)},
	{.name = NULL},
};

static const struct value_rule file_fields[] = {
	{.name = "kind", .kind = VALUE_TEXT, .required = true, .min = 1, .max = 48},
	{RULE_ID("unit_id")},
	{.name = "form", .kind = VALUE_OBJECT, .required = true, .max = 64},
	{.name = NULL},
};

static const struct value_rule decide_fields[] = {
	{RULE_CHOICE("decision", decision_choices), .required = true},
	{.name = "step", .kind = VALUE_INT, .required = true, .min = 0, .max = 15},
	{RULE_TEXT("comment", 500)},
	{.name = NULL},
};

/* ---- kinds ---- */

static const char *const field_type_names[] = {
	[FIELD_TEXT] = "text", [FIELD_LONG_TEXT] = "long-text", [FIELD_CHOICE] = "choice",
	[FIELD_MAC] = "mac",   [FIELD_PERSON] = "person",	[FIELD_SWITCH] = "switch",
	[FIELD_DAYS] = "days", [FIELD_DATE] = "date",
};

static json_t *field_json(const struct request_field *field)
{
	json_t *options = json_array();

	for (const struct field_option *o = field->options; o && o->value; o++)
		json_array_append_new(options, json_pack("{s:s, s:s, s:s}", "value", o->value, "zh",
							 o->zh, "en", o->en));
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:I, s:o}", "name", field->name, "type",
			 field_type_names[field->type], "zh", field->zh, "en", field->en,
			 "required", field->required, "max", (json_int_t)field->max, "options",
			 options);
}

static json_t *kind_json(const struct request_kind *kind, bool may_file)
{
	json_t *clauses = json_array(), *fields = json_array(), *route = json_array();

	for (size_t i = 0; i < REQUEST_CLAUSES_MAX && kind->clauses[i]; i++)
		json_array_append_new(clauses, json_string(kind->clauses[i]));
	for (const struct request_field *field = kind->fields; field->name; field++)
		json_array_append_new(fields, field_json(field));
	for (const struct request_step *step = kind->route; step->name; step++)
		json_array_append_new(route, json_pack("{s:s, s:s, s:s, s:s}", "name", step->name,
						       "zh", step->zh, "en", step->en, "role",
						       role_name(step->role)));
	return json_pack("{s:s, s:s, s:s, s:o, s:b, s:o, s:o}", "id", kind->id, "zh", kind->zh,
			 "en", kind->en, "clauses", clauses, "may_file", may_file, "fields", fields,
			 "route", route);
}

static int kinds_run(struct call *c)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < request_kind_count; i++)
		json_array_append_new(rows,
				      kind_json(request_kinds[i],
						request_may_file(request_kinds[i], &c->account)));
	return call_answer(c, 200, json_pack("{s:o}", "rows", rows));
}

/* ---- reading ---- */

static int list_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_REQUESTS, .newest_first = true};

	return list_answer(c, &list);
}

/* An approved onboarding whose terminal has not enrolled yet. */
static bool awaits_enrolment(struct store_db *db, const struct request *q)
{
	int64_t id = json_integer_value(json_object_get(q->effect, "terminal_id"));
	struct terminal t;

	return !strcmp(q->status, "approved") && id && terminal_load(db, id, &t) == 1 &&
	       t.status == TERMINAL_APPROVED;
}

static int add_rights(struct call *c, struct store_db *db, int64_t id, json_t *row)
{
	CLEANUP_REQUEST struct request q = {0};
	struct refused why;
	bool own;
	int r = request_load(db, id, &q);

	if (r <= 0)
		return r ? r : -ENOENT;
	own = q.applicant_id == c->account.id;
	r = request_may_decide(db, &q, &c->account, &why);
	if (r < 0)
		return r;
	json_object_set_new(row, "may_decide", json_boolean(r));
	json_object_set_new(row, "may_withdraw", json_boolean(own && !strcmp(q.status, "pending")));
	json_object_set_new(row, "may_take_code", json_boolean(own && awaits_enrolment(db, &q)));
	return 0;
}

/* `once`: what is shown in this one answer; taken over; NULL: nothing. */
static int answer_request(struct call *c, unsigned status, int64_t id, json_t *once)
{
	struct store_db *db;
	json_t *row = NULL, *steps;
	int r = call_reader(c, &db);

	if (!r)
		r = store_get_json(db, STMT_API_REQUEST, STORE_ARGS(v_int(id)), &row);
	if (!r)
		r = call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	if (r == 1)
		r = store_list_json(db, STMT_API_REQUEST_STEPS, STORE_ARGS(v_int(id)),
				    REQUEST_STEPS_MAX, &steps);
	if (!r && json_object_set_new(row, "steps", steps))
		r = -ENOMEM;
	if (!r)
		r = add_rights(c, db, id, row);
	if (!r && once)
		json_object_set(row, "once", once);
	json_decref(once);
	if (r) {
		json_decref(row);
		return r;
	}
	return call_answer(c, status, row);
}

static int get_run(struct call *c)
{
	CLEANUP_FREE char *scope = NULL;
	struct store_db *db;
	int64_t visible;
	int r = call_scope(c, &scope);

	if (!r)
		r = call_reader(c, &db);
	if (!r)
		r = store_get_int(
			db, STMT_API_REQUEST_VISIBLE,
			STORE_ARGS(v_int(call_path_id(c, 0)), v_int(c->account.id), v_text(scope)),
			0, &visible);
	if (!r && !visible)
		r = call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	return r ? r : answer_request(c, 200, call_path_id(c, 0), NULL);
}

/* ---- acts ---- */

static int file_act(struct deed *d)
{
	const struct call *c = d->call;
	const struct request_kind *kind = request_kind_find(call_text(c, "kind"));

	if (!kind)
		return refuse(&d->refused, REFUSAL_VALUE_WRONG, "kind");
	return request_file(d->store, d->now_ms, &d->actor, &d->account, kind,
			    call_int(c, "unit_id", 0), json_object_get(c->body, "form"), &d->id,
			    &d->refused);
}

static int file_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, file_act, TOPIC_REQUEST);

	return r ? r : answer_request(c, 201, d.id, NULL);
}

/* The act is told under the role that the step asks for. */
static void act_as_step(struct deed *d, int64_t id)
{
	CLEANUP_REQUEST struct request q = {0};

	if (request_load(store_writer(d->store), id, &q) == 1)
		d->actor.role = role_name(q.kind->route[q.step].role);
}

static int decide_act(struct deed *d)
{
	const struct call *c = d->call;
	struct request_decision decision = {.id = call_path_id(c, 0),
					    .step = call_int(c, "step", 0),
					    .approve =
						    !strcmp(call_text(c, "decision"), "approved"),
					    .comment = call_text(c, "comment")};
	struct request_outcome outcome;
	int r;

	act_as_step(d, decision.id);
	r = request_decide(d->store, d->now_ms, &d->actor, &d->account, &decision, &outcome,
			   &d->refused);
	if (r)
		return r;
	memcpy(d->code, outcome.code, sizeof(d->code));
	d->code_expires_at = outcome.code_expires_at_ms;
	return 0;
}

static int decide_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, decide_act,
			TOPIC_REQUEST | TOPIC_TERMINAL | TOPIC_PERMIT | TOPIC_ACCOUNT);

	return r ? r
		 : answer_request(c, 200, call_path_id(c, 0),
				  d.code[0] ? deed_code_json(&d) : NULL);
}

static int withdraw_act(struct deed *d)
{
	return request_withdraw(d->store, d->now_ms, &d->actor, call_path_id(d->call, 0),
				call_text(d->call, "reason"), &d->refused);
}

static int withdraw_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, withdraw_act, TOPIC_REQUEST);

	return r ? r : answer_request(c, 200, call_path_id(c, 0), NULL);
}

static int code_act(struct deed *d)
{
	CLEANUP_REQUEST struct request q = {0};
	struct store_db *db = store_writer(d->store);
	int r = request_load(db, call_path_id(d->call, 0), &q);

	if (r <= 0)
		return r ? r : -ENOENT;
	if (q.applicant_id != d->account.id)
		return -ENOENT;
	if (!awaits_enrolment(db, &q))
		return refuse(&d->refused, REFUSAL_STATE, NULL);
	d->code_expires_at = d->now_ms + CODE_LIFE_MS;
	return enrol_code_issue(d->store, d->now_ms, &d->actor,
				json_integer_value(json_object_get(q.effect, "terminal_id")),
				d->code_expires_at, d->code);
}

static int code_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, code_act, TOPIC_TERMINAL);

	return r ? r : call_answer(c, 200, deed_code_json(&d));
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/request-kinds",
	 .operation = "request_kinds",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_NONE,
	 .unrecorded = true,
	 .run = kinds_run},
	{.method = "GET",
	 .path = "/requests",
	 .operation = "requests_list",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_UNIT,
	 .query = list_query,
	 .run = list_run},
	{.method = "POST",
	 .path = "/requests",
	 .operation = "request_create",
	 .roles = FILERS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = file_fields,
	 .run = file_run},
	{.method = "GET",
	 .path = "/requests/{id}",
	 .operation = "request_get",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_UNIT,
	 .run = get_run},
	{.method = "POST",
	 .path = "/requests/{id}/decide",
	 .operation = "request_decide",
	 .roles = ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL | ROLE_APPROVER,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = decide_fields,
	 .run = decide_run},
	{.method = "POST",
	 .path = "/requests/{id}/withdraw",
	 .operation = "request_withdraw",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_SELF,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = withdraw_run},
	{.method = "POST",
	 .path = "/requests/{id}/code",
	 .operation = "request_code",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_SELF,
	 .run = code_run},
};

const struct route_noun request_routes = {routes, ARRAY_SIZE(routes)};
