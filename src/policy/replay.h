/*
 * A knock of the records, decided again under other rules (invariant 3: by verdict_decide() alone).
 *
 * A record keeps what an enforcing unit would have answered and why, and that is the first check
 * that failed, out of the facts of its moment: who was proven, permits, posture, places, live
 * sessions. From it the inputs of the verdict are built again, so that they give that answer; then
 * a change is put over them. What no record keeps cannot be replayed: which checks behind the first
 * would have failed, too, and how full a port was when its limit was another. Pure.
 */
#pragma once

#include <jansson.h>

#include "policy/verdict.h"

struct replay_record {
	int64_t at_ms;
	enum knock_method method;
	struct mac mac;
	int64_t switch_id;
	const char *port; /* borrowed */
	enum verdict verdict;
	enum reason reason;	     /* as it was answered */
	enum reason would_be_reason; /* as an enforcing unit would have answered */
	bool terminal_known;
	enum terminal_kind kind; /* of the known terminal */
};

/* What is replayed instead of what was; NULL or false leaves it. */
struct replay_change {
	const enum mode *mode;	   /* of the place */
	bool no_bypass, no_exempt; /* as if nobody had been granted one */
	bool supplicant_exempt;	   /* it was exempt from 802.1X then */
	bool posture_exempt;	   /* its bad posture was exempt then */
	bool directory_down;	   /* nobody could prove it then */
	const enum posture *posture;
	/* The place only warns of a bad posture for so long; counts where it is known since when.
	 */
	int64_t posture_grace_ms, bad_since_ms;
};

/* The inputs of the verdict at that moment; `mode`: of the place where the record does not tell.
 * False: the record has a reason that no verdict gives (another program's, or none). */
bool replay_facts(const struct replay_record *r, enum mode mode, struct knock *ret_knock,
		  struct facts *ret_facts);
/* replay_facts(), the change, verdict_decide(). */
bool replay_decide(const struct replay_record *r, enum mode mode,
		   const struct replay_change *change, struct decision *ret);
/*
 * The posture that a policy's guards make of what a desk found ("antivirus.old,disk.full": all its
 * guards' reasons, whatever their mode): bad when one belongs to a guard that the policy enforces.
 */
enum posture replay_posture(const json_t *policy, const char *reasons);
