/*
 * Clause D21, judged: which of a desk's links lead past the bank. Pure.
 *
 * - The bank's link is of an allowed kind, up, and has an address of the bank's.
 * - A second network is any other link that is up and leads anywhere. The bank's link is one too
 *   when it has an address, a next hop or a reach that is not the bank's: then it is mixed.
 * - A desk is inside when some link is the bank's; else it is away (taken home, on a train).
 */
#pragma once

#include <jansson.h>

#include "policy/links.h"

#define EGRESS_BANK_MAX 32

struct egress_rules {
	struct prefix bank[EGRESS_BANK_MAX]; /* none: nothing can be judged */
	size_t bank_count;
	unsigned allowed; /* 1 << enum link_kind: may be the bank's own, as a staff Wi-Fi */
	bool cut_away;	  /* away, everything but head office is cut too */
};

struct egress_view {
	bool inside;
	uint32_t bank;	 /* 1 << place in the list of links */
	uint32_t second; /* the same */
	uint32_t mixed;	 /* those that are both */
};

/*
 * The policy's object: {"bank": ["10.0.0.0/8"], "allow": ["wire", "wifi"], "away": "record|cut"}.
 * Missing words: no prefixes, the wire alone, record. -EINVAL with the place of the first wrong
 * word: "bank[2]".
 */
#define EGRESS_WHERE_SIZE 32
int egress_rules_parse(const json_t *settings, struct egress_rules *ret,
		       char where[static EGRESS_WHERE_SIZE]) MUST_CHECK;
void egress_judge(const struct egress_rules *r, const struct links *l, struct egress_view *ret);
/* What is to be cut when the guard enforces. */
bool egress_wants_cut(const struct egress_rules *r, const struct egress_view *v);
