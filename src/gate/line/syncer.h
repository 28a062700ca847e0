/*
 * A thread that calls fdatasync, so that a slow disk never delays an answer which waits for no
 * disk. One request is under way at a time; what comes meanwhile goes together in the next one.
 */
#pragma once

#include "base/loop.h"

#define SYNCER_FDS 2

struct syncer;

/* Called in the loop's thread when the files are on disk, or with why not. */
typedef void syncer_done_fn(void *arg, int error);

/* Takes the loop's one wake-up (loop_on_wake). */
int syncer_new(struct loop *l, syncer_done_fn *fn, void *arg, struct syncer **ret) MUST_CHECK;
void syncer_free(struct syncer *s);
bool syncer_is_busy(const struct syncer *s);
/* Only when not busy. The descriptors must stay open until `fn` is called. */
void syncer_ask(struct syncer *s, const int fds[static SYNCER_FDS]);
