/*
 * The sessions of MACs that nobody knows, so that who invents MACs behind a port cannot make the
 * gate keep them all: so many at a switch port, so many in all. Room is made by the oldest that the
 * switch does not account for (granted only, or ended); one that runs stays.
 *
 * A stranger has neither terminal nor account. Nobody else is counted, and nobody else gives way.
 */
#pragma once

#include "base/map.h"
#include "gate/live/session.h"

#define STRANGERS_PER_PORT 16 /* until somebody says otherwise */
#define STRANGERS_TOTAL 65536

struct strangers {
	struct map ports; /* struct strangers_port, by switch and port */
	struct session *oldest_idle, *newest_idle;
	size_t per_port, total, count;
	bool crowded; /* somebody gave way or was not kept, and nobody has asked yet */
};

void strangers_init(struct strangers *s);
void strangers_done(struct strangers *s);
bool session_is_stranger(const struct session *n);
/*
 * Who must give way before one more is kept at this port: `ret` is NULL when nobody needs to.
 * -EUSERS: the port, or the gate, is full of running ones.
 */
int strangers_make_room(struct strangers *s, int64_t switch_id, const char *port,
			struct session **ret) MUST_CHECK;
/* `n` is kept, or no longer; nothing happens when it is no stranger. */
int strangers_add(struct strangers *s, struct session *n) MUST_CHECK;
void strangers_remove(struct strangers *s, struct session *n);
/* After its state changed. */
void strangers_changed(struct strangers *s, struct session *n);
