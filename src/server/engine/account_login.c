#include "server/engine/account_login.h"

#include "base/text.h"

static const char *const stage_names[] = {
	[STAGE_TOTP] = "totp",
	[STAGE_ENTRY] = "entry",
	[STAGE_PASSWORD_CHANGE] = "password-change",
	[STAGE_TOTP_ENROL] = "totp-enrol",
	[STAGE_FULL] = "full",
};

const char *login_stage_name(enum login_stage stage)
{
	return stage_names[stage];
}

enum login_stage login_stage(const struct login *login, const struct account *account,
			     int64_t now_ms)
{
	if (account->totp == TOTP_ACTIVE && !login->full)
		return STAGE_TOTP;
	if (account_awaits_entry(account) && !login->entering)
		return STAGE_ENTRY;
	if (account->must_change || account->password_at_ms + PASSWORD_LIFE_MS <= now_ms)
		return STAGE_PASSWORD_CHANGE;
	if (account->grant_count && account->totp != TOTP_ACTIVE)
		return STAGE_TOTP_ENROL;
	return STAGE_FULL;
}

int login_token_hash(const uint8_t token[static LOGIN_TOKEN_SIZE], uint8_t ret[static HASH_SIZE])
{
	return hash_bytes(HASH_SHA256, token, LOGIN_TOKEN_SIZE, ret);
}

int login_find(struct store_db *db, const uint8_t hash[static HASH_SIZE], int64_t now_ms,
	       struct login *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	struct login login = {0};
	int r = store_select(db, STMT_LOGIN_BY_TOKEN,
			     STORE_ARGS(v_blob(hash, HASH_SIZE), v_int(now_ms)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r;
	login.id = store_int(c, 0);
	login.account_id = store_int(c, 1);
	login.full = !strcmp(store_text(c, 2), "full");
	login.started_at_ms = store_int(c, 4);
	login.expires_at_ms = store_int(c, 5);
	login.entering = store_int(c, 6) != 0;
	r = text_copy(login.source, sizeof(login.source), store_text(c, 3));
	if (r)
		return -EUCLEAN;
	*ret = login;
	return 1;
}

int login_begin(struct store *s, int64_t now_ms, const struct entry_actor *who,
		const struct account *account, const uint8_t hash[static HASH_SIZE],
		int64_t *ret_id)
{
	bool needs_totp = account->totp == TOTP_ACTIVE;
	char subject[ACT_SUBJECT_SIZE];
	int64_t id;
	int r = store_insert(s, STMT_LOGIN_INSERT,
			     STORE_ARGS(v_int(account->id), v_blob(hash, HASH_SIZE),
					v_text(needs_totp ? "password" : "full"), v_text(who->from),
					v_int(now_ms), v_int(now_ms + LOGIN_LIFE_MS)),
			     &id);

	if (!r && !needs_totp)
		r = store_exec(s, STMT_ACCOUNT_FORGET_FAILURES, STORE_ARGS(v_int(account->id)),
			       NULL);
	if (r)
		return r;
	act_subject_account(subject, account->name);
	r = act_log(s, now_ms, who, "session.begin", account->unit_id, subject,
		    json_pack("{s:I, s:b}", "login", (json_int_t)id, "totp_due", needs_totp));
	if (!r)
		*ret_id = id;
	return r;
}

static int slow_account(struct store *s, int64_t now_ms, const struct entry_actor *who,
			const struct account *account, const char *subject, int64_t until)
{
	int r = store_exec(s, STMT_ACCOUNT_SLOW, STORE_ARGS(v_int(account->id), v_int(until)),
			   NULL);

	if (r)
		return r;
	return act_log(s, now_ms, who, "account.slow", account->unit_id, subject,
		       json_pack("{s:I}", "until", (json_int_t)until));
}

int login_failed(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t account_id,
		 const char *how, int64_t next_ms)
{
	char subject[ACT_SUBJECT_SIZE];
	struct account account;
	int r = account_load(store_writer(s), account_id, &account);

	if (r <= 0)
		return r ? r : -ENOENT;
	act_subject_account(subject, account.name);
	r = store_exec(s, STMT_ACCOUNT_COUNT_FAILURE, STORE_ARGS(v_int(account_id)), NULL);
	if (!r)
		r = act_log(s, now_ms, who, "session.failed", account.unit_id, subject,
			    json_pack("{s:s}", "how", how));
	if (!r && next_ms > now_ms)
		r = slow_account(s, now_ms, who, &account, subject, next_ms);
	return r;
}

/* Everything is the owner's own now; the code is used up. */
static int finish_entry(struct store *s, int64_t now_ms, int64_t account_id, int64_t login_id)
{
	int64_t finished;
	int r = store_exec(s, STMT_ACCOUNT_ENTRY_FINISH,
			   STORE_ARGS(v_int(account_id), v_int(login_id), v_int(now_ms)),
			   &finished);

	return r || finished ? r : -EPERM;
}

int login_complete(struct store *s, int64_t now_ms, const struct entry_actor *who,
		   int64_t account_id, int64_t login_id, int64_t step)
{
	char subject[ACT_SUBJECT_SIZE];
	struct account account;
	int64_t used;
	int r = account_load(store_writer(s), account_id, &account);

	if (r <= 0)
		return r ? r : -ENOENT;
	r = store_exec(s, STMT_ACCOUNT_USE_TOTP, STORE_ARGS(v_int(account_id), v_int(step)), &used);
	if (!r && !used)
		return -EALREADY;
	if (!r)
		r = store_exec(s, STMT_ACCOUNT_FORGET_FAILURES, STORE_ARGS(v_int(account_id)),
			       NULL);
	if (!r)
		r = store_exec(s, STMT_LOGIN_FULL, STORE_ARGS(v_int(login_id)), NULL);
	if (!r && account_awaits_entry(&account))
		r = finish_entry(s, now_ms, account_id, login_id);
	/* A log-in from before the device never showed a second factor. */
	if (!r && account.totp != TOTP_ACTIVE)
		r = store_exec(s, STMT_LOGIN_END_OF_ACCOUNT,
			       STORE_ARGS(v_int(account_id), v_int(now_ms), v_int(login_id)), NULL);
	if (r)
		return r;
	act_subject_account(subject, account.name);
	return act_log(s, now_ms, who,
		       account.totp == TOTP_ACTIVE ? "session.totp" : "account.totp-confirm",
		       account.unit_id, subject, json_pack("{s:I}", "login", (json_int_t)login_id));
}

int login_end(struct store *s, int64_t now_ms, const struct entry_actor *who,
	      const struct account *account, int64_t login_id)
{
	char subject[ACT_SUBJECT_SIZE];
	int64_t ended;
	int r = store_exec(s, STMT_LOGIN_END, STORE_ARGS(v_int(login_id), v_int(now_ms)), &ended);

	if (r)
		return r;
	if (!ended)
		return -EALREADY;
	act_subject_account(subject, account->name);
	return act_log(s, now_ms, who, "session.end", account->unit_id, subject,
		       json_pack("{s:I}", "login", (json_int_t)login_id));
}
