/*
 * What a unit chooses for itself and for the units below it that say nothing else: a number of
 * which more protects less. Where no unit says anything each gate's own file decides, which head
 * office does not know.
 *
 *   1. What may be more than before is for two persons (invariant 9).
 *   2. A frozen unit's choices stay as they are.
 *   3. Each takes its own end: hours and days count from what happened at a desk, not from now on.
 *
 * Acts run inside engine_work.apply(); errors as in engine/account.h.
 */
#pragma once

#include "server/engine/act.h"
#include "server/engine/refusal.h"

#define UNIT_GRACE_HOURS_MOST 720
#define UNIT_LAST_KNOWN_DAYS_MOST 30
#define UNIT_AS_ABOVE (-1)

struct unit_choice {
	const char *act; /* and the proposal's kind */
	int64_t most;
	enum store_stmt facts, put;
};

/* "unit.grace": the hours in which a posture that turned bad is only warned of. */
extern const struct unit_choice unit_grace;
/* "unit.last-known": while no directory answers, the days for which a proof counts; 0: silence. */
extern const struct unit_choice unit_last_known;

/* `ret_weakens`: the number may be more than what holds there now; `value` may be UNIT_AS_ABOVE. */
int unit_choice_weakens(struct store *s, int64_t now_ms, const struct unit_choice *choice,
			int64_t id, int64_t value, bool *ret_weakens,
			struct refused *why) MUST_CHECK;
/* For a proposal of kind `choice->act`; NULL: no memory. */
json_t *unit_choice_detail(int64_t value);
int64_t unit_choice_detailed(const json_t *detail);
/* The caller has seen to the second person. -EINVAL: too much. */
int unit_choose(struct store *s, int64_t now_ms, const struct entry_actor *who,
		const struct unit_choice *choice, int64_t id, int64_t value, const char *reason,
		struct refused *why) MUST_CHECK;
