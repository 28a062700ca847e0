/*
 * What a gate's record says of a session: the live view now, and the stay on the network once it is
 * over.
 */
#pragma once

#include "store/store.h"
#include "wire/menshen.pb.h"

/* The stays that ended in one batch. They are kept until their records are. */
struct stays_ended {
	struct stay_ended *first;
};

struct session_word {
	const char *gate;
	int64_t now_ms;
	bool proves;  /* the switch itself says that it goes on: one that was over begins anew */
	bool is_over; /* by its kind, where it says no time */
};

/* Inside apply(). Sets `r->stay` when the session ends with this record: once for each end. */
int stay_effect(struct store *s, struct store_record *r, const menshen_Record *w,
		const struct session_word *word, struct stays_ended *ended) MUST_CHECK;
void stays_ended_free(struct stays_ended *ended);
