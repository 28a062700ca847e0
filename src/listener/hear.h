/*
 * From a frame to what is known: takes it apart, writes it into the table, runs the rules. Pure but
 * for the table it fills: time and expectations are given. One thread.
 */
#pragma once

#include "listener/rules.h"

enum heard {
	HEARD_ARP,
	HEARD_ND,
	HEARD_DHCP,
	HEARD_DHCP6,
	HEARD_LLDP,
	HEARD_CDP,
	HEARD_STP,
	HEARD_MDNS,
	HEARD_NETBIOS,
	HEARD_IPV4, /* for its TTL alone */
	HEARD_COUNT
};

struct hear {
	struct table *table;	   /* borrowed, as is the rest */
	struct expected *expected; /* learns what it was not told */
	const struct plan *plan;   /* NULL: there is none */
	rule_found_fn *found;
	void *arg;
	uint64_t frames, malformed, other;
	uint64_t count[HEARD_COUNT];
};

const char *heard_name(enum heard h); /* "arp" */
/* `vlan`: the tag that the kernel took off, 0: none. */
void hear_frame(struct hear *h, const uint8_t *frame, size_t len, uint16_t vlan, int64_t now_ms);
