/* The emergency bypass of a unit (invariants 9 and 13). Errors as in terminal.h. */
#pragma once

#include "server/engine/act.h"

#define BYPASS_MAX_MS (8 * 3600 * INT64_C(1000))

/* "bypass.begin" from the console, when the second person has confirmed it. -EINVAL: longer than
 * BYPASS_MAX_MS. */
int bypass_begin(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t unit_id,
		 int64_t until_ms, const char *why, int64_t proposed_by, int64_t confirmed_by,
		 int64_t *ret_id) MUST_CHECK;
/* "bypass.confirm": a second person's word on one that began on a gate. */
int bypass_confirm(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		   int64_t confirmed_by) MUST_CHECK;
/* "bypass.end" */
int bypass_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	       const char *why) MUST_CHECK;
