/* Visitors and contractors: somebody of the house answers for them, and they end. Errors as in
 * terminal.h. */
#pragma once

#include "server/engine/terminal.h"

#define VISITOR_DAYS_MOST 7
#define VISITOR_DAYS_SETTING "visitor.days" /* fewer than the most, where somebody set it */

struct visitor_spec {
	int64_t unit_id;
	int64_t sponsor_id; /* person */
	const char *name, *company, *place;
	struct mac mac;
	int64_t until_ms;
};

/* How many days a visitor may stay. */
int visitor_days(struct store_db *db, int64_t *ret) MUST_CHECK;
/* "terminal.create" and "visitor.admit"; -EINVAL: longer than visitor_days(), or over. */
int visitor_admit(struct store *s, int64_t now_ms, const struct entry_actor *who,
		  const struct visitor_spec *v, struct terminal *ret) MUST_CHECK;
/* "visitor.end"; its terminal is scrapped with it. */
int visitor_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		const char *why) MUST_CHECK;
