/*
 * One act: the entry that explains the rows changed since the one before. Domain functions
 * (terminal.h, enrol.h, permit.h, ...) change their rows and tell them through here, inside
 * engine_work.apply(); each of them is one act with one entry.
 */
#pragma once

#include "store/store.h"

#define ACT_SYSTEM_NAME "menshend"

/* The server itself: clock flow, agents' own reports. */
extern const struct entry_actor actor_system;

/*
 * Writes the entry. `subject` is "terminal:<uuid>", "account:wang", "" when there is none; `unit`
 * 0 when there is none. `detail` is taken over in every case, so that json_pack() may stand in the
 * call; NULL is its failure, -ENOMEM (nothing to tell: json_object()).
 */
int act_log(struct store *s, int64_t now_ms, const struct entry_actor *who, const char *act,
	    int64_t unit, const char *subject, json_t *detail) MUST_CHECK;

/* "terminal:<uuid>" */
#define ACT_SUBJECT_SIZE 128
void act_subject_terminal(char dst[static ACT_SUBJECT_SIZE], const struct uuid *uuid);
void act_subject_mac(char dst[static ACT_SUBJECT_SIZE],
		     const struct mac *mac); /* "mac:aa:bb:..." */
