/*
 * What each switch may still send in this second, and when its troubles were last told.
 */
#pragma once

#include "gate/gate.h"

struct rates {
	struct gate *gate;
	struct map by_switch;
};

struct bucket; /* a switch's; lives as long as the rates */

void rates_init(struct rates *t, struct gate *g);
void rates_done(struct rates *t);
/* NULL: no memory. `mono_ms` is the monotonic clock's, here and below. */
struct bucket *rates_of(struct rates *t, int64_t switch_id, int64_t mono_ms);
/* Takes one packet's worth; a second's worth may come at once. False: it came too soon, which is
 * counted, and said once a minute. */
bool rates_take(struct rates *t, struct bucket *b, int64_t mono_ms);
/* In the log, at most one line a minute and switch. */
void rates_tell(struct rates *t, struct bucket *b, int64_t mono_ms, const char *what);
