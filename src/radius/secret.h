/*
 * The secret between a RADIUS client and server, with the hash states that depend on it alone
 * computed once. Holds the secret in the clear: keep it in memory only, never log it.
 */
#pragma once

#include "base/util.h"
#include "crypto/md5.h"
#include "radius/packet.h"

#define RADIUS_SECRET_MAX 128
#define RADIUS_BATCH_MAX 64 /* packets that can be proven or finished together */

struct radius_secret {
	uint8_t text[RADIUS_SECRET_MAX];
	size_t len;
	struct hmac_md5_key keyed;
};

/* 1 to RADIUS_SECRET_MAX bytes, else -EINVAL. */
int radius_secret_set(struct radius_secret *s, const void *text, size_t len) MUST_CHECK;
void radius_secret_wipe(struct radius_secret *s);

/*
 * The Message-Authenticator of a packet, wherever it stands (RFC 3579 section 3.2, RFC 5997).
 * `request_authenticator` is NULL for a request, the request's for an answer.
 * 0: right; -ENOENT: there is none; -EBADMSG: wrong.
 */
int radius_check_message(const struct radius_packet *p, const struct radius_secret *s,
			 const uint8_t *request_authenticator) MUST_CHECK;
/* As that, of packets that came together: their sums are computed beside one another. */
struct radius_proof {
	const struct radius_packet *packet;
	const struct radius_secret *secret;
	const uint8_t *request_authenticator;
	int result; /* of radius_check_message() */
};

void radius_check_messages(struct radius_proof *proofs, size_t count); /* RADIUS_BATCH_MAX */
/*
 * The authenticator of Accounting-, Disconnect- and CoA-Request (RFC 2866 section 3, RFC 5176).
 * -EBADMSG: wrong.
 */
int radius_check_request(const struct radius_packet *p, const struct radius_secret *s) MUST_CHECK;
/* The Response Authenticator of any answer (RFC 2865 section 3). -EBADMSG: wrong. */
int radius_check_response(const struct radius_packet *p, const struct radius_secret *s,
			  const uint8_t request_authenticator[static RADIUS_AUTHENTICATOR_SIZE])
	MUST_CHECK;
