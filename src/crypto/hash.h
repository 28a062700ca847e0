/*
 * The two hash functions of the product: SM3 (GB/T 32905-2016), the default, and SHA-256 (FIPS
 * 180-4). Both give 32 bytes.
 *
 * A `struct hasher` keeps one context of one kind ready, so that a small hash costs no allocation
 * and no look-up. It belongs to one thread at a time.
 */
#pragma once

#include "crypto/piece.h"

enum hash_kind { HASH_SM3, HASH_SHA256 };

#define HASH_SIZE 32	  /* bytes of a digest */
#define HASH_TEXT_SIZE 65 /* in hexadecimal, with NUL */

const char *hash_kind_name(enum hash_kind kind); /* "sm3", "sha256" */
int hash_kind_parse(const char *name, enum hash_kind *ret) MUST_CHECK;

struct hasher;

/* -ENOMEM, also when the crypto library is built without the function. */
int hasher_new(enum hash_kind kind, struct hasher **ret) MUST_CHECK;
void hasher_free(struct hasher *h);
enum hash_kind hasher_kind(const struct hasher *h);

/* One shot over all pieces. */
int hasher_pieces(struct hasher *h, const struct piece *pieces, size_t count,
		  uint8_t ret[static HASH_SIZE]) MUST_CHECK;
/* Incremental: begin, add any number of times, end. A begin drops what was not ended. */
int hasher_begin(struct hasher *h) MUST_CHECK;
int hasher_add(struct hasher *h, const void *data, size_t len) MUST_CHECK;
int hasher_end(struct hasher *h, uint8_t ret[static HASH_SIZE]) MUST_CHECK;
/* `count` messages of `size` bytes that lie one behind another, each on its own: cheaper than as
 * many calls. */
int hasher_many(struct hasher *h, const uint8_t *messages, size_t size, size_t count,
		uint8_t (*ret)[HASH_SIZE]) MUST_CHECK;

/* Convenience for rare hashes: makes a hasher for this one call. */
int hash_bytes(enum hash_kind kind, const void *data, size_t len,
	       uint8_t ret[static HASH_SIZE]) MUST_CHECK;

static inline void hasher_free_cleanup(struct hasher **h)
{
	hasher_free(*h);
}
#define CLEANUP_HASHER CLEANUP(hasher_free_cleanup)
