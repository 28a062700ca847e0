/*
 * A mass effect with its breaker (invariant 12), as people see it and reset it: what is stopped
 * stands in live_tripped and once in the log as "breaker.tripped"; two persons let it through
 * (engine/tripped.h), and it stands there no more when its wave is over. On the engine's thread,
 * inside a work.
 *
 * Usage, once a round: mass_effect_begin(), mass_effect_hit() for each thing that would be touched,
 * mass_effect_judge(), then mass_effect_holds() for each again and mass_effect_passed() for those
 * that were touched.
 */
#pragma once

#include "server/jobs/breaker.h"
#include "store/store.h"

struct mass_effect;

struct mass_effect_options {
	struct breaker_options breaker;
	const char *act;	    /* "terminal.silent"; lives for ever */
	enum store_stmt population; /* how many there are in the unit of path ?1 and below */
};

int mass_effect_new(const struct mass_effect_options *options, struct mass_effect **ret) MUST_CHECK;
void mass_effect_free(struct mass_effect *m); /* NULL is fine */

int mass_effect_begin(struct mass_effect *m, struct store *s, int64_t now_ms) MUST_CHECK;
/* One more in the unit at `path`. */
int mass_effect_hit(struct mass_effect *m, const char *path) MUST_CHECK;
/* `*ret_told`: a unit tripped that had not before, there is an alarm. */
int mass_effect_judge(struct mass_effect *m, struct store *s, int64_t now_ms,
		      bool *ret_told) MUST_CHECK;
/* Two persons let it through at or above `path`, now. */
bool mass_effect_is_open(const struct mass_effect *m, const char *path);
bool mass_effect_holds(const struct mass_effect *m, const char *path);
int mass_effect_passed(struct mass_effect *m, const char *path, int64_t now_ms) MUST_CHECK;
/* live_tripped may hold something of this effect: a round is due even with nothing to touch. */
bool mass_effect_stands(const struct mass_effect *m);

/* The path of a unit. */
int mass_effect_path(struct store *s, int64_t unit_id,
		     char ret[static BREAKER_PATH_SIZE]) MUST_CHECK;
