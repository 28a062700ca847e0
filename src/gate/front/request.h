/*
 * One authenticated packet of a switch and what the gate reads from it. Everything points into the
 * packet's bytes or is copied here, so a request can be made again from a copy of those bytes.
 */
#pragma once

#include "base/addr.h"
#include "base/mac.h"
#include "gate/front/duplicate.h"
#include "gate/live/session.h"
#include "radius/eap.h"
#include "vendor/port_name.h"

#define USER_NAME_SIZE 254

/* As the settings' addresses; a connection is none of a lane's sockets. */
enum socket_kind { SOCKET_AUTH, SOCKET_ACCT, SOCKET_AUTH6, SOCKET_ACCT6, SOCKET_STREAM };

struct request {
	struct radius_packet packet;
	struct addr from;
	uint8_t lane;		  /* of the front, whose duplicates know it; 0 for a connection */
	uint8_t socket;		  /* enum socket_kind: which of the lane's it came in by */
	uint64_t stream;	  /* the RadSec connection it came in by; 0: none */
	bool is_signed;		  /* it carried a right Message-Authenticator */
	struct duplicate_key key; /* what makes a repetition of it */
	struct duplicate_ref duplicate;
	int64_t switch_id;
	const struct vendor_ports *ports; /* of that switch: how it names them */
	int64_t now_ms;
	uint8_t mab; /* enum mab_result: what a lane found ahead of the knock, if it looked */
	/* Read by request_read(). */
	struct mac mac;
	bool has_mac; /* a Calling-Station-Id that is one */
	uint32_t nas_port;
	char calling[32];     /* as the switch writes it */
	char port[PORT_SIZE]; /* the name of NAS-Port-Id, else of NAS-Port in decimal, else "" */
	char user_name[USER_NAME_SIZE];
};

/*
 * A packet that came in by the socket from the address that `r` has, as has its key the host, from
 * a switch that names its ports by `r->ports`: the rest is read from it, and points into `data`.
 * -EBADMSG: it is malformed, or of a kind that has another port.
 */
int request_open(struct request *r, const uint8_t *data, size_t len) MUST_CHECK;
/* Fills what is read from `r->packet`. -EBADMSG says that a value is malformed. */
int request_read(struct request *r) MUST_CHECK;
static inline bool socket_is_acct(uint8_t kind)
{
	return kind == SOCKET_ACCT || kind == SOCKET_ACCT6;
}
/* They are the same packet, come twice. */
bool request_repeats(const struct request *r, const struct request *earlier);
/* The MAC is behind User-Name as well: MAC authentication (by PAP, CHAP or EAP-MD5). */
bool request_names_its_mac(const struct request *r);
