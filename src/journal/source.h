/*
 * Where a log is read: a live store, a backup, an exported bundle. All calls return 0 or a negative
 * errno of the storage's own; -ENOENT means exactly "there is none", never "could not be read";
 * -EUCLEAN and -EBADMSG mean that what stands there is damaged.
 */
#pragma once

#include "base/buf.h"
#include "journal/batch.h"
#include "journal/head.h"

/* Returning non-zero stops the walk, which then returns that value. */
typedef int log_row_fn(void *arg, const char *id, const uint8_t digest[static HASH_SIZE]);
typedef int log_batch_fn(void *arg, const struct batch *batch);
typedef int log_record_fn(void *arg, const void *bytes, size_t len);

struct log_source {
	void *arg;
	/* Entries stored: one more than the last seq. */
	int (*size)(void *arg, uint64_t *ret);
	/* Appends the stored bytes of an entry; `ret_leaf` is the leaf hash stored beside it. */
	int (*entry)(void *arg, uint64_t seq, struct buf *ret, struct merkle_digest *ret_leaf);
	/* A stored node: level 0 is the leaf hash, then 8, 16, ... */
	int (*node)(void *arg, unsigned level, uint64_t index, struct merkle_digest *ret);
	/* The stored head with the smallest size >= `size`. */
	int (*head)(void *arg, uint64_t size, struct head *ret);
	/* The stored head with the largest size. */
	int (*last_head)(void *arg, struct head *ret);
	/* Name of the n-th table of state; -ENOENT after the last. NULL: this source has no state.
	 */
	int (*table)(void *arg, size_t n, const char **ret);
	/* Every live row of a table, with the digest of its present content (entry_row_digest()).
	 */
	int (*rows)(void *arg, const char *table, log_row_fn *fn, void *fn_arg);
	/* Every stored batch of mass records. `count` 0: the source keeps neither count nor root of
	 * its own. NULL: this source has no records. */
	int (*batches)(void *arg, log_batch_fn *fn, void *fn_arg);
	/* The exact bytes of the batch's records, in order; called from within the walk of batches,
	 * with the batch that it is at. */
	int (*records)(void *arg, const struct batch *batch, log_record_fn *fn, void *fn_arg);
	/* What the storage keeps beside these parts: indexes, columns for searching, its schema. 0
	 * when each is as the product makes it; -EUCLEAN with a sentence naming the first that is
	 * not. NULL: it keeps nothing beside. */
	int (*form)(void *arg, char *ret_sentence, size_t size);
};

/* The source's stored nodes, for the proofs of merkle.h. `source` must outlive the result. */
struct merkle_nodes log_source_nodes(const struct log_source *source);
