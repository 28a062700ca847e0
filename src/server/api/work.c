/* What waits for me: one answer for the first page that anybody sees. */
#include "server/api/nouns.h"

#define PART_MAX 50

static int read_requests(struct call *c, struct store_db *db, const char *scope, const char *view,
			 json_t **ret)
{
	return store_list_json(db, STMT_API_REQUESTS,
			       STORE_ARGS(v_int(c->now_ms), v_int(c->account.id), v_text(scope),
					  v_null(), v_null(), v_null(), v_null(), v_text(view),
					  v_int(INT64_MAX), v_int(PART_MAX)),
			       PART_MAX, ret);
}

static int read_terminals(struct call *c, struct store_db *db, json_t **ret)
{
	return store_list_json(db, STMT_API_TERMINALS,
			       STORE_ARGS(v_int(c->now_ms), v_int(c->account.id), v_text("[]"),
					  v_null(), v_null(), v_null(), v_null(), v_null(),
					  v_null(), v_null(), v_int(c->account.person_id), v_int(0),
					  v_int(PART_MAX)),
			       PART_MAX, ret);
}

static int read_proposals(struct call *c, struct store_db *db, const char *scope, json_t **ret)
{
	json_t *rows, *row;
	size_t i;
	int r = store_list_json(db, STMT_API_PROPOSALS,
				STORE_ARGS(v_int(c->now_ms), v_int(c->account.id), v_text(scope),
					   v_int(1), v_int(INT64_MAX), v_int(PART_MAX)),
				PART_MAX, &rows);

	if (r)
		return r;
	json_array_foreach(rows, i, row) proposal_finish(c, row);
	*ret = rows;
	return 0;
}

static int work_run(struct call *c)
{
	json_t *due = NULL, *own = NULL, *terminals = NULL, *proposals = NULL;
	CLEANUP_FREE char *scope = NULL;
	struct store_db *db;
	int64_t count = 0;
	int r = call_scope(c, &scope);

	if (!r)
		r = call_reader(c, &db);
	if (!r)
		r = store_get_int(db, STMT_API_REQUESTS_DUE_COUNT, STORE_ARGS(v_int(c->account.id)),
				  0, &count);
	if (!r)
		r = read_requests(c, db, scope, "due", &due);
	if (!r)
		r = read_requests(c, db, scope, "own", &own);
	if (!r)
		r = read_terminals(c, db, &terminals);
	if (!r)
		r = read_proposals(c, db, scope, &proposals);
	if (r) {
		json_decref(due);
		json_decref(own);
		json_decref(terminals);
		return r;
	}
	return call_answer(c, 200,
			   json_pack("{s:I, s:o, s:o, s:o, s:o}", "approvals_count",
				     (json_int_t)count, "approvals", due, "requests", own,
				     "terminals", terminals, "proposals", proposals));
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/work",
	 .operation = "work_get",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_SELF,
	 .run = work_run},
};

const struct route_noun work_routes = {routes, ARRAY_SIZE(routes)};
