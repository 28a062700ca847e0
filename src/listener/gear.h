/*
 * What network gear says of itself: LLDP (IEEE 802.1AB-2016, clause 8), CDP (as Cisco's switches
 * send it, LLC/SNAP 00-00-0c, type 0x2000) and spanning tree (IEEE 802.1D-2004, clause 9;
 * 802.1Q-2014, clause 14).
 */
#pragma once

#include "listener/host_name.h"
#include "listener/packet.h"

#define GEAR_TEXT_SIZE 64

/* What it can do; of LLDP only what is switched on. */
enum {
	GEAR_BRIDGE = 1 << 0,
	GEAR_ROUTER = 1 << 1,
	GEAR_ACCESS_POINT = 1 << 2,
	GEAR_PHONE = 1 << 3,
};

struct gear {
	char name[GEAR_TEXT_SIZE]; /* system name, device id; "" */
	char port[GEAR_TEXT_SIZE]; /* as it names its own end of the cable */
	char model[GEAR_TEXT_SIZE];
	unsigned can; /* GEAR_ flags */
};

enum { STP_CONFIG = 0x00, STP_RAPID = 0x02, STP_CHANGE = 0x80 };

struct stp {
	uint8_t type;
	uint8_t version; /* 0 STP, 2 RSTP, 3 MSTP */
	uint16_t root_priority, bridge_priority;
	struct mac root, bridge; /* not of a topology change */
	bool claims_root;	 /* it calls itself the root */
};

/* What follows the type 0x88cc. -EBADMSG: not such a message. */
int lldp_parse(const uint8_t *payload, size_t len, struct gear *ret) MUST_CHECK;
/* An IEEE 802.3 payload with its LLC header. -ENOENT: another protocol; -EBADMSG: broken. */
int cdp_parse(const uint8_t *payload, size_t len, struct gear *ret) MUST_CHECK;
int stp_parse(const uint8_t *payload, size_t len, struct stp *ret) MUST_CHECK;
