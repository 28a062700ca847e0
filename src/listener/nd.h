/*
 * Neighbour discovery for IPv6 (RFC 4861): neighbour solicitation and advertisement, router
 * advertisement. A message whose hop limit is not 255 came through a router and is none
 * (sections 6.1.2, 7.1.1, 7.1.2).
 */
#pragma once

#include "listener/packet.h"

enum { ND_ROUTER_ADVERT = 134, ND_SOLICIT = 135, ND_ADVERT = 136 };

struct nd {
	uint8_t type;
	struct ip target;	/* of a solicitation or advertisement */
	uint16_t router_life_s; /* of a router advertisement; 0: it takes itself back */
	bool from_router;	/* flag R of a neighbour advertisement */
	bool has_link;
	struct mac link; /* source or target link-layer address, by the type */
	bool has_prefix;
	struct ip prefix; /* the first that a router advertises */
	uint8_t prefix_bits;
};

/* Of a packet whose proto is PROTO_ICMPV6. -ENOENT: another message; -EBADMSG: a broken one. */
int nd_parse(const struct packet *p, struct nd *ret) MUST_CHECK;
