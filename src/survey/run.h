/*
 * One switch is asked by a child of its own: what a switch does to the library ends with that
 * child, none of its memory outlives it, and it can be broken off at any moment. The child is a
 * copy of this process and executes nothing; what it heard comes back through a pipe, cell by cell.
 * One at a time. A bounce is never broken off: a port would stay down.
 */
#pragma once

#include "base/loop.h"
#include "survey/ask.h"
#include "survey/table.h"

struct run;

/* `table` is the receiver's, NULL unless `asked` is ASKED_DONE. Another run may begin in it. */
typedef void run_done_fn(void *arg, enum asked asked, struct table *table);

int run_new(struct loop *l, run_done_fn *fn, void *arg, struct run **ret) MUST_CHECK;
/* Ends a survey that is under way; leaves a bounce to finish by itself. */
void run_free(struct run *r);
bool run_is_busy(const struct run *r);
/* -EBUSY; -errno of pipe or fork. `most_ms`: then it broke off. */
int run_tables(struct run *r, const struct target *t, int64_t most_ms) MUST_CHECK;
int run_bounce(struct run *r, const struct target *t, uint32_t index, const char *name,
	       unsigned hold_ms) MUST_CHECK;
/* Breaks a survey off; nothing is told. False: a bounce is under way, or nothing. */
bool run_cancel(struct run *r);
