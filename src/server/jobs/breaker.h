/*
 * The breaker before mass effects (invariant 12): more than `percent` of a unit's terminals, and at
 * least `least` of them, within `window_ms` stop the effect. It knows units by their path
 * ('/1/4/'), so that a branch is watched as a whole as well as each of its outlets. In memory, one
 * thread.
 *
 * Usage, once a round: breaker_hit() for each terminal that would be touched, breaker_judge() for
 * each unit that breaker_next_unit() names, then breaker_holds() for each terminal again, and
 * breaker_passed() for those that were touched.
 */
#pragma once

#include "base/util.h"

#define BREAKER_PATH_SIZE 160

struct breaker;

struct breaker_options {
	unsigned percent;  /* 5 */
	unsigned least;	   /* 10 */
	int64_t window_ms; /* 10 minutes */
};

int breaker_new(const struct breaker_options *options, struct breaker **ret) MUST_CHECK;
void breaker_free(struct breaker *b);

/* Begins a round: forgets the one before that was not carried out, and what is out of the window.
 */
void breaker_begin(struct breaker *b, int64_t now_ms);
/* One terminal of the unit at `path` would be touched. */
int breaker_hit(struct breaker *b, const char *path) MUST_CHECK;

struct breaker_unit {
	char path[BREAKER_PATH_SIZE];
	uint64_t hits;	  /* of this round */
	uint64_t recent;  /* within the window, before */
	bool tripped;	  /* now */
	bool was_tripped; /* in the round before: it has been told */
};

/* Walks the units that were hit, their superior units included: `size_t at = 0; while ((u = ...))`.
 */
struct breaker_unit *breaker_next_unit(struct breaker *b, size_t *at);
/* `population`: how many terminals the unit has, with all below it. */
void breaker_judge(const struct breaker *b, struct breaker_unit *unit, uint64_t population);
/* The unit at `path` itself has tripped. */
bool breaker_is_tripped(const struct breaker *b, const char *path);
/* A unit at or above `path` has tripped. */
bool breaker_holds(const struct breaker *b, const char *path);
/* A terminal was touched. */
int breaker_passed(struct breaker *b, const char *path, int64_t now_ms) MUST_CHECK;
