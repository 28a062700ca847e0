/*
 * Answers on their way to the switches, sent together (gate/front/sender.h): written in place, kept
 * until the flush.
 */
#pragma once

#include "gate/front/sender.h"
#include "radius/build.h"

#define OUTBOX_SIZE SENDER_MAX

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
