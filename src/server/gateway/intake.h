/*
 * Records on their way in: a desk's events or a gate's records, gathered while the batch before is
 * being committed, deduplicated by (source, epoch, seq), acknowledged after the commit.
 *
 *	frames ──> filling ──> in flight ──> committed: Ack, live views, notices
 *	              │            └── the store has no room: the same batch again in a second
 *	              ├── beyond the terminal's share: waits for its turn, unacknowledged
 *	              └── full: the connection is not read (back-pressure)
 */
#pragma once

#include "server/gateway/conn.h"

/* `source`: "terminal:<uuid>", "gate:<name>". Made at the hello; lives with the connection. */
int intake_new(struct conn *c, const char *source, const uint8_t epoch[static 16]) MUST_CHECK;
void intake_free(struct intake *in);
/* -EBADMSG: out of sequence, or what cannot be a record. */
int intake_event(struct conn *c, const menshen_Event *event) MUST_CHECK;
int intake_record(struct conn *c, const menshen_Record *w) MUST_CHECK;
/* All frames that were there have been read: off with what was gathered. */
void intake_push(struct conn *c, int64_t now_mono_ms);
