/*
 * The address plan on its way to a listener (src/listener/plan_line.h has the other end): packets
 * {"plan":"begin"}, {"plan":"pairs","pairs":["IP,MAC", ...]} and {"plan":"end"}, as many as the
 * socket takes at once. A plan that changes on the way is begun anew by the caller. One thread.
 */
#pragma once

#include "gate/facts/snapshot.h"

struct plan_walk {
	enum { WALK_OVER, WALK_BEGIN, WALK_PAIRS, WALK_END } turn;
	size_t at;
};

void plan_walk_begin(struct plan_walk *w);
/* 0: all was said, or there was nothing to say; -EAGAIN: the socket is full, come again; another
 * error: the connection is of no use. */
int plan_walk_go_on(struct plan_walk *w, const struct snapshot *s, int fd) MUST_CHECK;
