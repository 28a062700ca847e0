/*
 * Reads a gate's snapshot out of the store, a few rows at a time, as frames: SnapshotBegin, the
 * rows whose rev is above what the gate has, SnapshotEnd. From Begin to End it sees one commit. One
 * thread; a reader of the store of its own.
 */
#pragma once

#include "store/store.h"
#include "wire/frame.h"

struct snapshot_reader;

/* `rev`: what the gate has; 0, or more than there is: nothing that counts. */
int snapshot_reader_new(struct store *s, int64_t rev, struct snapshot_reader **ret) MUST_CHECK;
/* What the gate has when it has read what was put out so far; 0: nothing. */
int64_t snapshot_reader_rev(const struct snapshot_reader *r);
void snapshot_reader_free(struct snapshot_reader *r);
bool snapshot_reader_is_reading(const struct snapshot_reader *r);
/* Starts at the last commit; appends SnapshotBegin. Nothing at all when the gate has it already. */
int snapshot_reader_begin(struct snapshot_reader *r, struct buf *to) MUST_CHECK;
/* Appends the next rows, or SnapshotEnd. After an error it is of no use any more. */
int snapshot_reader_next(struct snapshot_reader *r, struct buf *to) MUST_CHECK;
