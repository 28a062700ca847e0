/*
 * The policy in force on this desk (invariant 7): signed by head office's policy key, newer than
 * any before it, kept over restarts and without a link. A version is (epoch, number). The body is
 * that of policy/body.h.
 */
#pragma once

#include <jansson.h>

#include "crypto/sign.h"
#include "policy/body.h"
#include "wire/menshen.pb.h"

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
