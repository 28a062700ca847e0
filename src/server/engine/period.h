/*
 * Times in which admission behaves otherwise than its mode says. Both weaken, so that two persons
 * open them, they stand in the register of what weakens, and they end by themselves (invariant 9).
 * Gates get "from when until when" with the unit or switch, so that an end holds without head
 * office.
 *
 * A frozen period (封网期: year-end settlement, a national holiday) keeps things as they are. In
 * it, for the unit and all below it:
 *   1. automation puts nobody out who is in: who was admitted at a place before stays admitted
 * there when a check turns bad, a report is missing or a permit runs out; the record says what
 * would have happened. What somebody is put out by is a person's act, the deny list, a wrong
 * password.
 *   2. a finding of the listener isolates nobody; it is told.
 *   3. no mode of a unit or port changes by one person's word, in either direction; port limits do
 *      not change at all. (A policy always takes two.)
 * Who was never in is decided as ever: a frozen period lets nobody new in. Head office alone opens
 * one, for FROZEN_MOST_MS at most.
 *
 * A maintenance window (维护窗口: a switch is replaced, cables are moved, the EAP engine or the
 * client is upgraded) is for a unit or one switch, MAINTENANCE_MOST_MS at most. In it a *known*
 * terminal is admitted although it is at another port than its permit says, its port is full, its
 * client is silent or its report old, or it comes by its MAC because 802.1X does not work. Each
 * such record has the reason "maintenance", and what would have been without it. Unknown and
 * scrapped terminals, who a person isolated, bad posture, refused accounts and the deny list stay
 * out.
 *
 * Acts run inside engine_work.apply(); errors as in terminal.h.
 */
#pragma once

#include "server/engine/act.h"

#define FROZEN_MOST_MS (45 * 24 * 3600 * INT64_C(1000))
#define MAINTENANCE_MOST_MS (24 * 3600 * INT64_C(1000))
#define PERIOD_AHEAD_MS (90 * 24 * 3600 * INT64_C(1000)) /* when it may begin */

struct period_spec {
	const char *kind;  /* "frozen", "maintenance" */
	int64_t unit_id;   /* of the switch, where there is one */
	int64_t switch_id; /* 0: the unit and all below it */
	const char *why;
	int64_t from_ms, until_ms;
	int64_t asked_by, confirmed_by; /* accounts */
};

/* "period.freeze", "period.maintain", "period.maintain-switch": the act and its proposal. NULL:
 * there is no such thing. */
const char *period_act(const struct period_spec *p);
/* 0: of a good length and not over; -EINVAL: no such kind, or a switch frozen; -ETIME: over, or it
 * ends before it begins; -ERANGE: too long, or too far ahead. */
int period_check(const struct period_spec *p, int64_t now_ms) MUST_CHECK;
/* period_act(); -EEXIST: one of this kind stands here already; else as period_check(). */
int period_begin(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct period_spec *p) MUST_CHECK;
/* "period.end" */
int period_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	       const char *why) MUST_CHECK;
/* Whether the unit is frozen now. */
int period_is_frozen(struct store_db *db, int64_t unit_id, int64_t now_ms, bool *ret) MUST_CHECK;

/* "switch.port-mode": `mode` "" follows the unit again. The caller has seen to the second person.
 * -EINVAL: no mode; -EMSGSIZE: the switch has too many ports with modes of their own. */
int switch_set_port_mode(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
			 const char *port, const char *mode, const char *why) MUST_CHECK;
/* "unit.announce": from when on people are told that the unit enforces; 0: no longer. */
int unit_announce(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		  int64_t enforce_from_ms, const char *why) MUST_CHECK;
