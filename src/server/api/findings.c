/* What hides on the network and was found: the review of clause D07. */
#include "base/oui.h"
#include "policy/finding.h"
#include "server/api/nouns.h"
#include "server/engine/finding.h"

#define READERS (ROLE_SECURITY | ROLE_REGIONAL | ROLE_AUDITOR)
#define ACTORS (ROLE_SECURITY | ROLE_REGIONAL)

static const char *const state_choices[] = {"open", "settled", "approved", NULL};

static const struct value_rule list_query[] = {
	LIST_QUERY,
	{RULE_ID("unit")},
	{.name = "code",
	 .kind = VALUE_TEXT,
	 .min = 2,
	 .max = 32,
	 .alphabet = ALPHABET_SMALL "-",
	 .first = ALPHABET_SMALL},
	{RULE_MAC("mac")},
	{RULE_CHOICE("state", state_choices)},
	{RULE_ID("terminal")},
	{RULE_TIME("from_at")},
	{RULE_TIME("until_at")},
	{.name = NULL},
};

static void finish(struct call *c, json_t *row)
{
	const char *text = json_string_value(json_object_get(row, "mac"));
	struct mac mac;

	if (text && !mac_parse(text, &mac))
		json_object_set_new(row, "vendor",
				    json_string(oui_vendor(c->api->options.oui, &mac)));
}

static int list_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_FINDINGS,
					 .has_total = true,
					 .total = STMT_API_FINDINGS_TOTAL,
					 .key = "turn",
					 .newest_first = true,
					 .hide_key = true,
					 .finish = finish};

	return list_answer(c, &list);
}

static int finding_unit(struct store_db *db, int64_t id, int64_t *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(db, STMT_FINDING_FACTS, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret = store_int(c, 3);
	return 0;
}

static int settle_act(struct deed *d)
{
	int64_t id = call_path_id(d->call, 0), unit;
	int r = finding_unit(store_writer(d->store), id, &unit);

	if (!r)
		r = deed_over(d, unit);
	return r ? r
		 : finding_settle(d->store, d->now_ms, &d->actor, id, call_text(d->call, "reason"));
}

static int settle_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, settle_act, TOPIC_ALARM);

	if (!r)
		r = call_answer_row(c, 200, STMT_API_FINDING,
				    STORE_ARGS(v_int(call_path_id(c, 0))));
	if (!r)
		finish(c, c->answer);
	return r;
}

static int kinds_run(struct call *c)
{
	json_t *rows = json_array();

	for (unsigned f = 0; f < FINDING_COUNT; f++) {
		const struct finding_text *t = finding_text((enum finding)f);

		json_array_append_new(rows,
				      json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "code", t->code,
						"clause", t->clause, "zh", t->zh, "en", t->en,
						"zh_todo", t->zh_todo, "en_todo", t->en_todo));
	}
	return call_answer(c, 200, json_pack("{s:o}", "rows", rows));
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/admission/findings",
	 .operation = "findings_list",
	 .roles = READERS,
	 .scope = SCOPE_UNIT,
	 .query = list_query,
	 .run = list_run},
	{.method = "POST",
	 .path = "/admission/findings/{id}/settle",
	 .operation = "finding_settle",
	 .roles = ACTORS,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = settle_run},
	{.method = "GET",
	 .path = "/finding-kinds",
	 .operation = "finding_kinds",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_NONE,
	 .unrecorded = true,
	 .run = kinds_run},
};

const struct route_noun finding_routes = {routes, ARRAY_SIZE(routes)};
