/*
 * The policy in force on this desk (invariant 7): signed by head office's policy key, newer than
 * any before it, kept over restarts and without a link. A version is (epoch, number).
 *
 * Its body, as far as this agent reads it:
 *	{"epoch": 1, "number": 7, "heartbeat_s": 60,
 *	 "guards": {"antivirus": {"mode": "off|observe|warn|enforce", "definitions_max_days": 7}}}
 * What it does not know it leaves alone; a known word of a wrong type makes the whole one refused.
 */
#pragma once

#include <jansson.h>

#include "crypto/sign.h"
#include "wire/menshen.pb.h"

/* Observe tells the server alone, warn tells the person too, enforce decides the posture. */
enum guard_mode { GUARD_OFF, GUARD_OBSERVE, GUARD_WARN, GUARD_ENFORCE };

struct kept_policy {
	uint64_t epoch, number; /* 0, 0: none yet */
	json_t *body;		/* owned; NULL: none yet */
};

/* The one that was kept; none, damaged or of another key leaves `ret` empty (-ENOENT, -EBADMSG). */
int kept_policy_load(const char *state_dir, const struct sign_key *key,
		     struct kept_policy *ret) MUST_CHECK;
void kept_policy_done(struct kept_policy *p);
/*
 * 0: verified, on disk, in force. -EALREADY: it is the one in force. -ESTALE: older. -EPERM: not
 * signed by the key (NULL: nobody is obeyed). -EBADMSG: signed, but not a policy. In every case but
 * 0 the one before stays in force.
 */
int kept_policy_offer(struct kept_policy *p, const char *state_dir, const struct sign_key *key,
		      const menshen_Policy *offer) MUST_CHECK;
/* Without a policy, or a word about this guard: warn. */
enum guard_mode kept_policy_mode(const struct kept_policy *p, const char *guard);
/* The guard's own settings, borrowed; NULL when there are none. */
const json_t *kept_policy_settings(const struct kept_policy *p, const char *guard);
/* Seconds, 0 when the policy does not say. */
uint32_t kept_policy_heartbeat_s(const struct kept_policy *p);
const char *guard_mode_name(enum guard_mode m); /* "enforce" */
