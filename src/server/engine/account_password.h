/*
 * Passwords of accounts (clauses M06, D27): rules, argon2id (RFC 9106), and the NT hash that
 * MSCHAPv2 forces, sealed to the gates at the same moment (invariant 10).
 *
 * Deriving and checking take 64 MiB and about 0.1 s each. At most PASSWORD_WORKERS run at once in
 * the process and PASSWORD_WAITING wait; more get -EAGAIN, so that a flood of log-ins costs bounded
 * memory. Never call them on the engine's thread. Thread-safe.
 */
#pragma once

#include "crypto/seal.h"
#include "server/engine/refusal.h"
#include "store/store.h"

#define PASSWORD_HASH_SIZE 128 /* crypto_pwhash_STRBYTES */
#define PASSWORD_MAX 256       /* bytes */
#define PASSWORD_HISTORY 5     /* the present one included */
#define PASSWORD_LIFE_MS (90 * 24 * 3600 * INT64_C(1000))
#define PASSWORD_WORKERS 2
#define PASSWORD_WAITING 32
#define PASSWORD_FIRST_SIZE 17

struct password {
	char hash[PASSWORD_HASH_SIZE];
	uint8_t nt_sealed[SEAL_PUBLIC_OVERHEAD + 16];
};

/* Refused unless it has 10 characters of three of four classes and not the account's name. */
int password_check_rules(const char *account, const char *plain, struct refused *why) MUST_CHECK;
/* Refused when it is the present one or among the four before. */
int password_check_history(struct store_db *db, int64_t account_id, const char *plain,
			   struct refused *why) MUST_CHECK;
/* `gates`: public half; the NT hash is sealed with the context "nt:NAME". */
int password_derive(const struct seal_pair *gates, const char *account, const char *plain,
		    struct password *ret) MUST_CHECK;
/* 0 it is the password; -EKEYREJECTED it is not; -EAGAIN; -ENOMEM. */
int password_verify(const char *hash, const char *plain) MUST_CHECK;
/* Costs what a check costs, for accounts that do not exist. */
int password_verify_nobody(const char *plain) MUST_CHECK;
/* A first password that keeps the rules and has no look-alike characters. */
void password_make_first(char ret[static PASSWORD_FIRST_SIZE]);
