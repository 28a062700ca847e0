/*
 * When something heard is a finding: one table of pure rules. A rule sees the scene of one frame
 * (what it says, what was known before, what is expected here) and says yes with its evidence.
 * Nothing here keeps state or knows of time but by `now_ms`.
 */
#pragma once

#include "listener/expected.h"
#include "listener/gear.h"
#include "listener/plan.h"
#include "listener/table.h"
#include "policy/finding.h"

#define DETAIL_SIZE 200
#define CONFLICT_MS (60 * INT64_C(1000)) /* two holders of an address within this are two */
#define TAKEN_MS (3600 * INT64_C(1000))	 /* how long a holder counts against an announcement */
#define ROAM_MS (60 * INT64_C(1000))	 /* so many addresses of one MAC within this */
#define ROAM_COUNT 4
#define BEHIND_MS (3600 * INT64_C(1000)) /* so many names or fingerprints within this */
#define BEHIND_COUNT 3
#define TTL_PACKETS 3 /* with a lowered TTL before it counts */

/* What the frame says. */
enum {
	SEEN_CLAIM = 1 << 0,	    /* `ip` is the device's, by ARP or neighbour discovery */
	SEEN_ANNOUNCEMENT = 1 << 1, /* a claim that nobody asked for */
	SEEN_TTL = 1 << 2,	    /* an IPv4 packet to one receiver; `ip` is its source */
	SEEN_DHCP_SERVER = 1 << 3,  /* `ip` is the server's */
	SEEN_ROUTER_ADVERT = 1 << 4,
	SEEN_GEAR = 1 << 5,	/* LLDP or CDP: `gear` */
	SEEN_STP = 1 << 6,	/* `stp` */
	SEEN_NEW_NAME = 1 << 7, /* a device that had a name has another */
	SEEN_NEW_PRINT = 1 << 8,
	SEEN_CLIENT = 1 << 9, /* a DHCP request for other hardware than the frame's sender */
};

struct scene {
	int64_t now_ms;
	unsigned seen;
	const struct device *device; /* whom it is about, this frame included */
	struct mac frame_from;	     /* who sent it: another one where an ARP packet lies */
	struct ip ip;
	struct binding before; /* of the claim: who held the address; at_ms 0: nobody */
	const struct gear *gear;
	const struct stp *stp;
	const struct expected *expected;
	const struct plan *plan; /* NULL: there is none */
};

typedef void rule_found_fn(void *arg, enum finding f, const struct scene *s, const char *detail);

/* Calls `fn` for each rule that holds. */
void rules_run(const struct scene *s, rule_found_fn *fn, void *arg);
