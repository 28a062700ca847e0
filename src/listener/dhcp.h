/*
 * DHCP for IPv4 (RFC 2131, options of RFC 2132): who asks for an address and what it is, who gives
 * one. The list of parameters that a client asks for (option 55), in its order, together with the
 * vendor class (option 60) tells operating systems apart: the fingerprint.
 */
#pragma once

#include "listener/host_name.h"
#include "listener/packet.h"

enum dhcp_type {
	DHCP_DISCOVER = 1,
	DHCP_OFFER,
	DHCP_REQUEST,
	DHCP_DECLINE,
	DHCP_ACK,
	DHCP_NAK,
	DHCP_RELEASE,
	DHCP_INFORM,
};

#define DHCP_ASKED_MAX 64
#define DHCP_CLASS_SIZE 48
/* "1,3,6,15/MSFT 5.0" */
#define DHCP_FINGERPRINT_SIZE (DHCP_ASKED_MAX * 4 + DHCP_CLASS_SIZE + 1)

struct dhcp {
	enum dhcp_type type;
	bool from_server; /* by the message's type and BOOTREPLY */
	uint32_t xid;
	struct mac client;
	struct ip client_ip; /* ciaddr: the address it has, or zero */
	struct ip given_ip;  /* yiaddr */
	struct ip relay;     /* giaddr */
	bool has_asked_ip, has_server;
	struct ip asked_ip;		/* option 50 */
	struct ip server;		/* option 54 */
	char host_name[HOST_NAME_SIZE]; /* option 12, "" when there is none */
	char vendor_class[DHCP_CLASS_SIZE];
	bool has_client_id;
	struct mac client_id; /* option 61 of type 1: a MAC that may differ from the hardware's */
	uint8_t asked[DHCP_ASKED_MAX];
	size_t asked_count;
};

/* The payload of UDP. -EBADMSG: not such a message. */
int dhcp_parse(const uint8_t *payload, size_t len, struct dhcp *ret) MUST_CHECK;
/* "" when the message asks for nothing. */
void dhcp_fingerprint(char dst[static DHCP_FINGERPRINT_SIZE], const struct dhcp *d);
