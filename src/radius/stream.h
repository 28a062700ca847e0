/*
 * RADIUS packets in a run of bytes (RFC 6613 section 2.6.1, used by RadSec, RFC 6614): one after
 * the other, each as long as its header says. A length that no packet can have loses the place of
 * all that follows, so the connection must end.
 */
#pragma once

#include "radius/packet.h"

/* 0: a whole packet of `ret_len` bytes is at `data`. -EAGAIN: more bytes are needed, never more
 * than RADIUS_PACKET_MAX in all. -EBADMSG: no packet has this length. */
int radius_stream_next(const uint8_t *data, size_t len, size_t *ret_len) MUST_CHECK;
