#include "server/engine/account_entry.h"

#include "crypto/secret.h"

static int void_what_was_before(struct store *s, int64_t now_ms, int64_t id)
{
	int r = store_exec(s, STMT_ACCOUNT_SET_TOTP,
			   STORE_ARGS(v_int(id), v_null(), v_text("none")), NULL);

	if (!r)
		r = store_exec(s, STMT_ACCOUNT_DEMAND_CHANGE, STORE_ARGS(v_int(id)), NULL);
	if (!r)
		r = store_exec(s, STMT_LOGIN_END_OF_ACCOUNT,
			       STORE_ARGS(v_int(id), v_int(now_ms), v_int(0)), NULL);
	return r;
}

int account_entry_open(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		       struct account_entry_code *ret)
{
	struct account_entry_code code = {.expires_at_ms = now_ms + ACCOUNT_ENTRY_LIFE_MS};
	char subject[ACT_SUBJECT_SIZE];
	uint8_t hash[HASH_SIZE];
	struct account account;
	int r = account_load(store_writer(s), id, &account);

	if (r <= 0)
		return r ? r : -ENOENT;
	enrol_code_make(code.text);
	r = enrol_code_hash(code.text, hash);
	if (!r)
		r = void_what_was_before(s, now_ms, id);
	if (!r)
		r = store_exec(s, STMT_ACCOUNT_ENTRY_OPEN,
			       STORE_ARGS(v_int(id), v_blob(hash, sizeof(hash)),
					  v_int(code.expires_at_ms)),
			       NULL);
	if (!r) {
		act_subject_account(subject, account.name);
		r = act_log(s, now_ms, who, "account.entry-code", account.unit_id, subject,
			    json_pack("{s:I}", "expires", (json_int_t)code.expires_at_ms));
	}
	if (!r)
		*ret = code;
	secret_wipe(&code, sizeof(code));
	return r;
}

int account_entry_check(struct store_db *db, int64_t id, int64_t now_ms, const char *code)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	uint8_t hash[HASH_SIZE];
	const void *kept;
	size_t len = 0;
	int r = enrol_code_hash(code, hash);

	if (r)
		return r == -EINVAL ? -EKEYREJECTED : r;
	r = store_select(db, STMT_ACCOUNT_ENTRY_CODE, STORE_ARGS(v_int(id)), &c);
	if (!r)
		r = store_next(c);
	if (r < 0)
		return r;
	kept = r ? store_blob(c, 0, &len) : NULL;
	if (len != HASH_SIZE || !secret_equal(kept, hash, HASH_SIZE))
		return -EKEYREJECTED;
	return store_int(c, 1) > now_ms ? 0 : -ETIME;
}

int account_entry_begin(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
			int64_t login_id)
{
	char subject[ACT_SUBJECT_SIZE];
	struct account account;
	int r = account_load(store_writer(s), id, &account);

	if (r <= 0)
		return r ? r : -ENOENT;
	r = store_exec(s, STMT_ACCOUNT_ENTRY_BEGIN, STORE_ARGS(v_int(id), v_int(login_id)), NULL);
	if (r)
		return r;
	act_subject_account(subject, account.name);
	return act_log(s, now_ms, who, "session.entry", account.unit_id, subject,
		       json_pack("{s:I}", "login", (json_int_t)login_id));
}
