/*
 * One port and whoever stands at it: the state machine of admission. Pure but for its effects.
 *
 *                       knock                 the wait for EAPOL is over
 *  ┌──────┐ carrier ┌───────┐──────▶┌─────────┐─────────────────────▶┌────────┐
 *  │ DOWN │────────▶│ QUIET │       │ KNOCKED │                      │ ASKING │ MAC authentication
 *  └──────┘         └───────┘◀─┐    └─────────┘   stuck for 30 s     └────────┘
 *   ▲ carrier lost:   │ EAPOL  │         │ EAPOL ┌──────────────────────▲ │ │
 *   │ from every      ▼        │         ▼       │                        │ │
 *   │ state         ┌───────────────────────────┐│   success, and the     │ │ admitted, isolated,
 *                   │          PROVING          │┘── gate admitted ─────┐ │ │ or critical
 *                   │       (802.1X runs)       │                       ▼ │ ▼
 *                   └───────────────────────────┘                    ┌────────┐
 *                        │ refused                                   │  OPEN  │──┐ 802.1X runs
 *                        ▼                       refused, no gate    └────────┘◀─┘ beside it
 *                   ┌────────┐◀──────────────────────────── ASKING       │
 *       QUIET ◀─────│  HELD  │ hold-down over, or another MAC            │ disconnect, time-out,
 *                   └────────┘                                           ▼ logoff: QUIET
 *
 * Invariants
 *  1. The port passes frames in OPEN only; every way out of OPEN locks it first, then accounts.
 *  2. Each Start in OPEN has its Stop, at the latest when OPEN is left.
 *  3. 802.1X opens only when the gate admitted and hostapd then reported success for the same MAC.
 *  4. One terminal per port: while OPEN another MAC is not heard; 802.1X of the same MAC replaces a
 *     MAC authentication, of another MAC it does not.
 *  5. An effect that fails holds the port; what cannot be obeyed opens nothing.
 *  6. A session that no gate decided (critical) ends when a gate answers again.
 *  7. Silence takes nothing away: a session that could not be renewed stays, and is renewed when a
 *     gate answers again.
 */
#pragma once

#include "base/mac.h"
#include "port/answer.h"
#include "port/request.h"

#define SESSION_PROVING_MS 30000

enum session_state {
	SESSION_DOWN,
	SESSION_QUIET,
	SESSION_KNOCKED,
	SESSION_PROVING,
	SESSION_ASKING,
	SESSION_OPEN,
	SESSION_HELD,
	SESSION_STATES
};

enum session_method { SESSION_BY_NOBODY, SESSION_BY_MAC, SESSION_BY_EAP, SESSION_BY_SILENCE };

struct session_rules {
	uint64_t eapol_wait_ms, hold_ms;
	unsigned critical_vlan; /* 0: closed */
};

struct session;

struct session_effects {
	/* Opens the port for s->mac as s->answer says; -errno: nothing is open, s->reason says why.
	 */
	int (*open)(void *arg, struct session *s);
	/* Locks the port and forgets everybody; an unknown MAC's next frame knocks again. */
	void (*lock)(void *arg, struct session *s);
	/* Asks the gate about s->mac; the answer comes by session_mac_answered(). */
	int (*ask)(void *arg, struct session *s);
	void (*stop_asking)(void *arg, struct session *s);
	/* Takes s->mac's 802.1X authorisation, if any, and invites it to prove itself. */
	void (*invite)(void *arg, struct session *s);
	/* Lets s->mac prove itself again behind the open door. */
	void (*renew)(void *arg, struct session *s);
	/* Makes the 802.1X engine forget a MAC that has made room for another. */
	void (*dismiss)(void *arg, struct session *s, const struct mac *mac);
	/* RADIUS_ACCT_START or _STOP; `cause` is for Stop. */
	void (*account)(void *arg, struct session *s, uint32_t status, uint32_t cause);
	void (*arm)(void *arg, struct session *s, uint64_t after_ms); /* session_timer(); 0: off */
	/* A line for the log: what became of the port. */
	void (*tell)(void *arg, const struct session *s);
	int64_t (*now_ms)(void *arg);
};

struct session {
	const struct session_effects *effects;
	void *arg;
	const struct session_rules *rules;

	enum session_state state;
	enum session_method method; /* OPEN: how it was admitted */
	struct mac mac;		    /* in DOWN and QUIET: of whoever was here last */
	bool has_mac;
	struct answer answer;		   /* OPEN: what is obeyed */
	char reason[RADIUS_VALUE_MAX + 1]; /* OPEN, HELD: why */
	char id[REQUEST_SESSION_ID_SIZE];  /* Acct-Session-Id of the open or the next session */
	int64_t since_ms;

	/* The gate's Accept that hostapd has not yet confirmed. */
	struct answer offer;
	struct mac offer_mac;
	bool has_offer;
	bool unheard; /* OPEN by 802.1X: its renewal found no gate; hostapd may have given it up */
};

void session_init(struct session *s, const struct session_effects *effects, void *arg,
		  const struct session_rules *rules);

/* What happens to a port. Each may call effects, none may be called from within one. */
void session_carrier(struct session *s, bool carrier);
void session_knock(struct session *s, const struct mac *mac);
/* hostapd forwards an EAP response of this MAC. */
void session_eap_runs(struct session *s, const struct mac *mac);
/* The gate's last word about an EAP conversation (or its silence). */
void session_eap_answered(struct session *s, const struct mac *mac, const struct answer *answer);
/* The gate fell silent within a conversation and another one lives: it starts anew there. */
void session_eap_broken(struct session *s, const struct mac *mac);
void session_eap_success(struct session *s, const struct mac *mac);
void session_eap_gone(struct session *s, const struct mac *mac);
void session_mac_answered(struct session *s, const struct answer *answer);
void session_timer(struct session *s);
/* Ends an open session; the terminal may knock again at once. Does nothing when none is open. */
void session_end(struct session *s, uint32_t cause);
/*
 * An open session goes on in another place (VLAN, filter, plan of `place`): locked, opened there;
 * its books and its time go on. -ENOENT: no gate has opened it. Another error: the place cannot be
 * had, the session is over and the port is held.
 */
int session_change(struct session *s, const struct answer *place) MUST_CHECK;
void session_gates_back(struct session *s);
/* The port is locked for good, whatever it was doing: the box stops, or the port moves. */
void session_close(struct session *s, uint32_t cause);

const char *session_state_name(enum session_state state);
const char *session_method_name(enum session_method method);
