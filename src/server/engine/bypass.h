/* The emergency bypass of a unit (invariants 9 and 13). Errors as in terminal.h. */
#pragma once

#include "server/engine/act.h"

#define BYPASS_MAX_MS (8 * 3600 * INT64_C(1000))

struct bypass_spec {
	int64_t unit_id;
	int64_t until_ms; /* in the future, else -EINVAL */
	const char *why;
	int64_t proposed_by, confirmed_by; /* accounts; 0: nobody (yet) */
};

/* "bypass.begin" from the console, when the second person has confirmed it; -EINVAL when it is to
 * last longer than BYPASS_MAX_MS. */
int bypass_begin(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct bypass_spec *spec, int64_t *ret_id) MUST_CHECK;
/* "bypass.begin" on the gate itself, which has bounds of its own; the second person comes
 * afterwards. */
int bypass_begin_on_gate(struct store *s, int64_t now_ms, const struct entry_actor *who,
			 const struct bypass_spec *spec, int64_t *ret_id) MUST_CHECK;
/* "bypass.confirm": a second person's word on one that began on a gate; -EPERM for the first's. */
int bypass_confirm(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		   int64_t confirmed_by) MUST_CHECK;
/* "bypass.end" */
int bypass_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	       const char *why) MUST_CHECK;
