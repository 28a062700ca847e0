/*
 * What kind of system speaks, by the fingerprint of its DHCP client ("1,3,6/MSFT 5.0": the options
 * it asks for, then its vendor class), and whether a terminal of a kind may be that. A MAC is
 * easily copied, the way its system asks for an address seldom is.
 */
#pragma once

#include "policy/verdict.h"

enum system {
	SYSTEM_UNKNOWN,
	SYSTEM_COMPUTER,
	SYSTEM_MOBILE,	 /* a telephone or tablet for the pocket */
	SYSTEM_EMBEDDED, /* a small router, a camera, a box */
	SYSTEM_PRINTER,
	SYSTEM_PHONE, /* on a desk */
	SYSTEM_COUNT
};

enum system system_from_fingerprint(const char *fingerprint);
const char *system_name(enum system s); /* "computer" */
/* Unknown fits everything; so does everything fit a terminal of another kind than these. */
bool system_fits(enum system s, enum terminal_kind kind);
