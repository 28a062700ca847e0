/* Logging in and out: password, second factor, entry code, forced change (clauses M06, M07, D33,
 * D34). */
#include <stdio.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/secret.h"
#include "server/api/auth.h"
#include "server/api/known.h"
#include "server/api/nouns.h"
#include "server/engine/account_entry.h"
#include "server/engine/account_totp.h"

static const struct value_rule login_fields[] = {
	{.name = "account", .kind = VALUE_TEXT, .required = true, .min = 1, .max = 64},
	{.name = "password", .kind = VALUE_TEXT, .required = true, .min = 1, .max = 256},
	{.name = NULL},
};

static const struct value_rule code_fields[] = {
	{.name = "code",
	 .kind = VALUE_TEXT,
	 .required = true,
	 .min = 6,
	 .max = 6,
	 .alphabet = ALPHABET_DIGITS},
	{.name = NULL},
};

static const struct value_rule entry_fields[] = {
	{.name = "code", .kind = VALUE_TEXT, .required = true, .min = 1, .max = 32},
	{.name = NULL},
};

static const struct value_rule password_fields[] = {
	{.name = "current", .kind = VALUE_TEXT, .required = true, .min = 1, .max = 256},
	{.name = "new", .kind = VALUE_TEXT, .required = true, .min = 1, .max = 256},
	{.name = NULL},
};

static json_t *grants_json(const struct account *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->grant_count; i++) {
		const struct grant *g = &a->grants[i];

		json_array_append_new(list, json_pack("{s:I, s:s, s:I, s:s, s:I}", "id",
						      (json_int_t)g->id, "role", role_name(g->role),
						      "unit_id", (json_int_t)g->unit_id,
						      "unit_name", g->unit_name, "granted_at",
						      (json_int_t)g->granted_at_ms));
	}
	return list;
}

/* The session as it is now: stage and roles are read again. */
static int answer_session(struct call *c)
{
	const struct account *a = &c->account;
	struct store_db *db;
	bool proven;
	int r = call_reader(c, &db);

	if (!r)
		r = login_find(db, c->token_hash, c->now_ms, &c->login);
	if (r == 1)
		r = account_load(db, c->login.account_id, &c->account);
	if (r <= 0)
		return r ? r : call_refuse(c, REFUSAL_LOGIN_NEEDED, NULL);
	c->stage = login_stage(&c->login, a, c->now_ms);
	proven = c->stage > STAGE_ENTRY;
	return call_answer(c, 200,
			   json_pack("{s:s, s:s, s:I, s:s, s:I, s:s, s:I, s:s, s:b, s:o, s:I, s:I}",
				     "stage", login_stage_name(c->stage), "csrf", c->csrf,
				     "account_id", (json_int_t)a->id, "account", a->name,
				     "person_id", (json_int_t)a->person_id, "name", a->person_name,
				     "unit_id", (json_int_t)a->unit_id, "unit_name", a->unit_name,
				     "totp", a->totp == TOTP_ACTIVE, "roles",
				     proven ? grants_json(a) : json_array(), "password_expires_at",
				     (json_int_t)a->password_at_ms + PASSWORD_LIFE_MS, "expires_at",
				     (json_int_t)c->login.expires_at_ms));
}

/* ---- wrong tries ---- */

static struct tries *tries_of(const struct call *c)
{
	return c->account.id ? c->api->tries : c->api->nobody_tries;
}

struct wrong {
	const char *how;
	int64_t next_ms;
};

static int failed_act(struct deed *d)
{
	const struct wrong *wrong = d->arg;

	return login_failed(d->store, d->now_ms, &d->actor, d->call->account.id, wrong->how,
			    wrong->next_ms);
}

/* Whether this try is heard; it then counts until settle_try(). Known browsers do not stand in the
 * queue of their address, which may be that of a whole outlet. */
static int begin_try(struct call *c, struct try *ret)
{
	known_try(c, ret);
	if (!ret->known && !throttle_allows(c->api->login_throttle, c->source, c->now_ms))
		return call_refuse(c, REFUSAL_TOO_MANY_TRIES, NULL);
	return tries_take(tries_of(c), ret, c->now_ms) ? 0
						       : call_refuse(c, REFUSAL_LOGIN_SLOWED, NULL);
}

/* After a check that gave `r`: -EKEYREJECTED leaves the try counted and is told as `what`. */
static int settle_try(struct call *c, const struct try *t, int r, const char *how,
		      enum refusal what)
{
	struct wrong wrong = {.how = how};
	struct deed d = {.arg = &wrong};

	if (r != -EKEYREJECTED) {
		tries_give_back(tries_of(c), t);
		return r;
	}
	if (!t->known)
		throttle_count(c->api->login_throttle, c->source, c->now_ms);
	wrong.next_ms = tries_heard_at(tries_of(c), t, c->now_ms);
	r = c->account.id ? call_do_unchecked(c, &d, failed_act) : 0;
	return r ? r : call_refuse(c, what, NULL);
}

/* All the way in: this place is the account's own. */
static int trust_place(struct call *c, const struct try *t)
{
	tries_forget(c->api->tries, t);
	return known_remember(c);
}

/* Slow, so without a reader in hand. */
static int verify_password(struct call *c, const char *password)
{
	char hash[PASSWORD_HASH_SIZE];
	bool usable = c->account.id && c->account.enabled;
	int r = text_copy(hash, sizeof(hash), c->account.password_hash);

	call_drop_reader(c);
	if (!r)
		r = usable && hash[0] == '$' ? password_verify(hash, password)
					     : password_verify_nobody(password);
	secret_wipe(hash, sizeof(hash));
	return r;
}

/* ---- logging in ---- */

static int login_act(struct deed *d)
{
	struct call *c = d->call;

	return login_begin(d->store, d->now_ms, &d->actor, &c->account, c->token_hash, &d->id);
}

static int open_session(struct call *c)
{
	uint8_t token[LOGIN_TOKEN_SIZE];
	char text[2 * LOGIN_TOKEN_SIZE + 1];
	struct deed d = {0};
	int r;

	random_bytes(token, sizeof(token));
	r = login_token_hash(token, c->token_hash);
	if (!r)
		r = auth_csrf(token, c->csrf);
	if (!r)
		r = call_do_unchecked(c, &d, login_act);
	if (!r) {
		hex_encode(text, token, sizeof(token));
		snprintf(c->set_cookie, sizeof(c->set_cookie),
			 API_COOKIE "=%s; Path=/; Max-Age=%d; Secure; HttpOnly; SameSite=Strict",
			 text, (int)(LOGIN_LIFE_MS / 1000));
		secret_wipe(text, sizeof(text));
	}
	secret_wipe(token, sizeof(token));
	return r;
}

static int login_run(struct call *c)
{
	char name[ACCOUNT_NAME_SIZE];
	struct store_db *db;
	struct try try;
	int r = call_reader(c, &db);

	if (r)
		return r;
	if (!text_copy(name, sizeof(name), call_text(c, "account"))) {
		text_lower(name);
		r = account_load_by_name(db, name, &c->account);
		if (!r)
			r = text_copy(c->account.name, sizeof(c->account.name), name);
	}
	if (r < 0)
		return r;
	r = begin_try(c, &try);
	if (r)
		return r;
	r = verify_password(c, call_text(c, "password"));
	r = settle_try(c, &try, r, "password", REFUSAL_LOGIN_WRONG);
	if (!r)
		r = open_session(c);
	if (!r && c->account.totp != TOTP_ACTIVE && !c->account.grant_count)
		r = trust_place(c, &try);
	return r ? r : answer_session(c);
}

static int logout_act(struct deed *d)
{
	return login_end(d->store, d->now_ms, &d->actor, &d->call->account, d->call->login.id);
}

static int logout_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, logout_act, TOPIC_ACCOUNT);

	if (r)
		return r;
	snprintf(c->set_cookie, sizeof(c->set_cookie),
		 API_COOKIE "=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict");
	c->status = 204;
	return 0;
}

/* ---- second factor ---- */

static int propose_act(struct deed *d)
{
	return totp_propose(d->store, d->now_ms, &d->actor, d->call->api->options.seal,
			    d->account.id, d->arg);
}

static int totp_enrol_run(struct call *c)
{
	uint8_t secret[TOTP_SECRET_SIZE];
	char text[TOTP_SECRET_TEXT_SIZE], uri[TOTP_URI_SIZE];
	struct deed d = {.arg = secret};
	int r;

	if (c->stage < STAGE_TOTP_ENROL || c->account.totp == TOTP_ACTIVE)
		return call_refuse(c, REFUSAL_TOTP_STATE, NULL);
	random_bytes(secret, sizeof(secret));
	r = call_do(c, &d, propose_act, TOPIC_ACCOUNT);
	if (!r) {
		totp_secret_text(secret, text);
		totp_uri(c->account.name, text, uri);
		r = call_answer(c, 200, json_pack("{s:s, s:s}", "secret", text, "uri", uri));
		secret_wipe(text, sizeof(text));
		secret_wipe(uri, sizeof(uri));
	}
	secret_wipe(secret, sizeof(secret));
	return r;
}

static int complete_act(struct deed *d)
{
	const int64_t *step = d->arg;

	return login_complete(d->store, d->now_ms, &d->actor, d->account.id, d->call->login.id,
			      *step);
}

/* A code of the account's device completes the session, or activates the proposed device. */
static int take_code(struct call *c)
{
	uint8_t secret[TOTP_SECRET_SIZE];
	int64_t last_step, step = 0;
	struct store_db *db;
	struct deed d = {.arg = &step};
	struct try try;
	int r = begin_try(c, &try);

	if (r)
		return r;
	r = call_reader(c, &db);
	if (!r)
		r = totp_load(db, c->api->options.seal, c->account.id, c->account.name, secret,
			      &last_step);
	if (!r)
		r = totp_check(secret, c->now_ms, last_step, call_text(c, "code"), &step);
	secret_wipe(secret, sizeof(secret));
	r = settle_try(c, &try, r, "totp", REFUSAL_CODE_WRONG);
	if (!r)
		r = call_do(c, &d, complete_act, TOPIC_ACCOUNT);
	if (!r)
		r = trust_place(c, &try);
	return r ? r : answer_session(c);
}

static int totp_confirm_run(struct call *c)
{
	if (c->stage < STAGE_TOTP_ENROL || c->account.totp != TOTP_PROPOSED)
		return call_refuse(c, REFUSAL_TOTP_STATE, NULL);
	return take_code(c);
}

static int totp_verify_run(struct call *c)
{
	if (c->stage != STAGE_TOTP)
		return call_refuse(c, REFUSAL_TOTP_STATE, NULL);
	return take_code(c);
}

/* ---- entry ---- */

static int entry_act(struct deed *d)
{
	return account_entry_begin(d->store, d->now_ms, &d->actor, d->account.id,
				   d->call->login.id);
}

static int entry_run(struct call *c)
{
	struct store_db *db;
	struct deed d = {0};
	struct try try;
	int r;

	if (c->stage != STAGE_ENTRY)
		return call_refuse(c, REFUSAL_STATE, NULL);
	r = begin_try(c, &try);
	if (r)
		return r;
	r = call_reader(c, &db);
	if (!r)
		r = account_entry_check(db, c->account.id, c->now_ms, call_text(c, "code"));
	r = settle_try(c, &try, r, "entry", REFUSAL_ENTRY_WRONG);
	if (r == -ETIME)
		r = call_refuse(c, REFUSAL_ENTRY_ENDED, NULL);
	if (!r)
		r = call_do(c, &d, entry_act, TOPIC_ACCOUNT);
	return r ? r : answer_session(c);
}

/* ---- password ---- */

static int set_password_act(struct deed *d)
{
	return account_set_password(d->store, d->now_ms, &d->actor, d->account.id, d->arg, NULL,
				    d->call->login.id);
}

static int check_new_password(struct call *c, const char *new)
{
	struct store_db *db;
	int r = password_check_rules(c->account.name, new, &c->refused);

	if (!r && !strcmp(new, call_text(c, "current")))
		r = call_refuse(c, REFUSAL_PASSWORD_USED, "new");
	if (!r)
		r = call_reader(c, &db);
	if (!r)
		r = password_check_history(db, c->account.id, new, &c->refused);
	call_drop_reader(c);
	return r;
}

static int password_run(struct call *c)
{
	const char *new = call_text(c, "new");
	struct password password;
	struct deed d = {.arg = &password};
	struct try try;
	int r;

	if (c->stage < STAGE_PASSWORD_CHANGE)
		return call_refuse(c, REFUSAL_LOGIN_INCOMPLETE, NULL);
	r = begin_try(c, &try);
	if (r)
		return r;
	r = verify_password(c, call_text(c, "current"));
	r = settle_try(c, &try, r, "password", REFUSAL_LOGIN_WRONG);
	if (!r)
		r = check_new_password(c, new);
	if (!r)
		r = password_derive(c->api->options.gates, c->account.name, new, &password);
	if (!r)
		r = call_do(c, &d, set_password_act, TOPIC_ACCOUNT);
	secret_wipe(&password, sizeof(password));
	return r ? r : answer_session(c);
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/session",
	 .operation = "session_get",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_SELF,
	 .before_full = true,
	 .unrecorded = true,
	 .run = answer_session},
	{.method = "POST",
	 .path = "/session",
	 .operation = "session_login",
	 .roles = ROLE_OPEN,
	 .scope = SCOPE_NONE,
	 .body = BODY_JSON,
	 .fields = login_fields,
	 .run = login_run},
	{.method = "DELETE",
	 .path = "/session",
	 .operation = "session_logout",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_SELF,
	 .before_full = true,
	 .run = logout_run},
	{.method = "POST",
	 .path = "/session/totp/enrol",
	 .operation = "session_totp_enrol",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_SELF,
	 .before_full = true,
	 .run = totp_enrol_run},
	{.method = "POST",
	 .path = "/session/totp/confirm",
	 .operation = "session_totp_confirm",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_SELF,
	 .body = BODY_JSON,
	 .fields = code_fields,
	 .before_full = true,
	 .run = totp_confirm_run},
	{.method = "POST",
	 .path = "/session/totp/verify",
	 .operation = "session_totp_verify",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_SELF,
	 .body = BODY_JSON,
	 .fields = code_fields,
	 .before_full = true,
	 .run = totp_verify_run},
	{.method = "POST",
	 .path = "/session/entry",
	 .operation = "session_entry",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_SELF,
	 .body = BODY_JSON,
	 .fields = entry_fields,
	 .before_full = true,
	 .run = entry_run},
	{.method = "POST",
	 .path = "/session/password",
	 .operation = "session_password",
	 .roles = ROLE_ANY,
	 .scope = SCOPE_SELF,
	 .body = BODY_JSON,
	 .fields = password_fields,
	 .before_full = true,
	 .run = password_run},
};

const struct route_noun session_routes = {routes, ARRAY_SIZE(routes)};
