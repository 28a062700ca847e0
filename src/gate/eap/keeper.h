/*
 * The one part that keeps privilege: a small process that starts, signals and reaps the engine's
 * workers under their own user, and can do nothing else. It ends, and they with it, when the gate's
 * end of the channel closes.
 */
#pragma once

#include "gate/settings.h"

struct keeper;

enum keeper_order { KEEPER_START = 's', KEEPER_RELOAD = 'r', KEEPER_KILL = 'k' };

/* Forks. Called before privileges are dropped and before any thread. */
int keeper_start(const struct settings *s, struct keeper **ret) MUST_CHECK;
void keeper_free(struct keeper *k);
int keeper_fd(const struct keeper *k); /* readable: keeper_take_exit() has something, or it died */
int keeper_order(struct keeper *k, enum keeper_order order, unsigned worker) MUST_CHECK;
/* Which worker ended. -EAGAIN: none; -EPIPE: the keeper itself is gone. */
int keeper_take_exit(struct keeper *k, unsigned *ret_worker) MUST_CHECK;
