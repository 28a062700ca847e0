/* With what a switch is asked over SNMP (vendor/snmp.h). Errors as in terminal.h. */
#pragma once

#include "crypto/seal.h"
#include "server/engine/act.h"

/*
 * "switch.snmp": the credential, sealed to the gates at once; "" ends it. -EINVAL: it is none. The
 * log says its version and nothing else of it.
 */
int switch_set_snmp(struct store *s, int64_t now_ms, const struct entry_actor *who,
		    const struct seal_pair *gates, int64_t id, const char *credential) MUST_CHECK;
