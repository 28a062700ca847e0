/* What would become of a knock today, by the store's own facts: without sessions and agents, which
 * the gates alone have, and with the posture that head office knows. */
#pragma once

#include "policy/verdict.h"
#include "store/store.h"

struct dry_run_today {
	struct mac mac;
	const char *account; /* "": none */
	int64_t switch_id;
	const char *port;
	enum knock_method method;
	int64_t now_ms;
	int64_t posture_grace_ms; /* of its place, as head office set it */
};

/* As an enforcing unit would answer. */
int dry_run_today(struct store_db *db, const struct dry_run_today *who, bool no_exemptions,
		  struct decision *ret) MUST_CHECK;
