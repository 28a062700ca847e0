/*
 * People and accounts follow the bank's directory: once a night, and when an administrator asks.
 * A thread of its own reads the directory, which may take its time; what it read goes through the
 * engine in pieces, so that nobody waits for it:
 *
 *	directory ──LDAP──> people (memory) ──import, piece by piece──> who is gone ──> the result
 *
 * 1. An unreachable directory, an answer that breaks off and an empty one change nothing; the next
 *    quarter of an hour tries again.
 * 2. An entry of the directory that is no good (no staff number, a unit that nobody has) is told
 *    and left out; the others go through.
 * 3. Who is gone loses the account's use, behind the breaker of their unit and of each above
 *    (invariant 12): more than 5% at once, and nobody there does until two persons have said so.
 * 4. Roles are never taken from a directory: they are given by two persons (invariant 9).
 * 5. Each run is one entry, "directory.sync", with its result.
 */
#pragma once

#include "server/engine/engine.h"
#include "server/jobs/breaker.h"

struct directory_night;

struct directory_night_options {
	struct engine *engine; /* these three are borrowed */
	struct store *store;
	const char *file; /* read anew for each run (read.h); "none": nothing is done */
	int at_minute;	  /* of the day in China Standard Time */
	struct breaker_options breaker;
};

int directory_night_new(const struct directory_night_options *options,
			struct directory_night **ret) MUST_CHECK;
/* Ends a run under way at its next piece, and waits for that. NULL is fine. Before engine_stop().
 */
void directory_night_free(struct directory_night *n);
/* Begins a run if the hour has come since the last. */
void directory_night_tick(struct directory_night *n, int64_t now_ms);

/* From any thread. */
bool directory_night_is_set_up(const struct directory_night *n);
bool directory_night_is_running(struct directory_night *n);
/* Begins a run now. -ENOENT: no directory is set up; -EALREADY: one is under way. */
int directory_night_start(struct directory_night *n) MUST_CHECK;
