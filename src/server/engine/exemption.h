/* Named exemptions of terminals; policy/exemption.h says from what. The caller has seen to the
 * second person (invariant 9). Errors as in terminal.h. */
#pragma once

#include "server/engine/terminal.h"

#define EXEMPTION_MOST_MS (90 * 24 * 3600 * INT64_C(1000))

struct exemption_spec {
	int64_t terminal_id;
	const char *what, *why;
	int64_t until_ms;
	int64_t asked_by, confirmed_by; /* accounts */
};

/* "exemption.grant"; -EEXIST: it stands already; -EINVAL: over, or longer than the most. */
int exemption_grant(struct store *s, int64_t now_ms, const struct entry_actor *who,
		    const struct exemption_spec *x) MUST_CHECK;
/* "exemption.end" */
int exemption_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		  const char *why) MUST_CHECK;
