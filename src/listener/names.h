/*
 * How a terminal tells its own name: multicast DNS (RFC 6762) and the NetBIOS name service (RFC
 * 1002, section 4.2). Both carry questions about other hosts too; only what the sender says about
 * itself counts: an address record in an mDNS answer or proposal, a NetBIOS registration.
 */
#pragma once

#include "listener/host_name.h"
#include "listener/packet.h"

/* The payload of UDP. -ENOENT: a sound message without such a name; -EBADMSG: none. */
int mdns_host_name(const uint8_t *payload, size_t len, char ret[static HOST_NAME_SIZE]) MUST_CHECK;
int netbios_host_name(const uint8_t *payload, size_t len,
		      char ret[static HOST_NAME_SIZE]) MUST_CHECK;
