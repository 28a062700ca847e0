/* What would become of a knock: head office draws no picture of its own, it asks a gate, which
 * decides as it would for a switch (invariant 4 goes the other way: here somebody asks it). */
#include "base/text.h"
#include "policy/verdict.h"
#include "server/api/nouns.h"

#define READERS (ROLE_SECURITY | ROLE_REGIONAL | ROLE_AUDITOR)
#define GATES_MAX 1000

static const struct value_rule explain_query[] = {
	{RULE_MAC("mac"), .required = true},
	{RULE_ACCOUNT("account")},
	{RULE_ID("switch"), .required = true},
	{.name = "port", .kind = VALUE_TEXT, .required = true, .min = 1, .max = 63, .bytes = 63},
	{.name = NULL},
};

/* The switch with its unit, which the caller may see; and the gates, the nearest first. */
static int load(struct call *c, json_t **ret_switch, json_t **ret_gates)
{
	int64_t id = call_query_int(c, "switch", 0);
	json_t *row = NULL;
	struct store_db *db;
	int r = call_reader(c, &db);

	if (!r)
		r = store_get_json(db, STMT_API_SWITCH, STORE_ARGS(v_int(id)), &row);
	if (r <= 0)
		return r ? r : call_refuse(c, REFUSAL_NOT_FOUND, "switch");
	r = call_over(c, json_integer_value(json_object_get(row, "unit_id")), NULL);
	if (!r && json_is_integer(json_object_get(row, "ended_at")))
		r = call_refuse(c, REFUSAL_ENDED, "switch");
	if (!r)
		r = store_list_json(db, STMT_API_GATES_NEAR, STORE_ARGS(v_int(id)), GATES_MAX,
				    ret_gates);
	if (r)
		json_decref(row);
	else
		*ret_switch = row;
	return r;
}

/* The first that answers; what a gate cannot say, because it has no snapshot yet or not this
 * switch, the next one may. */
static int ask_gates(struct call *c, const json_t *gates, const struct api_ask *ask,
		     const char **ret_gate, struct api_explained *ret)
{
	const struct api_options *o = &c->api->options;
	const json_t *row;
	size_t i;

	json_array_foreach(gates, i, row)
	{
		const char *name = json_string_value(json_object_get(row, "name"));
		int err = o->explain && name ? o->explain(o->gate_arg, name, ask, ret) : -ENOTCONN;

		if (!err && ret->reason[0]) {
			*ret_gate = name;
			return 0;
		}
		if (err == -EBUSY)
			return call_refuse(c, REFUSAL_BUSY, NULL);
		if (err == -ETIMEDOUT) /* one wait a call */
			break;
	}
	return call_refuse(c, REFUSAL_NO_GATE, NULL);
}

static bool is_known(const struct api_explained *e)
{
	return e->verdict <= VERDICT_ADMIT && e->would_be <= VERDICT_ADMIT &&
	       e->mode <= MODE_ENFORCE && e->method <= KNOCK_EAP_TLS;
}

static json_t *answer_of(const char *gate, const json_t *at, const struct mac *mac,
			 const struct api_explained *e)
{
	char text[MAC_TEXT_SIZE];

	mac_format(text, mac);
	return json_pack("{s:s, s:s, s:s, s:O, s:O, s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:b}",
			 "gate", gate, "mac", text, "account", e->account, "switch_id",
			 json_object_get(at, "id"), "switch_name", json_object_get(at, "name"),
			 "port", e->port, "method", knock_method_name((enum knock_method)e->method),
			 "mode", mode_name((enum mode)e->mode), "verdict",
			 verdict_name((enum verdict)e->verdict), "reason", reason_json(e->reason),
			 "would_be", verdict_name((enum verdict)e->would_be), "would_be_reason",
			 reason_json(e->would_be_reason), "standing", e->standing);
}

static int answer(struct call *c, const json_t *at, const json_t *gates)
{
	const char *account = call_query_text(c, "account");
	struct api_ask ask = {.account = account ? account : "",
			      .at = json_string_value(json_object_get(at, "name")),
			      .port = call_query_text(c, "port")};
	struct api_explained e;
	const char *gate = NULL;
	int r = mac_parse(call_query_text(c, "mac"), &ask.mac);

	if (!r)
		r = ask_gates(c, gates, &ask, &gate, &e);
	if (!r && !is_known(&e))
		r = call_refuse(c, REFUSAL_NO_GATE, NULL); /* a newer gate than this server */
	return r ? r : call_answer(c, 200, answer_of(gate, at, &ask.mac, &e));
}

static int explain_run(struct call *c)
{
	json_t *at = NULL, *gates = NULL;
	int r = load(c, &at, &gates);

	if (r)
		return r;
	call_drop_reader(c);
	r = answer(c, at, gates);
	json_decref(at);
	json_decref(gates);
	return r;
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/admission/explain",
	 .operation = "admission_explain",
	 .roles = READERS,
	 .scope = SCOPE_UNIT,
	 .query = explain_query,
	 .run = explain_run},
};

const struct route_noun explain_routes = {routes, ARRAY_SIZE(routes)};
