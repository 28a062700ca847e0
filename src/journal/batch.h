/*
 * Mass records (knocks, accounting, guard events) live in monthly segments outside the log. Each
 * commit gathers the records of one source into a batch; one audit-log entry commits the roots of
 * the commit's batches, so that the records are as provable as the entries are.
 *
 * The root is the Merkle root (merkle.h) over the records' exact bytes, each behind its length (4
 * bytes, big-endian): that stream, cut into runs of BATCH_RUN bytes (the last may be shorter), is
 * the tree's leaves. Runs of one length can be hashed side by side, and their number is a tenth of
 * the records'. The entry:
 *   act "records.commit", detail {"batches":[{"count":200,"first":7001,"month":202611,
 *                                             "root":"<64 hex>","source":"gate:north"}]}
 * A segment past its retention is dropped by an act of two persons:
 *   act "records.drop", detail {"month":202511, ...}: the roots stay, the records may be gone.
 */
#pragma once

#include "journal/entry.h"
#include "journal/merkle.h"

#define BATCH_SOURCE_SIZE 80
#define BATCH_ACT_COMMIT "records.commit"
#define BATCH_ACT_DROP "records.drop"
#define BATCHES_PER_ENTRY_MAX 1024

struct batch {
	char source[BATCH_SOURCE_SIZE]; /* "gate:north", "terminal:<uuid>" */
	uint64_t first;			/* the source's own number of the first record */
	uint64_t count;			/* records, at least 1 */
	int month;			/* 202611, of the segment it lies in */
	struct merkle_digest root;
};

#define BATCH_RUN 4095	  /* with the leaf's prefix, whole blocks of the hash */
#define BATCH_RUNS_HELD 8 /* until they are hashed together */

/* Builds a root record by record. Plain value, 35 kB; the hasher is borrowed. */
struct batch_builder {
	struct hasher *hasher;
	struct merkle_frontier frontier;
	uint64_t count; /* records */
	size_t held;	/* bytes of `leaves` that are filled */
	uint8_t leaves[BATCH_RUNS_HELD][1 + BATCH_RUN];
};

void batch_builder_init(struct batch_builder *b, struct hasher *h);
int batch_builder_add(struct batch_builder *b, const void *record, size_t len) MUST_CHECK;
/* Ends it. -ENODATA when nothing was added. */
int batch_builder_root(struct batch_builder *b, struct merkle_digest *ret,
		       uint64_t *ret_count) MUST_CHECK;

/* The detail of a "records.commit" entry; the caller releases it with json_decref(). */
int batch_detail(const struct batch *batches, size_t count, json_t **ret) MUST_CHECK;
/* Reads it back: at most `max` batches into `ret`. -EBADMSG when the entry is none, -ENOSPC. */
int batch_parse_detail(const json_t *detail, struct batch *ret, size_t max,
		       size_t *ret_count) MUST_CHECK;
/* The month of a "records.drop" entry. */
int batch_parse_drop(const json_t *detail, int *ret_month) MUST_CHECK;
