/*
 * A person's session with the console (clauses M07, D34): begun by the password, complete after
 * the second factor, bound to the address it began from, ended by its life, by a log-out or by a
 * change of the account. The token is in the browser only; the store has its hash.
 *
 * Every function that takes a store is an act with one entry; errors as in engine/account.h.
 */
#pragma once

#include "server/engine/account.h"

#define LOGIN_LIFE_MS (12 * 3600 * INT64_C(1000))
#define LOGIN_IDLE_MS (30 * 60 * INT64_C(1000))
#define LOGIN_TOKEN_SIZE 32
#define LOGIN_SOURCE_SIZE 64

struct login {
	int64_t id, account_id, started_at_ms, expires_at_ms;
	bool full;     /* the second factor was given, or none is registered */
	bool entering; /* the entry code was given in this one */
	char source[LOGIN_SOURCE_SIZE];
};

/* What is still due before anything but the session itself may be used; one after the other. */
enum login_stage { STAGE_TOTP, STAGE_ENTRY, STAGE_PASSWORD_CHANGE, STAGE_TOTP_ENROL, STAGE_FULL };

const char *login_stage_name(enum login_stage stage);
/* Pure: holders of a role need a second factor; a password lives 90 days; what awaits entry goes on
 * in the session of the code alone. */
enum login_stage login_stage(const struct login *login, const struct account *account,
			     int64_t now_ms);

/* SHA-256 of the token's bytes. */
int login_token_hash(const uint8_t token[static LOGIN_TOKEN_SIZE],
		     uint8_t ret[static HASH_SIZE]) MUST_CHECK;
/* 1 and the session that is in force; 0; negative. */
int login_find(struct store_db *db, const uint8_t hash[static HASH_SIZE], int64_t now_ms,
	       struct login *ret) MUST_CHECK;

/* "session.begin": the password was right. */
int login_begin(struct store *s, int64_t now_ms, const struct entry_actor *who,
		const struct account *account, const uint8_t hash[static HASH_SIZE],
		int64_t *ret_id) MUST_CHECK;
/* "session.failed", `how` is "password", "totp" or "entry"; and "account.slow" where the next try
 * from there is heard only at `next_ms` (0: at once). No gate hears of it: what a stranger types at
 * the console does not put anybody off the network. */
int login_failed(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t account_id,
		 const char *how, int64_t next_ms) MUST_CHECK;
/* "session.totp": the code of `step` is used up, the session complete. -EALREADY: the step was
 * used meanwhile. The first one activates a proposed device, which ends an entry under way; -EPERM:
 * it is under way elsewhere. */
int login_complete(struct store *s, int64_t now_ms, const struct entry_actor *who,
		   int64_t account_id, int64_t login_id, int64_t step) MUST_CHECK;
/* "session.end" */
int login_end(struct store *s, int64_t now_ms, const struct entry_actor *who,
	      const struct account *account, int64_t login_id) MUST_CHECK;
