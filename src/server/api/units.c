/* The organisation tree. */
#include "server/api/nouns.h"
#include "server/engine/org.h"
#include "server/engine/period.h"
#include "server/engine/proposal.h"
#include "server/engine/unit_choice.h"

static const char *const kind_choices[] = {"branch", "outlet", "department", NULL};

static const struct value_rule create_fields[] = {
	{RULE_ID("parent_id"), .required = true},
	{RULE_CHOICE("kind", kind_choices), .required = true},
	{RULE_CODE("code"), .required = true},
	{RULE_NAME("name"), .required = true},
	{.name = NULL},
};

static const struct value_rule change_fields[] = {
	{RULE_NAME("name"), .required = true},
	{.name = NULL},
};

static const struct value_rule mode_fields[] = {
	{RULE_CHOICE("mode", mode_choices), .required = true},
	{RULE_TIME("enforce_from_at")},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

static const struct value_rule grace_fields[] = {
	{.name = "posture_hours", .kind = VALUE_INT, .min = 0, .max = UNIT_GRACE_HOURS_MOST},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

static const struct value_rule last_known_fields[] = {
	{.name = "last_known_days", .kind = VALUE_INT, .min = 0, .max = UNIT_LAST_KNOWN_DAYS_MOST},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

#define UNITS_MAX 20000

static int list_run(struct call *c)
{
	CLEANUP_FREE char *scope = NULL;
	int r = call_scope(c, &scope);

	return r ? r
		 : call_answer_rows(
			   c, STMT_API_UNITS,
			   STORE_ARGS(v_int(c->now_ms), v_int(c->account.id), v_text(scope)),
			   UNITS_MAX);
}

static int answer_unit(struct call *c, unsigned status, int64_t id)
{
	return call_answer_row(c, status, STMT_API_UNIT, STORE_ARGS(v_int(id)));
}

static int get_run(struct call *c)
{
	struct unit unit;
	struct store_db *db;
	int r = call_reader(c, &db);

	if (!r)
		r = unit_load(db, call_path_id(c, 0), &unit);
	if (r <= 0)
		return r ? r : call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	/* Everybody may see the units that the own one stands under. */
	if (strncmp(c->account.unit_path, unit.path, strlen(unit.path)) != 0) {
		r = call_over(c, unit.id, NULL);
		if (r)
			return r;
	}
	return answer_unit(c, 200, unit.id);
}

static int create_act(struct deed *d)
{
	const struct call *c = d->call;
	struct unit_spec spec = {.parent_id = call_int(c, "parent_id", 0),
				 .kind = call_text(c, "kind"),
				 .code = call_text(c, "code"),
				 .name = call_text(c, "name")};
	int r = deed_over(d, spec.parent_id);

	return r ? r : unit_create(d->store, d->now_ms, &d->actor, &spec, &d->id, &d->refused);
}

static int create_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, create_act, TOPIC_UNIT);

	return r ? r : answer_unit(c, 201, d.id);
}

static int change_act(struct deed *d)
{
	int64_t id = call_path_id(d->call, 0);
	int r = deed_over(d, id);

	return r ? r : unit_rename(d->store, d->now_ms, &d->actor, id, call_text(d->call, "name"));
}

static int change_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, change_act, TOPIC_UNIT);

	return r ? r : answer_unit(c, 200, call_path_id(c, 0));
}

static int end_act(struct deed *d)
{
	int64_t id = call_path_id(d->call, 0);
	int r = deed_over(d, id);

	return r ? r
		 : unit_end(d->store, d->now_ms, &d->actor, id, call_text(d->call, "reason"),
			    &d->refused);
}

static int end_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, end_act, TOPIC_UNIT);

	return r ? r : answer_unit(c, 200, call_path_id(c, 0));
}

/* The mode, and from when on people are told that it enforces; either alone, too. */
static int set_mode(struct deed *d, const struct unit *unit, const char *mode, const char *reason)
{
	int64_t from = call_int(d->call, "enforce_from_at", -1);
	int r = unit_set_mode(d->store, d->now_ms, &d->actor, unit->id, mode, reason);

	if (from < 0 || (r && r != -EALREADY))
		return r;
	if (from && from <= d->now_ms)
		return refuse(&d->refused, REFUSAL_TIME_PAST, "enforce_from_at");
	return unit_announce(d->store, d->now_ms, &d->actor, unit->id, from, reason);
}

/* Less than before is for two persons (invariant 9); in a frozen period any change is. */
static int mode_act(struct deed *d)
{
	int64_t id = call_path_id(d->call, 0);
	const char *mode = call_text(d->call, "mode"), *reason = call_text(d->call, "reason");
	struct unit unit;
	bool frozen;
	int r = deed_over(d, id);

	if (r)
		return r;
	r = unit_load(store_writer(d->store), id, &unit);
	if (r <= 0)
		return r ? r : -ENOENT;
	r = period_is_frozen(store_writer(d->store), id, d->now_ms, &frozen);
	if (r)
		return r;
	d->proposed = unit_mode_rank(mode) < unit_mode_rank(unit.mode) ||
		      (frozen && strcmp(mode, unit.mode) != 0);
	if (!d->proposed)
		return set_mode(d, &unit, mode, reason);
	return proposal_make(d->store, d->now_ms, &d->actor,
			     &(struct proposal_spec){.kind = "unit.mode",
						     .unit_id = id,
						     .subject_id = id,
						     .reason = reason,
						     .detail = json_pack("{s:s, s:s}", "from",
									 unit.mode, "mode", mode)},
			     &d->id, &d->refused);
}

/* An act that may become a proposal. */
static int propose_run(struct call *c, int (*act)(struct deed *d))
{
	struct deed d = {0};
	int r = call_do(c, &d, act, TOPIC_UNIT | TOPIC_PROPOSAL);

	if (r)
		return r;
	return d.proposed ? answer_proposal(c, 202, d.id) : answer_unit(c, 200, call_path_id(c, 0));
}

static int mode_run(struct call *c)
{
	return propose_run(c, mode_act);
}

static int choose_act(struct deed *d, const struct unit_choice *choice, const char *field)
{
	int64_t id = call_path_id(d->call, 0), value = call_int(d->call, field, UNIT_AS_ABOVE);
	const char *reason = call_text(d->call, "reason");
	int r = deed_over(d, id);

	if (!r)
		r = unit_choice_weakens(d->store, d->now_ms, choice, id, value, &d->proposed,
					&d->refused);
	if (r)
		return r;
	if (!d->proposed)
		return unit_choose(d->store, d->now_ms, &d->actor, choice, id, value, reason,
				   &d->refused);
	return proposal_make(d->store, d->now_ms, &d->actor,
			     &(struct proposal_spec){.kind = choice->act,
						     .unit_id = id,
						     .subject_id = id,
						     .reason = reason,
						     .detail = unit_choice_detail(value)},
			     &d->id, &d->refused);
}

static int grace_act(struct deed *d)
{
	return choose_act(d, &unit_grace, "posture_hours");
}

static int grace_run(struct call *c)
{
	return propose_run(c, grace_act);
}

static int last_known_act(struct deed *d)
{
	return choose_act(d, &unit_last_known, "last_known_days");
}

static int last_known_run(struct call *c)
{
	return propose_run(c, last_known_act);
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/units",
	 .operation = "units_list",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_UNIT,
	 .run = list_run},
	{.method = "POST",
	 .path = "/units",
	 .operation = "unit_create",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = create_fields,
	 .run = create_run},
	{.method = "GET",
	 .path = "/units/{id}",
	 .operation = "unit_get",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_UNIT,
	 .run = get_run},
	{.method = "PATCH",
	 .path = "/units/{id}",
	 .operation = "unit_change",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = change_fields,
	 .run = change_run},
	{.method = "POST",
	 .path = "/units/{id}/end",
	 .operation = "unit_end",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = end_run},
	{.method = "POST",
	 .path = "/units/{id}/mode",
	 .operation = "unit_mode",
	 .roles = ROLE_SECURITY,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = mode_fields,
	 .run = mode_run},
	{.method = "POST",
	 .path = "/units/{id}/posture-grace",
	 .operation = "unit_posture_grace",
	 .roles = ROLE_SECURITY,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = grace_fields,
	 .run = grace_run},
	{.method = "POST",
	 .path = "/units/{id}/last-known",
	 .operation = "unit_last_known",
	 .roles = ROLE_SECURITY,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = last_known_fields,
	 .run = last_known_run},
};

const struct route_noun unit_routes = {routes, ARRAY_SIZE(routes)};
