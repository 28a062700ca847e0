/*
 * MD5 and HMAC-MD5 (crypto/md5.h) over many messages at once, a message in each lane of the vector
 * unit: eight lanes cost about a quarter of eight calls. A lane that has ended takes the next
 * message, so lengths may differ. Where the processor has no such lanes, or the messages are too
 * few, they are computed one by one; the sums are the same.
 */
#pragma once

#include "crypto/md5.h"

#define MD5_PIECES_MAX 4

struct md5_task {
	const struct hmac_md5_key *key; /* of the HMAC; NULL: the plain sum */
	struct piece pieces[MD5_PIECES_MAX];
	size_t count;
	uint8_t sum[MD5_SIZE]; /* the result */
};

void md5_many(struct md5_task *tasks, size_t count);
