/*
 * Invariant 2. The appender: held by the one writer, one thread. It keeps the tree's right edge in
 * memory; what it returns is persisted by the store in the transaction that changes the state.
 *
 *   log_append() for each entry -> store bytes, leaf and nodes
 *   log_head() once             -> store the head
 *   commit                      -> log_committed()
 *   or any failure              -> log_roll_back(): as after the last log_committed()
 */
#pragma once

#include "journal/entry.h"
#include "journal/source.h"

struct log;

struct log_options {
	const struct sign_key *key; /* borrowed, private */
	enum hash_kind hash;	    /* of a new log; an old one keeps its own */
	uint64_t epoch;		    /* of the heads to come; at least that of the last head */
};

/*
 * Rebuilds the edge from stored nodes and compares it with the last stored head, whose signature is
 * checked with `key` when it is of that key. -EBADMSG: they do not match, or entries stand without
 * a head (run menshen verify); -ESTALE: the epoch is older than the head's.
 */
int log_open(const struct log_source *source, const struct log_options *options,
	     struct log **ret) MUST_CHECK;
void log_free(struct log *l);

struct log_added {
	uint64_t seq;
	struct merkle_digest leaf;
	struct merkle_stored nodes[MERKLE_STORED_MAX]; /* to persist beside */
	size_t node_count;
};

/* The number that the next entry must carry. */
uint64_t log_next_seq(const struct log *l);
enum hash_kind log_hash(const struct log *l);
struct hasher *log_hasher(struct log *l); /* for row digests and batches in the same thread */
/* `bytes` are the canonical bytes of an entry whose seq is log_next_seq(). */
int log_append(struct log *l, const void *bytes, size_t len, struct log_added *ret) MUST_CHECK;
/* Gives `e` its seq, encodes it into `ret_bytes` (cleared first) and appends it. */
int log_append_entry(struct log *l, struct entry *e, struct buf *ret_bytes,
		     struct log_added *ret) MUST_CHECK;
/* The signed head of everything appended. */
int log_head(struct log *l, int64_t at_ms, struct head *ret) MUST_CHECK;
void log_committed(struct log *l);
void log_roll_back(struct log *l);
