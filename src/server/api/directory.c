/* The bank's directory: what the last reading of its people did, and a reading now. */
#include <stdio.h>

#include "server/api/nouns.h"

static json_t *answer_of(const struct api_directory *d, json_t *last)
{
	char at[16];

	snprintf(at, sizeof(at), "%02d:%02d", d->at_minute / 60, d->at_minute % 60);
	return json_pack("{s:b, s:b, s:s, s:o}", "set_up", d->set_up, "running", d->running, "at",
			 at, "last", last);
}

static int answer(struct call *c, unsigned status)
{
	const struct api_options *o = &c->api->options;
	struct api_directory d = {0};
	json_t *rows, *last;
	struct store_db *db;
	int r = call_reader(c, &db);

	if (!r)
		r = store_list_json(db, STMT_DIRECTORY_LAST, STORE_NO_ARGS, 1, &rows);
	if (r)
		return r;
	if (o->directory)
		d = o->directory(o->directory_arg);
	last = json_incref(json_array_get(rows, 0));
	json_decref(rows);
	return call_answer(c, status, answer_of(&d, last ? last : json_null()));
}

static int get_run(struct call *c)
{
	return answer(c, 200);
}

static int ask_act(struct deed *d)
{
	int r = deed_role(d);

	return r ? r
		 : act_log(d->store, d->now_ms, &d->actor, "directory.ask", 0, "",
			   json_pack("{s:s}", "reason", call_text(d->call, "reason")));
}

static int sync_run(struct call *c)
{
	const struct api_options *o = &c->api->options;
	struct deed d = {0};
	int r;

	if (!o->directory || !o->directory(o->directory_arg).set_up)
		return call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	if (o->directory(o->directory_arg).running)
		return call_refuse(c, REFUSAL_STATE, NULL);
	r = call_do(c, &d, ask_act, 0);
	if (!r)
		r = o->directory_start(o->directory_arg);
	if (r == -EALREADY)
		r = 0; /* the night's own was faster */
	return r ? r : answer(c, 202);
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/directory",
	 .operation = "directory_get",
	 .roles = ROLE_SECURITY | ROLE_SYSTEM | ROLE_AUDITOR,
	 .scope = SCOPE_NONE,
	 .run = get_run},
	{.method = "POST",
	 .path = "/directory/sync",
	 .operation = "directory_sync",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_NONE,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = sync_run},
};

const struct route_noun directory_routes = {routes, ARRAY_SIZE(routes)};
