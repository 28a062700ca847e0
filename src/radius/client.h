/*
 * The client's side of RADIUS, for menshen-port and for the gate's Disconnect: which answer belongs
 * to a request that was sent. Sending and waiting are the caller's.
 *
 *	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, id);
 *	radius_put_text(&out, RADIUS_USER_NAME, "...");
 *	radius_finish_request(&out, secret);
 *	... send, receive ...
 *	err = radius_check_answer(&out, bytes, len, secret, &answer);
 */
#pragma once

#include "radius/build.h"

/*
 * Takes `data` as the answer to `request` (finished). -EBADMSG: malformed, another id, a code that
 * does not answer the request's, a wrong Message-Authenticator or, where there is none, a wrong
 * Response Authenticator; an answer to an Access-Request without Message-Authenticator is refused.
 *
 * Who has the first right has the second: it is the stronger sum over the same request's
 * authenticator, the same header and attributes, under the same secret. A second pass over each
 * answer was a fifteenth of what the gate spends on an EAP authentication.
 */
int radius_check_answer(const struct radius_out *request, const void *data, size_t len,
			const struct radius_secret *s, struct radius_packet *ret) MUST_CHECK;
/* As that, of answers that came together: their sums are computed beside one another. */
struct radius_answer {
	const struct radius_out *request;
	const void *data;
	size_t len;
	const struct radius_secret *secret;
	struct radius_packet packet; /* when the result is 0 */
	int result;
};

void radius_check_answers(struct radius_answer *answers, size_t count); /* RADIUS_BATCH_MAX */
/* Backoff of RFC 5080 section 2.2.1 without jitter: 2, 4, 8, 16 s, then 16 s. `attempt` from 0. */
unsigned radius_retry_ms(unsigned attempt);
