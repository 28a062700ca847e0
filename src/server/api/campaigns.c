/* Enrolment campaigns: how the terminals that are there already get in (clause D12). */
#include "base/text.h"
#include "server/api/nouns.h"
#include "server/engine/enrol.h"
#include "server/engine/org.h"

#define READERS (ROLE_SECURITY | ROLE_REGIONAL | ROLE_AUDITOR)
#define ACTORS (ROLE_SECURITY | ROLE_REGIONAL)
#define CAMPAIGN_MOST_MS (180 * 24 * 3600 * INT64_C(1000))
#define ITEMS_MAX 3000
#define ITEMS_AT_ONCE 1000

static const struct value_rule list_query[] = {
	LIST_QUERY,
	{RULE_ID("unit")},
	{.name = NULL},
};

static const struct value_rule items_query[] = {
	LIST_QUERY,
	{RULE_BOOL("enrolled")},
	{.name = NULL},
};

static const struct value_rule item_fields[] = {
	{RULE_MAC("mac"), .required = true},
	{RULE_CODE("asset_no"), .required = true},
	{RULE_TEXT("name", 63), .bytes = 63},
	{RULE_CODE("staff_no")},
	{.name = NULL},
};

static const struct value_rule create_fields[] = {
	{RULE_ID("unit_id"), .required = true},
	{RULE_NAME("name"), .required = true},
	{.name = "places", .kind = VALUE_INT, .required = true, .min = 1, .max = 5000},
	{RULE_TIME("until_at"), .required = true},
	{.name = "items",
	 .kind = VALUE_ARRAY,
	 .required = true,
	 .min = 1,
	 .max = ITEMS_MAX,
	 .items = item_fields},
	{.name = NULL},
};

static int list_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_CAMPAIGNS, .newest_first = true};

	return list_answer(c, &list);
}

static int items_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_CAMPAIGN_ITEMS,
					 .has_total = true,
					 .total = STMT_API_CAMPAIGN_ITEMS_TOTAL};
	struct store_db *db;
	int64_t unit;
	int r = call_reader(c, &db);

	if (!r)
		r = store_get_int(db, STMT_API_CAMPAIGN_UNIT, STORE_ARGS(v_int(call_path_id(c, 0))),
				  0, &unit);
	if (!r && !unit)
		r = call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	if (!r)
		r = call_over(c, unit, NULL);
	return r ? r : list_answer(c, &list);
}

static int read_item(struct deed *d, const json_t *v, struct campaign_item *ret)
{
	const char *staff_no = json_string_value(json_object_get(v, "staff_no")),
		   *name = json_string_value(json_object_get(v, "name"));
	struct person person;
	int r = mac_parse(json_string_value(json_object_get(v, "mac")), &ret->mac);

	if (r)
		return r;
	ret->asset_no = json_string_value(json_object_get(v, "asset_no"));
	ret->name = name ? name : "";
	ret->owner_id = 0;
	if (!staff_no)
		return 0;
	r = person_load_by_staff_no(store_writer(d->store), staff_no, &person);
	if (r <= 0)
		return r ? r : refuse(&d->refused, REFUSAL_NOT_FOUND, "staff_no");
	ret->owner_id = person.id;
	return 0;
}

static int add_items(struct deed *d, int64_t campaign, const json_t *list)
{
	CLEANUP_FREE struct campaign_item *items = calloc(ITEMS_AT_ONCE, sizeof(*items));
	size_t total = json_array_size(list);
	int r = items ? 0 : -ENOMEM;

	for (size_t from = 0; !r && from < total; from += ITEMS_AT_ONCE) {
		size_t count = MIN(total - from, (size_t)ITEMS_AT_ONCE);

		for (size_t i = 0; !r && i < count; i++)
			r = read_item(d, json_array_get(list, from + i), &items[i]);
		if (!r)
			r = campaign_add_items(d->store, d->now_ms, &d->actor, campaign, items,
					       count);
	}
	return r == -EEXIST ? refuse(&d->refused, REFUSAL_TAKEN, "mac") : r;
}

static int create_act(struct deed *d)
{
	const struct call *c = d->call;
	struct campaign_spec spec = {.unit_id = call_int(c, "unit_id", 0),
				     .name = call_text(c, "name"),
				     .places = call_int(c, "places", 0),
				     .until_ms = call_int(c, "until_at", 0)};
	int r = deed_over(d, spec.unit_id);

	if (!r && spec.until_ms <= d->now_ms)
		r = refuse(&d->refused, REFUSAL_TIME_PAST, "until_at");
	if (!r && spec.until_ms > d->now_ms + CAMPAIGN_MOST_MS)
		r = refuse(&d->refused, REFUSAL_TIME_FAR, "until_at");
	if (!r)
		r = campaign_create(d->store, d->now_ms, &d->actor, &spec, &d->id, d->code);
	return r ? r : add_items(d, d->id, json_object_get(c->body, "items"));
}

static int create_run(struct call *c)
{
	struct deed d = {0};
	struct store_db *db;
	json_t *row;
	int r = call_do(c, &d, create_act, TOPIC_CAMPAIGN);

	if (!r)
		r = call_reader(c, &db);
	if (!r)
		r = store_get_json(db, STMT_API_CAMPAIGN, STORE_ARGS(v_int(d.id)), &row);
	if (r < 0)
		return r;
	return r ? call_answer(c, 201, json_pack("{s:o, s:s}", "campaign", row, "code", d.code))
		 : call_refuse(c, REFUSAL_NOT_FOUND, NULL);
}

static int end_act(struct deed *d)
{
	int64_t id = call_path_id(d->call, 0), unit;
	int r = store_get_int(store_writer(d->store), STMT_API_CAMPAIGN_UNIT, STORE_ARGS(v_int(id)),
			      0, &unit);

	if (!r && !unit)
		r = -ENOENT;
	if (!r)
		r = deed_over(d, unit);
	return r ? r : campaign_end(d->store, d->now_ms, &d->actor, id);
}

static int end_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, end_act, TOPIC_CAMPAIGN);

	return r ? r
		 : call_answer_row(c, 200, STMT_API_CAMPAIGN,
				   STORE_ARGS(v_int(call_path_id(c, 0))));
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/campaigns",
	 .operation = "campaigns_list",
	 .roles = READERS,
	 .scope = SCOPE_UNIT,
	 .query = list_query,
	 .run = list_run},
	{.method = "POST",
	 .path = "/campaigns",
	 .operation = "campaign_create",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = create_fields,
	 .run = create_run},
	{.method = "GET",
	 .path = "/campaigns/{id}/items",
	 .operation = "campaign_items",
	 .roles = READERS,
	 .scope = SCOPE_UNIT,
	 .query = items_query,
	 .run = items_run},
	{.method = "POST",
	 .path = "/campaigns/{id}/end",
	 .operation = "campaign_end",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .run = end_run},
};

const struct route_noun campaign_routes = {routes, ARRAY_SIZE(routes)};
