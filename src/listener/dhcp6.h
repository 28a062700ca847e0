/* DHCP for IPv6 (RFC 8415), as much as finds its servers and its clients' names (RFC 4704). */
#pragma once

#include "listener/host_name.h"
#include "listener/packet.h"

enum { DHCP6_SOLICIT = 1, DHCP6_ADVERTISE = 2, DHCP6_REQUEST = 3, DHCP6_REPLY = 7 };

struct dhcp6 {
	uint8_t type;
	bool from_server; /* advertise, reply, reconfigure */
	char host_name[HOST_NAME_SIZE];
	uint32_t enterprise; /* of the vendor class (option 16), 0: none */
};

/* The payload of UDP. -ENOENT: between relays; -EBADMSG: not such a message. */
int dhcp6_parse(const uint8_t *payload, size_t len, struct dhcp6 *ret) MUST_CHECK;
