/*
 * A thread that calls fdatasync, and deletes files, so that a slow disk never delays an answer
 * which waits for no disk. One request is under way at a time; what comes meanwhile goes together
 * in the next one.
 */
#pragma once

#include "base/loop.h"

#define SYNCER_FDS 3
#define SYNCER_PATHS 16

struct syncer_work {
	int fds[SYNCER_FDS];	   /* must stay open until it is done; -1: none */
	char *paths[SYNCER_PATHS]; /* of files to delete afterwards, for nobody waits for that */
	size_t path_count;
};

struct syncer;

/* Called in the loop's thread when the files are on disk, or with why not. */
typedef void syncer_done_fn(void *arg, int error);

/* Takes the loop's one wake-up (loop_on_wake). */
int syncer_new(struct loop *l, syncer_done_fn *fn, void *arg, struct syncer **ret) MUST_CHECK;
void syncer_free(struct syncer *s);
bool syncer_is_busy(const struct syncer *s);
/* Only when not busy. The paths are the syncer's to free. */
void syncer_ask(struct syncer *s, const struct syncer_work *work);
