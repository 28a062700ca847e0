/*
 * Change while live: Disconnect- and CoA-Requests to switches (RFC 5176), step by step as
 * gate/live/change.h has it. A switch that is connected by RadSec is told over its connection, once
 * a connection, for TCP repeats by itself; over UDP they leave from the address at which the gate
 * hears that family of switches, where it is bound to one, since a switch obeys only the servers it
 * was told. Sent again after 2, 4 and 8 s; ACK, NAK with its cause and silence are recorded. IPv4
 * and IPv6. The last step, the bounce over SNMP, is menshen-survey's (gate/beside/surveyor.h).
 */
#pragma once

#include "gate/gate.h"

struct coa;

int coa_new(struct gate *g, struct coa **ret) MUST_CHECK;
void coa_free(struct coa *c);
/* A packet's code is that of an answer to these. */
bool coa_is_answer(uint8_t code);
/* Such a packet that came over a RadSec connection. Whatever answers nothing is dropped. */
void coa_take(struct coa *c, uint64_t stream, const uint8_t *data, size_t len);
/*
 * Ends the session: it knocks again under the new facts. `why` goes into the record. -EBUSY: a
 * change of this session is under way, or 256 are; -ENOENT: its switch is unknown. The session ends
 * when the switch agrees or says that it has none.
 */
int coa_disconnect(struct coa *c, struct session *session, const char *why) MUST_CHECK;
/*
 * The same for a session that the gate does not hold any more, since a word of another gate took
 * its MAC; it is copied. What came of it is recorded as "session.closed".
 */
int coa_expel(struct coa *c, const struct session *gone, const char *why) MUST_CHECK;
/*
 * Brings a session to what is decided of it now: into another place where the vendor's switches can
 * be told so, out otherwise. Errors as coa_disconnect().
 */
int coa_change(struct coa *c, struct session *session, const struct decision *to,
	       const char *why) MUST_CHECK;
