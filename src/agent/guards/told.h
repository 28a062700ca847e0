/*
 * A result that is told as an event when it is another than the one told last, over restarts too:
 * what was last told lies in the state folder under the event's name.
 */
#pragma once

#include "agent/guards/guard.h"
#include "base/buf.h"

struct told {
	const struct guard_host *host;
	const char *event; /* "baseline" */
	struct buf last;
};

void told_init(struct told *t, const struct guard_host *host, const char *event);
void told_done(struct told *t);
/* Takes `body` over. While the queue is full nothing changes: say it again when it has room. */
void told_say(struct told *t, json_t *body);
