/* Settings that units have: the nearest one at or above a unit decides. */
#pragma once

#include "gate/facts/snapshot.h"
#include "gate/settings.h"

/*
 * As head office says for the nearest unit, else as the gate's own file does; 0: neither says
 * anything. In the file a unit that the snapshot does not know counts as not named.
 *
 * The hours in which a bad posture is only warned of.
 */
unsigned unit_posture_grace(const struct unit_numbers *own, const struct snapshot *s,
			    int64_t unit_id);
/* The days for which a proof counts while no directory answers; 0: silence then. */
unsigned unit_last_known(const struct unit_numbers *own, const struct snapshot *s, int64_t unit_id);
