/* Frozen periods, maintenance windows (server/engine/period.h), and the modes of single ports. */
#include <stdio.h>

#include "server/api/nouns.h"
#include "server/engine/org.h"
#include "server/engine/period.h"
#include "server/engine/proposal.h"

#define ACTORS (ROLE_SECURITY | ROLE_REGIONAL)
#define READERS (ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL | ROLE_AUDITOR)
#define PORT_MODES_MOST 2000

static const char *const kind_choices[] = {"frozen", "maintenance", NULL};
static const char *const port_mode_choices[] = {"", "observe", "warn", "enforce", NULL};

static const struct value_rule list_query[] = {
	LIST_QUERY,
	{RULE_ID("unit")},
	{.name = NULL},
};

static const struct value_rule begin_fields[] = {
	{RULE_CHOICE("kind", kind_choices), .required = true},
	{RULE_ID("unit_id")},
	{RULE_ID("switch_id")},
	{RULE_TIME("from_at"), .required = true},
	{RULE_TIME("until_at"), .required = true},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

static const struct value_rule port_mode_fields[] = {
	{.name = "port", .kind = VALUE_TEXT, .required = true, .min = 1, .max = 63, .bytes = 63},
	{RULE_CHOICE("mode", port_mode_choices), .required = true},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

static int list_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_PERIODS, .newest_first = true};

	return list_answer(c, &list);
}

/* ---- a new one ---- */

static int unit_of_switch(struct deed *d, int64_t switch_id, int64_t *ret)
{
	int r = store_get_int(store_writer(d->store), STMT_API_SWITCH_UNIT,
			      STORE_ARGS(v_int(switch_id)), 0, ret);

	return r ? r : *ret ? 0 : refuse(&d->refused, REFUSAL_NOT_FOUND, "switch_id");
}

static int find_place(struct deed *d, struct period_spec *p)
{
	p->unit_id = call_int(d->call, "unit_id", 0);
	p->switch_id = call_int(d->call, "switch_id", 0);
	if (!p->unit_id == !p->switch_id)
		return refuse(&d->refused, REFUSAL_VALUE_WRONG, "unit_id");
	return p->switch_id ? unit_of_switch(d, p->switch_id, &p->unit_id) : 0;
}

/* A frozen period is head office's to open: what a branch weakens for itself is its windows. */
static int check_opener(struct deed *d, const struct period_spec *p)
{
	struct unit unit;
	int r = deed_over(d, p->unit_id);

	if (r || strcmp(p->kind, "frozen") != 0)
		return r;
	r = unit_load(store_writer(d->store), p->unit_id, &unit);
	if (r <= 0)
		return r ? r : -ENOENT;
	return account_role_over(&d->account, ROLE_SECURITY, unit.path)
		       ? 0
		       : refuse(&d->refused, REFUSAL_ROLE_MISSING, NULL);
}

static int check_times(struct deed *d, const struct period_spec *p)
{
	switch (period_check(p, d->now_ms)) {
	case -ETIME:
		return refuse(&d->refused, REFUSAL_TIME_PAST, "until_at");
	case -ERANGE:
		return refuse(&d->refused, REFUSAL_TIME_FAR, "until_at");
	case -EINVAL:
		return refuse(&d->refused, REFUSAL_VALUE_WRONG, "kind");
	default:
		return 0;
	}
}

static int begin_act(struct deed *d)
{
	struct period_spec p = {.kind = call_text(d->call, "kind"),
				.from_ms = call_int(d->call, "from_at", 0),
				.until_ms = call_int(d->call, "until_at", 0)};
	int r = find_place(d, &p);

	if (!r)
		r = check_opener(d, &p);
	if (!r)
		r = check_times(d, &p);
	if (r)
		return r;
	return proposal_make(
		d->store, d->now_ms, &d->actor,
		&(struct proposal_spec){.kind = period_act(&p),
					.unit_id = p.unit_id,
					.subject_id = p.switch_id ? p.switch_id : p.unit_id,
					.reason = call_text(d->call, "reason"),
					.detail = json_pack("{s:s, s:I, s:I, s:I}", "kind", p.kind,
							    "switch_id", (json_int_t)p.switch_id,
							    "from_at", (json_int_t)p.from_ms,
							    "until_at", (json_int_t)p.until_ms)},
		&d->id, &d->refused);
}

static int begin_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, begin_act, TOPIC_PROPOSAL);

	return r ? r : answer_proposal(c, 202, d.id);
}

static int end_act(struct deed *d)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int64_t id = call_path_id(d->call, 0);
	int r = store_select(store_writer(d->store), STMT_PERIOD_FACTS, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r ? r : -ENOENT;
	r = deed_over(d, store_int(c, 1));
	return r ? r : period_end(d->store, d->now_ms, &d->actor, id, call_text(d->call, "reason"));
}

static int end_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, end_act, TOPIC_UNIT | TOPIC_SWITCH);

	return r ? r : call_answer(c, 200, json_object());
}

/* ---- modes of ports ---- */

static int port_modes_run(struct call *c)
{
	CLEANUP_FREE char *scope = NULL;
	struct store_db *db;
	json_t *rows;
	int r = call_scope(c, &scope);

	if (!r)
		r = call_reader(c, &db);
	if (!r)
		r = store_list_json(db, STMT_API_PORT_MODES, STORE_ARGS(v_text(scope)),
				    PORT_MODES_MOST, &rows);
	return r ? r : call_answer(c, 200, json_pack("{s:o}", "rows", rows));
}

/* The mode that holds at the port now: its own, else its unit's. */
static int mode_at_port(struct deed *d, int64_t switch_id, const struct unit *unit,
			char ret[static sizeof(unit->mode)])
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(store_writer(d->store), STMT_PORT_MODE_GET,
			     STORE_ARGS(v_int(switch_id), v_text(call_text(d->call, "port"))), &c);

	if (!r)
		r = store_next(c);
	if (r < 0)
		return r;
	snprintf(ret, sizeof(unit->mode), "%.15s",
		 r == 1 && store_text(c, 0)[0] ? store_text(c, 0) : unit->mode);
	return 0;
}

static int set_port(struct deed *d, int64_t id, const struct unit *unit, bool frozen)
{
	const char *mode = call_text(d->call, "mode"), *port = call_text(d->call, "port"),
		   *reason = call_text(d->call, "reason");
	char now[sizeof(unit->mode)];
	int r = mode_at_port(d, id, unit, now);

	if (r)
		return r;
	d->proposed = frozen || unit_mode_rank(mode[0] ? mode : unit->mode) < unit_mode_rank(now);
	if (!d->proposed) {
		r = switch_set_port_mode(d->store, d->now_ms, &d->actor, id, port, mode, reason);
		return r == -EMSGSIZE ? refuse(&d->refused, REFUSAL_TOO_LARGE, "port") : r;
	}
	return proposal_make(
		d->store, d->now_ms, &d->actor,
		&(struct proposal_spec){.kind = "switch.port-mode",
					.unit_id = unit->id,
					.subject_id = id,
					.reason = reason,
					.detail = json_pack("{s:s, s:s, s:s}", "port", port, "from",
							    now, "mode", mode)},
		&d->id, &d->refused);
}

static int port_mode_act(struct deed *d)
{
	int64_t id = call_path_id(d->call, 0), unit_id = 0;
	struct unit unit;
	bool frozen;
	int r = store_get_int(store_writer(d->store), STMT_API_SWITCH_UNIT, STORE_ARGS(v_int(id)),
			      0, &unit_id);

	if (!r && !unit_id)
		r = -ENOENT;
	if (!r)
		r = deed_over(d, unit_id);
	if (!r)
		r = period_is_frozen(store_writer(d->store), unit_id, d->now_ms, &frozen);
	if (r)
		return r;
	r = unit_load(store_writer(d->store), unit_id, &unit);
	return r <= 0 ? (r ? r : -ENOENT) : set_port(d, id, &unit, frozen);
}

static int port_mode_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, port_mode_act, TOPIC_SWITCH | TOPIC_PROPOSAL);

	if (r)
		return r;
	return d.proposed ? answer_proposal(c, 202, d.id)
			  : call_answer_row(c, 200, STMT_API_SWITCH,
					    STORE_ARGS(v_int(call_path_id(c, 0))));
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/periods",
	 .operation = "periods_list",
	 .roles = READERS,
	 .scope = SCOPE_UNIT,
	 .query = list_query,
	 .run = list_run},
	{.method = "POST",
	 .path = "/periods",
	 .operation = "period_propose",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = begin_fields,
	 .run = begin_run},
	{.method = "POST",
	 .path = "/periods/{id}/end",
	 .operation = "period_end",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = end_run},
	{.method = "GET",
	 .path = "/admission/port-modes",
	 .operation = "port_modes_list",
	 .roles = READERS,
	 .scope = SCOPE_UNIT,
	 .run = port_modes_run},
	{.method = "POST",
	 .path = "/switches/{id}/port-mode",
	 .operation = "switch_port_mode",
	 .roles = ROLE_SECURITY,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = port_mode_fields,
	 .run = port_mode_run},
};

const struct route_noun period_routes = {routes, ARRAY_SIZE(routes)};
