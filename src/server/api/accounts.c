/* Accounts and their roles (clauses D30, D33, C01). */
#include "crypto/secret.h"
#include "server/api/nouns.h"
#include "server/engine/org.h"
#include "server/engine/proposal.h"

#define READERS (ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL | ROLE_AUDITOR)

static const struct value_rule create_fields[] = {
	{RULE_ID("person_id"), .required = true},
	{RULE_ACCOUNT("name"), .required = true},
	{.name = NULL},
};

static const struct value_rule grant_fields[] = {
	{RULE_CHOICE("role", role_choices), .required = true},
	{RULE_ID("unit_id"), .required = true},
	{RULE_REASON("reason"), .required = true},
	{.name = NULL},
};

static const struct value_rule list_query[] = {
	LIST_QUERY,
	{RULE_ID("unit")},
	{RULE_NAME("q")},
	{RULE_CHOICE("role", role_choices)},
	{RULE_BOOL("enabled")},
	{.name = NULL},
};

/* Whether its owner has still to enter, and until when that can be (account_entry.h). */
static void finish(struct call *c, json_t *row)
{
	bool entered = json_integer_value(json_object_get(row, "entered_at")), awaits = false;
	json_t *grant;
	size_t i;

	(void)c;
	json_array_foreach(json_object_get(row, "roles"), i, grant)
	{
		const char *role = json_string_value(json_object_get(grant, "role"));

		awaits = awaits || (!entered && role && (role_parse(role) & ROLES_BY_TWO));
	}
	if (!awaits)
		json_object_set_new(row, "entry_expires_at", json_null());
	json_object_set_new(row, "awaits_entry", json_boolean(awaits));
	json_object_del(row, "entered_at");
}

static int list_run(struct call *c)
{
	static const struct list list = {.page = STMT_API_ACCOUNTS,
					 .has_total = true,
					 .total = STMT_API_ACCOUNTS_TOTAL,
					 .finish = finish};

	return list_answer(c, &list);
}

int account_json(struct call *c, int64_t id, json_t **ret)
{
	struct store_db *db;
	int r = call_reader(c, &db);

	if (!r)
		r = store_get_json(db, STMT_API_ACCOUNT, STORE_ARGS(v_int(id), v_int(c->now_ms)),
				   ret);
	if (r < 0)
		return r;
	if (!r)
		return call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	finish(c, *ret);
	return 0;
}

static int answer_account(struct call *c, unsigned status, int64_t id)
{
	json_t *row;
	int r = account_json(c, id, &row);

	return r ? r : call_answer(c, status, row);
}

static int answer_first_password(struct call *c, unsigned status, int64_t id, const char *password)
{
	json_t *row;
	int r = account_json(c, id, &row);

	return r ? r
		 : call_answer(c, status,
			       json_pack("{s:o, s:s}", "account", row, "first_password", password));
}

static int load_account(struct call *c, struct account *ret)
{
	struct store_db *db;
	int r = call_reader(c, &db);

	if (!r)
		r = account_load(db, call_path_id(c, 0), ret);
	if (r <= 0)
		return r ? r : call_refuse(c, REFUSAL_NOT_FOUND, NULL);
	return call_over(c, ret->unit_id, NULL);
}

static int get_run(struct call *c)
{
	struct account account;
	int r = load_account(c, &account);

	return r ? r : answer_account(c, 200, account.id);
}

/* The account that the path names, within the caller's scope. */
static int deed_account(struct deed *d, struct account *ret)
{
	int r = account_load(store_writer(d->store), call_path_id(d->call, 0), ret);

	if (r <= 0)
		return r ? r : -ENOENT;
	return deed_over(d, ret->unit_id);
}

/* ---- opening, first passwords ---- */

static int create_act(struct deed *d)
{
	struct person person;
	int r = person_load(store_writer(d->store), call_int(d->call, "person_id", 0), &person);

	if (r <= 0)
		return r ? r : refuse(&d->refused, REFUSAL_NOT_FOUND, "person_id");
	r = deed_over(d, person.unit_id);
	return r ? r
		 : account_create(d->store, d->now_ms, &d->actor, person.id,
				  call_text(d->call, "name"), d->arg, &d->id, &d->refused);
}

/* Who gets at the password of somebody who decides over others could decide in that name. A
 * confirmation serves for one password: whatever sets the next one is later than it, and so is the
 * owner's entry with the one that was there. */
static int reset_is_allowed(struct deed *d, const struct account *account, bool *ret)
{
	int64_t since = MAX(MAX(account->password_at_ms, account->entered_at_ms),
			    d->now_ms - PASSWORD_RESET_LIFE_MS);

	*ret = true;
	return account_roles(account) & ROLES_BY_TWO
		       ? proposal_was_confirmed(store_writer(d->store), "account.password-reset",
						account->id, d->account.id, since, ret)
		       : 0;
}

static int reset_act(struct deed *d)
{
	struct account account;
	bool allowed;
	int r = deed_account(d, &account);

	if (!r)
		r = reset_is_allowed(d, &account, &allowed);
	if (r)
		return r;
	d->id = account.id;
	d->proposed = !allowed;
	if (d->proposed)
		return proposal_make(d->store, d->now_ms, &d->actor,
				     &(struct proposal_spec){
					     .kind = "account.password-reset",
					     .unit_id = account.unit_id,
					     .subject_id = account.id,
					     .reason = call_text(d->call, "reason"),
					     .detail = json_pack("{s:s}", "account", account.name)},
				     &d->id, &d->refused);
	return account_set_password(d->store, d->now_ms, &d->actor, account.id, d->arg,
				    call_text(d->call, "reason"), 0);
}

/* Makes a password for `name`, runs the act with it and shows it once; or says what was proposed.
 */
static int give_first_password(struct call *c, const char *name, int (*act)(struct deed *d),
			       unsigned status)
{
	char plain[PASSWORD_FIRST_SIZE];
	struct password password;
	struct deed d = {.arg = &password};
	int r;

	call_drop_reader(c);
	password_make_first(plain);
	r = password_derive(c->api->options.gates, name, plain, &password);
	if (!r)
		r = call_do(c, &d, act, TOPIC_ACCOUNT | TOPIC_PROPOSAL);
	if (!r)
		r = d.proposed ? answer_proposal(c, 202, d.id)
			       : answer_first_password(c, status, d.id, plain);
	secret_wipe(plain, sizeof(plain));
	secret_wipe(&password, sizeof(password));
	return r;
}

static int create_run(struct call *c)
{
	return give_first_password(c, call_text(c, "name"), create_act, 201);
}

static int password_reset_run(struct call *c)
{
	struct account account;
	int r = load_account(c, &account);

	return r ? r : give_first_password(c, account.name, reset_act, 200);
}

/* ---- state ---- */

static int enable_act(struct deed *d)
{
	struct account account;
	int r = deed_account(d, &account);

	return r ? r
		 : account_set_enabled(d->store, d->now_ms, &d->actor, account.id, true,
				       call_text(d->call, "reason"));
}

static int disable_act(struct deed *d)
{
	struct account account;
	int r = deed_account(d, &account);

	if (!r && account.id == d->account.id)
		r = refuse(&d->refused, REFUSAL_OWN_ACT, NULL);
	return r ? r
		 : account_set_enabled(d->store, d->now_ms, &d->actor, account.id, false,
				       call_text(d->call, "reason"));
}

static int unlock_act(struct deed *d)
{
	struct account account;
	int r = deed_account(d, &account);

	return r ? r
		 : account_unlock(d->store, d->now_ms, &d->actor, account.id,
				  call_text(d->call, "reason"));
}

static int run_state(struct call *c, int (*act)(struct deed *d))
{
	struct deed d = {0};
	int r = call_do(c, &d, act, TOPIC_ACCOUNT);

	return r ? r : answer_account(c, 200, call_path_id(c, 0));
}

static int enable_run(struct call *c)
{
	return run_state(c, enable_act);
}

static int disable_run(struct call *c)
{
	return run_state(c, disable_act);
}

static int unlock_run(struct call *c)
{
	struct account account;
	int r = load_account(c, &account);

	if (!r)
		r = run_state(c, unlock_act);
	if (!r)
		tries_forget_account(c->api->tries, account.name);
	return r;
}

/* ---- by two persons ---- */

static int totp_reset_act(struct deed *d)
{
	struct account account;
	int r = deed_account(d, &account);

	if (r)
		return r;
	if (account.totp == TOTP_NONE)
		return refuse(&d->refused, REFUSAL_TOTP_STATE, NULL);
	return proposal_make(
		d->store, d->now_ms, &d->actor,
		&(struct proposal_spec){.kind = "account.totp-reset",
					.unit_id = account.unit_id,
					.subject_id = account.id,
					.reason = call_text(d->call, "reason"),
					.detail = json_pack("{s:s}", "account", account.name)},
		&d->id, &d->refused);
}

static int totp_reset_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, totp_reset_act, TOPIC_PROPOSAL);

	return r ? r : answer_proposal(c, 202, d.id);
}

static int grant_act(struct deed *d)
{
	const struct call *c = d->call;
	unsigned role = role_parse(call_text(c, "role"));
	int64_t unit_id = call_int(c, "unit_id", 0);
	struct account account;
	int r = deed_account(d, &account);

	if (!r)
		r = deed_over(d, unit_id);
	if (!r && account.id == d->account.id)
		r = refuse(&d->refused, REFUSAL_OWN_ACT, NULL);
	if (!r)
		r = account_check_grant(store_writer(d->store), account.id, role, unit_id,
					&d->refused);
	if (r)
		return r;
	d->proposed = role & ROLES_BY_TWO;
	if (!d->proposed)
		return account_grant(d->store, d->now_ms, &d->actor, account.id, role, unit_id,
				     call_text(c, "reason"), &d->refused);
	return proposal_make(
		d->store, d->now_ms, &d->actor,
		&(struct proposal_spec){.kind = "role.grant",
					.unit_id = unit_id,
					.subject_id = account.id,
					.reason = call_text(c, "reason"),
					.detail = json_pack("{s:s, s:s}", "account", account.name,
							    "role", role_name(role))},
		&d->id, &d->refused);
}

static int grant_run(struct call *c)
{
	struct deed d = {0};
	int r = call_do(c, &d, grant_act, TOPIC_ACCOUNT | TOPIC_PROPOSAL);

	if (r)
		return r;
	return d.proposed ? answer_proposal(c, 202, d.id)
			  : answer_account(c, 200, call_path_id(c, 0));
}

static int role_end_act(struct deed *d)
{
	struct account account;
	int r = deed_account(d, &account);

	return r ? r
		 : account_end_grant(d->store, d->now_ms, &d->actor, account.id,
				     call_path_id(d->call, 1), call_text(d->call, "reason"));
}

static int role_end_run(struct call *c)
{
	return run_state(c, role_end_act);
}

static const struct route routes[] = {
	{.method = "GET",
	 .path = "/accounts",
	 .operation = "accounts_list",
	 .roles = READERS,
	 .scope = SCOPE_UNIT,
	 .query = list_query,
	 .run = list_run},
	{.method = "POST",
	 .path = "/accounts",
	 .operation = "account_create",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = create_fields,
	 .run = create_run},
	{.method = "GET",
	 .path = "/accounts/{id}",
	 .operation = "account_get",
	 .roles = READERS,
	 .scope = SCOPE_UNIT,
	 .run = get_run},
	{.method = "POST",
	 .path = "/accounts/{id}/disable",
	 .operation = "account_disable",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = disable_run},
	{.method = "POST",
	 .path = "/accounts/{id}/enable",
	 .operation = "account_enable",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = enable_run},
	{.method = "POST",
	 .path = "/accounts/{id}/unlock",
	 .operation = "account_unlock",
	 .roles = ROLE_SYSTEM | ROLE_REGIONAL,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = unlock_run},
	{.method = "POST",
	 .path = "/accounts/{id}/password-reset",
	 .operation = "account_password_reset",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = password_reset_run},
	{.method = "POST",
	 .path = "/accounts/{id}/totp-reset",
	 .operation = "account_totp_reset",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = totp_reset_run},
	{.method = "POST",
	 .path = "/accounts/{id}/roles",
	 .operation = "role_grant",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = grant_fields,
	 .run = grant_run},
	{.method = "POST",
	 .path = "/accounts/{id}/roles/{grant}/end",
	 .operation = "role_end",
	 .roles = ROLE_SYSTEM,
	 .scope = SCOPE_UNIT,
	 .body = BODY_JSON,
	 .fields = reason_fields,
	 .run = role_end_run},
};

const struct route_noun account_routes = {routes, ARRAY_SIZE(routes)};
