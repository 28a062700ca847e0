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
