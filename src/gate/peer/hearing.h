/*
 * What a peer says, frame by frame: hello, who is isolated at it, its sessions in the order of
 * their change, beats. Knows nothing of sockets. A peer speaks of its own sessions alone; only
 * until it has told all may it give back what it last heard from this gate, where this gate has
 * nothing.
 */
#pragma once

#include "gate/facts/isolations.h"
#include "gate/live/merge.h"
#include "wire/frame.h"

#define PEER_PROTOCOL 1

struct hearing {
	struct sessions *sessions;
	uint8_t origin; /* of the peer */
	/* What it says differs from what is here, and holds; `here` lives until this returns. */
	void (*on_over)(void *arg, const struct session *here, const struct session *said,
			enum merge how);
	void (*on_said)(void *arg, struct session *n); /* it is here now */
	/* May give its port another name, before anything else is done with it. */
	void (*on_read)(void *arg, struct session *said);
	void (*on_isolation)(void *arg, const struct isolation_here *said);
	void *arg;
	/* private */
	uint8_t epoch[16];
	uint64_t through; /* of the epoch's changes */
	uint64_t unread;  /* sessions that could not be read or kept */
	bool greeted, told_all;
};

/* A new connection: it has to greet first. */
void hearing_restart(struct hearing *h);
/* Appends the answer to `to`. Negative: the connection has to end. */
int hearing_take(struct hearing *h, const struct frame *f, int64_t now_ms,
		 struct buf *to) MUST_CHECK;
