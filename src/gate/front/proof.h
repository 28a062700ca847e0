/*
 * Whether packets were really sent by the switches whose addresses they bear: by their
 * Message-Authenticator (RFC 3579 section 3.2), for accounting by their authenticator (RFC 2866
 * section 3). What came together is proven together (crypto/md5_lanes.h).
 */
#pragma once

#include "gate/facts/snapshot.h"
#include "gate/front/request.h"
#include "radius/secret.h"

#define PROOF_BATCH_MAX RADIUS_BATCH_MAX

enum proof { PROOF_GOOD, PROOF_ABSENT, PROOF_WRONG };

/* That `request` is of the switch `at`. */
struct claim {
	struct request *request;
	const struct snap_switch *at;
	const struct radius_secret *secret;
	enum proof proof; /* the result; `request->is_signed` is written too */
};

void proof_batch(struct claim *claims, size_t count);
