/*
 * The printer that dies on a Saturday: a permit of 24 hours that the branch gives at once. A
 * request of the kind "emergency-permit" is filed with it, stands open until head office approves
 * or the permit lapses, and makes a lasting permit of it.
 */
#pragma once

#include "server/engine/request.h"

#define EMERGENCY_LIFE_MS (24 * 3600 * INT64_C(1000))
#define EMERGENCY_AGAIN_MS (7 * EMERGENCY_LIFE_MS) /* one for a MAC in so long */
#define EMERGENCY_KIND "emergency-permit"

struct emergency_spec {
	struct mac mac;
	int64_t switch_id;
	const char *port; /* "" binds to the switch only */
	const char *why;
	int64_t days; /* that the request asks for */
};

/* The unit of a switch in service; -ENOENT. */
int emergency_unit(struct store_db *db, int64_t switch_id, int64_t *ret) MUST_CHECK;
/* "permit.emergency" after the permit's own entries, then the request's. */
int emergency_grant(struct store *s, int64_t now_ms, const struct entry_actor *who,
		    const struct account *account, const struct emergency_spec *spec,
		    int64_t *ret_permit, struct refused *why) MUST_CHECK;
