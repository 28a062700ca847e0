/*
 * The Merkle tree of RFC 9162, section 2.1, over digests of one hash function:
 * leaf = H(0x00 | bytes), node = H(0x01 | left | right), an empty tree = H().
 *
 * A node (level, index) is the root of the complete subtree over leaves index * 2^level ..
 * (index + 1) * 2^level - 1. Only levels 0, 8, 16, ... are stored ("tiles" of 256); the others are
 * recomputed from them. Everything here is pure: storage comes through `struct merkle_nodes`.
 */
#pragma once

#include "crypto/hash.h"

#define MERKLE_TILE_BITS 8  /* stored levels are multiples of it */
#define MERKLE_LEVELS 64    /* a tree holds fewer than 2^63 leaves */
#define MERKLE_PROOF_MAX 64 /* digests in an inclusion proof */
#define MERKLE_CONSISTENCY_MAX 65

struct merkle_digest {
	uint8_t b[HASH_SIZE];
};

struct merkle_stored {
	unsigned level; /* 8, 16, 24, ... */
	uint64_t index;
	struct merkle_digest node;
};
#define MERKLE_STORED_MAX 8 /* nodes that one leaf can complete */

int merkle_leaf(struct hasher *h, const void *bytes, size_t len,
		struct merkle_digest *ret) MUST_CHECK;
/* `count` leaves of one size that lie one behind another, each with MERKLE_LEAF_PREFIX before its
 * bytes already. */
#define MERKLE_LEAF_PREFIX 0x00
int merkle_leaves(struct hasher *h, const uint8_t *leaves, size_t size, size_t count,
		  struct merkle_digest *ret) MUST_CHECK;
int merkle_node(struct hasher *h, const struct merkle_digest *left,
		const struct merkle_digest *right, struct merkle_digest *ret) MUST_CHECK;

/* The right edge of a growing tree: nodes[level] counts where bit `level` of size is set. */
struct merkle_frontier {
	uint64_t size;
	struct merkle_digest nodes[MERKLE_LEVELS];
};

/* Adds a leaf. `ret_stored` (MERKLE_STORED_MAX) gets the nodes of stored levels above 0 that it
 * completes, lowest first; it may be NULL with `ret_count`. On failure nothing has changed. */
int merkle_append(struct merkle_frontier *f, struct hasher *h, const struct merkle_digest *leaf,
		  struct merkle_stored *ret_stored, size_t *ret_count) MUST_CHECK;
int merkle_root(const struct merkle_frontier *f, struct hasher *h,
		struct merkle_digest *ret) MUST_CHECK;

/* Where stored nodes are read. `get` is asked for level 0, 8, 16, ... only, and only for complete
 * subtrees of the tree; it returns 0, or an error that is passed on. */
struct merkle_nodes {
	int (*get)(void *arg, unsigned level, uint64_t index, struct merkle_digest *ret);
	void *arg;
};

/* The frontier of the tree of the first `size` leaves, from stored nodes. */
int merkle_load(const struct merkle_nodes *nodes, struct hasher *h, uint64_t size,
		struct merkle_frontier *ret) MUST_CHECK;

struct merkle_proof {
	size_t count;
	struct merkle_digest nodes[MERKLE_CONSISTENCY_MAX];
};

/* RFC 9162, 2.1.3.1: leaf `index` is in the tree of `size` leaves. -EINVAL when index >= size. */
int merkle_prove_inclusion(const struct merkle_nodes *nodes, struct hasher *h, uint64_t index,
			   uint64_t size, struct merkle_proof *ret) MUST_CHECK;
/* RFC 9162, 2.1.4.1: the tree of `first` leaves is a beginning of the tree of `second`. An empty
 * proof for first = 0 or first = second. -EINVAL when first > second. */
int merkle_prove_consistency(const struct merkle_nodes *nodes, struct hasher *h, uint64_t first,
			     uint64_t second, struct merkle_proof *ret) MUST_CHECK;

/* RFC 9162, 2.1.3.2 and 2.1.4.2. 0 when the proof holds, -EBADMSG when not. */
int merkle_verify_inclusion(struct hasher *h, const struct merkle_digest *leaf, uint64_t index,
			    uint64_t size, const struct merkle_proof *proof,
			    const struct merkle_digest *root) MUST_CHECK;
int merkle_verify_consistency(struct hasher *h, uint64_t first, uint64_t second,
			      const struct merkle_proof *proof,
			      const struct merkle_digest *first_root,
			      const struct merkle_digest *second_root) MUST_CHECK;
