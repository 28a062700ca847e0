/*
 * The gateway: where desks and gates speak to head office, over mutual TLS, one event loop per core
 * on one listening socket. What a connection may say depends on its certificate:
 *
 * | certificate                 | first frame    | then
 * | none                        | EnrolRequest   | its answer, and the end
 * | terminal, expired           | RenewRequest   | its answer, and the end
 * | terminal                    | AgentHello     | Heartbeat, Event, RenewRequest
 * | gate                        | GateHello      | Record, HeadCosign, ExplainAnswer
 * |                             |                | GatePeers, SurveySwitch and its rows
 * | revoked, unknown, other     |                | Refusal, and the end
 *
 * Nothing is acknowledged before the engine committed it (invariant 1). A revocation cuts live
 * connections within a second of its commit.
 */
#pragma once

#include "base/addr.h"
#include "base/mac.h"
#include "server/engine/engine.h"
#include "server/gateway/isolate_finding.h"
#include "server/gateway/presence.h"
#include "server/keys.h"
#include "wire/frame.h"

struct gateway;

struct gateway_options {
	struct engine *engine; /* these four are borrowed */
	struct store *store;
	const struct keys *keys;
	struct presence *presence;
	struct addr listen;	 /* port 0: any, see gateway_address() */
	unsigned loops;		 /* 0: one per core */
	unsigned heartbeat_s;	 /* told to agents; 0: 30 */
	size_t connections_max;	 /* 0: 20000 */
	size_t per_address_max;	 /* open at once; 0: 512 (a branch behind one address) */
	size_t enrol_per_minute; /* tries per address; 0: 30 */
	int64_t renew_late_ms;	 /* a certificate past its end may renew so long; 0: 90 days */
	unsigned events_per_s;	 /* of a terminal, in the long run; 0: 20 */
	unsigned events_burst;	 /* and so many at once; 0: 20000 */
	int64_t handshake_ms;	 /* until the first frame; 0: 10 s */
	struct finding_policy findings; /* which isolate; all 0: none */
	/* Records that were just committed, none of them twice; NULL: nobody asks. On a thread of
	 * the gateway's, which must not wait. */
	void (*on_records)(void *arg, const struct store_record *records, size_t count);
	void *on_records_arg;
};

/* Listens and starts its threads. */
int gateway_start(const struct gateway_options *options, struct gateway **ret) MUST_CHECK;
/* Ends all connections, waits for what the engine still has of them. Before engine_stop(). */
void gateway_stop(struct gateway *g);
/* The keys' server certificate was renewed: new connections are shown it. */
int gateway_use_certificate(struct gateway *g) MUST_CHECK;
struct addr gateway_address(const struct gateway *g);

/* What is known of a gate's link since the gateway's start. */
struct gateway_gate {
	bool connected;
	int64_t seen_ms; /* wall clock: when its last link ended; 0 while it is up, or never was */
	int64_t rev;	 /* of the snapshot that it was last sent whole, or said that it has; 0 */
};

/* What the gate says of its peers; nothing while it is not connected. Any thread. */
void gateway_gate_peers(struct gateway *g, const char *gate, menshen_GatePeers *ret);
/* Any thread. */
struct gateway_gate gateway_gate(struct gateway *g, const char *gate);
bool gateway_gate_connected(struct gateway *g, const char *gate);

/* A question to a gate: what would become of a knock (wire/menshen.proto: ExplainAsk). */
struct gateway_ask {
	struct mac mac;
	const char *account, *at, *port; /* "" for none */
};

struct gateway_explained {
	char trouble[32]; /* why the gate has no answer, "" when the rest holds */
	char at[64], port[64], account[64], reason[32], would_be_reason[32];
	uint32_t method, mode, verdict, would_be;
	bool standing;
};

/*
 * Any thread but the gateway's; waits for the gate's answer. -ENOTCONN: it is not connected;
 * -EOPNOTSUPP: it is too old to be asked; -ETIMEDOUT; -EBUSY: too many ask already; -EINVAL: a text
 * is too long.
 */
int gateway_explain(struct gateway *g, const char *gate, const struct gateway_ask *ask,
		    struct gateway_explained *ret) MUST_CHECK;

struct gateway_stats {
	size_t connections, terminals, gates;
	uint64_t handshakes, resumed, refused, records;
};
void gateway_get_stats(struct gateway *g, struct gateway_stats *ret);
