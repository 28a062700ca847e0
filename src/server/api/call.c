#include "server/api/call.h"

#include <stdio.h>

#include "base/mac.h"
#include "base/text.h"
#include "crypto/secret.h"
#include "server/engine/org.h"

/* Passwords come in bodies: wiped, not only released. */
static void wipe_body(json_t *body)
{
	static const char *const secrets[] = {"password", "current", "new", "secret", "code"};

	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
		json_t *v = json_object_get(body, secrets[i]);

		if (json_is_string(v))
			secret_wipe((void *)(uintptr_t)json_string_value(v), json_string_length(v));
	}
}

struct call *call_new(struct api *api, struct MHD_Connection *connection)
{
	struct call *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->api = api;
	c->connection = connection;
	c->now_ms = api_now(api);
	buf_init(&c->body_bytes, API_BODY_MAX);
	return c;
}

void call_free(struct call *c)
{
	if (!c)
		return;
	call_drop_reader(c);
	wipe_body(c->body);
	json_decref(c->body);
	json_decref(c->query);
	json_decref(c->path);
	json_decref(c->answer);
	if (c->response)
		MHD_destroy_response(c->response);
	secret_buf_done(&c->body_bytes);
	free(c);
}

int call_reader(struct call *c, struct store_db **ret)
{
	int r = c->db ? 0 : api_reader_take(c->api, &c->db);

	if (!r)
		*ret = c->db;
	return r;
}

void call_drop_reader(struct call *c)
{
	if (c->db)
		api_reader_give(c->api, c->db);
	c->db = NULL;
}

int64_t call_path_id(const struct call *c, size_t n)
{
	return json_integer_value(json_array_get(c->path, n));
}

const char *call_path_text(const struct call *c, size_t n)
{
	return c->match.values[n];
}

const char *call_text(const struct call *c, const char *field)
{
	return json_string_value(json_object_get(c->body, field));
}

int64_t call_int(const struct call *c, const char *field, int64_t fallback)
{
	const json_t *v = json_object_get(c->body, field);

	return json_is_integer(v) ? json_integer_value(v) : fallback;
}

bool call_bool(const struct call *c, const char *field, bool fallback)
{
	const json_t *v = json_object_get(c->body, field);

	return json_is_boolean(v) ? json_is_true(v) : fallback;
}

int call_mac(const struct call *c, const char *field, struct mac *ret)
{
	const char *s = call_text(c, field);

	return s ? mac_parse(s, ret) : -EINVAL;
}

const char *call_query_text(const struct call *c, const char *name)
{
	return json_string_value(json_object_get(c->query, name));
}

int64_t call_query_int(const struct call *c, const char *name, int64_t fallback)
{
	const json_t *v = json_object_get(c->query, name);

	return json_is_integer(v) ? json_integer_value(v) : fallback;
}

int call_refuse(struct call *c, enum refusal what, const char *field)
{
	return refuse(&c->refused, what, field);
}

int call_answer(struct call *c, unsigned status, json_t *answer)
{
	if (!answer)
		return -ENOMEM;
	json_decref(c->answer);
	c->answer = answer;
	c->status = status;
	return 0;
}

int call_answer_row(struct call *c, unsigned status, enum store_stmt stmt,
		    const struct store_value *args, size_t count)
{
	struct store_db *db;
	json_t *row;
	int r = call_reader(c, &db);

	if (!r)
		r = store_get_json(db, stmt, args, count, &row);
	if (r < 0)
		return r;
	return r ? call_answer(c, status, row) : call_refuse(c, REFUSAL_NOT_FOUND, NULL);
}

int call_answer_rows(struct call *c, enum store_stmt stmt, const struct store_value *args,
		     size_t count, size_t most)
{
	struct store_db *db;
	json_t *rows;
	int r = call_reader(c, &db);

	if (!r)
		r = store_list_json(db, stmt, args, count, most, &rows);
	return r ? r : call_answer(c, 200, json_pack("{s:o}", "rows", rows));
}

int call_scope(struct call *c, char **ret)
{
	json_t *paths = json_array();
	char *text;

	for (size_t i = 0; paths && i < c->account.grant_count; i++)
		if (c->account.grants[i].role & c->match.route->roles)
			json_array_append_new(paths, json_string(c->account.grants[i].path));
	text = json_dumps(paths, JSON_COMPACT);
	json_decref(paths);
	if (!text)
		return -ENOMEM;
	*ret = text;
	return 0;
}

static int role_over(const struct account *account, const struct route *route, struct store_db *db,
		     int64_t unit_id, struct refused *why, unsigned *ret_role)
{
	struct unit unit;
	unsigned role;
	int r = unit_load(db, unit_id, &unit);

	if (r < 0)
		return r;
	if (!r)
		return refuse(why, REFUSAL_NOT_FOUND, NULL);
	role = account_role_over(account, route->roles, unit.path);
	if (!role)
		return refuse(why, REFUSAL_OUT_OF_SCOPE, NULL);
	if (ret_role)
		*ret_role = role;
	return 0;
}

int call_over(struct call *c, int64_t unit_id, unsigned *ret_role)
{
	struct store_db *db;
	int r = call_reader(c, &db);

	return r ? r : role_over(&c->account, c->match.route, db, unit_id, &c->refused, ret_role);
}

int deed_over(struct deed *d, int64_t unit_id)
{
	unsigned role = 0;
	int r = role_over(&d->account, d->call->match.route, store_writer(d->store), unit_id,
			  &d->refused, &role);

	if (!r)
		d->actor.role = role_name(role);
	return r;
}

int deed_role(struct deed *d)
{
	for (size_t i = 0; i < d->account.grant_count; i++)
		if (d->account.grants[i].role & d->call->match.route->roles) {
			d->actor.role = role_name(d->account.grants[i].role);
			return 0;
		}
	return refuse(&d->refused, REFUSAL_ROLE_MISSING, NULL);
}

json_t *deed_code_json(const struct deed *d)
{
	return json_pack("{s:s, s:I}", "code", d->code, "expires_at",
			 (json_int_t)d->code_expires_at);
}

/* The caller may have been disabled, logged out or set back since the call began. */
static int reread_caller(struct deed *d)
{
	struct store_db *db = store_writer(d->store);
	struct call *c = d->call;
	struct login login;
	int r = login_find(db, c->token_hash, d->now_ms, &login);

	if (r == 1)
		r = account_load(db, c->login.account_id, &d->account);
	if (r < 0)
		return r;
	if (!r || !d->account.enabled)
		return refuse(&d->refused, REFUSAL_LOGIN_NEEDED, NULL);
	if (!(account_roles(&d->account) & c->match.route->roles))
		return refuse(&d->refused, REFUSAL_ROLE_MISSING, NULL);
	if (login_stage(&login, &d->account, d->now_ms) < c->stage)
		return refuse(&d->refused, REFUSAL_LOGIN_INCOMPLETE, NULL);
	return 0;
}

static int deed_apply(struct engine_work *w, struct store *s, int64_t now_ms)
{
	struct deed *d = CONTAINER_OF(w, struct deed, work);
	int r = 0;

	d->store = s;
	d->now_ms = now_ms;
	d->refused = (struct refused){0};
	d->actor = (struct entry_actor){.account = d->call->account.id,
					.name = d->call->account.name,
					.role = "staff",
					.from = d->call->source};
	if (!d->unchecked)
		r = reread_caller(d);
	return r ? r : d->act(d);
}

int call_do(struct call *c, struct deed *d, int (*act)(struct deed *d), uint32_t topics)
{
	int r;

	call_drop_reader(c);
	d->call = c;
	d->act = act;
	d->work.apply = deed_apply;
	d->work.topics = topics;
	r = engine_run(c->api->options.engine, &d->work);
	if (r == -ECANCELED && d->refused.what)
		c->refused = d->refused;
	return refuse_errno(&c->refused, r);
}

int call_do_unchecked(struct call *c, struct deed *d, int (*act)(struct deed *d))
{
	d->unchecked = true;
	return call_do(c, d, act, 0);
}
