/*
 * Conflicts between this gate's sessions and its peers', as they come to light when gates that
 * could not hear each other do so again. The end is what it would have been had they always heard
 * each other, and of two gates one acts:
 *
 * 1. One MAC live at two places: the session that began first ends, closed at its switch by the
 *    gate that holds it.
 * 2. One account live on two terminals: the session that began last is judged as if it knocked now,
 *    by the gate that holds it. It is closed at its switch while the other is proven live;
 *    otherwise the other one, that nobody proves any more, is over.
 */
#pragma once

#include "gate/gate.h"
#include "gate/live/merge.h"

struct heal;

int heal_new(struct gate *g, struct heal **ret) MUST_CHECK;
void heal_free(struct heal *h);
/* What is here gives way to what a peer said of its MAC. */
void heal_over(struct heal *h, const struct session *here, const struct session *said,
	       enum merge how);
/* A peer's session is here now. */
void heal_said(struct heal *h, const struct session *said);
