#include "gate/facts/periods.h"

#define UNITS_DEEP 32 /* so that a circle in the rows does not hang the gate */

static bool holds(int64_t from_ms, int64_t until_ms, int64_t now_ms)
{
	return from_ms <= now_ms && now_ms < until_ms;
}

bool period_is_frozen(const struct snapshot *s, int64_t unit_id, int64_t now_ms)
{
	const struct snap_unit *u;

	for (unsigned deep = 0; deep < UNITS_DEEP && (u = snapshot_unit(s, unit_id)); deep++) {
		if (holds(u->row.frozen_from_ms, u->row.frozen_until_ms, now_ms))
			return true;
		unit_id = u->row.parent_id;
	}
	return false;
}

int64_t period_maintained_until(const struct snapshot *s, const struct snap_switch *at,
				int64_t now_ms)
{
	const struct snap_unit *u;
	int64_t id = at->row.unit_id, until_ms = 0;

	if (holds(at->row.maintained_from_ms, at->row.maintained_until_ms, now_ms))
		until_ms = at->row.maintained_until_ms;
	for (unsigned deep = 0; deep < UNITS_DEEP && (u = snapshot_unit(s, id)); deep++) {
		if (holds(u->row.maintained_from_ms, u->row.maintained_until_ms, now_ms))
			until_ms = MAX(until_ms, u->row.maintained_until_ms);
		id = u->row.parent_id;
	}
	return until_ms;
}
