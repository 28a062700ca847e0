/*
 * The addresses of the plan (D22) on their way to a switch that can hold a terminal to them (its
 * vendor's file says `planned`): which, and whether others are stopped or told alone. Pure but for
 * what it reads of the gate.
 *
 *	enforce mode     other addresses are stopped
 *	observe, warn    and while a bypass opens the unit: they pass, and the switch tells of them
 *
 * Who is isolated by VLAN is in another subnet, where the plan says nothing. A MAC with more than
 * PLANNED_MAX addresses is a server's or a router's; it is held to none.
 */
#pragma once

#include "gate/gate.h"
#include "vendor/say.h"

#define PLANNED_MAX 16

struct planned {
	char text[PLANNED_MAX * 46]; /* "10.1.0.9 fd00::9", "" for none */
	bool watched;
	uint32_t mark; /* the same for the same addresses and mode on every gate; 0: none */
};

struct planned_for {
	const struct mac *mac;
	const struct snap_switch *at;
	const struct vendor *vendor; /* of that switch */
	const char *port;
	const struct vendor_place *place; /* where `verdict` puts it */
	enum verdict verdict;
	int64_t now_ms;
};

void planned_draw(const struct gate *g, const struct planned_for *who, struct planned *ret);
/* Into the place that is told; `planned` must outlive it. */
void planned_put(const struct planned *planned, struct vendor_place *place);
