/*
 * When a session's stay on the network is over although its switch did not say so. A lost stop is
 * noticed by
 *
 *	another Start  under a new Acct-Session-Id, at the same place, and no retry of the last
 *	another knock  elsewhere, or as somebody else
 *	silence        no word for three intervals while the switch speaks of others
 *	a restart      Accounting-On (accounting.c)
 *
 * What is lost is told as over at the switch's last word of it. The session itself stays
 *(session.h, 5): whoever is heard again goes on, in a stay of its own.
 */
#pragma once

#include "base/map.h"
#include "gate/live/session.h"

struct gate;

/* What a switch that does not keep to its interval is believed. */
struct stay_rules {
	int64_t interim_ms; /* as the switches are told */
	int64_t since_ms;   /* the gate hears them since then */
};

/* A Start of another stay. The same Acct-Multi-Session-Id, and what comes within seconds of the
 * last Start, is the same one under a new id. */
bool stay_is_another(const struct session *n, const struct session_report *start);
/* No word for so long that its stop was lost. */
bool stay_is_silent(const struct session *n, const struct stay_rules *rules, int64_t now_ms);

/*
 * A look at all sessions, some of them at a time: first at who speaks, then for who is silent. One
 * that comes between, or moves, is looked at the next time.
 */
struct stay_look {
	struct stay_rules rules;
	int64_t now_ms;
	struct map speakers; /* by switch */
	size_t at;
	bool gathers; /* the first time through */
};

/* Ends the one before; a zeroed one is none. */
void stay_look_begin(struct stay_look *l, const struct stay_rules *rules, int64_t now_ms);
void stay_look_done(struct stay_look *l);
typedef void stay_lost_fn(void *arg, struct session *n);
/* So many sessions more: calls `lost` for each whose switch has spoken of others since it fell
 * silent. False: all were looked at. */
bool stay_look_on(struct stay_look *l, const struct sessions *s, size_t count, stay_lost_fn *lost,
		  void *arg);

/* ---- with records ---- */

/* The session goes on, its stay was over at its last word. */
void stay_lose(struct gate *g, struct session *n, const char *note);
/* A copy of the session that the MAC left for another. */
void stay_left(struct gate *g, struct session *old, int64_t now_ms);
/* When a session that is ended now was over. */
int64_t stay_end(const struct gate *g, const struct session *n, int64_t now_ms);
/* The silent ones of all, as stay_look_on(). */
void stays_begin(const struct gate *g, struct stay_look *l, int64_t now_ms);
bool stays_look_on(struct gate *g, struct stay_look *l, size_t count);
/* Somebody beside the switch says that the session has this address: told once. */
void stay_address(struct gate *g, struct session *n, const char *address,
		  enum address_source source);
