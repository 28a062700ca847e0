/*
 * The kernel's bridge as an access switch: ports that let nobody through until they are told whom,
 * and the notices by which the kernel tells who knocks (rtnetlink;
 * Documentation/networking/bridge).
 *
 * A locked port drops every frame whose source is not in the forwarding table. With MAB the first
 * frame of an unknown source leaves a locked entry and a notice. Opening is a static entry for one
 * MAC. Locking concerns what comes in only, so a port without a session floods nothing out either.
 * This kernel filters no VLANs: a VLAN is a bridge, and a port moves between them.
 *
 * All calls are synchronous (well under a millisecond; a move takes about 10) and return -errno as
 * the kernel gave it. Interfaces are named by index. One thread.
 */
#pragma once

#include <net/if.h>

#include "base/loop.h"
#include "base/mac.h"

struct bridge;

struct bridge_link {
	unsigned index;
	char name[IF_NAMESIZE];
	bool gone;    /* the interface was removed from the system */
	bool carrier; /* up, and the peer too */
	unsigned master;
	uint32_t losses; /* of carrier, ever: a loss too short for a notice of its own counts too */
};

struct bridge_counters {
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
};

/* Called from the loop and from bridge_refresh(). */
struct bridge_events {
	void (*link)(void *arg, const struct bridge_link *link);
	/* An unknown MAC sent its first frame to a locked port. */
	void (*knock)(void *arg, unsigned port, const struct mac *mac);
	/* Notices were lost: call bridge_refresh(). */
	void (*lost)(void *arg);
};

int bridge_new(struct loop *loop, const struct bridge_events *events, void *arg,
	       struct bridge **ret) MUST_CHECK;
void bridge_free(struct bridge *b);
/* Reports every link and every locked entry as if it were new: at start, and after lost notices. */
int bridge_refresh(struct bridge *b) MUST_CHECK;

/*
 * Makes a bridge fit to hold locked ports: frames to link-local groups (EAPOL among them) teach it
 * no addresses, else a stranger's EAPOL-Start would open the port.
 */
int bridge_prepare(struct bridge *b, unsigned bridge) MUST_CHECK;
/* Takes the port up, into the bridge (out of any other), locked, with nothing remembered. */
int bridge_enter(struct bridge *b, unsigned port, unsigned bridge) MUST_CHECK;
/* Nobody gets in, nothing is flooded out, every learnt or static entry is gone. */
int bridge_lock(struct bridge *b, unsigned port) MUST_CHECK;
/* Lets one MAC through a locked port; `alone` keeps it from the other ports that are alone. */
int bridge_open(struct bridge *b, unsigned port, const struct mac *mac, bool alone) MUST_CHECK;
/* Forgets the locked entry, so that the next frame knocks again. */
int bridge_forget(struct bridge *b, unsigned port) MUST_CHECK;
int bridge_count(struct bridge *b, unsigned port, struct bridge_counters *ret) MUST_CHECK;
