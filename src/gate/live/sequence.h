/*
 * The sessions in the order of their last change, and readers that go through them: who tells
 * another gate what changed needs no queue, for a session that changes again while it waits is told
 * once, as it is then. A change is numbered; the numbers are this process's own.
 */
#pragma once

#include "gate/live/session.h"

struct sequence {
	struct session *oldest, *newest;
	uint64_t last; /* number given */
	struct sequence_reader *readers;
};

struct sequence_reader {
	struct sequence_reader *next;
	struct session *at; /* read last; NULL: nothing yet */
};

/* To the end, under the next number; also one that is not in it. */
void sequence_touch(struct sequence *q, struct session *n);
void sequence_remove(struct sequence *q, struct session *n);
/* What changed after the number comes; 0: all. A reader lives until it is closed. */
void sequence_open(struct sequence *q, struct sequence_reader *r, uint64_t after);
void sequence_close(struct sequence *q, struct sequence_reader *r);
/* NULL: nothing more for now. */
struct session *sequence_next(const struct sequence *q, struct sequence_reader *r);
