/*
 * Whether packets were really sent by the switches whose addresses they bear: by their
 * Message-Authenticator (RFC 3579 section 3.2), for accounting by their authenticator (RFC 2866
 * section 3). What came together is proven together (crypto/md5_lanes.h).
 */
#pragma once

#include "gate/front/request.h"
#include "radius/secret.h"

#define PROOF_BATCH_MAX RADIUS_BATCH_MAX

enum proof {
	PROOF_GOOD,
	PROOF_ABSENT, /* an Access-Request or Status-Server that is not signed */
	PROOF_WRONG,
};

/* That `request` is of the switch that it names. */
struct claim {
	struct request *request;
	const struct radius_secret *secret;
	int64_t unsigned_until_ms; /* of the switch's row */
	enum proof proof;	   /* the result; `request->is_signed` is written too */
};

void proof_batch(struct claim *claims, size_t count);
/* A claim without proof counts all the same: of MAC authentication alone, at a switch that has the
 * exception, until a day that ends it. */
bool proof_may_be_absent(const struct claim *c);
