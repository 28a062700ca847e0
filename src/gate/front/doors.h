/*
 * A lane's own copy of what it must know of a switch before it may ask the facts: whose address it
 * is, and with what it signs. It fills up with the switches that really come by this lane, under
 * the gate's lock, and is read without. What it was copied from may change at any time, so whoever
 * relied on it follows the facts, under the lock, before he acts.
 */
#pragma once

#include "base/map.h"
#include "gate/facts/port_names.h"
#include "gate/facts/snapshot.h"

struct door {
	uint8_t host[16]; /* as addr_host_key() */
	int64_t switch_id;
	int64_t unsigned_until_ms;
	const struct vendor_ports *ports; /* of the vendors, which stay */
	struct radius_secret secret;
};

struct doors {
	const struct vendors *vendors;
	struct map by_host;
	uint64_t snapshots_taken, switches_epoch; /* of what was copied */
};

/* `v` may be NULL, and outlives the doors. */
void doors_init(struct doors *d, const struct vendors *v);
void doors_done(struct doors *d);
/* NULL: none that was copied. */
const struct door *doors_find(const struct doors *d, const uint8_t host[static 16]);
/*
 * Empties itself when switches changed since it was filled: true then. `snapshots_taken` tells this
 * snapshot from the ones before.
 */
bool doors_follow(struct doors *d, const struct snapshot *s, uint64_t snapshots_taken);
/* True when this usable switch was not here and is now. */
bool doors_learn(struct doors *d, const struct snapshot *s, const uint8_t host[static 16]);
