/*
 * The audit log's signed heads as this gate saw them, kept beside head office (invariant 8), and
 * its co-signature under each. A head that contradicts a kept one is another history: both are
 * kept, and it is said.
 *
 *	STATE/heads   lines as journal/head.h writes them; at most one head a minute
 */
#pragma once

#include "journal/head.h"

struct heads;

/* `dir` is the gate's state folder. `key` signs; NULL: heads are kept without co-signing. */
int heads_open(const char *dir, const char *gate, const struct sign_key *key,
	       struct heads **ret) MUST_CHECK;
void heads_free(struct heads *h);
/*
 * A head came. 0: taken, and `ret_cosign` has the line to send back (empty without a key);
 * -EBADMSG: malformed; -EEXIST: it contradicts what is kept.
 */
int heads_take(struct heads *h, const void *text, size_t len, int64_t now_ms,
	       struct buf *ret_cosign) MUST_CHECK;
