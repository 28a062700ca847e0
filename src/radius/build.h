/*
 * Writing a RADIUS packet into memory of the caller. Errors stick: what does not fit sets
 * `error`, later calls do nothing, the finishing call reports it.
 *
 *	struct radius_out out;
 *	radius_begin_answer(&out, RADIUS_ACCESS_ACCEPT, request);
 *	radius_put_text(&out, RADIUS_REPLY_MESSAGE, "...");
 *	err = radius_finish_answer(&out, secret, request->authenticator);
 *	send(fd, out.data, out.len);
 */
#pragma once

#include "radius/packet.h"
#include "radius/secret.h"

struct radius_out {
	size_t len;
	int error; /* 0, -EMSGSIZE */
	uint8_t data[RADIUS_PACKET_MAX];
};

/*
 * The Message-Authenticator comes first in whatever is built here (draft-ietf-radext-deprecating-
 * radius: a forger of prefixes finds no room before it), followed by the request's Proxy-State.
 */
void radius_begin_answer(struct radius_out *out, uint8_t code, const struct radius_packet *request);
/*
 * A request. Access-Request and Status-Server get random authenticators; the others get theirs
 * when they are finished (RFC 2866 section 3, RFC 5176 section 2.3).
 */
void radius_begin_request(struct radius_out *out, uint8_t code, uint8_t id);
/*
 * A Disconnect- or CoA-Request without Message-Authenticator, for a switch that does not take one;
 * its Request Authenticator proves it all the same (RFC 5176 section 2.3).
 */
void radius_begin_bare_request(struct radius_out *out, uint8_t code, uint8_t id);

void radius_put(struct radius_out *out, uint8_t type, const void *value, size_t len);
void radius_put_text(struct radius_out *out, uint8_t type, const char *text);
void radius_put_u32(struct radius_out *out, uint8_t type, uint32_t value);
/* RFC 2868: tag 0 (none) and 3 bytes. */
void radius_put_tagged_u24(struct radius_out *out, uint8_t type, uint32_t value);
void radius_put_vendor(struct radius_out *out, uint32_t vendor, uint8_t type, const void *value,
		       size_t len);
/* An EAP packet of any length, split over attributes. */
void radius_put_eap(struct radius_out *out, const uint8_t *eap, size_t len);
/* All attributes of this type, in order. */
void radius_copy(struct radius_out *out, const struct radius_packet *from, uint8_t type);
/* Tunnel-Type VLAN, Tunnel-Medium-Type IEEE-802 and the VLAN's id or name (RFC 3580, 3.31). */
void radius_put_vlan(struct radius_out *out, const char *vlan);

/* Length, Message-Authenticator and Response Authenticator. Returns out->error. */
int radius_finish_answer(struct radius_out *out, const struct radius_secret *secret,
			 const uint8_t request_authenticator[static RADIUS_AUTHENTICATOR_SIZE])
	MUST_CHECK;
/* Length, Message-Authenticator and, where the code wants one, the Request Authenticator. */
int radius_finish_request(struct radius_out *out, const struct radius_secret *secret) MUST_CHECK;
/* As these two, of packets that leave together: their sums are computed beside one another. */
struct radius_draft {
	struct radius_out *out; /* left alone when its `error` is set */
	const struct radius_secret *secret;
	const uint8_t *request_authenticator; /* of an answer; NULL: it is a request */
};

void radius_finish_many(const struct radius_draft *drafts, size_t count); /* RADIUS_BATCH_MAX */
/* The finished bytes as a packet. */
struct radius_packet radius_out_packet(const struct radius_out *out);
