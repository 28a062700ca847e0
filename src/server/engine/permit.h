/* Permits (a MAC on a switch and port, for a time) and the deny list. Errors as in terminal.h. */
#pragma once

#include "policy/hours.h"
#include "server/engine/act.h"

struct permit_spec {
	int64_t terminal_id;
	struct mac mac;
	int64_t switch_id;
	const char *port; /* "" binds to the switch only */
	int64_t from_ms, until_ms;
	int64_t request_id; /* 0: none */
};

/* "permit.grant"; a permit in force for this MAC ends by it. The terminal must own the MAC. */
int permit_grant(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct permit_spec *spec, int64_t *ret_id) MUST_CHECK;
/* "permit.move": it holds at another place from now on; -EALREADY: it ended. */
struct permit_place {
	int64_t switch_id;
	const char *port;
	int64_t request_id;
};
int permit_move(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		const struct permit_place *to) MUST_CHECK;
/* "permit.end" */
int permit_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	       const char *why) MUST_CHECK;
/*
 * "permit.hours": in which hours it holds; `windows` is an array of {days, from_minute,
 * until_minute}, borrowed; empty: every hour. -EINVAL: malformed, or more than HOURS_MOST.
 */
int permit_set_hours(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     const json_t *windows, const char *why) MUST_CHECK;
/* The windows as policy/hours.h packs them; "" has none. */
int permit_hours_parse(const char *windows, uint32_t ret[static HOURS_MOST],
		       size_t *ret_count) MUST_CHECK;

/* "deny.add"; `until_ms` 0: no end. -EEXIST: it stands already. "deny.end" */
int deny_add(struct store *s, int64_t now_ms, const struct entry_actor *who, const struct mac *mac,
	     int64_t until_ms, const char *why, int64_t *ret_id) MUST_CHECK;
int deny_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	     const char *why) MUST_CHECK;
