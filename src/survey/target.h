/* A switch to ask, as the gate names it: where it is and with what. */
#pragma once

#include "base/addr.h"
#include "vendor/snmp.h"

struct target {
	int64_t id;
	char name[64];
	char address[ADDR_TEXT_SIZE]; /* host and port */
	struct credential credential;
};
