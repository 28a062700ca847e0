/* How many live terminals a switch port may have (D24), for a unit or for one switch. */
#include "server/engine/ports.h"
#include "server/api/nouns.h"
#include "server/engine/period.h"

#define SETTERS (ROLE_SECURITY | ROLE_REGIONAL)

static const struct value_rule fields[] = {
	{.name = "terminals",
	 .kind = VALUE_INT,
	 .min = 0,
	 .max = PORT_TERMINALS_MOST,
	 .required = true},
	{RULE_BOOL("phone_beside")},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

static struct port_setting setting_of(const struct call *c)
{
	return (struct port_setting){.terminals = call_int(c, "terminals", 0),
				     .phone_beside = call_bool(c, "phone_beside", true),
				     .why = call_text(c, "reason")};
}

/* The limits of a frozen unit stay as they are. */
static int check_frozen(struct deed *d, int64_t unit)
{
	bool frozen;
	int r = period_is_frozen(store_writer(d->store), unit, d->now_ms, &frozen);

	return r || !frozen ? r : refuse(&d->refused, REFUSAL_FROZEN, NULL);
}

static int unit_act(struct deed *d)
{
	const struct port_setting setting = setting_of(d->call);
	int64_t id = call_path_id(d->call, 0);
	int r = deed_over(d, id);

	if (!r)
		r = check_frozen(d, id);
	return r ? r : unit_set_ports(d->store, d->now_ms, &d->actor, id, &setting);
}

static int unit_ports_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, unit_act, TOPIC_UNIT);

	return r ? r
		 : call_answer_row(c, 200, STMT_API_UNIT, STORE_ARGS(v_int(call_path_id(c, 0))));
}

static int switch_act(struct deed *d)
{
	const struct port_setting setting = setting_of(d->call);
	int64_t unit;
	int r = switch_over(d, &unit);

	if (!r)
		r = check_frozen(d, unit);
	return r ? r
		 : switch_set_ports(d->store, d->now_ms, &d->actor, call_path_id(d->call, 0),
				    &setting);
}

static int switch_ports_run(struct call *c)
{
	return switch_run(c, switch_act);
}

static const struct route routes[] = {
	{.method = "POST",
	 .path = "/units/{id}/ports",
	 .operation = "unit_ports",
	 .roles = SETTERS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = fields,
	 .run = unit_ports_run},
	{.method = "POST",
	 .path = "/switches/{id}/ports",
	 .operation = "switch_ports",
	 .roles = SETTERS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = fields,
	 .run = switch_ports_run},
};

const struct route_noun port_routes = {routes, ARRAY_SIZE(routes)};
