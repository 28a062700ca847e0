/*
 * Two gates' words about one MAC: which of them holds. Pure, and each gate comes to the same end,
 * in whatever order the words arrive:
 *
 * 1. Of the same session the later word holds; a session that another is known to have followed is
 *    over.
 * 2. A live one holds against one that has ended.
 * 3. Of two live ones, or two ended ones, that knew nothing of each other the one that began later.
 *
 * Two live ones at one place are a switch that turned to the other gate meanwhile; at two places
 * they are a conflict, and who holds the one that gives way closes it at its switch.
 */
#pragma once

#include "gate/live/session.h"

enum merge {
	MERGE_KEEP,	/* what is here holds */
	MERGE_TAKE,	/* what is said holds */
	MERGE_CONFLICT, /* as MERGE_TAKE, and what is here has to be closed at its switch */
};

/* Both are of one MAC. */
enum merge merge_sessions(const struct session *here, const struct session *said);
/* `a` began before `b`: the same order on each gate. */
bool merge_began_before(const struct session *a, const struct session *b);
