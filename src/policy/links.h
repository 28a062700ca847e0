/*
 * The ways out of a desk: every link with its kind, addresses and routes. What fills them is the
 * agent's (agent/guards/links.h).
 */
#pragma once

#include "base/mac.h"

#define LINKS_MAX 32
#define LINK_ADDRESSES_MAX 6
#define LINK_HOPS_MAX 8

enum link_kind {
	LINK_WIRE,
	LINK_WIFI,
	LINK_MODEM,	/* a card for the mobile network, or a dialled line */
	LINK_TETHER,	/* a telephone that lends its network over USB */
	LINK_BLUETOOTH, /* the same over Bluetooth */
	LINK_TUNNEL,	/* VPN, tun and tap, WireGuard */
	LINK_BRIDGE,
	LINK_VIRTUAL, /* loopback, a container's or a virtual machine's own end */
	LINK_KINDS
};

/* An address with its prefix, IPv4 as ::ffff:0:0/96 (base/addr.h). */
struct prefix {
	uint8_t host[16];
	uint8_t bits; /* 0 to 128 */
};

struct link {
	char name[16];
	enum link_kind kind;
	int index;
	bool up;       /* with carrier */
	bool enslaved; /* a port of a bridge or a bond: its master counts */
	struct mac mac;
	struct prefix addresses[LINK_ADDRESSES_MAX]; /* link-local ones are none */
	size_t address_count;
	bool is_default;     /* a default route leaves by it */
	uint8_t gateway[16]; /* of that route; zeroes when it has none */
	/* Where its routes go: each next hop once, or what is reached without one. */
	struct prefix hops[LINK_HOPS_MAX];
	size_t hop_count;
	bool more; /* it has more addresses or hops than are listed */
};

struct links {
	struct link list[LINKS_MAX]; /* what is more is not looked at */
	size_t count;
};

/* "10.1.0.0/16", "2001:db8::/32", or a host alone. -EINVAL. */
int prefix_parse(const char *text, struct prefix *ret) MUST_CHECK;
bool prefix_has(const struct prefix *p, const uint8_t host[static 16]);
/* As people write it, the host alone. */
#define HOST_TEXT_SIZE 46
void host_format(const uint8_t host[static 16], char dst[static HOST_TEXT_SIZE]);
const char *link_kind_name(enum link_kind k); /* "wifi" */
