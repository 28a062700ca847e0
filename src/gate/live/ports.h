/*
 * Who sits at a switch port: every session, ended ones too, found by its place. Sessions hang
 * behind one another by a number made of switch and port; who walks them is given those of the port
 * alone.
 */
#pragma once

#include "base/map.h"
#include "gate/live/session.h"

struct ports {
	struct map by_place;
};

void ports_init(struct ports *p);
void ports_done(struct ports *p);
int ports_add(struct ports *p, struct session *n) MUST_CHECK;
void ports_remove(struct ports *p, struct session *n);
struct session *ports_first(const struct ports *p, int64_t switch_id, const char *port);
/* The next one at the port of `n`; NULL after the last. */
struct session *ports_next(const struct session *n);
