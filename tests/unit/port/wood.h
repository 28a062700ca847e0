/*
 * A port of wood: a session whose effects only remember what the state machine made them do.
 */
#pragma once

#include "port/session.h"

extern const struct mac printer, other;
extern const struct answer admit, refuse, silence;

struct wood {
	struct session s;
	struct session_rules rules;
	bool open, open_fails, asking, ask_fails;
	int invited, renewed, dismissed, starts, stops, locks;
	uint32_t cause;
	uint64_t timer_ms;
	bool locked_before_stop;
	char started_id[REQUEST_SESSION_ID_SIZE];
};

/* A fresh port with carrier, quiet. */
void plug(struct wood *w, unsigned critical_vlan);
void admit_by_mac(struct wood *w);
void admit_by_eap(struct wood *w, const struct answer *answer);
