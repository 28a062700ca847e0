/*
 * Which agents are alive, as the server says; in memory only. Silence is not guilt (invariant 11):
 * what was never heard of is unknown, and only the posture clock may call an agent missed.
 */
#pragma once

#include "base/mac.h"
#include "base/map.h"
#include "base/uuid.h"
#include "wire/frame.h"

#define AGENT_FRESH_MS (180 * INT64_C(1000))
#define AGENT_MACS_MAX 8

struct agent {
	struct uuid terminal;
	int64_t seen_at_ms; /* gate's time when the word came; 0: never */
	bool connected;
	bool missed; /* did not report in the first 180 s of a session; cleared when it does */
	uint8_t mac_count;
	struct mac macs[AGENT_MACS_MAX];
};

struct agents {
	struct map by_terminal;
};

void agents_init(struct agents *a);
void agents_done(struct agents *a);
/* NULL: never heard of. */
struct agent *agents_get(const struct agents *a, const struct uuid *terminal);
int agents_seen(struct agents *a, const menshen_AgentSeen *seen, int64_t now_ms) MUST_CHECK;
/* It should have reported since then, and is missed unless it did; one that is connected is not. */
int agents_miss(struct agents *a, const struct uuid *terminal, int64_t since_ms) MUST_CHECK;
bool agent_is_live(const struct agent *a, int64_t now_ms);
/* It is alive and says which cards it has, and this is none of them. */
bool agent_denies_mac(const struct agent *a, const struct mac *mac, int64_t now_ms);
