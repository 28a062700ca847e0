/*
 * How many live terminals a switch port may have (D24): what the switch says, else its unit, else
 * the unit above; counted from the sessions. Who is in is not put out by who comes later, and a
 * session that nobody proves any more takes no place.
 */
#pragma once

#include "gate/knock/picture.h"

struct port_limit {
	unsigned terminals; /* 0: none */
	bool phones_count;  /* else a telephone takes no place */
};

struct port_limit port_limit_of(const struct snapshot *s, const struct snap_switch *at);
/* Fills the port's facts. Nothing is counted where there is no limit, or no name of the port. */
void port_limit_draw(const struct gate *g, const struct subject *who, const struct snap_switch *at,
		     struct port_facts *ret);
