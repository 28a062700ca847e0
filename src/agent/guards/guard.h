/*
 * A guard keeps one clause of the regulation on this desk. It is one file with one const
 * descriptor, and a line in guards.c.
 *
 * A check looks and judges; it changes nothing, blocks on nothing but local files, and takes at
 * most a few milliseconds. What it could not read is FINDING_UNKNOWN, never good and never bad
 * (invariant 5). How it is followed up (off, warn, enforce) is the policy's business, not its own.
 */
#pragma once

#include <jansson.h>

#include "base/util.h"

enum finding_state { FINDING_UNKNOWN, FINDING_GOOD, FINDING_BAD };

#define FINDING_DETAIL_SIZE 96

/* One thing that can be wrong, with what a person reads. `code` travels as "guard.code". */
struct guard_reason {
	const char *code;
	const char *zh, *en;	       /* what is the matter */
	const char *zh_todo, *en_todo; /* how to mend it */
};

struct finding {
	enum finding_state state;
	const struct guard_reason *reason; /* NULL when good */
	char detail[FINDING_DETAIL_SIZE];  /* plain text: which product, how old */
};

struct guard_context {
	const char *root;	/* put before every path; "" is the machine itself */
	int64_t now_ms;		/* trusted time */
	const json_t *settings; /* the policy's object for this guard, NULL when there is none */
};

struct guard {
	const char *name;   /* "antivirus" */
	const char *clause; /* of the regulation */
	const char *zh, *en;
	const struct guard_reason *reasons;
	size_t reason_count;
	/* Files and folders (below the root) whose change calls for a check at once; NULL ends. */
	const char *const *watched;
	void (*check)(const struct guard_context *c, struct finding *ret);
};

/* All of them; the list stands in guards.c. */
extern const struct guard *const guards[];
extern const size_t guard_count;
#define GUARDS_MAX 32
