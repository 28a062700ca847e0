/*
 * What a record does beside being kept: live views of knocks, sessions and inventory, a bypass that
 * began on a gate, alarms. One table of kinds; a kind that is not in it is kept and does nothing.
 */
#pragma once

#include "server/engine/engine.h"
#include "server/gateway/gateway.h"
#include "server/gateway/isolate_finding.h"
#include "server/gateway/stay_effect.h"
#include "wire/menshen.pb.h"

/* Whose record it is. */
struct record_origin {
	int64_t terminal_id, unit_id; /* of the terminal or gate that speaks */
	const char *source;	      /* lives as long as its batch */
};

/* Gathered over a batch. */
struct record_effects {
	uint32_t topics;
	struct stays_ended stays;	       /* to be freed after store_records() */
	int64_t switch_id, switch_unit;	       /* the last one looked up */
	const struct finding_policy *findings; /* NULL: none isolates */
	int64_t *findings_alarmed_ms;	       /* as isolate_for_finding() wants it */
};

/* Inside apply(). Fills in the unit of a gate's record. `wire`: gates only, else NULL. */
int record_effect(struct store *s, int64_t now_ms, const struct record_origin *origin,
		  struct store_record *r, const menshen_Record *wire,
		  struct record_effects *fx) MUST_CHECK;
/* A finding is about a MAC, and no decision on it. */
bool record_is_decision(const menshen_Record *wire);
/* What a gate's record says beside the columns of a store_record. */
int record_body(const menshen_Record *wire, json_t *body) MUST_CHECK;
/* After the commit: tells connected agents the network's verdict on them, and presence the sessions
 * that began. */
void record_notices(struct gateway *g, const menshen_Record *wire, size_t count,
		    int64_t now_mono_ms);
