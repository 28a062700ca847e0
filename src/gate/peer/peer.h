/* One peer: what it told and what it was told. For this folder. */
#pragma once

#include "crypto/tls.h"
#include "gate/peer/hearing.h"
#include "gate/peer/peers.h"

#define PEER_BEAT_MS 1000
#define PEER_SILENT_MS 5000 /* and it is missing */

struct heal;
struct stream;
struct teller;

struct peer {
	struct gate *gate;
	struct peers *all;
	struct heal *heal;
	const struct peer_gate *at;
	struct teller *teller;
	struct hearing hearing;
	struct stream *stream; /* on which it is heard; NULL: none */
	enum peer_state state;
	int64_t since_ms, heard_at_ms;
	int64_t heard_mono_ms;
	uint64_t unread_told;
};

/* NULL: no peer has this name. */
struct peer *peers_named(struct peers *p, const char *name);
/* A frame of it came, or its stream ended. */
void peer_heard(struct peer *p);
void peer_lost(struct peer *p);
/* Why a certificate is not this peer's; NULL: it is. */
const char *peer_judge(const struct peer *p, const struct tls_peer *shown);
