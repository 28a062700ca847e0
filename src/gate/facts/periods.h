/* Frozen periods and maintenance windows (server/engine/period.h), as they came with units and
 * switches: they begin and end by this gate's time, with head office away too. */
#pragma once

#include "gate/facts/snapshot.h"

/* The unit or one above it is frozen. */
bool period_is_frozen(const struct snapshot *s, int64_t unit_id, int64_t now_ms);
/* The end of a window of the switch, its unit or one above; 0: none. */
int64_t period_maintained_until(const struct snapshot *s, const struct snap_switch *at,
				int64_t now_ms);
