/* Private to journal: what a verification carries from phase to phase. Its functions return 0 to go
 * on, VERIFY_STOP when a fault was found and is in the report, a negative errno for no verdict. */
#pragma once

#include "base/map.h"
#include "journal/verify.h"

#define VERIFY_STOP 1

struct verifier {
	const struct log_source *source;
	const struct head_file *kept;
	const struct sign_keyring *keys;
	struct verify_report *report;
	struct hasher *hasher;
	struct merkle_frontier tree; /* recomputed */
	struct head next;	     /* the stored head to come; its size is over all when none */
	size_t next_kept;
	uint64_t last_kept_size;
	struct buf bytes;
	/* What the entries say must be there: struct expected_row by table and id, struct
	 * expected_batch by source, month and first number. */
	struct map rows, batches;
	struct batch *scratch; /* BATCHES_PER_ENTRY_MAX */
};

int verify_fault(struct verifier *v, enum verify_fault fault, uint64_t from, uint64_t to,
		 const char *fmt, ...) PRINTF_LIKE(5, 6);

/* Takes in what an entry says about rows and batches. */
int verify_learn(struct verifier *v, const struct entry *e) MUST_CHECK;
int verify_state(struct verifier *v) MUST_CHECK;
int verify_batches(struct verifier *v) MUST_CHECK;
void verify_forget(struct verifier *v);
