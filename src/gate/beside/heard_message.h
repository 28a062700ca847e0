/*
 * One packet of the listener (src/listener/teller.h): a JSON object with its number "n", a "type",
 * a "mac" and what the type has. Texts that are not clean, or do not fit, are left out or cut: a
 * record must never be refused for what a stranger's terminal calls itself.
 */
#pragma once

#include "base/mac.h"
#include "policy/finding.h"

#define HEARD_MESSAGE_MAX 2048
#define HEARD_ADDRESSES_MAX 8

enum heard_type { HEARD_FINDING, HEARD_DEVICE };

struct heard_message {
	enum heard_type type;
	uint64_t number; /* from 1 on */
	struct mac mac;
	char address[46]; /* numeric, "" when there is none */
	/* of a finding */
	enum finding finding;
	uint64_t count;
	unsigned vlan; /* 0: untagged */
	char detail[200];
	/* of a device */
	struct heard_address {
		char text[46];
		bool is_leased;		  /* by DHCP */
	} addresses[HEARD_ADDRESSES_MAX]; /* the newest first, without link-local ones */
	size_t address_count;
	char vendor[40], name[64], fingerprint[80], since[32];
};

/* -EBADMSG: none of these. */
int heard_parse(const char *text, size_t len, struct heard_message *ret) MUST_CHECK;
