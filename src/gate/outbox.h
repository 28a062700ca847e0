/*
 * Answers on their way to the switches, sent together. Answers of one length to one switch leave
 * as one datagram that the kernel or the network card cuts (UDP_SEGMENT, udp(7)): a burst of one
 * switch costs about one passage through the network stack instead of one per answer. Where a
 * route cannot cut, everything leaves one by one. The order between two switches, or between two
 * lengths, may change; a datagram that cannot be sent is skipped, for its switch asks again.
 */
#pragma once

#include "base/addr.h"
#include "radius/build.h"

#define OUTBOX_SIZE 64

struct outbox;

int outbox_new(struct outbox **ret) MUST_CHECK;
void outbox_free(struct outbox *o); /* what is still in it is not sent */
/* Room for one more answer, valid until the next call here. A full box is sent first. */
struct radius_out *outbox_room(struct outbox *o);
/* What was written into the room leaves by `fd` with the next flush. */
void outbox_add(struct outbox *o, int fd, const struct addr *to);
void outbox_flush(struct outbox *o);

static inline void outbox_free_cleanup(struct outbox **o)
{
	outbox_free(*o);
}
#define CLEANUP_OUTBOX CLEANUP(outbox_free_cleanup)
