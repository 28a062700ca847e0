/*
 * The engine: the one writer (invariant 2). Whoever wants state changed submits a work; one thread
 * gathers many works into one commit and answers each of them after it (invariant 1):
 *
 *   store_begin()
 *     for each work: store_mark(); apply(); it failed? store_undo(): it leaves nothing
 *   store_commit()
 *   done() of every work, in order; then the listeners, once
 *
 * A work fails alone when its apply() fails. When the store fails (disk full, locked), all works of
 * that commit fail with the store's error, nothing is acknowledged, and the next ones try again;
 * the engine says so in one line of the log when it begins and one when it ends.
 *
 * apply() changes rows through store_exec() and tells them in store_log() (act_log() of act.h)
 * before it returns 0; a work that changed rows without an entry fails with -EPROTO. It may be
 * called a second time after everything it did was undone (a commit that failed for another's
 * fault), so it sets what it has to tell afresh. It runs on the engine's thread and must not block,
 * wait or log.
 */
#pragma once

#include "store/store.h"

struct engine;

/* What a commit touched, for listeners: one bit a topic. A work sets `topics` before
 * engine_submit() or inside apply(). */
enum topic {
	TOPIC_UNIT = 1U << 0,
	TOPIC_PERSON = 1U << 1,
	TOPIC_ACCOUNT = 1U << 2, /* roles and logins too */
	TOPIC_TERMINAL = 1U << 3,
	TOPIC_SWITCH = 1U << 4,
	TOPIC_PERMIT = 1U << 5,
	TOPIC_DENY = 1U << 6,
	TOPIC_BYPASS = 1U << 7,
	TOPIC_REQUEST = 1U << 8,
	TOPIC_PROPOSAL = 1U << 9,
	TOPIC_CAMPAIGN = 1U << 10,
	TOPIC_POLICY = 1U << 11,
	TOPIC_CERTIFICATE = 1U << 12, /* issued or revoked: the gateway cuts the revoked */
	TOPIC_GATE = 1U << 13,
	TOPIC_SETTING = 1U << 14,
	TOPIC_KNOCK = 1U << 15,	  /* live_knock */
	TOPIC_SESSION = 1U << 16, /* live_session */
	TOPIC_INVENTORY = 1U << 17,
	TOPIC_EVENT = 1U << 18,	  /* mass records of agents */
	TOPIC_ALARM = 1U << 19,	  /* breaker, fork, fault of a gate */
	TOPIC_ADDRESS = 1U << 20, /* the address plan and the register of gear */
};

#define TOPIC_ALL UINT32_MAX

/* What gates hold in their snapshots: rows with rev > what they have are pushed. */
#define TOPICS_SNAPSHOT                                                                            \
	(TOPIC_UNIT | TOPIC_ACCOUNT | TOPIC_TERMINAL | TOPIC_SWITCH | TOPIC_PERMIT | TOPIC_DENY |  \
	 TOPIC_BYPASS | TOPIC_CERTIFICATE | TOPIC_ADDRESS)

/* Embedded in the submitter's own struct (CONTAINER_OF); the engine's from submit until done(). */
struct engine_work {
	/* 0, or a negative errno: undone. `now_ms` is the same for all works of a commit. */
	int (*apply)(struct engine_work *w, struct store *s, int64_t now_ms);
	/* After the commit, on the engine's thread: short, never waits. `err` is 0 only when all of
	 * it is durable. May free the work, submit it again or submit others. NULL: nobody asks. */
	void (*done)(struct engine_work *w, int err);
	uint32_t topics;
	/* The engine's own. */
	struct engine_work *next;
	int err;
	bool waited_for, answered;
};

struct engine_options {
	struct store *store;	 /* borrowed; nobody else writes to it */
	size_t queue_max;	 /* works waiting; 0: 16384 */
	size_t batch_max;	 /* works in one commit; 0: 1024 */
	int64_t (*now_ms)(void); /* NULL: clock_wall_ms; tests set the date */
};

/* Starts the thread. */
int engine_start(const struct engine_options *options, struct engine **ret) MUST_CHECK;
/* Finishes what was submitted, then ends the thread and releases all; NULL is fine. */
void engine_stop(struct engine *e);

/* From any thread, never waits. -EAGAIN: the queue is full, slow down and come again
 * (back-pressure); -ESHUTDOWN: the engine is stopping. On failure the work stays the caller's. */
int engine_submit(struct engine *e, struct engine_work *w) MUST_CHECK;
/* Submits and waits for the answer; returns apply()'s or the store's error. Sets w->done itself.
 * Never from the engine's thread or from a gateway loop. Waits for room up to 5 s when the queue is
 * full. */
int engine_run(struct engine *e, struct engine_work *w) MUST_CHECK;

/* After each commit that wrote something, on the engine's thread: wake somebody up and return. Read
 * the new state on your own thread, through your own reader. */
struct engine_commit {
	const struct head *head; /* its size minus one is the newest rev */
	uint32_t topics;	 /* of all works in it */
	int64_t at_ms;
};
typedef void engine_listener_fn(void *arg, const struct engine_commit *commit);

#define ENGINE_LISTENERS_MAX 16

/* -ENOSPC over ENGINE_LISTENERS_MAX. May be called while the engine runs. */
int engine_listen(struct engine *e, engine_listener_fn *fn, void *arg) MUST_CHECK;
/* When it returns, `fn` is not running and will not be called again. Not from a listener. */
void engine_unlisten(struct engine *e, engine_listener_fn *fn, void *arg);

/* Upper bounds of engine_stats.times, the last without one (0). */
#define ENGINE_TIMES 12
extern const unsigned engine_time_bounds_ms[ENGINE_TIMES];

struct engine_stats {
	uint64_t works, commits, failed; /* since the start */
	size_t waiting;
	int store_error;	      /* of the last commit, 0: it went well */
	uint64_t times[ENGINE_TIMES]; /* commits by how long they took */
	double seconds;		      /* all of them together */
};
void engine_get_stats(struct engine *e, struct engine_stats *ret);
