/* People: who belongs where, and what is taken from a leaver. */
#include "server/api/nouns.h"
#include "server/engine/org.h"

static const struct value_rule create_fields[] = {
	{RULE_ID("unit_id"), .required = true},	   {RULE_NAME("name"), .required = true},
	{RULE_CODE("staff_no"), .required = true}, {RULE_CHOICE("post", post_choices)},
	{RULE_TEXT("phone", 32), .bytes = 32},	   {.name = NULL},
};

static const struct value_rule change_fields[] = {
	{RULE_ID("unit_id")},
	{RULE_NAME("name")},
	{RULE_CHOICE("post", post_choices)},
	{RULE_TEXT("phone", 32), .bytes = 32},
	{.name = NULL},
};

static const struct value_rule list_query[] = {
	LIST_QUERY,
	{RULE_ID("unit")},
	{RULE_NAME("q")},
	{.name = NULL},
};

static int list_run(struct call *c)
{
	static const struct list list = {
		.page = STMT_API_PEOPLE, .has_total = true, .total = STMT_API_PEOPLE_TOTAL};

	return list_answer(c, &list);
}

static int answer_person(struct call *c, unsigned status, int64_t id)
{
	return call_answer_row(c, status, STMT_API_PERSON, STORE_ARGS(v_int(id)));
}

static int get_run(struct call *c)
{
	struct person person;
	struct store_db *db;
	int r = call_reader(c, &db);

	if (!r)
		r = person_load(db, call_path_id(c, 0), &person);
	if (r <= 0)
		return r ? r : call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	r = call_over(c, person.unit_id, NULL);
	return r ? r : answer_person(c, 200, person.id);
}

static int create_act(struct deed *d)
{
	const struct call *c = d->call;
	const char *post = call_text(c, "post"), *phone = call_text(c, "phone");
	struct person_spec spec = {.unit_id = call_int(c, "unit_id", 0),
				   .name = call_text(c, "name"),
				   .staff_no = call_text(c, "staff_no"),
				   .post = post ? post : "",
				   .phone = phone ? phone : ""};
	int r = deed_over(d, spec.unit_id);

	return r ? r : person_create(d->store, d->now_ms, &d->actor, &spec, &d->id, &d->refused);
}

static int create_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, create_act, TOPIC_PERSON);

	return r ? r : answer_person(c, 201, d.id);
}

/* The person that the path names, within the caller's scope. */
static int deed_person(struct deed *d, struct person *ret)
{
	int r = person_load(store_writer(d->store), call_path_id(d->call, 0), ret);

	if (r <= 0)
		return r ? r : -ENOENT;
	return deed_over(d, ret->unit_id);
}

static int change_act(struct deed *d)
{
	const struct call *c = d->call;
	const char *name = call_text(c, "name"), *post = call_text(c, "post"),
		   *phone = call_text(c, "phone");
	struct person_spec spec;
	struct person old;
	int r = deed_person(d, &old);

	if (r)
		return r;
	spec = (struct person_spec){.unit_id = call_int(c, "unit_id", old.unit_id),
				    .name = name ? name : old.name,
				    .post = post ? post : old.post,
				    .phone = phone ? phone : old.phone};
	r = deed_over(d, spec.unit_id);
	return r ? r : person_change(d->store, d->now_ms, &d->actor, old.id, &spec, &d->refused);
}

static int change_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, change_act, TOPIC_PERSON | TOPIC_ACCOUNT);

	return r ? r : answer_person(c, 200, call_path_id(c, 0));
}

static int end_act(struct deed *d)
{
	struct person person;
	int r = deed_person(d, &person);

	return r ? r
		 : person_end(d->store, d->now_ms, &d->actor, person.id,
			      call_text(d->call, "reason"));
}

static int end_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, end_act, TOPIC_PERSON | TOPIC_ACCOUNT | TOPIC_TERMINAL);

	return r ? r : answer_person(c, 200, call_path_id(c, 0));
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/people",
	 .operation = "people_list",
	 .roles = READERS_ALL,
	 .scope = SCOPE_UNIT,
	 .query = list_query,
	 .run = list_run},
	{.method = "POST",
	 .path = "/people",
	 .operation = "person_create",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = create_fields,
	 .run = create_run},
	{.method = "GET",
	 .path = "/people/{id}",
	 .operation = "person_get",
	 .roles = READERS_ALL,
	 .scope = SCOPE_UNIT,
	 .run = get_run},
	{.method = "PATCH",
	 .path = "/people/{id}",
	 .operation = "person_change",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = change_fields,
	 .fields_least = 1,
	 .run = change_run},
	{.method = "POST",
	 .path = "/people/{id}/end",
	 .operation = "person_end",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = end_run},
};

const struct route_noun person_routes = {routes, ARRAY_SIZE(routes)};
