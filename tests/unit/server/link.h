/*
 * A gate at a test's head office (office.h), over real TLS: its link, what it is sent as a
 * snapshot, and a place with one switch and one printer on it.
 */
#pragma once

#include "office.h"
#include "peer.h"

struct link {
	struct buf key, cert;
	struct tls_ctx *ctx;
	struct peer peer;
	uint8_t epoch[16];
};

/* One whole snapshot: how many rows of each type, and where it begins and ends. */
struct seen_snapshot {
	menshen_SnapshotBegin begin;
	menshen_SnapshotEnd end;
	size_t rows[FRAME_TYPE_END];
	menshen_SnapTerminal terminal; /* the last one */
	menshen_SnapMac mac;
	menshen_SnapSwitch at;
	menshen_SnapUnit unit;
	menshen_SnapPermit permit;
	menshen_SnapRevoked revoked;
};

/* Filled by place_open(). */
struct place {
	struct office *o;
	int64_t switch_id, terminal_id, permit_id;
	struct mac mac;
};

void link_open(struct link *l, struct office *o);
void link_close(struct link *l);
/* The number of the last record that head office has. */
uint64_t link_greet(struct link *l, struct office *o, int64_t rev);
void read_snapshot(struct link *l, struct seen_snapshot *ret);
void place_open(struct place *p, struct office *o);
