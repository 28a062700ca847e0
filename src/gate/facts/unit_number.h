/* Settings that units have: the nearest one at or above a unit decides. */
#pragma once

#include "gate/facts/snapshot.h"
#include "gate/settings.h"

/* 0: none of them holds there. A unit that the snapshot does not know counts as not named. */
/* The hours in which a bad posture is only warned of: as head office says, else the gate's file. */
unsigned unit_posture_grace(const struct unit_numbers *own, const struct snapshot *s,
			    int64_t unit_id);
unsigned unit_number_of(const struct unit_numbers *all, const struct snapshot *s, int64_t unit_id);
