/*
 * The admission verdict: a pure function of what knocked, what is known about it, and the time
 * (invariant 3). The gate calls it for every knock and again for every live session whose facts
 * changed; a dry run calls it over last month's records.
 *
 *	bypass? deny list? ── MAC authentication ── device: permit for MAC, switch and port
 *	                   │                      └ computer: isolated, enrols or lacks a supplicant
 *	                   └─ EAP ── account ── terminal ── owner ── posture ── agent
 *
 * Who may enter so far needs a place at the port, where its terminals are limited.
 * In a maintenance window a known terminal is admitted although what the work disturbs does not
 *hold: its place, its client's report, 802.1X (server/engine/period.h says what, and what not).
 * Then the mode, of the port or else the unit: in observe and warn mode what would have kept
 *somebody out is recorded as `would_be`, and the door opens. The deny list and a wrong password
 *hold in every mode. Times are wall-clock milliseconds; 0 means "never" or "no end".
 */
#pragma once

#include "base/mac.h"
#include "base/uuid.h"
#include "policy/reason.h"

#define POSTURE_LIFE_MS (30 * 24 * 3600 * INT64_C(1000)) /* invariant 11 */
#define AGENT_GRACE_MS (180 * INT64_C(1000))

enum verdict { VERDICT_REJECT, VERDICT_ISOLATE, VERDICT_ADMIT };
enum mode { MODE_OBSERVE, MODE_WARN, MODE_ENFORCE };
enum knock_method { KNOCK_MAB, KNOCK_EAP_PASSWORD, KNOCK_EAP_TLS };
enum posture { POSTURE_UNKNOWN, POSTURE_GOOD, POSTURE_BAD, POSTURE_SILENT };
enum terminal_kind {
	TERMINAL_PC,
	TERMINAL_XPE,
	TERMINAL_CE,
	TERMINAL_PRINTER,
	TERMINAL_CAMERA,
	TERMINAL_ATM,
	TERMINAL_PHONE,
	TERMINAL_OTHER,
	TERMINAL_VISITOR,
	TERMINAL_KIND_COUNT
};
enum terminal_status {
	TERMINAL_APPLIED,
	TERMINAL_APPROVED,
	TERMINAL_IN_USE,
	TERMINAL_IN_REPAIR,
	TERMINAL_SCRAPPED
};

/* What the engine or the packet proved before anybody decides. */
struct knock {
	int64_t at_ms;
	enum knock_method method;
	struct mac mac;
	int64_t switch_id;
	const char *port;   /* NAS-Port-Id, "" when the switch sends none */
	enum reason proof;  /* REASON_OK: proven; else why not */
	bool account_known; /* the proven account (or the certificate's terminal) is in the snapshot
			     */
	bool account_enabled;
	int64_t account_locked_until_ms;
	bool first_report_due; /* the session is younger than AGENT_GRACE_MS */
};

struct terminal_facts {
	bool known;
	struct uuid uuid;
	enum terminal_kind kind;
	enum terminal_status status;
	bool lifeline;	      /* ATM, self-service, payment: never cut by automation */
	bool account_allowed; /* the proven account may use this terminal */
	bool certificate_revoked;
	enum posture posture;
	bool policy_old; /* it is bad for this alone: the client obeys an old policy */
	int64_t posture_at_ms;
	int64_t posture_grace_ms; /* for so long one that turned bad is only warned of */
	int64_t agent_seen_at_ms; /* last proof of life of its agent, 0 never */
	bool agent_mac_mismatch;  /* the agent, alive, does not have this MAC */
	bool isolated_by_person;
	bool supplicant_exempt; /* a computer that may stay by its MAC */
	/* of a visitor */
	int64_t until_ms;
	bool at_home;	/* at a switch of the unit that lets it in */
	bool has_place; /* that has a network for visitors */
};

struct permit_facts {
	bool known;
	int64_t switch_id;
	const char *port; /* "" binds to the switch only */
	int64_t from_ms, until_ms;
	const uint32_t *hours; /* policy/hours.h */
	size_t hours_count;    /* 0: every hour */
};

/* How full the port is (D24). */
struct port_facts {
	unsigned limit;	   /* of live terminals; 0: none */
	unsigned others;   /* that take a place before this one */
	bool phones_count; /* else a telephone needs no place */
};

struct facts {
	enum mode mode;
	bool bypass;		     /* an emergency bypass covers this switch now */
	bool maintenance;	     /* a maintenance window covers this switch now */
	bool frozen;		     /* the unit is frozen: automation puts nobody out who is in */
	bool deny_listed;	     /* holds above everything, bypass included */
	bool mac_owned_by_other;     /* the MAC belongs to another terminal than the proven one */
	bool account_live_elsewhere; /* proven live (fresh interim or agent), on another terminal */
	struct terminal_facts terminal; /* by MAC, or by certificate */
	struct permit_facts permit;
	struct port_facts port;
};

struct decision {
	enum verdict verdict;
	enum reason reason;
	enum verdict would_be; /* what enforce mode would have answered */
	enum reason would_be_reason;
};

/*
 * The ladder of a bad posture: it is warned of until this time, and isolates from then on. 0: there
 * is none, or no grace.
 */
bool verdict_is_bad_posture(enum reason reason);
int64_t verdict_posture_due(const struct terminal_facts *t);
void verdict_decide(const struct knock *knock, const struct facts *facts, struct decision *ret);
/*
 * Whether rules alone say so, not a person, the proof or the hours that a person set: then a
 * breaker stands before it, and a frozen period keeps who is in.
 */
bool verdict_is_by_automation(enum reason reason);

/* Terminals without a client live by permit; the others by account, posture and agent. */
bool terminal_kind_needs_agent(enum terminal_kind kind);
const char *terminal_kind_name(enum terminal_kind kind);      /* "printer" */
enum terminal_kind terminal_kind_from_name(const char *name); /* TERMINAL_KIND_COUNT if none */
const char *verdict_name(enum verdict v);		      /* "reject", "isolate", "admit" */
const char *mode_name(enum mode m);			      /* "observe", "warn", "enforce" */
const char *posture_name(enum posture p);	    /* "unknown", "good", "bad", "silent" */
const char *knock_method_name(enum knock_method m); /* "mab", "eap-password", "eap-tls" */
