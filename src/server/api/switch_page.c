/* What a switch's page shows beside its row: its ports, and what to type into it. */
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/text.h"
#include "server/api/nouns.h"
#include "vendor/configuration.h"
#include "vendor/vendor.h"

#define AT_A_SWITCH 2000
#define KNOCKS_MS (7 * DAY_MS)
#define SECRET_PLACEHOLDER "<secret-of-this-switch>"
#define COMMUNITY_PLACEHOLDER "<snmp-community>"
#define RULE_HOST(n)                                                                               \
	.name = n, .kind = VALUE_TEXT, .min = 2, .max = 45,                                        \
	.alphabet = ALPHABET_DIGITS "abcdefABCDEF.:"

static const struct value_rule configuration_query[] = {
	{RULE_HOST("gate"), .required = true},
	{RULE_HOST("gate2")},
	{.name = "ports",
	 .kind = VALUE_TEXT,
	 .min = 1,
	 .max = 96,
	 .alphabet = ALPHABET_SMALL ALPHABET_CAPITAL ALPHABET_DIGITS " ./,:-"},
	{.name = NULL},
};

/* ---- ports ---- */

static int add_list(struct store_db *db, json_t *into, const char *name, enum store_stmt stmt,
		    const struct store_value *args, size_t count)
{
	json_t *rows;
	int r = store_list_json(db, stmt, args, count, AT_A_SWITCH, &rows);

	return r ? r : json_object_set_new(into, name, rows) ? -ENOMEM : 0;
}

/* The switch is there and within the caller's scope. */
static int own_switch(struct call *c, struct store_db **ret)
{
	int64_t unit = 0;
	int r = call_reader(c, ret);

	if (!r)
		r = store_get_int(*ret, STMT_API_SWITCH_UNIT, STORE_ARGS(v_int(call_path_id(c, 0))),
				  0, &unit);
	if (!r && !unit)
		r = call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	return r ? r : call_over(c, unit, NULL);
}

/* What gates' records tell. */
static int add_heard(struct call *c, struct store_db *db, const struct store_value id,
		     json_t *answer)
{
	int r = add_list(db, answer, "sessions", STMT_API_SWITCH_SESSIONS, STORE_ARGS(id));

	if (!r)
		r = add_list(db, answer, "knocks", STMT_API_SWITCH_KNOCKS,
			     STORE_ARGS(id, v_int(c->now_ms - KNOCKS_MS)));
	if (!r)
		r = add_list(db, answer, "permits", STMT_API_SWITCH_PERMITS,
			     STORE_ARGS(id, v_int(c->now_ms)));
	if (!r)
		r = add_list(db, answer, "findings", STMT_API_SWITCH_FINDINGS, STORE_ARGS(id));
	return r;
}

/* What the switch says itself. */
static int add_surveyed(struct store_db *db, const struct store_value id, json_t *answer)
{
	json_t *survey = NULL;
	int r = store_get_json(db, STMT_API_SWITCH_SURVEY, STORE_ARGS(id), &survey);

	if (r >= 0)
		r = json_object_set_new(answer, "survey", r == 1 ? survey : json_null()) ? -ENOMEM
											 : 0;
	if (!r)
		r = add_list(db, answer, "states", STMT_API_SWITCH_STATES, STORE_ARGS(id));
	if (!r)
		r = add_list(db, answer, "seen", STMT_API_SWITCH_SEEN, STORE_ARGS(id));
	if (!r)
		r = add_list(db, answer, "neighbours", STMT_API_SWITCH_NEIGHBOURS, STORE_ARGS(id));
	return r;
}

/* A row says its port by whatever word was written down when it was made. */
static void name_ports(const struct vendor_ports *rules, json_t *rows)
{
	char name[VENDOR_PORT_SIZE];
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *word = json_string_value(json_object_get(row, "port"));

		if (word && vendor_port_name(rules, word, name) == 0)
			json_object_set_new(row, "port", json_string(name));
	}
}

/* As SNMP names them, so that what was heard and what the switch says meet at one port. */
static int name_heard(struct call *c, struct store_db *db, const struct store_value id,
		      json_t *answer)
{
	static const char *const lists[] = {"sessions", "knocks", "permits", "findings"};
	const struct vendors *vendors = c->api->options.vendors;
	json_t *row = NULL;
	int r = store_get_json(db, STMT_API_SWITCH_CONFIGURATION, STORE_ARGS(id), &row);

	if (r == 1 && vendors) {
		const char *vendor = json_string_value(json_object_get(row, "vendor"));

		for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
			name_ports(&vendors_get(vendors, vendor ? vendor : "")->ports,
				   json_object_get(answer, lists[i]));
	}
	json_decref(row);
	return MIN(r, 0);
}

static int ports_run(struct call *c)
{
	const struct store_value id = v_int(call_path_id(c, 0));
	json_t *answer = json_object();
	struct store_db *db;
	int r = own_switch(c, &db);

	if (!r)
		r = add_heard(c, db, id, answer);
	if (!r)
		r = name_heard(c, db, id, answer);
	if (!r)
		r = add_surveyed(db, id, answer);
	if (r) {
		json_decref(answer);
		return r;
	}
	return call_answer(c, 200, answer);
}

/* ---- its configuration ---- */

static const char *column(const json_t *row, const char *name)
{
	const char *s = json_string_value(json_object_get(row, name));

	return s ? s : "";
}

/* No value begins a line of its own in what somebody pastes into a switch. */
static bool is_one_line(const json_t *row)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)row, name, v)
	{
		const char *s = json_string_value(v);

		if (s && (strpbrk(s, "\r\n") || !text_is_clean(s, strlen(s))))
			return false;
	}
	return true;
}

static int write_configuration(struct call *c, const struct vendor *v, const json_t *row,
			       struct buf *to)
{
	char port[8];
	const struct configuration values = {
		.name = column(row, "name"),
		.address = column(row, "address"),
		.gate = call_query_text(c, "gate"),
		.gate2 = call_query_text(c, "gate2"),
		.ports = call_query_text(c, "ports"),
		.secret = SECRET_PLACEHOLDER,
		.community = COMMUNITY_PLACEHOLDER,
		.coa_port = port,
		.vlan = column(row, "vlan_normal"),
		.isolation_vlan = column(row, "vlan_isolation"),
		.isolation_acl = column(row, "acl_isolation"),
		.voice_vlan = column(row, "voice_vlan"),
		.reach = column(row, "reach"),
	};

	if (!addr_is_host(values.gate))
		return call_refuse(c, REFUSAL_VALUE_WRONG, "gate");
	if (values.gate2 && !addr_is_host(values.gate2))
		return call_refuse(c, REFUSAL_VALUE_WRONG, "gate2");
	snprintf(port, sizeof(port), "%u",
		 (unsigned)json_integer_value(json_object_get(row, "coa_port")) & 0xffffU);
	configuration_write(v->configuration, &values, to);
	return to->error;
}

static int answer_configuration(struct call *c, const json_t *row)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	const struct vendors *vendors = c->api->options.vendors;
	const struct vendor *v = vendors ? vendors_find(vendors, column(row, "vendor")) : NULL;
	int r;

	if (!v || !v->configuration[0] || !is_one_line(row))
		return call_refuse(c, REFUSAL_STATE, NULL);
	r = write_configuration(c, v, row, &text);
	return r ? r
		 : call_answer(c, 200,
			       json_pack("{s:s, s:s}", "vendor", v->name, "text", buf_str(&text)));
}

static int configuration_run(struct call *c)
{
	struct store_db *db;
	json_t *row = NULL;
	int r = own_switch(c, &db);

	if (!r)
		r = store_get_json(db, STMT_API_SWITCH_CONFIGURATION,
				   STORE_ARGS(v_int(call_path_id(c, 0))), &row);
	if (r != 1)
		return r ? r : call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	r = answer_configuration(c, row);
	json_decref(row);
	return r;
}

static int vendors_run(struct call *c)
{
	const struct vendors *vendors = c->api->options.vendors;
	json_t *rows = json_array();

	for (size_t i = 0; vendors && i < vendors_count(vendors); i++) {
		const struct vendor *v = vendors_at(vendors, i);

		json_array_append_new(rows, json_pack("{s:s, s:s, s:i, s:b}", "name", v->name,
						      "title", v->title, "coa_port", (int)v->port,
						      "configures", v->configuration[0] != 0));
	}
	return call_answer(c, 200, json_pack("{s:o}", "rows", rows));
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/vendors",
	 .operation = "vendors_list",
	 .roles = READERS_ALL,
	 .scope = SCOPE_NONE,
	 .unrecorded = true,
	 .run = vendors_run},
	{.method = "GET",
	 .path = "/switches/{id}/ports",
	 .operation = "switch_ports_get",
	 .roles = ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL | ROLE_AUDITOR,
	 .scope = SCOPE_UNIT,
	 .run = ports_run},
	{.method = "GET",
	 .path = "/switches/{id}/configuration",
	 .operation = "switch_configuration",
	 .roles = ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL | ROLE_AUDITOR,
	 .scope = SCOPE_UNIT,
	 .query = configuration_query,
	 .run = configuration_run},
};

const struct route_noun switch_page_routes = {routes, ARRAY_SIZE(routes)};
