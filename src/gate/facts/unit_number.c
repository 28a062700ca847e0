#include "gate/facts/unit_number.h"

unsigned unit_number_of(const struct unit_numbers *all, const struct snapshot *s, int64_t unit_id)
{
	int64_t nearest = 0;
	unsigned number = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct snap_unit *u = snapshot_unit_named(s, all->list[i].unit);

		if (!u || !snapshot_unit_within(s, unit_id, u->row.id) ||
		    (nearest && !snapshot_unit_within(s, u->row.id, nearest)))
			continue;
		nearest = u->row.id;
		number = all->list[i].number;
	}
	return number;
}

#define UNITS_DEEP 32

unsigned unit_posture_grace(const struct unit_numbers *own, const struct snapshot *s,
			    int64_t unit_id)
{
	const struct snap_unit *u = snapshot_unit(s, unit_id);

	for (unsigned i = 0; u && i < UNITS_DEEP; i++) {
		if (u->row.says_posture_grace)
			return u->row.posture_grace_hours;
		u = u->row.parent_id ? snapshot_unit(s, u->row.parent_id) : NULL;
	}
	return unit_number_of(own, s, unit_id);
}
