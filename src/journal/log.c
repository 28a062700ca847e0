#include "journal/log.h"

#include <string.h>

struct log {
	const struct sign_key *key;
	struct hasher *hasher;
	uint64_t epoch;
	struct merkle_frontier now, committed;
};

struct merkle_nodes log_source_nodes(const struct log_source *source)
{
	return (struct merkle_nodes){source->node, source->arg};
}

/* The last head must be of exactly what is stored. */
static int check_last(const struct log *l, const struct head *last)
{
	struct merkle_digest root;
	int r = merkle_root(&l->now, l->hasher, &root);

	if (r)
		return r;
	if (last->size != l->now.size || memcmp(&last->root, &root, sizeof(root)))
		return -EBADMSG;
	return last->epoch > l->epoch ? -ESTALE : 0;
}

static int check_signature(const struct head *last, const struct sign_key *key)
{
	struct sign_key *borrowed = (struct sign_key *)(uintptr_t)key;
	const struct sign_keyring ring = {.keys = {borrowed}, .count = 1};
	int r = head_verify(last, &ring);

	return r == -ENOKEY ? 0 : r;
}

static int load(struct log *l, const struct log_source *source, const struct log_options *options)
{
	struct merkle_nodes nodes = log_source_nodes(source);
	enum hash_kind kind = options->hash;
	uint64_t size = 0;
	struct head last = {0};
	int r = source->size(source->arg, &size);

	if (r)
		return r;
	r = source->last_head(source->arg, &last);
	if (r && r != -ENOENT)
		return r;
	if (r == -ENOENT && size)
		return -EBADMSG;
	if (!r)
		kind = last.hash;
	bool empty = r == -ENOENT;
	r = hasher_new(kind, &l->hasher);
	if (!r)
		r = merkle_load(&nodes, l->hasher, size, &l->now);
	if (!r && !empty)
		r = check_last(l, &last);
	if (!r && !empty)
		r = check_signature(&last, l->key);
	return r == -ENOENT ? -EBADMSG : r;
}

int log_open(const struct log_source *source, const struct log_options *options, struct log **ret)
{
	struct log *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->key = options->key;
	l->epoch = options->epoch;
	r = load(l, source, options);
	if (r) {
		log_free(l);
		return r;
	}
	l->committed = l->now;
	*ret = l;
	return 0;
}

void log_free(struct log *l)
{
	if (!l)
		return;
	hasher_free(l->hasher);
	free(l);
}

uint64_t log_next_seq(const struct log *l)
{
	return l->now.size;
}

enum hash_kind log_hash(const struct log *l)
{
	return hasher_kind(l->hasher);
}

struct hasher *log_hasher(struct log *l)
{
	return l->hasher;
}

int log_append(struct log *l, const void *bytes, size_t len, struct log_added *ret)
{
	uint64_t seq = l->now.size;
	struct merkle_digest leaf;
	int r = merkle_leaf(l->hasher, bytes, len, &leaf);

	if (!r)
		r = merkle_append(&l->now, l->hasher, &leaf, ret->nodes, &ret->node_count);
	if (r)
		return r;
	ret->seq = seq;
	ret->leaf = leaf;
	return 0;
}

int log_append_entry(struct log *l, struct entry *e, struct buf *ret_bytes, struct log_added *ret)
{
	int r;

	e->seq = l->now.size;
	buf_clear(ret_bytes);
	r = entry_encode(e, ret_bytes);
	return r ? r : log_append(l, ret_bytes->data, ret_bytes->len, ret);
}

int log_head(struct log *l, int64_t at_ms, struct head *ret)
{
	struct head h = {
		.size = l->now.size,
		.at_ms = at_ms,
		.epoch = l->epoch,
		.hash = hasher_kind(l->hasher),
	};
	int r = merkle_root(&l->now, l->hasher, &h.root);

	if (!r)
		r = head_sign(&h, l->key);
	if (!r)
		*ret = h;
	return r;
}

static void copy_frontier(struct merkle_frontier *to, const struct merkle_frontier *from)
{
	to->size = from->size;
	for (unsigned level = 0; from->size >> level; level++)
		if (from->size >> level & 1)
			to->nodes[level] = from->nodes[level];
}

void log_committed(struct log *l)
{
	copy_frontier(&l->committed, &l->now);
}

void log_roll_back(struct log *l)
{
	copy_frontier(&l->now, &l->committed);
}
