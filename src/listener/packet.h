/*
 * The envelope of a captured frame: Ethernet II or IEEE 802.3 with LLC, one or two VLAN tags, IPv4
 * (RFC 791) or IPv6 (RFC 8200) with its extension headers, UDP (RFC 768). Nothing is copied: the
 * payload points into the frame. A frame may be cut by the capture; what is missing is not there.
 */
#pragma once

#include "base/buf.h"
#include "base/mac.h"
#include "listener/ip.h"

enum {
	ETHER_IPV4 = 0x0800,
	ETHER_ARP = 0x0806,
	ETHER_VLAN = 0x8100, /* IEEE 802.1Q */
	ETHER_IPV6 = 0x86dd,
	ETHER_SERVICE = 0x88a8, /* IEEE 802.1ad */
	ETHER_LLDP = 0x88cc,
};

enum { PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ICMPV6 = 58 };

struct packet {
	struct mac from_mac, to_mac;
	uint16_t vlan;	     /* the outer tag's number, 0: none */
	uint16_t ether_type; /* 0: IEEE 802.3, the payload begins with the LLC header */
	bool has_ip;
	uint8_t proto; /* of the IP payload; 0 without IP, and for a later fragment */
	uint8_t ttl;   /* IPv4 time to live, IPv6 hop limit */
	struct ip from, to;
	uint16_t from_port, to_port; /* UDP */
	const uint8_t *payload;	     /* behind the innermost header that was understood */
	size_t len;
};

/* `vlan`: the tag that the kernel took off, 0 when it took none. -EBADMSG: not such a frame. */
int packet_parse(const uint8_t *frame, size_t len, uint16_t vlan, struct packet *ret) MUST_CHECK;
