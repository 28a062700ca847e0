/*
 * Units whose breaker has tripped (invariant 12), where people see them, and the one way past it:
 * two persons who know that the effect is wanted reset it, and for a while it goes through, in that
 * unit and all below. What stops at a unit above is not touched: that one is reset itself. Errors
 * as in terminal.h.
 */
#pragma once

#include "server/engine/act.h"

#define TRIPPED_RESET_MS (10 * 60 * INT64_C(1000))

/* 0, or -ENOENT: no breaker of this unit has tripped. */
int tripped_check(struct store *s, int64_t unit_id) MUST_CHECK;
/* "breaker.reset"; -ENOENT as above. */
int tripped_reset(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t unit_id,
		  const char *why) MUST_CHECK;
