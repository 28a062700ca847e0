/*
 * The ways out of a desk: every link with its kind, addresses and routes. What fills them is the
 * agent's (agent/guards/links.h).
 */
#pragma once

#include <jansson.h>

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
	uint32_t leased;     /* addresses that end by themselves, as DHCP's do: 1 << place */
	bool is_default;     /* a default route leaves by it */
	uint8_t gateway[16]; /* of the first such route, IPv4 before IPv6; zeroes when it has none
			      */
	bool gateway_is_v4;
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
/* A list of them; NULL is an empty one. -EINVAL with the place of the first wrong one, `max` for a
 * list that is too long or none. */
int prefixes_parse(const json_t *list, struct prefix *ret, size_t max, size_t *ret_count,
		   size_t *ret_bad) MUST_CHECK;
bool prefix_is_v4(const struct prefix *p);
bool prefix_has(const struct prefix *p, const uint8_t host[static 16]);
/* As people write it, the host alone. */
#define HOST_TEXT_SIZE 46
void host_format(const uint8_t host[static 16], char dst[static HOST_TEXT_SIZE]);
/* With the prefix length: "10.1.2.3/24". */
#define PREFIX_TEXT_SIZE (HOST_TEXT_SIZE + 4)
void prefix_format(const struct prefix *p, char dst[static PREFIX_TEXT_SIZE]);
const char *link_kind_name(enum link_kind k); /* "wifi" */
