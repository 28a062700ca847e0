/* Signed policy: what agents obey (invariant 7). */
#pragma once

#include "crypto/sign.h"
#include "policy/body.h"
#include "server/engine/act.h"

struct policy_version {
	uint64_t epoch, number; /* 0, 0: none is published */
};

/* Who signs a policy, and the epoch that it counts in. */
struct policy_signer {
	const struct sign_key *key; /* borrowed */
	uint64_t epoch;
};

/* The newest: 1, 0 when none is published, negative. `ret_body` and `ret_signature` are appended.
 */
int policy_latest(struct store_db *db, struct policy_version *ret, struct buf *ret_body,
		  struct buf *ret_signature) MUST_CHECK;
/*
 * "policy.publish": gives `body` (a JSON object, borrowed) the next number of the epoch, writes
 * both into it, signs its bytes. `account_id` 0: made by menshen init. -EINVAL: no object;
 * -EMSGSIZE.
 */
int policy_publish(struct store *s, int64_t now_ms, const struct entry_actor *who,
		   const struct sign_key *key, uint64_t epoch, const json_t *body,
		   int64_t account_id, struct policy_version *ret) MUST_CHECK;
