/* Flow 1, "record": what happened, in the wire's words. */
#pragma once

#include "gate/knock/picture.h"

struct proven;

/* A knock and its decision. `session` is NULL for a refusal. */
void record_knock(struct gate *g, const struct request *r, const struct picture *p,
		  const struct decision *d, const struct session *session, const struct proven *who,
		  const char *note);
/* A session's start, interim, stop, move...: `kind` as the wire says, `note` may be "". */
void record_session(struct gate *g, const char *kind, const struct session *session,
		    const char *note);
/* It stays in, and is told from when on it would be kept out; or is not any more: 0. */
void record_warned(struct gate *g, const struct session *session, int64_t enforce_from_ms);
/* Automation would have put it out, and is held: `instead` is what would have come of it. */
void record_held(struct gate *g, const struct session *session, const struct decision *instead,
		 const char *note);
/* An act about a MAC, with the place of its `session` when it has one (else NULL). */
void record_mac(struct gate *g, const char *kind, const struct mac *mac,
		const struct session *session, const char *note);
/* Something about the place of a request: its MAC, switch and port. */
void record_place(struct gate *g, const char *kind, const struct request *r, const char *note);
/* What the listener found. `session` is NULL when the MAC has none. */
struct record_finding {
	const struct mac *mac; /* NULL: none is known; then it is told, and nothing is kept open */
	const struct session *session;
	int64_t terminal_id; /* 0: unknown */
	const char *code, *address, *note;
	int64_t switch_id; /* where it is, without a session; 0: not known */
	const char *port;
};
void record_finding(struct gate *g, const struct record_finding *f);
/* What the gate itself did or saw: "gate.breaker", "gate.bypass", "gate.engine"... */
void record_gate(struct gate *g, const char *kind, int64_t unit_id, const char *note);
/* A packet of a switch that nobody registered. */
void record_unknown_switch(struct gate *g, const struct addr *from);
