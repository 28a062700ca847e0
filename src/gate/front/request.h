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

#define USER_NAME_SIZE 254

struct request {
	struct radius_packet packet;
	struct addr from;
	uint8_t socket;		  /* which of the front's sockets it came in by */
	uint64_t stream;	  /* the RadSec connection it came in by; 0: none */
	bool is_signed;		  /* it carried a right Message-Authenticator */
	struct duplicate_key key; /* what makes a repetition of it */
	struct duplicate_ref duplicate;
	int64_t switch_id;
	int64_t now_ms;
	/* Read by request_read(). */
	struct mac mac;
	bool has_mac; /* a Calling-Station-Id that is one */
	uint32_t nas_port;
	char calling[32];     /* as the switch writes it */
	char port[PORT_SIZE]; /* NAS-Port-Id, else NAS-Port in decimal, else "" */
	char user_name[USER_NAME_SIZE];
};

/* Fills what is read from `r->packet`. -EBADMSG says that a value is malformed. */
int request_read(struct request *r) MUST_CHECK;
/* The MAC is behind User-Name as well: MAC authentication (by PAP, CHAP or EAP-MD5). */
bool request_names_its_mac(const struct request *r);
