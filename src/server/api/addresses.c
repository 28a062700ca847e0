/* The address plan (clause D22): who has which address, and hand work on it. Requests and an import
 * fill it too. */
#include "server/engine/address.h"

#include "server/api/nouns.h"
#include "server/engine/terminal.h"

#define ACTORS (ROLE_SECURITY | ROLE_REGIONAL)
#define ADDRESS_ALPHABET ALPHABET_DIGITS "abcdefABCDEF.:"

static const struct value_rule list_query[] = {
	LIST_QUERY,
	{RULE_ID("unit")},
	{.name = "ip", .kind = VALUE_TEXT, .min = 1, .max = 45, .alphabet = ADDRESS_ALPHABET},
	{RULE_MAC("mac")},
	{RULE_ID("terminal")},
	{RULE_BOOL("ended")},
	{.name = NULL},
};

static const struct value_rule bind_fields[] = {
	{.name = "ip",
	 .kind = VALUE_TEXT,
	 .min = 2,
	 .max = 45,
	 .alphabet = ADDRESS_ALPHABET,
	 .required = true},
	{RULE_MAC("mac"), .required = true},
	{RULE_ID("unit_id")},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

static int list_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_ADDRESSES,
					 .has_total = true,
					 .total = STMT_API_ADDRESSES_TOTAL,
					 .newest_first = true};

	return list_answer(c, &list);
}

/* The unit of the MAC's terminal, else the one that is named. */
static int unit_of(struct deed *d, const struct mac *mac, int64_t *ret)
{
	struct terminal t;
	int r = terminal_load_by_mac(store_writer(d->store), mac, &t);

	if (r < 0)
		return r;
	*ret = r ? t.unit_id : call_int(d->call, "unit_id", 0);
	return *ret ? 0 : refuse(&d->refused, REFUSAL_VALUE_MISSING, "unit_id");
}

static int bind_act(struct deed *d)
{
	char ip[ADDR_TEXT_SIZE];
	struct address_spec spec = {.ip = ip, .note = call_text(d->call, "reason")};
	int r = call_mac(d->call, "mac", &spec.mac);

	if (!r && mac_is_multicast(&spec.mac))
		r = refuse(&d->refused, REFUSAL_VALUE_WRONG, "mac");
	if (!r && address_parse(call_text(d->call, "ip"), ip))
		r = refuse(&d->refused, REFUSAL_VALUE_WRONG, "ip");
	if (!r)
		r = unit_of(d, &spec.mac, &spec.unit_id);
	if (!r)
		r = deed_over(d, spec.unit_id);
	return r ? r : address_bind(d->store, d->now_ms, &d->actor, &spec, &d->id);
}

static int bind_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, bind_act, TOPIC_ADDRESS);

	return r ? r : call_answer_row(c, 201, STMT_API_ADDRESS, STORE_ARGS(v_int(d.id)));
}

static int release_act(struct deed *d)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int64_t id = call_path_id(d->call, 0);
	int r = store_select(store_writer(d->store), STMT_ADDRESS_BY_ID, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = deed_over(d, store_int(c, 2));
	return r ? r
		 : address_release(d->store, d->now_ms, &d->actor, id,
				   call_text(d->call, "reason"));
}

static int release_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, release_act, TOPIC_ADDRESS);

	return r ? r
		 : call_answer_row(c, 200, STMT_API_ADDRESS, STORE_ARGS(v_int(call_path_id(c, 0))));
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/admission/addresses",
	 .operation = "addresses_list",
	 .roles = READERS_ALL,
	 .scope = SCOPE_UNIT,
	 .query = list_query,
	 .run = list_run},
	{.method = "POST",
	 .path = "/admission/addresses",
	 .operation = "address_bind",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = bind_fields,
	 .run = bind_run},
	{.method = "POST",
	 .path = "/admission/addresses/{id}/release",
	 .operation = "address_release",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = release_run},
};

const struct route_noun address_routes = {routes, ARRAY_SIZE(routes)};
