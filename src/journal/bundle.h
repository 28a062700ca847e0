/*
 * An exported log in one file, to be verified anywhere without the server.
 *
 *   "menshen bundle 1\n", then frames: type (1 byte) | length (4 bytes, big-endian) | bytes
 *
 * | type | bytes                                            | where
 * | 'K'  | a public key, PEM (for convenience; trust comes from outside) | first
 * | 'E'  | leaf hash[32] | entry bytes                       | ascending, from 0
 * | 'H'  | a head's line (head.h)                           | ascending, anywhere among the entries
 * | 'C'  | a co-signature's line                            | anywhere
 * | 'T'  | name of a table of state                         | after the entries
 * | 'R'  | digest[32] | row id                              | after its 'T'
 * | 'B'  | month[4] | first[8] | source                      | after the entries
 * | 'D'  | one record                                       | after its 'B'
 * | 'Z'  | count of all frames before it[8]                   | last: a cut file is noticed
 */
#pragma once

#include "journal/source.h"

#define BUNDLE_FRAME_MAX (ENTRY_SIZE_MAX + HASH_SIZE)

/* Writes through `write` (0 or negative errno), which is called with small pieces: buffer it. The
 * first error sticks and is what bundle_end() returns. */
struct bundle_writer {
	int (*write)(void *arg, const void *data, size_t len);
	void *arg;
	uint64_t frames;
	int error;
};

void bundle_begin(struct bundle_writer *w);
void bundle_put_key(struct bundle_writer *w, const struct sign_key *key);
void bundle_put_entry(struct bundle_writer *w, const struct merkle_digest *leaf, const void *bytes,
		      size_t len);
void bundle_put_head(struct bundle_writer *w, const struct head *head);
void bundle_put_cosign(struct bundle_writer *w, const struct cosign *cosign);
void bundle_put_table(struct bundle_writer *w, const char *name);
void bundle_put_row(struct bundle_writer *w, const char *id,
		    const uint8_t digest[static HASH_SIZE]);
void bundle_put_batch(struct bundle_writer *w, const struct batch *batch);
void bundle_put_record(struct bundle_writer *w, const void *bytes, size_t len);
int bundle_end(struct bundle_writer *w) MUST_CHECK;
/* Everything a source has, with the given keys; `records`: mass records too. */
int bundle_export(struct bundle_writer *w, const struct log_source *source,
		  const struct sign_keyring *keys, bool records) MUST_CHECK;

struct bundle;

/*
 * Indexes the bytes, which must outlive the bundle (map the file). -EBADMSG: no bundle, cut or out
 * of order; `ret_offset` (may be NULL) says where. Nodes of the tree are recomputed from the
 * leaves.
 */
int bundle_open(const void *bytes, size_t len, struct bundle **ret, size_t *ret_offset) MUST_CHECK;
void bundle_free(struct bundle *b);
/* Valid as long as the bundle. */
const struct log_source *bundle_source(const struct bundle *b);
/* The keys inside, for the reader to compare with what it trusts. */
const struct sign_keyring *bundle_keys(const struct bundle *b);

static inline void bundle_free_cleanup(struct bundle **b)
{
	bundle_free(*b);
}
#define CLEANUP_BUNDLE CLEANUP(bundle_free_cleanup)
