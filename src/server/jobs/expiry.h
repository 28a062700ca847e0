/* What ends by itself: permits, entries of the deny list, bypasses, isolation by a person,
 * proposals. Looked up through a reader; only what is due costs a work of the engine. Each end is
 * an act of its own; logins and enrolment codes that are over are swept many at once. */
#pragma once

#include "server/engine/engine.h"

struct expiry;

/* `keep_ms`: a session that ended stands among the sessions for so long after that was heard. */
int expiry_new(struct engine *engine, struct store *store, int64_t keep_ms,
	       struct expiry **ret) MUST_CHECK;
/* Waits for a round under way. Before engine_stop(). */
void expiry_free(struct expiry *x);
/* 0, or why what is due could not be read; the next round tries again. */
int expiry_round(struct expiry *x, int64_t now_ms) MUST_CHECK;
