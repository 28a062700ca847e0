/*
 * A guard keeps one clause of the regulation on this desk. It is one file with one const
 * descriptor, and a line in guards.c.
 *
 * Every guard checks; one that keeps what it checks also acts (struct guard_acts): it watches
 * descriptors of its own, undoes what is against the rules, and tells each such thing as an event.
 *
 * A check looks and judges; it changes nothing, blocks on nothing but local files, and takes at
 * most a few milliseconds. What it could not read is FINDING_UNKNOWN, never good and never bad
 * (invariant 5). How it is followed up (off, warn, enforce) is the policy's business, not its own.
 */
#pragma once

#include <jansson.h>

#include "agent/core/outbox.h"
#include "agent/core/trusted_clock.h"
#include "base/addr.h"
#include "base/loop.h"
#include "policy/body.h"

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
	const void *state;	/* what its start() made; NULL for one that only checks */
};

/* What an acting guard works with; all of it outlives the guard's stop. */
struct guard_host {
	struct loop *loop;
	const char *root, *state_dir;
	const struct trusted_clock *clock;
	const struct outbox *outbox;
	const struct addr *servers; /* head office */
	size_t server_count;
	/* Asks for a check soon, because something that it judges changed. */
	void (*look)(void *arg);
	void *arg;
};

/*
 * The acting half. One thread, the agent's own; nothing here blocks longer than a program that it
 * starts. What an enforcing guard has done stays done when the agent stops: whoever can end the
 * agent is not thereby free.
 */
struct guard_acts {
	int (*start)(const struct guard_host *h, void **ret_state);
	/* After start, and whenever the policy may have changed. Off undoes every effect. */
	void (*follow)(void *state, enum guard_mode mode, const json_t *settings);
	/* The queue has room again: tell what waited. */
	void (*resume)(void *state);
	/* What it decided on each thing that is here, for `menshen-agent explain`; may be NULL. */
	json_t *(*explain)(const void *state);
	void (*stop)(void *state); /* NULL is fine */
};

struct guard {
	const char *name;   /* "antivirus" */
	const char *clause; /* of the regulation */
	const char *zh, *en;
	enum guard_mode unnamed; /* its mode while no policy names it: off, or warn */
	const struct guard_reason *reasons;
	size_t reason_count;
	/* Files and folders (below the root) whose change calls for a check at once; NULL ends, and
	 * NULL is none. */
	const char *const *watched;
	void (*check)(const struct guard_context *c, struct finding *ret);
	const struct guard_acts *acts; /* NULL: it only checks */
};

/* All of them; the list stands in guards.c. */
extern const struct guard *const guards[];
extern const size_t guard_count;
#define GUARDS_MAX 32
