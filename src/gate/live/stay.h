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
/* Calls `lost` for each session whose switch has spoken of others since it fell silent. */
typedef void stay_lost_fn(void *arg, struct session *n);
int stays_find_lost(struct sessions *s, const struct stay_rules *rules, int64_t now_ms,
		    stay_lost_fn *lost, void *arg) MUST_CHECK;

/* ---- with records ---- */

/* The session goes on, its stay was over at its last word. */
void stay_lose(struct gate *g, struct session *n, const char *note);
/* A copy of the session that the MAC left for another. */
void stay_left(struct gate *g, struct session *old, int64_t now_ms);
/* When a session that is ended now was over. */
int64_t stay_end(const struct gate *g, const struct session *n, int64_t now_ms);
/* The silent ones of all; for a timer. */
void stays_look(struct gate *g, int64_t now_ms);
/* Somebody beside the switch says that the session has this address: told once. */
void stay_address(struct gate *g, struct session *n, const char *address,
		  enum address_source source);
