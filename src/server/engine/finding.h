/* What was found on the wire, and that a person dealt with it. Errors as in terminal.h. */
#pragma once

#include "server/engine/act.h"

#define FINDING_KEPT_MS                                                                            \
	(400 * 24 * 3600 * INT64_C(1000)) /* not reported for so long: forgotten                   \
					   */

/* "finding.settle": a person dealt with it, as `why` says; -EALREADY: that was noted, and it was
 * not reported since. */
int finding_settle(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		   const char *why) MUST_CHECK;
