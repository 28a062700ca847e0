/*
 * The gate's line to head office: the snapshot and its changes come down, proofs of life of agents
 * and signed heads too; records and co-signatures go up. The gate decides without it (invariant 4):
 * a line that is down is tried again for ever, and costs nothing meanwhile.
 *
 *	down ──> connecting ──> greeting (GateHello) ──> connected (GateWelcome)
 *	  ^──────────────────────────────┴────────────────────┘
 *
 * 1. Changes of the snapshot are gathered until their End and taken together, or not at all.
 * 2. Only records that are on disk are sent; they are deleted when the server acknowledged them.
 */
#pragma once

#include "gate/gate.h"

struct link;

int link_new(struct gate *g, struct link **ret) MUST_CHECK;
void link_free(struct link *l);
/* "connected", "connecting", "down" */
const char *link_state(const struct link *l);
/* Records reached the disk. */
void link_records_ready(struct link *l);
/* What it knows of its peers changed. */
void link_peers_changed(struct link *l);
/*
 * One frame of what a switch said (the Survey messages of wire/menshen.proto). -ENOTCONN: head
 * office is not heard; -EAGAIN: it has not taken enough of what was sent before.
 */
int link_report(struct link *l, enum frame_type type, const void *message) MUST_CHECK;
/* A child of the gate ended; true when it was the one that saves the snapshot. */
bool link_child_ended(struct link *l, int pid, int status);
