/*
 * One packet of menshen-survey (src/survey/gate_line.h). Texts are clean; those that are not, or do
 * not fit, are left out or cut: a record must never be refused for what a stranger calls itself.
 */
#pragma once

#include "base/mac.h"

#define SURVEYOR_MESSAGE_MAX 2048

enum surveyor_type { SURVEYOR_BOUNCED, SURVEYOR_NEIGHBOUR };

struct surveyor_message {
	enum surveyor_type type;
	/* of a bounce */
	uint64_t number; /* the order's, from 1 on */
	bool ok;
	char said[96];
	/* of a neighbour */
	int64_t switch_id;
	struct mac mac;
	char port[64], name[64];
};

/* -EBADMSG: none of these. */
int surveyor_parse(const char *text, size_t len, struct surveyor_message *ret) MUST_CHECK;
