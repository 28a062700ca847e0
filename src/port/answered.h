/*
 * What was answered to a Disconnect-Request, for as long as the request itself would be heard again
 * (RFC 5176 section 6.3: its Event-Timestamp): who sends it again gets the same answer, and nobody
 * is put out twice. Bounded by that time; of more than ANSWERED_MAX within it none is forgotten,
 * the next is not obeyed.
 */
#pragma once

#include "base/addr.h"
#include "radius/packet.h"

#define ANSWERED_MAX 4096

/* A request is known again by its bytes: its authenticator is a keyed digest of them. */
struct answered {
	uint8_t id, authenticator[RADIUS_AUTHENTICATOR_SIZE];
	struct addr from;
	int64_t at_s; /* Event-Timestamp */
	int64_t heard_at_ms;
	uint8_t code;
	uint32_t error_cause; /* 0: none */
};

struct answered_list {
	struct answered *list;
	size_t count, size;
	int64_t window_s;
};

/* `window_s`: how far a request's time may be from the clock's, either way. */
void answered_init(struct answered_list *l, int64_t window_s);
void answered_done(struct answered_list *l);
/* NULL: it is new. Valid until the next add. */
const struct answered *answered_find(const struct answered_list *l, const struct radius_packet *p,
				     const struct addr *from);
/* -ENOSPC, -ENOMEM: it could not be remembered, so it must not be obeyed. `wall_ms` is the clock
 * that requests are judged by; a jump of it alone forgets nothing, `mono_ms` has to agree. */
int answered_add(struct answered_list *l, const struct answered *a, int64_t wall_ms,
		 int64_t mono_ms, struct answered **ret) MUST_CHECK;
