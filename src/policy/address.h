/*
 * Clause D22, judged: whether a card has the address, the gateway and the MAC that it was given,
 * and whether what others say on the wire takes them from somebody. Pure.
 *
 * The policy's object, beside "mode":
 *
 *	{"bank": ["10.1.0.0/16"], "leases": false, "generation": 1,
 *	 "plan": [{"mac": "3c:..", "address": "10.1.2.3/24", "gateway": "10.1.2.1"}],
 *	 "gateways": [{"address": "10.1.2.1", "mac": "00:1c:.."}]}
 *
 * 1. Assigned is what the plan has for the card's own MAC; without that, the first address of the
 *    bank's that the card had under this generation, with the gateway of then. A policy with
 *    another generation lets desks take what they have then.
 * 2. With "leases" an address of the bank's that DHCP gave is followed: it is the assigned one.
 * 3. A card with nothing but leased addresses that are not the bank's is away, and not judged.
 * 4. IPv4 is judged. IPv6 addresses are the routers' gift and change by themselves; on the wire
 *    both are heard.
 */
#pragma once

#include <jansson.h>

#include "policy/links.h"

#define ADDRESS_BANK_MAX 32
#define ADDRESS_PLAN_MAX 256
#define ADDRESS_GATEWAYS_MAX 64

/* What a card was given; zeroes where nothing is known. */
struct assigned {
	struct mac mac;
	struct prefix address; /* host and prefix length */
	uint8_t gateway[16];
	struct mac gateway_mac; /* who answered for it first */
};

struct address_gateway {
	uint8_t host[16];
	struct mac mac;
};

struct address_rules {
	struct prefix bank[ADDRESS_BANK_MAX]; /* none: nothing can be judged */
	size_t bank_count;
	bool leases;
	uint32_t generation;
	struct assigned plan[ADDRESS_PLAN_MAX];
	size_t plan_count;
	struct address_gateway gateways[ADDRESS_GATEWAYS_MAX];
	size_t gateway_count;
};

/* -EINVAL with the place of the first wrong word: "plan[2].address". Missing words: none, false, 0.
 */
#define ADDRESS_WHERE_SIZE 48
int address_rules_parse(const json_t *settings, struct address_rules *ret,
			char where[static ADDRESS_WHERE_SIZE]) MUST_CHECK;

/* What the card is to have from now on, in place of what it was known to have; true when that
 * changed. `own` is the card's own MAC, zeroes when it cannot be known. */
bool address_assign(const struct address_rules *r, const struct link *l, const struct mac *own,
		    struct assigned *a);

enum address_trouble {
	ADDRESS_IS_OTHER,   /* another address, alone or beside the assigned one */
	ADDRESS_IS_MISSING, /* none at all: a lease may be on its way */
	ADDRESS_GATEWAY_IS_OTHER,
	ADDRESS_MAC_IS_OTHER,
	ADDRESS_TROUBLES
};

const char *address_trouble_name(enum address_trouble t); /* "address", "gateway", "mac" */

struct address_view {
	unsigned troubles;  /* 1 << enum address_trouble */
	uint32_t strangers; /* 1 << place among the link's addresses: must go */
};

void address_judge(const struct address_rules *r, const struct assigned *a, const struct link *l,
		   struct address_view *ret);
/* The MAC that a gateway must have by the policy, NULL when it does not say. */
const struct mac *address_gateway_mac(const struct address_rules *r, const uint8_t host[static 16]);

/* That a MAC has an address, as ARP (RFC 826) or a neighbour advertisement (RFC 4861) says it. */
struct claim {
	uint8_t host[16];
	struct mac mac;
};

/* From what follows the frame's type. -EBADMSG: it claims nothing, or is none. */
int claim_parse_arp(const uint8_t *payload, size_t len, struct claim *ret) MUST_CHECK;
int claim_parse_nd(const uint8_t *payload, size_t len, struct claim *ret) MUST_CHECK;
