/* Ctrl+K: a person, a MAC in any notation, an address, an asset number. */
#include "base/addr.h"
#include "server/api/nouns.h"

#define HITS_MAX 20

static const struct value_rule search_query[] = {
	{.name = "q", .kind = VALUE_TEXT, .required = true, .min = 1, .max = 64},
	{.name = NULL},
};

static int add_hits(struct store_db *db, json_t *into, enum store_stmt stmt,
		    const struct store_value *args, size_t count)
{
	json_t *rows;
	int r = store_list_json(db, stmt, args, count, HITS_MAX, &rows);

	if (r)
		return r;
	while (json_array_size(into) + json_array_size(rows) > HITS_MAX)
		json_array_remove(rows, json_array_size(rows) - 1);
	r = json_array_extend(into, rows) ? -ENOMEM : 0;
	json_decref(rows);
	return r;
}

static int search_words(struct store_db *db, json_t *into, const char *scope, const char *q)
{
	static const enum store_stmt stmts[] = {STMT_API_SEARCH_TERMINAL, STMT_API_SEARCH_PERSON,
						STMT_API_SEARCH_REQUEST, STMT_API_SEARCH_SWITCH};
	int r = 0;

	for (size_t i = 0; !r && i < ARRAY_SIZE(stmts); i++)
		r = add_hits(db, into, stmts[i], STORE_ARGS(v_text(scope), v_text(q)));
	return r;
}

static int search_run(struct call *c)
{
	const char *q = call_query_text(c, "q");
	json_t *rows = json_array();
	CLEANUP_FREE char *scope = NULL;
	char host[ADDR_TEXT_SIZE];
	struct store_db *db;
	struct addr addr;
	struct mac mac;
	int r = call_scope(c, &scope);

	if (!r)
		r = call_reader(c, &db);
	if (!r && !mac_parse(q, &mac)) {
		r = add_hits(db, rows, STMT_API_SEARCH_MAC, STORE_ARGS(v_text(scope), v_mac(&mac)));
	} else if (!r && !addr_parse(q, 0, &addr)) {
		addr_format_host(host, &addr);
		r = add_hits(db, rows, STMT_API_SEARCH_ADDRESS,
			     STORE_ARGS(v_text(scope), v_text(host)));
	}
	if (!r && !json_array_size(rows))
		r = search_words(db, rows, scope, q);
	if (r) {
		json_decref(rows);
		return r;
	}
	return call_answer(c, 200, json_pack("{s:o}", "rows", rows));
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/search",
	 .operation = "search_get",
	 .roles = READERS_ALL,
	 .scope = SCOPE_UNIT,
	 .query = search_query,
	 .run = search_run},
};

const struct route_noun search_routes = {routes, ARRAY_SIZE(routes)};
