/*
 * Disconnect-Request to a switch (RFC 5176), so that a port knocks again under the new facts.
 * Sent again after 2, 4 and 8 s; ACK, NAK and silence are recorded. IPv4 and IPv6.
 */
#pragma once

#include "gate/gate.h"

struct coa;

int coa_new(struct gate *g, struct coa **ret) MUST_CHECK;
void coa_free(struct coa *c);
/*
 * `why` goes into the record. -EBUSY: one for this session is under way, or 256 are; -ENOENT: its
 * switch is unknown. The session ends when the switch agrees or says that it has none.
 */
int coa_disconnect(struct coa *c, struct session *session, const char *why) MUST_CHECK;
