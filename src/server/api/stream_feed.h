/*
 * What happened since the last look, as events: entries of the audit log by their act, and records
 * of gates (knocks, sessions, alarms) by their time. Records that come late, from a gate's spool,
 * are history and no event.
 */
#pragma once

#include "server/engine/account.h"

#define FEED_SEEN 1024

struct stream_feed {
	bool stale; /* nobody looked for a while: begin at what is now */
	uint64_t next_id;
	int64_t seq;		 /* of the last entry read */
	int64_t record_at;	 /* time of the newest record read */
	int64_t seen[FEED_SEEN]; /* keys of records told lately, a ring */
	size_t seen_at;
};

struct stream_event {
	uint64_t id;
	const char *type;
	const char
		*unit_path; /* whose it is; "/" when nobody's: then only whole-bank scopes see it */
	unsigned roles;	    /* that may see it */
	const json_t *data;
};

typedef void stream_event_fn(void *arg, const struct stream_event *event);

int stream_feed_read(struct stream_feed *f, struct store_db *db, int64_t now_ms,
		     stream_event_fn *fn, void *arg) MUST_CHECK;
