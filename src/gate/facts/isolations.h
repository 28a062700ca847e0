/*
 * MACs that a person at the gate has isolated, whatever the snapshot says of them: for the hour in
 * which head office cannot be asked. Each ends by itself; head office's own isolations are in the
 * snapshot. Kept in one small JSON file, as bypasses are.
 *
 * The gates of a region know each other's (gate/peer/peers.h): of two words about a MAC the later
 * one counts, and of two at once the one that isolates. So a release is a word, too, which is kept
 * until what it ended would have ended.
 */
#pragma once

#include "base/mac.h"
#include "base/util.h"

#define ISOLATIONS_MAX 128 /* releases that are kept among them */
#define ISOLATION_GATE_SIZE 64
#define ISOLATION_HOURS 24 /* when nobody says how long */
#define ISOLATION_HOURS_MAX 168
#define ISOLATION_REASON_SIZE 192

struct isolation_here {
	struct mac mac;
	int64_t until_ms;
	int64_t changed_ms; /* of this word; isolations_add() and _end() make it the latest */
	bool released;
	unsigned uid;			/* who asked, as the kernel says */
	char gate[ISOLATION_GATE_SIZE]; /* where; "": here */
	char reason[ISOLATION_REASON_SIZE];
};

struct isolations {
	char *path;
	struct isolation_here list[ISOLATIONS_MAX];
	size_t count;
	uint64_t epoch; /* grows with each word; never 0 */
};

/* -ENOENT is no error (none yet). -EBADMSG: damaged; the list is empty and the file kept aside. */
int isolations_load(struct isolations *l, const char *path) MUST_CHECK;
void isolations_done(struct isolations *l);
/* Durable when it returns 0. -ENOSPC: ISOLATIONS_MAX are active. One a MAC: the newer one counts.
 */
int isolations_add(struct isolations *l, const struct isolation_here *isolation,
		   int64_t now_ms) MUST_CHECK;
/* Ends it now; -ENOENT. */
int isolations_end(struct isolations *l, const struct mac *mac, unsigned uid,
		   int64_t now_ms) MUST_CHECK;
/*
 * A word of another gate. 1: it counts here now; 0: what is here is as new; -EBADMSG: it is none
 * that a gate says, or has ended.
 */
int isolations_merge(struct isolations *l, const struct isolation_here *said,
		     int64_t now_ms) MUST_CHECK;
/* Takes out what has ended, releases among them, one by one; false when nothing is left to end. */
bool isolations_take_ended(struct isolations *l, int64_t now_ms, struct isolation_here *ret);
/* NULL: it is not isolated here, or no longer. */
const struct isolation_here *isolations_get(const struct isolations *l, const struct mac *mac,
					    int64_t now_ms);
