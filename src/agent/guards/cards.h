/*
 * A network card as it was made, what others say to it about addresses, and setting it right
 * again. The platform's folder does it (src/agent/linux/cards.c); the address guard says when.
 */
#pragma once

#include "policy/address.h"

/* The MAC that the card was made with; -ENODATA: the system does not know (a virtual card). */
int card_own_mac(const char *name, struct mac *ret) MUST_CHECK;
/* Each -errno. A card that must be down for another MAC goes down and up again. */
int card_set_mac(int index, const struct mac *mac) MUST_CHECK;
int card_give_address(int index, const struct prefix *address) MUST_CHECK;
int card_drop_address(int index, const struct prefix *address) MUST_CHECK;
/* IPv4's default route by this card: `seen` goes (NULL: none is there), `wanted` comes. */
int card_set_gateway(int index, const uint8_t *seen, const uint8_t wanted[static 16]) MUST_CHECK;
/* What nobody's word changes any more: this address is at this MAC. */
int card_pin(int index, const uint8_t host[static 16], const struct mac *mac) MUST_CHECK;
int card_unpin(int index, const uint8_t host[static 16]) MUST_CHECK;

/* Whose claims on one address are of no interest. */
#define CLAIM_QUIET_MAX 6
struct claim_watch {
	uint8_t host[16];
	struct mac quiet[CLAIM_QUIET_MAX];
	size_t quiet_count;
};
#define CLAIM_WATCHES_MAX 16

/* Descriptors that become readable when somebody claims an address: by ARP, or by neighbour
 * discovery. -errno; the first hears nothing before claims_choose(). */
int claims_open_arp(void) MUST_CHECK;
int claims_open_nd(void) MUST_CHECK;
/* Which IPv4 claims are heard from now on; the rest does not wake the agent. */
int claims_choose(int fd, const struct claim_watch *list, size_t count) MUST_CHECK;
/* The next claim and the card it came by; -EAGAIN: none waits, -EBADMSG: that was none. */
int claims_next_arp(int fd, struct claim *ret, int *ret_index) MUST_CHECK;
int claims_next_nd(int fd, struct claim *ret, int *ret_index) MUST_CHECK;
