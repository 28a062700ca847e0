/*
 * One name for a port, wherever the gate hears of it (vendor/port_name.h). What a switch says of a
 * port is named when it arrives: in its packet (front/request.h), in a session that an older gate
 * wrote down or a peer tells of. What head office keeps, permits and modes of ports, is a person's
 * word and stays as it was written; it is compared as what it means.
 */
#pragma once

#include "gate/gate.h"

/* How switch `at` names its ports; never NULL. `v` and `at` may be NULL: as they come. */
const struct vendor_ports *port_rules(const struct vendors *v, const struct snap_switch *at);
/* The name of a port of `at`; a word that has no place is cut. */
void port_name(const struct gate *g, const struct snap_switch *at, const char *word,
	       char ret[static PORT_SIZE]);
/* The same for a session that was told. */
void port_name_told(const struct gate *g, struct session *told);
/* For all sessions, once the facts are there. */
int port_name_sessions(struct gate *g) MUST_CHECK;
