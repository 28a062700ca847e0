/*
 * The snapshot as it comes down from head office: all of it anew, or the changes since a revision.
 *
 *	            Begin, from 0             End
 *	(nothing) ───────────────── whole ──────────> the new one takes the old one's place
 *	     └───────────────────── changes ────────> applied in place, at once
 *	            Begin, from ours           End
 *
 * A whole one is built beside the old one by a thread that takes only the time which no knock needs
 * (gate/facts/builder.h): frames are queued, a few of them at a time, and head office waits. So
 * memory is bounded by both snapshots. The old one is freed in slices of a fraction of a
 * millisecond. Whatever does not come to its End changes nothing. All calls in the loop's thread.
 */
#pragma once

#include "gate/gate.h"
#include "wire/line.h"

struct arrival;

/* New facts are in force. */
typedef void arrival_taken_fn(void *arg, bool accounts_touched);

/* `line` is borrowed: it is held while frames wait, and dropped when one is none. */
int arrival_new(struct gate *g, struct line *line, arrival_taken_fn *taken, void *arg,
		struct arrival **ret) MUST_CHECK;
void arrival_free(struct arrival *a);
/* Begin, a row or End, in their order. -EBADMSG and others end the connection. */
int arrival_take(struct arrival *a, const struct frame *f) MUST_CHECK;
/* The connection is gone, or greets anew: what is half there is forgotten. */
void arrival_reset(struct arrival *a);
