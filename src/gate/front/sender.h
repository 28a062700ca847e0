/*
 * Sending datagrams together. Those of one length to one peer leave as one datagram that the
 * kernel or the network card cuts (UDP_SEGMENT, udp(7)): a burst to one peer costs about one
 * passage through the network stack instead of one per datagram. Where a route cannot cut,
 * everything leaves one by one. The order between two peers, or between two lengths, may change;
 * a datagram that cannot be sent is skipped, for in RADIUS who asks asks again.
 */
#pragma once

#include "base/addr.h"

#define SENDER_MAX 64
/* A longer one leaves alone: a cut piece must fit into the route's MTU; IPv6 promises 1280. */
#define SENDER_CUT_MAX 1200

struct parcel {
	int fd;
	const struct addr *to; /* NULL: the socket is connected */
	const void *data;
	size_t len;
};

struct sender;

int sender_new(struct sender **ret) MUST_CHECK;
void sender_free(struct sender *s);
/* At most SENDER_MAX; what they point to must stay until this returns. */
void sender_send(struct sender *s, const struct parcel *parcels, size_t count);
