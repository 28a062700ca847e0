/*
 * The place where every program of this desk passes before it runs, as the platform's folder keeps
 * it (src/agent/linux/exec_gate.c).
 *
 * 1. Who runs or opens a file waits for an answer. It comes from memory; only hashes that decide
 * are computed, once for each content, by a thread of their own, the small files first.
 * 2. Nobody waits longer than EXEC_PATIENCE_MS: then `late` says what holds. A file larger than
 *    EXEC_HASH_MAX is late at once.
 * 3. When the agent ends, however it ends, the system lets everything run.
 * 4. File systems that ask somebody else for their files have threads of their own, so that one
 * that does not answer keeps nobody waiting but its own users.
 * 5. The agent itself is never asked about.
 */
#pragma once

#include "policy/software_rules.h"

#define EXEC_PATIENCE_MS 3000
#define EXEC_HASH_MAX (256U << 20)

enum exec_means {
	EXEC_BY_NOTHING,
	EXEC_BY_OPEN, /* what is run is held as what is opened (before Linux 5.0) */
	EXEC_BY_RUN,
};

enum exec_watch {
	EXEC_WATCH_NOTHING,
	EXEC_WATCH_RUNS,
	EXEC_WATCH_OPENS, /* those too: the loader's way, reading, copying */
};

struct run {
	struct program program;
	int pid; /* waits for the answer */
};

struct exec_gate;

struct exec_gate_options {
	const char *root; /* only what is mounted at or below it; "": everything */
	/* These are called by the gate's threads, and must not block. SOFTWARE_HASH: ask again with
	 * the hashes. */
	enum software_answer (*judge)(void *arg, const struct run *r);
	enum software_answer (*late)(void *arg, const struct run *r);
	/* Of exec_gate_learn(). */
	void (*learnt)(void *arg, uint64_t tag, uint64_t size,
		       const uint8_t sha256[static PROGRAM_HASH_SIZE]);
	void *arg;
};

/* -ENOSYS, -EPERM: the kernel does not let us. */
int exec_gate_new(const struct exec_gate_options *o, struct exec_gate **ret) MUST_CHECK;
void exec_gate_free(struct exec_gate *g); /* NULL is fine */
/* What is watched from now on, with SM3 beside SHA-256 where asked for; answers given before count
 * no more. -errno of the first mount that refused. */
int exec_gate_follow(struct exec_gate *g, enum exec_watch w, bool with_sm3) MUST_CHECK;
/* Something was mounted. */
int exec_gate_remount(struct exec_gate *g) MUST_CHECK;
/* Hashes the programs at a path (a folder ends with "/": those below, 4,096 at most), when nobody
 * waits for anything else. -ENOBUFS: too many such wishes at once. */
int exec_gate_learn(struct exec_gate *g, const char *path, uint64_t tag) MUST_CHECK;
enum exec_means exec_gate_means(const struct exec_gate *g);
/* Each mount is watched by itself, since the kernel watches no file systems (before Linux 4.20). */
bool exec_gate_is_by_mount(const struct exec_gate *g);
