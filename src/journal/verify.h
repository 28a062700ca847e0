/*
 * Invariant 8. The proof that nobody touched the log. Reads a source from its first entry to its
 * last and stops at the first bad place, which the report names in a sentence.
 *
 * In order, for each entry: its bytes give the stored leaf hash; they are a canonical entry and
 * carry its number; stored tree nodes are those that the leaves give; each stored head (and each
 * kept one) of that size has the recomputed root and a good signature, epochs never fall. Then: the
 * last head covers the last entry; no kept head covers more than there is; each live row of state
 * is explained by the last entry that names it, and the reverse; each batch of mass records gives
 * the root that an entry committed; what the storage keeps beside (source.h, form) is as the
 * product makes it.
 *
 * Hashes that were recomputed after a change agree with themselves; then it is a kept head that
 * does not match, and the interval between the last head that matched and that one is named.
 */
#pragma once

#include "journal/source.h"

enum verify_fault {
	VERIFY_GOOD,
	VERIFY_ENTRY_MISSING,
	VERIFY_ENTRY_CHANGED, /* bytes against leaf hash */
	VERIFY_ENTRY_INVALID, /* no canonical entry */
	VERIFY_ENTRY_NUMBER,  /* carries another number: swapped, inserted or dropped */
	VERIFY_NODE,	      /* a stored tree node */
	VERIFY_HEAD_ROOT,
	VERIFY_HEAD_SIGNATURE,
	VERIFY_HEAD_KEY, /* signed by a key that is not in the ring */
	VERIFY_HEAD_EPOCH,
	VERIFY_KEPT_ROOT, /* history was rewritten */
	VERIFY_KEPT_SIGNATURE,
	VERIFY_TRUNCATED, /* a kept head covers more entries than there are */
	VERIFY_UNCOVERED, /* entries after the last head */
	VERIFY_ROW_UNEXPLAINED,
	VERIFY_ROW_CHANGED,
	VERIFY_ROW_MISSING,
	VERIFY_BATCH_UNEXPLAINED,
	VERIFY_BATCH_CHANGED,
	VERIFY_BATCH_MISSING,
	VERIFY_STORAGE, /* damaged, or not as the product makes it */
};

const char *verify_fault_name(enum verify_fault fault);

struct verify_report {
	enum verify_fault fault;
	uint64_t from, to; /* entries concerned, both inclusive */
	char sentence[512];
	/* What was read until then. */
	uint64_t entries, heads, kept_heads, cosigns, rows, batches, records;
	struct head last; /* the last head that held; its size is 0 when there was none */
};

/*
 * `kept`: heads that somebody outside holds, or NULL; the co-signatures beside them are checked too
 * when their gate's key is in the ring (report->cosigns counts the good ones). `keys`: public keys
 * trusted from outside. Returns 0 whenever a verdict was reached, good or bad (read report->fault);
 * a negative errno when the source could not be read or memory ran out: no verdict then. Memory
 * grows with live rows and batches, not with entries.
 */
int log_verify(const struct log_source *source, const struct head_file *kept,
	       const struct sign_keyring *keys, struct verify_report *ret) MUST_CHECK;
