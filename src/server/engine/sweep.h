/*
 * What is over and of no more use to anybody: proposals that nobody decided, logins past their
 * time, enrolment codes long past theirs. The rows of logins and codes go; the entry names them, so
 * that the log still explains all that there was. Errors as in terminal.h.
 */
#pragma once

#include "server/engine/act.h"

/* A code is refused as expired for so long; then nobody knows it any more. */
#define SWEEP_CODE_AFTER_MS (30 * 24 * 3600 * INT64_C(1000))

/* "proposal.expire"; -EALREADY: it was decided. */
int sweep_proposal(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		   const char *why) MUST_CHECK;
/* "session.expire": all logins that are over, at most 256, in one entry. */
int sweep_logins(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t any_id,
		 const char *why) MUST_CHECK;
/* "request.lapse": the emergency permit that it was to approve is over. */
int sweep_request(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		  const char *why) MUST_CHECK;
/* A row of the live view whose session ended; its stay stands in the monthly files. No entry. */
int sweep_session(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		  const char *why) MUST_CHECK;
/* "enrol.code-expire": all codes used or expired SWEEP_CODE_AFTER_MS ago, as above. */
int sweep_enrol_codes(struct store *s, int64_t now_ms, const struct entry_actor *who,
		      int64_t any_id, const char *why) MUST_CHECK;
