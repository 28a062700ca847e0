#include "server/engine/account.h"

#include <stdio.h>

#include "base/text.h"
#include "server/engine/org.h"

static const struct {
	unsigned role;
	const char *name;
} role_names[] = {
	{ROLE_SECURITY, "security"}, {ROLE_SYSTEM, "system"},
	{ROLE_REGIONAL, "regional"}, {ROLE_AUDITOR, "auditor"},
	{ROLE_APPROVER, "approver"}, {ROLE_DEVICE_OFFICER, "device-officer"},
	{ROLE_STAFF, "staff"},
};

const char *role_name(unsigned role)
{
	for (size_t i = 0; i < ARRAY_SIZE(role_names); i++)
		if (role_names[i].role == role)
			return role_names[i].name;
	return "";
}

unsigned role_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(role_names); i++)
		if (!strcmp(role_names[i].name, name))
			return role_names[i].role & ROLES_GRANTED;
	return 0;
}

void act_subject_account(char dst[static ACT_SUBJECT_SIZE], const char *name)
{
	snprintf(dst, ACT_SUBJECT_SIZE, "account:%s", name);
}

static enum totp_state totp_state_parse(const char *name)
{
	if (!strcmp(name, "active"))
		return TOTP_ACTIVE;
	return strcmp(name, "proposed") ? TOTP_NONE : TOTP_PROPOSED;
}

static int read_facts(const struct store_cursor *c, struct account *a)
{
	a->id = store_int(c, 0);
	a->enabled = store_int(c, 2) && !store_int(c, 15);
	a->must_change = store_int(c, 3) != 0;
	a->password_at_ms = store_int(c, 4);
	a->totp = totp_state_parse(store_text(c, 5));
	a->totp_step = store_int(c, 6);
	a->failures = store_int(c, 7);
	a->slowed_until_ms = store_int(c, 8);
	a->person_id = store_int(c, 9);
	a->unit_id = store_int(c, 11);
	a->entered_at_ms = store_int(c, 16);
	if (text_copy(a->name, sizeof(a->name), store_text(c, 1)) ||
	    text_copy(a->person_name, sizeof(a->person_name), store_text(c, 10)) ||
	    text_copy(a->unit_path, sizeof(a->unit_path), store_text(c, 12)) ||
	    text_copy(a->unit_name, sizeof(a->unit_name), store_text(c, 13)) ||
	    text_copy(a->password_hash, sizeof(a->password_hash), store_text(c, 14)))
		return -EUCLEAN;
	return 0;
}

static int read_grants(struct store_db *db, struct account *a)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(db, STMT_ACCOUNT_GRANTS, STORE_ARGS(v_int(a->id)), &c);

	while (!r && a->grant_count < GRANTS_MAX && (r = store_next(c)) == 1) {
		struct grant *g = &a->grants[a->grant_count++];

		*g = (struct grant){.id = store_int(c, 0),
				    .role = role_parse(store_text(c, 1)),
				    .unit_id = store_int(c, 2),
				    .granted_at_ms = store_int(c, 5)};
		r = text_copy(g->path, sizeof(g->path), store_text(c, 3));
		if (!r)
			r = text_copy(g->unit_name, sizeof(g->unit_name), store_text(c, 4));
	}
	return r < 0 ? r : 0;
}

int account_load(struct store_db *db, int64_t id, struct account *ret)
{
	struct account a = {0};
	int r;

	{
		CLEANUP_CURSOR struct store_cursor *c = NULL;

		r = store_select(db, STMT_ACCOUNT_FACTS, STORE_ARGS(v_int(id)), &c);
		if (!r)
			r = store_next(c);
		if (r <= 0)
			return r;
		r = read_facts(c, &a);
	}
	if (!r)
		r = read_grants(db, &a);
	if (r)
		return r;
	*ret = a;
	return 1;
}

int account_load_by_name(struct store_db *db, const char *name, struct account *ret)
{
	int64_t id;
	int r = store_get_int(db, STMT_ACCOUNT_BY_NAME, STORE_ARGS(v_text(name)), 0, &id);

	return r || !id ? r : account_load(db, id, ret);
}

unsigned account_roles(const struct account *a)
{
	unsigned roles = 0;

	for (size_t i = 0; i < a->grant_count; i++)
		roles |= a->grants[i].role;
	return roles & ROLE_AUDITOR ? roles : roles | ROLE_STAFF;
}

bool account_awaits_entry(const struct account *a)
{
	return !a->entered_at_ms && (account_roles(a) & ROLES_BY_TWO);
}

unsigned account_role_over(const struct account *a, unsigned roles, const char *path)
{
	for (size_t i = 0; i < a->grant_count; i++)
		if ((a->grants[i].role & roles) && text_starts(path, a->grants[i].path))
			return a->grants[i].role;
	return 0;
}

bool account_name_is_good(const char *name)
{
	size_t len = strlen(name);

	if (len < 2 || len >= ACCOUNT_NAME_SIZE || name[0] < 'a' || name[0] > 'z')
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

static int insert_account(struct store *s, int64_t now_ms, const struct entry_actor *who,
			  int64_t person_id, const char *name, const struct password *password,
			  bool entered, int64_t *ret_id)
{
	int64_t id;
	int r = store_insert(
		s, STMT_ACCOUNT_INSERT,
		STORE_ARGS(v_int(person_id), v_text(name), v_text(password ? password->hash : "!"),
			   v_int(now_ms), v_int(1),
			   password ? v_blob(password->nt_sealed, sizeof(password->nt_sealed))
				    : v_null(),
			   v_int(store_rev(s))),
		&id);

	if (!r)
		r = store_exec(s, STMT_ACCOUNT_ENTRY_INSERT,
			       STORE_ARGS(v_int(id), v_int_or_null(password ? who->account : 0),
					  v_int_or_null(entered ? now_ms : 0)),
			       NULL);
	if (!r)
		*ret_id = id;
	return r;
}

static int create(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t person_id,
		  const char *name, const struct password *password, bool entered, int64_t *ret_id,
		  struct refused *why)
{
	char subject[ACT_SUBJECT_SIZE];
	struct person person;
	int64_t taken, id;
	int r = person_load(store_writer(s), person_id, &person);

	if (r <= 0)
		return r ? r : -ENOENT;
	if (!account_name_is_good(name))
		return refuse(why, REFUSAL_VALUE_WRONG, "name");
	if (person.ended)
		return refuse(why, REFUSAL_ENDED, "person_id");
	r = store_get_int(store_writer(s), STMT_ACCOUNT_OF_PERSON, STORE_ARGS(v_int(person_id)), 0,
			  &taken);
	if (r)
		return r;
	if (taken)
		return refuse(why, REFUSAL_ACCOUNT_EXISTS, "person_id");
	r = insert_account(s, now_ms, who, person_id, name, password, entered, &id);
	if (r)
		return r == -EEXIST ? refuse(why, REFUSAL_TAKEN, "name") : r;
	act_subject_account(subject, name);
	r = act_log(s, now_ms, who, "account.create", person.unit_id, subject,
		    json_pack("{s:I, s:s}", "person", (json_int_t)person_id, "staff_no",
			      person.staff_no));
	if (!r)
		*ret_id = id;
	return r;
}

int account_create(struct store *s, int64_t now_ms, const struct entry_actor *who,
		   int64_t person_id, const char *name, const struct password *password,
		   int64_t *ret_id, struct refused *why)
{
	return create(s, now_ms, who, person_id, name, password, false, ret_id, why);
}

/* Loads the account that an act is about, with its subject. */
static int load_subject(struct store *s, int64_t id, struct account *ret,
			char subject[static ACT_SUBJECT_SIZE])
{
	int r = account_load(store_writer(s), id, ret);

	if (r <= 0)
		return r ? r : -ENOENT;
	act_subject_account(subject, ret->name);
	return 0;
}

int account_set_password(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
			 const struct password *password, const char *reason, int64_t keep_login)
{
	char subject[ACT_SUBJECT_SIZE];
	struct account account;
	int r = load_subject(s, id, &account, subject);

	if (!r)
		r = store_exec(s, STMT_ACCOUNT_REMEMBER_PASSWORD,
			       STORE_ARGS(v_int(id), v_int(now_ms)), NULL);
	if (!r)
		r = store_exec(s, STMT_ACCOUNT_SET_PASSWORD,
			       STORE_ARGS(v_int(id), v_text(password->hash), v_int(now_ms),
					  v_int(reason != NULL),
					  v_blob(password->nt_sealed, sizeof(password->nt_sealed)),
					  v_int(store_rev(s))),
			       NULL);
	if (!r)
		r = store_exec(s, STMT_LOGIN_END_OF_ACCOUNT,
			       STORE_ARGS(v_int(id), v_int(now_ms), v_int(keep_login)), NULL);
	if (!r && reason)
		r = store_exec(s, STMT_ACCOUNT_ENTRY_GIVEN,
			       STORE_ARGS(v_int(id), v_int_or_null(who->account)), NULL);
	if (r)
		return r;
	return act_log(s, now_ms, who, reason ? "account.password-reset" : "account.password",
		       account.unit_id, subject,
		       reason ? json_pack("{s:s}", "reason", reason) : json_object());
}

int account_set_directory(struct store *s, int64_t now_ms, const struct entry_actor *who,
			  int64_t id, bool directory)
{
	char subject[ACT_SUBJECT_SIZE];
	struct account account;
	int64_t before;
	int r = load_subject(s, id, &account, subject);

	if (!r)
		r = store_get_int(store_writer(s), STMT_ACCOUNT_IN_DIRECTORY, STORE_ARGS(v_int(id)),
				  0, &before);
	if (r)
		return r;
	if ((before != 0) == directory)
		return -EALREADY;
	r = store_exec(s, STMT_ACCOUNT_SET_DIRECTORY, STORE_ARGS(v_int(id), v_int(directory)),
		       NULL);
	if (!r)
		r = store_exec(s, STMT_ACCOUNT_TOUCH, STORE_ARGS(v_int(id), v_int(store_rev(s))),
			       NULL);
	if (r)
		return r;
	return act_log(s, now_ms, who, "account.source", account.unit_id, subject,
		       json_pack("{s:s}", "source", directory ? "directory" : "local"));
}

int account_set_enabled(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
			bool enabled, const char *reason)
{
	char subject[ACT_SUBJECT_SIZE];
	struct account account;
	int r = load_subject(s, id, &account, subject);

	if (r)
		return r;
	if (account.enabled == enabled)
		return -EALREADY;
	r = store_exec(s, STMT_ACCOUNT_SET_ENABLED,
		       STORE_ARGS(v_int(id), v_int(enabled), v_int(store_rev(s))), NULL);
	if (!r && !enabled)
		r = store_exec(s, STMT_LOGIN_END_OF_ACCOUNT,
			       STORE_ARGS(v_int(id), v_int(now_ms), v_int(0)), NULL);
	if (r)
		return r;
	return act_log(s, now_ms, who, enabled ? "account.enable" : "account.disable",
		       account.unit_id, subject, json_pack("{s:s}", "reason", reason));
}

int account_unlock(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		   const char *reason)
{
	char subject[ACT_SUBJECT_SIZE];
	struct account account;
	int r = load_subject(s, id, &account, subject);

	if (r)
		return r;
	if (!account.failures && account.slowed_until_ms <= now_ms)
		return -EALREADY;
	r = store_exec(s, STMT_ACCOUNT_UNLOCK, STORE_ARGS(v_int(id), v_int(store_rev(s))), NULL);
	if (r)
		return r;
	return act_log(s, now_ms, who, "account.unlock", account.unit_id, subject,
		       json_pack("{s:s}", "reason", reason));
}

int account_totp_reset(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		       const char *reason)
{
	char subject[ACT_SUBJECT_SIZE];
	struct account account;
	int r = load_subject(s, id, &account, subject);

	if (r)
		return r;
	if (account.totp == TOTP_NONE)
		return -EALREADY;
	r = store_exec(s, STMT_ACCOUNT_SET_TOTP, STORE_ARGS(v_int(id), v_null(), v_text("none")),
		       NULL);
	if (!r)
		r = store_exec(s, STMT_ACCOUNT_ENTRY_VOID, STORE_ARGS(v_int(id)), NULL);
	if (!r)
		r = store_exec(s, STMT_LOGIN_END_OF_ACCOUNT,
			       STORE_ARGS(v_int(id), v_int(now_ms), v_int(0)), NULL);
	if (r)
		return r;
	return act_log(s, now_ms, who, "account.totp-reset", account.unit_id, subject,
		       json_pack("{s:s}", "reason", reason));
}

/* Invariant 8, and no grant twice. */
static int check_held(struct store_db *db, int64_t id, const char *role, int64_t unit_id,
		      struct refused *why)
{
	int64_t same, against;
	int r = store_get_int(db, STMT_ROLE_SAME,
			      STORE_ARGS(v_int(id), v_text(role), v_int(unit_id)), 0, &same);

	if (!r)
		r = store_get_int(db, STMT_ROLE_AGAINST_AUDITOR,
				  STORE_ARGS(v_int(id), v_text(role)), 0, &against);
	if (r)
		return r;
	if (same)
		return -EALREADY;
	return against ? refuse(why, REFUSAL_AUDITOR_ALONE, "role") : 0;
}

int account_check_grant(struct store_db *db, int64_t id, unsigned role, int64_t unit_id,
			struct refused *why)
{
	struct unit unit;
	int r = unit_load(db, unit_id, &unit);

	if (r <= 0)
		return r ? r : refuse(why, REFUSAL_NOT_FOUND, "unit_id");
	if (unit.ended)
		return refuse(why, REFUSAL_ENDED, "unit_id");
	if ((role & ROLES_POWERS) && unit.parent_id)
		return refuse(why, REFUSAL_POWER_WHOLE, "unit_id");
	return check_held(db, id, role_name(role), unit_id, why);
}

int account_grant(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		  unsigned role, int64_t unit_id, const char *reason, struct refused *why)
{
	char subject[ACT_SUBJECT_SIZE];
	struct account account;
	int64_t grant;
	int r = load_subject(s, id, &account, subject);

	if (!r)
		r = account_check_grant(store_writer(s), id, role, unit_id, why);
	if (r)
		return r;
	if (account.grant_count >= GRANTS_MAX)
		return -EPERM;
	r = store_insert(
		s, STMT_ROLE_INSERT,
		STORE_ARGS(v_int(id), v_text(role_name(role)), v_int(unit_id), v_int(now_ms)),
		&grant);
	if (r)
		return r;
	return act_log(s, now_ms, who, "role.grant", unit_id, subject,
		       json_pack("{s:s, s:I, s:s}", "role", role_name(role), "grant",
				 (json_int_t)grant, "reason", reason));
}

int account_end_grant(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		      int64_t grant_id, const char *reason)
{
	char subject[ACT_SUBJECT_SIZE];
	struct account account;
	const struct grant *grant = NULL;
	int r = load_subject(s, id, &account, subject);

	if (r)
		return r;
	for (size_t i = 0; i < account.grant_count; i++)
		if (account.grants[i].id == grant_id)
			grant = &account.grants[i];
	if (!grant)
		return -ENOENT;
	r = store_exec(s, STMT_ROLE_END, STORE_ARGS(v_int(grant_id), v_int(now_ms)), NULL);
	if (r)
		return r;
	return act_log(s, now_ms, who, "role.end", grant->unit_id, subject,
		       json_pack("{s:s, s:I, s:s}", "role", role_name(grant->role), "grant",
				 (json_int_t)grant_id, "reason", reason));
}

int account_create_first(struct store *s, int64_t now_ms, const struct entry_actor *who,
			 const struct account_first *first, int64_t *ret_id, struct refused *why)
{
	struct person_spec spec = {.unit_id = first->unit_id,
				   .name = first->person_name,
				   .staff_no = first->staff_no,
				   .post = "",
				   .phone = ""};
	int64_t person, account;
	int r = person_create(s, now_ms, who, &spec, &person, why);

	if (!r)
		r = create(s, now_ms, who, person, first->name, first->password, true, &account,
			   why);
	if (!r && first->role)
		r = account_grant(s, now_ms, who, account, first->role, first->unit_id, "init",
				  why);
	if (!r)
		*ret_id = account;
	return r;
}
