/*
 * The gates that this one shares its sessions with: the other one of the region, to which a switch
 * turns when this one is gone, and those of other regions.
 *
 *	this gate ── teller ──> hearer ── its peer
 *	          <── hearer ── teller ──
 *
 * 1. Each gate tells all its peers of its own sessions, at each change, over TLS with both gates'
 *    certificates; a peer that was away is told what changed meanwhile, or all.
 * 2. What is decided here is decided from what is in memory (invariant 4). A peer that cannot be
 *    heard is missing: its sessions stay as they were last heard of, and stop being proven live as
 *    any that nobody speaks of. So a gate may admit what its peer would have refused, and says so.
 * 3. When it is heard again the words are merged (gate/live/merge.h) and what contradicts itself is
 *    closed (heal.h).
 * 4. What a person at one gate said of a MAC (gate/facts/isolations.h) all know, so that a
 *    fail-over frees nobody; what a silent agent brought a session, with the session.
 * 5. Whoever changes a session speaks for it from then on: a switch that turns to this gate brings
 *    its sessions along, under the Class that the other gate issued.
 */
#pragma once

#include "gate/gate.h"

struct peers;

/* `ret` is NULL where the configuration names no peer; so may be `p` everywhere below. */
int peers_new(struct gate *g, struct peers **ret) MUST_CHECK;
void peers_free(struct peers *p);
/* The gate has a new certificate: its lines are made anew with it. */
void peers_certificate_changed(struct peers *p);

/* A person at this gate isolated somebody, or released. */
void peers_isolations_changed(struct peers *p);

/* The first that is missing; NULL: all are heard. */
const char *peers_missing(const struct peers *p);
/* The gate that speaks for the sessions of this origin is heard; this gate always is. */
bool peers_hear(const struct peers *p, uint8_t origin);

enum peer_state {
	PEER_NEW, /* not heard yet, since a moment */
	PEER_HEARD,
	PEER_MISSING,
};

struct peer_view {
	const char *name;
	struct addr address;
	enum peer_state state;
	bool told;	     /* it has what this gate has */
	int64_t since_ms;    /* of the state */
	int64_t heard_at_ms; /* last; 0: never */
	size_t sessions;     /* live, of which it spoke last */
};

size_t peers_count(const struct peers *p);
void peers_view(const struct peers *p, size_t i, struct peer_view *ret);
const char *peer_state_name(enum peer_state state); /* "new", "heard", "missing" */
