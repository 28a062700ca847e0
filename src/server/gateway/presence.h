/*
 * Who is alive: one entry a terminal, in memory only (heartbeats are never written; only posture
 * transitions are). Filled by the gateway, read by jobs (silence), by gates' links (AgentSeen) and
 *by the API. Any thread; every call locks.
 *
 *	            hello                      connection lost
 *	  ABSENT ──────────> CONNECTED ──────────────────────────> ABSENT
 *	     └── nothing heard for a grace while its network session lives: silence (jobs/silence.h)
 *
 * 1. One connection a terminal: a second with the same queue epoch replaces the first, a second
 *with another epoch while the first is alive is a cloned image and is refused.
 * 2. What was known before a start counts as heard at the start (invariant 11).
 */
#pragma once

#include "base/mac.h"
#include "base/uuid.h"
#include "policy/verdict.h"

#define PRESENCE_MACS_MAX 8
#define PRESENCE_USER_SIZE 65
#define PRESENCE_FAILING_SIZE 257

struct presence;

/* Which connection speaks for the terminal. */
struct presence_owner {
	void *worker;
	uint64_t conn; /* 0: none */
};

/* A copy of an entry, for one look. */
struct presence_view {
	struct uuid uuid;
	int64_t terminal_id, unit_id;
	bool connected, lifeline;
	int64_t heard_at_ms; /* wall */
	int64_t heard_mono_ms;
	enum posture posture; /* as committed */
	char failing[PRESENCE_FAILING_SIZE];
	char user[PRESENCE_USER_SIZE];
	struct mac macs[PRESENCE_MACS_MAX];
	size_t mac_count;
	struct presence_owner owner;
	bool held;	  /* the breaker keeps its last good state */
	bool dormant;	  /* silent, but without a network session: nobody is hurt by it */
	uint64_t version; /* of its last change that gates want to know */
};

int presence_new(int64_t alive_ms, struct presence **ret) MUST_CHECK;
void presence_free(struct presence *p);

/* A terminal that has an agent, known from the store at the start. */
int presence_expect(struct presence *p, const struct presence_view *known,
		    int64_t now_mono_ms) MUST_CHECK;

enum presence_claim { CLAIM_TAKEN, CLAIM_REPLACES, CLAIM_FORK };

/* A hello whose certificate holds: `owner` speaks for the terminal from now on, unless CLAIM_FORK.
 * CLAIM_REPLACES: `ret_old` is to be cut. CLAIM_TAKEN when it is the owner's own. -ENOMEM. */
int presence_claim(struct presence *p, const struct uuid *uuid, const uint8_t epoch[static 16],
		   struct presence_owner owner, int64_t now_mono_ms, enum presence_claim *ret,
		   struct presence_owner *ret_old) MUST_CHECK;
/* The hello was accepted: what the store says of the terminal. */
void presence_accept(struct presence *p, const struct uuid *uuid, int64_t terminal_id,
		     int64_t unit_id, bool lifeline, enum posture posture, const char *failing);
/* The connection is gone; nothing happens when another has taken over. True: it was the owner. */
bool presence_release(struct presence *p, const struct uuid *uuid, struct presence_owner owner);

struct presence_beat {
	int64_t now_ms, now_mono_ms;
	enum posture posture;
	const char *failing, *user;
	const struct mac *macs;
	size_t mac_count;
};
/* True: posture or failing differ from what is committed, a transition is to be written. */
bool presence_beat(struct presence *p, const struct uuid *uuid, const struct presence_beat *beat);
/* A transition was committed. True: it became good after having been worse (ask the supplicant). */
bool presence_set_posture(struct presence *p, const struct uuid *uuid, enum posture posture,
			  const char *failing);
/* How many events a terminal may bring: `per_s` in the long run, `burst` at once. */
struct presence_share {
	unsigned per_s, burst;
};
/* `count` events of it are here. 0: they may go on (the last may overdraw the share); else how long
 * they wait, in ms, before they are asked for again. `ret_tell`: the first that wait since the
 * share was half full. Reconnecting gives no new share. */
int64_t presence_take_share(struct presence *p, const struct uuid *uuid,
			    const struct presence_share *share, size_t count, int64_t now_mono_ms,
			    bool *ret_tell);
void presence_set_silence(struct presence *p, const struct uuid *uuid, bool held, bool dormant);
/* A network session of it began: its agent has AGENT_GRACE_MS from now to be heard. */
void presence_session_began(struct presence *p, int64_t terminal_id, int64_t now_mono_ms);

bool presence_get(struct presence *p, const struct uuid *uuid, struct presence_view *ret);
bool presence_get_by_id(struct presence *p, int64_t terminal_id, struct presence_view *ret);
/* Calls `fn` for each entry, locked: no call of presence.h inside. */
typedef void presence_fn(void *arg, const struct presence_view *entry);
void presence_each(struct presence *p, presence_fn *fn, void *arg);
/* The same for entries changed after `version`, oldest change first; returns the newest version. */
uint64_t presence_changed(struct presence *p, uint64_t version, size_t max, presence_fn *fn,
			  void *arg);
size_t presence_connected(struct presence *p);
