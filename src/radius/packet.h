/*
 * A RADIUS packet as it came (RFC 2865 section 3): checked once as a whole, then walked without
 * allocation. Everything points into the caller's bytes.
 */
#pragma once

#include "base/util.h"
#include "radius/attribute.h"

#define RADIUS_HEADER_SIZE 20
#define RADIUS_PACKET_MAX 4096
#define RADIUS_AUTHENTICATOR_SIZE 16
#define RADIUS_VALUE_MAX 253
#define RADIUS_ATTRIBUTES_MAX 255 /* more than any switch sends; bounds the work of a packet */

#define RADIUS_AUTH_PORT 1812
#define RADIUS_ACCT_PORT 1813
#define RADIUS_DYNAUTH_PORT 3799

enum radius_code {
	RADIUS_ACCESS_REQUEST = 1,
	RADIUS_ACCESS_ACCEPT = 2,
	RADIUS_ACCESS_REJECT = 3,
	RADIUS_ACCOUNTING_REQUEST = 4,
	RADIUS_ACCOUNTING_RESPONSE = 5,
	RADIUS_ACCESS_CHALLENGE = 11,
	RADIUS_STATUS_SERVER = 12,
	RADIUS_DISCONNECT_REQUEST = 40,
	RADIUS_DISCONNECT_ACK = 41,
	RADIUS_DISCONNECT_NAK = 42,
	RADIUS_COA_REQUEST = 43,
	RADIUS_COA_ACK = 44,
	RADIUS_COA_NAK = 45,
};

struct radius_packet {
	const uint8_t *data;
	size_t len; /* as the header says; bytes behind it are padding and ignored */
	uint8_t code, id;
	uint16_t message_at; /* offset of the Message-Authenticator's value; 0: there is none */
	const uint8_t *authenticator; /* 16 bytes */
};

/* One attribute. Start a walk with `{0}`. */
struct radius_attr {
	const uint8_t *value;
	uint8_t type, len;
	uint16_t next; /* offset in the packet; private to radius_next() */
};

/*
 * -EBADMSG: too short, a length that lies, an attribute that crosses the end, more than
 * RADIUS_ATTRIBUTES_MAX attributes, or a Message-Authenticator that is not 16 bytes or not alone.
 */
int radius_parse(const void *data, size_t len, struct radius_packet *ret) MUST_CHECK;
/* Moves `a` to the next attribute; false at the end. */
bool radius_next(const struct radius_packet *p, struct radius_attr *a);
/* Moves `a` to the next attribute of this type (the first one when `a` is {0}). */
bool radius_find(const struct radius_packet *p, uint8_t type, struct radius_attr *a);
/* The first one of a vendor's, RFC 2865 section 5.26 form; `a->value`, `a->len` are the inner. */
bool radius_find_vendor(const struct radius_packet *p, uint32_t vendor, uint8_t type,
			struct radius_attr *a);
/* A number of exactly 4 bytes; -ENOENT: absent, -EBADMSG: another length. */
int radius_get_u32(const struct radius_packet *p, uint8_t type, uint32_t *ret) MUST_CHECK;
/* Text without NUL bytes into `dst`; -ENOENT, -EBADMSG, -ENAMETOOLONG. */
int radius_get_text(const struct radius_packet *p, uint8_t type, char *dst, size_t size) MUST_CHECK;
/* "Access-Request"; "code 99" has no name and gives "unknown". */
const char *radius_code_name(uint8_t code);
