/*
 * What a listener finds on the wire, and a gate at its doors: one table of kinds, each with its
 * clause, words and what to do. docs/events.md is made from it. A code never changes its meaning.
 */
#pragma once

#include "base/util.h"

enum finding {
	FINDING_UNKNOWN_DEVICE,
	FINDING_NO_SESSION,
	FINDING_IP_CONFLICT,
	FINDING_IP_TAKEN,
	FINDING_GATEWAY_TAKEN,
	FINDING_ROAMING_MAC,
	FINDING_PLAN_MAC,
	FINDING_PLAN_IP,
	FINDING_DHCP_SERVER,
	FINDING_ROUTER_ADVERT,
	FINDING_NAT,
	FINDING_ROUTER,
	FINDING_MANY_BEHIND,
	FINDING_BRIDGE,
	FINDING_SOFT_AP,
	FINDING_CLONE,
	FINDING_TWO_PLACES,
	FINDING_OTHER_ACCOUNT,
	FINDING_OTHER_BRANCH,
	FINDING_COUNT
};

struct finding_text {
	const char *code; /* "ip-conflict": what travels and is stored */
	const char *clause;
	const char *zh, *en;
	const char *zh_todo, *en_todo;
};

const struct finding_text *finding_text(enum finding f);
enum finding finding_from_code(const char *code); /* FINDING_COUNT if none */
/*
 * A set of findings that name a terminal, a bit each: "none", or codes with spaces between them.
 * -EINVAL: no such code, or unknown-device.
 */
int finding_set_parse(const char *text, uint32_t *ret) MUST_CHECK;
