#include "gate/facts/unit_number.h"

#define UNITS_DEEP 32 /* so that a circle in the rows does not hang the gate */

static unsigned number_in_file(const struct unit_numbers *all, const struct snapshot *s,
			       int64_t unit_id)
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

typedef bool says_fn(const menshen_SnapUnit *u, unsigned *ret);

static bool says_posture_grace(const menshen_SnapUnit *u, unsigned *ret)
{
	*ret = u->posture_grace_hours;
	return u->says_posture_grace;
}

static bool says_last_known(const menshen_SnapUnit *u, unsigned *ret)
{
	*ret = u->last_known_days;
	return u->says_last_known;
}

static unsigned number_of(says_fn *says, const struct unit_numbers *own, const struct snapshot *s,
			  int64_t unit_id)
{
	const struct snap_unit *u = snapshot_unit(s, unit_id);
	unsigned number;

	for (unsigned i = 0; u && i < UNITS_DEEP; i++) {
		if (says(&u->row, &number))
			return number;
		u = u->row.parent_id ? snapshot_unit(s, u->row.parent_id) : NULL;
	}
	return number_in_file(own, s, unit_id);
}

unsigned unit_posture_grace(const struct unit_numbers *own, const struct snapshot *s,
			    int64_t unit_id)
{
	return number_of(says_posture_grace, own, s, unit_id);
}

unsigned unit_last_known(const struct unit_numbers *own, const struct snapshot *s, int64_t unit_id)
{
	return MIN(number_of(says_last_known, own, s, unit_id), LAST_KNOWN_DAYS_MAX);
}
