/*
 * The pace of EAP. A conversation is many small packets, and a process that is woken for each of
 * them pays more for waking than for the work. So while questions to the engine come in numbers,
 * packets are gathered for PACE_TICK_MS and taken together, as a network card gathers its
 * interrupts; each leg of a conversation is late by that much at most.
 *
 *	at once ── PACE_BUSY questions in PACE_WINDOW_MS ──▶ gathering
 *	        ◀── fewer ──────────────────────────────────
 *
 * Whatever the gate answers by itself does not wait: in a window in which such a request came, the
 * switches' sockets are read at once, and the engine's alone are gathered. Times are the monotonic
 * clock's, so the rule can be tested at any time.
 */
#pragma once

#include "base/util.h"

#define PACE_TICK_MS 4
#define PACE_WINDOW_MS 50
#define PACE_BUSY 25

struct pace {
	int64_t window_began_ms;
	size_t questions;   /* in this window */
	bool direct;	    /* one that the gate answers itself came in this window */
	bool direct_before; /* in the window before */
	bool gathering;
};

void pace_question(struct pace *p);
void pace_direct(struct pace *p);
/* Ends the window when it is over. Called whenever packets were taken. */
void pace_step(struct pace *p, int64_t mono_ms);
bool pace_gathers_engine(const struct pace *p);
bool pace_gathers_switches(const struct pace *p);
