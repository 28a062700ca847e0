/*
 * The snapshot on disk, so that a gate decides after a power cut with the server gone.
 *
 *	snapshot            the newest; replaced whole (file_replace)
 *	snapshot.previous   the one before; used, and said so, when the newest is damaged
 *	rescue              units, switches and deny list alone: what a bypass needs when both are
 *lost
 *
 * A file: "MENSHEN SNAPSHOT", u32 version 1, u32 0, i64 revision, i64 saved at, u64 rows, u64
 * length, SHA-256 over all that and the frames; then the frames. Big endian.
 */
#pragma once

#include "gate/facts/snapshot.h"

enum snapshot_source { SNAPSHOT_CURRENT, SNAPSHOT_PREVIOUS, SNAPSHOT_RESCUE, SNAPSHOT_NONE };

const char *snapshot_source_name(enum snapshot_source source);

struct snapshot_loaded {
	struct snapshot *snapshot; /* owned by the caller; empty for SNAPSHOT_NONE */
	enum snapshot_source source;
	int64_t saved_at_ms;		   /* 0 for SNAPSHOT_NONE */
	int current_error, previous_error; /* why not; 0 when it was used or not tried */
};

/* Loads the best there is in `dir`; -ENOMEM only. */
int snapshot_load(const char *dir, const struct seal_pair *key,
		  struct snapshot_loaded *ret) MUST_CHECK;
/* Writes all three files. Blocks for the disk: call it in a child process. */
int snapshot_save(const char *dir, const struct snapshot *s, int64_t now_ms) MUST_CHECK;
/* One file's bytes, for tests and fuzzing. -EBADMSG: damaged. */
int snapshot_decode(const uint8_t *data, size_t len, struct snapshot *into,
		    int64_t *ret_saved_at_ms) MUST_CHECK;
