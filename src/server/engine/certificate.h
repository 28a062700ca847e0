/*
 * The book of issued certificates. What is not in it, or is revoked in it, does not get in, however
 * well it is signed. The gateway keeps the revoked serials in memory and reads them anew after a
 * commit with TOPIC_CERTIFICATE.
 */
#pragma once

#include "crypto/ca.h"
#include "server/engine/act.h"

struct certificate {
	int64_t id, terminal_id, gate_id; /* one of both is 0 */
	int64_t not_after_ms, revoked_at_ms;
};

/* 1 and the row; 0 there is none; negative: the read failed. */
int certificate_load(struct store_db *db, const char *serial, struct certificate *ret) MUST_CHECK;
/* Part of the act that issues it: adds the row, writes no entry. */
int certificate_add(struct store *s, const struct cert_info *cert, int64_t terminal_id,
		    int64_t gate_id) MUST_CHECK;
/* Part of an act: revokes those of the terminal in force but `keep` (NULL: all). No entry. */
int certificate_revoke_of_terminal(struct store *s, int64_t now_ms, int64_t terminal_id,
				   const char *keep, const char *why) MUST_CHECK;
/* "certificate.revoke"; -ENOENT, -EALREADY. Its connection ends within a second. */
int certificate_revoke(struct store *s, int64_t now_ms, const struct entry_actor *who,
		       const char *serial, const char *why) MUST_CHECK;
