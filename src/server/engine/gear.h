/* The register of network gear that the bank approved (clause D24). Errors as in terminal.h. */
#pragma once

#include "server/engine/act.h"

struct gear_spec {
	struct mac mac;
	const char *kind; /* "switch", "router", "access-point", "dhcp-server" */
	const char *name, *place;
	int64_t unit_id, owner_id;
	int64_t request_id; /* 0: none */
	int64_t until_ms;
};

/* "gear.approve"; an entry of the same MAC and kind ends by it. */
int gear_approve(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct gear_spec *spec, int64_t *ret_id) MUST_CHECK;
/* "gear.end" */
int gear_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	     const char *why) MUST_CHECK;
