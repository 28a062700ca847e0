/*
 * A session that a gate no longer knows, since it lost its state: nobody will ever tell its end. A
 * person ends it; who was where when is kept as of the switch's last word. Errors as in terminal.h.
 */
#pragma once

#include "server/engine/act.h"

/* Who was spoken of so lately is there. */
#define LOST_SESSION_AFTER_MS (10 * 60 * INT64_C(1000))

/*
 * "stay.end". -EALREADY: it ended; -EBUSY: its gate spoke of it in the last LOST_SESSION_AFTER_MS.
 * One that is heard of again begins anew.
 */
int lost_session_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     const char *why) MUST_CHECK;
/* 0 and the unit of the session; -ENOENT. */
int lost_session_unit(struct store_db *db, int64_t id, int64_t *ret) MUST_CHECK;
