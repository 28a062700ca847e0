/*
 * Flow 1, a knock: an Access-Request, proven to come from its switch.
 *
 *	identify   the MAC, or the EAP engine's word (relay.c calls back with it)
 *	look up    picture.c
 *	decide     policy/verdict.h, then the breaker and the life-line rule
 *	reply      reply.c
 *	record     record.c, into the ledger
 */
#pragma once

#include "gate/front/reply.h"
#include "gate/gate.h"

/* Answers now, later, or never. */
void knock_take(struct gate *g, struct request *r);

/* The same packet again while its answer is still awaited. */
void knock_repeat(struct gate *g, const struct request *r);

/* What was proven about who knocks. */
struct proven {
	enum knock_method method;
	enum reason proof; /* REASON_OK: proven */
	bool last_known;   /* by what proved the account last, for no directory answers */
	char account[ACCOUNT_NAME_SIZE];
	char serial[48];
	const struct reply_eap *eap; /* NULL: no EAP */
};

/* From "look up" on. */
void knock_conclude(struct gate *g, const struct request *r, const struct proven *who);

/*
 * Automation would keep out, or put out, somebody who was let in at this place before: is that
 * stopped by the life-line rule, a frozen period or the breaker (invariant 12)? `wave` as in
 * breaker_ask().
 */
bool knock_must_hold(struct gate *g, const struct picture *p, const struct decision *d,
		     size_t wave);

/* The account's other session, that nobody proves any more (NULL is fine), is over. */
void knock_close_silent(struct gate *g, struct session *n, int64_t now_ms);

/* The record's note of what was stopped so. */
const char *knock_held_note(const struct picture *p);
