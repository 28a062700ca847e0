/* How many live terminals a switch port may have (D24). Errors as in terminal.h. */
#pragma once

#include "server/engine/act.h"

#define PORT_TERMINALS_MOST 255

struct port_setting {
	int64_t terminals; /* 0: as the unit, of a unit as the one above says; at the root: no limit
			    */
	bool phone_beside; /* a telephone takes no place */
	const char *why;
};

/* "unit.ports" and "switch.ports" */
int unit_set_ports(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		   const struct port_setting *setting) MUST_CHECK;
int switch_set_ports(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     const struct port_setting *setting) MUST_CHECK;
