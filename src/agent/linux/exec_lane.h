/*
 * One fanotify group with the two threads that answer it: one from memory, one that hashes.
 *
 *	kernel ──event──> decider ── known ──────────────────────> answer
 *	                     │
 *	                     └── its hashes decide ──> jobs ──> hasher ──> answer
 *	                                                 │
 *	                                 after EXEC_PATIENCE_MS: late ──> answer
 *
 * 1. Each event is answered exactly once: by who takes `waits` from its job, under the lock.
 * 2. The decider never reads a file's content but its first bytes, and never waits for the hasher.
 */
#pragma once

#include <stdatomic.h>

#include "agent/guards/exec_gate.h"
#include "agent/linux/program_hash.h"

struct lane;

struct lane_options {
	const struct exec_gate_options *gate; /* borrowed */
	struct hash_cache *cache; /* NULL: the file systems' words on change are not believed */
	const atomic_bool *with_sm3;
	/* A process with mounts of its own runs something; by the hasher. */
	void (*elsewhere)(void *arg, int pid);
	void *arg;
	bool may_ignore; /* the kernel may be told not to ask again about what is the system's */
};

int lane_new(const struct lane_options *o, struct lane **ret) MUST_CHECK;
void lane_free(struct lane *l);	   /* NULL is fine */
int lane_fd(const struct lane *l); /* of its fanotify group */
int lane_learn(struct lane *l, const char *path, uint64_t tag) MUST_CHECK;
