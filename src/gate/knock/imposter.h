/*
 * Who knocks under another's name, as the knock itself shows it (D06, D08, D09): with an account
 * that is not the terminal's, under a permit of another branch, with a MAC that its certificate's
 * terminal or its living agent does not have, and a MAC that is at two ports by turns. Each is a
 * finding at the switch and port of the knock, once in IMPOSTER_AGAIN_MS. What a device shows on
 * the wire is compared by the listener and gate/beside/learnt.h. One thread.
 */
#pragma once

#include "base/map.h"
#include "gate/beside/told.h"

#define IMPOSTER_AGAIN_MS (10 * 60 * INT64_C(1000))
#define IMPOSTERS_MAX 4096			  /* that are looked at */
#define MOVES_WINDOW_MS (10 * 60 * INT64_C(1000)) /* from the last move to the next */
#define MOVES_BACK 2 /* so often back where it came from is no person who carries it */

struct gate;
struct picture;
struct request;
struct decision;
struct session;

struct imposters {
	struct map moves; /* by MAC */
	struct told told;
};

void imposters_init(struct imposters *s);
void imposters_done(struct imposters *s);
/* After the verdict. `session` is NULL where it was refused. */
void imposters_look(struct gate *g, const struct request *r, const struct picture *p,
		    const struct decision *d, const struct session *session);
/* Its live session ended at another place, that of `left`. Radio stations roam; they do not count.
 */
void imposters_moved(struct gate *g, const struct request *r, const struct picture *p,
		     const struct session *left);
