/*
 * What a peer is told, frame by frame: this gate's sessions in the order of their change, each as
 * it is at that moment, so that nothing has to be queued for a peer that is slow or away. Who is
 * told all, and not what changed since it was last told, also gets back what it said itself: it may
 * have lost it.
 */
#pragma once

#include "gate/facts/isolations.h"
#include "gate/live/sequence.h"
#include "wire/frame.h"

struct telling {
	struct sessions *sessions;
	struct sequence_reader reader;
	uint8_t to; /* the peer, by sessions_origin() */
	uint64_t given_back;
	bool begun;
};

/* `through`: the last change that the peer has, 0 for none. */
void telling_begin(struct telling *t, struct sessions *sessions, uint8_t to, uint64_t through);
void telling_end(struct telling *t); /* also when none was begun */
/* Appends every word about an isolation; `gate` is this one's name. */
int telling_isolations(const struct isolations *l, const char *gate, struct buf *to) MUST_CHECK;
/* 1: one more is appended; 0: all is told for now; negative: it cannot be encoded. */
int telling_next(struct telling *t, int64_t now_ms, struct buf *to) MUST_CHECK;
