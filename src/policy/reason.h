/*
 * Every verdict carries one reason, and every program speaks of it with the words of this one
 * table: user, administrator, switch log and record see the same (invariant 6). The code is what
 * travels and is stored; it never changes its meaning. docs/reasons.md is generated from here.
 */
#pragma once

#include "base/util.h"

enum reason {
	REASON_NONE,
	/* admitted */
	REASON_OK,
	REASON_OBSERVED,
	REASON_WARNED,
	REASON_BYPASS,
	REASON_GRACE,
	/* who is it */
	REASON_PASSWORD_WRONG,
	REASON_ACCOUNT_UNKNOWN,
	REASON_ACCOUNT_DISABLED,
	REASON_ACCOUNT_LOCKED,
	REASON_PASSWORD_EXPIRED,
	REASON_IDENTITY_MISSING,
	REASON_CERTIFICATE_REVOKED,
	REASON_CERTIFICATE_UNKNOWN,
	REASON_METHOD_REFUSED,
	/* which terminal is it */
	REASON_DENY_LISTED,
	REASON_TERMINAL_UNKNOWN,
	REASON_TERMINAL_NOT_READY,
	REASON_TERMINAL_SCRAPPED,
	REASON_ACCOUNT_NOT_ON_TERMINAL,
	REASON_ACCOUNT_LIVE_ELSEWHERE,
	REASON_MAC_OF_ANOTHER,
	REASON_MAC_RANDOMISED,
	REASON_SUPPLICANT_MISSING,
	/* its permit */
	REASON_PERMIT_MISSING,
	REASON_PERMIT_EXPIRED,
	REASON_PERMIT_NOT_YET,
	REASON_PERMIT_OTHER_PORT,
	REASON_PERMIT_OTHER_SWITCH,
	/* its health */
	REASON_POSTURE_BAD,
	REASON_POSTURE_STALE,
	REASON_AGENT_SILENT,
	REASON_AGENT_MAC_MISMATCH,
	REASON_ISOLATED_BY_PERSON,
	/* a gate's log of sessions holds these numbers: what is new comes last */
	REASON_PORT_FULL,
	REASON_ACCOUNT_NOT_IN_GROUP,
	REASON_PERMIT_OUTSIDE_HOURS,
	REASON_VISITOR_OVER,
	REASON_VISITOR_ELSEWHERE,
	REASON_VISITOR_NO_PLACE,
	REASON_MAINTENANCE,    /* admitted */
	REASON_POLICY_OLD,     /* a bad posture for this alone (policy/freshness.h) */
	REASON_DIRECTORY_DOWN, /* silence; a dry run alone says it */
	REASON_COUNT
};

struct reason_text {
	enum reason reason;
	const char *code;	       /* "permit-other-port": stable, lower case */
	const char *clause;	       /* of the regulation, "" when none */
	const char *zh, *en;	       /* what is the matter */
	const char *zh_todo, *en_todo; /* what the person does next; "" when nothing */
};

/* Never NULL for a reason below REASON_COUNT. */
const struct reason_text *reason_text(enum reason r);
/* REASON_COUNT when no reason has this code. */
enum reason reason_from_code(const char *code);
