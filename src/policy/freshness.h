/*
 * Whether a desk obeys the newest policy, a check that head office makes by itself: the desk says
 * which one it has verified, head office knows since when there is a newer one. In a policy:
 *
 *	"guards": {"policy": {"mode": "off|observe|warn|enforce", "behind_hours": 24}}
 *
 * Pure. "off" where the policy says nothing; the hours are a desk's time to come back, to take the
 * newer one and to refuse it.
 */
#pragma once

#include "policy/body.h"
#include "policy/verdict.h"

#define FRESHNESS_HOURS_MAX 720
#define FRESHNESS_CODE "policy.too-old" /* among what fails a posture */

struct freshness_rules {
	enum guard_mode mode;
	unsigned behind_hours;
};

/* Of a whole policy. A word that cannot be read is as if it lacked. */
void freshness_rules_read(const json_t *body, struct freshness_rules *ret);
bool freshness_hours_are_good(const json_t *v);

/*
 * Puts the code into what fails and, enforced, makes the posture bad: first in the list where it
 * does so alone. `newer_since_ms`: when the first policy that the desk lacks was signed, 0: none.
 * `size` is that of `failing`, which is cut at a code's end.
 */
void freshness_judge(const struct freshness_rules *rules, int64_t newer_since_ms, int64_t now_ms,
		     enum posture *posture, char *failing, size_t size);
/* A bad posture is for this alone. */
bool freshness_fails_alone(const char *failing);
