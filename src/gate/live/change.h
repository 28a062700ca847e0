/*
 * What is said to a switch about a session that is live, step by step (RFC 5176), as its vendor's
 * file has it: pure, no sockets, no time of its own.
 *
 *	another place ─ CHANGE_PLACE or CHANGE_REAUTHENTICATE ─NAK─┐
 *	out, or the vendor moves nobody ──────────────── CHANGE_DISCONNECT ─NAK─ CHANGE_BOUNCE
 *	                                                                            │ NAK
 *	silence of the switch at any step ────────────────────────────── CHANGE_BOUNCE_SNMP
 *
 * 1. An ACK ends it, and so does "there is no such session".
 * 2. A port is bounced only where that was allowed, for others may sit on it.
 * 3. CHANGE_BOUNCE_SNMP is asked for when RADIUS is at its end; it sends no packet of RADIUS.
 */
#pragma once

#include "gate/facts/snapshot.h"
#include "gate/live/session.h"
#include "vendor/say.h"

enum change_step {
	CHANGE_PLACE,
	CHANGE_REAUTHENTICATE,
	CHANGE_DISCONNECT,
	CHANGE_BOUNCE,
	CHANGE_BOUNCE_SNMP,
	CHANGE_OVER,
};

enum change_outcome {
	CHANGE_ACK,
	CHANGE_NAK,
	CHANGE_GONE, /* NAK: the switch has no such session */
	CHANGE_SILENT,
	CHANGE_OUTCOME_COUNT,
};

struct change_facts {
	const struct vendor *vendor;
	const struct snap_switch *at;
	const struct radius_secret *secret; /* NULL: the switch's own */
	const struct session *session;
	const struct vendor_place *to; /* CHANGE_PLACE only */
	int64_t now_ms;
};

/* `from`, `to`: the places before and after; `to` NULL: out. */
enum change_step change_first(const struct vendor *v, const struct vendor_place *from,
			      const struct vendor_place *to);
enum change_step change_next(const struct vendor *v, enum change_step step,
			     enum change_outcome outcome, bool may_bounce);
/* The packet of one of the first four steps, finished. */
int change_build(struct radius_out *out, uint8_t id, enum change_step step,
		 const struct change_facts *f) MUST_CHECK;
/* What an answer says; `ret_cause` is 0 when it names none. */
enum change_outcome change_read(const struct radius_packet *answer, uint32_t *ret_cause);
/* "CoA-Request: NAK, Unsupported Service (405)" */
#define CHANGE_TEXT_SIZE 96
void change_tell(char dst[static CHANGE_TEXT_SIZE], enum change_step step,
		 enum change_outcome outcome, uint32_t cause);
