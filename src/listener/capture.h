/*
 * Frames off one interface: AF_PACKET with a ring that the kernel fills (TPACKET_V3) and a filter
 * it runs before (filter.h). Promiscuous, deaf to what this machine sends. Needs CAP_NET_RAW to
 * open and nothing afterwards. One thread.
 */
#pragma once

#include "base/util.h"

struct capture;

struct capture_counts {
	uint64_t received; /* through the filter, the dropped ones included */
	uint64_t dropped;  /* the ring was full */
};

/* `vlan`: the tag that the kernel took off, 0: none. `at_ms`: wall clock. */
typedef void capture_frame_fn(void *arg, const uint8_t *frame, size_t len, uint16_t vlan,
			      int64_t at_ms);

/* -ENODEV: no such interface; -EPERM; -errno. */
int capture_open(const char *interface, size_t ring_bytes, struct capture **ret) MUST_CHECK;
void capture_close(struct capture *c);
int capture_fd(const struct capture *c); /* readable when a block is full or old */
const char *capture_interface(const struct capture *c);
/* All frames of the blocks that are ready, at most one round of the ring. */
void capture_read(struct capture *c, capture_frame_fn *fn, void *arg);
/* Takes what went wrong at the socket: 0, -ENETDOWN (the interface may come back), -errno. */
int capture_error(struct capture *c) MUST_CHECK;
/* The interface is gone for good; one that comes back under its name is another. */
bool capture_is_lost(const struct capture *c);
struct capture_counts capture_counts(struct capture *c);
