/* Access switches and gates. A switch's secret comes in and never goes out. */
#include "base/addr.h"
#include "base/text.h"
#include "server/api/nouns.h"
#include "server/engine/proposal.h"
#include "server/engine/switch.h"
#include "vendor/say.h"

#define GATE_READERS (ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL | ROLE_AUDITOR)
#define EXCEPTION_MOST_MS (180 * 24 * 3600 * INT64_C(1000))
#define ADDRESS_ALPHABET ALPHABET_DIGITS "abcdefABCDEF.:"
#define PRINTABLE                                                                                  \
	"!\"#$%&'()*+,-./" ALPHABET_DIGITS ":;<=>?@" ALPHABET_CAPITAL "[\\]^_`" ALPHABET_SMALL     \
	"{|}~"

#define RULE_ADDRESS                                                                               \
	.name = "address", .kind = VALUE_TEXT, .min = 2, .max = 45, .alphabet = ADDRESS_ALPHABET
#define RULE_SECRET                                                                                \
	.name = "secret", .kind = VALUE_TEXT, .min = SWITCH_SECRET_MIN, .max = 128,                \
	.alphabet = PRINTABLE
#define RULE_COA_PORT .name = "coa_port", .kind = VALUE_INT, .min = 1, .max = 65535

/* A vendor's name is its file's, without ".conf". */
#define RULE_VENDOR                                                                                \
	.name = "vendor", .kind = VALUE_TEXT, .min = 1, .max = VENDOR_NAME_SIZE - 1,               \
	.alphabet = ALPHABET_SMALL ALPHABET_DIGITS "-"
#define RULE_REACH                                                                                 \
	.name = "reach", .kind = VALUE_TEXT, .min = 0, .max = 255,                                 \
	.alphabet = ALPHABET_DIGITS "tcpud.:/ "
#define RULE_COA_ADDRESS                                                                           \
	.name = "coa_address", .kind = VALUE_TEXT, .min = 0, .max = 45, .alphabet = ADDRESS_ALPHABET
#define RULE_SESSION_SECONDS                                                                       \
	.name = "session_seconds", .kind = VALUE_INT, .min = 0, .max = SWITCH_SESSION_MOST_S

static const struct value_rule list_query[] = {
	LIST_QUERY,
	{RULE_ID("unit")},
	{RULE_NAME("q")},
	{.name = NULL},
};

static const struct value_rule create_fields[] = {
	{RULE_ID("unit_id"), .required = true},
	{RULE_CODE("name"), .required = true},
	{RULE_ADDRESS, .required = true},
	{RULE_VENDOR, .required = true},
	{RULE_SECRET, .required = true},
	{RULE_COA_PORT},
	{RULE_TEXT("vlan_normal", 31), .bytes = 31},
	{RULE_TEXT("vlan_isolation", 31), .bytes = 31},
	{RULE_TEXT("acl_isolation", 63), .bytes = 63},
	{RULE_TEXT("acl_normal", 63), .bytes = 63},
	{RULE_TEXT("voice_vlan", 31), .bytes = 31},
	{RULE_TEXT("visitor_vlan", 31), .bytes = 31},
	{RULE_REACH},
	{RULE_COA_ADDRESS},
	{RULE_SESSION_SECONDS},
	{.name = NULL},
};

static const struct value_rule change_fields[] = {
	{RULE_ADDRESS},
	{RULE_VENDOR},
	{RULE_SECRET},
	{RULE_COA_PORT},
	{RULE_TEXT("vlan_normal", 31), .bytes = 31},
	{RULE_TEXT("vlan_isolation", 31), .bytes = 31},
	{RULE_TEXT("acl_isolation", 63), .bytes = 63},
	{RULE_TEXT("acl_normal", 63), .bytes = 63},
	{RULE_TEXT("voice_vlan", 31), .bytes = 31},
	{RULE_TEXT("visitor_vlan", 31), .bytes = 31},
	{RULE_REACH},
	{RULE_COA_ADDRESS},
	{RULE_SESSION_SECONDS},
	{.name = NULL},
};

static const struct value_rule exception_fields[] = {
	{RULE_TIME("until_at"), .required = true},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

static int list_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_SWITCHES};

	return list_answer(c, &list);
}

static int switch_unit(struct store_db *db, int64_t id, int64_t *ret)
{
	int r = store_get_int(db, STMT_API_SWITCH_UNIT, STORE_ARGS(v_int(id)), 0, ret);

	return r ? r : *ret ? 0 : -ENOENT;
}

static int answer_switch(struct call *c, unsigned status, int64_t id)
{
	return call_answer_row(c, status, STMT_API_SWITCH, STORE_ARGS(v_int(id)));
}

static int get_run(struct call *c)
{
	struct store_db *db;
	int64_t unit;
	int r = call_reader(c, &db);

	if (!r)
		r = switch_unit(db, call_path_id(c, 0), &unit);
	if (r == -ENOENT)
		r = call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	if (!r)
		r = call_over(c, unit, NULL);
	return r ? r : answer_switch(c, 200, call_path_id(c, 0));
}

/* The field of the body, else of the row as it is, else "". */
static const char *text_of(const struct call *c, const json_t *row, const char *name)
{
	const char *s = call_text(c, name);

	if (!s)
		s = json_string_value(json_object_get(row, name));
	return s ? s : "";
}

static int fill_spec(struct deed *d, const json_t *row, struct switch_spec *ret)
{
	const struct call *c = d->call;
	int64_t port = json_integer_value(json_object_get(row, "coa_port"));

	*ret = (struct switch_spec){
		.unit_id =
			call_int(c, "unit_id", json_integer_value(json_object_get(row, "unit_id"))),
		.name = text_of(c, row, "name"),
		.address = text_of(c, row, "address"),
		.vendor = text_of(c, row, "vendor"),
		.secret = call_text(c, "secret"),
		.coa_port = call_int(c, "coa_port", port ? port : 3799),
		.vlan_normal = text_of(c, row, "vlan_normal"),
		.vlan_isolation = text_of(c, row, "vlan_isolation"),
		.acl_isolation = text_of(c, row, "acl_isolation"),
		.mab_unsigned_until_ms =
			json_integer_value(json_object_get(row, "mab_unsigned_until")),
		.acl_normal = text_of(c, row, "acl_normal"),
		.voice_vlan = text_of(c, row, "voice_vlan"),
		.visitor_vlan = text_of(c, row, "visitor_vlan"),
		.reach = text_of(c, row, "reach"),
		.coa_address = text_of(c, row, "coa_address"),
		.session_seconds =
			call_int(c, "session_seconds",
				 json_integer_value(json_object_get(row, "session_seconds"))),
	};
	if (!addr_is_host(ret->address))
		return refuse(&d->refused, REFUSAL_VALUE_WRONG, "address");
	if (ret->coa_address[0] && !addr_is_host(ret->coa_address))
		return refuse(&d->refused, REFUSAL_VALUE_WRONG, "coa_address");
	if (vendor_check_reach(ret->reach))
		return refuse(&d->refused, REFUSAL_VALUE_WRONG, "reach");
	return 0;
}

static int create_act(struct deed *d)
{
	struct switch_spec spec;
	int r = fill_spec(d, NULL, &spec);

	if (!r)
		r = deed_over(d, spec.unit_id);
	return r ? r
		 : switch_create(d->store, d->now_ms, &d->actor, d->call->api->options.gates, &spec,
				 &d->id);
}

static int create_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, create_act, TOPIC_SWITCH);

	return r ? r : answer_switch(c, 201, d.id);
}

int switch_over(struct deed *d, int64_t *ret_unit)
{
	int r = switch_unit(store_writer(d->store), call_path_id(d->call, 0), ret_unit);

	return r ? r : deed_over(d, *ret_unit);
}

static int change_act(struct deed *d)
{
	int64_t id = call_path_id(d->call, 0), unit;
	struct switch_spec spec;
	json_t *row = NULL;
	int r = switch_over(d, &unit);

	if (!r)
		r = store_get_json(store_writer(d->store), STMT_API_SWITCH, STORE_ARGS(v_int(id)),
				   &row);
	if (r != 1)
		return r ? r : -ENOENT;
	r = fill_spec(d, row, &spec);
	if (!r)
		r = switch_change(d->store, d->now_ms, &d->actor, d->call->api->options.gates, id,
				  &spec);
	json_decref(row);
	return r;
}

static int end_act(struct deed *d)
{
	int64_t unit;
	int r = switch_over(d, &unit);

	return r ? r
		 : switch_end(d->store, d->now_ms, &d->actor, call_path_id(d->call, 0),
			      call_text(d->call, "reason"));
}

int switch_run(struct call *c, int (*act)(struct deed *d))
{
	struct deed d = {0};
	int r = call_do(c, &d, act, TOPIC_SWITCH);

	return r ? r : answer_switch(c, 200, call_path_id(c, 0));
}

static int change_run(struct call *c)
{
	return switch_run(c, change_act);
}

static int end_run(struct call *c)
{
	return switch_run(c, end_act);
}

static int exception_act(struct deed *d)
{
	int64_t until = call_int(d->call, "until_at", 0), unit;
	int r = switch_over(d, &unit);

	if (!r && until <= d->now_ms)
		r = refuse(&d->refused, REFUSAL_TIME_PAST, "until_at");
	if (!r && until > d->now_ms + EXCEPTION_MOST_MS)
		r = refuse(&d->refused, REFUSAL_TIME_FAR, "until_at");
	if (r)
		return r;
	return proposal_make(d->store, d->now_ms, &d->actor,
			     &(struct proposal_spec){
				     .kind = "switch.mab-exception",
				     .unit_id = unit,
				     .subject_id = call_path_id(d->call, 0),
				     .reason = call_text(d->call, "reason"),
				     .detail = json_pack("{s:I}", "until_at", (json_int_t)until)},
			     &d->id, &d->refused);
}

static int exception_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, exception_act, TOPIC_PROPOSAL);

	return r ? r : answer_proposal(c, 202, d.id);
}

static json_t *show_peers(const struct api_gate *gate)
{
	json_t *list = json_array();

	for (size_t i = 0; i < gate->peers_count; i++) {
		const struct api_peer *p = &gate->peers[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:I, s:b}", "name", p->name,
						      "state", p->state, "since_at",
						      (json_int_t)p->since_ms, "sessions",
						      (json_int_t)p->sessions, "told", p->told));
	}
	return list;
}

static void finish_gate(struct call *c, json_t *row)
{
	const struct api_options *o = &c->api->options;
	const char *name = json_string_value(json_object_get(row, "name"));
	struct api_gate gate = {0};

	if (o->gate && name)
		o->gate(o->gate_arg, name, &gate);
	json_object_set_new(row, "connected", json_boolean(gate.connected));
	/* A gate co-signs each head that it sees: what it last signed outlives a start of ours. */
	if (gate.connected)
		json_object_set_new(row, "seen_at", json_integer(c->now_ms));
	else if (gate.seen_ms)
		json_object_set_new(row, "seen_at", json_integer(gate.seen_ms));
	json_object_set_new(row, "snapshot_rev", gate.rev ? json_integer(gate.rev) : json_null());
	json_object_set_new(row, "peers", show_peers(&gate));
}

static int gates_run(struct call *c)
{
	CLEANUP_FREE char *scope = NULL;
	struct store_db *db;
	json_t *rows, *row;
	size_t i;
	int r = call_scope(c, &scope);

	if (!r)
		r = call_reader(c, &db);
	if (!r)
		r = store_list_json(db, STMT_API_GATES, STORE_ARGS(v_text(scope)), 1000, &rows);
	if (r)
		return r;
	json_array_foreach(rows, i, row) finish_gate(c, row);
	return call_answer(c, 200, json_pack("{s:o}", "rows", rows));
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/switches",
	 .operation = "switches_list",
	 .roles = READERS_ALL,
	 .scope = SCOPE_UNIT,
	 .query = list_query,
	 .run = list_run},
	{.method = "POST",
	 .path = "/switches",
	 .operation = "switch_create",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = create_fields,
	 .run = create_run},
	{.method = "GET",
	 .path = "/switches/{id}",
	 .operation = "switch_get",
	 .roles = READERS_ALL,
	 .scope = SCOPE_UNIT,
	 .run = get_run},
	{.method = "PATCH",
	 .path = "/switches/{id}",
	 .operation = "switch_change",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = change_fields,
	 .fields_least = 1,
	 .run = change_run},
	{.method = "POST",
	 .path = "/switches/{id}/mab-exception",
	 .operation = "switch_mab_exception",
	 .roles = ROLE_SECURITY,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = exception_fields,
	 .run = exception_run},
	{.method = "POST",
	 .path = "/switches/{id}/end",
	 .operation = "switch_end",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = end_run},
	{.method = "GET",
	 .path = "/gates",
	 .operation = "gates_list",
	 .roles = GATE_READERS,
	 .scope = SCOPE_UNIT,
	 .run = gates_run},
};

const struct route_noun switch_routes = {routes, ARRAY_SIZE(routes)};
