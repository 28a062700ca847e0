/*
 * MAC authentication: the switch says that a MAC knocked, with the MAC as name and password. That
 * it is the switch who says so rests on the shared secret, so what is checked here is only that
 * the three agree; EAP-MD5 asks one question back.
 */
#pragma once

#include "gate/front/request.h"

#define MAB_STATE_SIZE 26

enum mab_result {
	MAB_UNASKED,   /* nobody has looked yet */
	MAB_PROVEN,    /* go on and decide */
	MAB_CHALLENGE, /* answer with mab_put_challenge() */
	MAB_WRONG,     /* the proof does not hold: say nothing, the secret or the sender is wrong */
};

/* Makes the challenges unguessable; one for the life of the process. */
struct mab_key {
	struct hmac_md5_key key;
};

void mab_key_init(struct mab_key *k);
/* By User-Password, CHAP-Password, or neither (Call-Check). */
enum mab_result mab_check(const struct request *r, const struct radius_secret *secret) MUST_CHECK;
/* As that, of requests that came together: `request->mab` is the result. RADIUS_BATCH_MAX. */
struct mab_ask {
	struct request *request;
	const struct radius_secret *secret;
};

void mab_check_all(const struct mab_ask *asks, size_t count);
/* `eap`: an Identity or an MD5 response. */
enum mab_result mab_check_eap(const struct mab_key *k, const struct request *r,
			      const struct eap_packet *eap) MUST_CHECK;
/* Adds State and EAP-Message to an Access-Challenge. */
void mab_put_challenge(const struct mab_key *k, const struct request *r,
		       const struct eap_packet *identity, struct radius_out *out);
