/* EAP as the gate sees it (RFC 3748): the outer header, nothing inside a tunnel. */
#pragma once

#include "radius/build.h"

#define EAP_PACKET_MAX 4000

enum eap_code {
	EAP_REQUEST = 1,
	EAP_RESPONSE = 2,
	EAP_SUCCESS = 3,
	EAP_FAILURE = 4,
};

enum eap_type {
	EAP_TYPE_NONE = 0, /* Success and Failure carry none */
	EAP_TYPE_IDENTITY = 1,
	EAP_TYPE_NOTIFICATION = 2,
	EAP_TYPE_NAK = 3,
	EAP_TYPE_MD5 = 4,
	EAP_TYPE_TLS = 13,
	EAP_TYPE_TTLS = 21,
	EAP_TYPE_PEAP = 25,
};

struct eap_packet {
	const uint8_t *data;
	size_t len;
	uint8_t code, id, type;
	const uint8_t *body; /* behind the type */
	size_t body_len;
};

/* -EBADMSG: shorter than its header, a length that is not the packet's, an unknown code. */
int eap_parse(const uint8_t *data, size_t len, struct eap_packet *ret) MUST_CHECK;
/*
 * Puts the EAP-Message attributes of a packet together. -ENOENT: there is none; -EBADMSG: they do
 * not follow each other (RFC 3579 section 3.1) or are no EAP packet; `ret` points into `dst`.
 */
int eap_collect(const struct radius_packet *p, uint8_t dst[static EAP_PACKET_MAX],
		struct eap_packet *ret) MUST_CHECK;
/* What a switch may send on to the engine: a Response of Identity, Nak, PEAP, TTLS or TLS. */
bool eap_may_pass(const struct eap_packet *e);
const char *eap_type_name(uint8_t type);

/* Success, Failure: 4 bytes. */
void eap_put_end(struct radius_out *out, enum eap_code code, uint8_t id);
/* An EAP-MD5 challenge of 16 bytes, for MAC authentication by EAP (RFC 3748 section 5.4). */
void eap_put_md5_challenge(struct radius_out *out, uint8_t id, const uint8_t challenge[static 16]);
/* 0, -EBADMSG: no MD5 response; -EACCES: wrong. `id` is the one of the challenge. */
int eap_check_md5(const struct eap_packet *e, uint8_t id, const char *password,
		  const uint8_t challenge[static 16]) MUST_CHECK;
