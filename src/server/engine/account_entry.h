/*
 * Entry: how an account becomes its owner's own (invariant 9). Whoever opens an account or resets
 * its password knows what it is entered with, and could be in before its owner. So an account that
 * holds a role by two persons can do nothing until its owner has entered:
 *
 *   confirmed by a second person: account_entry_open()
 *     -> everything of before is void: the device, the password (a new one is due), every session
 *     -> the code, shown to the confirming person alone, who hands it over in person
 *   the owner logs in with the password: STAGE_ENTRY (account_login.h), the code opens it for this
 *     one session; there a new password, then a new device; with the device the code is used up
 *
 *   1. Neither of the two can enter: one knows the password, the other the code. Who gave the
 *      present password confirms nothing about the account (proposal_is_own()).
 *   2. Only the session in which the code was given goes on; any other stays at STAGE_ENTRY.
 *   3. A password or a device reset by somebody else undoes the entry; the owner's own change does
 *      not. So an account that has entered takes a further role without a code.
 *   4. A session that breaks off half-way does not cost the code: until the device is confirmed it
 *      may be given again. A code that is out of time or lost needs a new reset by two persons.
 *
 * The code is made and written as an enrolment's (enrol.h), of which only the hash is kept. Acts
 * run inside engine_work.apply(); errors as in engine/account.h.
 */
#pragma once

#include "server/engine/account.h"
#include "server/engine/enrol.h"

/* It goes from hand to hand, at times to another town: as long as a proposal waits. */
#define ACCOUNT_ENTRY_LIFE_MS (7 * 24 * 3600 * INT64_C(1000))

struct account_entry_code {
	char text[ENROL_CODE_SIZE]; /* "" none was drawn; never logged */
	int64_t expires_at_ms;
};

/* "account.entry-code"; an earlier code is dead. */
int account_entry_open(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		       struct account_entry_code *ret) MUST_CHECK;
/* 0 it is the code; -EKEYREJECTED it is not, or there is none; -ETIME it was. */
int account_entry_check(struct store_db *db, int64_t id, int64_t now_ms,
			const char *code) MUST_CHECK;
/* "session.entry": the code was right, this session goes on. */
int account_entry_begin(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
			int64_t login_id) MUST_CHECK;
