/*
 * Answers on their way to the switches: written in place, kept until the flush, then signed
 * together (radius/build.h), kept for who asks again (gate/front/duplicate.h), and sent together
 * (gate/front/sender.h). Whoever asks again before the flush hears nothing, for the answer leaves.
 */
#pragma once

#include "gate/front/duplicate.h"
#include "gate/front/sender.h"
#include "radius/build.h"

#define OUTBOX_SIZE SENDER_MAX

struct outbox;

/* What an answer is signed with, and for which request. */
struct outbox_seal {
	const struct radius_secret *secret; /* copied, as the next */
	const uint8_t *request_authenticator;
	struct duplicates *duplicates; /* where it is kept */
	struct duplicate_ref duplicate;
};

int outbox_new(struct outbox **ret) MUST_CHECK;
void outbox_free(struct outbox *o); /* what is still in it is not sent */
/* Room for one more answer, valid until the next call here. A full box is sent first. */
struct radius_out *outbox_room(struct outbox *o);
/* What was written into the room leaves by `fd` with the next flush: finished bytes, */
void outbox_add(struct outbox *o, int fd, const struct addr *to);
/* or an answer, whole and without an error, that the flush finishes. */
void outbox_add_unsigned(struct outbox *o, int fd, const struct addr *to,
			 const struct outbox_seal *seal);
/* Finishes those now and keeps them for a switch that asks again; they still wait for the flush. */
void outbox_sign(struct outbox *o);
void outbox_flush(struct outbox *o);

static inline void outbox_free_cleanup(struct outbox **o)
{
	outbox_free(*o);
}
#define CLEANUP_OUTBOX CLEANUP(outbox_free_cleanup)
