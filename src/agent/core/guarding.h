/*
 * Runs the guards and tells the terminal's posture.
 *
 * 1. Guards run every period, at once when a file that they watch changes (at most once a second),
 *    and after a new policy.
 * 2. A guard that was good is bad only when it is still bad on a second look a few seconds later:
 *    a service that restarts is no violation.
 * 3. A change of posture, or of its reasons, is one durable event "posture":
 *	{"was": "good", "posture": "bad", "failing": "antivirus.missing", "warnings": ""}
 *    What was last told is kept on disk, so that a restart tells nothing twice. While the queue is
 *    full the change waits here; what it says then is the difference to what was last told.
 * 4. A guard that acts is started before the first look and follows every policy; one that cannot
 *    be started is looked at all the same, so that its finding says so.
 * 5. A guard that no policy names warns or is off, as its descriptor says: what has to be looked
 *    at again and again, or for each program and file, costs nothing until somebody asks for it.
 */
#pragma once

#include "agent/core/outbox.h"
#include "agent/core/posture.h"
#include "agent/core/trusted_clock.h"
#include "base/loop.h"

struct guarding;

struct guarding_options {
	struct loop *loop;
	const char *root, *state_dir; /* borrowed */
	int64_t period_ms;
	const struct trusted_clock *clock;
	const struct kept_policy *policy;
	const struct outbox *outbox;
	const struct addr *servers;
	size_t server_count;
	/* The posture or a finding changed. `mended`: it was bad and no longer is. */
	void (*on_change)(void *arg, bool mended);
	void *arg;
};

int guarding_new(const struct guarding_options *o, struct guarding **ret) MUST_CHECK;
void guarding_free(struct guarding *g);
void guarding_start(struct guarding *g);
/* The policy changed: look again now. */
void guarding_policy_changed(struct guarding *g);
/* The queue has room again. */
void guarding_resume(struct guarding *g);
enum guard_mode guarding_mode(const struct guarding *g, size_t guard);
const struct posture_report *guarding_report(const struct guarding *g);
const struct finding *guarding_finding(const struct guarding *g, size_t guard);
/* What an acting guard decided on each thing that is here, owned by the caller; NULL: nothing. */
json_t *guarding_explain(const struct guarding *g, size_t guard);
