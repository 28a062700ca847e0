/*
 * From the switches' tables to answers: which port leads further, where a MAC is, which neighbour
 * is no switch of ours. Pure.
 *
 * A port is an uplink when an LLDP neighbour at it is a bridge or a router, or when more than
 * `most` MACs are behind it. A MAC stands behind the one port that is no uplink; of several (it
 * moved, and one switch has not forgotten yet) behind the one with the fewest MACs.
 */
#pragma once

#include "survey/table.h"

#define UPLINK_MACS 16 /* default of `most` */

struct place {
	size_t at; /* which table */
	const struct table_port *port;
	const struct table_mac *mac;
};

bool port_is_uplink(const struct table_port *p, uint32_t most);
/* `tables` may hold NULL: a switch that has not answered. False: behind no access port. */
bool place_find(const struct table *const *tables, size_t count, uint32_t most,
		const struct mac *mac, struct place *ret);
/*
 * No table is the neighbour's: by chassis, bridge address, or the name it calls itself, which may
 * also be one of `names` (as the inventory calls the switches; `count` of them, NULL is none).
 */
bool neighbour_is_unknown(const struct table *const *tables, const char *const *names, size_t count,
			  const struct table_neighbour *n);
