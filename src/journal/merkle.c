#include "journal/merkle.h"

#include <string.h>

static const uint8_t leaf_prefix = MERKLE_LEAF_PREFIX;
static const uint8_t node_prefix = 0x01;

int merkle_leaf(struct hasher *h, const void *bytes, size_t len, struct merkle_digest *ret)
{
	return hasher_pieces(h, (struct piece[]){PIECE(&leaf_prefix, 1), PIECE(bytes, len)}, 2,
			     ret->b);
}

int merkle_leaves(struct hasher *h, const uint8_t *leaves, size_t size, size_t count,
		  struct merkle_digest *ret)
{
	return hasher_many(h, leaves, size, count, &ret->b);
}

int merkle_node(struct hasher *h, const struct merkle_digest *left,
		const struct merkle_digest *right, struct merkle_digest *ret)
{
	uint8_t bytes[1 + 2 * HASH_SIZE];

	bytes[0] = node_prefix;
	memcpy(bytes + 1, left->b, HASH_SIZE);
	memcpy(bytes + 1 + HASH_SIZE, right->b, HASH_SIZE);
	return hasher_pieces(h, &PIECE(bytes, sizeof(bytes)), 1, ret->b);
}

int merkle_append(struct merkle_frontier *f, struct hasher *h, const struct merkle_digest *leaf,
		  struct merkle_stored *ret_stored, size_t *ret_count)
{
	struct merkle_digest node = *leaf;
	struct merkle_stored stored[MERKLE_STORED_MAX];
	size_t count = 0;
	unsigned level;

	if (f->size >> (MERKLE_LEVELS - 1))
		return -EOVERFLOW;
	for (level = 0; f->size >> level & 1; level++) {
		int r = merkle_node(h, &f->nodes[level], &node, &node);

		if (r)
			return r;
		if ((level + 1) % MERKLE_TILE_BITS == 0)
			stored[count++] =
				(struct merkle_stored){level + 1, f->size >> (level + 1), node};
	}
	f->nodes[level] = node;
	f->size++;
	if (ret_stored) {
		memcpy(ret_stored, stored, count * sizeof(*stored));
		*ret_count = count;
	}
	return 0;
}

int merkle_root(const struct merkle_frontier *f, struct hasher *h, struct merkle_digest *ret)
{
	struct merkle_digest root;
	bool any = false;
	int r = 0;

	if (!f->size)
		return hasher_pieces(h, NULL, 0, ret->b);
	for (unsigned level = 0; !r && level < MERKLE_LEVELS; level++) {
		if (!(f->size >> level & 1))
			continue;
		if (any)
			r = merkle_node(h, &f->nodes[level], &root, &root);
		else
			root = f->nodes[level];
		any = true;
	}
	if (!r)
		*ret = root;
	return r;
}

/* Any complete node: the stored ones below it, folded. */
static int complete_node(const struct merkle_nodes *nodes, struct hasher *h, unsigned level,
			 uint64_t index, struct merkle_digest *ret)
{
	unsigned above = level % MERKLE_TILE_BITS;
	struct merkle_frontier fold = {0};
	int r = 0;

	for (uint64_t i = 0; !r && i < UINT64_C(1) << above; i++) {
		struct merkle_digest below;

		r = nodes->get(nodes->arg, level - above, (index << above) + i, &below);
		if (!r)
			r = merkle_append(&fold, h, &below, NULL, NULL);
	}
	return r ? r : merkle_root(&fold, h, ret);
}

/* Leaves lo .. hi - 1, where lo is a multiple of a power of two not below hi - lo. */
static int range_frontier(const struct merkle_nodes *nodes, struct hasher *h, uint64_t lo,
			  uint64_t hi, struct merkle_frontier *ret)
{
	uint64_t left = hi - lo;

	ret->size = left;
	for (int level = MERKLE_LEVELS - 1; level >= 0; level--) {
		int r;

		if (!(left >> level & 1))
			continue;
		r = complete_node(nodes, h, (unsigned)level, lo >> level, &ret->nodes[level]);
		if (r)
			return r;
		lo += UINT64_C(1) << level;
	}
	return 0;
}

static int range_root(const struct merkle_nodes *nodes, struct hasher *h, uint64_t lo, uint64_t hi,
		      struct merkle_digest *ret)
{
	struct merkle_frontier f;
	int r = range_frontier(nodes, h, lo, hi, &f);

	return r ? r : merkle_root(&f, h, ret);
}

int merkle_load(const struct merkle_nodes *nodes, struct hasher *h, uint64_t size,
		struct merkle_frontier *ret)
{
	struct merkle_frontier f = {0};
	int r;

	if (size >> (MERKLE_LEVELS - 1))
		return -EOVERFLOW;
	r = range_frontier(nodes, h, 0, size, &f);
	if (!r)
		*ret = f;
	return r;
}

/* The largest power of two smaller than n (RFC 9162, 2.1.1); n > 1. */
static uint64_t split_of(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

static void reverse(struct merkle_proof *p)
{
	for (size_t i = 0; i < p->count / 2; i++) {
		struct merkle_digest d = p->nodes[i];

		p->nodes[i] = p->nodes[p->count - 1 - i];
		p->nodes[p->count - 1 - i] = d;
	}
}

int merkle_prove_inclusion(const struct merkle_nodes *nodes, struct hasher *h, uint64_t index,
			   uint64_t size, struct merkle_proof *ret)
{
	struct merkle_proof proof = {0};
	uint64_t lo = 0, hi = size;

	if (index >= size || size >> (MERKLE_LEVELS - 1))
		return -EINVAL;
	while (hi - lo > 1) {
		uint64_t mid = lo + split_of(hi - lo);
		bool left = index < mid;
		int r = range_root(nodes, h, left ? mid : lo, left ? hi : mid,
				   &proof.nodes[proof.count]);

		if (r)
			return r;
		proof.count++;
		if (left)
			hi = mid;
		else
			lo = mid;
	}
	reverse(&proof);
	*ret = proof;
	return 0;
}

int merkle_prove_consistency(const struct merkle_nodes *nodes, struct hasher *h, uint64_t first,
			     uint64_t second, struct merkle_proof *ret)
{
	struct merkle_proof proof = {0};
	uint64_t lo = 0, hi = second;
	bool whole = true; /* the old tree still starts at leaf 0 of this one */
	int r = 0;

	if (first > second || second >> (MERKLE_LEVELS - 1))
		return -EINVAL;
	while (!r && first && first != hi) {
		uint64_t mid = lo + split_of(hi - lo);

		if (first <= mid) {
			r = range_root(nodes, h, mid, hi, &proof.nodes[proof.count]);
			hi = mid;
		} else {
			r = range_root(nodes, h, lo, mid, &proof.nodes[proof.count]);
			lo = mid;
			whole = false;
		}
		proof.count++;
	}
	if (!r && !whole)
		r = range_root(nodes, h, lo, hi, &proof.nodes[proof.count++]);
	if (r)
		return r;
	reverse(&proof);
	*ret = proof;
	return 0;
}

int merkle_verify_inclusion(struct hasher *h, const struct merkle_digest *leaf, uint64_t index,
			    uint64_t size, const struct merkle_proof *proof,
			    const struct merkle_digest *root)
{
	struct merkle_digest at = *leaf;
	uint64_t fn = index, sn = size - 1;

	if (index >= size)
		return -EBADMSG;
	for (size_t i = 0; i < proof->count; i++) {
		const struct merkle_digest *p = &proof->nodes[i];
		bool on_left = fn & 1 || fn == sn;
		int r;

		if (!sn)
			return -EBADMSG;
		r = on_left ? merkle_node(h, p, &at, &at) : merkle_node(h, &at, p, &at);
		if (r)
			return r;
		while (on_left && !(fn & 1) && fn) {
			fn >>= 1;
			sn >>= 1;
		}
		fn >>= 1;
		sn >>= 1;
	}
	return !sn && !memcmp(&at, root, sizeof(at)) ? 0 : -EBADMSG;
}

/* Where a consistency proof stands: positions in both trees, and both roots so far. */
struct climb {
	uint64_t fn, sn;
	struct merkle_digest old, new;
};

static int climb_step(struct climb *c, struct hasher *h, const struct merkle_digest *p)
{
	bool on_left = c->fn & 1 || c->fn == c->sn;
	int r;

	if (!c->sn)
		return -EBADMSG;
	if (on_left) {
		r = merkle_node(h, p, &c->old, &c->old);
		if (!r)
			r = merkle_node(h, p, &c->new, &c->new);
	} else {
		r = merkle_node(h, &c->new, p, &c->new);
	}
	while (on_left && !(c->fn & 1) && c->fn) {
		c->fn >>= 1;
		c->sn >>= 1;
	}
	c->fn >>= 1;
	c->sn >>= 1;
	return r;
}

int merkle_verify_consistency(struct hasher *h, uint64_t first, uint64_t second,
			      const struct merkle_proof *proof,
			      const struct merkle_digest *first_root,
			      const struct merkle_digest *second_root)
{
	struct climb c = {first - 1, second - 1, *first_root, *first_root};
	size_t at = 0;
	int r = 0;

	if (first > second)
		return -EBADMSG;
	if (!first)
		return proof->count ? -EBADMSG : 0;
	if (first == second)
		return !proof->count && !memcmp(first_root, second_root, sizeof(*first_root))
			       ? 0
			       : -EBADMSG;
	if (first & (first - 1)) {
		if (!proof->count)
			return -EBADMSG;
		c.old = c.new = proof->nodes[at++];
	}
	for (; c.fn & 1; c.fn >>= 1)
		c.sn >>= 1;
	while (!r && at < proof->count)
		r = climb_step(&c, h, &proof->nodes[at++]);
	if (r)
		return r;
	return !c.sn && !memcmp(&c.old, first_root, sizeof(c.old)) &&
			       !memcmp(&c.new, second_root, sizeof(c.new))
		       ? 0
		       : -EBADMSG;
}
