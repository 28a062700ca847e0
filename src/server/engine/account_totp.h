/* The second factor: TOTP (RFC 6238), SHA-1, six digits, 30 s, one step of tolerance. */
#pragma once

#include "crypto/seal.h"
#include "server/engine/act.h"

#define TOTP_SECRET_SIZE 20
#define TOTP_SECRET_TEXT_SIZE 33
#define TOTP_URI_SIZE 256

/* 0 and the step of the code, newer than `last_step` (a code works once); -EKEYREJECTED. */
int totp_check(const uint8_t secret[static TOTP_SECRET_SIZE], int64_t now_ms, int64_t last_step,
	       const char *code, int64_t *ret_step) MUST_CHECK;
/* Base32 without padding. */
void totp_secret_text(const uint8_t secret[static TOTP_SECRET_SIZE],
		      char ret[static TOTP_SECRET_TEXT_SIZE]);
void totp_uri(const char *account, const char *secret_text, char ret[static TOTP_URI_SIZE]);

/* "account.totp-propose": keeps a new secret, sealed; refused states are -EPERM (one is active). */
int totp_propose(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct seal_key *key, int64_t account_id,
		 const uint8_t secret[static TOTP_SECRET_SIZE]) MUST_CHECK;
/* The account's secret; -ENOENT: it has none. */
int totp_load(struct store_db *db, const struct seal_key *key, int64_t account_id,
	      const char *account, uint8_t ret[static TOTP_SECRET_SIZE],
	      int64_t *ret_last_step) MUST_CHECK;
