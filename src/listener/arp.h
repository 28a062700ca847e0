/* ARP for IPv4 over Ethernet (RFC 826); probes and announcements as RFC 5227 calls them. */
#pragma once

#include "listener/packet.h"

enum { ARP_REQUEST = 1, ARP_REPLY = 2 };

struct arp {
	uint16_t op;
	struct mac sender_mac, target_mac;
	struct ip sender, target;
	bool probe;	   /* asks whether an address is free and claims none: sender 0.0.0.0 */
	bool announcement; /* sender and target are the same address */
};

/* `payload` is what follows the type 0x0806. -EBADMSG: not such a message. */
int arp_parse(const uint8_t *payload, size_t len, struct arp *ret) MUST_CHECK;
