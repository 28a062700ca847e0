/*
 * Everything one gate holds, and the words its parts share. All of it is behind one lock, so that
 * one thread at a time is in it (gate/lock.h; the syncer and the builder work beside it, and at
 * start one more reads the facts); the parts take the gate and touch each other only through these
 * pointers.
 */
#pragma once

#include "base/log.h"
#include "base/loop.h"
#include "gate/facts/agents.h"
#include "gate/facts/bypass.h"
#include "gate/facts/isolations.h"
#include "gate/facts/snapshot_file.h"
#include "gate/facts/steady.h"
#include "gate/knock/breaker.h"
#include "gate/knock/hub.h"
#include "gate/knock/imposter.h"
#include "gate/knock/mab.h"
#include "gate/line/applog.h"
#include "gate/line/spool.h"
#include "gate/line/syncer.h"
#include "gate/live/change.h"
#include "gate/live/session.h"
#include "gate/lock.h"
#include "gate/settings.h"
#include "vendor/vendor.h"

struct bank;
struct coa;
struct engine;
struct front;
struct heard;
struct inquiry;
struct link;
struct ledger;
struct peers;
struct radsec;
struct relay;
struct review;
struct surveyor;
struct scrape;

#define GATE_METHODS (KNOCK_EAP_TLS + 1)
#define GATE_VERDICTS (VERDICT_ADMIT + 1)

enum counter {
	COUNT_PACKETS,
	COUNT_UNKNOWN_SWITCH,
	COUNT_OVER_RATE,
	COUNT_MALFORMED,
	COUNT_UNSIGNED,
	COUNT_WRONG_SECRET,
	COUNT_REPEATED,
	COUNT_SILENT,
	COUNT_ADMITTED,
	COUNT_ISOLATED,
	COUNT_REJECTED,
	COUNT_ACCOUNTING,
	COUNT_EAP_RELAYED,
	COUNT_EAP_DROPPED,
	COUNT_LOST_RECORDS,
	COUNT_DISCONNECTS,
	COUNT_CROWDED,
	COUNT_DIRECTORY_DOWN,
	COUNT_LAST_KNOWN,
	COUNT_OLD_LOST,
	COUNTER_COUNT
};

struct gate {
	struct settings settings;
	struct gate_lock lock;
	struct loop *loop;
	struct steady steady;
	struct seal_pair *key; /* opens what head office sealed for gates */
	struct vendors *vendors;
	struct snapshot *snapshot;
	uint64_t snapshots_taken; /* since the start */
	enum snapshot_source source;
	struct sessions *sessions;
	struct agents agents;
	struct breaker *breaker;
	struct bypasses bypasses;
	struct isolations isolations; /* by a person here */
	struct hubs hubs;	      /* suspected behind ports */
	struct imposters imposters;
	struct mab_key mab;
	struct ledger *ledger; /* what must reach the disk: sessions and records */
	struct front *front;
	struct radsec *radsec; /* NULL: switched off */
	struct bank *bank;     /* NULL: only the built-in CA issues */
	struct engine *engine; /* NULL: switched off */
	struct relay *relay;
	struct old_server *old; /* NULL: nothing is being replaced */
	struct coa *coa;
	struct review *review;
	struct inquiry *control;
	struct scrape *scrape;	   /* NULL: nobody reads metrics */
	struct heard *heard;	   /* the listener's words */
	struct surveyor *surveyor; /* who asks the switches */
	struct link *link;	   /* NULL: no server is configured */
	struct peers *peers;	   /* NULL: no other gate is configured */
	int64_t started_at_ms;
	int64_t facts_at_ms; /* when head office was heard last, or the snapshot saved; 0: never */
	int64_t crowd_told_at_ms; /* of strangers that were too many */
	uint64_t counters[COUNTER_COUNT];
	uint64_t verdicts[GATE_METHODS][GATE_VERDICTS];
	uint64_t changes[CHANGE_OUTCOME_COUNT]; /* CoA and Disconnect by what came of them */
};

const char *counter_name(enum counter c);
/* A TCP listener at an address of the settings, or -errno, told in the log. */
int gate_listen(const char *address, uint16_t default_port, int backlog) MUST_CHECK;
/* The time to judge by, in wall-clock milliseconds. */
int64_t gate_now(struct gate *g);
/* It has facts to decide from. Otherwise it stays silent (invariant 5). */
bool gate_can_decide(const struct gate *g);
/* The end of a bypass, head office's or this gate's own, that covers the unit; 0 when none does. */
int64_t gate_bypass_until(const struct gate *g, int64_t unit_id, int64_t now_ms);
/* It has facts, or a bypass opens the switch's unit: else the switch must hear nothing at all. */
bool gate_may_answer(const struct gate *g, int64_t switch_id, int64_t now_ms);
/* Live sessions at the unit's switches. */
size_t gate_sessions_of_unit(const struct gate *g, int64_t unit_id);
/* How old what it decides from may be: 0 while head office is heard, -1 without facts. */
int64_t gate_facts_age_s(struct gate *g);
/* A new snapshot takes the old one's place; every live session is looked at again. Returns the one
 * that is to be freed now: the old one, or, without memory, the new one. */
struct snapshot *gate_take_snapshot(struct gate *g, struct snapshot *s) MUST_CHECK;
/* Rows changed: the sessions are looked at again soon. */
void gate_snapshot_changed(struct gate *g);
