/*
 * MD5 (RFC 1321) and HMAC-MD5 (RFC 2104), which RADIUS (RFC 2865, RFC 3579) demands. For RADIUS
 * only; nothing new may rest on it.
 *
 * Plain values: no allocation, no failure, copyable with `=`. A key prepared once costs two
 * compressions less per packet; it may be used by several threads at once (it is only read).
 */
#pragma once

#include "crypto/piece.h"

#define MD5_SIZE 16

struct md5 {
	_Alignas(8) uint8_t state[96];
};

void md5_init(struct md5 *m);
void md5_add(struct md5 *m, const void *data, size_t len);
void md5_end(struct md5 *m, uint8_t ret[static MD5_SIZE]);
/* The four words of the sum as it stands after whole blocks (RFC 1321, section 3.4). */
void md5_words(const struct md5 *m, uint32_t ret[static 4]);
void md5_pieces(const struct piece *pieces, size_t count, uint8_t ret[static MD5_SIZE]);

/* A secret with both pads already absorbed; wipe it with secret_wipe(). */
struct hmac_md5_key {
	struct md5 inner, outer;
};

void hmac_md5_key_init(struct hmac_md5_key *k, const void *secret, size_t len);
void hmac_md5(const struct hmac_md5_key *k, const struct piece *pieces, size_t count,
	      uint8_t ret[static MD5_SIZE]);
