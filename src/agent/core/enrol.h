/* How a terminal asks for its certificate, and what it does with the answer. No network here. */
#pragma once

#include "agent/core/identity.h"
#include "agent/linux/machine.h"
#include "wire/menshen.pb.h"

struct enrol_facts {
	struct machine machine;
	struct nic nics[MACHINE_NICS_MAX];
	size_t nic_count;
};

/* Makes the key, or takes that of an unanswered request, so that a lost answer costs no code. */
int enrol_ask(const char *state_dir, const char *code, const struct enrol_facts *facts,
	      menshen_EnrolRequest *ret) MUST_CHECK;
int enrol_ask_renewal(const char *state_dir, const struct identity *id,
		      menshen_RenewRequest *ret) MUST_CHECK;

/*
 * Installs what an accepted answer brings. The certificate must be of the trusted root, for a
 * terminal, for the key that asked, and (renewal, when `was` is given) for the same terminal.
 * -EBADMSG when it is not: nothing changes. The policy key is pinned at enrolment only.
 */
int enrol_take(const char *state_dir, const char *ca_pem, int64_t now_ms,
	       const menshen_EnrolAnswer *answer, const struct identity *was) MUST_CHECK;

/* How a nic travels. `eap`: see supplicant_state(). */
void nic_to_wire(const struct nic *nic, const char *eap, menshen_Nic *ret);
